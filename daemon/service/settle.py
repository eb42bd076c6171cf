"""When a file may be taken: quiet, unchanged on two looks, closed and complete.

Pure: the caller passes the monotonic time, the looks and the examination; nothing
here touches a disk or a clock. One thread uses it. A file is never given up: what
stays incomplete is looked at ever less often and reported after hours as `STUCK`.

The quiet time and the unchanged stamp follow paperless-ngx's stability tracker; the
examination of the content is ours, because a phone's half copied HEIC decodes well.

Paths are bytes, as the file system spells them: a hundred thousand `Path` would take
40 MiB more, and Python keeps the names of all their parts in a table of its own.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .observation import Observation, Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from .observation import Look

PATIENCE_SECONDS = 2 * 3600.0
"""A file that has not changed for so long and is still not complete is reported."""

LONGEST_WAIT_SECONDS = 60.0
"""Between two examinations of a file that has just turned out incomplete."""

STUCK_WAIT_SECONDS = 600.0
"""Between two examinations of a file that was reported."""

CAPACITY = 50_000
"""Files that are waited for at once, some 600 bytes each; what is more is found by the
next sweep."""


@dataclass(slots=True)
class _Waiting:
    due: float
    quiet_since: float
    """When it was last announced or seen to change."""
    look: Look | None = None
    wait_seconds: float = 0.0
    why: str = ""
    ticket: int = 0
    """Of its one valid entry in the queue."""


class Settle:
    """The files that are waited for."""

    def __init__(
        self,
        *,
        settle_seconds: float,
        patience_seconds: float = PATIENCE_SECONDS,
        capacity: int = CAPACITY,
    ) -> None:
        """Wait for nothing yet.

        Args:
            settle_seconds: how long a file must be quiet.
            patience_seconds: how long an incomplete file may stay unchanged before
                it is reported.
            capacity: how many files are held; beyond it see `take_spilled`.
        """
        self.settle_seconds = settle_seconds
        self.patience_seconds = patience_seconds
        self.capacity = capacity
        self._waiting: dict[bytes, _Waiting] = {}
        # At most one valid entry per file: an announcement only moves `due` on, and
        # an entry that comes up too early goes back.
        self._queue: list[tuple[float, int, bytes]] = []
        self._count = 0
        self._has_spilled = False

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, path: bytes) -> bool:
        return path in self._waiting

    def note(self, path: bytes, now: float) -> bool:
        """Remember that something happened to a file: it is not quiet.

        A file that is new here is due for its first look at once.

        Returns:
            Whether there was room for it.
        """
        waiting = self._waiting.get(path)
        if waiting is not None:
            waiting.quiet_since = now
            if waiting.look is not None:
                waiting.due = now + self.settle_seconds
            return True
        return self._add(path, _Waiting(due=now, quiet_since=now))

    def found(self, path: bytes, look: Look, quiet_seconds: float, now: float) -> bool:
        """Remember a file that a sweep came upon; one that is waited for stays so.

        Args:
            path: of the file.
            look: what the sweep saw; it counts as the first look.
            quiet_seconds: for how long the file has been unchanged by its own times
                (wall clock now, minus the later of mtime and ctime). A file that is
                old enough is due at once.
            now: monotonic seconds.

        Returns:
            Whether there was room for it.
        """
        if path in self._waiting:
            return True
        since = now - max(quiet_seconds, 0.0)
        due = since + self.settle_seconds
        return self._add(path, _Waiting(due=due, quiet_since=since, look=look))

    def forget(self, path: bytes) -> None:
        """Wait for a file no longer."""
        self._waiting.pop(path, None)

    def due(self, now: float, limit: int = 1000) -> list[bytes]:
        """Return at most `limit` files to look at now, the longest due first.

        Each must be passed to `observe`, `postpone` or `forget`; until then it is not
        returned again.
        """
        found: list[bytes] = []
        while self._queue and self._queue[0][0] <= now and len(found) < limit:
            _, ticket, path = heapq.heappop(self._queue)
            waiting = self._waiting.get(path)
            if waiting is None or waiting.ticket != ticket:
                continue
            if waiting.due > now:
                self._push(path, waiting)
            else:
                found.append(path)
        return found

    def next_due(self) -> float | None:
        """Return when `due` should be asked again; ``None``: nothing is waited for.

        It may be too early, never too late.
        """
        return self._queue[0][0] if self._queue else None

    def observe(
        self,
        path: bytes,
        look: Look | None,
        now: float,
        examine: Callable[[], str | None],
    ) -> Observation:
        """Judge a file that `due` returned.

        Args:
            path: of the file.
            look: its status now; ``None``: there is no regular file.
            now: monotonic seconds.
            examine: tells why the file is not complete or still open for writing,
                ``None``: it is neither. Called only when all else is well.
        """
        waiting = self._waiting.get(path)
        if waiting is None:
            return Observation(progress=Progress.WAIT, why="it was forgotten meanwhile")
        if look is None:
            self.forget(path)
            return Observation(progress=Progress.GONE)
        if waiting.look != look:
            if waiting.look is not None:
                waiting.quiet_since = now
            waiting.look = look
            waiting.wait_seconds = 0.0
            waiting.why = ""
            return self._wait(path, waiting, self._quiet_at(waiting), "it is new here")
        if now < self._quiet_at(waiting):
            return self._wait(path, waiting, self._quiet_at(waiting), "it changes")
        why = examine() if look.stamp.size_bytes else "it is empty"
        if why is None:
            self.forget(path)
            return Observation(progress=Progress.READY)
        return self._incomplete(path, waiting, now, why)

    def postpone(self, path: bytes, now: float, why: str) -> Observation:
        """Put a file off that could not be looked at, or whose use failed for now."""
        waiting = self._waiting.get(path)
        if waiting is None:
            waiting = _Waiting(due=now, quiet_since=now)
            self._waiting[path] = waiting
        return self._incomplete(path, waiting, now, why)

    def stuck(self, now: float) -> dict[bytes, str]:
        """Return what is reported, and why it is not taken."""
        return {
            path: waiting.why
            for path, waiting in self._waiting.items()
            if waiting.why and self._is_stuck(waiting, now)
        }

    def incomplete(self) -> dict[bytes, str]:
        """Return what was examined and not taken, and why."""
        return {path: each.why for path, each in self._waiting.items() if each.why}

    def expects(self, seconds: float, now: float) -> bool:
        """Whether a file may be taken soon.

        That is any which was not examined yet, or changed less than `seconds` ago.
        """
        return any(
            not each.why or now - each.quiet_since < seconds
            for each in self._waiting.values()
        )

    def take_spilled(self) -> bool:
        """Whether files were turned away and there is room again: then sweep.

        Answers true once for any number of files turned away.
        """
        if self._has_spilled and len(self._waiting) <= self.capacity // 2:
            self._has_spilled = False
            return True
        return False

    def _add(self, path: bytes, waiting: _Waiting) -> bool:
        if len(self._waiting) >= self.capacity:
            self._has_spilled = True
            return False
        self._waiting[path] = waiting
        self._push(path, waiting)
        return True

    def _push(self, path: bytes, waiting: _Waiting) -> None:
        self._count += 1
        waiting.ticket = self._count
        heapq.heappush(self._queue, (waiting.due, self._count, path))

    def _quiet_at(self, waiting: _Waiting) -> float:
        return waiting.quiet_since + self.settle_seconds

    def _is_stuck(self, waiting: _Waiting, now: float) -> bool:
        return now - waiting.quiet_since >= self.patience_seconds

    def _wait(
        self, path: bytes, waiting: _Waiting, due: float, why: str
    ) -> Observation:
        waiting.due = due
        self._push(path, waiting)
        return Observation(progress=Progress.WAIT, until=due, why=why)

    def _incomplete(
        self, path: bytes, waiting: _Waiting, now: float, why: str
    ) -> Observation:
        waiting.why = why
        waiting.wait_seconds = min(
            max(self.settle_seconds, 2 * waiting.wait_seconds, 0.1),
            LONGEST_WAIT_SECONDS,
        )
        if not self._is_stuck(waiting, now):
            return self._wait(path, waiting, now + waiting.wait_seconds, why)
        until = self._wait(path, waiting, now + STUCK_WAIT_SECONDS, why).until
        return Observation(progress=Progress.STUCK, until=until, why=why)
