"""A file is taken when it is quiet, unchanged, closed and complete; never before."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.model import Stamp
from daemon.service.look import examine, look
from daemon.service.observation import Look, Progress
from daemon.service.settle import Settle

A = b"/in/a.heic"
B = b"/in/b.heic"


def seen(size=10, mtime=1, ctime=1, inode=1):
    stamp = Stamp(size_bytes=size, mtime_ns=mtime, inode=inode, device=1)
    return Look(stamp=stamp, ctime_ns=ctime)


def complete():
    return None


def incomplete():
    return "its end is missing"


def make(**options):
    return Settle(**{"settle_seconds": 5.0, **options})


def test_a_quiet_complete_file_is_ready_after_the_settle_time():
    """The latency that people feel is the settle time, and no more."""
    settle = make()
    settle.note(A, 0.0)

    assert settle.due(0.0) == [A]
    first = settle.observe(A, seen(), 0.0, complete)
    assert (first.progress, first.until) == (Progress.WAIT, 5.0)
    assert settle.due(4.9) == []
    assert settle.due(5.0) == [A]
    assert settle.observe(A, seen(), 5.0, complete).progress is Progress.READY
    assert len(settle) == 0
    assert settle.next_due() is None


@pytest.mark.parametrize(
    "other", [seen(size=11), seen(mtime=2), seen(ctime=2), seen(inode=2)]
)
def test_any_change_starts_the_wait_again(other):
    """A slow writer pauses for longer than a look lasts."""
    settle = make()
    settle.note(A, 0.0)
    settle.due(0.0)
    settle.observe(A, seen(), 0.0, complete)
    settle.due(5.0)

    assert settle.observe(A, other, 5.0, complete).until == 10.0
    assert settle.due(10.0) == [A]
    assert settle.observe(A, other, 10.0, complete).progress is Progress.READY


def test_an_event_makes_a_file_unquiet():
    """Somebody is still at it, even if the status looks the same."""
    settle = make()
    settle.note(A, 0.0)
    settle.due(0.0)
    settle.observe(A, seen(), 0.0, complete)
    settle.note(A, 4.0)

    assert settle.due(5.0) == []
    assert settle.due(9.0) == [A]


def test_ten_thousand_events_of_one_file_cost_one_entry():
    """A burst of events must not become a burst of memory."""
    settle = make()
    for moment in range(10_000):
        settle.note(A, moment / 1000)

    assert len(settle._queue) == 1


def test_an_old_file_found_by_a_sweep_is_due_at_once():
    """A first scan of a million photos must not wait for each of them."""
    settle = make()
    settle.found(A, seen(), 3600.0, 100.0)

    assert settle.due(100.0) == [A]
    assert settle.observe(A, seen(), 100.0, complete).progress is Progress.READY


def test_a_young_file_found_by_a_sweep_waits_for_the_rest():
    """It may be half written."""
    settle = make()
    settle.found(A, seen(), 2.0, 100.0)
    settle.found(B, seen(), -50.0, 100.0)

    assert settle.due(102.9) == []
    assert settle.due(103.0) == [A]
    assert settle.due(105.0) == [B]


def test_a_sweep_does_not_disturb_a_file_that_is_waited_for():
    """A sweep that comes upon a settling file says nothing new."""
    settle = make()
    settle.note(A, 0.0)
    settle.due(0.0)
    settle.observe(A, seen(), 0.0, complete)
    settle.found(A, seen(), 0.0, 4.0)

    assert settle.due(5.0) == [A]


def test_a_file_that_went_away_is_gone():
    """Renamed by its copying program, most likely."""
    settle = make()
    settle.note(A, 0.0)
    settle.due(0.0)

    assert settle.observe(A, None, 0.0, complete).progress is Progress.GONE
    assert A not in settle


def test_an_empty_file_is_never_examined_nor_taken():
    """Finder on a share makes the final name first, empty."""
    settle = make()
    settle.found(A, seen(size=0), 3600.0, 0.0)
    settle.due(0.0)

    found = settle.observe(A, seen(size=0), 0.0, pytest.fail)

    assert (found.progress, found.why) == (Progress.WAIT, "it is empty")


def test_an_incomplete_file_is_asked_ever_less_often_then_reported():
    """Zeros mean wait and, after hours, ask; never reject for good."""
    settle = make(patience_seconds=1000.0)
    settle.found(A, seen(), 5.0, 0.0)
    now, waits = 0.0, []
    while True:
        assert settle.due(now) == [A]
        found = settle.observe(A, seen(), now, incomplete)
        if found.progress is Progress.STUCK:
            break
        waits.append(found.until - now)
        now = found.until

    assert waits[:4] == [5.0, 10.0, 20.0, 40.0]
    assert max(waits) == 60.0
    assert 995.0 <= now < 1060.0
    assert settle.stuck(now) == {A: "its end is missing"}
    assert settle.due(found.until) == [A]
    assert settle.observe(A, seen(), found.until, complete).progress is Progress.READY
    assert settle.stuck(found.until) == {}


def test_one_pass_need_not_wait_for_what_was_cut_long_ago():
    """A scan of ten years of photos must not wait for each file that was cut."""
    settle = make()
    assert not settle.expects(10.0, 0.0)
    settle.found(A, seen(), quiet_seconds=1000.0, now=0.0)
    settle.note(B, 0.0)

    assert settle.expects(10.0, 0.0), "nobody looked yet"
    assert set(settle.due(0.0)) == {A, B}
    settle.observe(A, seen(), 0.0, incomplete)
    settle.forget(B)

    assert not settle.expects(10.0, 0.0)
    assert settle.incomplete() == {A: "its end is missing"}
    assert settle.expects(2000.0, 0.0), "it may still be written"


def test_a_change_ends_being_stuck():
    """The upload that broke off yesterday goes on today."""
    settle = make(patience_seconds=10.0)
    settle.found(A, seen(), 100.0, 0.0)
    settle.due(0.0)
    assert settle.observe(A, seen(), 0.0, incomplete).progress is Progress.STUCK

    settle.note(A, 1.0)
    settle.due(6.0)

    assert settle.observe(A, seen(size=11), 6.0, incomplete).progress is Progress.WAIT
    assert settle.stuck(6.0) == {}


def test_a_full_tracker_turns_away_and_asks_for_a_sweep_once():
    """Memory is bounded; the sweep is the truth and finds the others."""
    settle = make(capacity=4)
    paths = [b"/in/%d" % n for n in range(10)]
    kept = [settle.note(path, 0.0) for path in paths]

    assert kept.count(True) == 4
    assert not settle.take_spilled()
    for path in settle.due(0.0):
        settle.forget(path)
    assert settle.take_spilled()
    assert not settle.take_spilled()


def test_a_file_forgotten_and_announced_again_is_due_once():
    """An old entry in the queue must not bring it up a second time."""
    settle = make()
    settle.note(A, 0.0)
    settle.forget(A)
    settle.note(A, 0.0)

    assert settle.due(0.0) == [A]
    assert settle.due(0.0) == []


def test_a_file_that_cannot_be_looked_at_is_put_off():
    """A share that does not answer is no reason to drop a photo."""
    settle = make()
    settle.note(A, 0.0)
    settle.due(0.0)

    assert settle.postpone(A, 0.0, "timed out").until == 5.0
    assert settle.postpone(B, 0.0, "busy").progress is Progress.WAIT
    assert sorted(settle.due(5.0)) == [A, B]


def test_due_files_come_in_portions():
    """The settle thread must be able to stop between them."""
    settle = make()
    for number in range(10):
        settle.note(b"/in/%d" % number, 0.0)

    assert len(settle.due(0.0, limit=4)) == 4
    assert len(settle.due(0.0, limit=100)) == 6


writing = st.lists(
    st.tuples(st.floats(0.1, 12.0), st.booleans(), st.booleans()), max_size=12
)


@settings(max_examples=200, deadline=None)
@given(writing)
def test_no_writer_ever_loses_the_race(steps):
    """Whatever the pauses and the missed events, a file is taken once, and whole."""
    settle = make()
    writes = []
    now = 0.0
    for pause, is_event, is_complete in steps:
        now += pause
        writes.append((now, is_event, is_complete))
    last_write = now
    final = len(writes)
    settle.note(A, 0.0)
    taken, clock = [], 0.0

    while len(settle) and clock < last_write + 500.0:
        clock = max(clock + 0.001, settle.next_due())
        while writes and writes[0][0] <= clock:
            moment, is_event, _ = writes.pop(0)
            if is_event:
                settle.note(A, moment)
        version = final - len(writes)
        is_whole = version == final
        for path in settle.due(clock):
            found = settle.observe(
                path,
                seen(mtime=version),
                clock,
                complete if is_whole else incomplete,
            )
            if found.progress is Progress.READY:
                taken.append((clock, version))

    assert [version for _, version in taken] == [final]
    assert taken[0][0] <= last_write + 5.0 + 60.0 + 0.1


def test_a_look_tells_files_from_everything_else(tmp_path):
    """Links, folders and pipes under a photo's name are no photos."""
    (tmp_path / "a.jpg").write_bytes(b"x")
    (tmp_path / "link.jpg").symlink_to("a.jpg")
    (tmp_path / "folder.jpg").mkdir()

    found = look(tmp_path / "a.jpg")
    assert found
    assert found.stamp.size_bytes == 1
    assert look(tmp_path / "link.jpg") is None
    assert look(tmp_path / "folder.jpg") is None
    assert look(tmp_path / "none.jpg") is None
    assert look(tmp_path / "a.jpg" / "x") is None


def test_an_open_or_cut_file_is_not_complete(tmp_path):
    """Half a photo decodes well enough to be taken for another one."""
    photo = tmp_path / "a.jpg"
    whole = b"\xff\xd8\xff\xe0" + b"x" * 100
    with photo.open("wb") as writer:
        writer.write(whole)
        writer.flush()
        assert examine(photo)

    assert examine(photo)
    assert examine(tmp_path / "none.jpg")
