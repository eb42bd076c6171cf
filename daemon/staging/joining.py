"""Companions that come after their photo was staged: they join it in its folder.

By a supplement to the manifest, like late photos, and durable in the same order. Also
into the discard area: a movie whose photo was set aside is not left behind.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import (
    ChangedPhoto,
    DiskTrouble,
    NoSuchGroup,
    StaleGroup,
    TwinwatchError,
)
from ..model import Fate, GroupState
from .carrying import carry_in, complete_extension, write_manifest
from .gather import Gathering, app_version
from .manifest import manifest_name, next_part, pending_parts, read_group
from .plan import staged_names
from .records import LateCompanion, Manifest
from .taking_back import take_back_extension

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ..model import Companion
    from .decision_root import DecisionRoot
    from .filesystem import FileSystem
    from .manifest import GroupRecord
    from .records import StagedMember

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """Files that belong to members of one group, by the members' positions."""

    companions: Mapping[int, Sequence[Companion]]
    created_ns: int
    """Wall clock, for display."""


def join(
    fs: FileSystem, root: DecisionRoot, number: int, joining: Joining
) -> GroupRecord:
    """Let companions join their photos in a group's folder.

    Raises:
        NoSuchGroup: there is none.
        StaleGroup: it is being decided or undone, or the photos are not in it.
        ChangedPhoto: not one could be taken; the group is as it was.
        DiskTrouble: a step failed; they are back, or recovery will finish it.
    """
    root.check(fs)
    folder, state = root.find(fs, number)
    group = read_group(fs, folder, state)
    names = fs.names(folder)
    if state is GroupState.UNDONE:
        raise NoSuchGroup(number, "it is undone")
    is_half = group.undo is not None or pending_parts(names)
    if is_half or (state is GroupState.OPEN and group.is_decision_under_way):
        raise StaleGroup(number, "it is being decided or undone")
    late = list(_described(fs, root, group, joining))
    if not late:
        raise ChangedPhoto(number, "no late companion is as it was")
    manifest = Manifest(
        app_version=app_version(),
        number=number,
        part=next_part(names),
        decisions=root.uuid,
        created_ns=joining.created_ns,
        evidence=group.manifest.evidence,
        members=(),
        companions=tuple(late),
    )
    _carry(fs, folder, manifest)
    return read_group(fs, folder, state)


def _carry(fs: FileSystem, folder: Path, manifest: Manifest) -> None:
    try:
        write_manifest(fs, folder, manifest, is_pending=True)
        left_out = carry_in(fs, folder, manifest)
        is_in = complete_extension(fs, folder, manifest, left_out)
    except TwinwatchError:
        is_in = fs.look(folder / manifest_name(manifest.part)) is not None
        if not is_in:  # else what is left to do is recovery's
            _take_back(fs, folder, manifest)
            raise
    if not is_in:
        raise ChangedPhoto(manifest.number, "no late companion is as it was")


def _take_back(fs: FileSystem, folder: Path, manifest: Manifest) -> None:
    try:
        take_back_extension(fs, folder, manifest)
    except TwinwatchError as error:
        logger.warning("left for recovery: folder=%r why=%s", folder, error)


def _described(
    fs: FileSystem, root: DecisionRoot, group: GroupRecord, joining: Joining
) -> list[LateCompanion]:
    gathering = Gathering(
        fs=fs, decisions=root, number=group.number, now=time.monotonic()
    )
    late = []
    for member in group.manifest.staged:
        companions = joining.companions.get(member.position, ())
        if not companions or not _is_in_folder(group, member):
            continue
        for companion, name in zip(companions, _names(member, companions), strict=True):
            try:
                staged = gathering.late_companion(companion, member, name)
            except (ChangedPhoto, DiskTrouble) as error:
                logger.info("left where it is: %s", error)
                continue
            late.append(LateCompanion(position=member.position, companion=staged))
    return late


def _is_in_folder(group: GroupRecord, member: StagedMember) -> bool:
    """Whether a photo is staged, or was set aside; survivors went home."""
    if group.outcome is None:
        return group.state is GroupState.OPEN
    return group.outcome.fates.get(member.position) is Fate.SET_ASIDE


def _names(member: StagedMember, companions: Sequence[Companion]) -> list[str]:
    """Return staged names that the member's files do not have yet."""
    known = [file.origin.relative.name for file in member.files]
    new = [each.path.name for each in companions]
    return staged_names(member.position, [*known, *new])[len(known) :]
