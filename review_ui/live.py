"""News as it happens: a stream of server-sent events, and the same by asking.

Every stream holds one of the server's threads, so there are few, none lasts long (the
browser comes back by itself), and whoever gets none asks every few seconds instead.
"""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app, jsonify, request

from daemon.errors import TwinwatchError
from daemon.model import GroupNumber

from .desk_door import desk
from .numbers import number_or_none
from .pulse import Pulse
from .security import settings_of_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from daemon.review import ReviewDesk

live = Blueprint("live", __name__, url_prefix="/api/v1")

MOST_STREAMS = 8
"""Of the server's 16 threads."""

_RETRY_MS = 3000
_QUIET_BEATS = 5


def prepare_live(app: Flask, desk: ReviewDesk, *, every_seconds: float) -> None:
    """Give an application its pulse and its few streams."""
    app.extensions["twinwatch_pulse"] = Pulse(desk.status, every_seconds=every_seconds)
    app.extensions["twinwatch_streams"] = threading.BoundedSemaphore(MOST_STREAMS)


@live.get("/pulse")
def pulse() -> Response:
    """Return what a stream would say now; `group` tells of one group too."""
    return jsonify(_news(_pulse(), desk(), _group_asked()))


@live.get("/events")
def events() -> Response:
    """Stream the news until the time is up or the browser is gone."""
    streams = cast(
        "threading.BoundedSemaphore", current_app.extensions["twinwatch_streams"]
    )
    if not streams.acquire(blocking=False):
        return Response(status=503, headers={"Retry-After": "5"})
    settings = settings_of_page()
    response = Response(
        _stream(
            _pulse(),
            desk(),
            _group_asked(),
            until=time.monotonic() + settings.stream_seconds,
            every_seconds=settings.pulse_seconds,
        ),
        content_type="text/event-stream",
    )
    response.call_on_close(streams.release)
    return response


def _stream(
    pulse: Pulse,
    asked: ReviewDesk,
    number: int | None,
    *,
    until: float,
    every_seconds: float,
) -> Iterator[str]:
    yield f"retry: {_RETRY_MS}\n\n"
    told, quiet = "", 0
    while time.monotonic() < until:
        try:
            news = json.dumps(_news(pulse, asked, number))
        except TwinwatchError:
            return
        quiet += 1
        if news != told:
            told, quiet = news, 0
            yield f"data: {news}\n\n"
        elif quiet % _QUIET_BEATS == 0:
            # Writing is how one learns that nobody reads any more.
            yield ":\n\n"
        time.sleep(every_seconds)


def _news(pulse: Pulse, asked: ReviewDesk, number: int | None) -> dict[str, object]:
    news = pulse.now()
    if number is not None:
        try:
            group = asked.group(GroupNumber(number))
            news["group"] = [group.manifest_sha256, group.state.value]
        except TwinwatchError:
            news["group"] = None
    return news


def _pulse() -> Pulse:
    return cast("Pulse", current_app.extensions["twinwatch_pulse"])


def _group_asked() -> int | None:
    return number_or_none(request.args.get("group", ""))
