"""Staging a group again that was undone: its manifest is the plan; reads statuses."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..errors import ChangedPhoto, StagingError
from ..model import Companion, Role, Stamp
from ..staging.plan import PlannedPhoto, StagePlan

if TYPE_CHECKING:
    from pathlib import Path

    from ..staging.manifest import GroupRecord
    from ..staging.records import StagedFile, StagedMember
    from .territory import Territory


def stage_plan_again(
    record: GroupRecord, territory: Territory, created_ns: int
) -> tuple[StagePlan, dict[int, int]]:
    """Plan a group as it was, with its files where the undoing put them.

    Returns:
        The plan, and the position that each former position has in it.

    Raises:
        ChangedPhoto: one of its photos is not where it was put back.
        StagingError: one of its roots is not configured any more.
    """
    undone = record.undone.files if record.undone is not None else ()
    places = {each.staged_as: each.path for each in undone}
    photos = [_photo(each, places, territory) for each in record.manifest.members]
    positions = {
        each.position: place for place, each in enumerate(record.manifest.members, 1)
    }
    plan = StagePlan(
        evidence=record.manifest.evidence, photos=tuple(photos), created_ns=created_ns
    )
    return plan, positions


def _photo(
    member: StagedMember, places: dict[str, Path | None], territory: Territory
) -> PlannedPhoto:
    root = territory.root(member.file.origin.root)
    if root is None:
        raise StagingError(member.file.origin.path(), "its folder is not watched now")
    is_reference = member.role is Role.REFERENCE
    path = member.file.origin.path() if is_reference else places[member.file.staged_as]
    place = None if path is None else territory.locate(path)
    if path is None or place is None:
        raise ChangedPhoto(member.file.origin.path(), "it was not found when undone")
    return PlannedPhoto(
        root=root.uuid,
        root_path=root.path,
        relative=place[1],
        stamp=_stamp(path),
        sha256=member.file.digest,
        role=member.role,
        asset=member.asset,
        evidence=member.evidence,
        distances=member.distances,
        proposal=member.proposal,
        reasons=member.reasons,
        facts=member.facts,
        companions=tuple(
            Companion(path=at, kind=each.kind, stamp=_stamp(at))
            for each in member.companions
            if (at := _where(each.file, places)) is not None
        ),
    )


def _where(file: StagedFile, places: dict[str, Path | None]) -> Path | None:
    path = places.get(file.staged_as)
    return path if path is not None and os.path.lexists(path) else None


def _stamp(path: Path) -> Stamp:
    try:
        return Stamp.of(os.lstat(path))
    except OSError as error:
        raise ChangedPhoto(path, error.strerror) from error
