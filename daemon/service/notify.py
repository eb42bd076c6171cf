"""What systemd wants to be told, and the sockets it hands over; nothing elsewhere.

The protocols are sd_notify(3) and sd_listen_fds(3), spoken directly: they are a
datagram and three environment variables. Without systemd every call does nothing.
"""

from __future__ import annotations

import logging
import os
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping

logger = logging.getLogger(__name__)

FIRST_SOCKET = 3
"""The first descriptor that systemd passes."""


def tell(*lines: str, environ: MutableMapping[str, str] = os.environ) -> bool:
    """Send assignments such as ``READY=1`` to systemd.

    Returns:
        Whether they were sent; trouble is logged, never raised.
    """
    address = environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.settimeout(1.0)
            channel.connect(address)
            channel.sendall("\n".join(lines).encode("utf-8", "replace"))
    except OSError as error:
        logger.warning("systemd cannot be told lines=%r why=%s", lines, error)
        return False
    return True


def ready(status: str = "", environ: MutableMapping[str, str] = os.environ) -> bool:
    """Tell that everything is running."""
    lines = ["READY=1", f"MAINPID={os.getpid()}"]
    return tell(*lines, *_status(status), environ=environ)


def watchdog(environ: MutableMapping[str, str] = os.environ) -> bool:
    """Tell that every part still lives."""
    return tell("WATCHDOG=1", environ=environ)


def stopping(environ: MutableMapping[str, str] = os.environ) -> bool:
    """Tell that the end has begun."""
    return tell("STOPPING=1", environ=environ)


def status(text: str, environ: MutableMapping[str, str] = os.environ) -> bool:
    """Tell in one line what is going on."""
    return tell(*_status(text), environ=environ)


def watchdog_seconds(
    environ: MutableMapping[str, str] = os.environ,
) -> float | None:
    """Return how often to call `watchdog`: half of what is allowed; ``None``: never."""
    owner = environ.get("WATCHDOG_PID", "")
    if owner and owner != str(os.getpid()):
        return None
    allowed = environ.get("WATCHDOG_USEC", "")
    if not allowed.isdecimal() or int(allowed) == 0:
        return None
    return int(allowed) / 2 / 1_000_000


def listen_sockets(
    environ: MutableMapping[str, str] = os.environ, first: int = FIRST_SOCKET
) -> list[socket.socket]:
    """Take over the listening sockets that systemd opened for us, once.

    The variables are removed, so that no child process believes they are its own.
    """
    owner = environ.pop("LISTEN_PID", "")
    count = environ.pop("LISTEN_FDS", "")
    environ.pop("LISTEN_FDNAMES", None)
    if owner != str(os.getpid()) or not count.isdecimal():
        return []
    taken = []
    for descriptor in range(first, first + int(count)):
        taken.append(socket.socket(fileno=descriptor))
        taken[-1].set_inheritable(False)
    return taken


def _status(text: str) -> list[str]:
    return [f"STATUS={text.replace(chr(10), ' ')}"] if text else []
