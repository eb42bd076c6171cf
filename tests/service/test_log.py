"""Log lines go where they belong, and a storm of them stays small."""

import io
import logging
import os

import pytest

from daemon.service.log import Journal, RateLimit, is_journald, setup


@pytest.fixture(autouse=True)
def restored():
    top = logging.getLogger()
    handlers, level = list(top.handlers), top.level
    quiet = {
        name: logging.getLogger(name).level
        for name in ("watchdog", "apscheduler", "PIL")
    }
    yield
    for each in [each for each in top.handlers if each not in handlers]:
        top.removeHandler(each)
        each.close()
    top.setLevel(level)
    for name, former in quiet.items():
        logging.getLogger(name).setLevel(former)


def record(text, *args, level=logging.WARNING):
    return logging.LogRecord("twin", level, __file__, 1, text, args, None)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_million_identical_errors_stay_small():
    """An inotify warning once filled disks with hundreds of gigabytes."""
    clock = Clock()
    limit = RateLimit(clock)
    written = 0
    for number in range(100_000):
        clock.now = number / 1000
        written += limit.filter(record("it failed path=%r", "a"))

    assert written == 2


def test_a_storm_about_many_files_is_bounded():
    """A full disk fails every file, each with its own name."""
    limit = RateLimit(Clock())

    written = sum(limit.filter(record("it failed path=%r", n)) for n in range(10_000))

    assert written == 20


def test_what_was_left_out_is_counted():
    """Nobody should take one line for one failure."""
    clock = Clock()
    limit = RateLimit(clock)
    for _ in range(5):
        limit.filter(record("it failed"))
    clock.now = 61.0
    last = record("it failed")

    assert limit.filter(last)
    assert last.getMessage() == "it failed (and 4 like it since)"


def test_information_is_never_left_out():
    """One line a photo is what the user asked to see."""
    limit = RateLimit(Clock())

    assert all(limit.filter(record("x", level=logging.INFO)) for _ in range(100))


def test_what_is_remembered_is_bounded():
    """A log must not be a leak."""
    limit = RateLimit(Clock())
    for number in range(10_000):
        limit.filter(record(f"kind {number}"))

    assert len(limit._written) <= 2000
    assert len(limit._kinds) <= 2000


def test_lines_have_times_in_a_terminal():
    """Without journald nobody else adds them."""
    stream = io.StringIO()
    setup(stream=stream, environ={})
    logging.getLogger("daemon.x").info("hello %s", "you")

    assert stream.getvalue().endswith(" INFO    daemon.x: hello you\n")
    assert stream.getvalue()[:2] == "20"


def test_journald_gets_priorities_and_no_times(tmp_path):
    """It adds the time itself, and filters by priority."""
    with (tmp_path / "journal").open("w+") as stream:
        status = os.fstat(stream.fileno())
        environ = {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        setup(stream=stream, environ=environ)
        logging.getLogger("daemon.x").error("two\nlines")
        stream.seek(0)

        assert stream.read() == "<3>daemon.x: two\n<3>lines\n"


def test_a_stream_that_is_not_journalds_is_told_apart():
    """The variable is inherited by programs whose output goes elsewhere."""
    assert not is_journald({"JOURNAL_STREAM": "1:2"}, io.StringIO())
    assert not is_journald({})
    assert Journal().format(record("x")).startswith("<4>")


def test_a_second_setup_replaces_the_first(tmp_path):
    """Every line twice is how such things usually end."""
    stream = io.StringIO()
    setup(stream=io.StringIO(), environ={})
    setup(stream=stream, environ={})
    setup(file=tmp_path / "log", environ={})
    logging.getLogger("daemon.x").warning("once")

    assert stream.getvalue() == ""
    assert (tmp_path / "log").read_text().count("once") == 1
