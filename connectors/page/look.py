"""How alerts look: HTML and Atom, every text escaped where it is written."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from streams.contracts.records import Alert, Dossier, Evidence, SourceHealth

HERE = Path(__file__).parent
CONTEXT = 40
"""Characters of context that evidence carries when the text has them."""

_MARKS = {"info": "○", "notice": "◔", "warning": "◑", "critical": "●"}


def _e(text: object) -> str:
    return html.escape(str(text), quote=True)


def link(alert: Alert) -> str | None:
    """Address of the article, when it is one that may be linked."""
    url = alert.article.url if alert.article else ""
    return url if url.startswith(("http://", "https://")) else None


def _when(at: datetime | None) -> str:
    return f'<time datetime="{_e(at.isoformat())}">{at:%Y-%m-%d %H:%M}</time>' if at else "undated"


def _quote(piece: Evidence) -> str:
    """The quote within what stands around it: whole words, on one line."""
    before, after = piece.prefix.split(), piece.suffix.split()
    before = before[1:] if piece.start > len(piece.prefix) else before
    after = after[:-1] if len(piece.suffix) >= CONTEXT else after
    lead = f"… {_e(' '.join(before))} " if before else ""
    tail = f" {_e(' '.join(after))} …" if after else ""
    return f"<blockquote>{lead}<mark>{_e(piece.quote)}</mark>{tail}</blockquote>"


def _facts(alert: Alert) -> str:
    if alert.proposal is None:
        return "coverage"
    state = f"{_e(alert.status_before or 'unknown')} → <b>{_e(alert.status)}</b>" if alert.status else "no state"
    who = f"{_e('/'.join(alert.proposer) or '?')} → {_e('/'.join(alert.addressee) or '?')}"
    act = f"{_e(alert.act)} by {_e('/'.join(alert.actor) or '?')}" if alert.act else ""
    return " · ".join(filter(None, [_e(alert.proposal), who, state, act, _e(alert.voice or "")]))


def card(alert: Alert) -> str:
    """One alert."""
    badges = f'<span class="sev {_e(alert.severity)}">{_MARKS[alert.severity]} {_e(alert.severity)}</span>'
    if alert.historical:
        badges += '<span class="badge">historical</span>'
    if alert.type != "raised":
        badges += f'<span class="badge">{_e(alert.type)}</span>'
    source = ""
    if alert.article:
        name = _e(alert.article.source)
        url = link(alert)
        shown = f'<a href="{_e(url)}" rel="noopener noreferrer nofollow">{name}</a>' if url else name
        source = f"{shown} · published {_when(alert.article.published)} · seen {_when(alert.article.seen)}"
    changes = "".join(
        f"<li>{_e(c.field)}: <del>{_e(c.before)}</del> <ins>{_e(c.after)}</ins></li>" for c in alert.changes
    )
    why = "".join(f"<tr><td>{r.weight:+.2f}</td><td>{_e(r.feature)}</td><td>{_e(r.text)}</td></tr>" for r in alert.why)
    due = "".join(f"<li>{_e('/'.join(c.who))}: {_e(c.what)} <b>{_e(c.due)}</b></li>" for c in alert.commitments)
    return (
        f'<article class="alert" id="{_e(alert.thread)}" tabindex="-1"><header>{badges}<h3>{_e(alert.headline)}</h3></header>'
        f"<p class=facts>{_facts(alert)}</p>{''.join(map(_quote, alert.evidence))}"
        + (f"<ul class=changes>{changes}</ul>" if changes else "")
        + (f"<ul class=due>{due}</ul>" if due else "")
        + f"<p class=source>{source} · {alert.origins} origin(s), {alert.copies} copies</p>"
        f"<details><summary>Why it fired</summary><p>rule {_e(alert.rule.id)} {_e(alert.rule.version)}, knowledge "
        f"{_e(alert.knowledge.version)}, score {alert.score:.2f}</p><table>{why}</table></details></article>"
    )


def page(
    alerts: Sequence[Alert],
    dossiers: Mapping[str, Dossier],
    sources: Mapping[str, SourceHealth],
    nonce: str,
    after: str = "",
) -> str:
    """The whole page; `after` is the event id from which its live updates go on."""
    style = (HERE / "page.css").read_text(encoding="utf-8")
    script = (HERE / "page.js").read_text(encoding="utf-8")
    empty = (
        '<p class="empty">No alert yet. The seed article of July 2008 appears here within a minute of the first start; '
        "after that, whatever the sources bring.</p>"
    )
    lives = "".join(
        f"<tr><th scope=row>{_e(name)}</th><td>{_e(d.name)}</td><td>{_e(d.status or '-')}</td><td>{_e(d.since or '-')}</td></tr>"
        for name, d in sorted(dossiers.items())
    )
    places = "".join(
        f"<tr><th scope=row>{_e(s.name)}{f'<small>{_e(s.reason)}</small>' if s.reason else ''}</th>"
        f"<td>{_e(s.outcome or '-')}</td><td>{s.items}</td><td>{_when(s.polled)}</td></tr>"
        for _, s in sorted(sources.items())
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>treatywatch</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'
        f'<style nonce="{nonce}">{style}</style></head><body><a class="skip" href="#alerts">Skip to the alerts</a>'
        '<header class="top"><h1>treatywatch</h1><p>Security proposals between Russia and NATO</p>'
        '<button id="new" hidden></button><p id="say" role="status" class="quiet"></p></header><main>'
        f'<section aria-labelledby="h-a"><h2 id="h-a">Alerts</h2><div id="alerts" data-after="{_e(after)}">{"".join(map(card, alerts)) or empty}</div></section>'
        '<aside><section aria-labelledby="h-d"><h2 id="h-d">Proposals</h2><div class="wide"><table><thead><tr><th>id</th><th>name</th><th>status</th>'
        f"<th>since</th></tr></thead><tbody>{lives}</tbody></table></div></section>"
        '<section aria-labelledby="h-s"><h2 id="h-s">Sources</h2><div class="wide"><table><thead><tr><th>source</th><th>last poll</th><th>items</th><th>when</th>'
        f"</tr></thead><tbody>{places}</tbody></table></div></section></aside></main>"
        f'<footer>j and k walk through the alerts, o opens why one fired.</footer><script nonce="{nonce}">{script}</script></body></html>'
    )


def atom(alerts: Sequence[Alert], home: str) -> str:
    """An Atom feed; control characters that XML forbids are left out."""

    def x(text: object) -> str:
        return _e("".join(c for c in str(text) if c in "\t\n\r" or (ord(c) >= 32 and not 0xFFFE <= ord(c) <= 0xFFFF)))

    def stamp(alert: Alert | None) -> str:
        at = alert.article.seen if alert and alert.article else datetime(1970, 1, 1, tzinfo=UTC)
        return at.isoformat().replace("+00:00", "Z")

    entries = "".join(
        f"<entry><id>urn:treatywatch:{x(a.thread)}</id><title>{x(a.headline)}</title><updated>{stamp(a)}</updated>"
        f'<link href="{x(link(a) or home)}"/><summary>{x(" … ".join(e.quote for e in a.evidence))}</summary></entry>'
        for a in alerts
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><id>urn:treatywatch:alerts</id>'
        f"<title>treatywatch alerts</title><updated>{stamp(alerts[0] if alerts else None)}</updated>"
        f'<author><name>treatywatch</name></author><link rel="self" href="{x(home)}alerts.atom"/>{entries}</feed>'
    )
