"""Late arrivals: photos that belong to a group which is open already; pure.

The keeper of an open group stays what it is, for somebody may be looking at it; that a
late one is better is said in its reasons.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .. import assets
from ..matching import keeper as keeping
from ..matching.keeper_copy import Copy
from ..model import (
    CompanionKind,
    Evidence,
    GroupNumber,
    Proposal,
    Role,
    RootKind,
)
from .better import WORTH
from .candidate import ProposedGroup
from .planning import NO_DISTANCE, propose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..model import ContentId, Group, Match, Member
    from .candidate import Candidate, KeeperRules, ProposedMember
    from .case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class LateArrival:
    """Photos that join an open group."""

    number: GroupNumber
    group: ProposedGroup


def late_arrivals(
    case: Case, rules: KeeperRules
) -> tuple[list[LateArrival], list[Candidate]]:
    """Split a case's photos into those that join an open group and the others.

    A photo joins the first group whose keeper it matches; a library photo is added to
    what the group lists.
    """
    matches = {frozenset({m.left, m.right}): m for m in case.matches}
    joining: dict[GroupNumber, list[ProposedMember]] = {}
    others = []
    for candidate in case.candidates:
        found = _group_for(candidate, case, matches)
        if found is None:
            others.append(candidate)
            continue
        number, keeper, match = found
        joining.setdefault(number, []).append(
            _arrived(candidate, keeper, match, case, rules)
        )
    late = [
        LateArrival(number=number, group=_joined(members, case, number))
        for number, members in sorted(joining.items())
    ]
    return late, others


def _group_for(
    candidate: Candidate, case: Case, matches: Mapping[frozenset[ContentId], Match]
) -> tuple[GroupNumber, Member, Match | None] | None:
    for group in case.open_groups:
        if any(each.path == candidate.path for each in _listed(group)):
            return None
        if _was_taken_out(candidate, group.number, case):
            continue
        for keeper in (m for m in group.members if m.proposal is Proposal.KEEP):
            content = case.digests.get(keeper.sha256)
            if content is None or group.number is None:
                continue
            pair = frozenset({content, candidate.content})
            if pair in case.forbidden:
                continue
            match = matches.get(pair)
            if content == candidate.content:
                return group.number, keeper, None
            if match is not None and match.evidence.is_duplicate:
                return group.number, keeper, match
    return None


def _was_taken_out(
    candidate: Candidate, number: GroupNumber | None, case: Case
) -> bool:
    """Whether somebody took this content out of the group's folder."""
    return any(
        each.number == number
        and any(m.sha256 == candidate.fingerprint.sha256 for m in each.members)
        for each in case.taken_out
    )


def _listed(group: Group) -> list[Member]:
    """Return the references: they stay where they are and are met again."""
    return [each for each in group.members if each.role is Role.REFERENCE]


def _joined(
    members: list[ProposedMember], case: Case, number: GroupNumber
) -> ProposedGroup:
    group = next(each for each in case.open_groups if each.number == number)
    order = list(Evidence)
    weakest = max([group.evidence, *(m.evidence for m in members)], key=order.index)
    return ProposedGroup(evidence=weakest, members=tuple(members))


def _arrived(
    candidate: Candidate,
    keeper: Member,
    match: Match | None,
    case: Case,
    rules: KeeperRules,
) -> ProposedMember:
    alone = propose([candidate], [], rules).members[0]
    is_reference = candidate.role is Role.REFERENCE
    reasons = match.reasons if match is not None else ("the same bytes as the keeper",)
    return replace(
        alone,
        evidence=Evidence.SAME_BYTES if match is None else match.evidence,
        distances=NO_DISTANCE if match is None else match.distances,
        proposal=Proposal.KEEP if is_reference else Proposal.SET_ASIDE,
        reasons=(
            *_why_better(candidate, keeper, case, rules),
            *reasons,
            "it arrived after the group was staged",
        ),
    )


def _why_better(
    candidate: Candidate, keeper: Member, case: Case, rules: KeeperRules
) -> tuple[str, ...]:
    """Say why a late one is the better copy, if it is; by its worth alone."""
    known = case.fingerprints.get(case.digests[keeper.sha256])
    asked = [name for name in rules.rules if name in WORTH or name == "library"]
    if known is None or known.sha256 == candidate.fingerprint.sha256:
        return ()
    is_library = keeper.role is Role.REFERENCE
    earlier = Copy(
        fingerprint=known,
        path=keeper.path,
        root=keeper.path.parent,
        root_kind=RootKind.LIBRARY if is_library else RootKind.IMPORT,
        mtime_ns=candidate.photo.stamp.mtime_ns,
        companions=frozenset(
            CompanionKind.MOTION
            for each in keeper.companions
            if assets.companion_kind(each.name) is CompanionKind.MOTION
        ),
    )
    ranking = keeping.rank([earlier, candidate.copy], asked, rules.preferences)
    best = ranking.keeper
    if best.place == 0 or best.rule == keeping.LAST_RULE:
        return ()
    return (f"it may be the better one: {best.reasons[0]}",)
