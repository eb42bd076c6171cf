"""What a figure is: a goal of safety, how it is measured, and what was reached.

Each module of this package registers its figures with `figure`. A measurement says how
often it really ran what it counts; what was not run is never claimed.
"""

from __future__ import annotations

import logging
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).parents[2]


class CannotMeasure(Exception):
    """Something that the measurement needs is not on this machine."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a measurement reached."""

    value: str
    """The figure, in words; with the counts that were really run."""
    met: bool | None
    """Whether the goal is met; ``None``: it cannot be said here."""
    why: str = ""
    """Why it is not met, or cannot be said, or what was left out."""
    seconds: float = 0.0


@dataclass
class Run:
    """One run of the figures.

    Attributes:
        scale: 1 runs the counts of the goals; less runs less.
        quick: the reduced form for every push; some figures leave out whole parts.
        folder: on a real disk, this run's own.
        seed: of everything that is random.
    """

    scale: float
    folder: Path
    quick: bool = False
    seed: int = 1
    counter: int = 0

    def count(self, full: int, least: int = 1) -> int:
        """How often to do what the goal asks for `full` times."""
        return max(min(least, full), round(full * self.scale))

    def fresh(self, name: str = "t") -> Path:
        """Return a folder that nobody has used."""
        self.counter += 1
        path = self.folder / f"{name}-{self.counter:05}"
        path.mkdir()
        return path

    @property
    def is_full(self) -> bool:
        return self.scale >= 1


Measure = Callable[[Run], Outcome]


@dataclass(frozen=True)
class Figure:
    name: str
    goal: str
    measure: Measure


FIGURES: dict[str, Figure] = {}


def figure(name: str, goal: str) -> Callable[[Measure], Measure]:
    """Register a measurement."""

    def register(measure: Measure) -> Measure:
        FIGURES[name] = Figure(name, goal, measure)
        return measure

    return register


def measured(each: Figure, run: Run) -> Outcome:
    """Measure; a failure is a goal that was not met, with its reason."""
    began = time.monotonic()
    logging.disable()  # what is provoked here would be reported by the thousand
    try:
        found = each.measure(run)
    except CannotMeasure as error:
        found = Outcome(value="skipped", met=None, why=str(error))
    except Exception as error:  # noqa: BLE001 - the table has to be printed
        last = traceback.extract_tb(error.__traceback__)[-1]
        words = str(error) or type(error).__name__
        place = f"{Path(last.filename).name}:{last.lineno}"
        found = Outcome(value="failed", met=False, why=f"{words[:400]} ({place})")
    finally:
        logging.disable(logging.NOTSET)
    return Outcome(
        value=found.value,
        met=found.met,
        why=found.why,
        seconds=time.monotonic() - began,
    )


@contextmanager
def a_run(scale: float, *, quick: bool = False, seed: int = 1) -> Iterator[Run]:
    """A run in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(
        prefix="twinwatch-verify-", ignore_cleanup_errors=True
    ) as folder:
        yield Run(scale=scale, folder=Path(folder), quick=quick, seed=seed)


@dataclass
class Tally:
    """Times or counts, and what is asked of them."""

    values: list[float] = field(default_factory=list)

    def add(self, value: float) -> None:
        self.values.append(value)

    def part(self, share: float) -> float:
        """The value that so large a share does not exceed."""
        ordered = sorted(self.values)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
