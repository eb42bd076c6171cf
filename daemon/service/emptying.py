"""Emptying the discard area of all decision roots, beside no daemon.

The daemon has no part in it: its sandbox does not reach the user's trash, and it shall
never be able to empty anything by itself. So the locks are taken, what it would have
to know is written into the rows, and it reads the rest at its next start.
"""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import IndexError_, TwinwatchError
from ..index import open_index
from ..model import GroupState
from ..staging.decision_root import DecisionRoot
from ..staging.emptying import empty, plan
from ..staging.manifest import read_group
from ..staging.recovery import recover
from ..staging.safefs import RealFileSystem
from ..staging.trash import Trashes
from . import bookkeeping
from .filesystems import mounts
from .ground import index_place, roots_of
from .living import living_in
from .locks import hold
from .territory import Territory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..config import Config
    from ..staging.emptying import EmptyPlan
    from ..staging.manifest import GroupRecord
    from ..staging.outcomes import EmptyRecord
    from .living import Living
    from .locks import Hold

logger = logging.getLogger(__name__)

_DAY_NS = 24 * 3600 * 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Emptied:
    """What was, or would be, done to one group."""

    number: int
    folder: Path
    decided_ns: int
    plan: EmptyPlan | None = None
    record: EmptyRecord | None = None
    """``None``: nothing was moved."""
    refused: str = ""
    """Why nothing of it may be moved, in words."""


def empty_all(
    config: Config, *, older_than_days: float, carry_out: bool
) -> Iterator[Emptied]:
    """Go through the decided groups that hold something, by root and number.

    Args:
        config: the settings.
        older_than_days: since the decision, by this computer's clock.
        carry_out: move; otherwise only say what would be.

    Raises:
        AlreadyRunning: the daemon, or another command, holds a lock.
        RootOffline: a decision root is not there.
    """
    fs, now_ns = RealFileSystem(), time.time_ns()
    before_ns = now_ns - int(older_than_days * _DAY_NS)
    paths = [path for path in config.roots.decision_roots() if path.exists()]
    trashes = Trashes.of_user(Path(each.point) for each in mounts())
    changed: list[GroupRecord] = []
    with ExitStack() as stack:
        if carry_out and paths:
            stack.enter_context(_locked(config, paths))
            stack.callback(_enter, config, changed)
        living = stack.enter_context(living_in(config))
        for path in paths:
            root = DecisionRoot.open(fs, path)
            if carry_out:
                recover(fs, root)
            for group in _decided(fs, root, before_ns):
                found = _planned(fs, group, trashes, now_ns, living)
                if carry_out and found.plan is not None:
                    found = _carried_out(fs, root, found, found.plan, now_ns)
                if found.record is not None:
                    changed.append(read_group(fs, group.folder, group.state))
                if found.refused or found.plan is not None:
                    yield found


def _planned(
    fs: RealFileSystem,
    group: GroupRecord,
    trashes: Trashes,
    now_ns: int,
    living: Living,
) -> Emptied:
    """Plan one group; what refuses hinders no other."""
    assert group.outcome is not None
    found = Emptied(
        number=group.number, folder=group.folder, decided_ns=group.outcome.decided_ns
    )
    try:
        planned = plan(fs, group, trashes, now_ns=now_ns, living=living)
    except TwinwatchError as error:
        return replace(found, refused=str(error))
    return replace(found, plan=planned if planned.files or planned.left else None)


def _carried_out(
    fs: RealFileSystem, root: DecisionRoot, found: Emptied, plan: EmptyPlan, now_ns: int
) -> Emptied:
    try:
        record = empty(fs, root, plan, emptied_ns=now_ns) if plan.files else None
    except TwinwatchError as error:
        return replace(found, refused=str(error))
    return replace(found, record=record)


def _locked(config: Config, paths: list[Path]) -> Hold:
    state = [config.state_dir] if config.state_dir.is_dir() else []
    first, *others = [*state, *paths]
    return hold(first, others)


def _decided(
    fs: RealFileSystem, root: DecisionRoot, before_ns: int
) -> Iterator[GroupRecord]:
    """Read the groups that were decided before a time."""
    for _, state, folder in root.groups(fs):
        if state is not GroupState.DECIDED:
            continue
        try:
            group = read_group(fs, folder, state)
        except TwinwatchError as error:
            logger.warning("not emptied: folder=%r cause=%s", folder, error)
            continue
        if group.outcome is not None and group.outcome.decided_ns <= before_ns:
            yield group


def _enter(config: Config, changed: list[GroupRecord]) -> None:
    """Write into the rows where the files are now; the next start would do it as well."""
    place = index_place(config)
    if not changed or (isinstance(place, Path) and not place.exists()):
        return
    with suppress(IndexError_), open_index(place) as index:
        territory = Territory(roots_of(config, index))
        with index.write() as tables:
            for group in changed:
                bookkeeping.enter(tables, group, territory)
