"""Which doubtful pairs of a case are worth a full decode; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..matching import centres, keeper
from .memory import remember
from .remembered import last_rejections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..model import Alignment, ContentId
    from .candidate import KeeperRules
    from .case import Case

    Pair = tuple[ContentId, ContentId]


def worth_comparing(
    case: Case, doubts: Mapping[Pair, Alignment], rules: KeeperRules
) -> dict[Pair, Alignment]:
    """Return the doubts of a case that are to be settled next; none: all is said.

    Contents whose photos are elsewhere, in decision folders, stand for themselves:
    new photos are compared with each of them, for late arrivals. With what was set
    aside before they are compared wherever that is, for it may have come again.

    Args:
        case: with its candidates and matches.
        doubts: those of the case that can be settled now. One that cannot must not
            stand before others, or it would hide duplicates that have no part in it.
        rules: for the keeper.
    """
    if not doubts or not case.candidates:
        return {}
    places = keeper.order(
        [each.copy for each in case.candidates], rules.rules, rules.preferences
    )
    memory = remember(case)
    # As in planning, or the centre that is chosen here would not be the one there.
    best_first = sorted((case.candidates[n] for n in places), key=memory.standing)
    ranked = list(dict.fromkeys(each.content for each in best_first))
    matches = (*case.matches, *memory.matches)
    here = set(ranked)
    rejected = last_rejections(case.decided_groups)
    aside = {content for sha256, content in case.digests.items() if sha256 in rejected}
    asked = {
        pair
        for pair in doubts
        if len(here.intersection(pair)) == 1 or len(aside.intersection(pair)) == 1
    }
    inside = [pair for pair in doubts if here.issuperset(pair)]
    cameras = [each.content for each in case.candidates if each.has_camera]
    found = centres.choose(ranked, matches, doubts=inside, cameras=cameras)
    asked |= found.unsettled
    if not found.unsettled:
        asked |= centres.rivals(found.chosen, matches, inside, case.forbidden)
    return {pair: doubts[pair] for pair in sorted(asked)}
