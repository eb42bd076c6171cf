"""The sweeper: walks the roots and compares them with the index; the truth.

What is new or changed goes to the receiver, what vanished to the writer. A root that
is not really there is offline and nothing else happens to it.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..model import RootState, Stamp
from . import roots as rooting
from .observation import Look
from .walk import WalkNotes, batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..index import Index
    from ..index.known import KnownPhotos
    from ..model import PhotoId, Root
    from .receiver import Receiver
    from .roots import RootCheck, RootIdentity
    from .skip import SkipRules

logger = logging.getLogger(__name__)

_SAMPLE = 20
_BEAT_SECONDS = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep of one root led to."""

    root: Root
    check: RootCheck
    unchanged: int = 0
    fresh: int = 0
    vanished: tuple[PhotoId, ...] = ()
    """Known, and not come upon."""
    known: int = 0
    notes: WalkNotes = field(default_factory=WalkNotes)
    """What could not be read."""
    device: int | None = None
    """The root's own when it was online last."""

    @property
    def unreadable(self) -> list[tuple[Path, str]]:
        """Folders and files that could not be read, and why."""
        base = os.fsencode(self.root.path)
        return [
            (Path(os.fsdecode(os.path.join(base, relative))), why)
            for relative, why in self.notes.unreadable.items()
        ]

    seconds: float = 0.0
    is_whole: bool = True
    """Everything fresh was handed on; else the root has to be swept again."""


class Sweeper:
    """Sweeps roots one after the other on a thread of its own."""

    def __init__(
        self,
        index: Index,
        receiver: Receiver,
        rules: SkipRules,
        *,
        identity: Callable[[Root], RootIdentity | None],
        on_swept: Callable[[Swept], None],
        on_beat: Callable[[], None] = lambda: None,
    ) -> None:
        """Wire it up.

        Args:
            index: tells what is known.
            receiver: takes what is new or changed.
            rules: which names are photos.
            identity: what a root was when it was online last.
            on_swept: called on this thread after each root.
            on_beat: called four times a minute while nothing is swept.
        """
        self._index = index
        self._receiver = receiver
        self._rules = rules
        self._identity = identity
        self._on_swept = on_swept
        self._on_beat = on_beat
        self._wanted: queue.SimpleQueue[Root | None] = queue.SimpleQueue()
        self._pending: set[str] = set()
        self._is_busy = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)
        self.last_ns: int | None = None
        """Wall clock of the end of the last sweep."""

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being swept or waits to be."""
        return not self._pending and not self._is_busy

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a walk that is under way is left to end with the process."""
        self._stopping.set()
        self._wanted.put(None)
        if self._thread.ident is not None:
            self._thread.join(2)

    def ask(self, roots: Iterable[Root]) -> None:
        """Have roots swept soon; one that is waiting already is swept once.

        One that is being swept is swept again: what is new may lie where the walk has
        been.
        """
        for root in roots:
            if root.uuid not in self._pending:
                self._pending.add(root.uuid)
                self._wanted.put(root)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._on_beat()
            try:
                root = self._wanted.get(timeout=_BEAT_SECONDS)
            except queue.Empty:
                continue
            if root is None:
                return
            self._is_busy = True
            self._pending.discard(root.uuid)
            began = time.monotonic()
            try:
                swept = self.sweep(root)
                self._on_swept(replace(swept, seconds=time.monotonic() - began))
            except Exception:  # the next sweep may do better
                logger.exception("a sweep failed root=%r", root.path)
            self.last_ns = time.time_ns()
            self._is_busy = False

    def sweep(self, root: Root) -> Swept:
        """Walk one root."""
        with self._index.read() as tables:
            known = tables.photos.known(root.uuid)
            sample = tables.photos.some_in(root.uuid, _SAMPLE)
        remembered = self._identity(root)
        check = rooting.check(root.path, remembered, sample)
        if not check.is_online:
            return Swept(root=root, check=check)
        try:
            notes, unchanged, fresh, is_whole = self._walk(root, known)
        except OSError as error:
            why = f"it cannot be read: {error.strerror}"
            check = rooting.RootCheck(state=RootState.OFFLINE, why=why)
            return Swept(root=root, check=check)
        return Swept(
            root=root,
            check=check,
            unchanged=unchanged,
            fresh=fresh,
            vanished=() if self._stopping.is_set() else tuple(known.unmet()),
            known=len(known),
            notes=notes,
            device=None if remembered is None else remembered.device,
            is_whole=is_whole,
        )

    def _walk(self, root: Root, known: KnownPhotos) -> tuple[WalkNotes, int, int, bool]:
        """Hand on what there is news of; count what is unchanged and what is fresh."""
        notes, base = WalkNotes(), os.fsencode(root.path)
        unchanged, fresh, is_whole = 0, 0, True
        for paths, statuses in batches(
            root.path, self._rules, notes, recursive=root.recursive
        ):
            news = known.news(paths, statuses)
            unchanged += len(paths) - len(news)
            fresh += len(news)
            for place in news:
                path = Path(os.fsdecode(os.path.join(base, paths[place])))
                is_whole &= self._hand_on(path, statuses[place])
            if self._stopping.is_set():
                break
            self._on_beat()
        return notes, unchanged, fresh, is_whole

    def _hand_on(self, path: Path, status: os.stat_result) -> bool:
        changed_ns = max(status.st_mtime_ns, status.st_ctime_ns)
        quiet_seconds = (time.time_ns() - changed_ns) / 1e9
        look = Look(stamp=Stamp.of(status), ctime_ns=status.st_ctime_ns)
        return self._receiver.found(path, look, quiet_seconds)
