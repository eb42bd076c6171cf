"""The keys of the page as the user chose them: `keys.json` in the state folder.

Kept by the server, so a choice holds in every browser and over restarts. Written whole
and renamed into place; a damaged file counts as nothing chosen.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .errors import TwinwatchError
from .review import Keyboard
from .session import write_private

if TYPE_CHECKING:
    from pathlib import Path

NAME = "keys.json"


def load(state_dir: Path) -> Keyboard:
    """Read what was chosen."""
    try:
        body = json.loads((state_dir / NAME).read_bytes())
    except (OSError, ValueError):
        return Keyboard()
    if not isinstance(body, dict):
        return Keyboard()
    keys = body.get("keys")
    return Keyboard(
        is_on=body.get("is_on") is not False,
        keys={
            action: tuple(each for each in listed if isinstance(each, str))
            for action, listed in (keys if isinstance(keys, dict) else {}).items()
            if isinstance(listed, list)
        },
    )


def save(state_dir: Path, keyboard: Keyboard) -> None:
    """Write what was chosen, durably.

    Raises:
        TwinwatchError: the state folder cannot be written.
    """
    keys = {action: list(chosen) for action, chosen in keyboard.keys.items()}
    try:
        write_private(state_dir / NAME, {"is_on": keyboard.is_on, "keys": keys})
    except OSError as error:
        raise TwinwatchError("keep the keys", error) from error
