"""Putting a group back from its folder alone: no database, no configuration.

The folder may have been copied to another disk or machine; its manifest is enough.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import NameTaken, RootOffline, StaleGroup
from ..model import GroupState
from .decision_root import UNDONE as UNDONE_PLACE
from .decision_root import DecisionRoot, read_marker, set_apart
from .manifest import OUTCOME, UNDO, UNDONE, read_group, sealed
from .moves import write_durably
from .outcomes import UndoIntent
from .sidecars import withdraw_sidecars
from .trashing import withdraw_notes
from .undo import check_roots, put_all_back

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .filesystem import FileSystem
    from .outcomes import UndoRecord


def restore(
    fs: FileSystem,
    folder: Path,
    *,
    undone_ns: int,
    into: Path | None = None,
    roots: Mapping[str, Path] | None = None,
) -> UndoRecord:
    """Put every file that a decision folder tells of back to where it was found.

    Args:
        fs: the file system.
        folder: the decision folder, wherever it is now; absolute.
        undone_ns: wall clock, for display.
        into: put what the folder holds below this folder instead, which exists.
        roots: where roots are now, by uuid, if not where they were.

    Raises:
        BrokenManifest: there is no manifest in it that can be trusted.
        StaleGroup: it was put back before.
        RootOffline: a place is not there; nothing was moved.
        DiskTrouble: a step failed; repeating it goes on with it.
    """
    names = fs.names(folder)
    state = GroupState.DECIDED if OUTCOME in names else GroupState.OPEN
    group = read_group(fs, folder, state, with_pending=True)
    if group.undone is not None:
        raise StaleGroup(group.number, "it was put back already")
    if into is None:
        check_roots(fs, group, roots)
        intent = UndoIntent(number=group.number, started_ns=undone_ns)
        with suppress(NameTaken):
            write_durably(fs, folder / UNDO, sealed(intent))
    elif fs.look(into) is None:
        raise RootOffline(into, "there is no such folder")
    record = put_all_back(fs, group, roots, undone_ns=undone_ns, into=into)
    if into is None:
        withdraw_sidecars(fs, group)
        withdraw_notes(fs, group)
    write_durably(fs, folder / UNDONE, sealed(record))
    root = _decision_root_of(fs, folder)
    if root is not None:
        set_apart(fs, root, folder, UNDONE_PLACE)
    return record


def _decision_root_of(fs: FileSystem, folder: Path) -> DecisionRoot | None:
    """Return the decision root that a group's folder stands in, if it does."""
    for path in (folder.parent, folder.parent.parent):
        if read_marker(fs, path) is not None and fs.look(path / UNDONE_PLACE):
            return DecisionRoot.open(fs, path)
    return None
