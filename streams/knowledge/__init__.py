"""The knowledge base: one YAML file an entry. What stands in them: docs/knowledge.md."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent


def read(folder: Path | None = None) -> dict[str, str]:
    """Texts of the packaged entries by path (`proposals/EST.yaml`), under those of `folder`."""
    return _texts(HERE) | (_texts(folder) if folder else {})


def _texts(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.yaml"))
    }
