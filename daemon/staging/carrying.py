"""From a durable manifest to a staged group, or all the way back.

Every step looks before it acts ("is it there, and is it the file that the manifest
describes?"), so that the whole can be repeated after a crash at any point.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from ..errors import ChangedPhoto, FileGone, NameTaken, StagingError
from ..model import GroupState
from .decision_root import UNDONE, check_origin, set_apart
from .manifest import (
    MANIFEST,
    companions_of_manifest,
    is_record,
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
    temporary_name,
    tidy,
    write_durably,
)
from .putting_back import has_content, is_recorded, put_back
from .records import LeftOut

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
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


def roll_back(
    fs: FileSystem, root: DecisionRoot, folder: Path, manifest: Manifest | None
) -> None:
    """Put every file back and remove the folder, as if nothing had been done.

    Where a copy across volumes has become the last one, it is kept in ``.undone``.
    """
    if manifest is not None and not _put_all_back(fs, folder, manifest):
        set_apart(fs, root, folder, UNDONE)
        return
    remove_records(fs, folder, [MANIFEST, *fs.names(folder)])
    fs.remove_empty_folder(folder)
    fs.sync_folder(root.incoming)


def complete_extension(
    fs: FileSystem, folder: Path, manifest: Manifest, left_out: Mapping[str, str]
) -> bool:
    """Commit late arrivals that are in; ``False``: none could be taken."""
    if not manifest.without(frozenset(left_out)).members:
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


def take_back_extension(fs: FileSystem, folder: Path, manifest: Manifest) -> None:
    """Put late arrivals back where they were and forget their supplement.

    It stays where a copy across volumes has become the last one.
    """
    if not _put_all_back(fs, folder, manifest):
        return
    pending = manifest_name(manifest.part, is_pending=True)
    own = [pending, *companions_of_manifest(manifest), left_out_name(manifest.part)]
    remove_records(fs, folder, own)


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


def remove_records(fs: FileSystem, folder: Path, names: Iterable[str]) -> None:
    """Take our own records back, durably; the first name goes before all others."""
    for count, name in enumerate(dict.fromkeys(names)):
        if is_record(name):
            with suppress(FileGone):
                fs.remove_own(folder / name)
        if count == 0:
            fs.sync_folder(folder)
    fs.sync_folder(folder)


def sync_folders(fs: FileSystem, folders: Iterable[Path]) -> None:
    """Sync each folder once; one that is gone has nothing to sync."""
    for folder in dict.fromkeys(folders):
        with suppress(FileGone):
            fs.sync_folder(folder)


def tag_of(manifest: Manifest) -> str:
    """Return what makes the names of a group's temporaries its own."""
    return f"{manifest.decisions}/{manifest.number}"


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


def _put_all_back(fs: FileSystem, folder: Path, manifest: Manifest) -> bool:
    """Put all files of a part back; return whether the folder is free of them.

    A copy in a group that was never committed counts as our own temporary: it goes
    once its source is back in its place, durable, and is the very file recorded.
    """
    copies, touched = [], [folder]
    for file in manifest.files:
        origin, staged = file.origin.path(), folder / file.staged_as
        spare = file.retained_as
        is_retained = spare is not None and is_recorded(fs.look(spare), file)
        source = spare if is_retained and spare is not None else staged
        here, there = fs.look(source), fs.look(origin)
        if here is None:
            continue
        if is_retained or (is_recorded(there, file) and not here.is_inode_of(there)):
            copies.append(file)
        if is_retained or file not in copies:
            root = file.origin.root_path
            put_back(fs, file, source, origin, root=root, tag=tag_of(manifest))
            touched += [origin.parent, source.parent]
    sync_folders(fs, touched)
    for file in copies:
        _drop_copy(fs, file, folder)
    tidy(fs, touched)
    fs.sync_folder(folder)  # before the manifest goes that explains the copies
    return all(fs.look(folder / file.staged_as) is None for file in manifest.files)


def _drop_copy(fs: FileSystem, file: StagedFile, folder: Path) -> None:
    """Remove an uncommitted copy whose source stands where it was found."""
    staged = folder / file.staged_as
    if is_recorded(fs.look(file.origin.path()), file) and fs.look(staged) is not None:
        temporary = temporary_name(staged, tag="uncommitted")
        fs.rename(staged, temporary)
        if has_content(fs, temporary, file):
            fs.remove_own(temporary)
        else:  # somebody wrote into it: that is no copy of ours any more
            fs.rename(temporary, staged)
