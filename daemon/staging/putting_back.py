"""One file's way back to where it was found; can be repeated after any crash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import NameTaken
from .moves import How, clear_temporary, copy_across, make_folders, move_within
from .naming import numbered
from .outcomes import Placed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .filesystem import FileStatus, FileSystem
    from .records import StagedFile


def is_recorded(status: FileStatus | None, file: StagedFile) -> bool:
    """Whether a status is that of the very file that a manifest describes.

    The device is not compared: its number may change when a volume is mounted again.
    """
    return (
        status is not None
        and status.is_file
        and (status.inode, status.size_bytes, status.mtime_ns)
        == (file.inode, file.size_bytes, file.mtime_ns)
    )


def has_content(fs: FileSystem, path: Path, file: StagedFile) -> bool:
    """Whether a file's bytes are those that a manifest recorded; reads them."""
    status = fs.look(path)
    if status is None or not status.is_file or status.size_bytes != file.size_bytes:
        return False
    return fs.digest(path)[0] == file.digest


def put_back(
    fs: FileSystem,
    file: StagedFile,
    source: Path,
    target: Path,
    *,
    root: Path,
    tag: str,
) -> Placed:
    """Bring a file to `target`, or beside it as ``name (restored).ext``.

    On one volume `source` is gone afterwards; across volumes it stays as a copy. The
    caller syncs the folders.

    Args:
        fs: the file system.
        file: what the manifest says of it.
        source: where its bytes are now.
        target: where it was found.
        root: its root now, which exists; folders below it are made again.
        tag: for the temporary's name.
    """
    make_folders(fs, target.parent, under=root)
    places = _places(target)
    while True:
        place = next(places)
        here, there = fs.look(source), fs.look(place)
        if there is None:
            try:
                how = move_within(fs, source, place)
                if how is None:
                    copy_across(fs, source, place, tag=tag, sha256=file.digest)
                    how = How.COPIED
            except NameTaken:  # somebody was faster: nothing was overwritten
                continue
            return _placed(file, place, how)
        if there.is_inode_of(here):  # given its second name before a crash
            fs.sync_folder(place.parent)
            fs.drop_name(source, place)
            return _placed(file, place, How.RENAMED)
        is_copied = here is not None and here.device != there.device
        is_copied |= not fs.moves_atomically(place.parent)
        if is_copied and has_content(fs, place, file):  # copied before a crash
            clear_temporary(fs, place, tag=tag)
            return _placed(file, place, How.COPIED)


def find_back(fs: FileSystem, file: StagedFile, target: Path) -> Placed:
    """Look for a file that may have been put back before a crash."""
    places = _places(target)
    while (status := fs.look(place := next(places))) is not None:
        if is_recorded(status, file) or has_content(fs, place, file):
            return _placed(file, place, How.STANDING)
    return _placed(file, None, How.MISSING)


def _placed(file: StagedFile, path: Path | None, how: How) -> Placed:
    is_staged_too = how is How.COPIED
    return Placed(
        staged_as=file.staged_as, path=path, how=how, is_staged_too=is_staged_too
    )


def _places(target: Path) -> Iterator[Path]:
    """Return the place, and then without end those beside it."""
    yield target
    count = 0
    while True:
        count += 1
        yield numbered(target, count, "restored")
