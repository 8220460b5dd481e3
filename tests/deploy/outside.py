"""A machine far away, to find out which containers reach it: a network of its own behind this one, as the internet is.

Its one road leads to this machine and it knows no road back to containers, so it answers only connections whose
addresses were translated on the way, as a host of the internet would. Who asks is a probe in the very network of the
container under test, by raw TCP: the same question for each, whatever its image has in it.
"""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from tests.deploy.stack import ROOT, Stack, docker, eventually, inspect

IMAGE = "treatywatch:0.1.0"
TOOLS = "prom/alertmanager:v0.34.2"
"""Has busybox, so `ip` and `nsenter`."""

FAR, NEAR = "198.51.100.2", "198.51.100.1"
"""Of the block that RFC 5737 keeps for documentation: nobody has them."""

ROAD = f"""set -e
ip link del twfar 2>/dev/null || true  # one that a run left which was cut off, or that goes just now
ip link add twfar type veth
peer=$(ip link | sed -n 's/.*: \\([a-z0-9]*\\)@twfar:.*/\\1/p')
ip link set "$peer" netns PID
ip addr add {NEAR}/30 dev twfar
ip link set twfar up
nsenter -t PID -n ip addr add {FAR}/30 dev "$peer"
nsenter -t PID -n ip link set "$peer" up
"""

LISTENS = "import socket; socket.create_connection(('127.0.0.1', 8000), 5).close(); print('yes')"

PROBE = """
import asyncio, sys
async def ask(address):
    host, _, port = address.rpartition(":")
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), 4)
    except (OSError, TimeoutError) as fault:
        return f"not {address} {fault}"
    writer.close()
    return f"reached {address}"
async def all_of_them():
    print("\\n".join(await asyncio.gather(*map(ask, sys.argv[1:]))))
asyncio.run(all_of_them())
"""


@contextmanager
def far_away() -> Iterator[str]:
    """HOST:PORT of a listener far away, for as long as the block lasts."""
    name = f"treatywatch-far-{uuid.uuid4().hex[:8]}"
    docker(
        "run", "-d", "--rm", "--name", name, "--network", "none", "-v", f"{ROOT}/tests/deploy/world.py:/world.py:ro",
        "--entrypoint", "python", IMAGE, "/world.py",
    )  # fmt: skip
    try:
        # Its process runs; it listens a moment later.
        eventually("the machine far away listens", lambda: docker("exec", name, "python", "-c", LISTENS) == "yes\n")
        docker(
            "run", "--rm", "--privileged", "--network", "host", "--pid", "host", "--user", "0", "--entrypoint", "sh",
            TOOLS, "-c", ROAD.replace("PID", str(inspect(name)["State"]["Pid"])),
        )  # fmt: skip
        yield f"{FAR}:8000"
    finally:
        docker("rm", "-f", name)  # the road goes with its end


@contextmanager
def listening(host: str) -> Iterator[int]:
    """A port of this machine on which somebody listens."""
    with socket.create_server((host, 0)) as found:
        yield found.getsockname()[1]


def reached_by(container: str, *addresses: str) -> set[str]:
    """Which of these HOST:PORT a container gets a TCP connection to, asked from its own network."""
    said = docker(
        "run", "--rm", "--network", f"container:{container}", "--entrypoint", "python", IMAGE, "-c", PROBE, *addresses
    )
    return {line.split()[1] for line in said.splitlines() if line.startswith("reached ")}


def reaching(stack: Stack, address: str) -> set[str]:
    """Services of the stack that get a TCP connection to HOST:PORT, asked from each container's own network."""
    services = [s for s in stack.compose("ps", "--services").split() if s != "world"]
    assert len(services) >= 7, services
    with ThreadPoolExecutor(4) as pool:
        said = pool.map(lambda service: [reached_by(c, address) for c in stack.containers(service)], services)
    return {service for service, answers in zip(services, said, strict=True) if any(answers)}


def gateways(container: str) -> list[str]:
    """Addresses under which a container would look for this machine in each of its networks."""
    found = []
    for name in inspect(container)["NetworkSettings"]["Networks"]:
        rows = docker("network", "inspect", "-f", "{{range .IPAM.Config}}{{.Gateway}} {{end}}", name).split()
        found += [row for row in rows if "." in row]
    return found
