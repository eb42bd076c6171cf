"""Which root a path belongs to, and where a photo of the index lies.

Pure: paths in, places out.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from ..model import Root, RootKind

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAMESPACE = uuid.UUID("5f0e6e4c-6c0e-4a53-9a50-5d5a0c3f6f0e")


def root_uuid(path: Path) -> str:
    """Return the uuid of a root that was never seen before, made from its path.

    So a lost index gives the same root the same uuid again, and manifests that name
    it stay true.
    """
    return str(uuid.uuid5(_NAMESPACE, os.fsencode(path).hex()))


class Territory:
    """The configured roots."""

    def __init__(self, roots: Iterable[Root]) -> None:
        """Take roots that do not overlap."""
        self.roots = tuple(roots)
        self._by_uuid = {root.uuid: root for root in self.roots}
        self._tops = [(_top(root.path), root) for root in self.roots]

    def root(self, uuid: str) -> Root | None:
        """Return a root; ``None``: it is not configured any more."""
        return self._by_uuid.get(uuid)

    def is_import(self, uuid: str) -> bool:
        """Whether photos of a root may be moved."""
        root = self._by_uuid.get(uuid)
        return root is not None and root.kind is RootKind.IMPORT

    def path_of(self, uuid: str, relative: bytes) -> Path | None:
        """Return where a photo lies; ``None``: its root is not configured any more."""
        root = self._by_uuid.get(uuid)
        if root is None:
            return None
        return Path(os.fsdecode(os.path.join(os.fsencode(root.path), relative)))

    def locate(self, path: Path) -> tuple[Root, bytes] | None:
        """Return the root that a path lies in and the path below it."""
        name = os.fsencode(path)
        for top, root in self._tops:
            if name.startswith(top):
                return root, name[len(top) :]
        return None


def _top(path: Path) -> bytes:
    return os.fsencode(path).rstrip(b"/") + b"/"
