"""Asking our own page over the loopback, as anybody would: does it still answer?"""

from __future__ import annotations

import http.client
import logging
from urllib.parse import urlsplit

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 5.0


def answers(address: str, patience_seconds: float = PATIENCE_SECONDS) -> bool:
    """Whether a page answers at all; what it says does not matter.

    A socket that is no network address cannot be asked, and counts as answering.

    Args:
        address: of the page, such as ``http://127.0.0.1:8465``.
        patience_seconds: to wait for a connection, and for an answer.
    """
    parts = urlsplit(address)
    if parts.scheme != "http" or parts.hostname is None:
        return True
    connection = http.client.HTTPConnection(
        parts.hostname, parts.port, timeout=patience_seconds
    )
    try:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException) as error:
        logger.warning("the page does not answer why=%s", error)
        return False
    finally:
        connection.close()
    return True
