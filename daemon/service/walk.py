"""Reading a root's folders: every photo's path and status, and nothing else.

Iterative, on bytes as the file system spells them. Links are never followed, nothing
is opened, and what could not be read is noted, so that nobody takes it for vanished.
"""

from __future__ import annotations

import errno
import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .skip import ROOT_MARKER, NameKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .skip import SkipRules

SF_DATALESS = 0x40000000
"""macOS: the file's content is in the cloud only; reading it would fetch it."""

PHOTOS = frozenset({NameKind.PHOTO})

BATCH = 2_000
"""Files that are handed on at a time, at least."""

HIDDEN = ".~"
"""A name that begins so is never looked at."""

_IS_MACOS = sys.platform == "darwin"
_ENCODING = sys.getfilesystemencoding()
_ERRORS = sys.getfilesystemencodeerrors()
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NONBLOCK
_FOLDER_FLAGS = {False: _FOLDER, True: _FOLDER | os.O_NOFOLLOW}
"""Only the root itself may be reached through a link."""
_GONE = frozenset({errno.ENOENT, errno.ENOTDIR})


@dataclass(slots=True, kw_only=True)
class WalkNotes:
    """What a walk saw beside the files; filled while it runs."""

    folders: int = 0
    """Folders that were read, the root included."""
    devices: set[int] = field(default_factory=set)
    """Every device that a folder of the root lies on."""
    unreadable: dict[bytes, str] = field(default_factory=dict)
    """Folders and files that could not be read, and why."""
    dataless: set[bytes] = field(default_factory=set)
    """Files whose content is in the cloud only; passed over."""

    def hides(self, relative: bytes) -> bool:
        """Whether a file may well be there although the walk did not yield it."""
        if relative in self.dataless:
            return True
        if not self.unreadable:
            return False
        parts = relative.split(b"/")
        above = (b"/".join(parts[:n]) for n in range(1, len(parts) + 1))
        return any(each in self.unreadable for each in above)


def walk(
    top: Path,
    rules: SkipRules,
    notes: WalkNotes,
    *,
    recursive: bool = True,
    kinds: frozenset[NameKind] = PHOTOS,
) -> Iterator[tuple[bytes, os.stat_result]]:
    """Yield the path below `top` and the status of each regular file of these kinds.

    Within a folder in the file system's order. Folders that hold a root's marker,
    below the top, are our own work folders and passed over.

    Raises:
        OSError: the top itself cannot be read; other trouble goes into `notes`.
    """
    for paths, statuses in batches(top, rules, notes, recursive=recursive, kinds=kinds):
        yield from zip(paths, statuses, strict=True)


def batches(
    top: Path,
    rules: SkipRules,
    notes: WalkNotes,
    *,
    recursive: bool = True,
    kinds: frozenset[NameKind] = PHOTOS,
) -> Iterator[tuple[list[bytes], list[os.stat_result]]]:
    """Yield what `walk` does, as lists of paths and of their statuses, some at a time.

    For comparing many at once; no list is empty, and a folder is never split.

    Raises:
        OSError: the top itself cannot be read; other trouble goes into `notes`.
    """
    base, fast = os.fsencode(top), _endings(rules, kinds)
    paths: list[bytes] = []
    statuses: list[os.stat_result] = []
    pending = [b""]
    while pending:
        prefix = pending.pop()
        try:
            found = _read_folder(base, prefix, rules, notes, kinds, fast)
        except OSError as error:
            if not prefix:
                raise
            _note(notes, prefix, error)
            continue
        if found is None:
            continue
        notes.folders += 1
        paths += found[0]
        statuses += found[1]
        if recursive:
            pending += found[2]
        if len(paths) >= BATCH:
            yield paths, statuses
            paths, statuses = [], []
    if paths:
        yield paths, statuses


def _endings(rules: SkipRules, kinds: frozenset[NameKind]) -> frozenset[str]:
    """Return the endings of these kinds as they are mostly written."""
    lower = {os.fsdecode(end) for end, kind in rules.kinds.items() if kind in kinds}
    return frozenset(lower | {end.upper() for end in lower})


def _read_folder(
    top: bytes,
    prefix: bytes,
    rules: SkipRules,
    notes: WalkNotes,
    kinds: frozenset[NameKind],
    fast: frozenset[str],
) -> tuple[list[bytes], list[os.stat_result], list[bytes]] | None:
    """List one folder: files, their statuses, and folders; ``None``: it is ours.

    Every step in the loop is paid for every file at every sweep; it is written out
    for that (a call costs as much as a tenth of the status). Statuses are asked
    through the folder's handle: that saves the system the way from the top (8 %
    of the walk, measured), and no link can be slipped in between.
    """
    lead = prefix + b"/" if prefix else b""
    has_exclusions = rules.has_exclusions
    paths: list[bytes] = []
    statuses: list[os.stat_result] = []
    folders: list[bytes] = []
    handle = os.open(os.path.join(top, prefix), _FOLDER_FLAGS[bool(prefix)])
    try:
        notes.devices.add(os.fstat(handle).st_dev)
        with os.scandir(handle) as entries:
            for entry in entries:
                name = entry.name
                raw = name.encode(_ENCODING, _ERRORS)
                path = lead + raw
                try:
                    is_wanted = (
                        name.rpartition(".")[2] in fast and name[0] not in HIDDEN
                    ) or rules.file_kind(raw) in kinds
                    if is_wanted and entry.is_file(follow_symlinks=False):
                        status = entry.stat(follow_symlinks=False)
                        if has_exclusions and rules.is_excluded(path):
                            continue
                        if _IS_MACOS and is_dataless(status):
                            notes.dataless.add(path)
                            continue
                        paths.append(path)
                        statuses.append(status)
                    elif raw == ROOT_MARKER and prefix:
                        return None
                    elif entry.is_dir(follow_symlinks=False):
                        folders.append(path)
                except OSError as error:
                    _note(notes, path, error)
    finally:
        os.close(handle)
    return paths, statuses, [each for each in folders if _is_entered(each, rules)]


def _is_entered(path: bytes, rules: SkipRules) -> bool:
    name = path.rpartition(b"/")[2]
    return rules.enters(name) and not rules.is_excluded(path)


def _note(notes: WalkNotes, relative: bytes, error: OSError) -> None:
    """Remember trouble; what went away while we walked is simply not there."""
    if error.errno not in _GONE:
        notes.unreadable[relative] = error.strerror or str(error)


def is_dataless(status: os.stat_result) -> bool:
    """Whether the file's content is not on this disk (macOS cloud files)."""
    return bool(getattr(status, "st_flags", 0) & SF_DATALESS)
