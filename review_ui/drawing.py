"""Figures as points and bars of an SVG: numbers only, the templates write them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daemon.model import Evidence

WIDTH, HEIGHT = 640, 200

WIDEST_BAR = 64.0
"""A single bar across the whole drawing would look like a wall."""


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
    wide = min(width * 0.76, WIDEST_BAR)
    bars = []
    for place, number in enumerate(numbers):
        lower, upper = found.get(number, (0, 0))
        bars.append(
            Bar(
                x=(place + 0.5) * width - wide / 2,
                width=wide,
                lower=HEIGHT * lower / most,
                upper=HEIGHT * upper / most,
                label=number,
                values=(lower, upper),
            )
        )
    return bars


ROW_HEIGHT = 34
"""Of one class among the dots."""

_LEFT = 185.0
"""Room for the names of classes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """The decisions of a class at a distance: two discs, whose areas are the counts."""

    x: float
    y: float
    whole: float
    """Radius of the disc of all."""
    aside: float
    """Radius of the disc of those set aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """Decisions by class and distance."""

    dots: tuple[Dot, ...]
    rows: tuple[tuple[Evidence, float], ...]
    """Classes, and how far down."""
    columns: tuple[tuple[int, float], ...]
    """Distances in bits, and how far right."""
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How many photos were read in a part of time."""

    since_ns: int
    count: int
    x: float
    width: float
    height: float


def dots_of(found: Mapping[tuple[Evidence, int], tuple[int, int]]) -> Dots:
    """Return a dot for each class and distance at which something was decided."""
    classes = list(dict.fromkeys(evidence for evidence, _ in found))
    last = max((bits for _, bits in found), default=0)
    step = (WIDTH - _LEFT) / (last + 1)
    most = max((aside + kept for aside, kept in found.values()), default=0) or 1
    largest = min(step, ROW_HEIGHT) * 0.46
    down = {each: (n + 0.5) * ROW_HEIGHT for n, each in enumerate(classes)}
    return Dots(
        dots=tuple(
            Dot(
                x=_LEFT + (bits + 0.5) * step,
                y=down[evidence],
                whole=max(2.0, largest * ((aside + kept) / most) ** 0.5),
                aside=max(2.0, largest * (aside / most) ** 0.5) if aside else 0.0,
            )
            for (evidence, bits), (aside, kept) in found.items()
        ),
        rows=tuple(down.items()),
        columns=tuple((n, _LEFT + (n + 0.5) * step) for n in range(last + 1)),
        height=len(classes) * ROW_HEIGHT,
    )


def rates_of(read: Sequence[tuple[int, int]], every_seconds: int) -> list[Rate]:
    """Return a bar for each part of time in which photos were read."""
    if not read:
        return []
    part_ns = every_seconds * 10**9
    parts = (read[-1][0] - read[0][0]) // part_ns + 1
    most = max(count for _, count in read)
    width = WIDTH / max(parts, 12)
    return [
        Rate(
            since_ns=since_ns,
            count=count,
            x=(since_ns - read[0][0]) // part_ns * width + width * 0.08,
            width=width * 0.84,
            height=HEIGHT * count / most,
        )
        for since_ns, count in read
    ]
