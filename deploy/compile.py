"""Compiles the tagger with mypyc, for `streams.compiled` to find: `python -m deploy.compile`.

Where something is lacking for it, or the compiler fails, one line says so: treatywatch works the same without, only
slower. What was built from the same sources for the same interpreter is not built again.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from streams import compiled

ROOT = compiled.HERE.parent
LEFT = "the tagger stays pure Python, with the same output at three quarters of the speed"
OPTIONS = ["--config-file=", "--ignore-missing-imports"]
"""Of mypy: whether the types are right is asked by `make lint`, with its own settings."""


def lacking() -> str | None:
    """What compiling needs and is not here."""
    command = (sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(command) is None:
        return f"no C compiler ({command})"
    if not (Path(sysconfig.get_path("include")) / "Python.h").is_file():
        return "no headers of Python (Python.h)"
    missing = [name for name in ("mypyc", "setuptools") if importlib.util.find_spec(name) is None]
    return f"no {missing[0]} (requirements-compile.lock)" if missing else None


def build(into: Path) -> None:
    """Compile the modules into a folder, laid out as packages are; raises what the compilers raise."""
    import setuptools  # noqa: PLC0415 - mypyc asks which build tool has been imported
    from mypyc.build import mypycify  # noqa: PLC0415 - not installed where nothing is compiled

    with tempfile.TemporaryDirectory() as work:
        # By names below the root, which is where tracebacks then look for the lines.
        names = [path.relative_to(ROOT).as_posix() for path in compiled.sources()]
        extensions = mypycify(
            [*OPTIONS, f"--cache-dir={work}/mypy", *names],
            opt_level="2",
            debug_level="0",
            group_name=compiled.GROUP,
            target_dir=f"{work}/c",
        )
        # Not through setup(), which would take this project's own settings for its.
        command = setuptools.Distribution({"ext_modules": extensions}).get_command_obj("build_ext")
        command.build_lib, command.build_temp = str(into), f"{work}/o"
        command.ensure_finalized()
        command.run()


def main() -> str:
    """Build what is not built, and announce it: it takes a while. What there is to say in the end, mostly nothing."""
    folder = compiled.BUILT / compiled.key()
    if folder.is_dir() or os.environ.get(compiled.PURE, "0") != "0":
        return ""
    lacks = lacking()
    if lacks:
        return f"treatywatch: {lacks}: {LEFT}"
    compiled.BUILT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=compiled.BUILT, ignore_cleanup_errors=True) as work:
        sys.stdout.write("treatywatch: compiling the tagger, once for these sources; a minute or two ...\n")
        sys.stdout.flush()
        made = Path(work) / "made"
        command = [sys.executable, "-m", "deploy.compile", str(made)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
        if done.returncode:
            return f"{done.stdout[-2000:]}{done.stderr[-2000:]}treatywatch: the compiler failed: {LEFT}"
        for old in compiled.BUILT.iterdir():
            if old != Path(work):
                shutil.rmtree(old, ignore_errors=True)
        made.rename(folder)
    return "treatywatch: the tagger is compiled"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        build(Path(sys.argv[1]))
    else:
        said = main()
        sys.stdout.write(f"{said}\n" if said else "")
