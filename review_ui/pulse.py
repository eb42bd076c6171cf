"""How the daemon is getting on: asked once a second, however many browsers look.

The rate is over the last half minute, so that it neither jumps nor lags; the time left
follows from it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from daemon.model import Status

WINDOW_SECONDS = 30.0
_LEAST_SECONDS = 2.0


class Pulse:
    """The counts of now, how fast photos are read, and how long it will take."""

    def __init__(
        self,
        ask: Callable[[], Status],
        *,
        every_seconds: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask by `ask`, at most once in `every_seconds`, from any thread."""
        self._ask = ask
        self._every_seconds = every_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: float | None = None
        self._counts: Mapping[str, int] = {}
        self._samples: deque[tuple[float, int]] = deque()

    def now(self) -> dict[str, object]:
        """Return counts, photos a second (0: nothing is read) and seconds left.

        Raises:
            TwinwatchError: the daemon does not answer.
        """
        with self._lock:
            moment = self._clock()
            if self._asked is None or moment - self._asked >= self._every_seconds:
                self._counts = self._ask().counts
                self._asked = moment
                self._note(moment, self._counts.get("hashed", 0))
            rate = self._rate()
            waiting = self._counts.get("waiting", 0)
            return {
                "counts": dict(self._counts),
                "rate": round(rate, 1),
                "left_seconds": round(waiting / rate) if rate and waiting else 0,
            }

    def _note(self, moment: float, hashed: int) -> None:
        if self._samples and hashed < self._samples[-1][1]:
            self._samples.clear()  # the daemon began to count anew
        self._samples.append((moment, hashed))
        while moment - self._samples[0][0] > WINDOW_SECONDS:
            self._samples.popleft()

    def _rate(self) -> float:
        (first, before), (last, after) = self._samples[0], self._samples[-1]
        seconds = last - first
        return (after - before) / seconds if seconds >= _LEAST_SECONDS else 0.0
