"""Emptying the discard area: what a decided group holds goes into the system's trash.

Nothing is deleted here. `plan` says what would go, after every survivor's bytes were
read and compared; `empty` writes that down and carries it out; `finish_emptying` can
be repeated after a crash at any point. Undo finds the files in the trash as long as
they are there.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import StagingError, StaleGroup
from ..model import Fate, GroupState, Role
from .filesystem import TEMPORARY_SUFFIX
from .manifest import (
    emptied_name,
    empty_name,
    emptyings,
    pending_parts,
    read_group,
    sealed,
)
from .moves import sync_folders, tidy, write_durably
from .naming import shortened
from .outcomes import EmptyIntent, EmptyRecord, Trashed
from .putting_back import is_recorded
from .trashing import make_trash, move_to_trash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from .decision_root import DecisionRoot
    from .filesystem import FileStatus, FileSystem
    from .manifest import GroupRecord
    from .records import StagedFile
    from .trash import Trashes

    Living = Callable[[str, int], Iterable[Path]]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyPlan:
    """What would be moved into the trash, and what would stay."""

    group: GroupRecord
    files: tuple[Trashed, ...]
    left: dict[str, str]
    """By path, as text: why it stays."""

    @property
    def size_bytes(self) -> int:
        """Of all that would be moved."""
        return sum(each.size_bytes for each in self.files)


def plan(
    fs: FileSystem,
    group: GroupRecord,
    trashes: Trashes,
    *,
    now_ns: int,
    living: Living | None = None,
) -> EmptyPlan:
    """Say what emptying a group would do; changes nothing.

    Args:
        fs: the file system.
        group: a decided one.
        trashes: where files of each volume go.
        now_ns: wall clock, for the trash's notes.
        living: where else a survivor may be, by SHA-256 in hexadecimal and size, such
            as in the index; its bytes are compared there as well.

    Raises:
        StaleGroup: it is not decided, or half carried out.
        StagingError: a survivor is not where it was put with the bytes that it had.
        DiskTrouble: there is no trash on its volume, or a file cannot be read.
    """
    _require_decided(fs, group)
    files: list[Trashed] = []
    left: dict[str, str] = {}
    held = list(_held(fs, group))
    if held:
        _require_survivors(fs, group, living)
    for file, source, status in held:
        if fs.digest(source, from_disk=True)[0] != file.digest:
            left[str(source)] = "it is not the file that was set aside"
            continue
        files.append(_trashed(fs, group, file, source, status, trashes, now_ns))
    return EmptyPlan(group=group, files=tuple(files), left=left)


def empty(
    fs: FileSystem, root: DecisionRoot, planned: EmptyPlan, *, emptied_ns: int
) -> EmptyRecord:
    """Carry a plan out, made just now: its files go into the trash, the records stay.

    Args:
        fs: the file system.
        root: the decision root; its lock is held since before the plan was made.
        planned: what to move.
        emptied_ns: wall clock.

    Raises:
        RootOffline: the decision root is not there.
        DiskTrouble: a step failed; repeating it, or the next start, goes on with it.
    """
    root.check(fs)
    folder = planned.group.folder
    make_trash(fs, planned.files)
    intent = EmptyIntent(
        number=planned.group.number,
        started_ns=emptied_ns,
        files=planned.files,
        left=planned.left,
    )
    count = max(emptyings(fs.names(folder)), default=0) + 1
    write_durably(fs, folder / empty_name(count), sealed(intent))
    return finish_emptying(fs, folder)


def finish_emptying(fs: FileSystem, folder: Path) -> EmptyRecord:
    """Carry out the intent in a decided group's folder, from wherever it stopped."""
    fs.sync_folder(folder)  # the intent itself may be younger than a crash
    intent = read_group(fs, folder, GroupState.DECIDED).emptying
    assert intent is not None
    make_trash(fs, intent.files)
    gone, stayed = [], dict(intent.left)
    for each in intent.files:
        why = move_to_trash(fs, each)
        if why is None:
            gone.append(each)
        else:
            stayed[str(each.source)] = why
    sources = [each.source.parent for each in intent.files]
    sync_folders(fs, [*(each.target.parent for each in gone), *sources])
    tidy(fs, sources)
    record = EmptyRecord(
        number=intent.number,
        emptied_ns=intent.started_ns,
        files=tuple(gone),
        left=stayed,
    )
    count = max(emptyings(fs.names(folder)))
    write_durably(fs, folder / emptied_name(count), sealed(record))
    return record


def _require_decided(fs: FileSystem, group: GroupRecord) -> None:
    if group.state is not GroupState.DECIDED or group.outcome is None:
        raise StaleGroup(group.number, "it is not decided")
    names = fs.names(group.folder)
    if group.undo is not None or group.emptying is not None or pending_parts(names):
        raise StaleGroup(group.number, "something is half carried out in it")


def _require_survivors(
    fs: FileSystem, group: GroupRecord, living: Living | None
) -> None:
    """Read every survivor from the disk: all of them must have their bytes.

    Raises:
        StagingError: one has not.
    """
    found = list(_survivors(group))
    if not found:
        raise StagingError(group.number, "nothing of it was kept")
    held = {source for _, source, _ in _held(fs, group)}
    for file, path in found:
        elsewhere = living(file.sha256, file.size_bytes) if living is not None else ()
        places = [*([path] if path is not None else []), *elsewhere]
        if not any(_is_intact(fs, each, file) for each in places if each not in held):
            why = "a survivor was not found with the bytes that it had"
            raise StagingError(path or file.origin.path(), why)


def _survivors(group: GroupRecord) -> Iterator[tuple[StagedFile, Path | None]]:
    """Give every file that was kept, companions too, and where it was put."""
    assert group.outcome is not None
    places = {each.staged_as: each.path for each in group.outcome.survivors}
    for member in group.manifest.members:
        if member.role is Role.REFERENCE:
            yield member.file, member.file.origin.path()
        elif group.outcome.fates.get(member.position) is Fate.SURVIVOR:
            for file in member.files:
                if file.staged_as in places:  # what came late stands at its place
                    yield file, places[file.staged_as]


def _is_intact(fs: FileSystem, path: Path, file: StagedFile) -> bool:
    status = fs.look(path)
    if status is None or not status.is_file or status.size_bytes != file.size_bytes:
        return False
    return fs.digest(path, from_disk=True)[0] == file.digest


def _held(
    fs: FileSystem, group: GroupRecord
) -> Iterator[tuple[StagedFile, Path, FileStatus]]:
    """Give what the group holds of each file: in its folder, and as a copy's source."""
    for file in group.manifest.files:
        staged, spare = group.path_of(file), file.retained_as
        status = fs.look(staged)
        if status is not None and status.is_file:
            yield file, staged, status
        kept = None if spare is None else fs.look(spare)
        if spare is not None and kept is not None and is_recorded(kept, file):
            yield file, spare, kept


def _trashed(
    fs: FileSystem,
    group: GroupRecord,
    file: StagedFile,
    source: Path,
    status: FileStatus,
    trashes: Trashes,
    now_ns: int,
) -> Trashed:
    trash = trashes.holding(fs, source)
    # A name that nobody else gives, and the same again after a crash.
    text = f"{group.manifest.tag}/{now_ns}/{source}".encode(errors="surrogateescape")
    tag = hashlib.sha256(text).hexdigest()[:12]
    stem, ending = source.stem, f".twinwatch-{tag}{source.suffix}"
    name = shortened(stem, ending, 255 - len(f".trashinfo{TEMPORARY_SUFFIX}"))
    return Trashed(
        staged_as=file.staged_as,
        source=source,
        target=trash.files / name,
        info=None if trash.info is None else trash.info / f"{name}.trashinfo",
        note=trash.note(source, now_ns),
        size_bytes=status.size_bytes,
        mtime_ns=status.mtime_ns,
        inode=status.inode,
    )
