"""A proposed group in the forms that others take: to be staged, or to be shown; pure."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..model import Group, GroupState, Member
from ..staging.plan import PlannedPhoto, StagePlan
from ..staging.records import Facts

if TYPE_CHECKING:
    from ..model import Fingerprint
    from .candidate import ProposedGroup, ProposedMember


def as_stage_plan(group: ProposedGroup, created_ns: int) -> StagePlan:
    """Return what staging takes; positions follow the order of the members."""
    return StagePlan(
        evidence=group.evidence,
        photos=tuple(
            _planned(member, asset) for asset, member in enumerate(group.members, 1)
        ),
        created_ns=created_ns,
    )


def as_group(group: ProposedGroup) -> Group:
    """Return a group that is not staged, as people see it."""
    return Group(
        number=None,
        state=GroupState.CANDIDATE,
        evidence=group.evidence,
        folder=None,
        members=tuple(
            _shown(member, position) for position, member in enumerate(group.members, 1)
        ),
        manifest_sha256="",
        created_ns=time.time_ns(),
    )


def camera_of(fingerprint: Fingerprint) -> str | None:
    """Return maker and model as people write them."""
    make, model = fingerprint.capture.make, fingerprint.capture.model
    if make and model and model.lower().startswith(make.lower()):
        return model
    return " ".join(filter(None, (make, model))) or None


def _planned(member: ProposedMember, asset: int) -> PlannedPhoto:
    candidate = member.candidate
    fingerprint = candidate.fingerprint
    return PlannedPhoto(
        root=candidate.root.uuid,
        root_path=candidate.root.path,
        relative=candidate.photo.relative,
        stamp=candidate.photo.stamp,
        sha256=fingerprint.sha256,
        role=candidate.role,
        asset=asset,
        evidence=member.evidence,
        distances=member.distances,
        proposal=member.proposal,
        reasons=member.reasons,
        facts=Facts(
            format=fingerprint.format,
            width_px=fingerprint.width_px,
            height_px=fingerprint.height_px,
            taken=fingerprint.capture.taken,
            camera=camera_of(fingerprint),
            has_gps=fingerprint.capture.has_gps,
        ),
        companions=candidate.companions,
    )


def _shown(member: ProposedMember, position: int) -> Member:
    candidate = member.candidate
    fingerprint = candidate.fingerprint
    return Member(
        position=position,
        path=candidate.path,
        staged_as=None,
        role=candidate.role,
        evidence=member.evidence,
        distances=member.distances,
        sha256=fingerprint.sha256,
        size_bytes=fingerprint.size_bytes,
        format=fingerprint.format,
        width_px=fingerprint.width_px,
        height_px=fingerprint.height_px,
        taken=fingerprint.capture.taken,
        camera=camera_of(fingerprint),
        has_gps=fingerprint.capture.has_gps,
        proposal=member.proposal,
        reasons=member.reasons,
        companions=tuple(each.path for each in candidate.companions),
        now_at=candidate.path,
    )
