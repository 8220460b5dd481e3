"""The title of a page: what a reader sees above the text, or what the page says of itself where that agrees better.

A page names its article up to four times: in JSON-LD, in OpenGraph, in `title`, in a heading. They differ by the
site's name, by a kicker ("Premier League"), by quotation marks, and where an editor wrote one for search machines.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from connectors.markup import harmless, one_line
from connectors.sources.stated import metas

MOST_HEADS, AGREED = 20, 0.3
"""Headings that are looked at; the share of words that one must have in common with what the page says of itself."""
LEAST = 10
"""Letters of a heading that can stand for itself."""
_SITE = re.compile(r"\s+(?:[|–—\-·•»:]|::)\s+")
_CUT = re.compile(r"\s*(?:\.\.\.|…)$")
_INLINE = frozenset(["a", "abbr", "b", "em", "font", "i", "mark", "s", "small", "strong", "sub", "sup", "u", "wbr"])


def found(tree: Any, said: Sequence[dict[str, Any]], url: str = "") -> str:
    """The headline of a page whose JSON-LD objects are `said`; empty when it has none."""
    given = dict(reversed(list(metas(tree))))
    site = one_line(given.get("og:site_name", ""))
    names = [_alone(_line(one["headline"]), site, url) for one in said if isinstance(one.get("headline"), str)]
    named = next((name for name in names if name), "")
    graph = _alone(_line(given.get("og:title", "") or given.get("twitter:title", "")), site, url)
    shown = _alone(_line("".join(next(tree.iter("title"), tree.makeelement("title")).itertext())), site, url, True)
    stated = [text for text in (*names, graph, shown) if text]
    alone = not any(text and not _names_site(text, site, url) for text in (*names, graph))
    head = _heading(tree, stated, site, url, alone)
    return harmless(_chosen(head, named, graph) or next(iter(stated), ""))


def _chosen(head: str, named: str, graph: str) -> str:
    """The heading, unless JSON-LD says it better."""
    if not head:
        return ""
    if not named or (letters(named) != letters(head) and letters(named).startswith(letters(head))):
        return head  # what is longer has the site's name behind it
    if letters(named) == letters(head):
        return named  # the same words: there with its quotation marks, here with those of the page's design
    backed = letters(graph) not in {"", letters(head)}
    return named if backed and not _CUT.search(named) and not letters(graph).startswith(letters(head)) else head


def _heading(tree: Any, stated: Sequence[str], site: str, url: str, alone: bool) -> str:
    """The heading that has most in common with what the page says of itself.

    Of a page that says nothing of its article but in `title` (`alone`), the only heading there is.
    """
    heads = list(_heads(tree, "h1"))[:MOST_HEADS]
    if not stated:
        return heads[0] if heads else ""
    best = _nearest(heads, stated)
    if best:
        return best
    own = {head for head in heads if len(letters(head)) >= LEAST and not _names_site(head, site, url)}
    if alone and len(own) == 1:
        return own.pop()
    # A heading of the second order is the article's only if it is in the page's own title, word by word.
    seconds = list(_heads(tree, "h2"))[:MOST_HEADS]
    return next((head for head in seconds if any(_begins(text, head) for text in stated)), "")


def _nearest(heads: Sequence[str], stated: Sequence[str]) -> str:
    best = max(heads, key=lambda head: max(_alike(head, text) for text in stated), default="")
    return best if best and max(_alike(best, text) for text in stated) >= AGREED else ""


def _heads(tree: Any, tag: str) -> Iterator[str]:
    """Texts of the headings; not of one that leads home, which is the site's name."""
    for head in tree.iter(tag):
        around = [*head.iter("a"), *head.iterancestors("a")]
        if any(urlsplit(link.get("href") or "#").path == "/" for link in around):
            continue
        text = one_line("".join(_parts(head))).replace("\xad", "").rstrip(" ¶#§")
        if text:
            yield text


def _parts(one: Any) -> Iterable[str]:
    """The text of a heading, with a blank where a part of it is set in a line of its own."""
    parts = [one.text or ""]
    for child in one:
        if not isinstance(child.tag, str) or child.tag in {"script", "style", "svg"}:
            parts.append(child.tail or "")
            continue
        inner, tail = "".join(_parts(child)), child.tail or ""
        apart = child.tag not in _INLINE and (child.tag != "span" or _glued(parts[-1], inner) or _glued(inner, tail))
        parts += [f" {inner} " if apart else inner, tail]
    return parts


def _glued(before: str, after: str) -> bool:
    """Whether two words would become one, as in "DemonstrationThe 9th of July"."""
    return before[-1:].islower() and after[:1].isupper()


def _line(text: str) -> str:
    return one_line(html.unescape(text)).replace("\xad", "")


def _alone(title: str, site: str, url: str, whole: bool = False) -> str:
    """A title without the name of its site, which is the last part of a `whole` page title."""
    parts = _SITE.split(title)
    if len(parts) < 2:
        return title
    if whole or _names_site(parts[-1], site, url):
        return title[: title.rindex(parts[-1])].rstrip(" |–—-·•»:")
    if _names_site(parts[0], site, url):
        return title[len(parts[0]) :].lstrip(" |–—-·•»:")
    return title


def _names_site(text: str, site: str, url: str) -> bool:
    """Whether a text is the site's name, by what the page or its address calls it."""
    host = (urlsplit(url).hostname or "").removeprefix("www.").split(".")[0]
    return letters(text) == letters(site) != "" or (len(host) > 2 and host in letters(text) and len(text) < 40)


def letters(text: str) -> str:
    """A text as far as it is words: no case, no marks, no blanks."""
    return re.sub(r"[\W_]+", "", text.casefold())


def _begins(text: str, head: str) -> bool:
    """Whether `head` is the better part of the beginning of `text`."""
    ours, theirs = letters(head), letters(text)
    return len(ours) >= max(LEAST, 0.4 * len(theirs)) and theirs.startswith(ours)


def _alike(head: str, other: str) -> float:
    """The share of their words that two titles have in common; all, where one begins with the other."""
    ours, theirs = (set(re.findall(r"\w+", text.casefold())) for text in (head, other))
    if not ours or not theirs:
        return float(head == other)
    # Languages that are written without blanks have no words to be counted.
    return 1.0 if _begins(other, head) else len(ours & theirs) / len(ours | theirs)
