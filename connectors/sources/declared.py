"""What an operator declares of a source: in OPML with a few attributes of our own, or in YAML."""

from __future__ import annotations

import base64
import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree as ET

import yaml

from connectors.base import SourceFault, bare
from connectors.entries import POLICIES, Declaration, Policy
from connectors.fetch import Access
from connectors.sources.documents import FORMATS, Format
from streams.contracts.ids import digest
from streams.settings import SettingsFault

PACKAGED = Path(__file__).parent.parent / "sources.opml"
OURS = "{urn:treatywatch:opml:1}"
MOST_BYTES = 4 * 1024 * 1024
PUBLISHERS = ("official", "state-controlled", "independent")


@dataclass(frozen=True, slots=True)
class Declared:
    """A source as the list declares it."""

    id: str
    name: str
    url: str
    lang: str | None
    enabled: bool
    group: str
    status: str
    """How good the evidence is that it works: A (seen), B (others list it), X (dead)."""
    checked: str
    """Date of that evidence, as far as it is known."""
    evidence: str
    format: Format = "feed"
    full_text: bool = False
    """Whether the pages behind its entries are fetched."""
    identity: Policy | None = None
    """What tells its entries; `None`: what its behaviour shows."""
    least: float = 0.0
    """Seconds between polls, at least; 0: the setting's."""
    most: float = 0.0
    """Seconds between polls, at most, of a source that brings nothing; 0: the default."""
    retention: float = 0.0
    """Seconds that an entry is remembered here after it left its document; 0: the format's own."""
    owner: str = ""
    publisher: str = ""
    """official, state-controlled or independent; empty when nobody judged it."""
    terms: str = ""
    """What the publisher's terms say of use by machines."""
    reliability: str = ""
    """A to F, as the desk judges it."""
    credentials_file: str = ""
    """File with `user:password`, or with a whole Authorization header; sent to the declared origin only."""
    proxy: str = ""
    """Address of the HTTP proxy that it is asked through. Names are checked here too, as far as they are known here."""

    def declaration(self) -> Declaration:
        """What a visit needs to know of it."""
        return Declaration(self.id, self.name, self.url, self.lang, self.identity, self.full_text, self.retention)

    def access(self) -> Access | None:
        """How it is asked; `SourceFault` when its credentials cannot be read."""
        if not self.credentials_file and not self.proxy:
            return None
        header = None
        if self.credentials_file:
            try:
                given = Path(self.credentials_file).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as fault:
                raise SourceFault(f"credentials cannot be read from {self.credentials_file}", "refused") from fault
            whole = " " in given
            header = given if whole else "Basic " + base64.b64encode(given.encode()).decode()
        return Access(self.url, header, self.proxy or None)


def _one_of(*accepted: str) -> Callable[[str], Any]:
    def read(text: str) -> str:
        if text not in accepted:
            raise ValueError("one of " + ", ".join(accepted))
        return text

    return read


def _flag(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError("true or false")
    return text.lower() == "true"


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1 <= value <= 604800:
        raise ValueError("seconds from 1 to 604800")
    return value


def _days(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1 <= value <= 3650:
        raise ValueError("days from 1 to 3650")
    return value * 86400.0


def _proxy(text: str) -> str:
    if urlsplit(text).scheme not in {"http", "https"} or not urlsplit(text).hostname:
        raise ValueError("an http or https address")
    return text


_READERS: dict[str, Callable[[str], Any]] = {
    "enabled": _flag,
    "format": _one_of(*FORMATS),
    "full_text": _flag,
    "identity": _one_of(*POLICIES),
    "least": _seconds,
    "most": _seconds,
    "publisher": _one_of(*PUBLISHERS),
    "reliability": _one_of("A", "B", "C", "D", "E", "F"),
    "proxy": _proxy,
    "retention": _days,
}
_ALIASES = {"source": "evidence", "language": "lang", "interval_least": "least", "interval_most": "most"}


def read(path: Path | None) -> list[Declared]:
    """The sources of an OPML or YAML file; `SettingsFault` names the file and what is wrong with it."""
    place = path or PACKAGED
    try:
        raw = place.read_bytes()
        return parse_yaml(raw) if place.suffix in {".yaml", ".yml"} else parse(raw)
    except OSError as fault:
        raise SettingsFault(f"cannot read the source list {place}: {fault.strerror}") from fault
    except ValueError as fault:
        raise SettingsFault(f"{place}: {fault}") from fault


def parse(raw: bytes) -> list[Declared]:
    """The sources of an OPML document; `ValueError` says what is wrong with it."""
    if len(raw) > MOST_BYTES:
        raise ValueError(f"a source list is at most {MOST_BYTES} bytes")
    flat = raw.replace(b"\0", b"")  # UTF-16 hides nothing either
    if b"<!DOCTYPE" in flat or b"<!ENTITY" in flat:
        raise ValueError("a source list has no DOCTYPE")
    try:
        body = ET.fromstring(raw).find("body")  # noqa: S314 - DOCTYPE refused above
    except (ET.ParseError, LookupError) as fault:
        raise ValueError(f"not OPML: {fault}") from fault
    if body is None:
        raise ValueError("OPML without a body")
    found: dict[str, Declared] = {}
    left = [(outline, "") for outline in reversed(body.findall("outline"))]
    while left:
        outline, group = left.pop()
        url = (outline.get("xmlUrl") or outline.get("xmlurl") or "").strip()
        name = outline.get("text") or outline.get("title") or bare(url)
        if url:
            ours = {k.removeprefix(OURS).replace("-", "_"): v for k, v in outline.attrib.items() if k.startswith(OURS)}
            given = ours | {"url": url, "name": name, "language": outline.get("language") or ""}
            one = _declared(given, group, "tw:")
            found.setdefault(one.id, one)
        left.extend((inner, group if url else name) for inner in reversed(outline.findall("outline")))
    return list(found.values())


def parse_yaml(raw: bytes) -> list[Declared]:
    """The sources of a YAML list of mappings; `ValueError` says what is wrong with it."""
    if len(raw) > MOST_BYTES:
        raise ValueError(f"a source list is at most {MOST_BYTES} bytes")
    try:
        given = yaml.load(raw, yaml.BaseLoader)  # noqa: S506 - makes strings only
    except yaml.MarkedYAMLError as fault:
        where = f"line {fault.problem_mark.line + 1}: " if fault.problem_mark else ""
        raise ValueError(f"not YAML: {where}{fault.problem}") from fault
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as fault:
        raise ValueError(f"not YAML: {fault}") from fault
    if not isinstance(given, list):
        raise ValueError("a source list in YAML is a list of sources")
    found: dict[str, Declared] = {}
    for number, one in enumerate(given, 1):
        if not isinstance(one, dict) or not all(isinstance(v, str) for v in one.values()) or not one.get("url"):
            raise ValueError(f"source {number} needs a url, and every field of it is a text")
        made = _declared(one, one.get("group", ""), "")
        found.setdefault(made.id, made)
    return list(found.values())


def _declared(given: Mapping[str, str], group: str, prefix: str) -> Declared:
    name = given.get("name") or bare(given["url"])
    known = {f.name for f in fields(Declared)}
    values: dict[str, Any] = {
        "id": "f" + digest("source", given["url"])[:12],
        "name": name,
        "lang": None,
        "enabled": True,
        "status": "",
        "checked": "",
        "evidence": "",
    }
    for key, text in given.items():
        field = _ALIASES.get(key, key)
        if field not in known:
            near = difflib.get_close_matches(field, [*known, *_ALIASES], 1)
            raise ValueError(f"{name}: unknown {prefix}{key}" + (f"; did you mean {near[0]}?" if near else ""))
        if not text.strip():
            continue
        try:
            values[field] = _READERS.get(field, str)(text.strip())
        except ValueError as fault:
            raise ValueError(f"{name}: {prefix}{key} is {fault}, not {text!r}") from fault
    return Declared(**(values | {"group": group}))


def addresses(raw: bytes, base: str) -> list[str]:
    """Addresses of the enabled sources of an OPML document that came from `base`; `SourceFault` when it is none."""
    try:
        return [urljoin(base, one.url) for one in parse(raw) if one.enabled]
    except ValueError as fault:
        raise SourceFault(str(fault), "not-a-feed") from fault
