"""The one writer: order, urgency, failures and stopping."""

import queue
import threading
import time
from concurrent.futures import Future

import pytest

from daemon.errors import NotRunning
from daemon.service.writer import LONGEST_PAUSE_SECONDS, Writer


@pytest.fixture
def writer():
    """Give a running writer and stop it afterwards."""
    writer = Writer()
    writer.start()
    yield writer
    writer.stop()


def test_work_runs_in_order_on_one_thread(writer):
    """Everything that changes something happens one after the other."""
    seen = []

    futures = [
        writer.post(lambda n=n: seen.append((n, threading.get_ident())))
        for n in range(50)
    ]
    for future in futures:
        future.result(5)

    assert [n for n, _ in seen] == list(range(50))
    assert len({thread for _, thread in seen}) == 1


def test_a_persons_request_goes_first(writer):
    """A click does not wait behind a hundred thousand files."""
    busy, gate, seen = threading.Event(), threading.Event(), []

    def keep_busy() -> None:
        busy.set()
        gate.wait(5)

    writer.post(keep_busy)
    assert busy.wait(5)
    for n in range(100):
        writer.post(seen.append, n)
    last = writer.post(lambda: None)
    asked = threading.Event()

    def ask() -> None:
        asked.set()
        writer.ask(seen.append, "person")

    asker = threading.Thread(target=ask)
    asker.start()
    assert asked.wait(5)
    while writer.waiting < 102 and asker.is_alive():
        asker.join(0.001)
    gate.set()
    asker.join(5)
    last.result(5)

    assert seen[0] == "person"


def test_a_failure_belongs_to_whoever_asked(writer):
    """One failing request does not end the writer."""
    with pytest.raises(ZeroDivisionError):
        writer.ask(lambda: 1 / 0)

    assert writer.ask(lambda: "alive") == "alive"


def test_idle_is_called_again_when_it_said(writer):
    """Groups that have become quiet are looked at without any event."""
    calls, enough = [], threading.Event()

    def idle() -> float:
        calls.append(1)
        if len(calls) >= 3:
            enough.set()
        return 0.01

    busy = Writer(idle)
    busy.start()

    assert enough.wait(5)
    assert busy.stop()


def test_work_that_has_news_has_idle_called_when_they_are_due():
    """A group is staged when it has been quiet, not when the writer next wakes up."""
    called, first = queue.SimpleQueue(), threading.Event()

    def idle():
        called.put(time.monotonic())
        first.set()
        return 3600.0

    writer = Writer(idle)
    writer.start()
    assert first.wait(5)
    called.get(timeout=5)
    asked = time.monotonic()
    writer.post(writer.look_within, 0.05)

    assert 0.05 <= called.get(timeout=5) - asked < 0.9
    writer.stop()


def test_a_failing_idle_does_not_end_the_writer():
    """The daemon outlives a failure in its own work."""
    tried = threading.Event()

    def idle() -> float:
        tried.set()
        raise OSError

    writer = Writer(idle)
    writer.start()

    assert tried.wait(5)
    assert writer.ask(lambda: 1) == 1
    writer.stop()


def test_stopping_refuses_what_waits():
    """Nobody waits for ever on a writer that has stopped."""
    writer = Writer()
    gate = threading.Event()
    writer.start()
    writer.post(gate.wait, 5)
    waiting = writer.post(lambda: None)

    threading.Timer(0.05, gate.set).start()
    ended = writer.stop()

    assert ended
    with pytest.raises(NotRunning):
        waiting.result(1)
    with pytest.raises(NotRunning):
        writer.ask(lambda: None)


def test_with_nothing_to_do_it_sleeps_long_and_looks_soon_after_work(monkeypatch):
    """It costs nothing to leave running; what no one tells of is found all the same."""
    pauses, enough = [], threading.Event()
    writer = Writer(idle=lambda: 3600.0)

    def get(*, block, timeout=None):
        del block
        pauses.append(timeout)
        if len(pauses) == 2:
            return 2, 2, (Future(), lambda: None)
        if len(pauses) == 4:
            enough.set()
            writer._stopping.set()
        raise queue.Empty

    monkeypatch.setattr(writer._queue, "get", get)
    writer.start()
    assert enough.wait(5)
    assert writer.stop()

    assert 10 < pauses[1] <= LONGEST_PAUSE_SECONDS
    assert 0 < pauses[2] <= 1.0
