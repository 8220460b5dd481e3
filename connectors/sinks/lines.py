"""A settings file in YAML or TOML, with the line that each key stands on."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import yaml

_HEADER = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"\s*([\w\-.\"']+)\s*=")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>[^`]*)`")
_MISSING = re.compile(r"Object missing required field `(?P<key>[^`]*)`")
_AT = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_STEP = re.compile(r"\.(\w+)|\[(\d+|\.\.\.)\]")


@dataclass(slots=True)
class Lines:
    """Line by path of keys."""

    known: dict[tuple[str | int, ...], int] = field(default_factory=dict)

    def of(self, keys: Sequence[str | int]) -> int:
        """The line of what `keys` lead to, or of the nearest thing around it."""
        for length in range(len(keys), 0, -1):
            if tuple(keys[:length]) in self.known:
                return self.known[tuple(keys[:length])]
        return 1


def parse(raw: bytes, suffix: str) -> tuple[dict[str, Any], Lines]:
    """The mapping in a file and where its keys stand; `ValueError` says `line: what`."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = raw.count(b"\n", 0, fault.start) + 1
        raise ValueError(f"{line}: not UTF-8") from None
    if suffix == ".toml":
        return _toml(text)
    if suffix in {".yaml", ".yml"}:
        return _yaml(text)
    raise ValueError(f"1: a sinks file ends in .yaml, .yml or .toml, not {suffix or 'nothing'!r}")


def _yaml(text: str) -> tuple[dict[str, Any], Lines]:
    found = Lines()
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
        _walk(root, (), found)
        given = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - makes strings only
    except yaml.MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else 1
        raise ValueError(f"{line}: {fault.problem}") from None
    except (yaml.YAMLError, RecursionError) as fault:
        raise ValueError(f"1: not YAML: {fault}") from None
    if not isinstance(given, dict):
        raise ValueError("1: a sinks file is a mapping with the key sinks")
    return given, found


def _walk(node: yaml.Node | None, keys: tuple[str | int, ...], found: Lines) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            path = (*keys, str(key.value))
            if path in found.known:
                raise ValueError(f"{key.start_mark.line + 1}: the key {key.value!r} stands twice")
            found.known[path] = key.start_mark.line + 1
            _walk(value, path, found)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            found.known[*keys, number] = value.start_mark.line + 1
            _walk(value, (*keys, number), found)


def _toml(text: str) -> tuple[dict[str, Any], Lines]:
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        at = re.search(r"line (\d+)", str(fault))
        raise ValueError(f"{at[1] if at else 1}: {fault}") from None
    found = Lines()
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            table = _dotted(header[1])
            found.known.setdefault(table, number)
        elif key:
            found.known.setdefault((*table, *_dotted(key[1])), number)
    return given, found


def _dotted(text: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in text.split("."))


def nearest(key: str, known: Iterable[str]) -> str:
    """A hint: the nearest known key, or all of them."""
    accepted = list(known)
    near = difflib.get_close_matches(key, accepted, 1)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(accepted))}"


def explained(fault: str, kind: type[msgspec.Struct]) -> tuple[list[str | int], str]:
    """Where msgspec's words point to, below a struct of `kind`, and what they mean to who wrote the file."""
    at = _AT.search(fault)
    keys: list[str | int] = []
    for step in _STEP.finditer(at["path"] if at else ""):
        keys.append(step[1] or (int(step[2]) if step[2].isdigit() else 0))
    words = _AT.sub("", fault)
    unknown, missing = _UNKNOWN.match(words), _MISSING.match(words)
    if unknown:
        return [*keys, unknown["key"]], f"unknown key {unknown['key']!r}{nearest(unknown['key'], _fields(kind, keys))}"
    if missing:
        return keys, f"{missing['key']} is missing"
    shown = ".".join(str(key) for key in keys)
    return keys, f"{shown or 'it'}: {words[:1].lower()}{words[1:]}"


def _fields(kind: Any, keys: Sequence[str | int]) -> list[str]:
    """The keys that a struct at the end of a path knows."""
    for key in keys:
        if isinstance(key, int):
            continue
        named = {f.encode_name: f.type for f in msgspec.structs.fields(kind)}
        kind = next(iter(_structs(named.get(str(key)))), kind)
    own = [f.encode_name for f in msgspec.structs.fields(kind)]
    tag = kind.__struct_config__.tag_field
    return [*own, tag] if tag else own


def _structs(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return [annotation]
    return [found for part in getattr(annotation, "__args__", ()) for found in _structs(part)]
