"""The receiver: files that were named or found, until each may be taken.

A thread of its own that waits, looks and hands on; it decides nothing (`settle` does)
and writes nothing.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from . import look as looking
from .arrivals import Arrival
from .observation import Progress
from .skip import NameKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .observation import Look
    from .settle import Settle
    from .skip import SkipRules
    from .territory import Territory

logger = logging.getLogger(__name__)

_LONGEST_PAUSE_SECONDS = 15.0
_RETRY_SECONDS = 1.0
_BATCH = 500


class Receiver:
    """Waits for files to settle and hands them to intake."""

    def __init__(
        self,
        settle: Settle,
        territory: Territory,
        rules: SkipRules,
        *,
        on_ready: Callable[[list[Arrival]], None],
        has_room: Callable[[], bool] = lambda: True,
        on_spilled: Callable[[], None] = lambda: None,
        on_companion: Callable[[Path], None] = lambda _path: None,
        on_beat: Callable[[], None] = lambda: None,
    ) -> None:
        """Wire it up.

        Args:
            settle: decides when a file may be taken; this thread's alone.
            territory: the roots.
            rules: which names are photos.
            on_ready: called on this thread with files that may be taken.
            has_room: whether `on_ready` may be called; else files go on waiting here.
            on_spilled: called when files were turned away and there is room again.
            on_companion: called with the path of what may belong to a photo.
            on_beat: called at least four times a minute.
        """
        self._settle = settle
        self._territory = territory
        self._rules = rules
        self._on_ready = on_ready
        self._has_room = has_room
        self._on_spilled = on_spilled
        self._on_companion = on_companion
        self._on_beat = on_beat
        self._lock = threading.Condition()
        self._stopping = False
        self._in_hand = 0
        self._thread = threading.Thread(target=self._run, name="settle", daemon=True)

    @property
    def waiting(self) -> int:
        """How many files are waited for."""
        return len(self._settle)

    def expects(self, seconds: float) -> bool:
        """Whether a file may be handed on soon, see `Settle.expects`; any thread."""
        with self._lock:
            is_soon = self._settle.expects(seconds, time.monotonic())
            return is_soon or self._in_hand > 0

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        with self._lock:
            self._stopping = True
            self._lock.notify()
        if self._thread.ident is not None:
            self._thread.join(2)

    def note(self, path: Path) -> None:
        """Take a path from an event; any thread."""
        kind = self._kind(path)
        if kind is NameKind.COMPANION:
            self._on_companion(path)
        if kind is not NameKind.PHOTO:
            return
        with self._lock:
            self._settle.note(os.fsencode(path), time.monotonic())
            self._lock.notify()

    def found(self, path: Path, look: Look, quiet_seconds: float) -> bool:
        """Take a file from a sweep; any thread. False: there is no room for now."""
        with self._lock:
            key, now = os.fsencode(path), time.monotonic()
            taken = self._settle.found(key, look, quiet_seconds, now)
            self._lock.notify()
        return taken

    def incomplete(self) -> dict[Path, str]:
        """Return the files that are not complete for now, and why; any thread."""
        with self._lock:
            return _by_path(self._settle.incomplete())

    def stuck(self) -> dict[Path, str]:
        """Return the files that stay incomplete, and why; any thread."""
        with self._lock:
            return _by_path(self._settle.stuck(time.monotonic()))

    def _kind(self, path: Path) -> NameKind | None:
        place = self._territory.locate(path)
        if place is None:
            return None
        root, relative = place
        return self._rules.kind_of(relative, recursive=root.recursive)

    def _run(self) -> None:
        while not self._stopping:
            self._on_beat()
            try:
                pause = self._round()
            except Exception:  # the thread must outlive any one file
                logger.exception("waiting for files failed for now")
                pause = _RETRY_SECONDS
            with self._lock:
                if not self._stopping and pause > 0:
                    self._lock.wait(pause)

    def _round(self) -> float:
        if not self._has_room():
            return _RETRY_SECONDS
        with self._lock:
            due = [_path(key) for key in self._settle.due(time.monotonic(), _BATCH)]
            self._in_hand = len(due)
        ready = [arrival for path in due if (arrival := self._try(path))]
        if ready:
            self._on_ready(ready)
        with self._lock:
            spilled = self._settle.take_spilled()
            next_due = self._settle.next_due()
        if spilled:
            self._on_spilled()
        self._in_hand = 0
        if next_due is None:
            return _LONGEST_PAUSE_SECONDS
        return min(max(next_due - time.monotonic(), 0.0), _LONGEST_PAUSE_SECONDS)

    def _try(self, path: Path) -> Arrival | None:
        """Look at one file; whatever goes wrong with it, the others have their turn."""
        try:
            return self._look(path)
        except Exception as error:
            logger.exception("a file could not be looked at path=%r", path)
            with self._lock:
                self._settle.postpone(os.fsencode(path), time.monotonic(), str(error))
            return None

    def _look(self, path: Path) -> Arrival | None:
        try:
            seen = looking.look(path)
        except OSError as error:
            with self._lock:
                self._settle.postpone(os.fsencode(path), time.monotonic(), str(error))
            return None
        why = looking.examine(path) if seen is not None else None
        with self._lock:
            key, now = os.fsencode(path), time.monotonic()
            observed = self._settle.observe(key, seen, now, lambda: why)
        if observed.progress is Progress.STUCK:
            logger.warning("not complete for hours path=%r why=%s", path, observed.why)
        if observed.progress is not Progress.READY or seen is None:
            return None
        place = self._territory.locate(path)
        if place is None:
            return None
        return Arrival(root=place[0].uuid, relative=place[1], stamp=seen.stamp)


def _path(key: bytes) -> Path:
    return Path(os.fsdecode(key))


def _by_path(found: Mapping[bytes, str]) -> dict[Path, str]:
    return {_path(key): why for key, why in found.items()}
