"""Is this part doing its work? Asked by container health checks and by people."""

from __future__ import annotations

import asyncio
import contextlib
import urllib.error
import urllib.request
from pathlib import Path

from streams.ops import meters

LOOK = 5.0
"""Seconds between looks at the broker."""


def check(part: str, host: str, port: int) -> tuple[bool, str]:
    """Whether `part` says that it is well on its metrics port; and in words."""
    address = f"http://{host}:{port or meters.PORTS[part]}/metrics"
    try:
        with urllib.request.urlopen(address, timeout=3) as answer:
            text = answer.read(4_000_000).decode()
    except (urllib.error.URLError, TimeoutError, OSError) as fault:
        return False, f"{part} does not answer on {host}:{port or meters.PORTS[part]}: {fault}"
    wanted = f'{meters.P}healthy{{part="{part}"}} '
    for line in text.splitlines():
        if line.startswith(wanted):
            well = float(line.removeprefix(wanted)) == 1.0
            return well, f"{part} is well" if well else f"{part} is up, and not at work (yet)"
    return False, f"what answers on {host}:{port or meters.PORTS[part]} is not treatywatch {part}"


def note(data: Path, part: str, port: int) -> None:
    """Write down where `part` of this data folder tells its metrics: its own port may have been taken."""
    with contextlib.suppress(OSError):
        _place(data, part).parent.mkdir(parents=True, exist_ok=True)
        _place(data, part).write_text(str(port))


def ports(data: Path, part: str) -> list[int]:
    """Where `part` may tell its metrics: the port that was noted last, and its own; at least one."""
    noted = list[int]()
    with contextlib.suppress(OSError, ValueError):
        noted.append(int(_place(data, part).read_text()))
    return list(dict.fromkeys([*noted, meters.PORTS[part]]))


def _place(data: Path, part: str) -> Path:
    return data / "metrics" / f"{part}.port"


async def broker_answers(bootstrap: str) -> bool:
    """Whether one of the brokers (HOST:PORT,...) takes connections; what it then says is the clients' to see."""
    for address in bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        with contextlib.suppress(OSError, TimeoutError, ValueError):
            _, writer = await asyncio.wait_for(asyncio.open_connection(host.strip("[]"), int(port)), 2)
            writer.close()
            return True
    return False


async def watch_broker(bootstrap: str) -> None:
    """Keep `treatywatch_broker_up` true to what this process sees, until cancelled."""
    while True:
        meters.BROKER_UP.set(await broker_answers(bootstrap))
        await asyncio.sleep(LOOK)
