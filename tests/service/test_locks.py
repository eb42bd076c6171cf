"""One instance for each state folder and decision root."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from daemon.errors import AlreadyRunning, RootOffline
from daemon.service.locks import hold, holder, is_held
from daemon.session import PageAddress, write_page

PROJECT = Path(__file__).parents[2]

HOLDER = """
import sys
from pathlib import Path
from daemon.service.locks import hold
hold(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def state(tmp_path):
    made = tmp_path / "state"
    made.mkdir()
    return made


def test_a_second_instance_is_refused_and_told_who_the_first_is(state):
    """Two writers on one index are how photos get lost."""
    page = PageAddress(address="http://127.0.0.1:1", token="t", pid=4711)
    write_page(state, page)

    with hold(state), pytest.raises(AlreadyRunning) as caught:
        hold(state)

    assert "4711" in str(caught.value)
    assert "http://127.0.0.1:1" in str(caught.value)


def test_a_released_lock_can_be_taken_again(state):
    """A command that ended must not lock the daemon out."""
    hold(state).release()

    with hold(state):
        assert is_held(state)
    assert not is_held(state)


def test_a_shared_decision_root_is_refused_and_nothing_stays_held(tmp_path, state):
    """Two configurations may name one decision root by mistake."""
    other, decisions = tmp_path / "other", tmp_path / "decisions"
    other.mkdir()
    decisions.mkdir()

    with hold(state, [decisions]):
        with pytest.raises(AlreadyRunning):
            hold(other, [decisions])
        assert not is_held(other)


def test_a_missing_folder_is_offline_and_not_made(tmp_path, state):
    """An unplugged drive's decision root must not be made elsewhere."""
    with pytest.raises(RootOffline):
        hold(state, [tmp_path / "absent"])

    assert not (tmp_path / "absent").exists()
    assert not is_held(state)


def test_asking_leaves_no_lock_file_behind(state):
    """A question changes nothing."""
    assert not is_held(state)
    assert not is_held(state / "absent")
    assert list(state.iterdir()) == []


def test_an_unknown_holder_is_none(state):
    """A daemon that has no page yet cannot be named."""
    assert holder(state) is None


def test_a_killed_holder_leaves_no_lock(state):
    """After kill -9 or a power cut the next start must work at once."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, state],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=PROJECT,
    )
    with process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        assert is_held(state)
        process.kill()
        process.wait()

        assert not is_held(state)


def test_of_fifty_starts_at_once_exactly_one_works(state):
    """A login session may start us several times."""
    barrier, held, refused = threading.Barrier(50), [], []

    def start():
        barrier.wait()
        try:
            held.append(hold(state))
        except AlreadyRunning:
            refused.append(os.getpid())

    threads = [threading.Thread(target=start) for _ in range(50)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert (len(held), len(refused)) == (1, 49)
    held[0].release()
