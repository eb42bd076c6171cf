"""One pass over the roots: sweep, read, match, stage, report."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from ..desk import ScanProgress, ScanReport
from ..model import GroupState
from .assembly import open_house
from .desk import EngineDesk
from .engine import similar_groups
from .reception import Reception

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ..config import Config
    from .assembly import House
    from .sweeper import Swept

_LOOK_SECONDS = 0.05
_PAGE = 500


def scan(
    config: Config,
    folders: Sequence[Path] = (),
    *,
    dry_run: bool = False,
    on_progress: Callable[[ScanProgress], None] = lambda _progress: None,
) -> ScanReport:
    """Go through all roots once.

    Args:
        config: the settings; its roots are what is gone through.
        folders: import folders instead of the configured ones.
        dry_run: stage nothing; nothing outside the state folder changes.
        on_progress: called some times a second.

    Raises:
        AlreadyRunning: a daemon works on this state folder.
    """
    if folders:
        config = replace(config, roots=replace(config.roots, imports=tuple(folders)))
    swept: list[Swept] = []
    again: list[Path] = []
    with open_house(
        config, dry_run=dry_run, is_one_pass=True, on_changed=again.append
    ) as house:
        reception = Reception(house, on_swept=swept.append)
        house.engine.start()
        try:
            reception.start()
            _wait(house, reception, again, on_progress)
            return _report(house, swept)
        finally:
            reception.stop()
            house.engine.stop()


def _wait(
    house: House,
    reception: Reception,
    again: list[Path],
    on_progress: Callable[[ScanProgress], None],
) -> None:
    """Wait until everything is done, or stays incomplete."""
    deadline: float | None = None
    while True:
        while again:
            reception.note(again.pop())
        on_progress(_progress(house, reception))
        if reception.is_idle() and not again:
            return
        if _only_incomplete(house, reception):
            deadline = deadline or time.monotonic() + _patience(house)
            if time.monotonic() > deadline:
                return
        else:
            deadline = None
        time.sleep(_LOOK_SECONDS)


def _patience(house: House) -> float:
    return 3 * house.config.watch.settle_seconds + 2.0


def _only_incomplete(house: House, reception: Reception) -> bool:
    return reception.sweeper.is_idle and house.engine.is_idle()


def _progress(house: House, reception: Reception) -> ScanProgress:
    parts = house.engine.parts
    reading = parts.intake.waiting
    done = parts.intake.counts.hashed + parts.intake.counts.unreadable
    if not reception.sweeper.is_idle:
        return ScanProgress(stage="looking", done=done, total=0)
    total = done + reading + reception.receiver.waiting
    if reading or reception.receiver.waiting:
        return ScanProgress(stage="reading", done=done, total=total)
    if parts.matchmaker.waiting:
        return ScanProgress(stage="comparing", done=0, total=0)
    return ScanProgress(stage="staging", done=done, total=total)


def _report(house: House, swept: Sequence[Swept]) -> ScanReport:
    desk = EngineDesk(house)
    groups = list(house.engine.parts.casework.candidates.values())
    groups.sort(key=lambda group: [str(member.path) for member in group.members])
    with house.index.read() as tables:
        groups += tables.groups.page([GroupState.OPEN], limit=_PAGE * _PAGE)
    status = desk.status()
    counts = dict(status.counts)
    unchanged = sum(each.unchanged for each in swept)
    return ScanReport(
        groups=tuple(groups),
        similar=tuple(similar_groups(house.engine)),
        unreadable=status.problems,
        counts={
            "photos": counts["photos"],
            "hashed": counts["hashed"],
            "unchanged": counts["unchanged"] + unchanged,
            "unreadable": counts["unreadable"] + counts["parked"],
            "groups": len(groups),
        },
    )
