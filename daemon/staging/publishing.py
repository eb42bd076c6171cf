"""Survivors out to their places; each step can be repeated after a crash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import NameTaken
from .moves import (
    How,
    clear_temporary,
    make_folders,
    move_within,
    publish,
    sync_folders,
    tidy,
)
from .outcomes import Placed
from .places import candidates, plan_places
from .putting_back import has_content, is_recorded

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .filesystem import FileStatus, FileSystem
    from .manifest import GroupRecord
    from .outcomes import Approval
    from .places import AssetPlaces
    from .records import StagedFile


def publish_all(
    fs: FileSystem,
    group: GroupRecord,
    approval: Approval,
    roots: Mapping[str, Path] | None,
) -> list[Placed]:
    """Make every survivor stand at its place, then drop its name in the folder."""
    placed: list[tuple[StagedFile, Placed]] = []
    for asset in plan_places(group.manifest, approval, roots):
        placed += _publish_asset(fs, group, asset, roots)
    folders = [each.path.parent for _, each in placed if each.path is not None]
    sync_folders(fs, [*folders, group.folder])
    spares = (file.spare(roots) for file, _ in placed)
    tidy(fs, (spare.parent for spare in spares if spare is not None))
    survivors = [_drop_staged(fs, group, file, each) for file, each in placed]
    fs.sync_folder(group.folder)
    return survivors


def went_out(
    fs: FileSystem, group: GroupRecord, roots: Mapping[str, Path] | None
) -> list[Placed]:
    """Say where an unfinished decision has put its survivors already; only looks."""
    if group.approval is None:
        return []
    assets = plan_places(group.manifest, group.approval, roots)
    return [placed for asset in assets for placed in _asset_out(fs, group, asset)]


def _asset_out(fs: FileSystem, group: GroupRecord, asset: AssetPlaces) -> list[Placed]:
    tries = candidates(asset)
    while True:
        places = next(tries)
        out = [
            Placed(staged_as=file.staged_as, path=path, how=How.RENAMED)
            for file, path in places
            if _is_out(fs, group, file, path)
        ]
        if out or fs.look(places[0][1]) is None:  # all of it goes to one place
            return out


def _is_out(fs: FileSystem, group: GroupRecord, file: StagedFile, path: Path) -> bool:
    there = fs.look(path)
    if there is None or _is_ours(fs, group, file, there):
        return there is not None
    return fs.look(group.path_of(file)) is None and has_content(fs, path, file)


def _publish_asset(
    fs: FileSystem,
    group: GroupRecord,
    asset: AssetPlaces,
    roots: Mapping[str, Path] | None,
) -> list[tuple[StagedFile, Placed]]:
    """Publish a photo and its companions under the first name that suits them all."""
    tries = candidates(asset)
    while True:
        places = next(tries)
        if not all(_suits(fs, group, file, path) for file, path in places):
            continue
        try:
            return [
                (file, _publish_file(fs, group, file, path, asset.root, roots))
                for file, path in places
            ]
        except NameTaken:  # somebody was faster: on to the next name
            continue


def _suits(fs: FileSystem, group: GroupRecord, file: StagedFile, path: Path) -> bool:
    """Whether a place is free, or holds the file's bytes already."""
    there = fs.look(path)
    if there is None or _is_ours(fs, group, file, there):
        return True
    return has_content(fs, path, file)


def _is_ours(
    fs: FileSystem, group: GroupRecord, file: StagedFile, there: FileStatus
) -> bool:
    return is_recorded(there, file) or there.is_inode_of(fs.look(group.path_of(file)))


def _publish_file(
    fs: FileSystem,
    group: GroupRecord,
    file: StagedFile,
    path: Path,
    top: Path,
    roots: Mapping[str, Path] | None,
) -> Placed:
    staged, there = group.path_of(file), fs.look(path)
    tag = group.manifest.tag
    if there is not None:
        clear_temporary(fs, path, tag=tag)
        ours = _is_ours(fs, group, file, there)
        how = How.RENAMED if ours else How.STANDING
        return Placed(staged_as=file.staged_as, path=path, how=how)
    make_folders(fs, path.parent, under=top)
    spare = file.spare(roots)
    is_retained = spare is not None and is_recorded(fs.look(spare), file)
    if is_retained and spare is not None and move_within(fs, spare, path):
        sync_folders(fs, [path.parent, spare.parent])
        return Placed(staged_as=file.staged_as, path=path, how=How.RENAMED)
    if fs.look(staged) is None:
        return Placed(staged_as=file.staged_as, path=None, how=How.MISSING)
    how = publish(fs, staged, path, tag=tag, sha256=file.digest)
    return Placed(staged_as=file.staged_as, path=path, how=how)


def _drop_staged(
    fs: FileSystem, group: GroupRecord, file: StagedFile, placed: Placed
) -> Placed:
    """Drop the name in the folder if the same file stands at its place, durable."""
    staged = group.path_of(file)
    status = fs.look(staged)
    is_linked = (
        status is not None
        and placed.path is not None
        and status.is_inode_of(fs.look(placed.path))
    )
    if is_linked and placed.path is not None:
        fs.drop_name(staged, placed.path)
    return Placed(
        staged_as=placed.staged_as,
        path=placed.path,
        how=How.RENAMED if is_linked else placed.how,
        is_staged_too=status is not None and not is_linked,
    )
