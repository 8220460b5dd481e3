"""How everything looks: templates with autoescape, in the reader's language. Nothing here asks the archive."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import jinja2
from aiohttp import web

from connectors.page import pictures
from connectors.page.find import Entry, Group
from connectors.page.reasons import reason
from connectors.page.strings import LOCALES, Words, negotiated
from streams.contracts.records import Alert, Evidence

HERE = Path(__file__).parent
CONTEXT = 40
"""Characters of context that evidence carries when the text has them."""

COOKIE = "lang"
_STEERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those by which a text would show what stands around it the wrong way round."""


def still(value: Any) -> Any:
    """What a template writes, without what would steer the rest of the page; markup of ours is made of such."""
    return _STEERS.sub("", value) if type(value) is str else value


def link(url: str) -> str | None:
    """The address, when it is one that may be linked: http or https, with a host."""
    try:
        parts = urlsplit(url)
        return url if parts.scheme in ("http", "https") and parts.hostname else None
    except ValueError:
        return None


class Quoted(NamedTuple):
    """A quote within what stands around it."""

    before: str
    quote: str
    after: str


def quoted(piece: Evidence) -> Quoted:
    """The quote and whole words around it, each on one line; an ellipsis where the text goes on."""
    before, after = piece.prefix.split(), piece.suffix.split()
    before = before[1:] if piece.start > len(piece.prefix) else before
    after = after[:-1] if len(piece.suffix) >= CONTEXT else after
    return Quoted(
        f"… {' '.join(before)} " if before else "",
        " ".join(piece.quote.split()),
        f" {' '.join(after)} …" if after else "",
    )


def apart(pieces: Sequence[Evidence]) -> list[Evidence]:
    """Evidence without what another piece says whole (a headline that opens the text): a reader reads it once."""
    return [
        one
        for one in pieces
        if not any(
            len(one.quote) < len(other.quote) and _same_words(one.quote) in _same_words(other.quote) for other in pieces
        )
    ]  # fmt: skip


def _same_words(text: str) -> str:
    return " ".join(text.split()).rstrip(".!?…")


def arrow(headline: str) -> str:
    """A headline as it is printed."""
    return headline.replace(" -> ", " → ")


def flat(value: Any) -> str:
    """A changed value as text."""
    if value is None or value == []:
        return ""
    if isinstance(value, dict):
        # A promise: its day and its words.
        return ": ".join(str(value[k]) for k in ("due", "what") if value.get(k)) or str(value)
    return " … ".join(map(flat, value)) if isinstance(value, list) else str(value)


def difference(before: Any, after: Any) -> Iterator[tuple[str, str]]:
    """Two values word by word: `same`, `gone` and `new` stretches."""
    old, new = flat(before).split(), flat(after).split()
    for what, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            yield "same", " ".join(old[i:j])
            continue
        if i < j:
            yield "gone", " ".join(old[i:j])
        if k < m:
            yield "new", " ".join(new[k:m])


def moment(milliseconds: int) -> datetime:
    """The broker's time."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def asset(name: str) -> tuple[bytes, str]:
    """A file that pages refer to, and the mark of its content."""
    body = (HERE / name).read_bytes()
    return body, hashlib.sha256(body).hexdigest()[:12]


ASSETS: Mapping[str, tuple[bytes, str]] = {name: asset(name) for name in ("page.css", "page.js", "icon.svg")}


class Look:
    """The templates, once for each language."""

    def __init__(self) -> None:
        base = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined,
            trim_blocks=True, lstrip_blocks=True, auto_reload=False, finalize=still,
        )  # fmt: skip
        base.filters |= {
            "link": link, "quoted": quoted, "apart": apart, "arrow": arrow,
            "difference": difference, "flat": flat, "moment": moment,
        }  # fmt: skip
        self.words = {lang: Words(lang) for lang in LOCALES}
        self._environments = {}
        for lang, words in self.words.items():
            own = self._environments[lang] = base.overlay()
            own.filters = base.filters | {"reason": partial(reason, words=words), "language": words.language}
            own.globals = base.globals | {
                "t": words, "lang": lang, "languages": self.words, "pictures": pictures,
                "assets": {name: mark for name, (_, mark) in ASSETS.items()},
            }  # fmt: skip
            own.cache = jinja2.environment.create_cache(50)

    def lang(self, request: web.Request) -> str:
        """The language of a request: asked for in the address, remembered, or the browser's own."""
        for given in (request.query.get("ui"), request.cookies.get(COOKIE)):
            if given in LOCALES:
                return str(given)
        return negotiated(request.headers.get("Accept-Language", ""))

    def render(self, template: str, lang: str, **context: Any) -> str:
        """A template's text."""
        return self._environments[lang].get_template(template).render(**context)

    def card(self, entry: Entry, lang: str) -> str:
        """One alert as it stands in lists."""
        return self.render("card.html", lang, group=Group(entry, []))

    def facts(self, alert: Alert, lang: str) -> str:
        """What happened, in one line of plain text: for feeds."""
        words = self.words[lang]
        parts = [alert.proposal_name or words("alert.coverage")]
        if alert.proposer or alert.addressee:
            parts.append(f"{words.people(alert.proposer) or '?'} → {words.people(alert.addressee) or '?'}")
        if alert.act:
            parts.append(f"{words.people(alert.actor) or '?'} {words.act(alert.act, alert.actor)}")
        if alert.status:
            before = f"{words.name('status', alert.status_before)} → " if alert.status_before else ""
            parts.append(before + words.name("status", alert.status))
        return " · ".join(parts)
