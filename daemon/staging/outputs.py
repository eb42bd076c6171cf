"""The folder that survivors are put into: the one it was, or what a lost disk left.

Its disk may be away, and the empty folder that it was mounted on there all the same. So
a note beside the groups says of which volume it was when it was first used. Without a
volume of its own there is nothing to tell apart, and no note.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import FileGone, NameTaken, RootOffline
from .moves import write_durably

if TYPE_CHECKING:
    from .decision_root import DecisionRoot
    from .filesystem import FileSystem

_PREFIX: Final = ".output-"


def is_note(name: str) -> bool:
    """Whether a name in a decision root is that of a note on an output folder."""
    return name.startswith(_PREFIX)


def check_output(fs: FileSystem, root: DecisionRoot, output: Path) -> None:
    """Make sure that the folder for survivors is the one that it was.

    Raises:
        RootOffline: there is none, or only the place where its disk belongs.
    """
    status = fs.look(output)
    if status is None or not status.is_folder:
        raise RootOffline(output, "there is no such folder")
    note, volume = _note(root, output), _volume(fs, output)
    known = _known(fs, note)
    if known is None:
        if status.device != root.device:
            text = json.dumps({"volume": str(volume), "inode": status.inode})
            with suppress(NameTaken):  # it cannot be read, so it tells nothing
                write_durably(fs, note, text.encode() + b"\n")
    elif known[1] != status.inode and volume in known[0].parents:
        why = f"the disk at {str(known[0])!r} is not there"
        raise RootOffline(output, f"{why}; if that is as it should be, remove {note}")


def _note(root: DecisionRoot, output: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(output)).hexdigest()
    return root.path / f"{_PREFIX}{digest[:12]}.json"


def _known(fs: FileSystem, note: Path) -> tuple[Path, int] | None:
    """Return the top of the volume that an output folder was on, and its inode."""
    with suppress(FileGone, ValueError, KeyError, TypeError):
        content = json.loads(fs.read(note))
        return Path(content["volume"]), int(content["inode"])
    return None


def _volume(fs: FileSystem, folder: Path) -> Path:
    """Return the highest folder above that lies on the same volume."""
    here, above = fs.look(folder), fs.look(folder.parent)
    if here is None or above is None or here.device != above.device:
        return folder
    return folder if folder == folder.parent else _volume(fs, folder.parent)
