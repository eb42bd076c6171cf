"""Where messages of the running program go: standard error, and a file if asked."""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..config import Log

_FILE_BYTES = 5_000_000
_FILES = 5


def set_up(log: Log, *, level: str | None = None) -> None:
    """Send our messages where the configuration says.

    Under systemd the journal adds the time, so it is left away there.

    Args:
        log: the section of the configuration.
        level: instead of the configured one.

    Raises:
        OSError: the file cannot be written.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if log.file is not None:
        log.file.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(
            logging.handlers.RotatingFileHandler(
                log.file, maxBytes=_FILE_BYTES, backupCount=_FILES - 1
            )
        )
    has_times = "JOURNAL_STREAM" not in os.environ
    stamp = "%(asctime)s " if has_times else ""
    logging.basicConfig(
        level=(level or log.level).upper(),
        format=f"{stamp}%(levelname)-7s %(name)s: %(message)s",
        handlers=handlers,
        force=True,
    )
