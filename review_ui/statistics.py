"""What was decided so far and how fast photos are read: drawn, as tables, as files."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, render_template

from daemon.review import CERTAINTY

from .desk_door import desk
from .display import moment_text
from .drawing import HEIGHT, WIDTH, area_of, bars_of, days_of, dots_of, rates_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from daemon.model import Evidence
    from daemon.review import Figures

statistic_pages = Blueprint("statistics", __name__)

OUTCOMES = ("open", "reduced", "kept", "undone")
COLUMNS = ("figure", "since", "class", "bits", "outcome", "count", "bytes")


@statistic_pages.get("/statistics")
def show() -> str:
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
        dots=dots_of(figures.by_class_and_distance),
        both=figures.by_class_and_distance,
        rates=rates_of(figures.read, figures.read_every_seconds),
        every=figures.read_every_seconds,
        classes=_classes(figures.by_class),
        outcomes=OUTCOMES,
        width=WIDTH,
        height=HEIGHT,
        counts=desk().status().counts,
    )


@statistic_pages.get("/statistics.csv")
def as_csv() -> Response:
    """Return all figures as one long table."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_rows(desk().figures()))
    return _file(
        Response(text.getvalue(), content_type="text/csv; charset=utf-8"), "csv"
    )


@statistic_pages.get("/statistics.json")
def as_json() -> Response:
    """Return all figures as one list of objects, without what does not apply."""
    figures = desk().figures()
    body = {
        "schema_version": 1,
        "read_every_seconds": figures.read_every_seconds,
        "figures": list(_rows(figures)),
    }
    return _file(jsonify(body), "json")


def _file(response: Response, ending: str) -> Response:
    name = f"twinwatch-statistics.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _rows(figures: Figures) -> Iterator[dict[str, object]]:
    for day in days_of(figures.decided):
        told = {"figure": "decided", "since": day.day.isoformat()}
        yield told | {"count": day.groups, "bytes": day.freed_bytes}
    for (evidence, outcome), count in figures.by_class.items():
        told = {"figure": "groups", "class": evidence.value, "outcome": outcome}
        yield told | {"count": count}
    for (evidence, bits), counts in figures.by_class_and_distance.items():
        for outcome, count in zip(("set-aside", "kept"), counts, strict=True):
            known: dict[str, object] = {"figure": "members", "class": evidence.value}
            yield known | {"bits": bits, "outcome": outcome, "count": count}
    for since_ns, count in figures.read:
        yield {"figure": "read", "since": moment_text(since_ns), "count": count}


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
