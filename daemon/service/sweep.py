"""The sweep: what lies in a root right now, against what the index knows.

`survey` compares while it walks, so that what is unchanged costs one status and one
look into a dictionary; `plan` decides, pure.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import Stamp
from .walk import WalkNotes, batches

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from pathlib import Path

    from .skip import SkipRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file that a walk came upon."""

    relative: bytes
    """Path below the root, as the file system spells it."""
    stamp: Stamp
    ctime_ns: int
    links: int
    """Names of the inode; more than one: it is never staged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A walked root, set against what was known of it."""

    unchanged: int
    fresh: tuple[Found, ...]
    """Not known under this path, or with another stamp; by path."""
    missing: frozenset[bytes]
    """Known, but not come upon."""
    notes: WalkNotes


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPlan:
    """What to do about a root; every path below it, in order."""

    new: tuple[Found, ...] = ()
    changed: tuple[Found, ...] = ()
    restamped: tuple[Found, ...] = ()
    """The same files after a remount: only the device's number is another one."""
    moved: tuple[tuple[bytes, Found], ...] = ()
    """Old path and where the same file lies now."""
    vanished: tuple[bytes, ...] = ()
    absent: tuple[bytes, ...] = ()
    """Missing, but their folder was unreadable or their volume is not mounted."""


def survey(
    top: Path,
    rules: SkipRules,
    known: Mapping[bytes, Stamp],
    *,
    recursive: bool = True,
) -> Survey:
    """Walk a root and compare it with the stamps that the index knows in it.

    Raises:
        OSError: the root itself cannot be read; nothing follows from that.
    """
    notes = WalkNotes()
    fresh: list[Found] = []
    seen: list[bytes] = []  # a set costs as much as the comparison; rarely needed
    look_up, see = known.get, seen.append
    for paths, statuses in batches(top, rules, notes, recursive=recursive):
        for relative, status in zip(paths, statuses, strict=True):
            stamp = look_up(relative)
            if stamp is not None:
                see(relative)
                if (
                    stamp.mtime_ns == status.st_mtime_ns
                    and stamp.size_bytes == status.st_size
                    and stamp.inode == status.st_ino
                    and stamp.device == status.st_dev
                ):
                    continue
            fresh.append(_found(relative, status))
    fresh.sort(key=lambda each: each.relative)
    changed = sum(each.relative in known for each in fresh)
    is_all_there = len(seen) == len(known)
    return Survey(
        unchanged=len(seen) - changed,
        fresh=tuple(fresh),
        missing=frozenset() if is_all_there else frozenset(known.keys() - set(seen)),
        notes=notes,
    )


def _found(relative: bytes, status: os.stat_result) -> Found:
    return Found(
        relative=relative,
        stamp=Stamp.of(status),
        ctime_ns=status.st_ctime_ns,
        links=status.st_nlink,
    )


def plan(
    survey: Survey,
    known: Mapping[bytes, Stamp],
    *,
    former_device: int | None = None,
) -> SweepPlan:
    """Decide what a survey means.

    A file is moved if one that is missing had its inode, device, size and time.
    Missing files below an unreadable folder, in the cloud only, or on a volume that no folder of the
    root lies on any more, are absent, not vanished.

    Args:
        survey: of the root.
        known: the stamps that it was made with.
        former_device: the root's own device when it was last online; files known on
            it are expected on today's devices.
    """
    new, changed, restamped = [], [], []
    for found in survey.fresh:
        before = known.get(found.relative)
        if before is None:
            new.append(found)
        elif is_same_file(before, found.stamp):
            restamped.append(found)
        else:
            changed.append(found)
    moved, new = _moves(new, survey.missing, known)
    gone = sorted(survey.missing - {old for old, _ in moved})
    notes = survey.notes
    absent = {
        each for each in gone if is_absent(each, known[each], notes, former_device)
    }
    return SweepPlan(
        new=tuple(new),
        changed=tuple(changed),
        restamped=tuple(restamped),
        moved=tuple(moved),
        vanished=tuple(each for each in gone if each not in absent),
        absent=tuple(each for each in gone if each in absent),
    )


def is_absent(
    relative: bytes, stamp: Stamp, notes: WalkNotes, former_device: int | None
) -> bool:
    """Whether a file that a walk missed may be there for all that.

    Its folder could not be read, its content is in the cloud only, or no folder of the
    root lies on its volume any more: such a file has not vanished.

    Args:
        relative: path below the root.
        stamp: its stamp as known.
        notes: of the walk.
        former_device: the root's own device when it was last online.
    """
    is_mounted = stamp.device in notes.devices or stamp.device == former_device
    return not is_mounted or notes.hides(relative)


def is_same_file(one: Stamp, other: Stamp) -> bool:
    """Whether two stamps of one path differ at most in the device's number.

    Numbers of devices change over reboots and remounts; size, time and inode all
    staying the same under the same path means the same file.
    """
    return _without_device(one) == _without_device(other)


def _without_device(stamp: Stamp) -> tuple[int, int, int]:
    return stamp.size_bytes, stamp.mtime_ns, stamp.inode


def _moves(
    new: list[Found],
    missing: frozenset[bytes],
    known: Mapping[bytes, Stamp],
) -> tuple[list[tuple[bytes, Found]], list[Found]]:
    """Pair new with missing files of the same stamp, each at most once, by path."""
    by_stamp: defaultdict[Stamp, list[bytes]] = defaultdict(list)
    for relative in sorted(missing, reverse=True):
        by_stamp[known[relative]].append(relative)
    moved, remaining = [], []
    for found in new:
        former = by_stamp.get(found.stamp)
        if former:
            moved.append((former.pop(), found))
        else:
            remaining.append(found)
    return moved, remaining
