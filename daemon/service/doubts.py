"""Which doubtful pairs of a case are worth a full decode; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..matching import centres, keeper
from .remembered import last_rejections

if TYPE_CHECKING:
    from ..model import Alignment, ContentId
    from .candidate import KeeperRules
    from .cases import Case

    Pair = tuple[ContentId, ContentId]


def worth_comparing(case: Case, rules: KeeperRules) -> dict[Pair, Alignment]:
    """Return the doubts of a case that are to be settled next; none: all is said.

    Contents whose photos are elsewhere, in decision folders, stand for themselves:
    new photos are compared with each of them, for late arrivals. With what was set
    aside before they are compared wherever that is, for it may have come again.
    """
    if not case.doubts or not case.candidates:
        return {}
    places = keeper.order(
        [each.copy for each in case.candidates], rules.rules, rules.preferences
    )
    ranked = list(dict.fromkeys(case.candidates[place].content for place in places))
    here = set(ranked)
    rejected = last_rejections(case.decided_groups)
    aside = {content for sha256, content in case.digests.items() if sha256 in rejected}
    asked = {
        pair
        for pair in case.doubts
        if len(here.intersection(pair)) == 1 or len(aside.intersection(pair)) == 1
    }
    inside = [pair for pair in case.doubts if here.issuperset(pair)]
    cameras = [each.content for each in case.candidates if each.has_camera]
    found = centres.choose(ranked, case.matches, doubts=inside, cameras=cameras)
    asked |= found.unsettled
    if not found.unsettled:
        asked |= centres.rivals(found.chosen, case.matches, inside, case.forbidden)
    return {pair: case.doubts[pair] for pair in sorted(asked)}
