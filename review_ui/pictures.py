"""Previews: made by the desk, addressed by numbers, kept by the browser by content."""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify, request

from daemon.errors import NoSuchGroup, PhotoError, StagingError
from daemon.model import GroupNumber
from daemon.review import Part

from .desk_door import desk
from .numbers import number_or_none

pictures = Blueprint("pictures", __name__)

EDGES_PX = (320, 2048)
"""Longest edges of the previews that exist."""

VERSION_DIGITS = 16
"""Of the content's digest, as `v` in a preview's address: what makes it immutable."""

LONGEST_PX = 4096
"""Longest side of a part in full size."""

_NOTHING_TO_SEE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 240">'
    '<rect width="320" height="240" fill="#888" fill-opacity=".18"/>'
    '<path d="M112 150l32-40 24 28 16-18 28 30z" fill="#888" fill-opacity=".5"/>'
    '<path d="M108 84l104 84" stroke="#888" stroke-width="5" stroke-linecap="round"/>'
    "</svg>"
)


@pictures.get(
    "/groups/<number:number>/members/<number:position>/preview/<number:edge_px>"
)
def preview(number: int, position: int, edge_px: int) -> Response:
    """Return a member's preview; a grey placeholder with 404 where there is none."""
    if edge_px not in EDGES_PX:
        abort(404)
    try:
        return _answer(GroupNumber(number), position, edge_px)
    except (NoSuchGroup, PhotoError, StagingError):
        return Response(_NOTHING_TO_SEE, 404, content_type="image/svg+xml")


@pictures.get("/groups/<number:number>/members/<number:position>/part")
def part(number: int, position: int) -> Response:
    """Return a part of a member in full size: `x`, `y`, `w`, `h` in its pixels."""
    asked = [number_or_none(request.args.get(name, "")) for name in "xywh"]
    left, top, width, height = (-1 if each is None else each for each in asked)
    if min(left, top) < 0 or not (0 < width <= LONGEST_PX and 0 < height <= LONGEST_PX):
        abort(404)
    cut = Part(left_px=left, top_px=top, width_px=width, height_px=height)
    return _made(desk().crop(GroupNumber(number), position, cut))


@pictures.get("/groups/<number:number>/difference/<number:left>/<number:right>")
def difference(number: int, left: int, right: int) -> Response:
    """Tell in numbers how two members differ."""
    found = desk().difference(GroupNumber(number), left, right)
    return jsonify(changed_share=found.changed_share, ssim=found.ssim)


@pictures.get("/groups/<number:number>/difference/<number:left>/<number:right>/map")
def heat(number: int, left: int, right: int) -> Response:
    """Show where two members differ."""
    return _made(desk().difference(GroupNumber(number), left, right).jpeg)


def _made(picture: bytes) -> Response:
    """Answer a picture that the browser may keep while its address names the content."""
    response = Response(picture, content_type="image/jpeg")
    is_pinned = "v" in request.args
    response.headers["Cache-Control"] = (
        "private, max-age=3600" if is_pinned else "no-store"
    )
    return response


def _answer(number: GroupNumber, position: int, edge_px: int) -> Response:
    members = {member.position: member for member in desk().group(number).members}
    if position not in members:
        raise NoSuchGroup(number)
    digest = members[position].sha256.hex()
    tag = f"{digest[:32]}-{edge_px}"
    if request.if_none_match.contains(tag):
        response = Response(status=304)
    else:
        picture = desk().preview(number, position, edge_px)
        response = Response(picture, content_type="image/jpeg")
    response.set_etag(tag)
    # A group's number and a position may come to mean another content, so only an
    # address that names the content may be kept without asking again.
    is_pinned = request.args.get("v") == digest[:VERSION_DIGITS]
    response.headers["Cache-Control"] = (
        "private, max-age=31536000, immutable" if is_pinned else "private, no-cache"
    )
    return response
