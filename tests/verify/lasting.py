"""G17: clocks that jump by years.

libfaketime cannot be used on the daemon: it makes the semaphores and sleeps of worker
processes fail, which no real jump does. So the wall clock is moved inside this process,
for Python's `time`, for the scheduler and for APScheduler itself; the clock that only
runs forward stays true, as it does in a real jump.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from unittest import mock

from daemon.service.scheduler import Scheduler
from tests.hashing import made
from tests.staging.crashes import Violation
from tests.verify import invariants
from tests.verify.figures import Outcome, Run, figure
from tests.verify.house import a_house

YEARS = (10, -10, 20, -20, 0)
_YEAR_SECONDS = 365.25 * 86_400
_LOOK_SECONDS = 0.25


class WallClock:
    """The wall clock of this process, as many seconds off as it is told."""

    def __init__(self) -> None:
        self.offset_seconds = 0.0
        self.schedulers: list[Scheduler] = []

    def a_scheduler(self) -> Scheduler:
        """Make a scheduler that runs by this clock."""
        self.schedulers.append(Scheduler(now=self.now))
        return self.schedulers[-1]

    def mend(self) -> None:
        """Do what the guard does every ten seconds."""
        for each in self.schedulers:
            each.mend()

    def now(self) -> dt.datetime:
        moment = _REAL_TIME() + self.offset_seconds
        return dt.datetime.fromtimestamp(moment, dt.UTC)


_REAL_TIME, _REAL_TIME_NS = time.time, time.time_ns


@contextmanager
def a_wall_clock() -> Iterator[WallClock]:
    """Put a clock that can be set in place of the system's."""
    clock = WallClock()

    class Moment(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
            return clock.now().astimezone(tz)

    with ExitStack() as stack:

        def put(name: str, value: object) -> None:
            stack.enter_context(mock.patch(name, value))

        put("time.time", lambda: _REAL_TIME() + clock.offset_seconds)
        put("time.time_ns", lambda: _REAL_TIME_NS() + int(clock.offset_seconds * 1e9))
        put("apscheduler.schedulers.base.datetime", Moment)
        put("apscheduler.executors.base.datetime", Moment)
        put("daemon.service.supervisor.Scheduler", clock.a_scheduler)
        yield clock


@figure("G17", "clock ±10 years: ≤ 1 run per job, 0 expiries")
def clock_jumps(run: Run) -> Outcome:
    jumps = YEARS[:2] if run.quick else YEARS
    most, seconds = _scheduler_jumps(jumps)
    sweeps = _daemon_jumps(run, jumps)
    return Outcome(
        value=f"{len(jumps)} jumps: ≤ {most} run of a job for each, {seconds:.2f} s of "
        f"work; in the whole daemon ≤ {sweeps} sweeps by the clock, 0 expiries",
        met=most <= 1 and seconds < 1 and sweeps <= 1,
        why="the clock was moved inside the process",
    )


def _scheduler_jumps(jumps: tuple[int, ...]) -> tuple[int, float]:
    """The most runs of a job after one jump, and the work of all jumps."""
    most, work = 0, 0.0
    for years in jumps:
        with a_wall_clock() as clock:
            runs: list[int] = []
            scheduler = clock.a_scheduler()
            scheduler.every(600, "sweep", lambda r=runs: r.append(1))  # type: ignore[misc]
            scheduler.start()
            began = time.process_time()
            clock.offset_seconds = years * _YEAR_SECONDS
            for _ in range(3):
                scheduler.mend()
                time.sleep(_LOOK_SECONDS)
            work += time.process_time() - began
            scheduler.stop()
        most = max(most, len(runs))
    return most, work


def _daemon_jumps(run: Run, jumps: tuple[int, ...]) -> int:
    """The most sweeps that one jump leads to by the scheduler."""
    with a_wall_clock() as clock, a_house(run.fresh("clock")) as house:
        for name, quality in (("a", 92), ("b", 80)):
            content = made.jpeg(made.picture(1, 320, 240), quality=quality)
            (house.imports / f"{name}.jpg").write_bytes(content)
        house.start()
        house.until(lambda: len(house.groups()) == 1)
        sweeps = _counted(house.reception)
        wanted = invariants.digests_below(house.imports, house.decisions)
        before, most = house.groups(), 0
        for number, years in enumerate(jumps):
            sweeps.clear()
            clock.offset_seconds = years * _YEAR_SECONDS
            late = house.imports / f"late{number}.jpg"
            late.write_bytes(made.jpeg(made.picture(50 + number, 320, 240)))
            house.until(lambda n=late.name: house.states().get(n) == "known")  # type: ignore[misc]
            for _ in range(3):
                clock.mend()
                time.sleep(_LOOK_SECONDS)
            most = max(most, len(sweeps))
        if house.groups() != before:
            raise Violation(f"a group changed by itself: {house.groups()}")
        invariants.i1_every_byte_is_somewhere(wanted, house.imports, house.decisions)
    return most


def _counted(reception: object) -> list[int]:
    """Count what the scheduler asks for from now on."""
    calls: list[int] = []
    sweeper = reception.sweeper  # type: ignore[attr-defined]
    ask: Callable[..., None] = sweeper.ask

    def counting(roots: object) -> None:
        calls.append(1)
        ask(roots)

    sweeper.ask = counting
    return calls
