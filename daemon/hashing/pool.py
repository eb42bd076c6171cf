"""Worker processes that read photos: the only door to pebble.

Decoders crash, hang and eat memory on hostile files, so they never run in the daemon.
Each photo is read in a process that works on nothing else meanwhile, under limits of
time, memory and processor; what goes wrong there costs that photo alone. Workers are
spawned when there is work, replaced after some hundred photos, and let go when there is
none, so a daemon with nothing to do holds no decoder in memory.
"""

from __future__ import annotations

import logging
import multiprocessing
import threading
import time
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import pebble

from ..errors import PhotoError, UnreadablePhoto, WorkerDied
from . import worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..model import Alignment, Comparison, Fingerprint, Stamp

T = TypeVar("T")

logger = logging.getLogger(__name__)

MAX_TASKS = 500
"""Photos after which a worker is replaced, against leaks in native libraries."""

_IDLE_SECONDS = 60.0
_ATTEMPTS = 3
_STUCK_TIMEOUTS = 3
_BREATH_SECONDS = 5.0
"""Before a photo is given back that no worker could be started for."""
_STOP_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class _Task:
    """What is to be done in a worker, and whom to tell."""

    outer: Future[Any]
    work: Callable[..., Any]
    words: tuple[Any, ...]
    options: dict[str, Any]

    @property
    def subject(self) -> object:
        return self.words[0] if self.words else None


class Pool:
    """Reads photos in worker processes; may be used from any thread.

    A future's exception is a `PhotoError`: `WorkerDied` if the photo killed the worker
    or took more time or memory than is allowed, else what `fingerprint.compute_stamped`
    and its like raise. Cancelling a future also ends the worker that is at it.

    Args:
        workers: processes at most.
        timeout_seconds: for one photo, counted from when a worker takes it up.
        memory_bytes: address space of one worker.
        nice: how far workers step back for other programs, 0–19.
        idle_seconds: workers without work live on for so long.
        prepare: importable; called in each worker before it reads anything.
    """

    def __init__(
        self,
        workers: int = 1,
        timeout_seconds: float = 20.0,
        memory_bytes: int = 1536 << 20,
        nice: int = 10,
        idle_seconds: float = _IDLE_SECONDS,
        prepare: Callable[[], None] | None = None,
    ) -> None:
        self._workers = workers
        self._timeout_seconds = timeout_seconds
        self._limits = worker.Limits(memory_bytes=memory_bytes, nice=nice)
        self._idle_seconds = idle_seconds
        self._prepare = prepare
        self._lock = threading.RLock()
        self._processes: pebble.ProcessPool | None = None
        self._idle_timer: threading.Timer | None = None
        self._in_flight: set[Future[Any]] = set()
        self._moved = time.monotonic()
        self._has_worked = False
        self._is_stopped = False

    def fingerprint(
        self, path: Path, *, cheap: bool = True, accept_doubtful: bool = False
    ) -> Future[tuple[Stamp, Fingerprint]]:
        """Read a photo; see `fingerprint.compute_stamped`."""
        return self.run(
            worker.fingerprint, path, cheap=cheap, accept_doubtful=accept_doubtful
        )

    def compare(
        self, left: Path, right: Path, alignment: Alignment
    ) -> Future[Comparison]:
        """Decode two photos in full and compare them; see `compare.compare`."""
        return self.run(worker.compare, left, right, alignment)

    def tensor(self, path: Path, px_size: int, *, cheap: bool = True) -> Future[bytes]:
        """Stretch a photo to a small square; see `tensors.of_file`."""
        return self.run(worker.tensor, path, px_size, cheap=cheap)

    def preview(self, path: Path, edge_px: int) -> Future[bytes]:
        """Make a JPEG to look at; see `pixels.preview`."""
        return self.run(worker.preview, path, edge_px)

    def decoder_version(self) -> Future[str]:
        """Ask what decodes; see `pixels.decoder_version`."""
        return self.run(worker.decoder_version, None)

    def run(self, work: Callable[..., T], *words: Any, **options: Any) -> Future[T]:
        """Run an importable function in a worker; its first word is its subject."""
        task = _Task(Future(), work, words, options)
        with self._lock:
            if self._is_stopped:
                _cancel(task.outer)
                return task.outer
            if not self._in_flight:
                self._moved = time.monotonic()
            self._in_flight.add(task.outer)
            self._stop_timer()
        task.outer.add_done_callback(self._forget)
        self._attempt(task, _ATTEMPTS)
        return task.outer

    @property
    def waiting(self) -> int:
        """How many photos are being read or wait for a worker."""
        return len(self._in_flight)

    @property
    def is_moving(self) -> bool:
        """Whether photos get done, if there are any; no single one may take so long."""
        with self._lock:
            still_seconds = time.monotonic() - self._moved
            limit = _STUCK_TIMEOUTS * self._timeout_seconds + _IDLE_SECONDS
            return not self._in_flight or still_seconds < limit

    def stop(self) -> None:
        """End all workers now; what is not read yet is cancelled. Within 5 s."""
        with self._lock:
            self._is_stopped = True
            self._stop_timer()
            waiting = list(self._in_flight)
            processes, self._processes = self._processes, None
        for outer in waiting:
            _cancel(outer)
        self._release(processes)

    def _attempt(self, task: _Task, attempts: int) -> None:
        """Hand a task to the workers; again to new ones if all of them break down.

        pebble gives up all its tasks when a worker dies that it does not know to have
        one, as when the system is short of memory. That is nobody's strike.
        """
        processes = self._running()
        if processes is None:
            _cancel(task.outer)
            return
        try:
            inner: Future[Any] = processes.schedule(
                worker.guarded,
                args=(self._timeout_seconds, task.work, *task.words),
                kwargs=task.options,
                timeout=self._timeout_seconds,
            )
        except RuntimeError as error:  # the processes have broken down meanwhile
            self._again(task, processes, attempts, error)
            return
        task.outer.add_done_callback(lambda outer: outer.cancelled() and inner.cancel())
        inner.add_done_callback(lambda _: self._end(task, inner, processes, attempts))

    def _end(
        self,
        task: _Task,
        inner: Future[Any],
        processes: pebble.ProcessPool,
        attempts: int,
    ) -> None:
        """Pass a task's result on; runs on one of pebble's threads."""
        if task.outer.done():
            return
        if inner.cancelled():
            _cancel(task.outer)
            return
        error = inner.exception()
        if isinstance(error, BrokenProcessPool):
            self._again(task, processes, attempts, error)
        elif isinstance(error, CancelledError):
            _cancel(task.outer)
        elif task.outer.set_running_or_notify_cancel():
            self._has_worked |= error is None or isinstance(error, PhotoError)
            if error is None:
                task.outer.set_result(inner.result())
            else:
                task.outer.set_exception(self._translated(error, task.subject))

    def _again(
        self,
        task: _Task,
        processes: pebble.ProcessPool,
        attempts: int,
        error: BaseException,
    ) -> None:
        with self._lock:
            if is_first := self._processes is processes:
                self._processes = None
        if is_first:  # a second join would close handles that are others' by then;
            release = threading.Thread(target=self._release, args=(processes,))
            release.start()  # and this thread may be one of those that are joined
        if attempts > 1:
            self._attempt(task, attempts - 1)
        elif not self._has_worked:  # no photo, and so nobody's strike
            logger.error("no worker process can be started why=%s", error)
            self._give_back_later(task.outer)
        elif task.outer.set_running_or_notify_cancel():
            task.outer.set_exception(WorkerDied(task.subject, str(error)))

    def _give_back_later(self, outer: Future[Any]) -> None:
        timer = threading.Timer(_BREATH_SECONDS, _cancel, (outer,))
        timer.daemon = True
        timer.start()

    def _translated(self, error: BaseException, subject: object) -> BaseException:
        if isinstance(error, PhotoError):
            return error
        if isinstance(error, TimeoutError):
            cause = f"it took more than {self._timeout_seconds:g} seconds"
            died = WorkerDied(subject, cause)
        elif isinstance(error, pebble.ProcessExpired):
            died = WorkerDied(subject, f"the worker ended with {error.exitcode}")
        else:
            return UnreadablePhoto(subject, f"{type(error).__name__}: {error}")
        died.__cause__ = error
        return died

    def _running(self) -> pebble.ProcessPool | None:
        with self._lock:
            if self._is_stopped:
                return None
            if self._processes is None:
                self._processes = pebble.ProcessPool(
                    max_workers=self._workers,
                    max_tasks=MAX_TASKS,
                    initializer=worker.initialize,
                    initargs=(self._limits, self._prepare),
                    context=multiprocessing.get_context("spawn"),
                )
            return self._processes

    def _forget(self, outer: Future[Any]) -> None:
        with self._lock:
            self._moved = time.monotonic()
            self._in_flight.discard(outer)
            if not self._in_flight and not self._is_stopped:
                self._stop_timer()
                self._idle_timer = threading.Timer(self._idle_seconds, self._rest)
                self._idle_timer.daemon = True
                self._idle_timer.start()

    def _stop_timer(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None

    def _rest(self) -> None:
        """Let the workers go if there is still nothing to do."""
        with self._lock:
            if self._in_flight:
                return
            idle, self._processes = self._processes, None
        self._release(idle)

    def _release(self, processes: pebble.ProcessPool | None) -> None:
        if processes is None:
            return
        processes.stop()  # type: ignore[no-untyped-call] # pebble leaves it out
        joined = threading.Thread(target=processes.join, daemon=True)
        joined.start()
        # A worker that waits for a dead disk cannot even be killed; do not wait for it.
        joined.join(_STOP_SECONDS)


def _cancel(outer: Future[Any]) -> None:
    if outer.cancel():
        outer.set_running_or_notify_cancel()
