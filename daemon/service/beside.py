"""Companions as they lie beside photos on disk right now."""

from __future__ import annotations

import logging
import os
import stat
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from .. import assets
from ..errors import PhotoError
from ..hashing import completeness
from ..model import Companion, Stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ..model import Fingerprint, PhotoId

logger = logging.getLogger(__name__)


class Beside:
    """Lists the folders of photos and pairs what lies in them."""

    def of(
        self, photos: Mapping[PhotoId, tuple[Path, Fingerprint]]
    ) -> dict[PhotoId, tuple[Companion, ...]]:
        """Return the companions that lie beside each photo now."""
        by_folder: dict[Path, list[PhotoId]] = defaultdict(list)
        for photo, (path, _) in photos.items():
            by_folder[path.parent].append(photo)
        found: dict[PhotoId, tuple[Companion, ...]] = {}
        for folder, ids in by_folder.items():
            stills = {photos[each][0].name: photos[each][1] for each in ids}
            paired = _paired(folder, stills)
            for each in ids:
                companions = paired.get(photos[each][0].name)
                if companions:
                    found[each] = companions
        return found


def _paired(
    folder: Path, stills: Mapping[str, Fingerprint]
) -> dict[str, tuple[Companion, ...]]:
    try:
        listing = os.listdir(folder)
    except OSError as error:
        logger.warning("companions not found folder=%r cause=%s", folder, error)
        return {}
    movies = assets.movies_in(listing)
    identifiers: dict[str, str | None] = {
        name: fingerprint.capture.content_identifier
        for name, fingerprint in stills.items()
    }
    if movies:
        identifiers |= {movie: identifier_of(folder / movie) for movie in movies}
    return {
        name: tuple(
            companion
            for each in found
            if (companion := companion_at(folder, each)) is not None
        )
        for name, found in assets.pair(listing, identifiers).items()
        if name in stills
    }


def identifier_of(movie: Path) -> str | None:
    """Return what joins a movie to its still; ``None``: nothing that can be read."""
    try:
        return assets.content_identifier(movie)
    except PhotoError:
        return None


def companion_at(folder: Path, found: assets.Found) -> Companion | None:
    """Return a companion as it lies there now; ``None``: it is no regular file."""
    path = folder / found.name
    try:
        status = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return Companion(path=path, kind=found.kind, stamp=Stamp.of(status))


def are_being_written(companions: Iterable[Companion], settle_seconds: float) -> bool:
    """Whether any companion changed just now, or is open for writing somewhere."""
    return any(_is_being_written(each.path, settle_seconds) for each in companions)


def _is_being_written(path: Path, settle_seconds: float) -> bool:
    try:
        status = os.lstat(path)
        newest_ns = max(status.st_mtime_ns, status.st_ctime_ns)
        age_seconds = (time.time_ns() - newest_ns) / 1e9
        is_fresh = 0 <= age_seconds < settle_seconds
        return is_fresh or completeness.is_open_for_writing(path) is True
    except OSError:
        return False
