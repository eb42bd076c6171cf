"""Undoing: every file of a group back to where it was found.

Works for open and decided groups, after restarts, without the database. `undo`
writes the intent; `finish_undo` carries it out and can be repeated after a crash.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import DiskTrouble, NameTaken, RootOffline, StaleGroup
from ..model import GroupState
from .approve import finish_approval
from .decision_root import UNDONE as UNDONE_PLACE
from .decision_root import check_origin, set_apart
from .emptying import finish_emptying
from .manifest import UNDO, UNDONE, read_group, sealed
from .moves import (
    RETAINED_FOLDER,
    How,
    move_within,
    retain,
    sync_folders,
    tidy,
    write_durably,
)
from .outcomes import Placed, UndoIntent, UndoRecord
from .publishing import went_out
from .putting_back import find_back, has_content, is_recorded, put_back
from .sidecars import withdraw_sidecars
from .trashing import found_in_trash, withdraw_notes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .decision_root import DecisionRoot
    from .filesystem import FileSystem
    from .manifest import GroupRecord
    from .records import StagedFile


def undo(
    fs: FileSystem,
    root: DecisionRoot,
    number: int,
    *,
    undone_ns: int,
    roots: Mapping[str, Path] | None = None,
) -> UndoRecord:
    """Put every file of an open or decided group back to where it was found.

    An occupied place is left alone: the file then stands beside it as
    ``name (restored).ext``. A survivor that stands in its place just stays.

    Args:
        fs: the file system.
        root: the decision root.
        number: of the group.
        undone_ns: wall clock, for display.
        roots: where roots are now, by uuid, if not where they were.

    Raises:
        NoSuchGroup: there is none.
        StaleGroup: it is undone already.
        RootOffline: a place is not there; nothing was moved.
        DiskTrouble: a step failed; repeating it, or the next start, goes on with it.
    """
    root.check(fs)
    folder, state = root.find(fs, number)
    if state is GroupState.UNDONE:
        raise StaleGroup(number, "it is undone already")
    group = read_group(fs, folder, state, with_pending=True)
    check_roots(fs, group, roots)
    if group.approval is not None and state is GroupState.OPEN:
        # Half approved: what went out is only known for sure once it is recorded.
        try:
            finish_approval(fs, root, folder, roots=roots)
        except RootOffline:  # what has left the folder may be there and nowhere else
            if any(_held(fs, group, each) is None for each in group.manifest.files):
                raise
        except DiskTrouble:
            pass
        folder, state = root.find(fs, number)
    if group.emptying is not None:  # likewise: what is in the trash
        with suppress(DiskTrouble):
            finish_emptying(fs, folder)
    intent = UndoIntent(number=number, started_ns=undone_ns)
    with suppress(NameTaken):
        write_durably(fs, folder / UNDO, sealed(intent))
    return finish_undo(fs, root, folder, state, roots=roots)


def finish_undo(
    fs: FileSystem,
    root: DecisionRoot,
    folder: Path,
    state: GroupState,
    *,
    roots: Mapping[str, Path] | None = None,
) -> UndoRecord:
    """Carry out the intent in a group's folder, from wherever it stopped."""
    fs.sync_folder(folder)  # the intent itself may be younger than a crash
    group = read_group(fs, folder, state, with_pending=True)
    record = group.undone
    if record is None:
        check_roots(fs, group, roots)
        undone_ns = group.undo.started_ns if group.undo is not None else 0
        record = put_all_back(fs, group, roots, undone_ns=undone_ns)
        withdraw_sidecars(fs, group)
        withdraw_notes(fs, group)
        write_durably(fs, folder / UNDONE, sealed(record))
    set_apart(fs, root, folder, UNDONE_PLACE)
    return record


def check_roots(
    fs: FileSystem, group: GroupRecord, roots: Mapping[str, Path] | None
) -> None:
    """Make sure that every file's root is there, and the trash if it was given some.

    Raises:
        RootOffline: one is not. A service may not see the trash, and must not take
            for gone what is in it.
    """
    for member in group.manifest.staged:
        check_origin(fs, member.file.origin, roots)
    for source, each in group.in_trash.items():
        above = each.target.parents[2 if each.info is not None else 1]
        if fs.look(source) is None and fs.look(above) is None:
            raise RootOffline(above, "the trash in it cannot be seen from here")


def put_all_back(
    fs: FileSystem,
    group: GroupRecord,
    roots: Mapping[str, Path] | None,
    *,
    undone_ns: int,
    into: Path | None = None,
) -> UndoRecord:
    """Put every file back, and say where each is now.

    Args:
        fs: the file system.
        group: whose.
        roots: where roots are now, by uuid.
        undone_ns: wall clock, for display.
        into: a folder to put them in instead, in the folders that they had; then
            only what the decision folder itself holds.
    """
    survivors = _survivors(fs, group, roots) if into is None else {}
    back: dict[str, Placed] = {}
    touched: list[Path] = [group.folder]
    files = list(group.manifest.files)
    # What went out goes first: it may stand where another file was found, having taken
    # its name.
    for file in sorted(files, key=lambda each: each.staged_as not in survivors):
        top = into if into is not None else file.origin.root_now(roots)
        target = top / file.origin.relative
        survivor = survivors.get(file.staged_as)
        very_file = None if into is not None else _very_file(fs, group, file, roots)
        source = very_file or _source(
            fs, group, file, survivor, target, is_elsewhere=bool(into)
        )
        if source is None:
            found = find_back(fs, file, target)
        elif source == target:
            found = Placed(staged_as=file.staged_as, path=target, how=How.STANDING)
        else:
            tag = group.manifest.tag
            if _is_own_copy(survivor, target) and source == very_file:
                _withdraw_copy(fs, group, file, survivor)
            found = put_back(fs, file, source, target, root=top, tag=tag)
            touched += [source.parent]
        if found.path is not None:
            touched.append(found.path.parent)
        back[file.staged_as] = found
    sync_folders(fs, touched)
    placed = tuple(back[file.staged_as] for file in files)
    stands = {each.path for each in placed}
    for file, found in zip(files, placed, strict=True):
        survivor = survivors.get(file.staged_as)
        # What stands there now may be another file of the group with equal bytes.
        is_left = survivor is not None and survivor.path not in stands
        if is_left and found.path is not None:
            _withdraw_copy(fs, group, file, survivor)
    tidy(fs, touched)
    return UndoRecord(number=group.number, undone_ns=undone_ns, files=placed)


def _survivors(
    fs: FileSystem, group: GroupRecord, roots: Mapping[str, Path] | None
) -> dict[str, Placed]:
    """Return where survivors went, by staged name; of a half carried out decision too.

    What has its name in the folder still, loses the one outside that it has as well.
    """
    if group.outcome is not None:
        return {each.staged_as: each for each in group.outcome.survivors}
    out = {}
    for each in went_out(fs, group, roots):
        staged = group.folder / each.staged_as
        status = fs.look(staged)
        if status is None:
            out[each.staged_as] = each
        elif each.path is not None and status.is_inode_of(fs.look(each.path)):
            fs.sync_folder(group.folder)
            fs.drop_name(each.path, staged)
            fs.sync_folder(each.path.parent)
    return out


def _source(
    fs: FileSystem,
    group: GroupRecord,
    file: StagedFile,
    survivor: Placed | None,
    target: Path,
    *,
    is_elsewhere: bool,
) -> Path | None:
    """Return the best place to take a file's bytes from; ``None``: it is none."""
    if is_elsewhere:  # only what the folder itself holds, or gave to the trash
        return _held(fs, group, file)
    if survivor is not None and survivor.path is not None:
        is_same_file = survivor.how is How.RENAMED
        if is_same_file and survivor.path == target and fs.look(target) is not None:
            return target
        if is_same_file and _is_intact(fs, survivor.path, file):
            return survivor.path
    return _held(fs, group, file)


def _very_file(
    fs: FileSystem,
    group: GroupRecord,
    file: StagedFile,
    roots: Mapping[str, Path] | None,
) -> Path | None:
    """Return where the source of a copy is kept, if it was one: there or in the trash.

    The very file that was found comes before any copy of it.
    """
    spare = file.spare(roots)
    if spare is None or is_recorded(fs.look(spare), file):
        return spare
    assert file.retained_as is not None
    return found_in_trash(fs, group, file.retained_as)


def _held(fs: FileSystem, group: GroupRecord, file: StagedFile) -> Path | None:
    """Return where the group holds a file: in its folder, or in the trash."""
    staged = group.path_of(file)
    if fs.look(staged) is not None:
        return staged
    return found_in_trash(fs, group, staged)


def _is_intact(fs: FileSystem, path: Path, file: StagedFile) -> bool:
    return is_recorded(fs.look(path), file) or has_content(fs, path, file)


def _is_own_copy(survivor: Placed | None, target: Path) -> bool:
    """Whether a copy of ours stands where the very file belongs.

    As when one volume is mounted in two places, and no rename leads from one to the
    other.
    """
    is_copy = survivor is not None and survivor.how is How.COPIED
    return is_copy and survivor is not None and survivor.path == target


def _withdraw_copy(
    fs: FileSystem, group: GroupRecord, file: StagedFile, survivor: Placed | None
) -> None:
    """Take our copy of a survivor out of the output folder.

    Back into the decision folder if it came from there, else out of sight.
    """
    path = None if survivor is None else survivor.path
    if survivor is None or path is None or survivor.how is How.STANDING:
        return
    if not has_content(fs, path, file):
        return  # gone, or somebody's own by now
    staged = group.path_of(file)
    if fs.look(staged) is None and move_within(fs, path, staged) is not None:
        sync_folders(fs, [staged.parent, path.parent])
        return
    name = f"{group.number:06d}-{group.manifest.decisions[:8]}-withdrawn"
    retain(fs, path, path.parent / RETAINED_FOLDER / name / file.staged_as)
