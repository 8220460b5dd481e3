"use strict";
(() => {
  const list = document.getElementById("alerts"), button = document.getElementById("new"), say = document.getElementById("say");
  const waiting = [];
  const show = () => {
    for (const one of waiting.splice(0)) {
      const box = document.createElement("template");
      box.innerHTML = one.html; // made and escaped by the server; the policy lets no markup run script
      document.getElementById(one.thread)?.remove();
      list.querySelector(".empty")?.remove();
      list.prepend(box.content);
    }
    button.hidden = true;
  };
  button.addEventListener("click", () => { show(); scrollTo({ top: 0 }); });
  const stream = new EventSource("/events?after=" + encodeURIComponent(list.dataset.after)); // nothing falls between page and stream
  stream.addEventListener("alert", (event) => {
    const one = JSON.parse(event.data);
    waiting.push(one);
    say.textContent = "New: " + one.headline;
    // Nothing moves under a reader's eyes: away from the top, new alerts wait behind a button.
    if (scrollY < 40 && !list.contains(document.activeElement)) show();
    else { button.textContent = waiting.length + " new"; button.hidden = false; }
  });
  stream.addEventListener("gap", () => { say.textContent = "Some alerts were missed while away: reload to see all."; });
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    const cards = [...list.querySelectorAll(".alert")], at = cards.indexOf(document.activeElement);
    if (event.key === "j") cards[Math.min(at + 1, cards.length - 1)]?.focus();
    if (event.key === "k") cards[Math.max(at - 1, 0)]?.focus();
    if (event.key === "o" && at >= 0) { const d = cards[at].querySelector("details"); d.open = !d.open; }
  });
})();
