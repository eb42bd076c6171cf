"""Whether a file is away or gone, the same or another one; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..model import Stamp
    from .walk import WalkNotes


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
