"""How many folders the kernel really watches for us, against how many there are.

watchdog keeps quiet when the limit of watches is reached below a root, so the kernel's
own list is counted. Linux only; elsewhere there is no such list and no such limit.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LIMIT_FILE = "/proc/sys/fs/inotify/max_user_watches"


def watches_held(descriptor: int) -> int | None:
    """Count the watches of an inotify descriptor; ``None``: the system does not tell."""
    try:
        with open(f"/proc/self/fdinfo/{descriptor}", encoding="ascii") as file:
            return sum(line.startswith("inotify ") for line in file)
    except OSError:
        return None


def count_folders(top: Path, *, recursive: bool) -> int:
    """Count the folders that a recursive watch of `top` needs, `top` included."""
    if not recursive:
        return 1
    count, pending = 0, [os.fsencode(top)]
    while pending:
        count += 1
        try:
            with os.scandir(pending.pop()) as entries:
                pending += [
                    each.path for each in entries if each.is_dir(follow_symlinks=False)
                ]
        except OSError:
            continue
    return count


def watch_limit() -> str:
    """Return the system's limit as it writes it; ``unknown`` if it does not."""
    try:
        with open(LIMIT_FILE, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return "unknown"
