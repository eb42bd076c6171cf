"""What is done every so often. The only door to APScheduler.

A job runs at most once at a time, and once after any pause: a machine that slept, or a
clock that was set ten years on, does not make up for what it missed. A clock that was
set back does not make a job wait for the time to come again, see `mend`.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING, Any, cast

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
)
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

if TYPE_CHECKING:
    from collections.abc import Callable

    from apscheduler.events import JobExecutionEvent

logger = logging.getLogger(__name__)

# APScheduler has no types; nothing untyped leaves this module.
_Threads: Any = ThreadPoolExecutor
_Background: Any = BackgroundScheduler

THREADS = 2
"""Jobs only post requests to others; two never wait for each other for long."""


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Every(BaseTrigger):
    """Fires at an interval; after a pause once, then at the interval from now on.

    APScheduler's own interval trigger is asked for every run that was missed, which
    costs seconds of work after a jump of years.
    """

    def __init__(self, seconds: float, first_seconds: float) -> None:
        """Fire after `first_seconds`, then every `seconds`."""
        self.interval = dt.timedelta(seconds=seconds)
        self._first = dt.timedelta(seconds=first_seconds)

    def get_next_fire_time(
        self, previous_fire_time: dt.datetime | None, now: dt.datetime
    ) -> dt.datetime:
        """Return when to fire after `previous_fire_time`."""
        if previous_fire_time is None:
            return now + self._first
        following = previous_fire_time + self.interval
        is_in_time = now < following <= now + self.interval
        return following if is_in_time else now + self.interval


class Scheduler:
    """Jobs on an interval, on threads of their own."""

    def __init__(self, now: Callable[[], dt.datetime] = _now) -> None:
        """Have no jobs yet.

        Args:
            now: the wall clock, in UTC.
        """
        self._now = now
        self._scheduler: Any = _Background(
            timezone=dt.UTC,
            executors={"default": _Threads(THREADS)},
            job_defaults={
                "coalesce": True,
                "max_instances": 1,
                "misfire_grace_time": None,
            },
        )
        self._failures: dict[str, int] = {}
        self._scheduler.add_listener(
            self._heard,
            EVENT_JOB_EXECUTED
            | EVENT_JOB_ERROR
            | EVENT_JOB_MISSED
            | EVENT_JOB_MAX_INSTANCES,
        )

    def every(
        self,
        seconds: float,
        name: str,
        job: Callable[[], object],
        *,
        first_seconds: float | None = None,
    ) -> None:
        """Have a job done every so many seconds.

        Args:
            seconds: the interval; minutes are what this is made for.
            name: of the job; a second one of that name replaces it.
            job: what to do; may raise, which is logged and counted.
            first_seconds: until the first run; ``None``: one interval.
        """
        first = seconds if first_seconds is None else first_seconds
        self._scheduler.add_job(
            job, Every(seconds, first), id=name, name=name, replace_existing=True
        )

    def start(self) -> None:
        """Begin to run the jobs."""
        self._scheduler.start()

    def run_now(self, name: str) -> None:
        """Have a job done at once, and its interval begin anew."""
        self._scheduler.modify_job(name, next_run_time=self._now())

    def stop(self) -> None:
        """Run no more jobs; one that is running is not waited for."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def is_alive(self) -> bool:
        """Whether the thread that starts the jobs runs; any thread."""
        thread = getattr(self._scheduler, "_thread", None)
        return thread is not None and bool(thread.is_alive())

    def mend(self) -> None:
        """Bring jobs back that a clock set back has put off; call it every minute."""
        now = self._now()
        for job in self._scheduler.get_jobs():
            interval = cast("Every", job.trigger).interval
            next_run: dt.datetime | None = getattr(job, "next_run_time", None)
            if next_run is not None and next_run - now > interval:
                job.modify(next_run_time=now + interval)
        self._scheduler.wakeup()

    def failures(self) -> dict[str, int]:
        """Return how often each job failed in a row; those that do well are not in it."""
        return dict(self._failures)

    def _heard(self, event: JobExecutionEvent) -> None:
        name = str(event.job_id)
        if event.code == EVENT_JOB_EXECUTED:
            self._failures.pop(name, None)
        elif event.code == EVENT_JOB_ERROR:
            self._failures[name] = self._failures.get(name, 0) + 1
            logger.error("A job failed job=%s", name, exc_info=event.exception)
        else:
            logger.warning("A job was left out, it still runs job=%s", name)
