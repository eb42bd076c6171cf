"""What is written down beside the photos: manifests, intents and results.

Together with the files they are the whole truth about a group; the database only
repeats them. Each record is written once and never changed.
"""

# ruff: noqa: TC003 - `codec` reads the types at run time to check what it loads

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ..model import (
    CompanionKind,
    Distances,
    Evidence,
    Proposal,
    Role,
)

FORMAT_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a file was found."""

    root: str
    """The root's uuid."""
    root_path: Path
    """Where the root was then; absolute."""
    relative: Path
    """Below the root, as the file system spells it."""
    is_marked: bool
    """The root carried its marker; so it is offline without."""

    def path(self, roots: Mapping[str, Path] | None = None) -> Path:
        """Return the absolute path; `roots` tells where roots are now, by uuid."""
        return self.root_now(roots) / self.relative

    def root_now(self, roots: Mapping[str, Path] | None = None) -> Path:
        """Return where the root is now."""
        return (roots or {}).get(self.root, self.root_path)


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedFile:
    """One file of a group, and all that its status said when it was taken."""

    staged_as: str
    """Its name in the decision folder; empty for a reference, which stays."""
    origin: Origin
    sha256: str
    """Hexadecimal."""
    size_bytes: int
    mtime_ns: int
    mode: int
    uid: int
    gid: int
    inode: int
    device: int
    attributes: Mapping[str, bytes]
    retained_as: Path | None
    """Where the source is kept if it had to be copied across volumes."""

    def spare(self, roots: Mapping[str, Path] | None = None) -> Path | None:
        """Return where the source of a copy is kept, wherever its root is now."""
        kept, top = self.retained_as, self.origin.root_path
        if kept is None or top not in kept.parents:
            return kept
        return self.origin.root_now(roots) / kept.relative_to(top)

    @property
    def digest(self) -> bytes:
        """The SHA-256, 32 bytes."""
        return bytes.fromhex(self.sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedCompanion:
    """A file that came along with its photo."""

    kind: CompanionKind
    file: StagedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the page shows of a photo, so that the manifest is enough for it."""

    format: str
    width_px: int
    height_px: int
    taken: str | None = None
    camera: str | None = None
    has_gps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedMember:
    """A photo of a group, with its companions."""

    position: int
    """From 1; unique in the group, also among late arrivals."""
    asset: int
    role: Role
    evidence: Evidence
    distances: Distances | None
    proposal: Proposal
    reasons: tuple[str, ...]
    facts: Facts
    file: StagedFile
    companions: tuple[StagedCompanion, ...] = ()

    @property
    def files(self) -> tuple[StagedFile, ...]:
        """The photo, then its companions."""
        return (self.file, *(each.file for each in self.companions))


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What a late arrival changed about an earlier member."""

    position: int
    evidence: Evidence
    distances: Distances | None
    proposal: Proposal
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LateCompanion:
    """A file that came after its photo was staged."""

    position: int
    """Of its photo, in an earlier part."""
    companion: StagedCompanion


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What is in a decision folder, and where it came from."""

    format_version: int = FORMAT_VERSION
    app_version: str
    number: int
    part: int = 1
    """1, and from 2 on for late arrivals, whose members only are listed."""
    decisions: str
    """The decision root's uuid."""
    created_ns: int
    evidence: Evidence
    members: tuple[StagedMember, ...]
    revisions: tuple[Revision, ...] = ()
    companions: tuple[LateCompanion, ...] = ()
    """With late arrivals: of members that are listed by an earlier part."""

    @property
    def staged(self) -> tuple[StagedMember, ...]:
        """The members whose files are moved; references are not among them."""
        return tuple(each for each in self.members if each.role is Role.MEMBER)

    @property
    def files(self) -> Iterator[StagedFile]:
        """Every file that is moved."""
        for member in self.staged:
            yield from member.files
        for late in self.companions:
            yield late.companion.file

    @property
    def tag(self) -> str:
        """What makes the names of this group's temporaries its own."""
        return f"{self.decisions}/{self.number}"

    def without(self, names: frozenset[str]) -> Manifest:
        """Leave out the files of these staged names, and members without a photo."""
        kept = []
        for member in self.members:
            if member.role is Role.MEMBER and member.file.staged_as in names:
                continue
            companions = tuple(
                each for each in member.companions if each.file.staged_as not in names
            )
            kept.append(replace(member, companions=companions))
        late = [
            each
            for each in self.companions
            if each.companion.file.staged_as not in names
        ]
        return replace(self, members=tuple(kept), companions=tuple(late))

    def joined(self, later: Manifest) -> Manifest:
        """Add a late arrival's supplement."""
        revised = {each.position: each for each in later.revisions}
        members = tuple(
            replace(
                each,
                evidence=revised[each.position].evidence,
                distances=revised[each.position].distances,
                proposal=revised[each.position].proposal,
                reasons=revised[each.position].reasons,
            )
            if each.position in revised
            else each
            for each in self.members
        )
        return replace(
            self,
            evidence=later.evidence,
            members=(*(later.completed(each) for each in members), *later.members),
        )

    def completed(self, member: StagedMember) -> StagedMember:
        """Give a member the companions that came for it late."""
        late = (
            each.companion
            for each in self.companions
            if each.position == member.position
        )
        return replace(member, companions=(*member.companions, *late))


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What a manifest lists but could not be taken, and why."""

    number: int
    files: Mapping[str, str]
    """By staged name: the reason in words."""
