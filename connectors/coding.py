"""Undoes content codings piece by piece: what unpacks to too much is cut off, what lacks its end is a failure."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import brotli

from connectors.base import SourceFault

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PIECE = 256 * 1024
"""Unpacked at a time, in bytes: small enough that the event loop is not held up."""
ACCEPTED = "gzip, deflate, br, zstd"
_WINDOW = 23
"""Base-2 logarithm of the zstd window that RFC 8878 asks of every decoder: 8 MiB."""


class Unpacker(Protocol):
    """One content coding being undone."""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """What `data` unpacks to, at most `PIECE` bytes at a time."""

    def rest(self) -> Iterator[bytes]:
        """What was held back; `SourceFault` when the end never came."""


class _Zlib:
    def __init__(self, coding: str) -> None:
        self.coding = coding
        self._z = zlib.decompressobj(47)
        self._begun = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._z.eof:
                # A gzip body may have several members; what else follows the end is nobody's.
                if self.coding == "deflate" or data[:1] != b"\x1f":
                    return
                self._z = zlib.decompressobj(47)
            try:
                out = self._z.decompress(data, PIECE)
            except zlib.error as fault:
                if self._begun or self.coding != "deflate":
                    raise SourceFault(f"broken {self.coding} body") from fault
                # Some servers mean the bare stream by "deflate", without the two bytes of zlib before it.
                self._z, self._begun = zlib.decompressobj(-15), True
                continue
            self._begun = True
            data = self._z.unused_data if self._z.eof else self._z.unconsumed_tail
            yield out

    def rest(self) -> Iterator[bytes]:
        while not self._z.eof:
            try:
                out = self._z.decompress(b"", PIECE)
            except zlib.error as fault:
                raise SourceFault(f"broken {self.coding} body") from fault
            if not out:
                raise SourceFault(f"truncated {self.coding} body")
            yield out


class _Brotli:
    def __init__(self) -> None:
        self._z: Any = brotli.Decompressor()

    def pieces(self, data: bytes) -> Iterator[bytes]:
        while not self._z.is_finished():
            try:
                out = self._z.process(data, output_buffer_limit=PIECE)
            except brotli.error as fault:
                raise SourceFault("broken br body") from fault
            data = b""
            yield out
            if self._z.can_accept_more_data():
                return

    def rest(self) -> Iterator[bytes]:
        # The decoder may know only when asked once more that what it gave was all.
        yield from self.pieces(b"")
        if not self._z.is_finished():
            raise SourceFault("truncated br body")


class _Zstd:
    def __init__(self) -> None:
        self._z = self._new()
        self._begun = False

    @staticmethod
    def _new() -> Any:
        return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _WINDOW})

    def pieces(self, data: bytes) -> Iterator[bytes]:
        while True:
            if self._z.eof:
                data = self._z.unused_data or data
                if not data:
                    return
                self._z = self._new()
            try:
                out = self._z.decompress(data, PIECE)
            except zstd.ZstdError as fault:
                raise SourceFault("broken zstd body") from fault
            self._begun, data = True, b""
            yield out
            if self._z.needs_input and not self._z.eof:
                return

    def rest(self) -> Iterator[bytes]:
        if not self._z.eof:
            raise SourceFault("truncated zstd body")
        return iter(())


def unpackers(header: str) -> Sequence[Unpacker]:
    """What undoes a Content-Encoding, in the order to apply; `SourceFault` for a coding that nobody offered."""
    names = [name for part in header.split(",") if (name := part.strip().lower()) not in {"", "identity"}]
    if len(names) > 2:
        raise SourceFault(f"packed {len(names)} times")
    found: list[Unpacker] = []
    for name in reversed(names):
        if name in {"gzip", "x-gzip", "deflate"}:
            found.append(_Zlib("deflate" if name == "deflate" else "gzip"))
        elif name == "br":
            found.append(_Brotli())
        elif name == "zstd":
            found.append(_Zstd())
        else:
            raise SourceFault(f"unknown content coding {name[:40]!r}")
    return found


def through(chain: Sequence[Unpacker], data: bytes) -> Iterator[bytes]:
    """`data` through every coding of `chain`, piece by piece."""
    if not chain:
        yield data
        return
    for piece in chain[0].pieces(data):
        yield from through(chain[1:], piece)


def ends(chain: Sequence[Unpacker]) -> Iterator[bytes]:
    """What the codings of `chain` held back; `SourceFault` when one lacks its end."""
    for place, one in enumerate(chain):
        for piece in one.rest():
            yield from through(chain[place + 1 :], piece)


def gunzip(data: bytes, most: int) -> bytes:
    """A file that is gzip itself, such as `sitemap.xml.gz`, unpacked to at most `most` bytes."""
    chain, out = unpackers("gzip"), bytearray()
    for part in (through(chain, data), ends(chain)):
        for piece in part:
            out += piece
            if len(out) > most:
                raise SourceFault(f"unpacks to more than {most} bytes")
    return bytes(out)
