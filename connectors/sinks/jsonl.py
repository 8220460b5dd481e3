"""A file of JSON lines, one alert a line as it stood in the topic; rotated by size."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from connectors.sinks import declared
from connectors.sinks.parcel import Parcel, SinkFault


class File:
    """Appends whole lines, and tells only when they are on the disk."""

    def __init__(self, given: declared.File, folder: Path) -> None:
        self._path = folder / given.path
        self._most, self._keep = round(given.megabytes * 1_000_000), given.keep
        self.where = f"file {self._path}"

    async def give(self, parcel: Parcel) -> dict[str, str]:
        """Append the parcel's alerts. A sample is not kept: who reads the file takes each line for news."""
        lines = b"".join(told.raw + b"\n" for told in parcel.alerts)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = self._locked()
            try:
                # A writer that died within a line left a piece of one; what it was is given again, whole.
                end = _whole(handle)
                if end and end + len(lines) > self._most:
                    self._rotate()
                    os.close(handle)
                    handle = self._locked()
                    end = _whole(handle)
                if not parcel.test:
                    _write(handle, lines, end)
            finally:
                os.close(handle)
        except OSError as fault:
            raise SinkFault(f"cannot be written: {fault.strerror}", away=True) from None
        return {}

    def _locked(self) -> int:
        """The file, ours alone until it is closed: an older process for this sink may still be at its last line."""
        while True:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o640)
            fcntl.flock(handle, fcntl.LOCK_EX)
            try:
                if os.fstat(handle).st_ino == self._path.stat().st_ino:
                    return handle
            except FileNotFoundError:
                pass  # rotated away while we waited
            os.close(handle)

    def _rotate(self) -> None:
        """`alerts.jsonl` becomes `alerts.jsonl.1`, that `.2`, and so on."""
        names = [self._path, *(self._path.with_name(f"{self._path.name}.{n}") for n in range(1, self._keep + 1))]
        if self._keep == 0:
            self._path.unlink()
        for older, newer in zip(names[:0:-1], names[-2::-1], strict=True):
            if newer.exists():
                newer.replace(older)

    def secrets(self) -> list[str]:
        """None."""
        return []

    async def close(self) -> None:
        """Nothing is kept open: whoever rotates it by other means is free to."""


def _whole(handle: int) -> int:
    """The offset behind the last whole line; what stands behind that is cut off."""
    end = size = os.lseek(handle, 0, os.SEEK_END)
    while end:
        begin = max(0, end - 65536)
        at = os.pread(handle, end - begin, begin).rfind(b"\n")
        if at >= 0:
            end = begin + at + 1
            break
        end = begin
    if end != size:
        os.ftruncate(handle, end)
    return end


def _write(handle: int, lines: bytes, at: int) -> None:
    left = memoryview(lines)
    try:
        while left:
            done = os.pwrite(handle, left, at + len(lines) - len(left))
            left = left[done:]
    except OSError:
        os.ftruncate(handle, at)  # a full disk: no piece of a line stays
        raise
    os.fdatasync(handle)
