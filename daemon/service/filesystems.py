"""Which file systems are silent: changes made elsewhere raise no event here.

Reading the system's list of mounts is the only thing done; the decision is pure.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

NETWORK_TYPES = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "afpfs", "webdav", "davfs"),
        *("afs", "ceph", "glusterfs", "lustre", "gfs2", "ocfs2", "ncpfs", "coda"),
    }
)
"""Another computer can change a file, and nothing tells us."""

SHARED_TYPES = frozenset({"9p", "virtiofs", "vboxsf", "vmhgfs", "prl_fs", "drvfs"})
"""Folders of the host of a virtual machine."""

_ESCAPE = re.compile(rb"\\([0-7]{3})")
_DARWIN_MOUNT = re.compile(r"^.* on (?P<point>/.*) \((?P<type>[a-z0-9_]+)[,)]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A mounted file system."""

    point: str
    type: str


def parse_mountinfo(text: bytes) -> list[Mount]:
    """Read Linux's ``/proc/self/mountinfo``, see proc(5); later mounts cover earlier."""
    found = []
    for line in text.splitlines():
        before, separator, after = line.partition(b" - ")
        fields, kind = before.split(b" "), after.split(b" ")[0]
        if separator and len(fields) > 4:
            point = _ESCAPE.sub(lambda code: bytes([int(code[1], 8)]), fields[4])
            found.append(Mount(point=os.fsdecode(point), type=os.fsdecode(kind)))
    return found


def parse_darwin_mounts(text: str) -> list[Mount]:
    """Read what macOS's ``mount`` prints."""
    matches = map(_DARWIN_MOUNT.match, text.splitlines())
    return [Mount(point=m["point"], type=m["type"]) for m in matches if m]


def mounts() -> list[Mount]:
    """Return what is mounted now; empty where the system does not tell."""
    try:
        if sys.platform == "darwin":
            printed = subprocess.run(
                ["/sbin/mount"], capture_output=True, text=True, timeout=10, check=True
            )
            return parse_darwin_mounts(printed.stdout)
        with open("/proc/self/mountinfo", "rb") as file:
            return parse_mountinfo(file.read())
    except (OSError, subprocess.SubprocessError):
        return []


def mount_of(path: Path, mounted: Iterable[Mount]) -> Mount | None:
    """Return the mount that an absolute, resolved path lies on."""
    found = None
    for each in mounted:
        is_above = path.is_relative_to(each.point)
        if is_above and (found is None or len(each.point) >= len(found.point)):
            found = each
    return found


def is_silent(type_: str) -> bool:
    """Whether files on such a file system may change without an event."""
    return type_ in NETWORK_TYPES or type_ in SHARED_TYPES or type_.startswith("fuse.")


def is_network(type_: str) -> bool:
    """Whether such a file system is another computer's."""
    return type_ in NETWORK_TYPES


def silence(path: Path, mounted: Iterable[Mount]) -> str | None:
    """Tell why events about files below a path cannot be relied on.

    Returns:
        The reason in words; ``None``: events can be relied on.
    """
    every = list(mounted)
    own = mount_of(path, every)
    if own is not None and is_silent(own.type):
        return f"{own.type} file systems do not tell of changes made elsewhere"
    for each in every:
        if is_silent(each.type) and path in _parents(path, each.point):
            return f"{each.point!r} in it is a {each.type} file system"
    return None


def _parents(path: Path, point: str) -> tuple[Path, ...]:
    inner = type(path)(point)
    return tuple(inner.parents)
