"""The watch rules: one YAML file a rule."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent

SIDES = "sides.yaml"
"""Which side an actor is on: every bundle of rules has it."""


def read(folder: Path | None = None) -> dict[str, str]:
    """Texts of the packaged rules by file name, under those of `folder`."""
    return _texts(HERE) | (_texts(folder) if folder else {})


def _texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml"))}
