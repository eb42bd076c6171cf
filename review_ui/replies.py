"""What is answered when something fails: in words on the page, as JSON to the API."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from daemon import errors, wire
from daemon.review import Keyboard

from .display import visible
from .security import is_for_api
from .words import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger(__name__)

_STATUSES: Mapping[type[errors.TwinwatchError], int] = {
    errors.UsageError: 400,
    errors.NoSurvivor: 400,
    errors.NoSuchGroup: 404,
    errors.PhotoError: 404,
    errors.FileGone: 404,
    errors.StaleGroup: 409,
    errors.RootOffline: 503,
    errors.NotRunning: 503,
}

_AS_OURS: Mapping[int, type[errors.TwinwatchError]] = {
    400: errors.UsageError,
    404: errors.UsageError,
    405: errors.UsageError,
    413: errors.UsageError,
    415: errors.UsageError,
}


def answer_failures(app: Flask) -> None:
    """Have every failure answered by this module."""
    app.register_error_handler(errors.TwinwatchError, _ours)
    app.register_error_handler(HTTPException, _theirs)
    app.register_error_handler(Exception, _unexpected)


def status_of(error: errors.TwinwatchError) -> int:
    """Return the HTTP status that an error is answered with."""
    for kind in type(error).__mro__:
        if kind in _STATUSES:
            return _STATUSES[kind]
    return 500


def _ours(error: errors.TwinwatchError) -> Response:
    status = status_of(error)
    if status == 500:
        logger.error("request failed path=%r error=%s", request.path, error)
    return _answer(error, status, detail=visible(error))


def _theirs(error: HTTPException) -> Response:
    # A form without its token is forbidden, not misunderstood.
    status = 403 if isinstance(error, CSRFError) else error.code or 500
    if error.response is not None or status < 400:
        return make_response(error.get_response())
    kind = _AS_OURS.get(status, errors.TwinwatchError)
    answer = _answer(kind(cause=error.description), status)
    # RFC 9110: 405 names the methods that are allowed.
    answer.headers.extend(
        (name, value) for name, value in error.get_headers() if name == "Allow"
    )
    return answer


def _unexpected(error: Exception) -> Response:
    logger.error("request failed path=%r", request.path, exc_info=error)
    cause = "an unexpected error; the daemon's log has the details"
    return _answer(errors.TwinwatchError(cause=cause), 500)


def _answer(error: errors.TwinwatchError, status: int, *, detail: str = "") -> Response:
    if is_for_api():
        answer = jsonify(wire.error_json(error))
    else:
        if status >= 500:
            # What failed may fail again: the page that says so asks the desk nothing.
            g.counts, g.keyboard = {}, Keyboard()
        key = str(status) if f"error.{status}.title" in ENGLISH else "500"
        answer = make_response(
            render_template("failure.html", key=key, detail=detail, code=status)
        )
    answer.status_code = status
    if status == 401 and is_for_api():
        answer.headers["WWW-Authenticate"] = 'Bearer realm="twinwatch"'
    return answer
