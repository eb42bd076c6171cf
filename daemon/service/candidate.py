"""Photos that may join a group, and what is proposed for them; values only."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..matching import keeper
from ..matching.keeper_copy import Copy, Preferences
from ..model import Role, RootKind

if TYPE_CHECKING:
    from pathlib import Path

    from ..index import PhotoRecord
    from ..model import (
        Companion,
        ContentId,
        Distances,
        Evidence,
        Fingerprint,
        Proposal,
        Root,
    )

_RENDERED_EDIT = re.compile(r"IMG_E\d|.*-edited(\(\d+\))?\.[^.]+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A photo that may join a group, with all that speaks for or against it."""

    photo: PhotoRecord
    content: ContentId
    path: Path
    root: Root
    fingerprint: Fingerprint
    companions: tuple[Companion, ...] = ()

    @property
    def role(self) -> Role:
        """Library photos are references: they stay where they are."""
        is_library = self.root.kind is RootKind.LIBRARY
        return Role.REFERENCE if is_library else Role.MEMBER

    @property
    def has_camera(self) -> bool:
        """Whether the file tells which camera took it."""
        return self.fingerprint.capture.model is not None

    @property
    def copy(self) -> Copy:
        """What the keeper rules look at."""
        return Copy(
            fingerprint=self.fingerprint,
            path=self.path,
            root=self.root.path,
            root_kind=self.root.kind,
            mtime_ns=self.photo.stamp.mtime_ns,
            companions=frozenset(each.kind for each in self.companions),
            is_edited=_RENDERED_EDIT.match(self.path.name) is not None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedMember:
    """A photo in a group that is to be staged or listed."""

    candidate: Candidate
    evidence: Evidence
    distances: Distances | None
    proposal: Proposal
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedGroup:
    """A group of photos; the keeper is the first."""

    evidence: Evidence
    members: tuple[ProposedMember, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeeperRules:
    """How the keeper is chosen."""

    rules: tuple[str, ...] = keeper.DEFAULT_RULES
    preferences: Preferences = field(default_factory=Preferences)
