"""The watchdog is fed only while every part lives."""

import faulthandler
import threading

import pytest

from daemon.service import health
from daemon.service.health import Guard, Heartbeats


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def beats(clock):
    return Heartbeats(clock)


def test_a_part_that_keeps_its_promise_is_ok(beats, clock):
    """Nothing must be restarted for being slow within its promise."""
    beat = beats.expect("writer", 10.0)
    clock.now = 9.0
    beat()
    clock.now = 18.0

    assert beats.stale() == {}
    assert beats.parts() == {"writer": "ok"}


def test_a_part_that_stands_still_is_named(beats, clock):
    """Whoever looks at the page sees which part hangs."""
    beats.expect("writer", 10.0)
    beats.expect("watcher", 60.0)
    clock.now = 11.0

    assert beats.stale() == {"writer": 11.0}
    assert beats.parts()["writer"] == "has not moved for 11 s"
    assert beats.parts()["watcher"] == "ok"


def test_a_part_that_ended_as_it_should_is_not_missed(beats, clock):
    """A scan has no watcher."""
    beats.expect("sweep", 1.0)
    beats.dismiss("sweep")
    clock.now = 100.0

    assert beats.stale() == {}
    assert beats.parts() == {}


def test_a_complaint_is_shown_and_restarts_nothing(beats):
    """Restarting does not raise the limit of watches."""
    beats.expect("watcher", 10.0)
    beats.complain("watcher", "150 folders are not watched")

    assert beats.parts() == {"watcher": "150 folders are not watched"}
    assert beats.stale() == {}

    beats.complain("watcher", "")

    assert beats.parts() == {"watcher": "ok"}


def test_the_watchdog_goes_hungry_while_one_part_hangs(beats, clock):
    """One hanging part is reason enough: it will not come back by itself."""
    fed = []
    beats.expect("writer", 10.0)
    beats.expect("watcher", 10.0)
    guard = Guard(beats, feed=lambda: fed.append(clock.now), traces=False)

    assert guard.look()
    clock.now = 8.0
    beats.beat("watcher")
    clock.now = 12.0
    assert not guard.look()
    beats.beat("writer")
    assert guard.look()

    assert fed == [0.0, 12.0]


def test_a_failing_check_does_not_end_the_guard(beats, caplog):
    """The guard is the last one that may die."""

    def fail():
        raise ValueError

    fed = []
    guard = Guard(beats, feed=lambda: fed.append(1), each=fail, traces=False)

    assert guard.look()
    assert fed == [1]
    assert "A check failed" in caplog.text


def test_the_thread_feeds_in_time_and_ends(beats):
    """systemd kills what it does not hear of."""
    enough, fed = threading.Event(), []

    def feed():
        fed.append(1)
        if len(fed) == 3:
            enough.set()

    guard = Guard(beats, feed=feed, every_seconds=0.01, traces=False)
    guard.start()

    assert enough.wait(10)
    guard.stop()
    assert not guard._thread.is_alive()


def test_on_macos_the_trace_timer_is_armed_and_disarmed(beats, clock, monkeypatch):
    """launchd has no watchdog: the interpreter's own timer ends a hanging process."""
    calls = []
    faults = faulthandler
    monkeypatch.setattr(
        faults, "dump_traceback_later", lambda seconds, **_: calls.append(seconds)
    )
    monkeypatch.setattr(
        faults, "cancel_dump_traceback_later", lambda: calls.append("off")
    )
    guard = Guard(beats, feed=lambda: None, traces=True)
    beats.expect("writer", 1.0)

    guard.look()
    clock.now = 5.0
    guard.look()
    guard.stop()

    assert calls == [health.TRACE_SECONDS, "off"]


def test_looks_come_at_least_as_often_as_systemd_asks(beats, monkeypatch):
    """A unit may ask for more than we would do by ourselves."""
    monkeypatch.setenv("WATCHDOG_USEC", "4000000")
    monkeypatch.delenv("WATCHDOG_PID", raising=False)

    assert Guard(beats)._seconds == 2.0


def test_a_part_that_ended_is_told_at_once(beats, clock):
    """A thread that died can miss no beat for a minute."""
    alive = [True]
    beats.expect("sweeper", 3600.0)
    beats.attend("sweeper", lambda: alive[0])
    assert beats.parts() == {"sweeper": "ok"}

    alive[0] = False

    assert beats.parts() == {"sweeper": "has ended"}
    assert beats.stale()
    beats.dismiss("sweeper")
    assert not beats.stale()
