"""`sources poll` of an address that must not be reached, however it is spelled and whoever names it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sources.poll import run
from tests.connectors.hostile import Hostile

SPELLINGS = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0", "0.0.0.0",
    "127.0.0.1.", "localhost", "LOCALHOST", "localhost.", "127.8.9.10", "%31%32%37.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1",
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]", "user:pass@127.0.0.1", "8.8.8.8@127.0.0.1",
]  # fmt: skip
OTHERS = [
    "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://10.0.0.1/", "http://192.168.1.1/",
    "http://172.16.0.1/", "http://100.64.0.1/", "http://198.18.0.1/", "http://[fe80::1]/", "http://[fc00::1]/",
    "http://[ff02::1]/", "http://224.0.0.1/", "http://255.255.255.255/", "http://metadata.google.internal/",
    "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "data:text/xml,<rss/>", "//x/", "x",
]  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[Hostile]:
    hostile = Hostile().start()
    yield hostile
    hostile.stop()


@pytest.mark.parametrize("host", SPELLINGS)
def test_an_inner_address_is_refused_in_every_spelling(host: str, server: Hostile, tmp_path: Path) -> None:
    url = f"http://{host}:{server.private_port}/secret"

    assert run(url, "feed", tmp_path / "state", tmp_path / "out", server.allow, full_text=False) == 3
    assert server.trespasses == []


@pytest.mark.parametrize("url", OTHERS)
def test_other_inner_places_and_schemes_are_refused(url: str, tmp_path: Path) -> None:
    assert run(url, "feed", tmp_path / "state", tmp_path / "out", "", full_text=False) == 3
    assert (tmp_path / "out").read_bytes() == b""


def test_a_name_that_changes_its_address_leads_nowhere(
    server: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the name is asked for when it is connected to, and what is connected to is what was checked."""
    asked = []
    real = socket.getaddrinfo

    def rebinding(host: str | bytes | None, port: str | int | None, *more: object, **named: object) -> object:
        if host != "rebinding.example":
            return real(host, port, *more, **named)  # type: ignore[arg-type]
        asked.append(host)
        address = "93.184.215.14" if len(asked) % 2 == 0 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, server.private_port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    url = f"http://rebinding.example:{server.private_port}/secret"

    assert run(url, "feed", tmp_path / "state", tmp_path / "out", server.allow, full_text=False) == 3
    assert asked
    assert server.trespasses == []
