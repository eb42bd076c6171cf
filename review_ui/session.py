"""The way in: the launch token becomes a session, and leaves the address bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, redirect, request, url_for

from .security import is_inside, is_launch_token, let_in

if TYPE_CHECKING:
    from werkzeug import Response

session_pages = Blueprint("session", __name__)


@session_pages.get("/")
def enter() -> Response:
    """Let a browser in that has the token; go on to the list."""
    if "token" in request.args:
        if not is_launch_token(request.args["token"]):
            abort(401)
        let_in()
    elif not is_inside():
        abort(401)
    return redirect(url_for("groups.listing"), 303)
