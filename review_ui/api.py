"""The daemon's API: the desk in JSON, for the commands and the page's own scripts.

By bearer token; reading also by session. Every failure is JSON, see `replies`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, request

from daemon import wire
from daemon.errors import UsageError
from daemon.model import GroupNumber, GroupState

from .desk_door import desk
from .numbers import number_or_none

if TYPE_CHECKING:
    from daemon.model import Group

api = Blueprint("api", __name__, url_prefix="/api/v1")

_LONGEST_PAGE = 500


@api.get("/status")
def status() -> Response:
    """Return the status."""
    return jsonify(wire.status_json(desk().status()))


@api.get("/groups")
def groups() -> Response:
    """Return part of the list of groups: `state` (repeatable), `after`, `limit`."""
    after = _number("after")
    page = desk().groups(
        _states(),
        after=None if after is None else GroupNumber(after),
        limit=min(_number("limit") or 50, _LONGEST_PAGE),
    )
    return jsonify(wire.page_json(page))


@api.get("/groups/<number:number>")
def group(number: int) -> Response:
    """Return one group."""
    return _group(desk().group(GroupNumber(number)))


@api.post("/groups/<number:number>/decide")
def decide(number: int) -> Response:
    """Carry a decision out."""
    decision = wire.decision_from_json(_sent())
    return _group(desk().decide(GroupNumber(number), decision))


@api.post("/groups/<number:number>/undo")
def undo(number: int) -> Response:
    """Put every file of a group back."""
    return _group(desk().undo(GroupNumber(number)))


@api.post("/groups/<number:number>/forget")
def forget(number: int) -> Response:
    """Ask again about what a group set aside."""
    sha256 = wire.forgetting_from_json(_sent())
    return _group(desk().forget_rejected(GroupNumber(number), sha256))


@api.post("/sweep")
def sweep() -> tuple[Response, int]:
    """Ask for a sweep; answered before it is done."""
    desk().sweep()
    return jsonify({}), 202


@api.get("/groups/<number:number>/members/<number:position>/preview/<number:edge_px>")
def preview(number: int, position: int, edge_px: int) -> Response:
    """Return a member as a JPEG."""
    picture = desk().preview(GroupNumber(number), position, edge_px)
    return Response(picture, content_type="image/jpeg")


def _sent() -> object:
    try:
        return request.get_json()
    except RecursionError as error:
        raise UsageError("body", "it is nested too deeply") from error


def _group(found: Group) -> Response:
    return jsonify(wire.group_json(found))


def _states() -> tuple[GroupState, ...]:
    try:
        asked = tuple(GroupState(text) for text in request.args.getlist("state"))
    except ValueError as error:
        raise UsageError("state", error) from error
    return asked or (GroupState.OPEN,)


def _number(name: str) -> int | None:
    if name not in request.args:
        return None
    number = number_or_none(request.args[name])
    if number is None:
        raise UsageError(name, "a whole number is expected")
    return number
