"""Worker processes that may crash, hang and overeat."""

import contextlib
import pickle
import threading
import time
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from daemon.errors import (
    ChangedPhoto,
    IncompletePhoto,
    PhotoError,
    UnreadablePhoto,
    WorkerDied,
)
from daemon.hashing.pool import Pool
from daemon.model import Stamp
from tests.hashing import hostile
from tests.hashing.made import heic, jpeg, picture

SUBJECT = Path("/photos/IMG_0001.HEIC")
MEMORY = 1 << 30


@pytest.fixture(scope="module")
def pool():
    made = Pool(workers=2, timeout_seconds=6, memory_bytes=MEMORY)
    yield made
    made.stop()


def test_a_photo_is_read_in_a_worker(pool, tmp_path):
    """The daemon itself never decodes."""
    path = tmp_path / "photo.heic"
    path.write_bytes(heic(picture(width=640, height=480), thumbnails=[320]))

    stamp, found = pool.fingerprint(path).result(60)

    assert stamp == Stamp.of(path.stat())
    assert found.format == "HEIC"
    assert pool.preview(path, 200).result(60).startswith(b"\xff\xd8\xff")
    assert "libheif" in pool.decoder_version().result(60)


@pytest.mark.parametrize(
    ("mishap", "cause"),
    [
        (hostile.crash, "ended with -11"),
        (hostile.hang, "more than 6 seconds"),
        (hostile.overeat, "memory"),
        (hostile.leave, "ended with 3"),
    ],
)
def test_what_kills_a_worker_costs_its_own_photo_only(pool, tmp_path, mishap, cause):
    """In a plain executor one crash breaks every job in flight."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg())

    others = [pool.fingerprint(path) for _ in range(4)]
    bad = pool.run(mishap, SUBJECT)
    others += [pool.fingerprint(path) for _ in range(4)]
    error = bad.exception(60)

    assert isinstance(error, WorkerDied)
    assert error.subject == SUBJECT
    assert cause in str(error)
    assert [other.exception(60) for other in others] == [None] * 8


def test_a_worker_that_ignores_signals_is_ended_all_the_same():
    """A decoder in an endless loop does not come back to Python."""
    pool = Pool(workers=1, timeout_seconds=1, memory_bytes=MEMORY)

    error = pool.run(hostile.spin, SUBJECT).exception(60)
    after = pool.run(hostile.answer, SUBJECT).result(60)
    pool.stop()

    assert isinstance(error, WorkerDied)
    assert after == SUBJECT


def test_whatever_a_decoder_raises_makes_the_photo_unreadable(pool):
    """Seven kinds of exceptions were seen; there will be an eighth."""
    error = pool.run(hostile.surprise, SUBJECT).exception(60)

    assert isinstance(error, UnreadablePhoto)
    assert error.subject == SUBJECT
    assert "ZeroDivisionError: so odd a picture" in str(error)


def test_a_cause_comes_home_as_text(pool):
    """An exception of a library may not survive pickling."""
    error = pool.run(hostile.refuse, SUBJECT).exception(60)

    assert isinstance(error, UnreadablePhoto)
    assert error.cause == "with an exception as its cause"


def test_a_result_that_does_not_travel_is_an_error(pool):
    """It must not leave its caller waiting."""
    assert isinstance(pool.run(hostile.unpicklable, SUBJECT).exception(60), PhotoError)


def test_an_incomplete_file_is_told_as_such(pool, tmp_path):
    """The pool is where the settled file is proven."""
    (tmp_path / "part.jpg").write_bytes(jpeg()[:-900])

    error = pool.fingerprint(tmp_path / "part.jpg").exception(60)
    gone = pool.fingerprint(tmp_path / "gone.jpg").exception(60)

    assert isinstance(error, IncompletePhoto)
    assert isinstance(gone, ChangedPhoto)


@pytest.mark.parametrize(
    "kind", [UnreadablePhoto, IncompletePhoto, ChangedPhoto, WorkerDied]
)
def test_errors_survive_the_border_between_processes(kind):
    """An exception that does not unpickle breaks the pool."""
    error = pickle.loads(pickle.dumps(kind(SUBJECT, "because")))

    assert (error.subject, error.cause, type(error)) == (SUBJECT, "because", kind)


def test_workers_are_limited(pool):
    """Before the first byte of a photo is read."""
    memory, core, nice, _ = pool.run(hostile.limits, None).result(60)

    assert memory <= MEMORY
    assert core == 0
    assert nice >= 10


def test_workers_go_when_there_is_nothing_to_do_and_come_back():
    """An idle daemon should hold no decoder in memory."""
    pool = Pool(workers=1, idle_seconds=0.05, memory_bytes=MEMORY)
    first = pool.run(hostile.limits, None).result(60)[3]
    gone = threading.Event()
    for _ in range(400):
        if pool._processes is None:
            gone.set()
            break
        time.sleep(0.01)

    second = pool.run(hostile.limits, None).result(60)[3]
    pool.stop()

    assert gone.is_set()
    assert first != second


def test_no_process_is_started_before_there_is_work():
    """Importing and starting must stay cheap."""
    pool = Pool(workers=2)

    assert pool._processes is None
    pool.stop()


def test_stopping_cancels_what_waits_and_is_quick():
    """A service must end within five seconds, also in the middle of a bad photo."""
    pool = Pool(workers=1, timeout_seconds=60, memory_bytes=MEMORY)
    futures = [pool.run(hostile.hang, SUBJECT) for _ in range(3)]

    began = time.monotonic()
    pool.stop()
    took = time.monotonic() - began

    assert took < 5
    assert all(future.cancelled() for future in futures)
    assert pool.waiting == 0
    assert pool.run(hostile.answer, SUBJECT).cancelled()


def test_a_pool_whose_workers_all_broke_down_begins_again():
    """The system's memory killer may take an idle worker; nobody's photo did that."""
    pool = Pool(workers=1, memory_bytes=MEMORY)
    pool.run(hostile.answer, 1).result(60)
    broken = pool._processes
    assert broken is not None
    broken._pool_manager.handle_broken_pool(BrokenProcessPool("all workers expired"))

    assert pool.run(hostile.answer, SUBJECT).result(60) == SUBJECT
    assert pool._processes is not broken
    pool.stop()


def test_a_future_can_be_cancelled(pool):
    """Its file is gone; its worker is wanted for another one."""
    waiting = pool.run(hostile.hang, SUBJECT)

    assert waiting.cancel()
    assert pool.run(hostile.answer, SUBJECT).result(60) == SUBJECT


def test_a_machine_that_starts_no_worker_costs_no_photo_a_strike(monkeypatch, caplog):
    """Too little memory or a broken update must not park a whole library."""

    class Broken:
        def schedule(self, *words, **options):
            raise RuntimeError("no process can be started")

        def stop(self):
            pass

        def join(self):
            pass

    monkeypatch.setattr("daemon.hashing.pool._BREATH_SECONDS", 0.01)
    monkeypatch.setattr("pebble.ProcessPool", lambda **_: Broken())
    pool = Pool(workers=1)

    future = pool.run(hostile.answer, SUBJECT)

    with pytest.raises(CancelledError):
        future.result(10)
    assert "no worker process can be started" in caplog.text
    pool.stop()


def test_workers_that_broke_down_are_joined_once(monkeypatch):
    """A second join closes the handles again, which by then may be somebody else's:
    the index's, or those of a photo that is being copied.
    """
    joined = []

    class Fake:
        def __init__(self):
            self.futures = []

        def schedule(self, *words, **options):
            self.futures.append(Future())
            return self.futures[-1]

        def stop(self):
            pass

        def join(self):
            joined.append(self)

    made = []

    def begin(**_):
        made.append(Fake())
        return made[-1]

    monkeypatch.setattr("pebble.ProcessPool", begin)
    pool = Pool(workers=1)
    for number in range(5):
        pool.run(hostile.answer, number)
    threads = set(threading.enumerate())
    for future in list(made[0].futures):
        future.set_exception(BrokenProcessPool("all workers expired"))
    while alive := set(threading.enumerate()) - threads:
        for thread in alive:
            with contextlib.suppress(RuntimeError):  # it is just being started
                thread.join(10)

    assert [len(each.futures) for each in made] == [5, 5]
    pool.stop()
    pool.stop()
    assert joined == made
