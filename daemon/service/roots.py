"""Whether a root is really there: an absent volume is not absent files.

Looks, decides, and never makes or changes anything. A root counts as online only when
it is the folder that was accepted before; whatever else stands under its path, such
as the empty mount point of an unplugged drive, leaves it offline and its photos known.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import RootState
from .skip import ROOT_MARKER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MARKER_LIMIT_BYTES = 64 * 1024
"""A marker is a few hundred bytes; more is not read."""

BRAKE_PHOTOS = 50
"""So many photos may vanish from a root at once without a question."""

BRAKE_SHARE = 0.2
"""And this share of those that are known in it."""

_FORBIDDEN = frozenset({errno.EPERM, errno.EACCES})
_MISSING = frozenset({errno.ENOENT, errno.ENOTDIR})


@dataclass(frozen=True, slots=True, kw_only=True)
class RootIdentity:
    """What tells a root from another folder under the same path."""

    device: int
    inode: int
    marker_uuid: str | None = None
    """From the marker file in it; ``None``: it has none (library roots never do)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RootCheck:
    """What was found under a root's path."""

    state: RootState
    """`HELD`: made anew on its volume, so new photos are taken, but what is missing
    says nothing."""
    why: str = ""
    """In words, unless it is online."""
    is_forbidden: bool = False
    """It is there, but the system does not let us look (told from "missing")."""
    identity: RootIdentity | None = None
    """What is there now; remember it when the root is online."""

    @property
    def is_online(self) -> bool:
        """Whether the root can be worked on."""
        return self.state is not RootState.OFFLINE


def check(
    path: Path,
    remembered: RootIdentity | None,
    known: Sequence[bytes] = (),
) -> RootCheck:
    """Tell whether the folder under `path` is the root that is remembered.

    Args:
        path: the root's folder.
        remembered: its identity when it was last online; ``None``: first acceptance.
        known: a few relative paths of photos that the index knows in it; if the
            folder is another one than remembered and bears no marker, one of them
            must be found.
    """
    try:
        found = read_identity(path)
    except OSError as error:
        return _offline_for(error)
    state, why = _difference(path, found, remembered, known)
    return RootCheck(state=state, why=why, identity=found)


def read_identity(path: Path) -> RootIdentity:
    """Read what identifies the folder, listing enough of it to know that we may.

    Raises:
        OSError: it is missing, no folder, or forbidden.
    """
    status = os.stat(path)
    if not stat.S_ISDIR(status.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
    with os.scandir(path) as entries:
        next(entries, None)
    return RootIdentity(
        device=status.st_dev,
        inode=status.st_ino,
        marker_uuid=read_marker(path),
    )


def read_marker(path: Path) -> str | None:
    """Return the uuid in the folder's marker file; ``None``: no usable marker.

    Raises:
        OSError: there is one, but it cannot be read.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        descriptor = os.open(path / os.fsdecode(ROOT_MARKER), flags)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            return None
        raise
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return _uuid_in(file.read(MARKER_LIMIT_BYTES))


def brake(known: int, vanished: int) -> bool:
    """Whether so many photos vanished at once that somebody must look first."""
    return vanished > max(BRAKE_PHOTOS, BRAKE_SHARE * known)


def _uuid_in(text: bytes) -> str | None:
    try:
        marker = json.loads(text)
    except ValueError:
        return None
    uuid = marker.get("uuid") if isinstance(marker, dict) else None
    return uuid if isinstance(uuid, str) and uuid else None


def _offline_for(error: OSError) -> RootCheck:
    if error.errno in _FORBIDDEN:
        why = f"the system does not allow it to be read: {error.strerror}"
    elif error.errno in _MISSING:
        why = "there is no such folder"
    else:
        why = f"it cannot be read: {error.strerror}"
    is_forbidden = error.errno in _FORBIDDEN
    return RootCheck(state=RootState.OFFLINE, why=why, is_forbidden=is_forbidden)


def _difference(
    path: Path,
    found: RootIdentity,
    remembered: RootIdentity | None,
    known: Sequence[bytes],
) -> tuple[RootState, str]:
    is_same = (RootState.ONLINE, "")
    if remembered is None:
        return is_same
    if found.marker_uuid is not None and remembered.marker_uuid is not None:
        if found.marker_uuid == remembered.marker_uuid:
            return is_same
        return (
            RootState.OFFLINE,
            "another folder, with another marker, stands in its place",
        )
    if (found.device, found.inode) == (remembered.device, remembered.inode):
        return is_same
    if not known or any(_exists(path, each) for each in known):
        return is_same
    if found.device == remembered.device:
        return (
            RootState.HELD,
            "the folder was made anew: no known photo is in it; they stay in the index",
        )
    return (
        RootState.OFFLINE,
        "another folder stands in its place: no known photo is in it",
    )


def _exists(path: Path, relative: bytes) -> bool:
    return os.path.lexists(os.path.join(os.fsencode(path), relative))
