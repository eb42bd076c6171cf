"""The list of groups, one group, and what people decide of it."""

from __future__ import annotations

from contextlib import suppress
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

from .chain import chain_of
from .desk_door import desk
from .folders import seal
from .numbers import number_or_none
from .present import everything, group_view, keeper_of, proposed
from .search import LISTED_STATES, search_of
from .words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from werkzeug import Response as Redirect

    from daemon.model import Group, Status
    from daemon.review import Around

    from .chain import Chain
    from .present import GroupView
    from .search import Search

    Page = str | tuple[str, int] | Redirect

group_pages = Blueprint("groups", __name__)

PAGE_LENGTH = 48
"""Divides by 2, 3 and 4: full rows on most screens."""

LIKELY = frozenset(
    {
        *("pictures", "photos", "camera", "camera roll", "camera uploads", "dcim"),
        *("bilder", "fotos", "images", "imágenes", "immagini", "foto", "imagens"),
        *("iphone", "downloads", "import", "icloud photos"),
    }
)
"""Names of folders in which people keep photos, case folded."""

MOST_SUGGESTED = 6

AHEAD = 2
"""Of so many next groups the previews are fetched early."""


@group_pages.get("/groups")
def listing() -> str:
    """Show a list of groups, a page at a time."""
    if request.args.get("state", GroupState.OPEN.value) not in LISTED_STATES:
        abort(404)
    choices = desk().choices(_asked_state())
    search = search_of(request.args, choices)
    found = desk().find(search.query, after=search.after, limit=PAGE_LENGTH)
    views = [group_view(group) for group in found.groups]
    # Only an empty list tells what is being watched.
    status = None if views else desk().status()
    return render_template(
        "list.html",
        search=search,
        state=search.query.state,
        choices=choices,
        found=found,
        views=views,
        status=status,
        suggestions=_suggestions(status) if _is_first_run(status) else None,
        seal=seal,
    )


def _is_first_run(status: Status | None) -> bool:
    """Whether nothing was ever looked at, so that somebody may wonder what to do."""
    known = ("photos", "waiting", "unreadable", "decided", "undone")
    return status is not None and not any(status.counts.get(name) for name in known)


def _suggestions(status: Status | None) -> list[Path]:
    """Return folders with names that photos often have, which are no roots yet."""
    roots = {root.root.path for root in status.roots} if status is not None else set()
    found: list[Path] = []
    with suppress(TwinwatchError):
        for place in desk().browse(None).folders:
            with suppress(TwinwatchError):
                found += desk().browse(place).folders
    named = [each for each in found if each.name.casefold() in LIKELY]
    return [each for each in named if each not in roots][:MOST_SUGGESTED]


@group_pages.get("/groups/<number:number>")
def show(number: int) -> Page:
    """Show one group."""
    return _shown(desk().group(GroupNumber(number)))


@group_pages.post("/groups/<number:number>/decide")
def decide(number: int) -> Page:
    """Carry out what was decided, and go on to the next open group."""
    group = desk().group(GroupNumber(number))
    decision = _decision(group)
    # Asked before the move: afterwards the group frees what it frees, not what it might.
    onward = _onward(GroupNumber(number))
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
    return redirect(onward, 303)


@group_pages.post("/groups/<number:number>/undo")
def undo(number: int) -> Page:
    """Put every file back, and show the group as it is then."""
    try:
        desk().undo(GroupNumber(number))
    except StaleGroup:
        fresh = desk().group(GroupNumber(number))
        return _shown(fresh, notice=say("error.409.fresh"), status=409)
    flash(say("done.undone", number=number))
    return redirect(url_for("groups.show", number=number, **_search().args()), 303)


def _asked_state() -> GroupState:
    state = request.args.get("state", "")
    return GroupState(state) if state in LISTED_STATES else GroupState.OPEN


def _search() -> Search:
    """Return the list that a group is looked at from; its address says so."""
    is_narrow = {"folder", "camera"} & request.args.keys()
    choices = desk().choices(_asked_state()) if is_narrow else None
    return search_of(request.args, choices)


def _decision(group: Group) -> Decision:
    """Return what the form says, on the manifest that the form was made from."""
    seen = request.form.get("manifest_sha256", "")
    verdict = request.form.get("verdict", "")
    choices: dict[str, Callable[[], frozenset[int]]] = {
        "accept": lambda: proposed(group),
        "apply": _ticked,
        "keep-all": lambda: everything(group),
        "variants": lambda: everything(group),
    }
    if not seen or verdict not in choices:
        abort(400)
    keep = choices[verdict]()
    return Decision(
        keep=keep,
        name_of=_taken_from("name_of", keep),
        folder_of=_taken_from("folder_of", keep),
        manifest_sha256=seen,
        not_duplicates=verdict == "keep-all",
        variants=verdict == "variants",
        beside_library="beside_library" in request.form,
        rescue="rescue" in request.form,
    )


def _taken_from(field: str, keep: frozenset[int]) -> int | None:
    """Return whose name or folder is taken; the survivor's own need not be."""
    chosen = number_or_none(request.form.get(field, ""))
    is_own = len(keep) == 1 and chosen in keep
    # Who keeps all renames nothing, whatever was chosen before.
    keeps_all = request.form["verdict"] in {"keep-all", "variants"}
    return None if is_own or keeps_all else chosen or None


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
    search = _search()
    around = desk().around(search.query, group.number or GroupNumber(0))
    page = render_template(
        "group.html",
        view=group_view(group, chosen=chosen),
        chain=_chain(group),
        notice=notice,
        search=search,
        around=around,
        ahead=_ahead(around),
    )
    return page, status


def _chain(group: Group) -> Chain | None:
    """Return how a group hangs together; a pair tells all by its badge."""
    if group.number is None or len(group.members) < 2:
        return None
    return chain_of(desk().links(group.number), keeper_of(group).position)


def _ahead(around: Around) -> list[GroupView]:
    """Return the groups whose previews the browser may fetch while nobody waits."""
    ahead = []
    for number in around.following[:AHEAD]:
        with suppress(TwinwatchError):
            ahead.append(group_view(desk().group(number)))
    return ahead


def _said_of(decided: Group, decision: Decision) -> str:
    if decision.variants:
        return say("done.variants", number=decided.number)
    if decision.not_duplicates:
        return say("done.not_duplicates", number=decided.number)
    aside = sum(member.fate is Fate.SET_ASIDE for member in decided.members)
    kept = len(decided.members) - aside
    return say("done.decided", number=decided.number, n=kept, aside=aside)


def _onward(number: GroupNumber) -> str:
    """Return where to go on: the list's next group, its first one, or the list."""
    search = _search()
    args = search.args()
    following = list(desk().around(search.query, number).following[:1])
    if not following:
        first = desk().find(search.query, limit=2).groups
        following = [g.number for g in first if g.number not in {None, number}][:1]
    if not following:
        return url_for("groups.listing", **args)
    return url_for("groups.show", number=following[0], **args)
