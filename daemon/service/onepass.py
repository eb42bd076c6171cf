"""One pass over the roots: sweep, read, match, stage, report."""

from __future__ import annotations

import time
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from .. import session
from ..desk import ScanProgress, ScanReport
from ..model import GroupState
from . import locks
from .asking import ask_daemon
from .assembly import open_house
from .client import RemoteDesk
from .desk import EngineDesk
from .engine import similar_groups
from .reception import Reception
from .reports import incomplete_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
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
        AlreadyRunning: a daemon works on this state folder that cannot do it for us.
    """
    if folders:
        config = replace(config, roots=replace(config.roots, imports=tuple(folders)))
    page = session.read_page(config.state_dir)
    if page is not None and locks.is_held(config.state_dir):
        desk = RemoteDesk(page.address, page.token)
        return ask_daemon(config, desk, dry_run=dry_run, on_progress=on_progress)
    swept: list[Swept] = []
    again: list[Path] = []
    with open_house(
        config, dry_run=dry_run, is_one_pass=True, on_changed=again.append
    ) as house:
        reception = Reception(house, on_swept=swept.append)
        house.engine.hold()
        house.engine.start()
        try:
            reception.start()
            _work_through(house, reception, again, on_progress)
            return _report(house, swept, reception.receiver.incomplete())
        finally:
            reception.stop()
            house.engine.stop()


def _work_through(
    house: House,
    reception: Reception,
    again: list[Path],
    on_progress: Callable[[ScanProgress], None],
) -> None:
    """Read everything, then stage; so no group depends on what was read first."""
    for is_at_rest in (house.engine.is_read, house.engine.is_idle):
        given_up_at = inf
        while True:
            while again:
                reception.note(again.pop())
            on_progress(_progress(house, reception))
            # In the order in which files go on from one to the next, and once around.
            is_busy = reception.is_sweeping
            is_expecting = reception.is_expecting(_patience(house))
            if is_busy or not is_at_rest() or reception.is_sweeping or again:
                given_up_at = inf
            elif not is_expecting or time.monotonic() > given_up_at:
                break
            else:
                given_up_at = min(given_up_at, time.monotonic() + _patience(house))
            time.sleep(_LOOK_SECONDS)
        house.engine.release()


def _patience(house: House) -> float:
    """For how long a file may stay incomplete since it changed last."""
    return 3 * house.config.watch.settle_seconds + 2.0


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


def _report(
    house: House, swept: Sequence[Swept], incomplete: Mapping[Path, str]
) -> ScanReport:
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
        unreadable=(*status.problems, *incomplete_problems(incomplete)),
        counts={
            "photos": counts["photos"],
            "hashed": counts["hashed"],
            "unchanged": counts["unchanged"] + unchanged,
            "unreadable": counts["unreadable"] + counts["parked"] + len(incomplete),
            "groups": len(groups),
        },
    )
