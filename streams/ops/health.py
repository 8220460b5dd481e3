"""Is this part doing its work? Asked by container health checks and by people."""

from __future__ import annotations

import urllib.error
import urllib.request

from streams.ops import meters


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
