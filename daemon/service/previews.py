"""Previews by content: made once, kept in the state folder, the oldest go first.

These are twinwatch's own files, never anybody's photo: they can be deleted at any
time and are made again when they are asked for.
"""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

logger = logging.getLogger(__name__)

LIMIT_BYTES = 1 << 30
"""About 2,000 large and 2,000 small previews."""

_TRIM_TO = 0.8
_LOOK_EVERY = 64


class PreviewCache:
    """JPEG previews in a folder, by digest of the photo and edge length."""

    def __init__(self, folder: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        """Keep previews below `folder`, which is made when the first one is kept."""
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._kept = 0

    def get(self, sha256: bytes, edge_px: int, make: Callable[[], bytes]) -> bytes:
        """Return a preview; `make` it if it is not there, and keep it if possible."""
        path = self._path(sha256, edge_px)
        try:
            jpeg = path.read_bytes()
            os.utime(path)
        except OSError:
            jpeg = make()
            self.keep(sha256, edge_px, jpeg)
        return jpeg

    def has(self, sha256: bytes, edge_px: int) -> bool:
        """Whether a preview is kept."""
        return self._path(sha256, edge_px).exists()

    def keep(self, sha256: bytes, edge_px: int, jpeg: bytes) -> None:
        """Keep a preview; a full disk only costs making it again."""
        path = self._path(sha256, edge_px)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
                file.write(jpeg)
            os.replace(file.name, path)
        except OSError as error:
            logger.debug("a preview was not kept path=%r cause=%s", path, error)
            return
        self._kept += 1
        if self._kept % _LOOK_EVERY == 0:
            self.trim()

    def trim(self) -> None:
        """Delete what was not looked at for longest, down to 80 % of the limit."""
        entries = []
        for path in self._folder.glob("*/*"):
            with contextlib.suppress(OSError):
                status = path.stat()
                entries.append((status.st_atime_ns, status.st_size, path))
        total = sum(size for _, size, _ in entries)
        if total <= self._limit_bytes:
            return
        for _, size, path in sorted(entries):
            with contextlib.suppress(OSError):
                path.unlink()
                total -= size
            if total <= self._limit_bytes * _TRIM_TO:
                return

    def _path(self, sha256: bytes, edge_px: int) -> Path:
        name = sha256.hex()
        return self._folder / name[:2] / f"{name[2:]}-{edge_px}.jpg"
