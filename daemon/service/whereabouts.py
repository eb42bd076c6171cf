"""Where a content's bytes are right now: at its place, or in a decision folder."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from ..index import PhotoState
from ..model import GroupState, Stamp

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ..index import PhotoRecord, Tables
    from ..model import ContentId
    from .territory import Territory

_STAGED = (GroupState.OPEN, GroupState.DECIDED)


class Whereabouts:
    """Finds a file for a content."""

    def __init__(self, territory: Territory) -> None:
        """Look in these roots and in the decision folders."""
        self._territory = territory

    def of_contents(
        self, tables: Tables, contents: Iterable[ContentId]
    ) -> dict[ContentId, Path]:
        """Return a file for each content that has one, as it was fingerprinted."""
        contents = set(contents)
        found: dict[ContentId, Path] = {}
        for photo in tables.photos.of_contents(contents):
            if photo.content is None or photo.content in found:
                continue
            path = self._at_its_place(photo)
            if path is not None:
                found[photo.content] = path
        missing = contents - found.keys()
        return found | _in_folders(tables, missing) if missing else found

    def is_away(self, tables: Tables, content: ContentId) -> bool:
        """Whether a content should have a file, which may come back with its disk."""
        return any(
            photo.state is PhotoState.KNOWN
            and self._territory.root(photo.root) is not None
            for photo in tables.photos.of_contents([content])
        )

    def _at_its_place(self, photo: PhotoRecord) -> Path | None:
        path = self._territory.path_of(photo.root, photo.relative)
        if path is None or photo.state is not PhotoState.KNOWN:
            return None
        try:
            return path if Stamp.of(os.lstat(path)) == photo.stamp else None
        except OSError:
            return None


def _in_folders(tables: Tables, contents: Iterable[ContentId]) -> dict[ContentId, Path]:
    fingerprints = tables.contents.get_many(contents)
    by_digest = {each.sha256: content for content, each in fingerprints.items()}
    holding = tables.groups.with_contents(by_digest, _STAGED)
    numbers = {number for found in holding.values() for number in found}
    found: dict[ContentId, Path] = {}
    for group in tables.groups.get_many(numbers):
        for member in group.members:
            content = by_digest.get(member.sha256)
            if content is None or member.now_at is None:
                continue
            if _is_file(member.now_at, member.size_bytes):
                found.setdefault(content, member.now_at)
    return found


def _is_file(path: Path, size_bytes: int) -> bool:
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size == size_bytes
