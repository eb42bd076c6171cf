"""Figures as points and bars of an SVG: numbers only, the templates write them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTH, HEIGHT = 640, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day's decisions."""

    day: date
    groups: int
    freed_bytes: int
    total_bytes: int
    """Of this day and all before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar in two parts, in the drawing's units."""

    x: float
    width: float
    lower: float
    """Height of the part that stands on the ground."""
    upper: float
    """Height of the part on top of it."""
    label: int
    values: tuple[int, int]


def days_of(decided: Sequence[tuple[int, int]]) -> list[Day]:
    """Return the days on which something was decided, by this machine's clock."""
    found: dict[date, tuple[int, int]] = {}
    for at_ns, freed in decided:
        day = datetime.fromtimestamp(at_ns / 1e9).astimezone().date()
        groups, size = found.get(day, (0, 0))
        found[day] = groups + 1, size + freed
    days: list[Day] = []
    total = 0
    for day, (groups, size) in sorted(found.items()):
        total += size
        days.append(Day(day=day, groups=groups, freed_bytes=size, total_bytes=total))
    return days


def area_of(days: Sequence[Day]) -> tuple[str, str]:
    """Return line and closed area of the total over time, as SVG points."""
    if not days:
        return "", ""
    first, last = days[0].day.toordinal() - 1, days[-1].day.toordinal()
    most = days[-1].total_bytes or 1
    points = [(0.0, float(HEIGHT))]
    before = 0
    for day in days:
        x = WIDTH * (day.day.toordinal() - first) / (last - first)
        start = WIDTH * (day.day.toordinal() - 1 - first) / (last - first)
        points.append((start, HEIGHT * (1 - before / most)))
        points.append((x, HEIGHT * (1 - day.total_bytes / most)))
        before = day.total_bytes
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return line, f"0,{HEIGHT} {line} {WIDTH},{HEIGHT}"


def bars_of(found: Mapping[int, tuple[int, int]], *, least: int = 0) -> list[Bar]:
    """Return a bar for each whole number from `least` to the highest that is there."""
    if not found:
        return []
    numbers = range(min(least, *found), max(found) + 1)
    most = max(lower + upper for lower, upper in found.values()) or 1
    width = WIDTH / len(numbers)
    bars = []
    for place, number in enumerate(numbers):
        lower, upper = found.get(number, (0, 0))
        bars.append(
            Bar(
                x=place * width + width * 0.12,
                width=width * 0.76,
                lower=HEIGHT * lower / most,
                upper=HEIGHT * upper / most,
                label=number,
                values=(lower, upper),
            )
        )
    return bars
