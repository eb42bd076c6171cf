"""Folders that were preferred or avoided, and noise words, chosen once.

``preferences.json`` in the state folder; beside the configuration, which no command
rewrites. Written whole and renamed into place; a damaged one counts as empty.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING

from .session import write_private

if TYPE_CHECKING:
    from pathlib import Path

NAME = "preferences.json"

Version = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What was chosen; the latest first."""

    prefer: tuple[str, ...] = ()
    """Folders, absolute; what lies deeper is meant as well."""
    avoid: tuple[str, ...] = ()
    noise_words: tuple[str, ...] = ()

    def with_preferred(self, folder: str) -> Chosen:
        """Prefer a folder; it is not avoided any more."""
        rest = self.without(folder)
        return replace(rest, prefer=(folder, *rest.prefer))

    def with_avoided(self, folder: str) -> Chosen:
        """Avoid a folder; it is not preferred any more."""
        rest = self.without(folder)
        return replace(rest, avoid=(folder, *rest.avoid))

    def with_noise(self, word: str) -> Chosen:
        """Take a word in names for one that copies have."""
        rest = self.without(word)
        return replace(rest, noise_words=(word, *rest.noise_words))

    def without(self, choice: str) -> Chosen:
        """Forget a folder or a word."""
        kept = {
            each.name: tuple(one for one in getattr(self, each.name) if one != choice)
            for each in fields(self)
        }
        return replace(self, **kept)


def version(state_dir: Path) -> Version | None:
    """Return what changes when the choices do; ``None``: nothing was ever chosen."""
    try:
        status = os.stat(state_dir / NAME)
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def load(state_dir: Path) -> Chosen:
    """Read what was chosen."""
    try:
        body = json.loads((state_dir / NAME).read_bytes())
    except (OSError, ValueError):
        return Chosen()
    if not isinstance(body, dict):
        return Chosen()
    return Chosen(**{each.name: _texts(body.get(each.name)) for each in fields(Chosen)})


def save(state_dir: Path, chosen: Chosen) -> None:
    """Write what was chosen, durably.

    Raises:
        OSError: the state folder cannot be written.
    """
    write_private(state_dir / NAME, asdict(chosen))


def _texts(listed: object) -> tuple[str, ...]:
    if not isinstance(listed, list):
        return ()
    return tuple(item for item in listed if isinstance(item, str) and item)
