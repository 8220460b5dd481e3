"""Finds the compiled form of the tagger's modules, where one was built from exactly these sources.

`python -m deploy.compile` (run by `make`) compiles the modules below with mypyc into `streams/_compiled/<key>`. The key
is a digest of their sources and of what they lean on: an edit changes it, so what was built before is passed over and
the edit is what runs. `PURE_PYTHON=1` in the environment passes over everything built.

A finder, not files beside the sources: those would be preferred by Python whatever had become of the source.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from hashlib import sha256
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).resolve().parent
BUILT = HERE / "_compiled"
GROUP = "treatywatch"
SHARED = f"{GROUP}__mypyc"
"""The module that holds all the code; the others only name their share of it."""

PURE = "PURE_PYTHON"
"""The environment variable that says to compile nothing and use nothing compiled, as with other libraries."""

_COMPILED = (
    "logic/clues.py", "logic/gate.py", "logic/haystack.py", "logic/phrases.py", "logic/search.py", "logic/symbols.py",
    "logic/words.py", "logic/tag/*.py",
)  # fmt: skip
_RECORDS = ("contracts/records/*.py", "logic/knowledge.py", "logic/tag/__init__.py", "logic/tag/findings.py")
"""Not compiled, mostly because msgspec makes its own classes, but what is compiled knows the types of their fields."""


def _files(patterns: Sequence[str]) -> list[Path]:
    return sorted(path for pattern in patterns for path in HERE.glob(pattern))


def sources() -> list[Path]:
    """The files that are compiled, in order."""
    records = _files(_RECORDS)
    return [path for path in _files(_COMPILED) if path not in records]


def keyed() -> list[Path]:
    """The files that the key is of, in order."""
    return _files(_COMPILED + _RECORDS)


def key() -> str:
    """What names the compiled form of the sources as they stand, for this interpreter."""
    digest = sha256(EXTENSION_SUFFIXES[0].encode())
    for path in keyed():
        digest.update(b"\0%b\0" % path.relative_to(HERE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:20]


class Finder:
    """Finds compiled modules in a folder, before the path is searched for their sources."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            ".".join(path.relative_to(folder).parts).removesuffix(EXTENSION_SUFFIXES[0]): path
            for path in folder.rglob(f"*{EXTENSION_SUFFIXES[0]}")
        }

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As `importlib.abc.MetaPathFinder`; nothing of a module that is not compiled."""
        file = self._files.get(name)
        return spec_from_file_location(name, file, loader=ExtensionFileLoader(name, str(file))) if file else None


def _choose() -> str:
    if os.environ.get(PURE, "0") != "0":
        return f"pure Python, as {PURE} asks"
    if not BUILT.is_dir():
        return "pure Python, as nothing was compiled"
    folder = BUILT / key()
    if not folder.is_dir():
        return "pure Python, as the sources are not those that were compiled"
    sys.meta_path.insert(0, Finder(folder))
    return "compiled"


FORM = _choose()
"""What the tagger runs as: "compiled", or "pure Python" and why."""
