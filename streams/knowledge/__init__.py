"""The knowledge base: one YAML file an entry. What stands in them: docs/knowledge.md."""

from __future__ import annotations

from pathlib import Path

from streams.logic.knowledge import KnowledgeFault

HERE = Path(__file__).parent


def read(folder: Path | None = None) -> dict[str, str]:
    """Texts of the packaged entries by path (`proposals/EST.yaml`), under those of `folder`.

    Raises `KnowledgeFault` for a file that would be passed over in silence: another ending, no UTF-8.
    """
    return of(HERE) | (of(folder) if folder else {})


def of(folder: Path) -> dict[str, str]:
    """Texts of one folder alone."""
    # A folder deep, links followed, nothing hidden: Kubernetes mounts `proposals` as a link into `..2026_11_25/`.
    paths = {path.relative_to(folder): path for pattern in ("*.y*ml", "*/*.y*ml") for path in folder.glob(pattern)}
    found = {}
    for name, path in sorted(paths.items()):
        if any(part.startswith(".") for part in name.parts):
            continue
        if path.suffix != ".yaml":
            raise KnowledgeFault(f"{name.as_posix()}:1: entries end in .yaml; this file would not be read")
        raw = path.read_bytes()
        try:
            found[name.as_posix()] = raw.decode("utf-8")
        except UnicodeDecodeError as broken:
            line = raw[: broken.start].count(b"\n") + 1
            raise KnowledgeFault(f"{name.as_posix()}:{line}: not UTF-8: {broken.reason}") from broken
    return found
