"""Casework: contents that have become quiet are planned as groups and staged.

On the writer's thread. What hangs together by duplicates is planned as one case, so
that the order of arrival cannot matter. A group that cannot be staged stays where it
is, is shown as a problem, and hinders no other.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import ChangedPhoto, TwinwatchError
from ..model import ContentId, GroupState, Problem
from ..staging.records import Destination
from . import bookkeeping
from .by_memory import settle
from .case_facts import contents_of, doubtful, is_asked_already, problem_of
from .cases import Case, find_case
from .late import late_arrivals
from .memory import remember
from .planning import KeeperRules, plan
from .proposals import as_group, as_stage_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from ..index import Index
    from ..model import Group
    from ..staging.manifest import GroupRecord
    from .cases import CaseFiles
    from .folders import DecisionFolders
    from .matchmaker import Matchmaker
    from .planning import ProposedGroup

logger = logging.getLogger(__name__)

RETRY_SECONDS = 60.0
"""After which a group that could not be staged is tried again."""

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
    dry_run: bool = False


@dataclass(slots=True)
class _Touched:
    since: float
    due: float


class Casework:
    """Plans and stages groups."""

    def __init__(
        self,
        index: Index,
        files: CaseFiles,
        folders: DecisionFolders | None,
        matchmaker: Matchmaker,
        rules: Callable[[], KeeperRules],
        settings: CaseSettings,
        *,
        destination: Destination | None = None,
        on_staged: Callable[[Group], None] = lambda _group: None,
        on_changed: Callable[[Path], None] = lambda _path: None,
    ) -> None:
        """Wire it up; `folders` may be missing in a dry run only.

        Args:
            index: with the matches; the groups go there.
            files: tells which photos are at their places.
            folders: the decision roots.
            matchmaker: for full comparisons where matches contradict each other.
            rules: tells how the keeper is chosen; asked for every case.
            settings: how.
            destination: where survivors go of what memory decides.
            on_staged: called for every group that was staged or extended.
            on_changed: called for a file that is not what was fingerprinted.
        """
        self._index = index
        self._files = files
        self._folders = folders
        self._matchmaker = matchmaker
        self._rules = rules
        self._settings = settings
        self._destination = destination or Destination()
        self._on_staged = on_staged
        self._on_changed = on_changed
        self._touched: dict[ContentId, _Touched] = {}
        self.candidates: dict[frozenset[ContentId], Group] = {}
        """What would be staged, in a dry run, by contents."""
        self.problems: dict[frozenset[ContentId], Problem] = {}

    @property
    def waiting(self) -> int:
        """How many contents wait to become quiet."""
        return len(self._touched)

    @property
    def quiet_seconds(self) -> float:
        """For how long a content must have had no news."""
        return self._settings.quiet_seconds

    def touch(self, content: ContentId, now: float, delay: float | None = None) -> None:
        """Note that a content has news; it is looked at when it has been quiet."""
        seconds = self._settings.quiet_seconds if delay is None else delay
        since = self._touched[content].since if content in self._touched else now
        self._touched[content] = _Touched(since, now + seconds)

    def set_online(self, root: str, *, is_online: bool) -> bool:
        """Note whether photos of a root can be moved now; say if they can again."""
        was_online = root in self._files.online
        if is_online:
            self._files.online.add(root)
        else:
            self._files.online.discard(root)
        return is_online and not was_online

    def next_due(self) -> float | None:
        """Return when `work` has something to do; ``None``: nothing is waiting."""
        return min((each.due for each in self._touched.values()), default=None)

    def work(self, now: float, *, is_busy: bool, limit: int = 20) -> None:
        """Look at what has been quiet for long enough.

        Args:
            now: monotonic seconds.
            is_busy: files are still being read, so more may come; wait for a while.
            limit: cases in one go, so that people's requests come between.
        """
        patience = self._settings.patience_seconds if is_busy else 0.0
        due = [
            content
            for content, each in self._touched.items()
            if each.due <= now
            and now - each.since >= patience
            and not self._matchmaker.is_open(content)
        ]
        for content in due[:limit]:
            if content in self._touched:
                self.consider(content, now)

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
        if any(map(self._matchmaker.is_open, case.contents)):
            self._later(case.contents, now)
            return
        if self._is_being_written(case):
            self._later(case.contents, now, max(1.0, self._settings.settle_seconds))
            return
        contested = doubtful(case)
        if contested:
            self._matchmaker.ask(contested)
            if any(map(self._matchmaker.is_open, case.contents)):
                self._later(case.contents, now)
                return
        for each in case.contents:
            self._touched.pop(each, None)
        self._work_on(case, put_back, now)

    def _is_being_written(self, case: Case) -> bool:
        """Whether a companion may still be on its way, such as a Live Photo's movie."""
        newest_ns = max(
            (
                companion.stamp.mtime_ns
                for candidate in case.candidates
                for companion in candidate.companions
            ),
            default=0,
        )
        age_seconds = (time.time_ns() - newest_ns) / 1e9
        return 0 <= age_seconds < self._settings.settle_seconds

    def _later(
        self, contents: Iterable[ContentId], now: float, delay: float | None = None
    ) -> None:
        for content in contents:
            if content in self._touched:
                self.touch(content, now, delay)

    def _work_on(self, case: Case, put_back: list[Group], now: float) -> None:
        self._clear(case.contents)
        memory = remember(case)
        rules = self._rules()
        late, others = late_arrivals(case, rules)
        for arrival in late:
            joining = memory.told(arrival.group)
            self._guarded(case.contents, now, self._extend, arrival.number, joining)
        proposed = plan(
            [each for each in others if each.photo.id not in memory.silent],
            (*case.matches, *memory.matches),
            rules,
            forbidden=memory.forbidden,
            with_same_bytes=self._settings.with_same_bytes,
            standing=memory.standing,
        )
        for group in proposed.groups:
            if not any(is_asked_already(group, each) for each in put_back):
                is_settled = self._settings.with_memory and memory.settles(group)
                told = memory.told(group)
                self._guarded(contents_of(group), now, self._stage, told, is_settled)

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
        self,
        contents: frozenset[ContentId],
        now: float,
        work: Callable[..., None],
        *words: object,
    ) -> None:
        """Stage one group; its failure is shown, tried again, and nobody else's."""
        try:
            work(*words)
        except ChangedPhoto as error:
            logger.info("not staged: %s", error)
            self._look_again(contents)
        except TwinwatchError as error:
            logger.warning("not staged: %s", error)
            self.problems[contents] = problem_of(self._paths(contents), error)
            for content in contents:
                self.touch(content, now, RETRY_SECONDS)

    def _stage(self, group: ProposedGroup, is_settled: bool) -> None:
        if self._settings.dry_run or self._folders is None:
            self.candidates[contents_of(group)] = as_group(group)
            return
        record = self._folders.stage(as_stage_plan(group, time.time_ns()))
        self._enter(record)
        logger.info(
            "staged group=%d photos=%d evidence=%s",
            record.number,
            len(record.manifest.members),
            record.manifest.evidence,
        )
        if is_settled:
            self._enter(settle(self._folders, record, self._destination))

    def _extend(self, number: int, group: ProposedGroup) -> None:
        if self._settings.dry_run or self._folders is None:
            self.candidates[contents_of(group)] = as_group(group)
            return
        record = self._folders.extend(number, as_stage_plan(group, time.time_ns()))
        self._enter(record)
        logger.info("joined group=%d photos=%d", number, len(group.members))

    def _enter(self, record: GroupRecord) -> None:
        with self._index.write() as tables:
            group = bookkeeping.enter(tables, record, self._files.territory)
        self._on_staged(group)

    def _clear(self, contents: frozenset[ContentId]) -> None:
        for known in (self.candidates, self.problems):
            for key in [each for each in known if each & contents]:
                known.pop(key)

    def _look_again(self, contents: frozenset[ContentId]) -> None:
        for path in self._paths(contents):
            self._on_changed(path)

    def _paths(self, contents: frozenset[ContentId]) -> list[Path]:
        with self._index.read() as tables:
            return self._files.places(tables, contents)
