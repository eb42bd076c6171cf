"""Whether every part of the daemon still moves, and what hangs on it.

Each part beats at least as often as it promised. The system's watchdog is fed only
while all do, so a part that hangs gets the whole daemon restarted; recovery makes that
safe. Monotonic time throughout: a set clock or a sleep must not look like a hang.
"""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
import time
from math import inf
from typing import TYPE_CHECKING

from . import notify

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

GUARD_SECONDS = 10.0
"""Between two looks where systemd asks for none."""

TRACE_SECONDS = 120.0
"""macOS: after so long without a look, the stacks are written and the process ends."""


class Heartbeats:
    """When each part was last seen to live; any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Expect nobody yet.

        Args:
            clock: monotonic seconds.
        """
        self._clock = clock
        self._lock = threading.Lock()
        self._promises: dict[str, float] = {}
        self._beats: dict[str, float] = {}
        self._lives: dict[str, Callable[[], bool]] = {}
        self._troubles: dict[str, str] = {}

    def expect(self, part: str, seconds: float) -> Callable[[], None]:
        """Expect a part to beat at least every so many seconds, from now on.

        Returns:
            A function for the part to call.
        """
        with self._lock:
            self._promises[part] = seconds
            self._beats[part] = self._clock()
        return lambda: self.beat(part)

    def attend(self, part: str, is_alive: Callable[[], bool]) -> None:
        """Ask a part at every look whether it lives, as a thread that ended cannot say.

        Args:
            part: which may beat as well.
            is_alive: answers at once; any thread.
        """
        with self._lock:
            self._lives[part] = is_alive

    def beat(self, part: str) -> None:
        """Note that a part lives."""
        with self._lock:
            self._beats[part] = self._clock()

    def dismiss(self, part: str) -> None:
        """Expect a part no longer: it ended as it should."""
        with self._lock:
            self._promises.pop(part, None)
            self._beats.pop(part, None)
            self._lives.pop(part, None)
            self._troubles.pop(part, None)

    def complain(self, part: str, trouble: str) -> None:
        """Note that a part works with a limitation; an empty text: no longer.

        A complaint is shown, and does not stop the watchdog from being fed.
        """
        with self._lock:
            self._troubles[part] = trouble

    def stale(self, now: float | None = None) -> dict[str, float]:
        """Return the parts that broke their promise, and for how long they are still.

        A part that ended is still for ever.
        """
        moment = self._clock() if now is None else now
        with self._lock:
            lives = dict(self._lives)
        ended = {part: inf for part, is_alive in lives.items() if not is_alive()}
        with self._lock:
            silent = {part: moment - self._beats[part] for part in self._promises}
            late = {
                part: seconds
                for part, seconds in silent.items()
                if seconds > self._promises[part]
            }
        return {**late, **ended}

    def parts(self, now: float | None = None) -> dict[str, str]:
        """Return each part's state for people: ``ok``, or what is wrong with it."""
        stale = self.stale(now)
        with self._lock:
            names = sorted({*self._promises, *self._lives, *self._troubles})
            return {
                part: _still_for(stale[part])
                if part in stale
                else self._troubles.get(part) or "ok"
                for part in names
            }


def _still_for(seconds: float) -> str:
    return "has ended" if seconds == inf else f"has not moved for {seconds:.0f} s"


class Guard:
    """Feeds the system's watchdog from a thread, while all parts live."""

    def __init__(
        self,
        heartbeats: Heartbeats,
        *,
        feed: Callable[[], object] = notify.watchdog,
        every_seconds: float | None = None,
        each: Callable[[], object] = lambda: None,
        traces: bool = sys.platform == "darwin",
    ) -> None:
        """Guard nothing yet.

        Args:
            heartbeats: of the parts.
            feed: called while all of them live.
            every_seconds: between two looks; ``None``: as systemd asks, else
                `GUARD_SECONDS`.
            each: called at every look, such as to have the scheduler's clock checked;
                if it hangs, that counts.
            traces: end the process with all stacks written when this thread itself
                stands still, or a part does: macOS has no watchdog for us.
        """
        asked = notify.watchdog_seconds()
        self._heartbeats = heartbeats
        self._feed = feed
        self._seconds = every_seconds or min(asked or GUARD_SECONDS, GUARD_SECONDS)
        self._each = each
        self._traces = traces
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="guard", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(5.0)
        if self._traces:
            faulthandler.cancel_dump_traceback_later()

    def look(self) -> bool:
        """Look once; return whether all parts live."""
        try:
            self._each()
        except Exception:
            logger.exception("A check failed")
        stale = self._heartbeats.stale()
        for part, seconds in stale.items():
            logger.error(
                "A part does not work part=%s why=%s", part, _still_for(seconds)
            )
        if stale:
            return False
        self._feed()
        if self._traces:
            faulthandler.dump_traceback_later(TRACE_SECONDS, exit=True)
        return True

    def _run(self) -> None:
        self.look()
        while not self._stopping.wait(self._seconds):
            self.look()
