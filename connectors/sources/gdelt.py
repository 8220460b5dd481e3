"""GDELT's Global Knowledge Graph 2.x: a list of the newest files, a zip with one table, 27 columns a row."""

from __future__ import annotations

import hashlib
import html
import io
import re
import zipfile
import zlib
from datetime import UTC, datetime
from urllib.parse import urljoin

from connectors.base import SourceFault, bare
from connectors.dates import moment
from connectors.entries import Entry, Reading
from connectors.markup import harmless, one_line

COLUMNS = 27
MOST_BYTES = 64 * 1024 * 1024
MOST_ROWS = 50_000
MOST_LINE = 1024 * 1024
_SOURCE, _ADDRESS, _LANGUAGE, _EXTRAS = 3, 4, 25, 26
_TITLE = re.compile(r"<PAGE_TITLE>(.*?)</PAGE_TITLE>", re.DOTALL)
_STAMP = re.compile(r"<PAGE_PRECISEPUBTIMESTAMP>(\d{14})</PAGE_PRECISEPUBTIMESTAMP>")
_LISTED = re.compile(r"(?P<size>\d+)\s+(?P<sum>[0-9a-fA-F]{32})\s+(?P<url>\S+)")
_FROM = re.compile(r"srclc:(\w{3})")
_LANGUAGES = {
    "eng": "en", "rus": "ru", "ukr": "uk", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es",
    "pol": "pl", "bul": "bg", "por": "pt",
}  # fmt: skip


def read(url: str, raw: bytes, kind: str = "") -> Reading:
    """What a list of files, a zip or a table holds; `SourceFault` when it is none of them."""
    if raw[:4] == b"PK\x03\x04":
        return table(url, _unzipped(raw))
    head = raw[:4096].decode("utf-8", "replace")
    if _LISTED.match(head.lstrip()):
        return Reading([], children=_files(url, raw.decode("utf-8", "replace")))
    return table(url, raw)


def _files(url: str, text: str) -> tuple[tuple[str, str], ...]:
    found = []
    for line in text.splitlines()[-400:]:
        one = _LISTED.fullmatch(line.strip())
        if one and re.search(r"\.gkg\.csv(?:\.zip)?$", one["url"].partition("?")[0], re.IGNORECASE):
            found.append((urljoin(url, one["url"]), f"{one['size']} {one['sum'].lower()}"))
    if not found:
        raise SourceFault(f"{bare(url)} lists no GKG file", "not-a-feed")
    return tuple(found)


def verify(raw: bytes, stated: str) -> None:
    """`SourceFault` unless `raw` has the size and MD5 that the list states for it."""
    size, _, summed = stated.partition(" ")
    if size.isdecimal() and int(size) != len(raw):
        raise SourceFault(f"is {len(raw)} bytes, not the {size} that its list states")
    if summed and hashlib.md5(raw, usedforsecurity=False).hexdigest() != summed:
        raise SourceFault("does not have the checksum that its list states")


def _unzipped(raw: bytes) -> bytes:
    """The one table of a zip, without trusting what the zip says of itself."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            inside = packed.infolist()
            if len(inside) != 1:
                raise SourceFault(f"a zip of {len(inside)} files, not one", "not-a-feed")
            name = inside[0].filename
            if name.startswith(("/", "\\")) or ".." in name or ":" in name or "\\" in name or inside[0].is_dir():
                raise SourceFault("a zip whose file would lie elsewhere", "not-a-feed")
            if inside[0].flag_bits & 1:
                raise SourceFault("a zip that needs a password", "not-a-feed")
            if inside[0].file_size > MOST_BYTES:
                raise SourceFault(f"unpacks to more than {MOST_BYTES} bytes", "not-a-feed")
            with packed.open(inside[0]) as opened:
                out = opened.read(MOST_BYTES + 1)
    # zipfile says NotImplementedError of a packing that it does not know, RuntimeError of an encrypted member.
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as fault:
        raise SourceFault(f"a broken zip: {str(fault)[:80]}", "not-a-feed") from fault
    if len(out) > MOST_BYTES:
        raise SourceFault(f"unpacks to more than {MOST_BYTES} bytes", "not-a-feed")
    return out


def table(url: str, raw: bytes) -> Reading:
    """Rows of 27 columns as entries; rows of any other form are passed over and counted."""
    entries, skipped, rows = [], 0, 0
    for line in io.BytesIO(raw):
        if not line.strip():
            continue
        rows += 1
        if rows > MOST_ROWS:
            skipped += 1
            continue
        cells = line.rstrip(b"\r\n").decode("utf-8", "replace").split("\t") if len(line) <= MOST_LINE else []
        one = _entry(cells) if len(cells) == COLUMNS else None
        if one is None:
            skipped += 1
        else:
            entries.append(one)
    if rows and not entries:
        raise SourceFault(f"{bare(url)} is not a GKG file", "not-a-feed")
    return Reading(entries, skipped=skipped)


def _entry(cells: list[str]) -> Entry | None:
    address = cells[_ADDRESS].strip()
    if not address.startswith(("http://", "https://")) or harmless(address) != address:
        return None
    title = _TITLE.search(cells[_EXTRAS])
    stamp = _STAMP.search(cells[_EXTRAS])
    published = None
    if stamp:
        try:
            published = moment(datetime.strptime(stamp[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC).isoformat())
        except ValueError:
            published = None  # a stamp that is no moment dates nothing
    origin = _FROM.search(cells[_LANGUAGE])
    named = one_line(harmless(html.unescape(title[1]))) if title else ""
    return Entry(
        guid="",
        link=bare(address),
        title=named or bare(address),
        lang=_LANGUAGES.get(origin[1]) if origin else "en",
        published=published,
        dated_by="gdelt" if published else None,
        flags=() if named else ("no-title",),
    )
