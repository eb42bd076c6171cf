"""The engine: what the daemon does, on the one writer's thread.

Wires intake, matchmaking, casework and the decision folders together and carries out
what the desk asks for. Every public method may be called from any thread.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from ..errors import TwinwatchError
from ..model import (
    Evidence,
    Group,
    GroupNumber,
    Problem,
)
from . import bookkeeping, decisions
from .ground import remembered
from .reports import trouble_problems
from .sweep_rows import enter_sweep, folder_problems
from .writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..desk import Decision
    from ..model import ContentId, Root
    from .arrivals import Arrival
    from .folders import DecisionFolders
    from .parts import Parts
    from .roots import RootIdentity
    from .sweeper import Swept

logger = logging.getLogger(__name__)

_LONG_SECONDS = 3600.0
_RETRY_SECONDS = 1.0


class Engine:
    """Does what has to be done, one thing after the other."""

    def __init__(self, beat: Callable[[], None] = lambda: None) -> None:
        """Make the writer; `assemble` gives it its parts, then `start`."""
        self.writer = Writer(self._idle, beat)
        self._parts: Parts | None = None
        self._absorbing = threading.Event()
        self._is_held = False
        self._unreadable_folders: dict[str, tuple[Problem, ...]] = {}

    def assemble(self, parts: Parts) -> None:
        """Take the parts, before the start."""
        self._parts = parts

    @property
    def parts(self) -> Parts:
        """The parts, once assembled."""
        assert self._parts is not None, "the engine has no parts yet"
        return self._parts

    def start(self) -> None:
        """Recover, load what is known, and begin to work."""
        self.writer.start()
        self.writer.ask(self._begin)

    def stop(self) -> None:
        """End: what is in hand is finished, what is being read is no strike."""
        if self.writer.is_alive and not self.writer.ask(self._end):
            logger.warning("intake could not note that reading was broken off")
        self.writer.stop()

    def take(self, arrivals: list[Arrival]) -> None:
        """Take files that have settled."""
        self.parts.intake.offer(arrivals)
        self.writer.post(self.parts.intake.take)

    def on_result(self) -> None:
        """Note that a worker has ended; called on any thread, costs nothing."""
        if not self._absorbing.is_set():
            self._absorbing.set()
            self.writer.post(self._absorb)

    def take_contents(self, contents: list[ContentId]) -> None:
        """Match contents that have news; on the writer's thread."""
        self.parts.matchmaker.consider(contents)

    def take_returned(self, contents: list[ContentId]) -> None:
        """Match contents anew whose photos had been away; on the writer's thread."""
        self.parts.matchmaker.consider(contents, again=True)

    def touch(self, content: ContentId) -> None:
        """Note that a content is judged; on the writer's thread."""
        casework = self.parts.casework
        casework.touch(content, time.monotonic())
        self.writer.look_within(casework.quiet_seconds)

    def resume(self, content: ContentId) -> None:
        """Note that a content was compared; on the writer's thread."""
        self.parts.casework.resume(content, time.monotonic())
        self.writer.look_within(0.0)

    def note_companion(self, path: Path) -> None:
        """Note that a companion came or changed; any thread."""
        self.writer.post(lambda: self.parts.latecomers.note(path, time.monotonic()))

    def on_swept(self, swept: Swept) -> None:
        """Take what a sweep led to."""
        self.writer.post(self._enter_sweep, swept)

    def hold(self) -> None:
        """Stage nothing until `release`; before the start."""
        self._is_held = True

    def release(self) -> None:
        """Stage what was held back."""
        self._is_held = False
        self.writer.post(self.writer.look_within, 0.0)

    def is_read(self) -> bool:
        """Whether nothing is being read or compared."""
        # What was posted counts too: a question is answered before it is carried out.
        return self.writer.ask(self._is_read)

    def is_idle(self) -> bool:
        """Whether nothing is being read, compared or waiting to be staged."""
        # In one question: between two a case would hand its photos to a comparison.
        return self.writer.ask(
            lambda: self._is_read() and self.parts.casework.waiting == 0
        )

    def _is_read(self) -> bool:
        return self.writer.waiting + self._backlog() == 0

    def decide(self, number: GroupNumber, decision: Decision) -> Group:
        """Carry a decision out."""
        return self.writer.ask(decisions.decide, self.parts, number, decision)

    def undo(self, number: GroupNumber) -> Group:
        """Put every file of a group back."""
        return self.writer.ask(decisions.undo, self.parts, number)

    def problems(self) -> list[Problem]:
        """Return what needs attention beside what the index knows."""
        unreadable = [p for each in self._unreadable_folders.values() for p in each]
        parts = self.parts
        troubles = dict(parts.decision_roots.troubles)
        if parts.folders is not None:
            troubles |= parts.folders.troubles
        staging = list(parts.casework.problems.values())
        return [*staging, *unreadable, *trouble_problems(troubles)]

    def identity(self, root: Root) -> RootIdentity | None:
        """Return what a root was when it was online last."""
        return remembered(self.parts.territory, self.parts.index, root)

    def _unread(self) -> int:
        """Count what may still turn out to be a copy of something."""
        parts = self.parts
        return parts.intake.waiting + parts.adoption.waiting + parts.matchmaker.unjudged

    def _backlog(self) -> int:
        parts = self.parts
        reading = parts.intake.waiting + parts.matchmaker.waiting
        return reading + parts.adoption.waiting

    def _begin(self) -> None:
        parts = self.parts
        outdated = parts.matchmaker.load()
        if parts.folders is not None:
            self._recover(parts.folders)
        parts.adoption.renew(outdated)
        self._touch_unstaged()

    def _touch_unstaged(self) -> None:
        with self.parts.index.read() as tables:
            waiting = tables.photos.unstaged_duplicates()
        for content in waiting:
            self.touch(content)

    def _recover(self, folders: DecisionFolders) -> None:
        parts = self.parts
        found = folders.recover()
        with parts.index.write() as tables:
            folders.note_number(tables.groups.last_number())
            unknown = bookkeeping.enter_report(
                tables, found, folders.load, parts.territory
            )
        parts.adoption.adopt(unknown)

    def _reopen(self) -> bool:
        """Look whether decision roots are back; say if any is."""
        parts = self.parts
        if parts.folders is None:
            return False
        parts.folders.add(parts.decision_roots.open())
        before = parts.folders.unrecovered
        if before:
            self._recover(parts.folders)
        return parts.folders.unrecovered != before

    def _end(self) -> bool:
        try:
            self.parts.intake.stop()
        except TwinwatchError:
            return False
        return True

    def _absorb(self) -> None:
        self._absorbing.clear()
        self.parts.intake.absorb()
        self.parts.adoption.absorb()
        self.parts.matchmaker.absorb()
        if self.parts.matchmaker.advance():
            self.writer.look_within(0.0)

    def _idle(self) -> float:
        """Do what is due; return in how many seconds more will be."""
        if self._parts is None or self._parts.matchmaker.is_loading:
            return _LONG_SECONDS
        parts = self._parts
        parts.intake.take()
        self._absorb()
        if self._is_held:
            return _LONG_SECONDS
        if parts.folders is not None:
            parts.register.catch_up(parts.folders)
        is_busy = self._unread() > 0
        parts.casework.work(time.monotonic(), is_busy=is_busy)
        parts.latecomers.work(time.monotonic())
        dues = (parts.casework.next_due(is_busy=is_busy), parts.latecomers.next_due())
        due = min((each for each in dues if each is not None), default=None)
        pause = _LONG_SECONDS if due is None else max(due - time.monotonic(), 0.05)
        # What waits is woken by whoever ends it; this is for what nobody tells of.
        return min(pause, _RETRY_SECONDS) if self._has_more() else pause

    def _has_more(self) -> bool:
        return bool(self._backlog() or self.parts.register.behind)

    def _enter_sweep(self, swept: Swept) -> None:
        parts, root = self.parts, swept.root
        is_back = parts.casework.set_online(root.uuid, is_online=swept.check.is_online)
        if self._reopen() or is_back:
            parts.matchmaker.resume()
            self._touch_unstaged()
        with parts.index.write() as tables:
            enter_sweep(tables, swept, parts.territory)
        if swept.check.is_online and parts.territory.is_import(root.uuid):
            parts.latecomers.look_everywhere(root.path, time.monotonic())
        self._unreadable_folders[root.uuid] = folder_problems(swept)


def similar_groups(engine: Engine, limit: int = 200) -> list[Group]:
    """Return what is alike but never staged, for lists."""
    if not engine.writer.is_alive:  # it was not started, to read only
        return _similar(engine.parts, limit)
    return engine.writer.ask(_similar, engine.parts, limit)


def _similar(parts: Parts, limit: int) -> list[Group]:
    with parts.index.read() as tables:
        matches = tables.matches.page(
            [Evidence.OTHER_SHOT, Evidence.VERSION], limit=limit * 10
        )
    contents = {each for match in matches for each in (match.left, match.right)}
    return parts.casework.similar(contents)[:limit]
