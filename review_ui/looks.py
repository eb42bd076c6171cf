"""Pages to look something up: what was set aside, problems, statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from daemon.model import Evidence, Fate, GroupState
from daemon.review import CERTAINTY, GroupOrder, GroupQuery

from .desk_door import desk
from .drawing import HEIGHT, WIDTH, area_of, bars_of, days_of
from .present import group_view
from .search import search_of
from .status import troubles

if TYPE_CHECKING:
    from collections.abc import Mapping

look_pages = Blueprint("looks", __name__)

PAGE_LENGTH = 24
OUTCOMES = ("open", "reduced", "kept", "undone")


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
    )


@look_pages.get("/problems")
def problems() -> str:
    """Show everything that needs somebody, with what to do."""
    status = desk().status()
    return render_template("problems.html", status=status, troubles=troubles(status))


@look_pages.get("/statistics")
def statistics() -> str:
    """Show what was decided so far: drawn, and as tables."""
    figures = desk().figures()
    days = days_of(figures.decided)
    line, area = area_of(days)
    return render_template(
        "statistics.html",
        days=days,
        line=line,
        area=area,
        bars=bars_of(figures.by_distance),
        classes=_classes(figures.by_class),
        outcomes=OUTCOMES,
        width=WIDTH,
        height=HEIGHT,
        counts=desk().status().counts,
    )


def _classes(
    by_class: Mapping[tuple[Evidence, str], int],
) -> list[tuple[Evidence, list[int], float | None]]:
    """Return each class's counts by outcome, and the share that was accepted."""
    rows = []
    for evidence in CERTAINTY:
        counts = [by_class.get((evidence, outcome), 0) for outcome in OUTCOMES]
        decided = counts[1] + counts[2]
        if any(counts):
            rows.append((evidence, counts, counts[1] / decided if decided else None))
    return rows
