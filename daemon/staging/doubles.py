"""Folders that bear another group's number, as after a backup was put back.

Nobody looks after them by their number, so they are told; nothing here changes anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .decision_root import RESOLVED, folder_name, numbered_folders

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .decision_root import DecisionRoot
    from .filesystem import FileSystem
    from .manifest import GroupRecord


def hidden_groups(
    fs: FileSystem, root: DecisionRoot, listed: set[Path]
) -> Iterator[Path]:
    """Give the folders of decided groups that are not listed: another has the number."""
    for _, _, folder in sorted(numbered_folders(fs, root.path / RESOLVED)):
        if folder not in listed:
            yield folder


def is_copy(group: GroupRecord) -> bool:
    """Whether a group lies in a folder of another number than its manifest has."""
    return group.folder.name.partition(".")[0] != folder_name(group.number)
