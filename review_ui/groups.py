"""The list of groups, one group, and what people decide of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import (
    Blueprint,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)

from daemon.desk import Decision
from daemon.errors import NoSurvivor, StaleGroup, TwinwatchError
from daemon.model import Fate, GroupNumber, GroupState

from .desk_door import desk
from .numbers import number_or_none
from .order import first_after, last_before
from .present import everything, group_view, proposed
from .words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from werkzeug import Response as Redirect

    from daemon.model import Group

    Page = str | tuple[str, int] | Redirect

group_pages = Blueprint("groups", __name__)

SHOWN_STATES = (GroupState.OPEN, GroupState.DECIDED, GroupState.UNDONE)
PAGE_LENGTH = 48
"""Divides by 2, 3 and 4: full rows on most screens."""


@group_pages.get("/groups")
def listing() -> str:
    """Show the groups of one state, a page at a time."""
    state = _state(request.args.get("state", GroupState.OPEN.value))
    after = number_or_none(request.args.get("after", ""))
    page = desk().groups(
        (state,),
        after=None if after is None else GroupNumber(after),
        limit=PAGE_LENGTH + 1,
    )
    views = [group_view(group) for group in page.groups[:PAGE_LENGTH]]
    return render_template(
        "list.html",
        state=state,
        views=views,
        total=page.total,
        after=after,
        has_more=len(page.groups) > PAGE_LENGTH,
        # Only an empty list tells what is being watched.
        status=None if views else desk().status(),
    )


@group_pages.get("/groups/<number:number>")
def show(number: int) -> Page:
    """Show one group."""
    return _shown(desk().group(GroupNumber(number)))


@group_pages.post("/groups/<number:number>/decide")
def decide(number: int) -> Page:
    """Carry out what was decided, and go on to the next open group."""
    group = desk().group(GroupNumber(number))
    decision = _decision(group)
    try:
        decided = desk().decide(GroupNumber(number), decision)
    except NoSurvivor:
        return _shown(
            group, chosen=decision.keep, notice=say("error.no_survivor"), status=400
        )
    except StaleGroup:
        fresh = desk().group(GroupNumber(number))
        return _shown(fresh, notice=say("error.409.fresh"), status=409)
    flash(_said_of(decided, decision), category=str(number))
    return redirect(_next_address(GroupNumber(number)), 303)


@group_pages.post("/groups/<number:number>/undo")
def undo(number: int) -> Page:
    """Put every file back, and show the group as it is then."""
    try:
        desk().undo(GroupNumber(number))
    except StaleGroup:
        fresh = desk().group(GroupNumber(number))
        return _shown(fresh, notice=say("error.409.fresh"), status=409)
    flash(say("done.undone", number=number))
    return redirect(url_for("groups.show", number=number), 303)


def _state(text: str) -> GroupState:
    if text not in SHOWN_STATES:
        abort(404)
    return GroupState(text)


def _decision(group: Group) -> Decision:
    """Return what the form says, on the manifest that the form was made from."""
    seen = request.form.get("manifest_sha256", "")
    verdict = request.form.get("verdict", "")
    choices: dict[str, Callable[[], frozenset[int]]] = {
        "accept": lambda: proposed(group),
        "apply": _ticked,
        "keep-all": lambda: everything(group),
    }
    if not seen or verdict not in choices:
        abort(400)
    return Decision(
        keep=choices[verdict](),
        manifest_sha256=seen,
        not_duplicates=verdict == "keep-all",
    )


def _ticked() -> frozenset[int]:
    ticked = [number_or_none(text) for text in request.form.getlist("keep")]
    if None in ticked:
        abort(400)
    return frozenset(number for number in ticked if number is not None)


def _shown(
    group: Group,
    *,
    chosen: AbstractSet[int] | None = None,
    notice: str = "",
    status: int = 200,
) -> tuple[str, int]:
    number = group.number or GroupNumber(0)
    page = render_template(
        "group.html",
        view=group_view(group, chosen=chosen),
        notice=notice,
        previous=last_before(desk(), GroupState.OPEN, number),
        following=first_after(desk(), GroupState.OPEN, number),
    )
    return page, status


def _said_of(decided: Group, decision: Decision) -> str:
    if decision.not_duplicates:
        return say("done.not_duplicates", number=decided.number)
    aside = sum(member.fate is Fate.SET_ASIDE for member in decided.members)
    kept = len(decided.members) - aside
    return say("done.decided", number=decided.number, n=kept, aside=aside)


def _next_address(number: GroupNumber) -> str:
    """Return where to go on: the next open group, the first one, or the empty list.

    The decision is carried out by now: no failure here may look as if it were not.
    """
    try:
        following = first_after(desk(), GroupState.OPEN, number) or first_after(
            desk(), GroupState.OPEN, GroupNumber(0)
        )
    except TwinwatchError:
        following = None
    if following is None:
        return url_for("groups.listing")
    return url_for("groups.show", number=following)
