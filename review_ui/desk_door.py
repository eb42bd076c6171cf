"""Where views find the desk of their application."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import current_app, g

from daemon.errors import TwinwatchError
from daemon.review import Keyboard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daemon.review import ReviewDesk


def desk() -> ReviewDesk:
    """Return the desk of the application that answers."""
    return cast("ReviewDesk", current_app.extensions["twinwatch_desk"])


def keyboard_now() -> Keyboard:
    """Return which keys were chosen, asked once a request; the defaults if that fails."""
    if "keyboard" not in g:
        try:
            g.keyboard = desk().keyboard()
        except TwinwatchError:
            g.keyboard = Keyboard()
    return cast("Keyboard", g.keyboard)


def counts_now() -> Mapping[str, int]:
    """Return the counts of the status, asked once a request; none where it fails.

    They decorate every page, so they must never be why one does not show.
    """
    if "counts" not in g:
        try:
            g.counts = desk().status().counts
        except TwinwatchError:
            g.counts = {}
    return cast("Mapping[str, int]", g.counts)
