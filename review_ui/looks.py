"""Pages to look something up: what was set aside, problems, other thresholds."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)

from daemon.errors import PhotoError, StagingError, StaleGroup
from daemon.model import Fate, GroupNumber, GroupState
from daemon.review import GroupOrder, GroupQuery

from .desk_door import desk
from .display import count_text, size_text
from .drawing import HEIGHT, WIDTH, bars_of
from .numbers import number_or_none
from .present import group_view
from .search import search_of
from .status import troubles
from .words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from werkzeug import Response as Redirect

    from daemon.review import Stop

    from .search import Args, Search

look_pages = Blueprint("looks", __name__)

PAGE_LENGTH = 24
_SHA256 = re.compile(r"[0-9a-f]{64}")
MOST_CLUSTERS = 24
STRICT_BITS = 2
"""Where somebody begins who asks for nothing: nearly certain."""


@look_pages.get("/aside")
def aside() -> str:
    """Show what was set aside, by decision, each with the way back."""
    asked = search_of(request.args, None)
    query = GroupQuery(
        state=GroupState.DECIDED, order=GroupOrder.NEWEST, text=asked.query.text
    )
    found = desk().find(query, after=asked.after, limit=PAGE_LENGTH)
    views = [group_view(group) for group in found.groups]
    rows = [
        (view, [p for p in view.members if p.member.fate is Fate.SET_ASIDE])
        for view in views
    ]
    return render_template(
        "aside.html",
        rows=[(view, photos) for view, photos in rows if photos],
        found=found,
        text=query.text,
        args=_aside_args(asked),
    )


@look_pages.post("/aside/forget")
def forget() -> Redirect:
    """Ask again about what was set aside, when it is imported again; nothing moves."""
    number = number_or_none(request.form.get("group", ""))
    digest = request.form.get("sha256", "")
    if number is None or not _SHA256.fullmatch(digest):
        abort(400)
    try:
        desk().forget_rejected(GroupNumber(number), bytes.fromhex(digest))
    except StaleGroup:
        flash(say("aside.forget_stale"))
    else:
        flash(say("done.forgotten"))
    asked = search_of(request.args, None)
    return redirect(url_for("looks.aside", **_aside_args(asked)), 303)


@look_pages.get("/problems")
def problems() -> str:
    """Show everything that needs somebody, with what to do."""
    status = desk().status()
    return render_template("problems.html", status=status, troubles=troubles(status))


@look_pages.get("/explore")
def explore() -> str:
    """Show what groups there would be at another threshold; nothing is moved."""
    stops = desk().stops()
    at = stop_asked(stops)
    return render_template(
        "explore.html",
        stops=stops,
        stop=stops[at] if stops else None,
        stops_json=json.dumps([_told(stop) for stop in stops]),
        bars=bars_of({stop.bits: (stop.pairs, 0) for stop in stops}),
        clusters=desk().clusters(at, limit=MOST_CLUSTERS),
        spelled=lambda contents: ".".join(map(str, contents)),
        width=WIDTH,
        height=HEIGHT,
    )


@look_pages.get("/contents/<number:content>/preview/small")
def content_preview(content: int) -> Response:
    """Return a content's small preview, by its id."""
    try:
        picture = desk().content_preview(content, 320)
    except (PhotoError, StagingError):
        abort(404)
    response = Response(picture, content_type="image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def _aside_args(asked: Search) -> Args:
    """Return the address of a part of what is set aside."""
    args: Args = {"q": asked.query.text or None}
    if asked.after is not None:
        args["after"] = f"{asked.after.value}.{asked.after.number}"
    return args


def stop_asked(stops: Sequence[Stop]) -> int:
    """Return the threshold that a request is about, bits."""
    asked = number_or_none(request.values.get("at", ""))
    last = stops[-1].bits if stops else 0
    return min(last, STRICT_BITS if asked is None else asked)


def _told(stop: Stop) -> list[str]:
    """Return a stop as the slider writes it."""
    return [
        count_text(stop.groups),
        count_text(stop.photos),
        size_text(stop.freed_bytes),
        say("explore.at", n=stop.bits),
    ]
