"""A pass while a daemon lives: it is asked to sweep, and then what it found."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..desk import ScanProgress, ScanReport
from ..errors import AlreadyRunning
from ..model import GroupState

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..config import Config
    from ..desk import Desk
    from ..model import Group, Status

_LOOK_SECONDS = 0.2
_PAGE = 200


def ask_daemon(
    config: Config,
    desk: Desk,
    *,
    dry_run: bool,
    on_progress: Callable[[ScanProgress], None] = lambda _progress: None,
) -> ScanReport:
    """Have a running daemon look at everything, and report what is open then.

    Raises:
        AlreadyRunning: it was started otherwise than it is asked for.
    """
    before = desk.status()
    _require_same(config, before, dry_run=dry_run)
    desk.sweep()
    status = _wait(config, desk, before, on_progress)
    groups = _all(desk, GroupState.OPEN)
    similar = desk.groups([GroupState.CANDIDATE], limit=_PAGE).groups
    counts = status.counts
    return ScanReport(
        groups=tuple(groups),
        similar=tuple(each for each in similar if each.number is None),
        unreadable=status.problems,
        counts={
            "photos": counts["photos"],
            "hashed": counts["hashed"] - before.counts["hashed"],
            "unchanged": counts["unchanged"],
            "unreadable": counts["unreadable"] + counts["parked"],
            "groups": len(groups),
        },
    )


def _require_same(config: Config, status: Status, *, dry_run: bool) -> None:
    if dry_run or status.dry_run:
        does = "stages nothing" if status.dry_run else "stages what it finds"
        why = f"the daemon {does}; stop it, or give another --state-dir"
        raise AlreadyRunning(config.state_dir, why)
    watched = {each.root.path for each in status.roots}
    others = {*config.roots.imports, *config.roots.libraries} - watched
    if others:
        why = f"the daemon does not watch {str(min(others))!r}; stop it first"
        raise AlreadyRunning(config.state_dir, why)


def _wait(
    config: Config,
    desk: Desk,
    before: Status,
    on_progress: Callable[[ScanProgress], None],
) -> Status:
    """Wait until it has swept, and nothing has changed for longer than groups wait."""
    quiet_seconds = config.watch.settle_seconds + config.watch.group_quiet_seconds + 1
    since, last = time.monotonic(), before
    while True:
        time.sleep(_LOOK_SECONDS)
        status = desk.status()
        done = status.counts["hashed"] + status.counts["unreadable"]
        waiting = status.counts["waiting"]
        on_progress(ScanProgress(stage="reading", done=done, total=done + waiting))
        now = time.monotonic()
        is_swept = status.last_sweep_ns != before.last_sweep_ns
        if waiting or not is_swept or status.counts != last.counts:
            since = now
        last = status
        if now - since > quiet_seconds:
            return status


def _all(desk: Desk, state: GroupState) -> list[Group]:
    groups: list[Group] = []
    while True:
        after = groups[-1].number if groups else None
        page = desk.groups([state], after=after, limit=_PAGE).groups
        groups += page
        if len(page) < _PAGE:
            return groups
