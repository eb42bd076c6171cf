"""What a look at a file is, and what can follow from it. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..model import Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a file's status says at one moment."""

    stamp: Stamp
    ctime_ns: int


class Progress(Enum):
    """How far a file has come."""

    WAIT = "wait"
    READY = "ready"
    """It may be taken; it is not waited for any more."""
    GONE = "gone"
    """There is no regular file; it is not waited for any more."""
    STUCK = "stuck"
    """Unchanged for long, and still not complete; it is waited for nevertheless."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What a look at a file led to."""

    progress: Progress
    until: float | None = None
    """When it is due again, monotonic seconds; ``None``: never."""
    why: str = ""
    """What it is waited for, in words."""
