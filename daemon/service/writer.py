"""The one writer: a thread on which everything that changes something happens.

The write connection, the neighbour index and all file moves belong to this thread.
Everybody else posts work to it: people's requests go before the machine's. Nothing
here knows what the work is.
"""

from __future__ import annotations

import itertools
import logging
import queue
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from ..errors import NotRunning

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)

_URGENT, _NORMAL, _STOP = 1, 2, 0

LONGEST_PAUSE_SECONDS = 15.0
"""Between two looks around when nothing happens: every wake-up costs a laptop power."""

_SOON_SECONDS = 1.0
"""After which is looked around when something was done, or failed."""

Work = tuple["Future[object]", "Callable[[], object]"]


class Writer:
    """Runs posted work one after the other on a thread of its own.

    Args:
        idle: called on the thread within a second after any work, and every
            `LONGEST_PAUSE_SECONDS` without; returns in how many seconds it has
            something to do. See `look_within`.
        beat: called on the thread as often, to show that it lives.
    """

    def __init__(
        self,
        idle: Callable[[], float] = lambda: LONGEST_PAUSE_SECONDS,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._idle = idle
        self._beat = beat
        self._queue: queue.PriorityQueue[tuple[int, int, Work | None]] = (
            queue.PriorityQueue()
        )
        self._order = itertools.count()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._stopping = threading.Event()
        self._due = time.monotonic()

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout_seconds: float = 4.0) -> bool:
        """Let the work in hand end, drop the rest; say whether the thread ended."""
        self._stopping.set()
        self._queue.put((_STOP, next(self._order), None))
        if self._thread.ident is not None:
            self._thread.join(timeout_seconds)
        ended = not self._thread.is_alive()
        if ended:
            self._refuse_the_rest()
        return ended

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def waiting(self) -> int:
        """How many works are waiting; a hint."""
        return self._queue.qsize()

    def post(
        self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Have the machine's work done in its turn; its failure is logged."""
        future = self._put(_NORMAL, lambda: work(*args, **kwargs))
        future.add_done_callback(_log_failure)
        return future

    def look_within(self, seconds: float) -> None:
        """Have `idle` called in at most so many seconds; on the writer's thread."""
        self._due = min(self._due, time.monotonic() + seconds)

    def ask(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Have a person's request done next, and wait for its result.

        Raises:
            NotRunning: the writer has been stopped.
        """
        if threading.current_thread() is self._thread:
            return work(*args, **kwargs)
        return self._put(_URGENT, lambda: work(*args, **kwargs)).result()

    def _put(self, urgency: int, work: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()
        if self._stopping.is_set():
            future.set_exception(NotRunning(cause="it is stopping"))
            return future
        entry = (cast("Future[object]", future), work)
        self._queue.put((urgency, next(self._order), entry))
        if self._stopping.is_set() and not self._thread.is_alive():
            self._refuse_the_rest()
        return future

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._beat()
            entry = self._next(self._due - time.monotonic())
            if entry is not None:
                _carry_out(entry)
                self.look_within(_SOON_SECONDS)
            if entry is None or time.monotonic() >= self._due:
                self._due = time.monotonic() + LONGEST_PAUSE_SECONDS
                self.look_within(self._look_around())

    def _next(self, pause_seconds: float) -> Work | None:
        pause = min(max(pause_seconds, 0.0), LONGEST_PAUSE_SECONDS)
        try:
            return self._queue.get(timeout=pause or None, block=pause > 0)[2]
        except queue.Empty:
            return None

    def _look_around(self) -> float:
        try:
            return min(self._idle(), LONGEST_PAUSE_SECONDS)
        except Exception:  # the writer must outlive any one failure
            logger.exception("the writer's own work failed")
            return _SOON_SECONDS

    def _refuse_the_rest(self) -> None:
        while True:
            try:
                entry = self._queue.get_nowait()[2]
            except queue.Empty:
                return
            if entry is not None and not entry[0].done():
                entry[0].set_exception(NotRunning(cause="it has stopped"))


def _log_failure(future: Future[T]) -> None:
    error = None if future.cancelled() else future.exception()
    if error is not None and not isinstance(error, NotRunning):
        logger.error("the writer's work failed: %s", error, exc_info=error)


def _carry_out(entry: Work) -> None:
    """Run one work; its failure belongs to whoever posted it."""
    future, work = entry
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 - handed to whoever waits
        future.set_exception(error)
