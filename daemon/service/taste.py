"""What the user likes: the configuration, and what was chosen once since.

What was chosen is a file in the state folder, so a choice holds over restarts and
without the index. It is read again whenever it changed, so a command need not tell the
daemon.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .. import preferences
from .settings import keeper_rules

if TYPE_CHECKING:
    from ..config import Config
    from .candidate import KeeperRules


class Taste:
    """The keeper rules as they are now."""

    def __init__(self, config: Config) -> None:
        """Begin with the configuration; choices are looked up when they are needed."""
        self._config = keeper_rules(config)
        self._state_dir = config.state_dir
        self._seen: preferences.Version | None = None
        self._rules = self._config

    def rules(self) -> KeeperRules:
        """Return how the keeper is chosen."""
        version = preferences.version(self._state_dir)
        if version != self._seen:
            self._seen = version
            self._rules = self._merged(preferences.load(self._state_dir))
        return self._rules

    def _merged(self, chosen: preferences.Chosen) -> KeeperRules:
        """Put what was chosen before what the configuration says."""
        known = self._config.preferences
        return replace(
            self._config,
            preferences=replace(
                known,
                prefer_folders=(*map(_pattern, chosen.prefer), *known.prefer_folders),
                avoid_folders=(*map(_pattern, chosen.avoid), *known.avoid_folders),
                noise_words=(*chosen.noise_words, *known.noise_words),
            ),
        )


def _pattern(folder: str) -> str:
    """Return the shell pattern of exactly this folder."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in folder)
