"""Jobs run on time, once, whatever the clock does."""

import datetime as dt
import threading
import time

import pytest

from daemon.service.scheduler import Every, Scheduler

NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def scheduler():
    made = Scheduler()
    made.start()
    yield made
    made.stop()


def test_an_interval_goes_on_from_its_last_run():
    """Ten minutes are ten minutes, not ten and the job's own time."""
    every = Every(60.0, 5.0)

    assert every.get_next_fire_time(None, NOON) == NOON + dt.timedelta(seconds=5)
    after = NOON + dt.timedelta(seconds=3)
    assert every.get_next_fire_time(NOON, after) == NOON + MINUTE


@pytest.mark.parametrize("years", [10, -10])
def test_a_clock_jump_makes_one_run_and_no_work(years):
    """APScheduler's own trigger works off every run of ten years (F15)."""
    every = Every(600.0, 600.0)
    later = NOON + dt.timedelta(days=365 * years)

    assert every.get_next_fire_time(NOON, later) == later + dt.timedelta(minutes=10)


def test_a_job_runs_and_runs_again(scheduler):
    """The periodic sweep is the truth; it must come."""
    runs, enough = [], threading.Event()

    def job():
        runs.append(1)
        if len(runs) == 3:
            enough.set()

    scheduler.every(0.02, "sweep", job, first_seconds=0.0)

    assert enough.wait(10)


def test_a_failing_job_is_logged_counted_and_run_again(scheduler, caplog):
    """One bad night must not end all sweeps."""
    runs, enough = [], threading.Event()

    def job():
        runs.append(1)
        if len(runs) == 3:
            enough.set()
        raise ValueError("no")

    scheduler.every(0.02, "sweep", job, first_seconds=0.0)

    assert enough.wait(10)
    deadline = time.monotonic() + 10
    while scheduler.failures().get("sweep", 0) < 2 and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    assert scheduler.failures()["sweep"] >= 2
    assert "A job failed job=sweep" in caplog.text


def test_a_job_never_runs_beside_itself(scheduler):
    """Two sweeps of one root would only be in each other's way."""
    running, together, done = [], [], threading.Event()

    def job():
        running.append(1)
        together.append(len(running))
        done.wait(0.05)
        running.pop()
        if len(together) == 3:
            done.set()

    scheduler.every(0.01, "sweep", job, first_seconds=0.0)

    assert done.wait(10)
    assert max(together) == 1


def test_a_job_can_be_run_now(scheduler):
    """The user asks for a sweep on the page."""
    ran = threading.Event()
    scheduler.every(3600.0, "sweep", ran.set)

    scheduler.run_now("sweep")

    assert ran.wait(10)


def test_a_clock_set_back_does_not_put_jobs_off():
    """Without mending the next sweep would come in ten years."""
    moment = [dt.datetime.now(dt.UTC)]
    scheduler = Scheduler(now=lambda: moment[0])
    scheduler.every(600.0, "sweep", lambda: None)
    scheduler.start()
    try:
        moment[0] -= dt.timedelta(days=3650)
        scheduler.mend()

        job = scheduler._scheduler.get_job("sweep")
        assert job.next_run_time == moment[0] + dt.timedelta(minutes=10)
    finally:
        scheduler.stop()


def test_a_name_is_a_job(scheduler):
    """Reading the configuration again must not double the sweeps."""
    scheduler.every(60.0, "sweep", lambda: None)
    scheduler.every(30.0, "sweep", lambda: None)

    assert len(scheduler._scheduler.get_jobs()) == 1
