"""The knowledge base: one YAML file an entry. What stands in them: docs/knowledge.md."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent


def read(folder: Path | None = None) -> dict[str, str]:
    """Texts of the packaged entries by path (`proposals/EST.yaml`), under those of `folder`."""
    return _texts(HERE) | (_texts(folder) if folder else {})


def _texts(folder: Path) -> dict[str, str]:
    # A folder deep, links followed, nothing hidden: Kubernetes mounts `proposals` as a link into `..2026_11_25/`.
    found = ((path.relative_to(folder), path) for pattern in ("*.yaml", "*/*.yaml") for path in folder.glob(pattern))
    return {
        name.as_posix(): path.read_text(encoding="utf-8")
        for name, path in sorted(found)
        if not any(part.startswith(".") for part in name.parts)
    }
