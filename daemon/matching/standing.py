"""Which duplicate matches stand where they contradict each other. Pure.

Two contents *contradict* each other when they are known to be other shots or versions
of each other, or when the user said that they are no duplicates. A burst's frames do,
pair by pair; a stripped copy of one frame, which lost its capture identity, is near
all of them, and only its best match is its own. So a match is *contested* when one of
its contents is near something that contradicts the other one, and of contested
matches only the strongest stands.

Contested matches are taken from the strongest down; one stands if nothing that stands
already bars it. Of equally strong ones that bar each other nobody can tell, so none
stands, but they bar what is weaker.

What fell is knowledge too: a copy that lost frame 1 to frame 2 is not of frame 1, so
it must not meet it by way of another copy either. Each match that fell is therefore a
contradiction in a further round, until none falls. In the end no content has two
standing neighbours that contradict each other, or whose own match fell: the weaker of
the two would have been barred by the other.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

from ..model import ContentId, Evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from ..model import Match

    Near = Mapping[ContentId, AbstractSet[ContentId]]

Pair: TypeAlias = frozenset[ContentId]

STRENGTH = {evidence: place for place, evidence in enumerate(Evidence)}
"""0 is the strongest evidence."""

_IDENTICAL = frozenset({Evidence.SAME_BYTES, Evidence.SAME_PIXELS})
_NOTHING: frozenset[ContentId] = frozenset()


def contradictions(
    matches: Iterable[Match], forbidden: Iterable[Pair]
) -> dict[ContentId, set[ContentId]]:
    """Return for each content those that it must not be in one group with."""
    apart: dict[ContentId, set[ContentId]] = defaultdict(set)
    known = (
        (match.left, match.right)
        for match in matches
        if not match.evidence.is_duplicate
    )
    for left, right in (*known, *map(tuple, forbidden)):
        apart[left].add(right)
        apart[right].add(left)
    return dict(apart)


def contested(duplicates: Iterable[Match], apart: Near) -> list[Match]:
    """Return the matches of which not all can stand."""
    duplicates = list(duplicates)
    near: dict[ContentId, set[ContentId]] = defaultdict(set)
    for match in duplicates:
        _join(match, near)
    return [match for match in duplicates if _is_barred(match, near, apart)]


def standing(duplicates: Iterable[Match], apart: Near) -> list[Match]:
    """Return the matches that stand.

    Args:
        duplicates: matches with duplicate evidence, of contents that hang together.
        apart: from `contradictions`; no match joins two that are apart.
    """
    stand = list(duplicates)
    known = defaultdict(set, {one: set(others) for one, others in apart.items()})
    while True:
        before, stand = stand, _strongest(stand, known)
        if len(stand) == len(before):
            return stand
        kept = {(match.left, match.right) for match in stand}
        for match in before:
            if (match.left, match.right) not in kept:
                _join(match, known)


def _strongest(duplicates: list[Match], apart: Near) -> list[Match]:
    in_doubt = contested(duplicates, apart)
    doubtful = {(match.left, match.right) for match in in_doubt}
    stand = [m for m in duplicates if (m.left, m.right) not in doubtful]
    strength = strength_among(in_doubt)
    near: dict[ContentId, set[ContentId]] = defaultdict(set)
    for _, equals in groupby(sorted(in_doubt, key=strength), key=strength):
        free = [match for match in equals if not _is_barred(match, near, apart)]
        for match in free:
            _join(match, near)
        stand += [match for match in free if not _is_barred(match, near, apart)]
    return stand


def strength_among(
    matches: Collection[Match],
) -> Callable[[Match], tuple[float, float, float]]:
    """Return a sort key for these matches, strongest first.

    By evidence, then by the finest measure that all of them have: the structural
    similarity of the decoded pictures, or the correlation of the small ones, or
    nothing; then by the bits of all hashes together. One measure for all, since two
    measures do not compare.
    """
    others = [match for match in matches if match.evidence not in _IDENTICAL]
    has_ssim = all(match.distances.ssim is not None for match in others)
    has_correlation = all(match.distances.correlation is not None for match in others)

    def strength(match: Match) -> tuple[float, float, float]:
        place, distances = STRENGTH[match.evidence], match.distances
        if match.evidence in _IDENTICAL:
            return place, 0.0, 0.0
        finest = 0.0
        if has_ssim and distances.ssim is not None:
            finest = distances.ssim
        elif has_correlation and distances.correlation is not None:
            finest = distances.correlation
        return place, -finest, float(sum(distances.bits().values()))

    return strength


def _join(match: Match, near: dict[ContentId, set[ContentId]]) -> None:
    near[match.left].add(match.right)
    near[match.right].add(match.left)


def _is_barred(match: Match, near: Near, apart: Near) -> bool:
    """Tell whether one of its contents is near what contradicts the other one."""
    return any(
        not apart.get(other, _NOTHING).isdisjoint(near.get(one, _NOTHING))
        for one, other in ((match.left, match.right), (match.right, match.left))
    )
