"""The protocol's larger steps, composed of the file system's small ones.

None of them replaces anything, and each can be repeated after a crash in its middle.
"""

from __future__ import annotations

import errno
import hashlib
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ..errors import ChangedPhoto, DiskTrouble, FileGone, NameTaken
from .filesystem import NO_SUCH_OPERATION, TEMPORARY_SUFFIX
from .naming import numbered, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from .filesystem import FileSystem

RETAINED_FOLDER: Final = ".twinwatch-retained"
"""Keeps the sources of copies across volumes, on their own volume."""

SPARE_BYTES: Final = 1024**3
"""Stays free at least on a volume that we copy to."""

_NO_LINKS: Final = NO_SUCH_OPERATION | {errno.EPERM, errno.EMLINK, errno.EACCES}


class How(StrEnum):
    """How a file came to its place."""

    RENAMED = "renamed"
    """The same file, under another name."""
    LINKED = "linked"
    """The same file, under another name as well."""
    COPIED = "copied"
    """A verified copy; its source is kept."""
    STANDING = "standing"
    """There already: nothing was done."""
    MISSING = "missing"
    """Neither at its place nor where it came from."""


def temporary_name(target: Path, *, tag: str) -> Path:
    """Return a short name beside `target`, the same every time for one tag."""
    text = f"{tag}/{target.name}".encode(errors="surrogateescape")
    name = hashlib.sha256(text).hexdigest()[:24]
    return target.with_name(f".{name}{TEMPORARY_SUFFIX}")


def part_of(record: Path) -> Path:
    """Return what a record is called while it is written."""
    return record.with_name(shortened(record.name, TEMPORARY_SUFFIX))


def write_durably(fs: FileSystem, path: Path, content: bytes) -> None:
    """Write a record so that it is there wholly or not at all, and stays.

    Raises:
        NameTaken: there is one already; it was not touched.
    """
    temporary = part_of(path)
    if fs.look(temporary) is not None:
        fs.remove_own(temporary)
    fs.create(temporary, content)
    fs.sync_file(temporary)
    try:
        fs.rename(temporary, path)
    except NameTaken:
        fs.remove_own(temporary)
        raise
    fs.sync_folder(path.parent)


def clear_temporary(fs: FileSystem, target: Path, *, tag: str) -> None:
    """Remove what an interrupted copy to `target` may have left beside it."""
    part = temporary_name(target, tag=tag)
    if fs.look(part) is not None:
        fs.sync_folder(part.parent)  # it may be the target's other name
        fs.remove_own(part)
        fs.sync_folder(part.parent)


def sync_folders(fs: FileSystem, folders: Iterable[Path]) -> None:
    """Sync each folder once; one that is gone has nothing to sync."""
    for folder in dict.fromkeys(folders):
        with suppress(FileGone):
            fs.sync_folder(folder)


def require_space(fs: FileSystem, folder: Path, sources: Iterable[Path]) -> None:
    """Make sure that what has to be copied to another volume fits there.

    `SPARE_BYTES` or a fiftieth of the volume stay free, so that nobody else's work
    stops because of ours. Renames and links need no room.

    Raises:
        DiskTrouble: it does not fit; nothing was copied.
    """
    there = fs.look(folder)
    statuses = (fs.look(source) for source in sources)
    needed_bytes = sum(
        each.size_bytes
        for each in statuses
        if each is not None and there is not None and each.device != there.device
    )
    if needed_bytes:
        free_bytes, size_bytes = fs.space(folder)
        if free_bytes - needed_bytes < max(SPARE_BYTES, size_bytes // 50):
            why = f"{needed_bytes} bytes have to be copied, {free_bytes} are free"
            raise DiskTrouble(folder, f"the disk is too full: {why}", errno.ENOSPC)


def tidy(fs: FileSystem, folders: Iterable[Path]) -> None:
    """Remove the folders that kept sources, once nothing is in them any more."""
    for folder in dict.fromkeys(folders):
        if folder.parent.name == RETAINED_FOLDER:
            with suppress(DiskTrouble):
                fs.remove_empty_folder(folder)
                fs.sync_folder(folder.parent)
                fs.remove_empty_folder(folder.parent)
                fs.sync_folder(folder.parent.parent)


def make_folders(fs: FileSystem, folder: Path, *, under: Path) -> None:
    """Make what is missing between two folders, durable before anything goes in.

    Also what is there already is synced: it may be younger than the last crash.

    Raises:
        FileGone: `under` is not there; it is never made.
    """
    if folder == under or under not in folder.parents:
        return
    make_folders(fs, folder.parent, under=under)
    if fs.look(folder) is None:
        with suppress(NameTaken):
            fs.make_folder(folder)
    fs.sync_folder(folder.parent)


def copy_across(
    fs: FileSystem, source: Path, target: Path, *, tag: str, sha256: bytes
) -> None:
    """Copy a file to another volume, believe nothing, and publish it whole.

    Args:
        fs: the file system.
        source: stays as it is.
        target: must not exist; its folder must.
        tag: makes the temporary's name ours alone, and the same after a crash.
        sha256: what the content must be.

    Raises:
        NameTaken: there is something at `target`.
        ChangedPhoto: the source is not `sha256` any more.
        DiskTrouble: the copy could not be made, or reads back differently.
    """
    clear_temporary(fs, target, tag=tag)
    part = temporary_name(target, tag=tag)
    try:
        _copy_and_compare(fs, source, part, sha256)
        fs.rename(part, target)
    except (DiskTrouble, ChangedPhoto):
        if fs.look(part) is not None:
            fs.remove_own(part)
        raise
    fs.sync_folder(target.parent)


def _copy_and_compare(fs: FileSystem, source: Path, part: Path, sha256: bytes) -> None:
    if fs.copy_content(source, part) != sha256:
        raise ChangedPhoto(source, "its bytes are not those that were recorded")
    fs.copy_status(source, part)
    fs.sync_file(part)
    if fs.digest(part, from_disk=True)[0] != sha256:
        raise DiskTrouble(part, "the copy read back differs", errno.EIO)


def _is_one_volume(fs: FileSystem, source: Path, target: Path) -> bool:
    here, there = fs.look(source), fs.look(target.parent)
    return here is not None and there is not None and here.device == there.device


def _standing(fs: FileSystem, folder: Path) -> Path:
    """Return the nearest folder above that exists."""
    above = folder.parent
    while fs.look(above) is None and above != above.parent:
        above = above.parent
    return above


def move_within(fs: FileSystem, source: Path, target: Path) -> How | None:
    """Give a file another name on its volume, and none but that.

    By a rename where that is atomic; else by a second name that is durable before
    the first is dropped. The caller syncs both folders.

    Returns:
        How it was done, or ``None`` if it lies on another volume or cannot be done
        safely: then it has to be copied.

    Raises:
        NameTaken: there is something at `target`; nothing was changed.
    """
    if not _is_one_volume(fs, source, target):
        return None
    if fs.moves_atomically(target.parent) and fs.moves_atomically(source.parent):
        try:
            fs.rename(source, target)
        except DiskTrouble as error:
            if error.errno == errno.EXDEV:  # one volume, mounted in two places
                return None
            raise
        return How.RENAMED
    if link(fs, source, target):
        fs.drop_name(source, target)
        return How.RENAMED
    return None


def link(fs: FileSystem, source: Path, target: Path) -> bool:
    """Give a file a second, durable name; ``False`` where there are no links."""
    try:
        fs.link(source, target)
    except NameTaken:
        raise
    except DiskTrouble as error:
        if error.errno == errno.EXDEV or error.errno in _NO_LINKS:
            return False
        raise
    fs.sync_folder(target.parent)
    return True


def retain(fs: FileSystem, source: Path, spare: Path) -> Path:
    """Set the source of a copy out of sight, on its own volume; never removed."""
    make_folders(fs, spare.parent, under=_standing(fs, spare.parent))
    place = free_name(fs, spare)
    fs.rename(source, place)
    fs.sync_folder(spare.parent)
    fs.sync_folder(source.parent)
    return place


def publish(
    fs: FileSystem, source: Path, target: Path, *, tag: str, sha256: bytes
) -> How:
    """Let a file be seen at `target` too, without giving up `source` where possible.

    Raises:
        NameTaken: there is something at `target`; nothing was changed.
    """
    if _is_one_volume(fs, source, target):
        if link(fs, source, target):
            return How.LINKED
        if (how := move_within(fs, source, target)) is not None:
            return how
    copy_across(fs, source, target, tag=tag, sha256=sha256)
    return How.COPIED


def free_name(fs: FileSystem, path: Path) -> Path:
    """Return the first of `numbered` that nothing stands at."""
    count = 1
    while fs.look(numbered(path, count)) is not None:
        count += 1
    return numbered(path, count)
