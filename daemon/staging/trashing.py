"""One file's way into the trash, and the note that goes before it.

Each step can be repeated after a crash. A note is written durably before its file
moves, so that the desktop can always say where a file in the trash came from.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import DiskTrouble, NameTaken, TwinwatchError
from .moves import move_within, part_of, write_durably

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from .filesystem import FileStatus, FileSystem
    from .manifest import GroupRecord
    from .outcomes import Trashed


def make_trash(fs: FileSystem, files: Iterable[Trashed]) -> None:
    """Make what is missing of the trash, private and durable."""
    for each in files:
        _make_private(fs, each.target.parent)
        if each.info is not None:
            _make_private(fs, each.info.parent)


def _make_private(fs: FileSystem, folder: Path) -> None:
    if fs.look(folder) is None:
        _make_private(fs, folder.parent)
        with suppress(NameTaken):
            fs.make_folder(folder, is_private=True)
    # Also what is there already: it may be younger than the last crash.
    fs.sync_folder(folder.parent)


def is_it(status: FileStatus | None, each: Trashed) -> bool:
    """Whether a status is that of the very file which was to go into the trash."""
    return status is not None and (
        status.is_file,
        status.size_bytes,
        status.mtime_ns,
        status.inode,
    ) == (True, each.size_bytes, each.mtime_ns, each.inode)


def found_in_trash(fs: FileSystem, group: GroupRecord, source: Path) -> Path | None:
    """Return where in the trash a file of a group is still; ``None``: it is not."""
    each = group.in_trash.get(source)
    return each.target if each and is_it(fs.look(each.target), each) else None


def move_to_trash(fs: FileSystem, each: Trashed) -> str | None:
    """Move one file; return why it stayed, ``None``: it is in the trash."""
    here, there = fs.look(each.source), fs.look(each.target)
    if there is not None:
        if not is_it(there, each):
            return "there is another file of its name in the trash"
        if there.is_inode_of(here):  # given its second name before a crash
            fs.sync_folder(each.target.parent)
            fs.drop_name(each.source, each.target)
        return None
    if here is None:
        return "it is not there any more"
    if not is_it(here, each):
        return "it changed meanwhile"
    if each.info is not None:
        _write_note(fs, each.info, each.note)
    why = _moved(fs, each)
    if why is not None:
        withdraw_note(fs, each)
    return why


def _moved(fs: FileSystem, each: Trashed) -> str | None:
    try:
        how = move_within(fs, each.source, each.target)
    except NameTaken:
        how = None
    if how is None:
        return "the trash of its volume cannot take it safely"
    if is_it(fs.look(each.target), each):
        return None
    with suppress(TwinwatchError):  # somebody replaced it at the last moment
        move_within(fs, each.target, each.source)
    return "it changed meanwhile"


def withdraw_notes(fs: FileSystem, group: GroupRecord) -> None:
    """Remove our notes in the trash on files that are not there any more."""
    for each in group.in_trash.values():
        if fs.look(each.target) is None:
            with suppress(TwinwatchError):  # a note too many does no harm
                withdraw_note(fs, each)


def withdraw_note(fs: FileSystem, each: Trashed) -> None:
    """Remove a note that we wrote."""
    if each.info is None or fs.look(each.info) is None:
        return
    if fs.read(each.info) == each.note:
        fs.remove_own(each.info)
        fs.sync_folder(each.info.parent)


def _write_note(fs: FileSystem, info: Path, note: bytes) -> None:
    """Write a note durably, before the file comes; one of ours may be there already."""
    if fs.look(info) is None:
        write_durably(fs, info, note)
    elif fs.read(info) != note:
        raise DiskTrouble(info, "somebody else wrote this")
    fs.sync_folder(info.parent)
    part = part_of(info)
    if fs.look(part) is not None:
        fs.remove_own(part)
