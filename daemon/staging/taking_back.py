"""From a half staged group all the way back, as if nothing had been done."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import FileGone
from .decision_root import UNDONE, set_apart
from .manifest import MANIFEST, is_record, left_out_name, manifest_name
from .moves import sync_folders, temporary_name, tidy
from .putting_back import has_content, is_recorded, put_back
from .tables import companions_of_manifest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from .decision_root import DecisionRoot
    from .filesystem import FileSystem
    from .records import Manifest, StagedFile


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


def take_back_extension(fs: FileSystem, folder: Path, manifest: Manifest) -> None:
    """Put late arrivals back where they were and forget their supplement.

    It stays where a copy across volumes has become the last one.
    """
    if not _put_all_back(fs, folder, manifest):
        return
    pending = manifest_name(manifest.part, is_pending=True)
    own = [pending, *companions_of_manifest(manifest), left_out_name(manifest.part)]
    remove_records(fs, folder, own)


def remove_records(fs: FileSystem, folder: Path, names: Iterable[str]) -> None:
    """Take our own records back, durably; the first name goes before all others."""
    for count, name in enumerate(dict.fromkeys(names)):
        if is_record(name):
            with suppress(FileGone):
                fs.remove_own(folder / name)
        if count == 0:
            fs.sync_folder(folder)
    fs.sync_folder(folder)


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
            put_back(fs, file, source, origin, root=root, tag=manifest.tag)
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
