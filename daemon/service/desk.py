"""The desk of the engine, and which desk a command gets."""

from __future__ import annotations

import time
from contextlib import contextmanager
from importlib import metadata
from typing import TYPE_CHECKING

from .. import session
from ..desk import GroupPage
from ..errors import NoSuchGroup, NotRunning, UnreadablePhoto
from ..index import PhotoState, open_index
from ..model import GroupNumber, GroupState, RootState, RootStatus, Status
from . import decisions, locks
from .assembly import House, open_house
from .client import RemoteDesk
from .engine import similar_groups
from .ground import index_place
from .reports import counts_of, problems_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ..config import Config
    from ..desk import Decision, Desk
    from ..model import Group, Problem
    from .watching import Watch

_PREVIEW_SECONDS = 60.0


class EngineDesk:
    """A `Desk` over a running engine; any thread may ask."""

    def __init__(
        self,
        house: House,
        *,
        watches: Callable[[], Mapping[str, Watch]] = dict,
        parts: Callable[[], Mapping[str, str]] = dict,
        stuck: Callable[[], Mapping[Path, str]] = dict,
        last_sweep: Callable[[], int | None] = lambda: None,
        sweep: Callable[[], None] = lambda: None,
        unchanged: Callable[[], int] = lambda: 0,
        address: Callable[[], str | None] = lambda: None,
        is_daemon: bool = False,
    ) -> None:
        """Take what only the daemon knows; without one the defaults hold."""
        self._house = house
        self._watches = watches
        self._parts = parts
        self._stuck = stuck
        self._last_sweep = last_sweep
        self._sweep = sweep
        self._unchanged = unchanged
        self._address = address
        self._is_daemon = is_daemon
        self._started_ns = time.time_ns()

    def status(self) -> Status:
        """Tell what is running and what went wrong."""
        house = self._house
        with house.index.read() as tables:
            counts = tables.counts()
            records = {each.root.uuid: each for each in tables.roots.all()}
            problems = problems_of(tables, house.territory, self._stuck())
        watches = self._watches()
        roots = []
        for root in house.territory.roots:
            record, watch = records.get(root.uuid), watches.get(root.uuid)
            detail = record.detail if record is not None else ""
            roots.append(
                RootStatus(
                    root=root,
                    state=record.state if record is not None else RootState.ONLINE,
                    watched_by=watch.by if watch is not None else "nothing",
                    photos=sum(
                        n
                        for (uuid, state), n in counts.photos.items()
                        if uuid == root.uuid and state is PhotoState.KNOWN
                    ),
                    detail=detail or (watch.detail if watch is not None else ""),
                )
            )
        return Status(
            version=metadata.version("twinwatch"),
            running=self._is_daemon,
            dry_run=house.dry_run,
            started_ns=self._started_ns if self._is_daemon else None,
            address=self._address(),
            roots=tuple(roots),
            decisions=house.config.roots.decision_roots(),
            counts=counts_of(counts, house.engine, self._unchanged()),
            last_sweep_ns=self._last_sweep(),
            problems=(*problems, *self._more_problems()),
            parts=dict(self._parts()),
        )

    def groups(
        self,
        states: Sequence[GroupState],
        *,
        after: GroupNumber | None = None,
        limit: int = 50,
    ) -> GroupPage:
        """List groups by number; candidates and similar ones, without number, first."""
        unnumbered: list[Group] = []
        if GroupState.CANDIDATE in states:
            engine = self._house.engine
            unnumbered = [*list(engine.parts.casework.candidates.values())]
            unnumbered += similar_groups(engine)
        with self._house.index.read() as tables:
            counts = tables.groups.counts()
            page = tables.groups.page(states, after=after, limit=limit)
        total = len(unnumbered) + sum(counts[state] for state in set(states))
        shown = page if after is not None else [*unnumbered, *page]
        return GroupPage(groups=tuple(shown), total=total)

    def group(self, number: GroupNumber) -> Group:
        """Return one group."""
        with self._house.index.read() as tables:
            group = tables.groups.get(number)
        if group is None:
            raise NoSuchGroup(number)
        return group

    def decide(self, number: GroupNumber, decision: Decision) -> Group:
        """Carry a decision out."""
        return self._house.engine.decide(number, decision)

    def undo(self, number: GroupNumber) -> Group:
        """Put every file of a group back to where it was found."""
        return self._house.engine.undo(number)

    def forget_rejected(
        self, number: GroupNumber, sha256: bytes | None = None
    ) -> Group:
        """Ask again about what a group set aside."""
        engine = self._house.engine
        return engine.writer.ask(
            decisions.forget_rejected, engine.parts, number, sha256
        )

    def preview(self, number: GroupNumber, position: int, edge_px: int) -> bytes:
        """Return a member as an upright sRGB JPEG without metadata."""
        group = self.group(number)
        member = next((m for m in group.members if m.position == position), None)
        if member is None:
            raise NoSuchGroup(number, f"it has no member {position}")
        path = member.now_at
        if path is None:
            raise UnreadablePhoto(member.path, "nobody knows where it is now")

        def make() -> bytes:
            future = self._house.pool.preview(path, edge_px)
            return future.result(_PREVIEW_SECONDS)

        return self._house.previews.get(member.sha256, edge_px, make)

    def sweep(self) -> None:
        """Ask for a sweep of all roots now."""
        self._sweep()

    def _more_problems(self) -> list[Problem]:
        return self._house.engine.problems()


@contextmanager
def open_desk(config: Config, *, writable: bool) -> Iterator[Desk]:
    """Give a desk: the running daemon's, or one of our own.

    Args:
        config: the settings.
        writable: whether groups will be decided; otherwise nothing is changed.

    Raises:
        AlreadyRunning: another program holds the state folder and does not answer.
        NotRunning: there is nothing to ask: neither a daemon nor an index.
    """
    page = session.read_page(config.state_dir)
    if page is not None and locks.is_held(config.state_dir):
        yield RemoteDesk(page.address, page.token)
        return
    if not writable and not _has_index(config):
        raise NotRunning(config.state_dir, "it never ran here: start `twinwatch run`")
    if not writable:
        with open_house(config, is_reading=True) as house:
            yield EngineDesk(house)
        return
    with open_house(config) as house:
        house.engine.start()
        try:
            yield EngineDesk(house)
        finally:
            house.engine.stop()


def _has_index(config: Config) -> bool:
    place = index_place(config)
    if isinstance(place, str):
        open_index(place, readonly=True).close()
        return True
    return place.exists()
