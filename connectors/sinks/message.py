"""What people read of an alert, as blocks that mail and chat each write in their way. Pure.

Quotes, titles, names of sources are a publisher's words: they are cleaned of what steers a program that shows them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from connectors.page.strings import Words
from connectors.sinks.parcel import Told
from streams.contracts.records import Alert, Change

MOST_QUOTES, MOST_QUOTE, MOST_REASONS = 3, 600, 5
MOST_PROMISES = 3
KINDS = {
    "corrected": "CORRECTION of an alert that was sent to you: the article was edited.",
    "retracted": "RETRACTION of an alert that was sent to you: the article that it quotes was withdrawn, or no longer "
    "says so.",
}
WORDS = Words("en")
VOICES = {"fact": "reported as fact", "quote": "quoted", "opinion": "an opinion", "rumour": "a rumour"}
_STEERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]+")

_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028-\u202e\u2066-\u2069<>\"'`\\]")

Style = Literal["heading", "lead", "quote", "fact", "item", "detail", "link", "small"]


@dataclass(frozen=True, slots=True)
class Block:
    """A line of a message. Of a fact, `label` says what the text is."""

    style: Style
    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message: its title, and the blocks below."""

    title: str
    blocks: tuple[Block, ...]


def plain(text: str) -> str:
    """One line of somebody's words without control characters."""
    return " ".join(_STEERS.sub(" ", text).split())


def link(alert: Alert) -> str:
    """The article's address when it is one that may be followed; else empty."""
    url = alert.article.url if alert.article else ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.hostname and not _UNSAFE.search(url) else ""


def title(alert: Alert, test: bool = False) -> str:
    """`[WARNING] NATO rejects ...`: what it is before what it says."""
    marks = [alert.severity.upper()] + (["historical"] if alert.historical else [])
    return f"{'[TEST] ' if test else ''}[{' · '.join(marks)}] {_arrows(plain(alert.headline))}"


def of(told: Told, test: bool = False) -> Message:
    """The message of one alert."""
    return Message(title(told.alert, test), (*_head(told.alert, test), *_facts(told.alert)))


def _arrows(text: str) -> str:
    return text.replace("->", "→")


def _head(alert: Alert, test: bool) -> Iterator[Block]:
    """What kind of message this is, and the words that it rests on."""
    if test:
        yield Block("lead", "This is a sample, sent by `treatywatch deliver --test`. Nothing has happened.")
    if alert.type in KINDS:
        yield Block("lead", KINDS[alert.type])
    if alert.type == "digest":
        yield from (Block("item", plain(str(change.after))) for change in alert.changes)
    else:
        yield from (Block("fact", change_of(change), "Changed") for change in alert.changes)
    for piece in alert.evidence[:MOST_QUOTES]:
        yield Block("quote", cut(plain(piece.quote), MOST_QUOTE))


def _facts(alert: Alert) -> Iterator[Block]:
    """Who and whom, what changed, from where, and why it was sent."""
    if alert.proposal is not None:
        yield Block("fact", f"{plain(alert.proposal_name or '')} ({_code(alert)})", "Proposal")
        yield Block("fact", f"{_actors(alert.proposer)} → {_actors(alert.addressee)}", "Who, to whom")
    if alert.status:
        before = f"{_state(alert.status_before)} → " if alert.status_before not in (None, alert.status) else ""
        yield Block("fact", before + _state(alert.status), "Status")
    if alert.act:
        voice = f", {VOICES[alert.voice]}" if alert.voice else ""
        who = _actors(alert.actor) if alert.actor else "Somebody"
        yield Block("fact", f"{who} {WORDS.act(alert.act, alert.actor)}{voice}", "Event")
    for promise in alert.commitments[:MOST_PROMISES]:
        due = f" by {promise.due}" if promise.due else ""
        yield Block("fact", f"{_actors(promise.who)}{due}: {cut(plain(promise.what), 200)}", "Promised")
    if alert.article is not None:
        yield Block("fact", source_of(alert), "Source")
        if alert.article.title.strip():
            yield Block("fact", cut(plain(alert.article.title), 200), "Title")
        if link(alert):
            yield Block("link", link(alert))
    yield Block("fact", _why(alert), "Why")
    yield Block("small", f"treatywatch explain {alert.id}")


def _code(alert: Alert) -> str:
    return f"{alert.proposal}/{alert.instance}" if alert.instance else str(alert.proposal)


def _actors(codes: Sequence[str]) -> str:
    return ", ".join(plain(code.removeprefix("other:")) for code in codes) or "unknown"


def _state(status: str | None) -> str:
    return (status or "unknown").replace("_", " ")


def cut(text: str, most: int) -> str:
    """At most so many characters of a text."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def source_of(alert: Alert) -> str:
    """Where it stands, from when, and how many say so."""
    assert alert.article is not None  # noqa: S101 - the caller looked
    article = alert.article
    when = f"{article.published:%Y-%m-%d}" if article.published else "undated"
    revision = f", revision {article.revision}" if article.revision > 1 else ""
    reports = "1 independent report" if alert.origins == 1 else f"{alert.origins} independent reports"
    copies = f", {alert.copies} {'copy' if alert.copies == 1 else 'copies'}" if alert.copies else ""
    return f"{plain(article.source)}, {when}{revision}, {article.lang or 'unknown language'}; {reports}{copies}"


def _why(alert: Alert) -> str:
    strongest = sorted((r for r in alert.why if r.feature != "start"), key=lambda r: -abs(r.weight))[:MOST_REASONS]
    reasons = ", ".join(
        f"{plain(r.feature)}{f' “{cut(plain(r.text), 60)}”' if r.text not in ('', r.feature) else ''} {r.weight:+.1f}"
        for r in strongest
    )
    score = f", score {alert.score:.2f}" if alert.why else ""
    return f"rule {plain(alert.rule.id)}{score}" + (f": {reasons}" if reasons else "")


_REPORT = {"retracted": "withdrawn by its publisher", "edited": "edited, and says something else now"}


def change_of(change: Change) -> str:
    """What a field was and what it is; of a report what became of it, not our name for it."""
    if change.field == "article":
        return f"the report: {_REPORT.get(str(change.after), 'withdrawn or edited; another one is quoted now')}"
    if change.field == "contradicts":
        return "the report that it contradicted was taken back"
    return f"{plain(change.field)}: {_value(change.before)} → {_value(change.after)}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return cut("; ".join(map(_item, value)), 300) or "nothing"
    return "nothing" if value is None else cut(plain(_state(str(value))), 300)


def _item(value: Any) -> str:
    """One of several: words as they were written; of a promise its day and what was promised, of a formula its name."""
    told = [str(value[key]) for key in ("due", "what", "name") if value.get(key)] if isinstance(value, dict) else []
    return plain(": ".join(told) or str(value))


# Forms.


def as_text(message: Message) -> str:
    """The blocks as plain text."""
    lines: list[str] = []
    before = ""
    for block in message.blocks:
        if block.style in {"heading", "quote"} or (block.style == "fact" and before in {"quote", "lead", "item"}):
            lines.append("")
        before = block.style
        facts = f"{block.label}: {block.text}" if block.label else block.text
        written = {"quote": f"“{block.text}”", "heading": block.text.upper(), "item": f"* {block.text}",
                   "detail": f"  {block.text}"}  # fmt: skip
        lines.append(written.get(block.style, facts))
    return "\n".join(lines).strip() + "\n"


_CSS = {
    "heading": "margin:20px 0 6px;font-weight:bold;font-size:16px;border-bottom:1px solid #ccc",
    "lead": "margin:8px 0;font-weight:bold",
    "quote": "margin:10px 0;padding:6px 12px;border-left:4px solid #888;font-family:Georgia,serif;font-size:16px",
    "fact": "margin:2px 0",
    "item": "margin:12px 0 2px;font-weight:bold",
    "detail": "margin:2px 0 2px 16px",
    "link": "margin:8px 0",
    "small": "margin:14px 0 0;color:#666;font-size:12px",
}


def as_html(message: Message) -> str:
    """The blocks as HTML for mail: no image, no script, nothing that is fetched."""
    rows = "".join(f'<div style="{_CSS[block.style]}">{_inner(block)}</div>' for block in message.blocks)
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"></head>'
        '<body style="font:14px/1.45 sans-serif;color:#222;max-width:640px">'
        f'<div style="font-size:18px;font-weight:bold;margin:0 0 10px">{html.escape(message.title)}</div>'
        f"{rows}</body></html>"
    )


def _inner(block: Block) -> str:
    text = html.escape(block.text)
    if block.style == "quote":
        return f"“{text}”"
    if block.style == "link":
        return f'<a href="{text}" rel="noopener noreferrer">{text}</a>'
    return f'<span style="color:#666">{html.escape(block.label)}:</span> {text}' if block.label else text
