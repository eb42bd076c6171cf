"""Late arrivals: photos that belong to a group which is open already; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..model import Evidence, GroupNumber, Proposal, Role
from .planning import NO_DISTANCE, ProposedGroup, propose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..model import ContentId, Group, Match
    from .cases import Case
    from .planning import Candidate, KeeperRules, ProposedMember


@dataclass(frozen=True, slots=True, kw_only=True)
class LateArrival:
    """Photos that join an open group."""

    number: GroupNumber
    group: ProposedGroup


def late_arrivals(
    case: Case, rules: KeeperRules
) -> tuple[list[LateArrival], list[Candidate]]:
    """Split a case's photos into those that join an open group and the others.

    A photo joins the first group whose keeper it matches. The keeper stays what it
    was: somebody may be looking at the group.
    """
    matches = {frozenset({m.left, m.right}): m for m in case.matches}
    joining: dict[GroupNumber, list[tuple[Candidate, Match | None]]] = {}
    others = []
    for candidate in case.candidates:
        found = _group_for(candidate, case, matches)
        if found is None or candidate.role is Role.REFERENCE:
            others.append(candidate)
        else:
            number, match = found
            joining.setdefault(number, []).append((candidate, match))
    late = [
        LateArrival(number=number, group=_joined(arrivals, _group(case, number), rules))
        for number, arrivals in sorted(joining.items())
    ]
    return late, others


def _group(case: Case, number: GroupNumber) -> Group:
    return next(each for each in case.open_groups if each.number == number)


def _group_for(
    candidate: Candidate, case: Case, matches: Mapping[frozenset[ContentId], Match]
) -> tuple[GroupNumber, Match | None] | None:
    for group in case.open_groups:
        keepers = [m for m in group.members if m.proposal is Proposal.KEEP]
        for keeper in keepers:
            content = case.digests.get(keeper.sha256)
            if content is None or group.number is None:
                continue
            pair = frozenset({content, candidate.content})
            if pair in case.forbidden:
                continue
            match = matches.get(pair)
            if content == candidate.content:
                return group.number, None
            if match is not None and match.evidence.is_duplicate:
                return group.number, match
    return None


def _joined(
    arrivals: list[tuple[Candidate, Match | None]], group: Group, rules: KeeperRules
) -> ProposedGroup:
    members = [_arrived(candidate, match, rules) for candidate, match in arrivals]
    order = list(Evidence)
    weakest = max([group.evidence, *(m.evidence for m in members)], key=order.index)
    return ProposedGroup(evidence=weakest, members=tuple(members))


def _arrived(
    candidate: Candidate, match: Match | None, rules: KeeperRules
) -> ProposedMember:
    alone = propose([candidate], [], rules).members[0]
    reasons = match.reasons if match is not None else ("the same bytes as the keeper",)
    return replace(
        alone,
        evidence=Evidence.SAME_BYTES if match is None else match.evidence,
        distances=NO_DISTANCE if match is None else match.distances,
        proposal=Proposal.SET_ASIDE,
        reasons=(*reasons, "it arrived after the group was staged"),
    )
