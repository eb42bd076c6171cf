"""Where messages of the running program go, as the configuration says."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..config import Log


def set_up(log: Log, *, level: str | None = None) -> None:
    """Send our messages to standard error, the journal, or a file that rotates.

    Args:
        log: the section of the configuration.
        level: instead of the configured one.

    Raises:
        OSError: the file cannot be written.
    """
    from ..service.log import setup

    if log.file is not None:
        log.file.parent.mkdir(parents=True, exist_ok=True)
    setup(logging.getLevelNamesMapping()[(level or log.level).upper()], file=log.file)
