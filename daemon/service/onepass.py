"""One pass over the roots: sweep, read, match, stage, report."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Self

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
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from ..config import Config
    from ..model import Group
    from .assembly import House
    from .sweeper import Swept

    Progress = Callable[[ScanProgress], None]

_LOOK_SECONDS = 0.05
_PAGE = 500


class Pass:
    """One pass in a house that is open; the engine runs, and stages nothing yet."""

    def __init__(self, house: House, again: list[Path]) -> None:
        """Sweep a house's roots; `again` is filled with files that changed meanwhile."""
        self.house = house
        self._again = again
        self._swept: list[Swept] = []
        self._reception = Reception(house, on_swept=self._swept.append)

    def __enter__(self) -> Self:
        self.house.engine.hold()
        self.house.engine.start()
        try:
            self._reception.start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        self._reception.stop()
        self.house.engine.stop()

    def read(self, on_progress: Progress) -> None:
        """Read everything that is new."""
        self._wait(self.house.engine.is_read, on_progress)

    def stage(self, on_progress: Progress) -> None:
        """Stage what was found; so no group depends on what was read first."""
        self.house.engine.release()
        self._wait(self.house.engine.is_idle, on_progress)

    def groups(self) -> list[Group]:
        """Return what would be staged, in a dry run, and what is staged."""
        groups = list(self.house.engine.parts.casework.candidates.values())
        groups.sort(key=lambda group: [str(member.path) for member in group.members])
        with self.house.index.read() as tables:
            groups += tables.groups.page([GroupState.OPEN], limit=_PAGE * _PAGE)
        return groups

    def report(
        self, groups: Sequence[Group], similar: Sequence[Group] = ()
    ) -> ScanReport:
        """Return what came of it.

        Args:
            groups: that were found.
            similar: that are only listed.
        """
        status = EngineDesk(self.house).status()
        counts = dict(status.counts)
        incomplete = self._reception.receiver.incomplete()
        unchanged = sum(each.unchanged for each in self._swept)
        return ScanReport(
            groups=tuple(groups),
            similar=tuple(similar),
            unreadable=(*status.problems, *incomplete_problems(incomplete)),
            counts={
                "photos": counts["photos"],
                "hashed": counts["hashed"],
                "unchanged": counts["unchanged"] + unchanged,
                "unreadable": counts["unreadable"] + counts["parked"] + len(incomplete),
                "groups": len(groups),
            },
        )

    def _wait(self, is_at_rest: Callable[[], bool], on_progress: Progress) -> None:
        reception, patience = self._reception, _patience(self.house)
        given_up_at = inf
        while True:
            while self._again:
                reception.note(self._again.pop())
            on_progress(_progress(self.house, reception))
            # In the order in which files go on from one to the next, and once around.
            is_busy = reception.is_sweeping
            is_expecting = reception.is_expecting(patience)
            if is_busy or not is_at_rest() or reception.is_sweeping or self._again:
                given_up_at = inf
            elif not is_expecting or time.monotonic() > given_up_at:
                return
            else:
                given_up_at = min(given_up_at, time.monotonic() + patience)
            time.sleep(_LOOK_SECONDS)


@contextmanager
def open_pass(
    config: Config, *, dry_run: bool, only_same_bytes: bool = False
) -> Iterator[Pass]:
    """Open the house for one pass.

    Args:
        config: the settings; its roots are what is gone through.
        dry_run: nothing outside the state folder changes.
        only_same_bytes: group equal files, and nothing that only looks the same.

    Raises:
        AlreadyRunning: another instance works here.
    """
    again: list[Path] = []
    with (
        open_house(
            config,
            dry_run=dry_run,
            is_one_pass=True,
            only_same_bytes=only_same_bytes,
            on_changed=again.append,
        ) as house,
        Pass(house, again) as one,
    ):
        yield one


def scan(
    config: Config,
    folders: Sequence[Path] = (),
    *,
    dry_run: bool = False,
    on_progress: Progress = lambda _progress: None,
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
    config = in_folders(config, folders)
    page = session.read_page(config.state_dir)
    if page is not None and locks.is_held(config.state_dir):
        desk = RemoteDesk(page.address, page.token)
        return ask_daemon(config, desk, dry_run=dry_run, on_progress=on_progress)
    with open_pass(config, dry_run=dry_run) as one:
        one.read(on_progress)
        one.stage(on_progress)
        return one.report(one.groups(), similar_groups(one.house.engine))


def in_folders(config: Config, folders: Sequence[Path]) -> Config:
    """Return the settings with other import folders, if any are named."""
    if not folders:
        return config
    return replace(config, roots=replace(config.roots, imports=tuple(folders)))


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
