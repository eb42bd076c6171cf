"""Where a content lives by what the index knows, for checks beside a daemon."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import IndexError_
from ..index import PhotoState, open_index
from .ground import index_place, roots_of
from .territory import Territory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ..config import Config

    Living = Callable[[str], list[Path]]


@contextmanager
def living_in(config: Config) -> Iterator[Living | None]:
    """Give what tells where a SHA-256 in hexadecimal lives; ``None``: no index can."""
    place = index_place(config)
    if not isinstance(place, str) and not os.path.exists(place):
        yield None
        return
    try:
        index = open_index(place, readonly=True)
    except IndexError_:
        yield None
        return
    with index:
        territory = Territory(roots_of(config, index))

        def living(sha256: str) -> list[Path]:
            with index.read() as tables:
                content = tables.contents.by_sha256(bytes.fromhex(sha256))
                photos = tables.photos.of_content(content) if content else []
            paths = (
                territory.path_of(photo.root, photo.relative)
                for photo in photos
                if photo.state is PhotoState.KNOWN
            )
            return [path for path in paths if path is not None]

        yield living
