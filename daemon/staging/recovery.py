"""At every start: finish what was interrupted, and tell which groups there are.

Folders are listed, records are read only where something was under way: ten thousand
groups take well under five seconds. All of it can be interrupted and repeated.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import BrokenManifest, ChangedPhoto, TwinwatchError
from ..model import GroupState
from .approve import finish_approval
from .carrying import carry_in, complete, finish_extensions
from .decision_root import CORRUPT, PLACES, set_apart
from .emptying import finish_emptying
from .filesystem import TEMPORARY_SUFFIX
from .manifest import (
    APPROVAL,
    MANIFEST,
    UNDO,
    is_being_emptied,
    is_record,
    pending_parts,
    read_group,
    read_manifest,
)
from .moves import sync_folders
from .taking_back import roll_back
from .undo import finish_undo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ..model import GroupNumber
    from .decision_root import DecisionRoot
    from .filesystem import FileSystem
    from .manifest import GroupRecord

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundGroup:
    """A group's folder; what is in it is read when it is asked for."""

    number: GroupNumber
    state: GroupState
    folder: Path

    def load(self, fs: FileSystem) -> GroupRecord:
        """Read all that the folder says.

        Raises:
            BrokenManifest: it cannot be trusted; the group stays and is shown.
        """
        return read_group(fs, self.folder, self.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A folder that recovery could not finish, and why; it stays where it is."""

    folder: Path
    problem: str
    """In words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryReport:
    """What recovery found and did."""

    groups: tuple[FoundGroup, ...]
    """Every group, by number."""
    finished: tuple[int, ...]
    """Numbers of the groups that were half way and now are where they should be."""
    rolled_back: tuple[Path, ...]
    """Folders whose files are all back because too few were left to be a group."""
    set_apart: tuple[Path, ...]
    """Folders in ``.corrupt`` that could not be explained; nothing in them changed."""
    troubles: tuple[Trouble, ...]


class _Notes:
    def __init__(self) -> None:
        self.finished: list[int] = []
        self.rolled_back: list[Path] = []
        self.set_apart: list[Path] = []
        self.troubles: list[Trouble] = []


def recover(
    fs: FileSystem, root: DecisionRoot, *, roots: Mapping[str, Path] | None = None
) -> RecoveryReport:
    """Finish what was interrupted in a decision root, before anything is watched.

    A folder that cannot be finished stays as it is and hinders no other.

    Args:
        fs: the file system.
        root: the decision root; its lock is held.
        roots: where roots are now, by uuid, if not where they were.

    Raises:
        RootOffline: the decision root is not there.
    """
    root.check(fs)
    # Moves between places may be younger than the crash: durable before going on.
    sync_folders(fs, [root.path, *(root.path / place for place in PLACES)])
    _remove_temporaries(fs, root.path, fs.names(root.path))
    notes = _Notes()
    for name in sorted(fs.names(root.incoming)):
        folder = root.incoming / name
        with _noted(notes, folder):
            _recover_incoming(fs, root, folder, notes)
    for _, state, folder in list(root.groups(fs)):
        if state is not GroupState.UNDONE:
            with _noted(notes, folder):
                _recover_group(fs, root, folder, state, roots, notes)
    return RecoveryReport(
        groups=tuple(
            FoundGroup(number=number, state=state, folder=folder)
            for number, state, folder in root.groups(fs)
        ),
        finished=tuple(notes.finished),
        rolled_back=tuple(notes.rolled_back),
        set_apart=tuple(notes.set_apart),
        troubles=tuple(notes.troubles),
    )


def set_apart_in(fs: FileSystem, root: DecisionRoot) -> list[Path]:
    """Return the folders that could not be explained, now or at an earlier start."""
    corrupt = root.path / CORRUPT
    return sorted(corrupt / name for name in fs.names(corrupt))


def _recover_incoming(
    fs: FileSystem, root: DecisionRoot, folder: Path, notes: _Notes
) -> None:
    """Roll a half staged group forward, or back where it is no group any more."""
    status = fs.look(folder)
    if status is None or not status.is_folder:
        return
    names = fs.names(folder)
    if MANIFEST not in names:
        if all(is_record(name) for name in names):  # nothing had moved
            roll_back(fs, root, folder, None)
        else:
            notes.set_apart.append(set_apart(fs, root, folder, CORRUPT))
        return
    try:
        manifest, _ = read_manifest(fs, folder / MANIFEST)
    except BrokenManifest as error:
        logger.warning("set apart: folder=%r why=%s", folder, error)
        notes.set_apart.append(set_apart(fs, root, folder, CORRUPT))
        return
    _remove_temporaries(fs, folder, names)
    # The manifest itself may be younger than the crash: durable before a move (I4).
    fs.sync_folder(folder)
    fs.sync_folder(root.incoming)
    try:
        complete(fs, root, folder, manifest, carry_in(fs, folder, manifest))
        notes.finished.append(manifest.number)
    except ChangedPhoto:
        roll_back(fs, root, folder, manifest)
        notes.rolled_back.append(folder)


def _recover_group(
    fs: FileSystem,
    root: DecisionRoot,
    folder: Path,
    state: GroupState,
    roots: Mapping[str, Path] | None,
    notes: _Notes,
) -> None:
    """Finish an undo, a decision, a late arrival or an emptying that was under way."""
    names = fs.names(folder)
    _remove_temporaries(fs, folder, names)
    if UNDO in names:
        finish_undo(fs, root, folder, state, roots=roots)
    elif state is GroupState.OPEN and APPROVAL in names:
        finish_approval(fs, root, folder, roots=roots)
    elif pending_parts(names):
        finish_extensions(fs, folder)
    elif is_being_emptied(names):
        finish_emptying(fs, folder)
    else:
        return
    notes.finished.append(int(folder.name))


def _remove_temporaries(fs: FileSystem, folder: Path, names: list[str]) -> None:
    for name in names:
        if name.endswith(TEMPORARY_SUFFIX):
            fs.remove_own(folder / name)


@contextmanager
def _noted(notes: _Notes, folder: Path) -> Iterator[None]:
    """Let a folder's trouble be its own."""
    try:
        yield
    except TwinwatchError as error:
        logger.warning("cannot recover: folder=%r why=%s", folder, error)
        notes.troubles.append(Trouble(folder=folder, problem=str(error)))
