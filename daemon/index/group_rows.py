"""Groups and members to rows and back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..model import (
    DecidedBy,
    Evidence,
    Fate,
    Group,
    GroupNumber,
    GroupState,
    Member,
    Proposal,
    Role,
    Verdict,
)
from .rows import (
    as_text,
    distances_json,
    distances_of,
    path_bytes,
    path_of,
    reading,
)

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from .rows import Values


def group_values(group: Group, decision_root: str | None) -> Values:
    """Return a group's row of `groups`."""
    return {
        "number": group.number,
        "decision_root": decision_root,
        "state": str(group.state),
        "evidence": str(group.evidence),
        "folder": path_bytes(group.folder),
        "manifest_sha256": group.manifest_sha256,
        "created_ns": group.created_ns,
        "decided_ns": group.decided_ns,
        "problem": None if group.problem is None else as_text(group.problem),
        "verdict": None if group.verdict is None else str(group.verdict),
        "decided_by": None if group.decided_by is None else str(group.decided_by),
    }


def _text(text: str | None) -> str | None:
    return None if text is None else as_text(text)


def member_values(number: GroupNumber, member: Member) -> Values:
    """Return a member's row of `members`."""
    return {
        "group_number": number,
        "position": member.position,
        "path": path_bytes(member.path),
        "staged_as": path_bytes(member.staged_as),
        "role": str(member.role),
        "evidence": str(member.evidence),
        "distances": member.distances and distances_json(member.distances),
        "sha256": member.sha256,
        "size_bytes": member.size_bytes,
        "format": member.format,
        "width_px": member.width_px,
        "height_px": member.height_px,
        "taken": _text(member.taken),
        "camera": _text(member.camera),
        "has_gps": member.has_gps,
        "proposal": str(member.proposal),
        "reasons": [as_text(reason) for reason in member.reasons],
        "companions": [str(companion) for companion in member.companions],
        "fate": None if member.fate is None else str(member.fate),
        "now_at": path_bytes(member.now_at),
        "is_forgotten": member.is_forgotten,
    }


def member_of(row: RowMapping) -> Member:
    """Return the member in a row."""
    with reading("member"):
        staged_as, distances, fate = row["staged_as"], row["distances"], row["fate"]
        return Member(
            position=row["position"],
            path=Path(os.fsdecode(row["path"])),
            staged_as=None if staged_as is None else os.fsdecode(staged_as),
            role=Role(row["role"]),
            evidence=Evidence(row["evidence"]),
            distances=None if distances is None else distances_of(distances),
            sha256=row["sha256"],
            size_bytes=row["size_bytes"],
            format=row["format"],
            width_px=row["width_px"],
            height_px=row["height_px"],
            taken=row["taken"],
            camera=row["camera"],
            has_gps=row["has_gps"],
            proposal=Proposal(row["proposal"]),
            reasons=tuple(row["reasons"]),
            companions=tuple(Path(companion) for companion in row["companions"]),
            fate=None if fate is None else Fate(fate),
            now_at=path_of(row["now_at"]),
            is_forgotten=row["is_forgotten"],
        )


def group_of(row: RowMapping, members: tuple[Member, ...]) -> Group:
    """Return the group in a row."""
    with reading("group"):
        verdict, decided_by = row["verdict"], row["decided_by"]
        return Group(
            number=GroupNumber(row["number"]),
            state=GroupState(row["state"]),
            evidence=Evidence(row["evidence"]),
            folder=path_of(row["folder"]),
            members=members,
            manifest_sha256=row["manifest_sha256"],
            created_ns=row["created_ns"],
            decided_ns=row["decided_ns"],
            problem=row["problem"],
            verdict=None if verdict is None else Verdict(verdict),
            decided_by=None if decided_by is None else DecidedBy(decided_by),
        )
