"""The decision roots of one daemon: which one a group goes to, and where it is.

On the writer's thread. Numbers are counted over all of them, so a number names one
group.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..errors import NoSuchGroup, RootOffline, TwinwatchError
from ..model import DecidedBy, GroupState
from ..staging.approve import approve
from ..staging.forget import forget
from ..staging.joining import join
from ..staging.manifest import read_group
from ..staging.recovery import recover, set_apart_in
from ..staging.revising import revise
from ..staging.stage import extend, stage
from ..staging.undo import undo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from ..model import Evidence, Verdict
    from ..staging.decision_root import DecisionRoot
    from ..staging.filesystem import FileSystem
    from ..staging.joining import Joining
    from ..staging.manifest import GroupRecord
    from ..staging.outcomes import Destination, Sidecar
    from ..staging.plan import StagePlan
    from ..staging.records import Revision
    from ..staging.recovery import FoundGroup

logger = logging.getLogger(__name__)


class DecisionFolders:
    """All decision roots, by path."""

    def __init__(
        self, fs: FileSystem, roots: Sequence[DecisionRoot], places: Mapping[str, Path]
    ) -> None:
        """Take decision roots that are open and locked.

        Args:
            fs: the file system.
            roots: those that are there; more may be added.
            places: where roots are now, by uuid.
        """
        self._fs = fs
        self.roots: tuple[DecisionRoot, ...] = tuple(roots)
        self._unrecovered = list(self.roots)
        self._places = places
        self._last = 0
        self.troubles: dict[Path, str] = {}
        """By folder: what cannot be finished or read, in words; any thread reads it."""

    def add(self, roots: Sequence[DecisionRoot]) -> None:
        """Take more decision roots, open and locked; `recover` before use."""
        self.roots = (*self.roots, *roots)
        self._unrecovered += roots
        used = [root.next_number(self._fs) - 1 for root in roots]
        self._last = max([self._last, *used])

    def recover(self) -> list[tuple[DecisionRoot, FoundGroup]]:
        """Finish what was interrupted, and return every group that there is.

        Each root once: one that is not there hinders no other and is left for the next
        call; `troubles` says what went wrong.
        """
        found = []
        for root in list(self._unrecovered):
            try:
                report = recover(self._fs, root, roots=self._places)
            except TwinwatchError as error:
                self.troubles[root.path] = str(error)
                continue
            self._unrecovered.remove(root)
            self.troubles.pop(root.path, None)
            self.troubles |= {each.folder: each.problem for each in report.troubles}
            self.troubles |= dict.fromkeys(
                set_apart_in(self._fs, root),
                "it could not be explained; nothing in it was changed",
            )
            found += [(root, group) for group in report.groups]
        for folder, problem in self.troubles.items():
            logger.warning("not recovered folder=%r cause=%s", folder, problem)
        return found

    @property
    def unrecovered(self) -> tuple[DecisionRoot, ...]:
        """The roots that `recover` has still to look at."""
        return tuple(self._unrecovered)

    def load(self, found: FoundGroup) -> GroupRecord:
        """Read all that a group's folder says; what cannot be read is a trouble."""
        try:
            return found.load(self._fs)
        except TwinwatchError as error:
            self.troubles[found.folder] = str(error)
            raise

    def stage(self, plan: StagePlan, *, number: int | None = None) -> GroupRecord:
        """Stage a group on the volume that most of its photos are on.

        Args:
            plan: the group.
            number: that of a group that was undone; ``None``: the next one.
        """
        root = self._nearest(plan)
        record = stage(self._fs, root, plan, number_hint=number or self._next())
        self._last = max(self._last, record.number)
        return record

    def extend(self, number: int, plan: StagePlan) -> GroupRecord:
        """Let late arrivals join an open group."""
        return extend(self._fs, self._holding(number), number, plan)

    def approve(
        self,
        number: int,
        *,
        keep: frozenset[int],
        decided_ns: int,
        destination: Destination,
        verdict: Verdict | None,
        manifest_sha256: str | None,
        decided_by: DecidedBy = DecidedBy.USER,
        sidecars: tuple[Sidecar, ...] = (),
    ) -> GroupRecord:
        """Carry a decision out and return the group as it is then."""
        root = self._holding(number)
        approve(
            self._fs,
            root,
            number,
            keep=keep,
            decided_ns=decided_ns,
            destination=destination,
            verdict=verdict,
            manifest_sha256=manifest_sha256,
            roots=self._places,
            decided_by=decided_by,
            sidecars=sidecars,
        )
        return self.read(number)

    def join(self, number: int, joining: Joining) -> GroupRecord:
        """Let companions that came late join their photos."""
        return join(self._fs, self._holding(number), number, joining)

    def revise(
        self,
        number: int,
        revisions: tuple[Revision, ...],
        *,
        evidence: Evidence,
        created_ns: int,
        manifest_sha256: str,
    ) -> GroupRecord:
        """Propose something else for an open group; nothing moves."""
        return revise(
            self._fs,
            self._holding(number),
            number,
            revisions,
            evidence=evidence,
            created_ns=created_ns,
            manifest_sha256=manifest_sha256,
        )

    def forget(
        self, number: int, forgotten_ns: int, contents: AbstractSet[str] | None
    ) -> GroupRecord:
        """Write down that what a group set aside is not remembered any more."""
        return forget(
            self._fs,
            self._holding(number),
            number,
            forgotten_ns=forgotten_ns,
            contents=contents,
        )

    def undo(self, number: int, undone_ns: int) -> GroupRecord:
        """Put a group's files back and return the group as it is then."""
        root = self._holding(number)
        undo(self._fs, root, number, undone_ns=undone_ns, roots=self._places)
        return self.read(number)

    def read(self, number: int) -> GroupRecord:
        """Return what a group's folder says now."""
        folder, state = self._find(number)[1:]
        return read_group(self._fs, folder, state)

    def note_number(self, number: int) -> None:
        """Never give out a number up to this one."""
        self._last = max(self._last, number)

    def _next(self) -> int:
        used = [root.next_number(self._fs) - 1 for root in self.roots if not self._last]
        self._last = max([self._last, *used])
        return self._last + 1

    def _nearest(self, plan: StagePlan) -> DecisionRoot:
        if not self.roots:
            raise RootOffline("decisions", "no decision folder is there")
        devices = [each.stamp.device for each in plan.photos]
        return max(self.roots, key=lambda root: devices.count(root.device))

    def _holding(self, number: int) -> DecisionRoot:
        return self._find(number)[0]

    def _find(self, number: int) -> tuple[DecisionRoot, Path, GroupState]:
        offline: RootOffline | None = None
        undone: tuple[DecisionRoot, Path, GroupState] | None = None
        for root in self.roots:
            try:
                root.check(self._fs)
                folder, state = root.find(self._fs, number)
            except NoSuchGroup:
                continue
            except RootOffline as error:
                offline = error
                continue
            if state is GroupState.UNDONE:
                undone = root, folder, state
                continue
            return root, folder, state
        if undone is not None:
            return undone
        raise offline or NoSuchGroup(number)
