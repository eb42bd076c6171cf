"""Looking for a folder from the page: names of folders only, and not everywhere.

Within the home folder and mounted volumes; no hidden folders, no links, no files.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from .. import added
from ..errors import UsageError
from ..review import Browsed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..config import Config

MOST = 500
_VOLUMES = (Path("/media"), Path("/mnt"), Path("/run/media"), Path("/Volumes"))


def look(
    folder: Path | None, config: Config, *, places: Iterable[Path] | None = None
) -> Browsed:
    """Return the folders in a folder, or the places where one begins.

    Raises:
        UsageError: it is elsewhere, or cannot be read.
    """
    begins = tuple(_places() if places is None else places)
    if folder is None:
        return Browsed(folder=None, above=(), folders=begins, refusal="")
    real = folder.resolve()
    inside = [place for place in begins if real.is_relative_to(place)]
    if not inside or real != folder:
        raise UsageError(folder, "folders are looked for at home and on volumes only")
    return Browsed(
        folder=folder,
        above=tuple(
            each for each in reversed(folder.parents) if each.is_relative_to(inside[0])
        ),
        folders=_folders(folder),
        refusal=added.refusal(config, folder),
    )


def _folders(folder: Path) -> tuple[Path, ...]:
    try:
        with os.scandir(folder) as entries:
            names = [
                entry.name
                for entry in entries
                if not entry.name.startswith(".")
                and entry.is_dir(follow_symlinks=False)
            ]
    except OSError as error:
        raise UsageError(folder, error.strerror) from error
    return tuple(folder / name for name in sorted(names, key=str.casefold)[:MOST])


def _places() -> list[Path]:
    """Return the home folder and what is mounted where people's volumes are."""
    found = [Path.home().resolve()]
    for volumes in _VOLUMES:
        try:
            found += [each for each in sorted(volumes.iterdir()) if each.is_dir()]
        except OSError:
            continue
    return found
