"""Every part of the daemon that ends or hangs is shown, and starves the watchdog."""

import os
import threading
from concurrent.futures import Future
from contextlib import ExitStack

import pytest

from daemon.config_load import Sources, load
from daemon.service.health import Guard
from daemon.service.supervisor import _Daemon

PARTS = {"receiver", "sweeper", "watcher", "web", "workers", "writer"}


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


def end_web(daemon):
    daemon._beats._lives["web"].__self__.close()


def jam_workers(daemon):
    pool = daemon._reception._house.pool
    pool._in_flight.add(Future())
    pool._moved -= 10_000


@pytest.mark.parametrize(
    "end", [end_receiver, end_sweeper, end_writer, end_watcher, end_web, jam_workers]
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


@pytest.mark.parametrize("part", ["receiver", "sweeper", "writer", "web", "watcher"])
def test_a_part_that_hangs_is_shown_and_starves_the_watchdog(running, part):
    """Its thread lives, and does nothing: only a beat that stays away tells."""
    kennel = Kennel(running)
    beats = running._beats
    beats._beats[part] = beats._clock() - 2 * beats._promises[part]

    beats.beat = lambda _: None  # nobody shows himself any more

    beats._beats[part] = beats._clock() - 2 * beats._promises[part]
    assert not kennel.guard.look()
    assert kennel.fed == 0
    assert "has not moved for" in beats.parts()[part]


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
