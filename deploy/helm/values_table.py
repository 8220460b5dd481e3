"""The table of values in the chart's README, from the comments `# --` in values.yaml; written by `make docs`.

A comment `# -- text` stands before its key, goes on in the comment lines after it, and may end with
`# @default -- words` where the default is too long for a table. What is below a key with a comment needs none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parent / "treatywatch"
BEGIN, END = "<!-- values: written by `make docs` -->", "<!-- end of values -->"
_KEY = re.compile(r"^( *)([A-Za-z0-9]+):")
_COMMENT = re.compile(r"^ *# ?(.*)$")


def described(text: str) -> Iterator[tuple[str, str, str | None]]:
    """Path, meaning, and default in words where it is given so, of each value with a comment."""
    path: list[tuple[int, str]] = []
    said: list[str] | None = None
    for line in text.splitlines():
        key, comment = _KEY.match(line), _COMMENT.match(line)
        if comment:
            words = comment[1]
            if words.startswith("-- "):
                said = [words[3:]]
            elif said is not None:
                said.append(words)
        elif key:
            depth = len(key[1])
            path = [*(one for one in path if one[0] < depth), (depth, key[2])]
            if said is not None:
                default = said.pop().removeprefix("@default -- ") if said[-1].startswith("@default -- ") else None
                yield ".".join(name for _, name in path), " ".join(said), default
            said = None
        else:
            said = None


def value(values: dict[str, Any], path: str) -> Any:
    """The value at a path with dots."""
    found: Any = values
    for name in path.split("."):
        found = found[name]
    return found


def table(text: str) -> str:
    """The table in Markdown."""
    values = yaml.safe_load(text)
    rows = ["| value | default | meaning |", "|---|---|---|"]
    for path, meaning, default in described(text):
        shown = default or f"`{json.dumps(value(values, path), ensure_ascii=False)}`"
        rows.append(f"| `{path}` | {shown} | {meaning} |".replace("||", "| |"))
    return "\n".join(rows)


def page(before: str, text: str) -> str:
    """The README with the table as it should be."""
    head, _, rest = before.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{table(text)}\n{END}{tail}"


if __name__ == "__main__":
    readme = CHART / "README.md"
    readme.write_text(page(readme.read_text(encoding="utf-8"), (CHART / "values.yaml").read_text(encoding="utf-8")))
