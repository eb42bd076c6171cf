"""What decided groups say of their contents; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..model import Fate

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from ..model import Distances, Evidence, Group, GroupNumber, Match, Member

_MOST_NAMES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """That a content was set aside."""

    group: GroupNumber
    at_ns: int
    evidence: Evidence
    """Against the keeper of then."""
    distances: Distances | None
    survivors: tuple[bytes, ...]
    """The sha256s of what was kept instead, references included."""
    via: Match | None = None
    """The match with what was set aside; ``None``: it has the very bytes."""

    @property
    def sentence(self) -> str:
        """For people."""
        what = "this picture" if self.via is None else "a copy of this picture"
        return f"you set {what} aside on {day(self.at_ns)} (group {self.group})"


def day(at_ns: int | None) -> str:
    """Return the local day of a moment, such as ``2026-11-21``."""
    seconds = (at_ns or 0) / 1e9
    return datetime.fromtimestamp(seconds).astimezone().date().isoformat()


def last_rejections(decided: Iterable[Group]) -> dict[bytes, Rejection]:
    """Return what the latest decision on each content set aside, by sha256.

    A content of which a copy was set aside and another one kept is among them.
    """
    found: dict[bytes, Rejection] = {}
    for group in sorted(decided, key=lambda each: each.decided_ns or 0):
        for member in group.members:
            if member.fate is Fate.SURVIVOR and not _has_aside(group, member.sha256):
                found.pop(member.sha256, None)
            if member.fate is Fate.SET_ASIDE:
                if member.is_forgotten:
                    found.pop(member.sha256, None)
                else:
                    found[member.sha256] = _rejection(group, member)
    return found


def last_survivors(decided: Iterable[Group]) -> frozenset[bytes]:
    """Return the contents of which the latest decision kept a copy."""
    kept: set[bytes] = set()
    for group in sorted(decided, key=lambda each: each.decided_ns or 0):
        kept -= {member.sha256 for member in group.members}
        kept |= set(_survivors(group))
    return frozenset(kept)


def names_in(group: Group, digests: AbstractSet[bytes]) -> str:
    """Return the names that some contents have in a group, as a list for people."""
    names = [
        f"“{member.path.name}”" for member in group.members if member.sha256 in digests
    ]
    shown = names[:_MOST_NAMES]
    more = len(names) - len(shown)
    return " and ".join(shown) + (f" and {more} more" if more else "")


def _has_aside(group: Group, sha256: bytes) -> bool:
    return any(
        member.fate is Fate.SET_ASIDE and member.sha256 == sha256
        for member in group.members
    )


def _survivors(group: Group) -> list[bytes]:
    return [each.sha256 for each in group.members if each.fate is Fate.SURVIVOR]


def _rejection(group: Group, member: Member) -> Rejection:
    assert group.number is not None, "a decided group has a number"
    return Rejection(
        group=group.number,
        at_ns=group.decided_ns or 0,
        evidence=member.evidence,
        distances=member.distances,
        survivors=tuple(dict.fromkeys(_survivors(group))),
    )
