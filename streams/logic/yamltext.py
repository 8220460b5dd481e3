"""YAML with strings only, and faults that name file, line and the nearest known key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection
from typing import Any

import yaml


class _Lines(yaml.BaseLoader):
    """BaseLoader reads every scalar as text (`no` stays "no"); this one refuses a key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """As BaseLoader, with doubled keys refused."""
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def parse(path: str, text: str, fault: Callable[[str], Exception]) -> dict[str, Any]:
    """The mapping in `text`; raises `fault("path:line: what")`."""
    try:
        found = yaml.load(text, Loader=_Lines)  # noqa: S506 - a BaseLoader: it makes strings only
    except yaml.YAMLError as broken:
        mark = getattr(broken, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise fault(f"{path}:{line}: {getattr(broken, 'problem', broken)}") from broken
    if not isinstance(found, dict):
        raise fault(f"{path}:1: an entry is a mapping of keys to values")
    return found


def known(
    path: str,
    text: str,
    given: dict[str, Any],
    allowed: Collection[str],
    fault: Callable[[str], Exception],
) -> None:
    """Refuse keys that nobody reads: a typo would be a rule that never fires."""
    for key in given:
        if key not in allowed:
            # A key that stands there already is hardly what was meant.
            rest = [one for one in allowed if one not in given]
            near = difflib.get_close_matches(str(key), rest, 1)
            known_at(f"{path}:{line_of(text, key)}", str(key), near or allowed, fault, "key")


def known_at(place: str, given: str, allowed: Collection[str], fault: Callable[[str], Exception], what: str) -> None:
    """Refuse a name that is not among `allowed`, and name the nearest that is."""
    if given in allowed:
        return
    near = difflib.get_close_matches(given, list(allowed), 1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(allowed))}"
    raise fault(f"{place}: unknown {what} {given!r}{hint}")


def line_of(text: str, key: str) -> int:
    """Line on which `key` stands first: at the head of a line, else within one (`match: {key: ...}`)."""
    lines = text.splitlines()
    inside = re.compile(rf"""(?:^|[\s{{,'"]){re.escape(key)}['"]?\s*:""")
    for number, line in enumerate(lines, 1):
        if line.lstrip(" -").startswith(f"{key}:"):
            return number
    return next((number for number, line in enumerate(lines, 1) if inside.search(line)), 1)
