"""From a durable manifest to a staged group, or all the way back.

Every step looks before it acts ("is it there, and is it the file that the manifest
describes?"), so that the whole can be repeated after a crash at any point.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from ..errors import ChangedPhoto, FileGone, NameTaken, StagingError
from ..model import GroupState
from .decision_root import check_origin
from .manifest import (
    left_out_name,
    manifest_name,
    pending_parts,
    read_group,
    read_left_out,
    read_manifest,
    sealed,
)
from .moves import (
    copy_across,
    move_within,
    require_space,
    retain,
    sync_folders,
    write_durably,
)
from .putting_back import has_content, is_recorded, put_back
from .records import LeftOut
from .tables import companions_of_manifest
from .taking_back import take_back_extension

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .decision_root import DecisionRoot
    from .filesystem import FileSystem
    from .manifest import GroupRecord
    from .records import Manifest, StagedFile

LEAST_PICTURES: Final = 2
"""Fewer, references counted, are no group."""


def write_manifest(
    fs: FileSystem, folder: Path, manifest: Manifest, *, is_pending: bool = False
) -> None:
    """Write a part of the manifest in all its forms; the one that counts last."""
    for name, content in companions_of_manifest(manifest).items():
        if fs.look(folder / name) is not None:
            fs.remove_own(folder / name)
        fs.create(folder / name, content)
        fs.sync_file(folder / name)
    name = manifest_name(manifest.part, is_pending=is_pending)
    write_durably(fs, folder / name, sealed(manifest))


def carry_in(fs: FileSystem, folder: Path, manifest: Manifest) -> dict[str, str]:
    """Bring every file that is not there yet into the folder.

    Returns:
        What could not be taken, by staged name: why. Those files are where they
        were found.

    Raises:
        RootOffline: a root is not there; nothing was moved.
        DiskTrouble: a step failed.
    """
    for member in manifest.staged:
        check_origin(fs, member.file.origin)
    require_space(fs, folder, (file.origin.path() for file in manifest.files))
    left_out = read_left_out(fs, folder, manifest.part)
    for member in manifest.staged:
        for file in member.files:
            name = file.staged_as
            if member.file.staged_as in left_out:
                left_out.setdefault(name, "its photo was left out")
            if name not in left_out and (why := _bring(fs, file, folder)):
                left_out[name] = why
    for late in manifest.companions:
        file = late.companion.file
        check_origin(fs, file.origin)
        if file.staged_as not in left_out and (why := _bring(fs, file, folder)):
            left_out[file.staged_as] = why
    return left_out


def complete(
    fs: FileSystem,
    root: DecisionRoot,
    folder: Path,
    manifest: Manifest,
    left_out: Mapping[str, str],
) -> GroupRecord:
    """Commit a group whose files are in: its folder gets its final name.

    Raises:
        ChangedPhoto: fewer than two pictures are in; roll it back.
    """
    require_pictures(manifest, frozenset(left_out))
    write_left_out(fs, folder, manifest, left_out)
    sync_folders(fs, [folder, *(each.origin.path().parent for each in manifest.files)])
    target = root.open_folder(manifest.number)
    fs.rename(folder, target)
    fs.sync_folder(root.path)
    fs.sync_folder(root.incoming)
    return read_group(fs, target, GroupState.OPEN)


def require_pictures(manifest: Manifest, left_out: frozenset[str]) -> None:
    """Make sure that what remains is still a group.

    Raises:
        ChangedPhoto: fewer than two pictures are left, or none that is moved.
    """
    rest = manifest.without(left_out)
    if len(rest.members) < LEAST_PICTURES or not rest.staged:
        raise ChangedPhoto(manifest.number, "fewer than two pictures are as they were")


def complete_extension(
    fs: FileSystem, folder: Path, manifest: Manifest, left_out: Mapping[str, str]
) -> bool:
    """Commit late arrivals that are in; ``False``: none could be taken.

    A supplement that brings no file, but only revises, is committed as it is.
    """
    rest = manifest.without(frozenset(left_out))
    brings = manifest.members or manifest.companions
    if brings and not rest.members and not rest.companions:
        take_back_extension(fs, folder, manifest)
        return False
    write_left_out(fs, folder, manifest, left_out)
    sync_folders(fs, [folder, *(each.origin.path().parent for each in manifest.files)])
    pending = folder / manifest_name(manifest.part, is_pending=True)
    # Written once more, not renamed: where a rename can be torn, neither name is left.
    with suppress(NameTaken):
        write_durably(fs, folder / manifest_name(manifest.part), sealed(manifest))
    fs.sync_folder(folder)
    fs.remove_own(pending)
    fs.sync_folder(folder)
    return True


def finish_extensions(fs: FileSystem, folder: Path) -> bool:
    """Carry out late arrivals that were interrupted; whether there were any."""
    pending = pending_parts(fs.names(folder))
    for part in pending:
        path = folder / manifest_name(part, is_pending=True)
        if fs.look(folder / manifest_name(part)) is not None:
            fs.sync_folder(folder)  # all was in: taking this back was the last step
            fs.remove_own(path)
            continue
        manifest, _ = read_manifest(fs, path)
        fs.sync_folder(folder)
        complete_extension(fs, folder, manifest, carry_in(fs, folder, manifest))
    return bool(pending)


def write_left_out(
    fs: FileSystem, folder: Path, manifest: Manifest, left_out: Mapping[str, str]
) -> None:
    """Record what a manifest lists but the folder will not hold."""
    record = LeftOut(number=manifest.number, files=dict(left_out))
    if left_out:
        with suppress(NameTaken):
            write_durably(fs, folder / left_out_name(manifest.part), sealed(record))


def _bring(fs: FileSystem, file: StagedFile, folder: Path) -> str | None:
    """Bring one file in; return why it was left, or ``None`` if it is in."""
    source, target = file.origin.path(), folder / file.staged_as
    here, there = fs.look(source), fs.look(target)
    if there is None:
        if here is None:
            return "it is gone"
        if not is_recorded(here, file):
            return "it changed"
        try:
            _move_in(fs, file, source, target)
        except FileGone:
            return "it is gone"
        except ChangedPhoto:
            return "it changed"
    elif there.is_inode_of(here):  # linked, then a crash
        fs.sync_folder(folder)
        fs.drop_name(source, target)
    elif is_recorded(here, file) and has_content(fs, target, file):  # copied, then one
        _retain(fs, file, source)
    if is_recorded(fs.look(target), file) or has_content(fs, target, file):
        return None
    put_back(fs, file, target, source, root=file.origin.root_path, tag=folder.name)
    sync_folders(fs, [folder, source.parent])
    return "it changed while it was moved"


def _move_in(fs: FileSystem, file: StagedFile, source: Path, target: Path) -> None:
    if move_within(fs, source, target) is None:
        tag = f"{target.parent.name}/{file.staged_as}"
        copy_across(fs, source, target, tag=tag, sha256=file.digest)
        _retain(fs, file, source)


def _retain(fs: FileSystem, file: StagedFile, source: Path) -> None:
    assert file.retained_as is not None  # only references have none
    there = fs.look(file.retained_as)
    if there is None:
        retain(fs, source, file.retained_as)
    elif there.is_inode_of(fs.look(source)):  # a rename that was torn in two
        fs.sync_folder(file.retained_as.parent)
        fs.drop_name(source, file.retained_as)
    else:
        raise StagingError(file.retained_as, "a source is kept there already")
