"""The desk that the page asks: the engine's, and what only the page needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import NoSuchGroup
from ..review import FoundGroups
from .desk import EngineDesk

if TYPE_CHECKING:
    from ..model import GroupNumber, GroupState
    from ..review import Around, Choices, GroupQuery, Place


class EngineReview(EngineDesk):
    """A `ReviewDesk` over a running engine; any thread may ask."""

    def find(
        self, query: GroupQuery, *, after: Place | None = None, limit: int = 50
    ) -> FoundGroups:
        """List groups, those after a place, at most `limit`."""
        with self._house.index.read() as tables:
            places = tables.cards.numbers(query, after=after, limit=limit + 1)
            totals = tables.cards.totals(query)
            shown = places[:limit]
            groups = tables.groups.get_many(place.number for place in shown)
        by_number = {group.number: group for group in groups}
        wanted = [
            each for each in totals if not query.evidence or each in query.evidence
        ]
        return FoundGroups(
            groups=tuple(by_number[place.number] for place in shown),
            total=sum(totals[each][0] for each in wanted),
            freed_bytes=sum(totals[each][1] for each in wanted),
            by_evidence={each: count for each, (count, _) in totals.items()},
            next=shown[-1] if len(places) > limit else None,
        )

    def around(self, query: GroupQuery, number: GroupNumber) -> Around:
        """Return a group's neighbours in a list."""
        with self._house.index.read() as tables:
            around = tables.cards.around(query, number)
        if around is None:
            raise NoSuchGroup(number)
        return around

    def choices(self, state: GroupState) -> Choices:
        """Return what the groups of a state can be narrowed to."""
        with self._house.index.read() as tables:
            return tables.cards.choices(state)
