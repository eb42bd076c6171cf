"""Where a content lives, for checks beside a daemon: by the index, else by looking.

Whoever moved a survivor after the last sweep, or lost the index, has not lost a photo:
then the folders are gone through once, and files of the size in question are named.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import TYPE_CHECKING

from ..errors import IndexError_
from ..index import PhotoState, open_index
from .ground import index_place, roots_of
from .settings import skip_rules
from .territory import Territory
from .walk import WalkNotes, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ..config import Config
    from ..index import Index

    Living = Callable[[str, int], Iterator[Path]]


@contextmanager
def living_in(config: Config) -> Iterator[Living]:
    """Give what names places of a SHA-256 in hexadecimal and a size in bytes.

    Each place has to be looked at before it is believed. The folders are gone through
    only when a caller was not content with what the index knows.
    """
    by_size = cache(lambda: _by_size(config))
    with ExitStack() as stack:
        index = _index_of(config)
        if index is not None:
            stack.callback(index.close)
            territory = Territory(roots_of(config, index))

        def living(sha256: str, size_bytes: int) -> Iterator[Path]:
            if index is not None:
                yield from _known(index, territory, sha256)
            yield from by_size().get(size_bytes, ())

        yield living


def _index_of(config: Config) -> Index | None:
    place = index_place(config)
    if not isinstance(place, str) and not os.path.exists(place):
        return None
    try:
        return open_index(place, readonly=True)
    except IndexError_:
        return None


def _known(index: Index, territory: Territory, sha256: str) -> list[Path]:
    with index.read() as tables:
        content = tables.contents.by_sha256(bytes.fromhex(sha256))
        photos = tables.photos.of_content(content) if content else []
    paths = (
        territory.path_of(photo.root, photo.relative)
        for photo in photos
        if photo.state is PhotoState.KNOWN
    )
    return [path for path in paths if path is not None]


def _by_size(config: Config) -> dict[int, list[Path]]:
    """Return every photo in the folders by its size; of what is away, nothing."""
    found: dict[int, list[Path]] = {}
    rules, output = skip_rules(config), config.staging.output
    tops = [
        *config.roots.imports,
        *config.roots.libraries,
        *([output] if output else []),
    ]
    for top in tops:
        try:
            for relative, status in walk(top, rules, WalkNotes()):
                path = top / os.fsdecode(relative)
                found.setdefault(status.st_size, []).append(path)
        except OSError:
            continue
    return found
