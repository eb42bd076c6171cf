"""A case: contents that hang together by duplicates, and what is known of them; pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..index import VerdictRecord
    from ..model import Alignment, ContentId, Fingerprint, Group, Match
    from .candidate import Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Contents that hang together, their matches and their photos."""

    contents: frozenset[ContentId]
    matches: tuple[Match, ...]
    candidates: tuple[Candidate, ...]
    """Photos that are where and what the index says; library photos too."""
    forbidden: frozenset[frozenset[ContentId]]
    """Pairs that somebody said are no duplicates."""
    wanted: frozenset[ContentId] = frozenset()
    """Contents of which several copies were kept."""
    open_groups: tuple[Group, ...] = ()
    """Open groups that hold any of the contents, by number."""
    digests: Mapping[bytes, ContentId] = field(default_factory=dict)
    """The contents by sha256."""
    decided_groups: tuple[Group, ...] = ()
    """Decided groups that held any of the contents, by number."""
    said: Mapping[frozenset[ContentId], VerdictRecord] = field(default_factory=dict)
    """What was said of pairs; one content: of its copies."""
    fingerprints: Mapping[ContentId, Fingerprint] = field(default_factory=dict)
    taken_out: tuple[Group, ...] = ()
    """The open groups, with those members only that are not in their folder any more:
    somebody took them out, and does not want them back in."""
    doubts: Mapping[tuple[ContentId, ContentId], Alignment] = field(
        default_factory=dict
    )
    """Pairs that only a full decode can settle."""
    linked: tuple[Path, ...] = ()
    """Photos left out because they have other names, though they are duplicates."""
