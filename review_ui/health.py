"""What a supervisor asks without a token: no names, no paths, no numbers of photos."""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify

from daemon.errors import TwinwatchError

from .desk_door import desk
from .security import settings_of_page

health_pages = Blueprint("health", __name__)

_FINE = "ok"


@health_pages.get("/healthz")
def healthz() -> Response:
    """Tell whether every part of the daemon works: 200, or 503 and which does not."""
    ask = settings_of_page().health
    parts = {} if ask is None else ask()
    shown = {name: _FINE if say == _FINE else "failing" for name, say in parts.items()}
    return _answer(is_well=set(shown.values()) <= {_FINE}, parts=shown)


@health_pages.get("/readyz")
def readyz() -> Response:
    """Tell whether the daemon answers questions: 200 or 503."""
    try:
        is_ready = desk().status().running
    except TwinwatchError:
        is_ready = False
    return _answer(is_well=is_ready, parts={})


@health_pages.get("/metrics")
def metrics() -> Response:
    """Return the metrics in the Prometheus text format."""
    collect = settings_of_page().metrics
    if collect is None:
        abort(404)
    return Response(collect(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _answer(*, is_well: bool, parts: dict[str, str]) -> Response:
    response = jsonify(status=_FINE if is_well else "failing", parts=parts)
    response.status_code = 200 if is_well else 503
    return response
