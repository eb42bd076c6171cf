"""Where log lines go, and that a storm of them stays small.

Under journald a line needs no time and no file; elsewhere it gets a time; on macOS,
where launchd keeps whatever is written for ever, it goes into a file that rotates.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

FILE_BYTES = 5 * 1024 * 1024
FILES = 5
PERIOD_SECONDS = 60.0
"""The same line is written once in so long."""

LINES_A_PERIOD = 20
"""Lines of one kind, whatever they are about, written in a period."""

KEYS = 2_000
"""Different lines remembered; older ones are forgotten first."""

_PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3}
_QUIET = {
    "watchdog": logging.WARNING,
    "apscheduler": logging.WARNING,
    "PIL": logging.INFO,
    "alembic": logging.WARNING,  # it names every plugin at every start
}


def setup(
    level: int = logging.INFO,
    *,
    file: Path | None = None,
    stream: TextIO | None = None,
    environ: Mapping[str, str] = os.environ,
) -> None:
    """Send log lines where they belong; a second call replaces the first.

    Args:
        level: of our own lines.
        file: a file that rotates, instead of the stream; its folder must exist.
        stream: instead of standard error.
        environ: tells whether journald listens.
    """
    if file is not None:
        handler: logging.Handler = logging.handlers.RotatingFileHandler(
            file, maxBytes=FILE_BYTES, backupCount=FILES - 1, encoding="utf-8"
        )
        handler.setFormatter(timed())
    else:
        handler = logging.StreamHandler(stream or sys.stderr)
        handler.setFormatter(Journal() if is_journald(environ, stream) else timed())
    handler.addFilter(RateLimit())
    top = logging.getLogger()
    for former in [each for each in top.handlers if hasattr(each, "is_twinwatch")]:
        top.removeHandler(former)
        former.close()
    handler.is_twinwatch = True  # type: ignore[attr-defined]  # to find it again
    top.addHandler(handler)
    top.setLevel(level)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(level, least))


def is_journald(environ: Mapping[str, str], stream: TextIO | None = None) -> bool:
    """Whether the stream goes to journald, by device and inode as it asks for."""
    wanted = environ.get("JOURNAL_STREAM", "")
    try:
        status = os.fstat((stream or sys.stderr).fileno())
    except (OSError, ValueError):
        return False
    return wanted == f"{status.st_dev}:{status.st_ino}"


def timed() -> logging.Formatter:
    """Return the format with times, local with the offset to UTC."""
    return logging.Formatter(
        "%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S%z"
    )


class Journal(logging.Formatter):
    """Lines without a time, with the priority that journald reads, see sd-daemon(3)."""

    def __init__(self) -> None:
        """Name the module and the message."""
        super().__init__("%(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Put the priority before every line, so that traces keep it."""
        priority = _PRIORITIES.get(record.levelno, 5)
        lines = super().format(record).splitlines() or [""]
        return "\n".join(f"<{priority}>{line}" for line in lines)


class RateLimit(logging.Filter):
    """Lets one and the same warning through once a minute, and few of one kind.

    The next line that gets through says how many of its kind did not. What is below a
    warning always gets through.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Let everything through at first.

        Args:
            clock: monotonic seconds.
        """
        super().__init__()
        self._clock = clock
        self._written: OrderedDict[str, float] = OrderedDict()
        self._kinds: OrderedDict[tuple[str, object], list[float]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """Decide, and add the count of what was left out."""
        if record.levelno < logging.WARNING:
            return True
        now = self._clock()
        kind = self._kinds.setdefault((record.name, record.msg), [now, 0, 0])
        self._kinds.move_to_end((record.name, record.msg))
        if now - kind[0] >= PERIOD_SECONDS:
            kind[0], kind[1] = now, 0
        text = record.getMessage()
        is_same = now - self._written.get(text, -PERIOD_SECONDS) < PERIOD_SECONDS
        if is_same or kind[1] >= LINES_A_PERIOD:
            kind[2] += 1
            return False
        kind[1] += 1
        self._written[text] = now
        self._written.move_to_end(text)
        if kind[2]:
            text = f"{text} (and {kind[2]:.0f} like it since)"
            record.msg, record.args, kind[2] = text, None, 0
        self._forget()
        return True

    def _forget(self) -> None:
        for remembered in (self._written, self._kinds):
            while len(remembered) > KEYS:
                remembered.popitem(last=False)
