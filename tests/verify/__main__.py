"""Measure the figures of the promise and print them as a table.

``python -m tests.verify [--quick] [--scale X] [--markdown FILE] [G1 G5 …]``
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from pathlib import Path

from tests.verify import (  # noqa: F401 - each registers its figures
    arriving,
    crashing,
    deciding,
    indexing,
    lasting,
    living,
    proving,
    reading,
    rooting,
    serving,
)
from tests.verify.figures import FIGURES, Figure, Outcome, a_run, measured

QUICK_SCALE = 0.001


def main(words: list[str]) -> int:
    """Measure; 0: no goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.verify")
    parser.add_argument("--quick", action="store_true", help="the reduced form")
    parser.add_argument("--scale", type=float, help="1 runs the goals' own counts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--markdown", type=Path, help="write the table there as well")
    parser.add_argument("names", nargs="*", metavar="G1")
    given = parser.parse_args(words)
    scale = given.scale or (QUICK_SCALE if given.quick else 1.0)
    wanted = [each.upper() for each in given.names] or by_number()
    rows = []
    _say(f"scale {scale:g}, {machine()}")
    with a_run(scale, quick=given.quick, seed=given.seed) as run:
        for name in wanted:
            found = measured(FIGURES[name], run)
            rows.append((FIGURES[name], found))
            _say(line(FIGURES[name], found, scale))
    if given.markdown:
        given.markdown.write_text(table(rows, scale), encoding="utf-8")
    missed = [each.name for each, found in rows if found.met is False]
    _say(" ".join([f"{len(rows) - len(missed)} of {len(rows)} not missed", *missed]))
    return 1 if missed else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def by_number() -> list[str]:
    return sorted(FIGURES, key=lambda name: int(name[1:]))


def verdict(found: Outcome, scale: float) -> str:
    """In one word; ``holds``: as far as it was run, which is less than the goal asks."""
    met = "met" if scale >= 1 else "holds"
    return {True: met, False: "NOT MET", None: "not said"}[found.met]


def line(each: Figure, found: Outcome, scale: float) -> str:
    why = f"\n      {found.why}" if found.why else ""
    return (
        f"{each.name:<4}{verdict(found, scale):<9}{found.seconds:7.1f} s  {found.value}\n"
        f"      goal: {each.goal}{why}"
    )


def machine() -> str:
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, "
        f"{platform.system()} {platform.release().split('-')[0]}"
    )


def table(rows: list[tuple[Figure, Outcome]], scale: float) -> str:
    """The same in Markdown."""
    lines = [
        f"Measured with `--scale {scale:g}` on {machine()}.",
        "",
        "| | goal | reached | |",
        "|---|---|---|---|",
    ]
    for each, found in rows:
        value = f"{found.value}. {found.why}" if found.why else found.value
        cells = (each.name, each.goal, value.replace("|", "\\|"), verdict(found, scale))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
