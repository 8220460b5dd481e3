"""Libraries that open connections by themselves, kept to the connectors' rules of what may be reached.

Python announces every connection of a socket before it is made (audit event `socket.connect`), with the address that
the name was resolved to. Within `guarded` that address is checked; elsewhere nothing changes.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import ipaddress
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from connectors.address import Refused, check

T = TypeVar("T")
_allowed: contextvars.ContextVar[frozenset[str] | None] = contextvars.ContextVar("allowed", default=None)
_refused: contextvars.ContextVar[list[str] | None] = contextvars.ContextVar("refused", default=None)


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "socket.connect":
        return
    allow = _allowed.get()
    if allow is None:
        return
    address = arguments[1]
    if not isinstance(address, tuple):
        raise Refused(f"refused: {address!r} is no address of the internet", "refused")
    host, port = str(address[0]), int(address[1])
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        raise Refused(f"refused: {host}:{port} was not resolved before it was connected to", "refused") from None
    try:
        check(host, port, allow)
    except Refused as fault:
        if (noted := _refused.get()) is not None:
            noted.append(str(fault))
        raise


def refusals() -> list[str]:
    """What was refused in this guarded call so far: for libraries that do not say why they failed."""
    return list(dict.fromkeys(_refused.get() or []))


@functools.cache
def _hook() -> None:
    sys.addaudithook(_look)


def resolved(allow: frozenset[str]) -> frozenset[str]:
    """`allow` with the addresses that its names stand for now."""
    found = set(allow)
    for one in allow:
        host, _, port = one.rpartition(":")
        try:
            found |= {f"{info[4][0]}:{port}" for info in socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)}
        except (OSError, ValueError):
            continue  # not a name now: nothing that it could stand for
    return frozenset(found)


async def guarded(call: Callable[[], T], allow: frozenset[str]) -> T:
    """Run `call` in a thread of its own, which must not connect to where connectors must not.

    The thread is none that the end of the process waits for: what hangs in a library does not hang us.
    """
    _hook()
    loop = asyncio.get_running_loop()
    found: asyncio.Future[T] = loop.create_future()

    def tell(result: T | None, fault: BaseException | None) -> None:
        if found.done():
            return
        if fault is not None:
            found.set_exception(fault)
        else:
            found.set_result(result)  # type: ignore[arg-type]  # there is a result where there is no fault

    def run() -> None:
        _allowed.set(resolved(allow))
        _refused.set([])
        result, fault = None, None
        try:
            result = call()
        except Exception as raised:  # noqa: BLE001 - handed to who waits
            fault = raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, result, fault)

    threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True).start()
    return await found
