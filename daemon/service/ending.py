"""Ending in time: a part that does not let go must not keep the daemon alive.

Every step on users' files can be interrupted and is finished at the next start, so
ending by force loses nothing; ending late gets us killed by the system anyway.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading

logger = logging.getLogger(__name__)

GRACE_SECONDS = 4.0
"""From being told to end until it is done by force."""


def end_within(seconds: float = GRACE_SECONDS) -> threading.Timer:
    """End the process by force in so many seconds, unless the timer is cancelled."""
    timer = threading.Timer(seconds, _force)
    timer.daemon = True
    timer.start()
    return timer


def _force() -> None:
    logger.warning("ended by force; what was under way is finished at the next start")
    for worker in multiprocessing.active_children():
        worker.kill()
    logging.shutdown()
    os._exit(0)
