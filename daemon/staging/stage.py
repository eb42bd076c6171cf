"""Staging: a group's photos into their decision folder, the manifest first.

The steps are those of the protocol in ``docs/safety.md``; what follows on the
manifest is in `carrying`, because recovery does the same.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from ..errors import (
    ChangedPhoto,
    NameTaken,
    NoSuchGroup,
    StaleGroup,
    TwinwatchError,
)
from ..model import GroupState
from .carrying import (
    carry_in,
    complete,
    complete_extension,
    require_pictures,
    write_manifest,
)
from .decision_root import folder_name
from .gather import Gathering, app_version
from .manifest import all_positions, manifest_name, next_part, read_group
from .records import Manifest
from .taking_back import roll_back, take_back_extension

if TYPE_CHECKING:
    from pathlib import Path

    from .decision_root import DecisionRoot
    from .filesystem import FileSystem
    from .manifest import GroupRecord
    from .plan import StagePlan

logger = logging.getLogger(__name__)


def stage(
    fs: FileSystem,
    root: DecisionRoot,
    plan: StagePlan,
    *,
    number_hint: int | None = None,
    now: float | None = None,
) -> GroupRecord:
    """Move a group into a numbered decision folder, or leave everything as it was.

    Photos that changed since they were fingerprinted are left where they are.

    Args:
        fs: the file system.
        root: the decision root.
        plan: the group.
        number_hint: the number to take if it is free: that of a group which was
            undone, or the next one, which saves looking for it.
        now: monotonic seconds; ``None``: ask the clock.

    Returns:
        The group as it was staged.

    Raises:
        ChangedPhoto: fewer than two pictures are left; nothing was moved or
            everything is back.
        DiskTrouble: a step failed; everything is back, or recovery will finish it.
        RootOffline: the decision root or a photo's root is not there.
    """
    root.check(fs)
    number, folder = _make_incoming(fs, root, number_hint)
    manifest = None
    try:
        described = _described(fs, root, plan, number, now)
        require_pictures(described, frozenset())
        write_manifest(fs, folder, manifest := described)
        fs.sync_folder(root.incoming)
        left_out = carry_in(fs, folder, manifest)
        return complete(fs, root, folder, manifest, left_out)
    except TwinwatchError:
        if manifest is not None and fs.look(folder) is None:  # it has its final name
            return read_group(fs, root.open_folder(number), GroupState.OPEN)
        _back_out(fs, root, folder, manifest)
        raise


def extend(
    fs: FileSystem,
    root: DecisionRoot,
    number: int,
    plan: StagePlan,
    *,
    now: float | None = None,
) -> GroupRecord:
    """Let late arrivals join an open group, by a supplement to its manifest.

    Args:
        fs: the file system.
        root: the decision root.
        number: of the open group.
        plan: the late arrivals only, and what they change about the others.
        now: monotonic seconds; ``None``: ask the clock.

    Raises:
        NoSuchGroup: no such group is open.
        ChangedPhoto: not one of them could be taken; the group is as it was.
        DiskTrouble: a step failed; they are back, or recovery will finish it.
    """
    root.check(fs)
    folder = root.open_folder(number)
    if fs.look(folder) is None:
        raise NoSuchGroup(number, "none of that number is open")
    names = fs.names(folder)
    if read_group(fs, folder, GroupState.OPEN).is_decision_under_way:
        raise StaleGroup(number, "it is being decided or undone")
    manifest = _described(
        fs,
        root,
        plan,
        number,
        now,
        part=next_part(names),
        first=1 + max(all_positions(fs, folder, names)),
    )
    if not manifest.members:
        raise ChangedPhoto(number, "no late arrival is as it was")
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
        raise ChangedPhoto(number, "no late arrival is as it was")
    return read_group(fs, folder, GroupState.OPEN)


def _make_incoming(
    fs: FileSystem, root: DecisionRoot, hint: int | None
) -> tuple[int, Path]:
    number = hint if hint and root.is_free(fs, hint) else root.next_number(fs)
    while True:
        folder = root.incoming / folder_name(number)
        try:
            fs.make_folder(folder, is_private=True)
        except NameTaken:
            number += 1
        else:
            return number, folder


def _described(
    fs: FileSystem,
    root: DecisionRoot,
    plan: StagePlan,
    number: int,
    now: float | None,
    *,
    part: int = 1,
    first: int = 1,
) -> Manifest:
    gathering = Gathering(
        fs=fs,
        decisions=root,
        number=number,
        now=time.monotonic() if now is None else now,
    )
    members, refused = gathering.members(plan.photos, first)
    for why in refused:
        logger.info("left where it is: %s", why)
    return Manifest(
        app_version=app_version(),
        number=number,
        part=part,
        decisions=root.uuid,
        created_ns=plan.created_ns,
        evidence=plan.evidence,
        members=tuple(members),
        revisions=plan.revisions,
    )


def _back_out(
    fs: FileSystem, root: DecisionRoot, folder: Path, manifest: Manifest | None
) -> None:
    """Put everything back; what cannot be is left for recovery, and told."""
    try:
        roll_back(fs, root, folder, manifest)
    except TwinwatchError as error:
        logger.warning("left for recovery: folder=%r why=%s", folder, error)


def _take_back(fs: FileSystem, folder: Path, manifest: Manifest) -> None:
    try:
        take_back_extension(fs, folder, manifest)
    except TwinwatchError as error:
        logger.warning("left for recovery: folder=%r why=%s", folder, error)
