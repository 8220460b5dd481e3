"""Which addresses may be connected to: the open internet, and what the operator named."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import SplitResult, urlsplit

from connectors.base import SourceFault
from streams.settings import SettingsFault

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
_REFUSED = [ipaddress.ip_network(n) for n in ("::/96", "64:ff9b:1::/48", "fec0::/10")]
PORTS = {"http": 80, "https": 443}


class Refused(SourceFault, OSError):  # noqa: N818 - named for whose fault it is, as all our faults
    """An address that must not be connected to; of a name with several addresses the next one may be tried."""


def public(ip: _Address) -> bool:
    """Whether an address is on the open internet, whatever it is wrapped in (mapped, 6to4, Teredo, NAT64)."""
    if not ip.is_global or ip.is_multicast:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return True
    if any(ip in network for network in _REFUSED):
        return False
    inside = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if ip in _TRANSLATED:
        inside.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return all(public(one) for one in inside if one is not None)


def check(host: str, port: int, allow: frozenset[str]) -> None:
    """`SourceFault` when `host`, an address as digits, is neither public nor allowed with that port."""
    ip: _Address = ipaddress.ip_address(host.partition("%")[0])
    plain = getattr(ip, "ipv4_mapped", None) or ip
    if not public(ip) and f"{host}:{port}" not in allow and f"{plain}:{port}" not in allow:
        shown = f"[{host}]" if ":" in host else host
        raise Refused(
            f"refused: {shown}:{port} is not a public address (TREATYWATCH_ALLOW names exceptions)", "refused"
        )


def guard(allow: Callable[[], frozenset[str]]) -> Any:
    """A socket factory that checks every resolved address right before it is connected to."""

    def make(info: tuple[Any, ...]) -> socket.socket:
        family, kind, proto, _, address = info
        check(address[0], address[1], allow())
        return socket.socket(family, kind, proto)

    return make


def target(url: str, allow: frozenset[str]) -> SplitResult:
    """The parts of an address that may be asked; `SourceFault` for another scheme or a private literal."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as fault:
        raise SourceFault(f"refused: not an address: {fault}", "refused") from fault
    if parts.scheme not in PORTS or not parts.hostname:
        raise SourceFault(f"refused: {parts.scheme or 'no'} scheme", "refused")
    try:
        ipaddress.ip_address(parts.hostname.partition("%")[0])
    except ValueError:
        return parts
    check(parts.hostname, port or PORTS[parts.scheme], allow)
    return parts


def place(url: str) -> str:
    """Host and port of an address: what manners are kept towards."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname}:{parts.port or PORTS.get(parts.scheme, 0)}"
    except ValueError:
        return url


def allowed(text: str) -> frozenset[str]:
    """HOST:PORT,... as a set; localhost stands for both loopback addresses. `SettingsFault` for anything else."""
    found = set()
    for one in filter(None, (part.strip() for part in text.split(","))):
        host, _, port = one.rpartition(":")
        if not host or "/" in host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise SettingsFault(f"allow: {one!r} is not accepted; it takes HOST:PORT, and several with commas between")
        hosts = ("127.0.0.1", "::1") if host == "localhost" else (host.strip("[]").lower(),)
        found |= {f"{h}:{port}" for h in hosts}
    return frozenset(found)
