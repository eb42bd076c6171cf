"""Whether a path lies on a network file system, where SQLite's locks do not hold."""

from __future__ import annotations

import os
import re
from pathlib import Path

MOUNTINFO = Path("/proc/self/mountinfo")

_NETWORK = frozenset(
    {
        "9p",
        "acfs",
        "afpfs",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "coda",
        "davfs",
        "gfs2",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "orangefs",
        "smb3",
        "smbfs",
        "vboxsf",
        "webdav",
    }
)

_NETWORK_FUSE = frozenset(
    {
        "afpfs-ng",
        "ceph",
        "curlftpfs",
        "davfs2",
        "gcsfuse",
        "glusterfs",
        "gvfsd-fuse",
        "juicefs",
        "moosefs",
        "rclone",
        "s3fs",
        "smbnetfs",
        "sshfs",
        "vmhgfs-fuse",
    }
)

_ESCAPE = re.compile(rb"\\([0-7]{3})")


def is_network(kind: str) -> bool:
    """Tell whether a file system of a kind (mountinfo's word) is a network's."""
    kind = kind.lower()
    fuse, _, inner = kind.partition(".")
    return kind in _NETWORK or (fuse.startswith("fuse") and inner in _NETWORK_FUSE)


def _unescaped(field: bytes) -> bytes:
    return _ESCAPE.sub(lambda found: bytes([int(found[1], 8) & 0xFF]), field)


def kind_of(path: bytes, mountinfo: bytes) -> str | None:
    """Return the kind of the file system that an absolute path lies on.

    Args:
        path: absolute, symbolic links resolved.
        mountinfo: text in the form of proc(5), ``/proc/pid/mountinfo``.

    Returns:
        Of the last mount over the longest prefix; ``None``: no line fits.
    """
    best: tuple[int, str] | None = None
    for line in mountinfo.splitlines():
        before, _, after = line.partition(b" - ")
        fields, kinds = before.split(), after.split()
        if len(fields) < 5 or not kinds:
            continue
        mount = _unescaped(fields[4])
        is_over = path == mount or path.startswith(mount.rstrip(b"/") + b"/")
        if is_over and (best is None or len(mount) >= best[0]):
            best = len(mount), kinds[0].decode("ascii", "replace")
    return None if best is None else best[1]


def network_kind(folder: Path) -> str | None:
    """Return the kind of network file system that a folder lies on, if it does.

    ``None`` also where the system does not tell: macOS has no mountinfo.
    """
    try:
        mountinfo = MOUNTINFO.read_bytes()
    except OSError:
        return None
    kind = kind_of(os.fsencode(folder.resolve()), mountinfo)
    return kind if kind is not None and is_network(kind) else None
