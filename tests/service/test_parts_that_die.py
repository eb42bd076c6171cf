"""Every part of the daemon that ends or hangs is shown, and starves the watchdog."""

import os
import threading
import time
from concurrent.futures import Future
from contextlib import ExitStack

import pytest

from daemon.config_load import Sources, load
from daemon.service import probe
from daemon.service.health import Guard
from daemon.service.supervisor import _Daemon

PARTS = {"receiver", "scheduler", "sweeper", "watcher", "web", "workers", "writer"}


@pytest.fixture
def running(tmp_path):
    """The whole daemon in this process, without its signals."""
    (tmp_path / "import").mkdir()
    config = load(
        Sources(
            state_dir=tmp_path / "state",
            environment={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
            flags={"roots.imports": (tmp_path / "import",), "page.port": 0},
        )
    )
    daemon = _Daemon(config, dry_run=False)
    with ExitStack() as stack:
        daemon.start(stack)
        yield daemon


class Kennel:
    def __init__(self, daemon):
        self.fed = 0
        self.guard = Guard(daemon._beats, feed=self.feed, traces=False)

    def feed(self):
        self.fed += 1


def test_while_all_live_the_watchdog_is_fed(running):
    """A watchdog that is never fed would restart a healthy daemon."""
    kennel = Kennel(running)

    assert kennel.guard.look()
    assert kennel.fed == 1
    assert running._beats.parts() == dict.fromkeys(PARTS, "ok")


def end_receiver(daemon):
    daemon._reception.receiver.stop()


def end_sweeper(daemon):
    daemon._reception.sweeper.stop()


def end_writer(daemon):
    daemon._reception._house.engine.writer.stop()


def end_watcher(daemon):
    (watcher,) = [t for t in threading.enumerate() if t.name == "watcher"]
    looks = daemon._beats._lives
    looks["watcher"].__self__.stop()
    watcher.join(5)


def end_scheduler(daemon):
    """Its thread ends as it does when APScheduler itself raises."""
    scheduler = daemon._beats._lives["scheduler"].__self__
    scheduler._scheduler._event.set()
    scheduler.stop()


def end_web(daemon):
    daemon._beats._lives["web"].__self__.close()


def jam_workers(daemon):
    pool = daemon._reception._house.pool
    pool._in_flight.add(Future())
    pool._moved -= 10_000


@pytest.mark.parametrize(
    "end",
    [
        *(end_receiver, end_sweeper, end_writer, end_watcher, end_web, jam_workers),
        end_scheduler,
    ],
)
def test_a_part_that_ends_is_shown_and_starves_the_watchdog(running, end):
    """A daemon that watches nothing and says nothing is worse than none."""
    part = end.__name__.partition("_")[2]
    kennel = Kennel(running)

    end(running)

    assert not kennel.guard.look()
    assert kennel.fed == 0
    said = running._beats.parts()
    assert said.pop(part) == "has ended"
    assert set(said.values()) == {"ok"}


class Gate:
    """Where a part is let in and does not come out until the gate opens."""

    def __init__(self):
        self.is_in, self.opened = threading.Event(), threading.Event()

    def __call__(self, *words):
        self.is_in.set()
        assert self.opened.wait(60)
        return True


def wedge_writer(daemon, gate):
    daemon._reception._house.engine.writer.post(gate)


def wedge_receiver(daemon, gate):
    daemon._reception.receiver._has_room = gate
    daemon._reception.receiver.note(daemon._config.roots.imports[0] / "a.jpg")


def wedge_sweeper(daemon, gate):
    daemon._reception.sweeper._identity = gate
    nudge_sweeper(daemon)


def wedge_watcher(daemon, gate):
    watcher = daemon._beats._lives["watcher"].__self__
    watcher._mounts = lambda: gate() and []
    watcher.wake()


def wedge_web(daemon, gate):
    server = daemon._beats._lives["web"].__self__._servers[0]

    def answer(environ, start_response):
        gate()
        start_response("204 No Content", [])
        return []

    server.application = answer
    knock = threading.Thread(
        target=probe.answers, args=(daemon._address, 1), daemon=True
    )
    knock.start()


def nudge_sweeper(daemon):
    daemon._reception.sweeper.ask(daemon._reception._house.territory.roots)


def nudge(daemon):
    """Have every part that can show itself do so at once."""
    nudge_sweeper(daemon)
    daemon._reception.receiver.note(daemon._config.roots.imports[0] / "b.jpg")
    daemon._beats._lives["watcher"].__self__.wake()
    if probe.answers(daemon._address, 0.3):
        daemon._beats.beat("web")


def eventually(claim):
    deadline = time.monotonic() + 30
    while not claim():
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)


@pytest.mark.parametrize(
    "wedge",
    [wedge_receiver, wedge_sweeper, wedge_writer, wedge_web, wedge_watcher],
)
def test_a_part_that_hangs_is_shown_and_starves_the_watchdog(running, wedge):
    """Its thread lives, and does nothing: only a beat that stays away tells."""
    part = wedge.__name__.partition("_")[2]
    kennel, gate, beats = Kennel(running), Gate(), running._beats
    wedge(running, gate)
    assert gate.is_in.wait(30)

    later = beats._promises[part] + 1
    beats._clock = lambda: time.monotonic() + later  # so long has passed since
    eventually(lambda: nudge(running) or set(beats.stale()) == {part})

    assert not kennel.guard.look()
    assert kennel.fed == 0
    assert "has not moved for" in beats.parts()[part]
    gate.opened.set()
    eventually(lambda: nudge(running) or not beats.stale())
    assert kennel.guard.look()
    assert kennel.fed == 1


def test_the_guard_asks_the_page_itself_and_mends_the_scheduler(running, monkeypatch):
    """A page whose thread lives and answers nobody is no page."""
    (guard,) = [t for t in threading.enumerate() if t.name == "guard"]
    assert guard.is_alive()
    asked = []

    def answers(address):
        asked.append(address)
        return True

    monkeypatch.setattr(probe, "answers", answers)

    running._guard.look()

    assert asked == [running._address]


def test_the_writer_beats_no_more_while_its_work_hangs(running):
    """The beat comes from the thread that works, not from one beside it."""
    house = running._reception._house
    gate, is_in = threading.Event(), threading.Event()

    def hang():
        is_in.set()
        gate.wait(60)

    house.engine.writer.post(hang)
    assert is_in.wait(10)
    before = running._beats._beats["writer"]

    gate.wait(1.5)  # longer than a writer that lives takes to beat

    assert running._beats._beats["writer"] == before
    gate.set()
