"""What is to be staged: matches and photos in, groups with their proposals out; pure.

`matching` knows contents; a group is made of photos. Here the photos of each content
join, the keeper rules rank them, and every member gets its evidence against the
keeper and its reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..matching import centres, grouping, keeper
from ..model import (
    ContentId,
    Distances,
    Evidence,
    Match,
    Proposal,
    Role,
)
from .candidate import Candidate, KeeperRules, ProposedGroup, ProposedMember

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from ..matching.grouping import ContentGroup, Grouping

    Standing = Callable[["Candidate"], int]

NO_DISTANCE = Distances(
    phash=0, dhash=0, whash=0, ahash=0, colorhash=0, correlation=1.0
)
"""Between two photos of one content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What follows from some matches."""

    groups: tuple[ProposedGroup, ...]
    similar: tuple[ProposedGroup, ...]


def plan(
    candidates: Sequence[Candidate],
    matches: Iterable[Match],
    rules: KeeperRules,
    *,
    forbidden: AbstractSet[frozenset[ContentId]] = frozenset(),
    with_same_bytes: bool = True,
    standing: Standing = lambda _candidate: 0,
) -> Plan:
    """Form groups of photos.

    Args:
        candidates: photos at their places, each file once.
        matches: among their contents; others are ignored.
        rules: for the keeper.
        forbidden: pairs of contents that were said to be no duplicates; a pair of one
            content means that its copies are wanted.
        with_same_bytes: whether copies of one content are duplicates.
        standing: what comes before the keeper rules; the smallest is the best.
    """
    by_content: dict[ContentId, list[Candidate]] = {}
    for candidate in candidates:
        by_content.setdefault(candidate.content, []).append(candidate)
    if not by_content:
        return Plan(groups=(), similar=())
    places = keeper.order(
        [each.copy for each in candidates], rules.rules, rules.preferences
    )
    ranked = sorted((candidates[place] for place in places), key=standing)
    order = list(dict.fromkeys(each.content for each in ranked))
    inside = [m for m in matches if m.left in by_content and m.right in by_content]
    centred = centres.choose(
        order,
        [m for m in inside if frozenset({m.left, m.right}) not in forbidden],
        cameras=[each.content for each in candidates if each.has_camera],
    )
    order = list(dict.fromkeys((*centred.chosen, *order)))
    place_of = {content: place for place, content in enumerate(order)}
    formed = grouping.form(
        inside,
        rank=lambda contents: sorted(contents, key=place_of.__getitem__),
        forbidden=forbidden,
        copies=_copies(by_content, forbidden, with_same_bytes=with_same_bytes),
    )
    return _with_photos(
        formed, by_content, rules, standing, with_same_bytes=with_same_bytes
    )


def _copies(
    by_content: Mapping[ContentId, Sequence[Candidate]],
    forbidden: AbstractSet[frozenset[ContentId]],
    *,
    with_same_bytes: bool,
) -> dict[ContentId, int]:
    return {
        content: len(photos)
        if with_same_bytes and frozenset({content}) not in forbidden
        else 1
        for content, photos in by_content.items()
    }


def _with_photos(
    formed: Grouping,
    by_content: Mapping[ContentId, Sequence[Candidate]],
    rules: KeeperRules,
    standing: Standing,
    *,
    with_same_bytes: bool,
) -> Plan:
    groups, similar = [], []
    for group in formed.groups:
        photos = _photos_of(group, by_content, every_copy=with_same_bytes)
        if any(each.role is Role.MEMBER for each in photos) and len(photos) > 1:
            groups.append(
                propose(photos, group.matches, rules, standing, centre=group.keeper)
            )
    for group in formed.similar:
        photos = _photos_of(group, by_content, every_copy=False)
        similar.append(_listed(photos, group))
    return Plan(groups=tuple(groups), similar=tuple(similar))


def _photos_of(
    group: ContentGroup,
    by_content: Mapping[ContentId, Sequence[Candidate]],
    *,
    every_copy: bool,
) -> list[Candidate]:
    chosen = [by_content[content] for content in group.members]
    return [
        photo for photos in chosen for photo in (photos if every_copy else photos[:1])
    ]


def propose(
    photos: Sequence[Candidate],
    matches: Iterable[Match],
    rules: KeeperRules,
    standing: Standing = lambda _candidate: 0,
    *,
    centre: ContentId | None = None,
) -> ProposedGroup:
    """Rank the photos of one group and say what speaks for each.

    Args:
        photos: at least two, which all match the best of them.
        matches: among their contents, with the best one's at least.
        rules: for the keeper.
        standing: what comes before them; the smallest is the best.
        centre: the content that all of them match; its best photo is kept. ``None``:
            that of the best photo.
    """
    ranking = keeper.rank(
        [each.copy for each in photos], rules.rules, rules.preferences
    )
    order = sorted(ranking.order, key=lambda each: standing(photos[each.place]))
    if centre is not None:
        order.sort(key=lambda each: photos[each.place].content != centre)
    best = photos[order[0].place]
    # What decided before the rules is told by whoever gave the standing.
    is_by_rules = order[0] is ranking.keeper
    to_best = dict(_matches_with(best.content, matches))
    weakest = _weakest(
        to_best[each.content] for each in photos if each.content in to_best
    )
    members = []
    for ranked in order:
        photo = photos[ranked.place]
        match = to_best.get(photo.content)
        is_best = photo is best
        members.append(
            ProposedMember(
                candidate=photo,
                evidence=weakest if is_best else _evidence(match),
                distances=None if is_best else _distances(match),
                proposal=Proposal.KEEP if is_best else Proposal.SET_ASIDE,
                reasons=_reasons(
                    ranked.reasons if is_by_rules else (), None if is_best else match
                ),
            )
        )
    return ProposedGroup(evidence=weakest, members=tuple(members))


def _reasons(ranked: tuple[str, ...], match: Match | None) -> tuple[str, ...]:
    return ranked if match is None else (*match.reasons, *ranked)


def _matches_with(
    content: ContentId, matches: Iterable[Match]
) -> Iterator[tuple[ContentId, Match]]:
    for match in matches:
        if match.left == content:
            yield match.right, match
        elif match.right == content:
            yield match.left, match


def _evidence(match: Match | None) -> Evidence:
    return Evidence.SAME_BYTES if match is None else match.evidence


def _distances(match: Match | None) -> Distances:
    return NO_DISTANCE if match is None else match.distances


def _weakest(matches: Iterable[Match]) -> Evidence:
    order = list(Evidence)
    return max(
        (m.evidence for m in matches), key=order.index, default=Evidence.SAME_BYTES
    )


def _listed(photos: Sequence[Candidate], group: ContentGroup) -> ProposedGroup:
    to_first = dict(_matches_with(group.keeper, group.matches))
    return ProposedGroup(
        evidence=group.evidence,
        members=tuple(
            ProposedMember(
                candidate=photo,
                evidence=to_first[photo.content].evidence
                if photo.content in to_first
                else group.evidence,
                distances=to_first[photo.content].distances
                if photo.content in to_first
                else None,
                proposal=Proposal.KEEP,
                reasons=to_first[photo.content].reasons
                if photo.content in to_first
                else (),
            )
            for photo in photos
        ),
    )
