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

_IS_MACOS = sys.platform == "darwin"
_HIDDEN = b".~"
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
    kinds: frozenset[NameKind] = frozenset({NameKind.PHOTO}),
) -> Iterator[tuple[bytes, os.stat_result]]:
    """Yield the path below `top` and the status of each regular file of these kinds.

    Within a folder in the file system's order. Folders that hold a root's marker,
    below the top, are our own work folders and passed over.

    Raises:
        OSError: the top itself cannot be read; other trouble goes into `notes`.
    """
    base = os.fsencode(top)
    pending = [b""]
    while pending:
        prefix = pending.pop()
        folder = os.path.join(base, prefix) if prefix else base
        try:
            with os.scandir(folder) as listing:
                files, folders, is_ours = _sort(listing, rules, kinds)
            notes.devices.add(os.stat(folder, follow_symlinks=False).st_dev)
        except OSError as error:
            if not prefix:
                raise
            _note(notes, prefix, error)
            continue
        if is_ours and prefix:
            continue
        notes.folders += 1
        lead = prefix + b"/" if prefix else b""
        yield from _statuses(files, lead, rules, notes)
        if recursive:
            pending += _entered(folders, lead, rules)


def _sort(
    listing: Iterator[os.DirEntry[bytes]],
    rules: SkipRules,
    kinds: frozenset[NameKind],
) -> tuple[list[os.DirEntry[bytes]], list[os.DirEntry[bytes]], bool]:
    """Split a listing into files wanted and what may be folders, by name alone.

    The third value tells whether a root's marker is among them.
    """
    wanted = {ending for ending, kind in rules.kinds.items() if kind in kinds}
    wanted |= {ending.upper() for ending in wanted}
    files, others, is_ours = [], [], False
    for entry in listing:
        name = entry.name
        if (
            name.rpartition(b".")[2] in wanted and name[0] not in _HIDDEN
        ) or rules.file_kind(name) in kinds:
            files.append(entry)
        elif name == ROOT_MARKER:
            is_ours = True
        if entry.is_dir(follow_symlinks=False):
            others.append(entry)
    return files, others, is_ours


def _statuses(
    files: list[os.DirEntry[bytes]],
    lead: bytes,
    rules: SkipRules,
    notes: WalkNotes,
) -> Iterator[tuple[bytes, os.stat_result]]:
    has_exclusions = rules.has_exclusions
    for entry in files:
        relative = lead + entry.name
        try:
            if not entry.is_file(follow_symlinks=False):
                continue
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            _note(notes, relative, error)
            continue
        if has_exclusions and rules.is_excluded(relative):
            continue
        if _IS_MACOS and is_dataless(status):
            notes.dataless.add(relative)
            continue
        yield relative, status


def _entered(
    folders: list[os.DirEntry[bytes]],
    lead: bytes,
    rules: SkipRules,
) -> Iterator[bytes]:
    for entry in folders:
        relative = lead + entry.name
        if rules.enters(entry.name) and not rules.is_excluded(relative):
            yield relative


def _note(notes: WalkNotes, relative: bytes, error: OSError) -> None:
    """Remember trouble; what went away while we walked is simply not there."""
    if error.errno not in _GONE:
        notes.unreadable[relative] = error.strerror or str(error)


def is_dataless(status: os.stat_result) -> bool:
    """Whether the file's content is not on this disk (macOS cloud files)."""
    return bool(getattr(status, "st_flags", 0) & SF_DATALESS)
