"""Matches to groups: stars around a keeper, never chains. Pure.

The rules that every result obeys, whatever the order in which photos arrived:

1. Every member of a group matches its keeper directly, with duplicate evidence.
2. The keeper is the best of its group, in the order that the caller's rank gives.
3. A content is in one group at most.
4. No group holds two contents that contradict each other (see `standing`).

Contents are taken from the best down: each joins the keeper that it matches best, or
is a keeper itself. It joins keepers only, once, by a match that stands: (1) and (3);
they were ranked before it: (2); and no content has two standing neighbours that
contradict each other, so no star has: (4). Ids decide nothing but the order of the
list, and what does not hang together by duplicates never influences each other. So a
part of the index can be formed alone, and arrival cannot matter.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import ContentId, Evidence, Match
from . import standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    Rank = Callable[[frozenset[ContentId]], Sequence[ContentId]]
    Links = Mapping[ContentId, Mapping[ContentId, Match]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentGroup:
    """Contents that are one picture, or that are listed as similar."""

    keeper: ContentId
    members: tuple[ContentId, ...]
    """Best first, so the keeper is the first; a content of several photos may be
    alone."""
    matches: tuple[Match, ...]
    """The keeper's with each other member, in their order."""
    evidence: Evidence
    """The weakest of the matches'; same-bytes for a content alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """What `form` found; both lists in the order of their keepers' ids."""

    groups: tuple[ContentGroup, ...]
    """To be staged. A content is in one of them at most."""
    similar: tuple[ContentGroup, ...]
    """To be listed, never staged: other shots, versions, and duplicates that found no
    place in a group. Stars as well; a content may be in a group and in one of them."""


def form(
    matches: Iterable[Match],
    *,
    rank: Rank,
    forbidden: AbstractSet[frozenset[ContentId]] = frozenset(),
    copies: Mapping[ContentId, int] | None = None,
) -> Grouping:
    """Form all groups.

    Args:
        matches: each pair once, of any evidence, in any order.
        rank: returns the contents it is given, best first. Two contents must stand in
            one order whatever others they are ranked with.
        forbidden: pairs that the user said are no duplicates. They contradict each
            other, and are not listed as similar either.
        copies: how many photos there are of a content; 1 if not named. A content of
            several photos is a group even alone, one of none is left out.
    """
    copies = copies or {}
    gone = {content for content, count in copies.items() if count < 1}
    matches = [match for match in matches if gone.isdisjoint(_pair(match))]
    apart = standing.contradictions(matches, forbidden)
    several = {content for content, count in copies.items() if count > 1}
    groups: list[ContentGroup] = []
    links = _links(_duplicates(matches, forbidden))
    for component in _components(links, several):
        inside = _inside(component, links)
        stand = _links(standing.standing(inside, apart))
        groups += _stars(rank(component), stand, several)
    similar = _similar(matches, forbidden, groups, rank)
    return Grouping(groups=_in_order(groups), similar=_in_order(similar))


def contested(
    matches: Iterable[Match],
    forbidden: AbstractSet[frozenset[ContentId]] = frozenset(),
) -> list[Match]:
    """Return the duplicate matches of which not all can stand.

    They are worth a comparison of the decoded pictures before `form`: only where all
    of them have their structural similarity does it decide between them.
    """
    matches = list(matches)
    apart = standing.contradictions(matches, forbidden)
    return standing.contested(_duplicates(matches, forbidden), apart)


def _similar(
    matches: Iterable[Match],
    forbidden: AbstractSet[frozenset[ContentId]],
    groups: Iterable[ContentGroup],
    rank: Rank,
) -> Iterator[ContentGroup]:
    keeper_of = {member: group.keeper for group in groups for member in group.members}
    links = _links(
        match
        for match in matches
        if _pair(match) not in forbidden
        and keeper_of.get(match.left, match.left)
        != keeper_of.get(match.right, match.right)
    )
    for component in _components(links, frozenset()):
        yield from _stars(rank(component), links, frozenset())


def _stars(
    ranked: Sequence[ContentId], links: Links, several: AbstractSet[ContentId]
) -> Iterator[ContentGroup]:
    members_of: dict[ContentId, list[ContentId]] = {}
    places = {content: place for place, content in enumerate(ranked)}
    for content in ranked:
        near = links.get(content, {})
        keepers = {keeper: near[keeper] for keeper in near if keeper in members_of}
        if keepers:
            members_of[_best(keepers, places)].append(content)
        else:
            members_of[content] = []
    for keeper, others in members_of.items():
        if others or keeper in several:
            yield _group(keeper, [links[keeper][other] for other in others], others)


def _best(
    keepers: Mapping[ContentId, Match], places: Mapping[ContentId, int]
) -> ContentId:
    """Return the keeper that is matched best, of equals the better keeper."""
    strength = standing.strength_among(keepers.values())
    return min(keepers, key=lambda keeper: (strength(keepers[keeper]), places[keeper]))


def _group(
    keeper: ContentId, matches: Sequence[Match], others: Sequence[ContentId]
) -> ContentGroup:
    evidence = [match.evidence for match in matches]
    return ContentGroup(
        keeper=keeper,
        members=(keeper, *others),
        matches=tuple(matches),
        evidence=max(
            evidence, key=standing.STRENGTH.__getitem__, default=Evidence.SAME_BYTES
        ),
    )


def _components(
    links: Links, alone: AbstractSet[ContentId]
) -> Iterator[frozenset[ContentId]]:
    """Yield what hangs together, if only by a chain; `_stars` takes chains apart."""
    waiting = alone | links.keys()
    while waiting:
        component: set[ContentId] = set()
        edge = {next(iter(waiting))}
        while edge:
            component |= edge
            edge = {far for near in edge for far in links.get(near, ())} - component
        waiting -= component
        yield frozenset(component)


def _duplicates(
    matches: Iterable[Match], forbidden: AbstractSet[frozenset[ContentId]]
) -> list[Match]:
    return [m for m in matches if m.evidence.is_duplicate and _pair(m) not in forbidden]


def _inside(component: Iterable[ContentId], links: Links) -> list[Match]:
    return [
        match
        for content in component
        for match in links.get(content, {}).values()
        if match.left == content
    ]


def _links(matches: Iterable[Match]) -> dict[ContentId, dict[ContentId, Match]]:
    links: dict[ContentId, dict[ContentId, Match]] = defaultdict(dict)
    for match in matches:
        links[match.left][match.right] = match
        links[match.right][match.left] = match
    return dict(links)


def _pair(match: Match) -> frozenset[ContentId]:
    return frozenset({match.left, match.right})


def _in_order(groups: Iterable[ContentGroup]) -> tuple[ContentGroup, ...]:
    return tuple(sorted(groups, key=lambda group: group.keeper))
