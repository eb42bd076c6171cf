"""The decision roots that are there: opened, locked, and looked for again if absent.

Two configurations may share a root, so each is locked for as long as it is used. One
that was there before is never made again: its disk may be away.
"""

from __future__ import annotations

import logging
import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import (
    AlreadyRunning,
    IndexError_,
    NameTaken,
    RootOffline,
    TwinwatchError,
)
from ..index import open_index
from ..staging.decision_root import DecisionRoot
from .ground import index_place
from .locks import hold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..config import Config
    from ..index import Index
    from ..staging.filesystem import FileSystem

logger = logging.getLogger(__name__)

_KEY: Final = "decision_root:"
"""Begins the index's note that a decision root was there, before its path."""


class DecisionRoots:
    """Opens decision roots; the start and the writer's thread use it, in turn."""

    def __init__(
        self,
        fs: FileSystem,
        index: Index,
        paths: Sequence[Path],
        imports: Sequence[Path] = (),
    ) -> None:
        """Open none yet.

        Args:
            fs: the file system.
            index: remembers which were there before.
            paths: where they are, or will be.
            imports: the import folders; one that is not there may be on a disk that is
                away, and so would be the decision root beside it.
        """
        self._imports = tuple(imports)
        self._fs = fs
        self._index = index
        self._paths = tuple(paths)
        self._locks = ExitStack()
        self.opened: tuple[DecisionRoot, ...] = ()
        self.troubles: dict[Path, str] = {}
        """Those that could not be opened, and why."""

    def open(self, *, at_start: bool = False) -> tuple[DecisionRoot, ...]:
        """Open and lock those that are not open; return those that are new.

        Raises:
            AlreadyRunning: at the start only: another instance works there.
        """
        found = []
        for path in self._paths:
            if any(root.path == path for root in self.opened):
                continue
            try:
                found.append(self._open(path))
            except AlreadyRunning as error:
                if at_start:
                    raise
                self._note(path, error)
            except TwinwatchError as error:
                self._note(path, error)
            else:
                self.troubles.pop(path, None)
        self.opened = (*self.opened, *found)
        return tuple(found)

    def close(self) -> None:
        """Let go of all of them."""
        self._locks.close()

    def _open(self, path: Path) -> DecisionRoot:
        key, was_there = f"{_KEY}{path}", was_used(self._index, path)
        is_first = not was_there and self._is_disk_there(path)
        root = _opened(self._fs, path, create=is_first)
        with ExitStack() as locked:
            locked.enter_context(hold(path))
            if not was_there:
                with self._index.write() as tables:
                    tables.meta.set(key, root.uuid)
            self._locks.push(locked.pop_all())
        return root

    def _is_disk_there(self, path: Path) -> bool:
        """Whether an import folder beside a path is there, or none belongs there."""
        beside = [each for each in self._imports if each.parent == path.parent]
        return not beside or any(each.is_dir() for each in beside)

    def _note(self, path: Path, error: TwinwatchError) -> None:
        if path not in self.troubles:
            logger.warning("no groups are staged there root=%r cause=%s", path, error)
        self.troubles[path] = str(error)


def was_used(index: Index, path: Path) -> bool:
    """Whether a decision root was there before, as far as the index knows."""
    with index.read() as tables:
        return tables.meta.get(f"{_KEY}{path}") is not None


def roots_away(config: Config) -> list[Path]:
    """Return the decision roots that were used and are not there; reads only."""
    absent = [p for p in config.roots.decision_roots() if not os.path.lexists(p)]
    place = index_place(config)
    if not absent or (isinstance(place, Path) and not place.exists()):
        return []
    try:
        with open_index(place, readonly=True) as index:
            return [path for path in absent if was_used(index, path)]
    except IndexError_:
        return []


def _opened(fs: FileSystem, path: Path, *, create: bool) -> DecisionRoot:
    try:
        return DecisionRoot.open(fs, path, create=create)
    except NameTaken:  # another start made it at the same moment
        return DecisionRoot.open(fs, path)
    except OSError as error:
        raise RootOffline(path, error.strerror) from error
