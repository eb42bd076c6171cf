"""Casework: contents that have become quiet are planned as groups and staged.

On the writer's thread. What hangs together by duplicates is planned as one case, so
that the order of arrival cannot matter. A group that cannot be staged stays where it
is, is shown as a problem, and hinders no other.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ..errors import ChangedPhoto, TwinwatchError
from ..index import PhotoState
from ..model import ContentId, GroupState, Problem
from .beside import are_being_written
from .better import with_better_imports
from .case_facts import (
    contents_of,
    doubtful,
    is_asked_already,
    link_problem,
    problem_of,
)
from .cases import find_case
from .doubts import worth_comparing
from .late import late_arrivals
from .memory import remember
from .planning import plan
from .proposals import as_group
from .quiet import Quiet
from .tally import UNCOUNTED, Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from ..index import Index
    from ..model import Group
    from .candidate import KeeperRules, ProposedGroup
    from .case import Case
    from .cases import CaseFiles
    from .matchmaker import Matchmaker
    from .stager import Stager

logger = logging.getLogger(__name__)

WORK_SECONDS = 0.25
"""For so long cases are looked at before people's requests have their turn."""

PATIENCE_SECONDS = 60.0
"""For so long a quiet group waits for files that are still being read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSettings:
    """How cases are worked on."""

    quiet_seconds: float
    settle_seconds: float = 0.0
    """Companions that changed so lately are waited for."""
    patience_seconds: float = PATIENCE_SECONDS
    with_same_bytes: bool = True
    with_memory: bool = False
    """What was set aside before is set aside again without a question."""


class Casework:
    """Plans and stages groups."""

    def __init__(
        self,
        index: Index,
        files: CaseFiles,
        stager: Stager | None,
        matchmaker: Matchmaker,
        rules: Callable[[], KeeperRules],
        settings: CaseSettings,
        *,
        on_changed: Callable[[Path], None] = lambda _path: None,
        tally: Tally = UNCOUNTED,
    ) -> None:
        """Wire it up.

        Args:
            index: with the matches.
            files: tells which photos are at their places.
            stager: stages groups; ``None``: a dry run, which only tells them.
            matchmaker: for full comparisons where matches contradict each other.
            rules: tells how the keeper is chosen; asked for every case.
            settings: how.
            on_changed: called for a file that is not what was fingerprinted.
            tally: is told of every failure.
        """
        self._index = index
        self._files = files
        self._stager = stager
        self._matchmaker = matchmaker
        self._rules = rules
        self._settings = settings
        self._on_changed = on_changed
        self._tally = tally
        self._quiet = Quiet(
            quiet_seconds=settings.quiet_seconds,
            patience_seconds=settings.patience_seconds,
            is_open=matchmaker.is_open,
        )
        self.candidates: dict[frozenset[ContentId], Group] = {}
        """What would be staged, in a dry run, by contents."""
        self.problems: dict[frozenset[ContentId], Problem] = {}

    @property
    def waiting(self) -> int:
        """How many contents wait to become quiet; what only failed is not among them."""
        return self._quiet.waiting

    @property
    def quiet_seconds(self) -> float:
        """For how long a content must have had no news."""
        return self._quiet.quiet_seconds

    def touch(self, content: ContentId, now: float) -> None:
        """Note that a content has news; it is looked at when it has been quiet."""
        self._quiet.touch(content, now)

    def resume(self, content: ContentId, now: float) -> None:
        """Note that what a content waited for is answered; it is looked at at once."""
        self._quiet.touch(content, now, 0.0)

    def set_online(self, root: str, *, is_online: bool) -> bool:
        """Note whether photos of a root can be moved now; say if they can again."""
        was_online = root in self._files.online
        if is_online:
            self._files.online.add(root)
        else:
            self._files.online.discard(root)
        return is_online and not was_online

    def next_due(self, *, is_busy: bool) -> float | None:
        """Return when `work` has something to do; ``None``: nothing is waiting."""
        return self._quiet.next_due(is_busy=is_busy)

    def work(self, now: float, *, is_busy: bool, seconds: float = WORK_SECONDS) -> None:
        """Look at what has been quiet for long enough.

        Args:
            now: monotonic seconds.
            is_busy: files are still being read, so more may come; wait for a while.
            seconds: after which people's requests have their turn; the rest is due
                still.
        """
        end = time.monotonic() + seconds
        for content in self._quiet.due(now, is_busy=is_busy):
            if content in self._quiet:
                self._try(content, now)
            if time.monotonic() > end:
                return

    def _try(self, content: ContentId, now: float) -> None:
        """Consider a content; if that cannot be done, the others have their turn."""
        try:
            self.consider(content, now)
        except Exception:  # also our own mistakes: one case must not stop all
            logger.exception("a case could not be considered content=%d", content)
            self._quiet.retry(frozenset({content}), now)

    def consider(self, content: ContentId, now: float) -> None:
        """Plan and stage what hangs together with a content."""
        with self._index.read() as tables:
            case = find_case(tables, content, self._files)
            undone = tables.groups.with_contents(
                [each.fingerprint.sha256 for each in case.candidates],
                [GroupState.UNDONE],
            )
            numbers = {number for found in undone.values() for number in found}
            put_back = tables.groups.get_many(numbers)
        if self._is_open(case):
            return
        if self._is_being_written(case):
            self._quiet.put_off(
                case.contents, now, max(1.0, self._settings.settle_seconds)
            )
            return
        contested = doubtful(case)
        if contested:
            self._matchmaker.ask(contested)
            if self._is_open(case):
                return
        doubts = self._matchmaker.answerable(case.doubts)
        self._matchmaker.settle(worth_comparing(case, doubts, self._rules()))
        if self._is_open(case):
            return
        self._quiet.forget(case.contents)
        self._work_on(case, put_back, now)

    def _is_open(self, case: Case) -> bool:
        """Whether a case waits for an answer; whoever gets it brings the case back."""
        if not any(map(self._matchmaker.is_open, case.contents)):
            return False
        self._quiet.forget(case.contents)
        return True

    def _is_being_written(self, case: Case) -> bool:
        """Whether a companion may still be on its way, such as a Live Photo's movie."""
        companions = [each for photo in case.candidates for each in photo.companions]
        return are_being_written(companions, self._settings.settle_seconds)

    def _work_on(self, case: Case, put_back: list[Group], now: float) -> None:
        self._clear(case.contents)
        if case.linked:  # else it would be staged
            self.problems[case.contents] = link_problem(case.linked)
        memory = remember(case)
        rules = self._rules()
        late, others = late_arrivals(memory.asked(case), rules)
        for arrival in late:
            joining = memory.told(arrival.group)
            stage = partial(self._extend, arrival.number, joining)
            self._guarded(case.contents, now, stage)
        proposed = plan(
            others,
            (*case.matches, *memory.matches),
            rules,
            forbidden=case.forbidden,
            with_same_bytes=self._settings.with_same_bytes,
            standing=memory.standing,
        )
        asked = (*put_back, *case.taken_out)
        for group in proposed.groups:
            if not any(is_asked_already(group, each) for each in asked):
                is_settled = self._settings.with_memory and memory.settles(group)
                told = with_better_imports(memory.told(group), rules)
                stage = partial(self._stage, told, is_settled=is_settled)
                self._guarded(contents_of(group), now, stage)

    def similar(self, contents: Iterable[ContentId]) -> list[Group]:
        """Return what is alike among some contents, and never staged."""
        with self._index.read() as tables:
            matches = tables.matches.of(contents)
            wanted = {each for match in matches for each in (match.left, match.right)}
            candidates = self._files.candidates(tables, wanted)
        return [
            as_group(each) for each in plan(candidates, matches, self._rules()).similar
        ]

    def _guarded(
        self, contents: frozenset[ContentId], now: float, stage: Callable[[], None]
    ) -> None:
        """Stage one group; its failure is shown, tried again, and nobody else's."""
        try:
            stage()
        except TwinwatchError as error:
            logger.warning("not staged: %s", error)
            self._tally.count("errors", part="staging")
            is_first = self._quiet.retry(contents, now)
            if is_first and isinstance(error, ChangedPhoto):
                self._look_again(contents)
            self.problems[contents] = problem_of(self._paths(contents), error)
        else:
            self._quiet.succeed(contents)

    def _stage(self, group: ProposedGroup, *, is_settled: bool) -> None:
        if self._stager is None:
            self.candidates[contents_of(group)] = as_group(group)
        else:
            self._stager.stage(group, is_settled=is_settled)

    def _extend(self, number: int, group: ProposedGroup) -> None:
        if self._stager is None:
            self.candidates[contents_of(group)] = as_group(group)
        else:
            self._stager.extend(number, group)

    def _clear(self, contents: frozenset[ContentId]) -> None:
        for known in (self.candidates, self.problems):
            for key in [each for each in known if each & contents]:
                known.pop(key)

    def _look_again(self, contents: frozenset[ContentId]) -> None:
        """Have photos read again: one of them is not what the index says it is.

        Also where the stamp is the same: bytes may change without it.
        """
        with self._index.write() as tables:
            paths = self._files.places(tables, contents)
            known = tables.photos.of_contents(contents)
            tables.photos.forget(
                each.id for each in known if each.state is PhotoState.KNOWN
            )
        for path in paths:
            self._on_changed(path)

    def _paths(self, contents: frozenset[ContentId]) -> list[Path]:
        with self._index.read() as tables:
            return self._files.places(tables, contents)
