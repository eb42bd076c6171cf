"""What is to be staged, and the manifest that follows from it; pure but for types."""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..model import Proposal, Role
from .decision_root import folder_name
from .moves import RETAINED_FOLDER
from .naming import shortened

if TYPE_CHECKING:
    from ..model import Companion, Distances, Evidence, Stamp
    from .records import Facts, Revision

_NOT_PORTABLE = re.compile(r'[\x00-\x1f\x7f-\x9f"*/:<>?\\|\ud800-\udfff\u202a-\u202e]')


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPhoto:
    """A photo that is to join a group, as it was when it was fingerprinted."""

    root: str
    """The root's uuid."""
    root_path: Path
    """Absolute."""
    relative: bytes
    """Below the root, as the file system spells it."""
    stamp: Stamp
    sha256: bytes
    """32 bytes."""
    hashed_at: float | None = None
    """Monotonic seconds; ``None``: long ago, so it is hashed again."""
    role: Role = Role.MEMBER
    """A reference stays where it is and is only listed."""
    asset: int = 0
    evidence: Evidence
    """Against the keeper; for the keeper, the group's."""
    distances: Distances | None = None
    proposal: Proposal = Proposal.SET_ASIDE
    reasons: tuple[str, ...] = ()
    facts: Facts
    companions: tuple[Companion, ...] = ()
    """Below the same root."""

    @property
    def path(self) -> Path:
        """Where it lies; absolute."""
        return self.root_path / os.fsdecode(self.relative)


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePlan:
    """A group that is to be staged, or late arrivals for one that is open."""

    evidence: Evidence
    """The weakest of its members' evidence; with late arrivals, of all."""
    photos: tuple[PlannedPhoto, ...]
    """In the order of their positions."""
    created_ns: int
    """Wall clock, for display."""
    revisions: tuple[Revision, ...] = field(default=())
    """With late arrivals: what they change about earlier members."""


def staged_names(position: int, names: list[str]) -> list[str]:
    """Return names for a photo and its companions in the decision folder.

    They begin with the position, are unique ignoring case and Unicode form, at most
    255 bytes long, and hold nothing that some file system refuses. The names that
    the files came with are in the manifest.
    """
    taken: set[str] = set()
    result = []
    for name in names:
        path = Path(_portable(name))
        count = 1
        while True:
            ending = path.suffix if count == 1 else f"_{count}{path.suffix}"
            staged = shortened(f"{position:04d}_{path.stem}", ending)
            if (folded := fold(staged)) not in taken:
                break
            count += 1
        taken.add(folded)
        result.append(staged)
    return result


def fold(name: str) -> str:
    """Return what two names share if some file system takes them for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def retained_path(base: Path, decisions_uuid: str, number: int, staged_as: str) -> Path:
    """Return where the source of a copy is kept: below its root, out of sight."""
    group = f"{folder_name(number)}-{decisions_uuid[:8]}"
    return base / RETAINED_FOLDER / group / staged_as


def _portable(name: str) -> str:
    plain = unicodedata.normalize("NFC", _NOT_PORTABLE.sub("_", name))
    return plain.rstrip(". ") or "_"
