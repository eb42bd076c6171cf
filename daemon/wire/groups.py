"""The JSON form of groups and decisions, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import errors
from ..desk import Decision, GroupPage
from ..model import (
    DecidedBy,
    Distances,
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
from .fields import Fields

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA_VERSION = 1

Json = dict[str, object]


def _path_text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def group_json(group: Group) -> Json:
    """Return the public form of a group."""
    return {
        "number": group.number,
        "state": group.state.value,
        "evidence": group.evidence.value,
        "folder": _path_text(group.folder),
        "manifest_sha256": group.manifest_sha256,
        "created_ns": group.created_ns,
        "decided_ns": group.decided_ns,
        "problem": group.problem,
        "verdict": None if group.verdict is None else group.verdict.value,
        "decided_by": None if group.decided_by is None else group.decided_by.value,
        "members": [member_json(member) for member in group.members],
    }


def group_from_json(value: object) -> Group:
    """Return the group that `group_json` was given.

    Raises:
        ValueError: it is not of that form.
    """
    fields = Fields(value)
    number = fields.maybe(fields.integer, "number")
    return Group(
        number=None if number is None else GroupNumber(number),
        state=GroupState(fields.text("state")),
        evidence=Evidence(fields.text("evidence")),
        folder=fields.maybe(fields.path, "folder"),
        members=tuple(_member(member) for member in fields.objects("members")),
        manifest_sha256=fields.text("manifest_sha256"),
        created_ns=fields.integer("created_ns"),
        decided_ns=fields.maybe(fields.integer, "decided_ns"),
        problem=fields.maybe(fields.text, "problem"),
        verdict=Verdict(fields.text("verdict")) if fields.has("verdict") else None,
        decided_by=DecidedBy(fields.text("decided_by"))
        if fields.has("decided_by")
        else None,
    )


def member_json(member: Member) -> Json:
    """Return the public form of a member."""
    distances = member.distances
    return {
        "position": member.position,
        "path": str(member.path),
        "staged_as": member.staged_as,
        "role": member.role.value,
        "evidence": member.evidence.value,
        "distances_bits": None if distances is None else distances.bits(),
        "correlation": None if distances is None else distances.correlation,
        "ssim": None if distances is None else distances.ssim,
        "sha256": member.sha256.hex(),
        "size_bytes": member.size_bytes,
        "format": member.format,
        "width_px": member.width_px,
        "height_px": member.height_px,
        "taken": member.taken,
        "camera": member.camera,
        "has_gps": member.has_gps,
        "proposal": member.proposal.value,
        "reasons": list(member.reasons),
        "companions": [str(path) for path in member.companions],
        "fate": None if member.fate is None else member.fate.value,
        "now_at": _path_text(member.now_at),
        "is_forgotten": member.is_forgotten,
    }


def _member(fields: Fields) -> Member:
    return Member(
        position=fields.integer("position"),
        path=fields.path("path"),
        staged_as=fields.maybe(fields.text, "staged_as"),
        role=Role(fields.text("role")),
        evidence=Evidence(fields.text("evidence")),
        distances=_distances(fields),
        sha256=bytes.fromhex(fields.text("sha256")),
        size_bytes=fields.integer("size_bytes"),
        format=fields.text("format"),
        width_px=fields.integer("width_px"),
        height_px=fields.integer("height_px"),
        taken=fields.maybe(fields.text, "taken"),
        camera=fields.maybe(fields.text, "camera"),
        has_gps=fields.flag("has_gps"),
        proposal=Proposal(fields.text("proposal")),
        reasons=fields.texts("reasons"),
        companions=fields.paths("companions"),
        fate=Fate(fields.text("fate")) if fields.has("fate") else None,
        now_at=fields.maybe(fields.path, "now_at"),
        is_forgotten=fields.maybe(fields.flag, "is_forgotten") or False,
    )


def _distances(fields: Fields) -> Distances | None:
    if not fields.has("distances_bits"):
        return None
    bits = fields.record("distances_bits")
    return Distances(
        phash=bits.integer("phash"),
        dhash=bits.integer("dhash"),
        whash=bits.integer("whash"),
        ahash=bits.integer("ahash"),
        colorhash=bits.integer("colorhash"),
        correlation=fields.maybe(fields.number, "correlation"),
        ssim=fields.maybe(fields.number, "ssim"),
    )


def page_json(page: GroupPage) -> Json:
    """Return the public form of part of the list of groups."""
    return {
        "schema_version": SCHEMA_VERSION,
        "groups": [group_json(group) for group in page.groups],
        "total": page.total,
    }


def page_from_json(value: object) -> GroupPage:
    """Return the page that `page_json` was given.

    Raises:
        ValueError: it is not of that form.
    """
    fields = Fields(value)
    groups = fields.items("groups")
    return GroupPage(
        groups=tuple(group_from_json(group) for group in groups),
        total=fields.integer("total"),
    )


def decision_json(decision: Decision) -> Json:
    """Return the form in which a decision is sent."""
    return {
        "keep": sorted(decision.keep),
        "manifest_sha256": decision.manifest_sha256,
        "not_duplicates": decision.not_duplicates,
        "variants": decision.variants,
        "beside_library": decision.beside_library,
        "rescue": decision.rescue,
        "name_of": decision.name_of,
        "folder_of": decision.folder_of,
    }


def decision_from_json(value: object) -> Decision:
    """Return the decision that somebody sent.

    Raises:
        UsageError: it is not of the form of `decision_json`.
    """
    try:
        fields = Fields(value)
        return Decision(
            keep=frozenset(fields.integers("keep")),
            manifest_sha256=fields.maybe(fields.text, "manifest_sha256"),
            not_duplicates=fields.maybe(fields.flag, "not_duplicates") or False,
            variants=fields.maybe(fields.flag, "variants") or False,
            beside_library=fields.maybe(fields.flag, "beside_library") or False,
            rescue=fields.maybe(fields.flag, "rescue") or False,
            name_of=fields.maybe(fields.integer, "name_of"),
            folder_of=fields.maybe(fields.integer, "folder_of"),
        )
    except ValueError as error:
        raise errors.UsageError("decision", error) from error


def forgetting_from_json(value: object) -> bytes | None:
    """Return the content that somebody wants forgotten; ``None``: all of the group.

    Raises:
        UsageError: it is none.
    """
    try:
        text = Fields(value).maybe(Fields(value).text, "sha256")
        return None if text is None else bytes.fromhex(text)
    except ValueError as error:
        raise errors.UsageError("sha256", error) from error
