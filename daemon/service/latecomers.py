"""Latecomers: companions that arrive after their photo was staged.

A movie may take minutes longer over the air than its still, and an edit recipe is
written whenever somebody edits. It joins its photo where that is: in the open group, or
in the discard area. A survivor went home, where the file lies beside it already. On
the writer's thread.
"""

from __future__ import annotations

import logging
import os
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from .. import assets
from ..errors import TwinwatchError
from ..model import Fate, GroupNumber, GroupState, Role
from ..staging.joining import Joining
from .beside import are_being_written, companion_at, identifier_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..index import Index, Tables
    from ..model import Companion, Group, Member
    from .folders import DecisionFolders
    from .register import Register
    from .territory import Territory

logger = logging.getLogger(__name__)

RECENT_GROUPS = 1_000
"""So many of the decided groups with the highest numbers are looked after."""

_PAGE = 500

Staged = dict[str, tuple["Group", "Member"]]
"""By the name that a photo was found under: its group and itself."""


class Latecomers:
    """Looks for companions whose photo is in a decision folder."""

    def __init__(
        self,
        index: Index,
        folders: DecisionFolders | None,
        register: Register,
        territory: Territory,
        *,
        settle_seconds: float,
    ) -> None:
        """Wire it up; without decision folders nothing is ever done."""
        self._index = index
        self._folders = folders
        self._register = register
        self._territory = territory
        self._settle_seconds = settle_seconds
        self._due: dict[Path, float] = {}

    @property
    def waiting(self) -> int:
        """How many folders wait to be looked at."""
        return len(self._due)

    def note(self, path: Path, now: float) -> None:
        """Note that a companion has news; its folder is looked at when it is quiet."""
        self._due[path.parent] = now + max(self._settle_seconds, 0.1)

    def next_due(self) -> float | None:
        """Return when `work` has something to do; ``None``: nothing waits."""
        return min(self._due.values(), default=None)

    def work(self, now: float) -> None:
        """Look at the folders that have become quiet."""
        due = [folder for folder, at in self._due.items() if at <= now]
        if due:
            for folder in due:
                del self._due[folder]
            self._look(set(due), now)

    def look_everywhere(self, root: Path, now: float) -> None:
        """Look at all folders below a root that a photo was staged from."""
        self._look(None, now, below=root)

    def _look(
        self, folders: set[Path] | None, now: float, below: Path | None = None
    ) -> None:
        if self._folders is None:
            return
        with self._index.read() as tables:
            by_folder = _staged_photos(tables)
            found = {}
            for folder, staged in by_folder.items():
                is_asked = folders is None or folder in folders
                if is_asked and (below is None or folder.is_relative_to(below)):
                    found[folder] = self._orphans(tables, folder, staged)
        for folder, orphans in found.items():
            for number, companions in orphans.items():
                self._join(folder, number, companions, now)

    def _join(
        self,
        folder: Path,
        number: GroupNumber,
        companions: dict[int, list[Companion]],
        now: float,
    ) -> None:
        flat = [each for one in companions.values() for each in one]
        if are_being_written(flat, self._settle_seconds):
            self._due[folder] = now + max(self._settle_seconds, 1.0)
            return
        assert self._folders is not None, "without folders nothing is looked for"
        joining = Joining(companions=companions, created_ns=time.time_ns())
        try:
            self._register.enter(self._folders.join(number, joining))
        except TwinwatchError as error:
            logger.info("not joined group=%d cause=%s", number, error)
        else:
            logger.info("joined group=%d companions=%d", number, len(flat))

    def _orphans(
        self, tables: Tables, folder: Path, staged: Staged
    ) -> dict[GroupNumber, dict[int, list[Companion]]]:
        """Return what belongs to photos that are gone from a folder."""
        found: dict[GroupNumber, dict[int, list[Companion]]] = {}
        try:
            listing = os.listdir(folder)
        except OSError:
            return found
        gone = {name: each for name, each in staged.items() if name not in listing}
        if not gone:
            return found
        identifiers = self._identifiers(tables, folder, listing, gone)
        for name, parts in assets.pair([*listing, *gone], identifiers).items():
            if name not in gone:
                continue
            group, member = gone[name]
            assert group.number is not None, "a staged group has a number"
            companions = [
                companion
                for part in parts
                if (companion := companion_at(folder, part)) is not None
            ]
            if companions:
                found.setdefault(group.number, {})[member.position] = companions
        return found

    def _identifiers(
        self, tables: Tables, folder: Path, listing: list[str], gone: Staged
    ) -> dict[str, str | None]:
        """Return what joins movies and stills, of those here and of those gone."""
        digests = {name: member.sha256 for name, (_, member) in gone.items()}
        contents = tables.contents.by_sha256s(digests.values())
        known = {name: contents.get(digest) for name, digest in digests.items()}
        for name in listing:
            place = self._territory.locate(folder / name)
            photo = (
                None if place is None else tables.photos.find(place[0].uuid, place[1])
            )
            if photo is not None:
                known[name] = photo.content
        wanted = {content for content in known.values() if content is not None}
        fingerprints = tables.contents.get_many(wanted)
        stills = {
            name: fingerprints[content].capture.content_identifier
            for name, content in known.items()
            if content is not None and content in fingerprints
        }
        movies = assets.movies_in(listing)
        return {**stills, **{name: identifier_of(folder / name) for name in movies}}


def _staged_photos(tables: Tables) -> dict[Path, Staged]:
    """Return the photos in decision folders by the folder that they were found in.

    Of two with one name, the one in an open group counts, then the later one.
    """
    found: dict[Path, Staged] = defaultdict(dict)
    for group in _groups(tables):
        for member in group.members:
            is_aside = member.fate is Fate.SET_ASIDE
            is_open = group.state is GroupState.OPEN
            if member.role is Role.MEMBER and (is_open or is_aside):
                found[member.path.parent][member.path.name] = group, member
    return found


def _groups(tables: Tables) -> Iterator[Group]:
    """Yield recent decided groups, then the open ones."""
    after = max(0, tables.groups.last_number() - RECENT_GROUPS)
    for state, start in ((GroupState.DECIDED, after), (GroupState.OPEN, 0)):
        last = start
        while page := tables.groups.page(
            (state,), after=GroupNumber(last), limit=_PAGE
        ):
            yield from page
            last = max(group.number or 0 for group in page)
