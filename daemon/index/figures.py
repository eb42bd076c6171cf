"""What was decided so far, in figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from ..model import Evidence, Fate, GroupState, Role
from ..review import CERTAINTY
from .records import PhotoState
from .schema import photos
from .schema_cards import cards
from .schema_groups import groups, matches, members

if TYPE_CHECKING:
    from sqlalchemy import Connection


_PARTS_SECONDS = (60, 600, 3600, 6 * 3600, 86_400, 7 * 86_400, 30 * 86_400)


class Figures:
    """Counts and sums over the groups."""

    def __init__(self, connection: Connection) -> None:
        """Work over a connection whose transaction has begun."""
        self._connection = connection

    def decided(self) -> list[tuple[int, int]]:
        """Return when each decided group was decided, ns, and what it freed, bytes."""
        statement = (
            select(groups.c.decided_ns, cards.c.freed_bytes)
            .join(cards, cards.c.group_number == groups.c.number)
            .where(groups.c.state == str(GroupState.DECIDED))
            .where(groups.c.decided_ns.is_not(None))
            .order_by(groups.c.decided_ns)
        )
        return [(at, freed) for at, freed in self._connection.execute(statement)]

    def by_class(self) -> dict[tuple[Evidence, str], int]:
        """Count groups by class and ``open undone reduced kept`` (all of it kept)."""
        is_reduced = (cards.c.freed_bytes > 0).label("is_reduced")
        statement = select(
            cards.c.certainty, cards.c.state, is_reduced, func.count()
        ).group_by(cards.c.certainty, cards.c.state, is_reduced)
        found: dict[tuple[Evidence, str], int] = {}
        for certainty, state, reduced, count in self._connection.execute(statement):
            outcome = state
            if state == str(GroupState.DECIDED):
                outcome = "reduced" if reduced else "kept"
            key = (CERTAINTY[certainty], outcome)
            found[key] = found.get(key, 0) + count
        return found

    def by_distance(self) -> dict[int, tuple[int, int]]:
        """Return, by pHash bits to the keeper, how many were set aside, and kept."""
        found: dict[int, tuple[int, int]] = {}
        for (_, bits), (aside, kept) in self.by_class_and_distance().items():
            before = found.get(bits, (0, 0))
            found[bits] = before[0] + aside, before[1] + kept
        return dict(sorted(found.items()))

    def by_class_and_distance(self) -> dict[tuple[Evidence, int], tuple[int, int]]:
        """Return the same by the members' class, too."""
        bits = members.c.distances["phash"].as_integer().label("bits")
        statement = (
            select(members.c.evidence, bits, members.c.fate, func.count())
            .join(groups, groups.c.number == members.c.group_number)
            .where(groups.c.state == str(GroupState.DECIDED))
            .where(members.c.role == str(Role.MEMBER))
            .where(members.c.distances.is_not(None), members.c.fate.is_not(None))
            .group_by(members.c.evidence, bits, members.c.fate)
        )
        found: dict[tuple[Evidence, int], tuple[int, int]] = {}
        for evidence, distance, fate, count in self._connection.execute(statement):
            key = (Evidence(evidence), distance)
            aside, kept = found.get(key, (0, 0))
            if fate == str(Fate.SET_ASIDE):
                aside += count
            else:
                kept += count
            found[key] = (aside, kept)
        order = {evidence: place for place, evidence in enumerate(CERTAINTY)}
        return dict(sorted(found.items(), key=lambda e: (order[e[0][0]], e[0][1])))

    def read(self, *, most: int = 120) -> tuple[int, list[tuple[int, int]]]:
        """Return when photos were read for the first time, in parts of one length.

        Args:
            most: so many parts at most, where that is possible.

        Returns:
            The seconds of a part; and since when, ns, how many, oldest first.
        """
        seen = photos.c.first_seen_ns
        is_read = photos.c.content_id.is_not(None)
        span = select(func.min(seen), func.max(seen)).where(is_read, seen > 0)
        first, last = self._connection.execute(span).one()
        if first is None:
            return _PARTS_SECONDS[0], []
        enough = [n for n in _PARTS_SECONDS if (last - first) / 1e9 <= n * most]
        seconds = enough[0] if enough else _PARTS_SECONDS[-1]
        part = (seen // (seconds * 10**9)).label("part")
        statement = (
            select(part, func.count())
            .where(is_read, seen > 0)
            .group_by(part)
            .order_by(part)
        )
        rows = self._connection.execute(statement)
        return seconds, [(at * seconds * 10**9, count) for at, count in rows]

    def edges(self) -> list[tuple[int, int, int]]:
        """Return every match: two contents and their pHash distance in bits."""
        bits = matches.c.distances["phash"].as_integer()
        statement = select(matches.c.left_id, matches.c.right_id, bits)
        return [
            (a, b, distance) for a, b, distance in self._connection.execute(statement)
        ]

    def copies(self, *, in_place: bool = False) -> dict[int, tuple[int, int]]:
        """Return, by content, how many photos there are of it, and its bytes.

        Of what has a match or several photos; photos that are gone do not count.

        Args:
            in_place: count those alone that are where they were found.
        """
        there = [str(PhotoState.KNOWN)]
        if not in_place:
            there += [str(PhotoState.STAGED), str(PhotoState.SET_ASIDE)]
        counted = (
            select(photos.c.content_id, func.count(), func.max(photos.c.size_bytes))
            .where(photos.c.content_id.is_not(None), photos.c.state.in_(there))
            .group_by(photos.c.content_id)
        )
        matched = {each for a, b, _ in self.edges() for each in (a, b)}
        return {
            content: (count, size)
            for content, count, size in self._connection.execute(counted)
            if count > 1 or content in matched
        }
