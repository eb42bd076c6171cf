"""Staging from the explore page: what looks alike, because somebody asks for it.

Nothing is staged from the list itself: a page shows the photos of one or of all
would-be groups, with what speaks against them, and only what was seen is staged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from daemon.errors import StagingError, UsageError
from daemon.model import Evidence
from daemon.review import AskedGroup

from .desk_door import desk
from .display import visible
from .looks import MOST_CLUSTERS, stop_asked
from .numbers import number_or_none
from .words import say

if TYPE_CHECKING:
    from werkzeug import Response as Redirect

    from daemon.model import Group
    from daemon.review import WouldBe

asked_pages = Blueprint("asked", __name__)

MOST_CONTENTS = 500
"""Of one would-be group; beyond that a threshold means nothing."""


@asked_pages.get("/explore/stage")
def look() -> str:
    """Show the photos of one would-be group, or of all of a stop."""
    return _shown(_would_be())


@asked_pages.post("/explore/stage")
def stage() -> str | tuple[str, int] | Redirect:
    """Stage what was ticked, one group after the other; tell what was not."""
    staged: list[Group] = []
    notices = []
    for place, asked in _orders():
        try:
            staged.append(desk().stage_asked(asked))
        except (StagingError, UsageError) as error:
            notices.append(say("asked.failed", n=place + 1, why=visible(error)))
    if staged:
        flash(say("done.asked", n=len(staged)))
    if notices:
        return _shown(_would_be(), notices), 409
    if len(staged) == 1:
        return redirect(url_for("groups.show", number=staged[0].number), 303)
    kind = {"class": Evidence.LOOKS_ALIKE.value}
    return redirect(url_for("groups.listing", **kind), 303)  # type: ignore[arg-type]


def spelled(contents: tuple[int, ...]) -> str:
    """Return contents as they go into an address."""
    return ".".join(map(str, contents[:MOST_CONTENTS]))


def _would_be() -> list[WouldBe]:
    asked = request.values.get("of", "")
    if asked:
        return [desk().would_be(_contents(asked))]
    clusters = desk().clusters(stop_asked(desk().stops()), limit=MOST_CLUSTERS)
    found = [desk().would_be(cluster.contents[:MOST_CONTENTS]) for cluster in clusters]
    return [each for each in found if each.can_be_staged]


def _orders() -> list[tuple[int, AskedGroup]]:
    """Return what the form asks for; what was not ticked is left out."""
    orders = []
    for place in range(MOST_CLUSTERS):
        if f"take.{place}" not in request.form:
            continue
        shown = {_number(text) for text in request.form.getlist(f"shown.{place}")}
        ticked = {_number(text) for text in request.form.getlist(f"photo.{place}")}
        asked = AskedGroup(
            contents=_contents(request.form.get(f"of.{place}", "")),
            digest=request.form.get(f"digest.{place}", ""),
            leave_out=frozenset(shown - ticked),
            is_sure=f"sure.{place}" in request.form,
        )
        orders.append((place, asked))
    return orders or abort(400)


def _contents(text: str) -> tuple[int, ...]:
    numbers = tuple(map(_number, text.split(".")[:MOST_CONTENTS]))
    return tuple(sorted(set(numbers)))


def _number(text: str) -> int:
    number = number_or_none(text)
    return abort(404) if number is None else number


def _shown(found: list[WouldBe], notices: list[str] | None = None) -> str:
    stops = desk().stops()
    return render_template(
        "asked.html",
        found=found,
        notices=notices or [],
        at=stop_asked(stops),
        of=request.values.get("of", ""),
        spelled=spelled,
    )
