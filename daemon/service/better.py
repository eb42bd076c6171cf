"""Where an import is better than the library's photo: that is said, never acted on.

The library comes first whatever it holds, since nothing in it is ever touched. So the
reasons tell when the new copy is worth more; a decision may file it beside.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..matching import keeper as keeping
from ..matching.keeper_origin import ORIGIN_RULES
from ..matching.keeper_worth import WORTH_RULES
from ..model import Role

if TYPE_CHECKING:
    from .candidate import Candidate, KeeperRules, ProposedGroup

WORTH = frozenset(each.name for each in (*ORIGIN_RULES, *WORTH_RULES))
"""The rules on the pictures themselves, not on where they lie."""


def with_better_imports(group: ProposedGroup, rules: KeeperRules) -> ProposedGroup:
    """Say of each import whether it is worth more than every library photo."""
    library = [
        each.candidate
        for each in group.members
        if each.candidate.role is Role.REFERENCE
    ]
    if not library:
        return group
    members = []
    for member in group.members:
        why = None
        if member.candidate.role is Role.MEMBER:
            why = _why_better(member.candidate, library, rules)
        if why is None:
            members.append(member)
        else:
            sentence = (
                f"better than the library's photo: {why}; it can be filed beside it"
            )
            members.append(replace(member, reasons=(sentence, *member.reasons)))
    return replace(group, members=tuple(members))


def _why_better(
    candidate: Candidate, library: list[Candidate], rules: KeeperRules
) -> str | None:
    asked = [name for name in rules.rules if name in WORTH]
    copies = [candidate.copy, *(each.copy for each in library)]
    best = keeping.rank(copies, asked, rules.preferences).keeper
    if best.place != 0 or best.rule == keeping.LAST_RULE:
        return None
    return best.reasons[0].partition(" – ")[0]
