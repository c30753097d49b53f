"""Which process is at the other end of a connection on this machine, from /proc."""

import os
from collections.abc import Iterable
from pathlib import Path


def holder(port: int, pids: Iterable[int]) -> int | None:
    """The one of these processes that holds a TCP socket with this local port on loopback."""
    sockets = sockets_at(f"0100007F:{port:04X}")
    for pid in pids:
        try:
            links = [os.readlink(fd) for fd in Path(f"/proc/{pid}/fd").iterdir()]
        except OSError:  # it has ended, or just closed a file
            continue
        if sockets & set(links):
            return pid
    return None


def sockets_at(address: str) -> set[str]:
    """The sockets with this local address, as links in /proc/…/fd spell them."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return {f"socket:[{row[9]}]" for row in rows if row[1] == address}
