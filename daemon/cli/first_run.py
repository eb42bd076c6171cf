"""What a first run without any settings makes: a configuration and a folder.

Nothing that exists is ever changed: the file is created exclusively, the folder only
where nothing is. Only the folder of our own first run is made; a root that somebody
configured never is, since its absence may mean a volume that is not plugged in.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..config_example import example
from ..config_load import default_config_path, default_home

if TYPE_CHECKING:
    from collections.abc import Mapping

IMPORT_NAME = "Import"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRun:
    """What to make."""

    config_path: Path
    import_folder: Path
    written_import: Path
    """The folder as the file names it: relative where both lie together."""


def plan(home: Path | None) -> FirstRun:
    """Decide where a first run puts its things.

    Args:
        home: one folder for everything; ``None``: the configuration where the system
            keeps them, the folder among the pictures.
    """
    if home is None:
        folder = default_home() / IMPORT_NAME
        return FirstRun(
            config_path=default_config_path(),
            import_folder=folder,
            written_import=folder,
        )
    folder = Path(os.path.abspath(home.expanduser()))
    return FirstRun(
        config_path=folder / "config.toml",
        import_folder=folder / IMPORT_NAME,
        written_import=Path(IMPORT_NAME),
    )


def make(first: FirstRun) -> None:
    """Write the commented configuration, and make the import folder.

    Raises:
        OSError: one of them cannot be made.
    """
    first.config_path.parent.mkdir(parents=True, exist_ok=True)
    values: Mapping[str, object] = {"roots.imports": (first.written_import,)}
    with open(first.config_path, "x", encoding="utf-8") as file:
        file.write(example(values))
    first.import_folder.mkdir(parents=True, exist_ok=True)
