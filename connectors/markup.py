"""Markup to text: paragraphs apart, no tags, nothing that runs."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset(["p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6",
                     "blockquote", "tr", "table", "section", "article"])  # fmt: skip
_SILENT = frozenset(["script", "style", "template", "noscript", "svg", "head"])
_BLANKS = re.compile(r"[ \t\xa0]+")
_LINES = re.compile(r"\s*\n\s*\n\s*")
_ACTIVE = re.compile(
    r"</?\s*(?:script|style|iframe|frame|frameset|object|embed|applet|svg|math|link|meta|base|form|input|button|"
    r"img|image|video|audio|source|body|template|noscript|textarea|marquee|isindex)\b[^<>]*>?"
    r"|<[a-z][^<>]*?[\s/\"'](?:on\w+|style|srcdoc|formaction)\s*=[^<>]*>?"
    r"|<[a-z][^<>]*(?:javascript|vbscript|data)\s*:[^<>]*>?"
    r"|<!--|-->|<!\[CDATA\[|<[!?][a-z][^<>]*>?",
    re.IGNORECASE | re.DOTALL,
)
_BEGINS = re.compile(r"<(script|style|svg|math|template|noscript)\b", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        elif tag in _BLOCKS:
            self.parts.append("\n\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in _BLOCKS:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data)


def plain(markup: str) -> str:
    """The text of some markup: paragraphs apart, no tags, nothing that runs."""
    if "<" not in markup and "&" not in markup:
        return harmless(markup.strip())
    reader = _Text()
    try:
        reader.feed(markup)
        reader.close()
    except (AssertionError, RecursionError, ValueError):
        return ""  # the parser's own limits: what it cannot read is not shown half
    text = _BLANKS.sub(" ", "".join(reader.parts))
    return harmless(_LINES.sub("\n\n", text).strip())


def harmless(text: str) -> str:
    """Plain text in which nothing would run even if somebody took it for markup; a lone `<b>` may stay."""
    text = text if text.isprintable() else _CONTROLS.sub("", text)
    for _ in range(4):  # what is left of a tag may be one again
        if "<" not in text and "-->" not in text:
            return text
        cut = _ACTIVE.sub("", _without_scripts(text))
        if cut == text:
            return text
        text = cut
    return text.replace("<", "")


def _without_scripts(text: str) -> str:
    """`text` without scripts and what is in them; one that never ends loses only its tag later on."""
    low, parts, at, endless = text.lower(), [], 0, set()
    for begin in _BEGINS.finditer(text):
        name = begin[1].lower()
        if begin.start() < at or name in endless:
            continue
        end = low.find(f"</{name}", begin.end())
        if end < 0:
            endless.add(name)
            continue
        close = low.find(">", end)
        parts.append(text[at : begin.start()])
        at = close + 1 if close >= 0 else len(text)
    return "".join([*parts, text[at:]])


def one_line(text: str) -> str:
    """A title: runs of white space as one blank."""
    return " ".join(text.split())
