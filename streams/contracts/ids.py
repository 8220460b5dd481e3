"""Ids that the same input always gives: so that consumers can drop what they have seen.

All are the first 128 bits of SHA-256 over the parts, length-prefixed so that no two lists of
parts collide, in hex behind a letter that tells what they name.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping

_SPACE = re.compile(r"\s+")


def digest(*parts: str) -> str:
    """32 hex digits over `parts`."""
    sha = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        sha.update(len(raw).to_bytes(8, "big"))
        sha.update(raw)
    return sha.hexdigest()[:32]


def item_id(source: str, entry: str) -> str:
    """Id of a publisher's entry (`entry`: its guid, link, or what the identity policy says)."""
    return "i" + digest("item", source, entry)


def article_id(item: str) -> str:
    """Id of the article that an item is about."""
    return "a" + digest("article", item)


def event_id(item: str, kind: str, title: str, text: str) -> str:
    """What an item says, as a hash: white space and Unicode form make no difference."""
    return "e" + digest("event", item, kind, content(title), content(text))


def content(text: str) -> str:
    """`text` as far as it counts: NFC, runs of white space as one blank."""
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()


def mention_id(article: str, dossier: str) -> str:
    """Id of what an article says of one dossier, through all revisions."""
    return "m" + digest("mention", article, dossier)


def bundle_hash(files: Mapping[str, str]) -> str:
    """SHA-256 over the files of a bundle, in hex; the order in which they are given makes no difference."""
    sha = hashlib.sha256()
    for path in sorted(files):
        for part in (path, files[path]):
            raw = part.encode()
            sha.update(len(raw).to_bytes(8, "big"))
            sha.update(raw)
    return sha.hexdigest()
