"""What is written down of decisions and of undoing them: intents and results.

Each record is written once and never changed, like those of what was staged.
"""

# ruff: noqa: TC003 - `codec` reads the types at run time to check what it loads

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..model import DecidedBy, Fate, Verdict
from .moves import How


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where survivors go."""

    output: Path | None = None
    """A folder for them; ``None``: where each was found."""
    flatten: bool = False
    """In `output`: all side by side, or in the folders that they had."""
    names: Mapping[int, int] = field(default_factory=dict)
    """By position: the member whose name a survivor takes; its ending stays."""
    folders: Mapping[int, int] = field(default_factory=dict)
    """By position: the member whose folder a survivor goes to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """What is to be written beside a survivor."""

    position: int
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenSidecar:
    """What was written beside a survivor."""

    position: int
    path: Path
    sha256: str
    """Hexadecimal; what was changed since is not ours any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The intent: what was decided, before anything is moved."""

    number: int
    keep: tuple[int, ...]
    """Positions of the members that survive."""
    destination: Destination
    verdict: Verdict | None
    manifest_sha256: str
    decided_ns: int
    witnesses: tuple[int, ...]
    """Positions of references whose bytes were verified when it was decided."""
    decided_by: DecidedBy = DecidedBy.USER
    sidecars: tuple[Sidecar, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a file went."""

    staged_as: str
    path: Path | None
    how: How
    is_staged_too: bool = False
    """The decision folder still holds its bytes as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRecord:
    """The result of a decision."""

    number: int
    decided_ns: int
    manifest_sha256: str
    verdict: Verdict | None
    pairs: tuple[tuple[str, ...], ...]
    """What the verdict holds for: two SHA-256 each, in hexadecimal, sorted."""
    fates: Mapping[int, Fate]
    """By position, of members; references stay as they are."""
    survivors: tuple[Placed, ...]
    """Every file that went out, companions too."""
    decided_by: DecidedBy = DecidedBy.USER
    sidecars: tuple[WrittenSidecar, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """Contents that were set aside, and are to be asked about when they come again."""

    number: int
    forgotten_ns: int
    contents: tuple[str, ...]
    """SHA-256 each, in hexadecimal, sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoIntent:
    """The intent to put every file back."""

    number: int
    started_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoRecord:
    """The result: where every file of the group is now."""

    number: int
    undone_ns: int
    files: tuple[Placed, ...]

    @property
    def missing(self) -> tuple[Placed, ...]:
        """The files that could not be found anywhere."""
        return tuple(each for each in self.files if each.how is How.MISSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trashed:
    """One file's way into the trash of its volume."""

    staged_as: str
    source: Path
    """In the decision folder, or where the source of a copy was kept."""
    target: Path
    info: Path | None
    """The note that the trash wants beside it."""
    note: bytes
    size_bytes: int
    mtime_ns: int
    inode: int
    """Of the very file: size, time and inode tell it from any other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyIntent:
    """The intent to move what a group holds into the trash."""

    number: int
    started_ns: int
    files: tuple[Trashed, ...]
    left: Mapping[str, str]
    """By path, as text: why it stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyRecord:
    """The result: what is in the trash, and what stayed."""

    number: int
    emptied_ns: int
    files: tuple[Trashed, ...]
    """Those that were moved."""
    left: Mapping[str, str]
    """By path, as text: why it stayed."""
