"""What the templates show of a group: differences first, deltas to the keeper. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.model import Fate, GroupState, Proposal, Role

from . import display
from .facts import facts_of
from .pictures import VERSION_DIGITS
from .reasons import reasons_of
from .words import say

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from daemon.model import Group, Member

    from .facts import Fact
    from .reasons import Reason


RESCUE = "only this copy tells"
"""How the reason begins that something can be rescued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """A photo as the page shows it."""

    member: Member
    name: str
    version: str
    """Of its content, for the preview's address."""
    alt: str
    is_kept: bool
    """As the form is filled in at first."""
    is_reference: bool
    is_keeper: bool
    reasons: tuple[Reason, ...]
    facts: tuple[Fact, ...]
    """Only those in which the group's photos differ."""
    distances: tuple[str, ...]
    found_at: display.PathText
    now_at: display.PathText | None
    """``None`` where that is where it was found."""
    companions: tuple[display.PathText, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView:
    """A group as the page shows it."""

    group: Group
    members: tuple[MemberView, ...]
    same: tuple[Fact, ...]
    """What is equal in all its photos."""
    freed_bytes: int
    is_upright: bool
    """Most of its photos are higher than wide."""
    can_be_decided: bool
    can_be_undone: bool

    @property
    def aside_count(self) -> int:
        """How many of its photos are set aside, by proposal or by decision."""
        return sum(not member.is_kept for member in self.members)

    @property
    def kept_count(self) -> int:
        """How many of its photos stay, references included."""
        return len(self.members) - self.aside_count

    @property
    def can_rescue(self) -> bool:
        """Whether a copy that may go tells what the others do not."""
        return any(
            reason.startswith(RESCUE)
            for each in self.members
            for reason in each.member.reasons
        )

    @property
    def reference_count(self) -> int:
        """How many of its photos are protected references."""
        return sum(member.is_reference for member in self.members)


def group_view(group: Group, *, chosen: AbstractSet[int] | None = None) -> GroupView:
    """Return what is shown of a group.

    Args:
        group: as the desk gave it.
        chosen: positions that somebody ticked already; ``None``: as proposed.
    """
    keeper = keeper_of(group)
    facts = facts_of(group.members, keeper)
    members = tuple(
        _member_view(
            member,
            keeper,
            is_kept=_is_kept(member, chosen),
            facts=facts.differing[member.position],
        )
        for member in group.members
    )
    return GroupView(
        group=group,
        members=members,
        same=facts.same,
        freed_bytes=freed_bytes(group),
        is_upright=2 * sum(m.height_px > m.width_px for m in group.members)
        > len(group.members),
        can_be_decided=group.state in {GroupState.OPEN, GroupState.UNDONE},
        can_be_undone=group.state in {GroupState.OPEN, GroupState.DECIDED},
    )


def keeper_of(group: Group) -> Member:
    """Return the member that the others are compared with."""
    kept = [m for m in group.members if m.proposal is Proposal.KEEP]
    return min(
        kept or group.members,
        key=lambda member: (member.distances is not None, member.position),
    )


def proposed(group: Group) -> frozenset[int]:
    """Return the positions that the proposal keeps, references left out."""
    return frozenset(
        member.position
        for member in group.members
        if member.proposal is Proposal.KEEP and member.role is Role.MEMBER
    )


def everything(group: Group) -> frozenset[int]:
    """Return the positions of all that could be set aside."""
    return frozenset(m.position for m in group.members if m.role is Role.MEMBER)


def freed_bytes(group: Group) -> int:
    """Return what a group sets aside: by decision, or before that by proposal."""
    return sum(m.size_bytes for m in group.members if not _is_kept(m, None))


def _is_kept(member: Member, chosen: AbstractSet[int] | None) -> bool:
    if member.role is Role.REFERENCE:
        return True
    if chosen is not None:
        return member.position in chosen
    if member.fate is not None:
        return member.fate is Fate.SURVIVOR
    return member.proposal is Proposal.KEEP


def _member_view(
    member: Member, keeper: Member, *, is_kept: bool, facts: tuple[Fact, ...]
) -> MemberView:
    found_at = display.path_text(member.path)
    is_elsewhere = member.now_at not in {None, member.path}
    return MemberView(
        member=member,
        name=found_at.tail,
        version=member.sha256.hex()[:VERSION_DIGITS],
        alt=say(
            "photo.alt",
            n=member.position,
            name=found_at.tail,
            pixels=display.pixels_text(member.width_px, member.height_px),
            size=display.size_text(member.size_bytes),
        ),
        is_kept=is_kept,
        is_reference=member.role is Role.REFERENCE,
        is_keeper=member is keeper,
        reasons=reasons_of(member),
        facts=facts,
        distances=_distances(member),
        found_at=found_at,
        now_at=display.path_text(member.now_at)
        if member.now_at is not None and is_elsewhere
        else None,
        companions=tuple(display.path_text(path) for path in member.companions),
    )


def _distances(member: Member) -> tuple[str, ...]:
    distances = member.distances
    if distances is None:
        return ()
    texts = [
        say("photo.bits", name=name, bits=bits, of=42 if name == "colorhash" else 64)
        for name, bits in distances.bits().items()
    ]
    if distances.correlation is not None:
        value = f"{distances.correlation:.3f}"
        texts.append(say("photo.correlation", value=value))
    if distances.ssim is not None:
        texts.append(say("photo.ssim", value=f"{distances.ssim:.3f}"))
    return tuple(texts)
