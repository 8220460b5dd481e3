"use strict";
// The page works without this: live updates, keys and the dialogue are all that it adds.
(() => {
  const byId = (id) => document.getElementById(id);
  const list = byId("alerts"), button = byId("new"), say = byId("say"), live = byId("live"), keys = byId("keys");

  const cards = () => (list ? [...list.querySelectorAll(":scope > .alert")] : []);
  const waiting = [];
  const place = (one) => {
    const box = document.createElement("template");
    box.innerHTML = one.html; // made and escaped by the server; the policy lets no markup run script
    const card = box.content.firstElementChild;
    if (!card) return;
    // A story is shown once: what was there of it goes into the newest one's place.
    for (const old of cards()) if (old.id === one.thread || old.dataset.story === one.story) old.remove();
    list.querySelectorAll(":scope > .nothing").forEach((e) => e.remove());
    document.querySelector(".hello")?.remove();
    card.classList.add("arrived");
    list.prepend(card);
  };
  const show = () => { for (const one of waiting.splice(0)) place(one); button.hidden = true; };

  if (list && !("old" in list.dataset)) {
    button.addEventListener("click", () => { show(); scrollTo({ top: 0 }); cards()[0]?.focus({ preventScroll: true }); });
    const query = new URLSearchParams(list.dataset.query);
    query.set("as", "page");
    query.set("ui", document.documentElement.lang);
    query.set("after", list.dataset.after); // nothing falls between the page and the stream
    const state = (on) => { live.hidden = false; live.classList.toggle("on", on); live.textContent = on ? live.dataset.on : live.dataset.off; };
    const stream = new EventSource("/events?" + query);
    stream.onopen = () => state(true);
    stream.onerror = () => state(false);
    stream.addEventListener("alert", (event) => {
      const one = JSON.parse(event.data);
      waiting.push(one);
      say.textContent = say.dataset.new.replace("{headline}", one.headline);
      // Nothing moves under a reader's eyes: away from the top, new alerts wait behind a button.
      if (scrollY < 40 && !list.contains(document.activeElement)) show();
      else {
        const n = waiting.length;
        button.textContent = n === 1 ? button.dataset.one : button.dataset.other.replace("{n}", n);
        button.hidden = false;
      }
    });
    stream.addEventListener("gap", () => {
      say.textContent = button.textContent = say.dataset.gap;
      button.hidden = false;
      button.addEventListener("click", () => location.reload());
    });
  }

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) { if (event.key === "Escape") event.target.blur(); return; }
    const all = [...document.querySelectorAll(".alert")], at = all.indexOf(document.activeElement?.closest(".alert"));
    const go = (to) => { all[to]?.focus({ preventScroll: true }); all[to]?.scrollIntoView({ block: "nearest" }); };
    if (event.key === "j") go(Math.min(at + 1, all.length - 1));
    else if (event.key === "k") go(Math.max(at - 1, 0));
    else if (event.key === "o" && at >= 0) { const why = all[at].querySelector(".why-box"); why.open = !why.open; }
    else if (event.key === "Enter" && at >= 0 && document.activeElement === all[at]) all[at].querySelector("h2 a").click();
    else if (event.key === "/") {
      const field = document.querySelector("main input[type=search]");
      if (!field) { location.href = "/search"; return; }
      const folded = field.closest("details");
      if (folded) folded.open = true;
      field.focus();
      event.preventDefault();
    } else if (event.key === "?") keys.showModal();
  });
})();
