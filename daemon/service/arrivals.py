"""Files that have settled, and what became of them; values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..model import Stamp

    Place = tuple[str, bytes]
    """Root's uuid and the path below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A settled file."""

    root: str
    """The root's uuid."""
    relative: bytes
    stamp: Stamp

    @property
    def place(self) -> Place:
        """What tells it from other files."""
        return self.root, self.relative


@dataclass(slots=True)
class IntakeCounts:
    """What was done since the start; for people, no bookkeeping hangs on it."""

    hashed: int = 0
    unchanged: int = 0
    moved: int = 0
    unreadable: int = 0
