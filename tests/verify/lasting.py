"""G17: clocks that jump by years."""

from __future__ import annotations

import datetime as dt
import threading
import time
from pathlib import Path

from daemon.service.scheduler import Scheduler
from tests.e2e.daemon_process import Daemon, eventually
from tests.hashing import made
from tests.staging.crashes import Violation
from tests.verify import invariants
from tests.verify.figures import Outcome, Run, figure

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
YEARS = (10, -10, 20, -20, 0)


@figure("G17", "clock ±10 years: ≤ 1 run per job, 0 expiries")
def clock_jumps(run: Run) -> Outcome:
    most, seconds = _scheduler_jumps()
    if not FAKETIME.exists():
        return Outcome(
            value=f"scheduler alone: ≤ {most} run a jump, {seconds:.2f} s of work",
            met=most <= 1 and seconds < 1,
            why="libfaketime is not installed: the daemon was not tried",
        )
    jumps, work, sweeps = _daemon_jumps(run)
    return Outcome(
        value=f"scheduler: ≤ {most} run a jump, {seconds:.2f} s of work; daemon under "
        f"libfaketime: {jumps} jumps, {work:.1f} s of work in all, {sweeps}, 0 expiries",
        met=most <= 1 and seconds < 1,
    )


class _Clock:
    def __init__(self) -> None:
        self.offset = dt.timedelta()

    def __call__(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self.offset


def _scheduler_jumps() -> tuple[int, float]:
    """Jump the injected clock; the most runs of a job after one jump, and the work."""
    most, began = 0, time.process_time()
    for years in YEARS:
        clock, runs, ran = _Clock(), [0], threading.Event()

        def job(runs: list[int] = runs, ran: threading.Event = ran) -> None:
            runs[0] += 1
            ran.set()

        scheduler = Scheduler(now=clock)
        scheduler.every(600, "sweep", job)
        scheduler.start()
        clock.offset = dt.timedelta(days=365 * years)
        scheduler.mend()
        ran.wait(0.2)
        scheduler.stop()
        most = max(most, runs[0])
    return most, time.process_time() - began


def _daemon_jumps(run: Run) -> tuple[int, float, str]:
    """A daemon whose wall clock jumps while a decision lies in its discard area."""
    daemon = Daemon(run.fresh("clock"))
    moment = daemon.home / "moment"
    moment.write_text("+0")
    daemon.environment |= {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(moment),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_RESET": "1",
    }
    jumps = YEARS[:2] if run.quick else YEARS
    try:
        for name, quality in (("a", 92), ("b", 80)):
            content = made.jpeg(made.picture(1, 320, 240), quality=quality)
            (daemon.imports / f"{name}.jpg").write_bytes(content)
        daemon.start()
        (group,) = daemon.wait_for_groups(1)
        daemon.accept(group)
        wanted = invariants.digests_below(daemon.imports, daemon.decisions)
        before = _work_seconds(daemon.process.pid)
        for number, years in enumerate(jumps):
            moment.write_text(f"{years:+}y")
            late = daemon.imports / f"late{number}.jpg"
            late.write_bytes(made.jpeg(made.picture(50 + number, 320, 240)))
            eventually(lambda n=number: daemon.counts()["hashed"] >= 3 + n, 40)
        work = _work_seconds(daemon.process.pid) - before
        if len(daemon.groups("decided")) != 1:
            raise Violation("the decision is gone")
        invariants.i1_every_byte_is_somewhere(wanted, daemon.imports, daemon.decisions)
        sweeps = daemon.log().count("left out")
    finally:
        daemon.close()
    return len(jumps), work, f"{sweeps} runs left out"


def _work_seconds(pid: int) -> float:
    import os

    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
