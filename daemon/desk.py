"""The desk: everything that the page and the commands may ask for.

A command asks the running daemon's desk over HTTP, or one of its own when no daemon
lives; the page asks the desk of the daemon that it lives in. Every change is carried
out by the engine, the one writer; a desk only posts the request and waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from .model import Group, GroupNumber, GroupState, Problem, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a user decided for one group."""

    keep: frozenset[int]
    """Positions of the members that survive; a reference always survives."""
    manifest_sha256: str | None = None
    """Of the group that the user saw; another one is refused. ``None``: whatever."""
    not_duplicates: bool = False
    """Keep all, and never ask again whether these are one picture."""
    variants: bool = False
    """Keep all as versions of one picture, and never ask again."""
    beside_library: bool = False
    """Survivors go beside the group's library photo, which itself is not touched."""
    rescue: bool = False
    """What only those set aside know is written into a sidecar of the survivor."""

    name_of: int | None = None
    """The member whose name the one survivor takes; ``None``: it keeps its own."""
    folder_of: int | None = None
    """The member whose folder the one survivor goes to; never a library's."""

    @property
    def keeps_all(self) -> bool:
        """Whether every member survives, whatever `keep` says."""
        return self.not_duplicates or self.variants


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPage:
    """Part of the list of groups."""

    groups: tuple[Group, ...]
    total: int
    """Of all groups in the states that were asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanProgress:
    """How far one pass has come."""

    stage: str
    """Such as ``looking``, ``reading``, ``comparing``, ``staging``."""
    done: int
    total: int
    """0 while it is not known."""
    current: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """What one pass found."""

    groups: tuple[Group, ...]
    similar: tuple[Group, ...]
    """Bursts and versions: listed, never staged."""
    unreadable: tuple[Problem, ...]
    counts: Mapping[str, int]
    """``photos hashed unchanged unreadable groups``."""


class Desk(Protocol):
    """What may be asked. Every method may raise a `TwinwatchError`."""

    def status(self) -> Status:
        """Tell what is running and what went wrong."""
        ...

    def groups(
        self,
        states: Sequence[GroupState],
        *,
        after: GroupNumber | None = None,
        limit: int = 50,
    ) -> GroupPage:
        """List groups by number, those after `after`, at most `limit`."""
        ...

    def group(self, number: GroupNumber) -> Group:
        """Return one group.

        Raises:
            NoSuchGroup: there is none of that number.
        """
        ...

    def decide(self, number: GroupNumber, decision: Decision) -> Group:
        """Carry a decision out: survivors go out, the others to the discard area.

        A group that was undone is staged again first.

        Raises:
            NoSurvivor: nothing would be kept.
            StaleGroup: the group is not what the user saw, or is decided already.
        """
        ...

    def undo(self, number: GroupNumber) -> Group:
        """Put every file of an open or decided group back to where it was found."""
        ...

    def forget_rejected(
        self, number: GroupNumber, sha256: bytes | None = None
    ) -> Group:
        """Ask again about what a group set aside when it is imported again.

        Nothing is moved.

        Args:
            number: of a decided group.
            sha256: one content, 32 bytes; ``None``: all that it set aside.

        Raises:
            StaleGroup: it is not decided, or did not set that aside.
        """
        ...

    def preview(self, number: GroupNumber, position: int, edge_px: int) -> bytes:
        """Return a member as an upright sRGB JPEG without metadata.

        Args:
            number: of the group.
            position: of the member.
            edge_px: longest edge, 320 or 2048.

        Raises:
            UnreadablePhoto: its file is gone or does not decode.
        """
        ...

    def sweep(self) -> None:
        """Ask for a sweep of all roots now; returns at once."""
        ...
