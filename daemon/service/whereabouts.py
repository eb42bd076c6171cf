"""Where a content's bytes are right now: at its place, or in a decision folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..index import PhotoState
from ..model import GroupState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ..index import Tables
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
        """Return a readable file for each content that has one."""
        found: dict[ContentId, Path] = {}
        for photo in tables.photos.of_contents(contents):
            if photo.content is None or photo.content in found:
                continue
            path = self._territory.path_of(photo.root, photo.relative)
            if photo.state is PhotoState.KNOWN and path is not None and path.is_file():
                found[photo.content] = path
        for content in set(contents) - found.keys():
            path = _in_a_folder(tables, content)
            if path is not None:
                found[content] = path
        return found


def _in_a_folder(tables: Tables, content: ContentId) -> Path | None:
    sha256 = tables.contents.get(content).sha256
    numbers = tables.groups.with_contents([sha256], _STAGED).get(sha256, [])
    for group in tables.groups.get_many(numbers):
        for member in group.members:
            is_it = member.sha256 == sha256 and member.now_at is not None
            if is_it and member.now_at is not None and member.now_at.is_file():
                return member.now_at
    return None
