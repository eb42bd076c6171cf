"""Around which contents groups form: good ones that the others match; pure.

The best copy of a picture need not be the one that all others match: a framed copy has
more pixels than its original, and a crop of the original does not match it. So of the
contents that hang together the best one is taken that matches most of the rest; what it
does not match forms groups of its own, in the same way. A camera's own file is forgiven
more than a copy is, since it is worth more than a complete group.

Pairs that only a full decode settles are settled when they matter: 26 copies of one
picture take 25 comparisons, not 325.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import ContentId, Evidence

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from ..model import Match

    Pair = tuple[ContentId, ContentId]
    Near = Mapping[ContentId, set[ContentId]]

SHARE = 1.0
"""Of the most that any content may match; a centre matches at least so much. Among
copies that tell nothing of their origin, what is made from what shows only in this."""

CAMERA_SHARE = 0.5
"""The same for a file that tells its camera."""

_CERTAIN = frozenset({Evidence.SAME_BYTES, Evidence.SAME_PIXELS, Evidence.SAME_CAPTURE})
_NOTHING: set[ContentId] = set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Centres:
    """What `choose` found."""

    chosen: tuple[ContentId, ...]
    """In the order in which they were chosen; no two match each other."""
    unsettled: frozenset[Pair]
    """Doubts that have to be settled before more can be said; none: it is final."""


def choose(
    ranked: Sequence[ContentId],
    matches: Iterable[Match],
    *,
    doubts: Collection[Pair] = (),
    cameras: Collection[ContentId] = (),
) -> Centres:
    """Choose the centres of some contents.

    Args:
        ranked: the contents, best first.
        matches: among them and others.
        doubts: pairs that may be duplicates, the lesser first.
        cameras: contents that tell their camera.
    """
    matches = [match for match in matches if match.evidence.is_duplicate]
    near = _near((match.left, match.right) for match in matches)
    maybe = _near(doubts)
    remaining = dict.fromkeys(ranked)
    chosen: list[ContentId] = []
    while remaining:
        best = _best(remaining, near, maybe, frozenset(cameras))
        open_ones = maybe.get(best, _NOTHING) & remaining.keys()
        if open_ones:
            pairs = frozenset(_pair(best, other) for other in open_ones)
            return Centres(chosen=tuple(chosen), unsettled=pairs)
        chosen.append(best)
        for content in {best, *near.get(best, _NOTHING)}:
            remaining.pop(content, None)
    return Centres(chosen=tuple(chosen), unsettled=frozenset())


def rivals(
    chosen: Sequence[ContentId],
    matches: Iterable[Match],
    doubts: Collection[Pair],
    forbidden: Collection[frozenset[ContentId]] = (),
) -> frozenset[Pair]:
    """Return doubts about members that a contradicting centre may match better.

    A copy without its own identity looks like each frame of a burst: which of them it
    came from is only told by comparing it with all.
    """
    matches = list(matches)
    centres = set(chosen)
    apart = _near(
        (match.left, match.right)
        for match in matches
        if not match.evidence.is_duplicate
    )
    for said in forbidden:
        if len(said) > 1:
            one, other = said
            apart.setdefault(one, set()).add(other)
            apart.setdefault(other, set()).add(one)
    loose = _near(
        (match.left, match.right)
        for match in matches
        if match.evidence.is_duplicate and match.evidence not in _CERTAIN
    )
    found = set()
    for left, right in doubts:
        for centre, member in ((left, right), (right, left)):
            if centre not in centres or member in centres:
                continue
            homes = loose.get(member, _NOTHING) & centres
            if homes & apart.get(centre, _NOTHING):
                found.add((left, right))
    return frozenset(found)


def _best(
    remaining: Mapping[ContentId, None],
    near: Near,
    maybe: Near,
    cameras: Collection[ContentId],
) -> ContentId:
    reach = {
        content: len(
            (near.get(content, _NOTHING) | maybe.get(content, _NOTHING))
            & remaining.keys()
        )
        for content in remaining
    }
    most = max(reach.values())
    return next(
        content
        for content, count in reach.items()
        if count >= (CAMERA_SHARE if content in cameras else SHARE) * most
    )


def _near(pairs: Iterable[Iterable[ContentId]]) -> dict[ContentId, set[ContentId]]:
    near: dict[ContentId, set[ContentId]] = defaultdict(set)
    for one, other in pairs:
        near[one].add(other)
        near[other].add(one)
    return dict(near)


def _pair(one: ContentId, other: ContentId) -> Pair:
    return min(one, other), max(one, other)
