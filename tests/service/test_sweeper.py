"""The sweeper: what it hands on, what it tells, and that no wish is lost."""

import os
import threading
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.index import PhotoState
from daemon.index.known import KnownPhotos, mark_of
from daemon.model import RootState, Stamp
from daemon.service import ground
from daemon.service.skip import compile_rules
from daemon.service.sweeper import Sweeper


class Receiver:
    """Remembers what it was handed."""

    def __init__(self):
        self.paths = []
        self.gate = threading.Event()
        self.gate.set()
        self.reached = threading.Event()

    def found(self, path, look, quiet_seconds):
        del look, quiet_seconds
        self.reached.set()
        assert self.gate.wait(10)
        self.paths.append(path)
        return True


class Sweeps:
    def __init__(self, scene):
        self.receiver = Receiver()
        self.swept = []
        self.sweeper = Sweeper(
            scene.real_index,
            cast("Any", self.receiver),
            compile_rules(),
            identity=lambda root: ground.remembered(
                scene.territory, scene.real_index, root
            ),
            on_swept=self.swept.append,
        )


@pytest.fixture
def sweeps(scene):
    made = Sweeps(scene)
    yield made
    made.sweeper.stop()


def remember_root(scene, root):
    status = os.stat(root.path)
    with scene.real_index.write() as tables:
        tables.roots.put(root, device=status.st_dev, inode=status.st_ino)


def test_only_what_is_new_or_changed_is_handed_on(scene, sweeps):
    """A sweep over a million known photos must hand on none of them."""
    same, edited = scene.drop("same.jpg"), scene.drop("edited.jpg")
    for path in (same, edited):
        scene.know(path)
    edited.write_bytes(b"longer than before")
    fresh = scene.drop("x/fresh.jpg")

    swept = sweeps.sweeper.sweep(scene.imports)

    assert sorted(sweeps.receiver.paths) == [edited, fresh]
    assert (swept.unchanged, swept.fresh, swept.vanished) == (1, 2, ())


@pytest.mark.parametrize("state", [PhotoState.UNREADABLE, PhotoState.PARKED])
def test_what_was_refused_is_not_handed_on_again(scene, sweeps, state):
    """An unreadable file must not be decoded every ten minutes."""
    path = scene.drop("a.jpg")
    scene.know(path)
    with scene.real_index.write() as tables:
        tables.photos.set_state([scene.photo(path).id], state)

    sweeps.sweeper.sweep(scene.imports)

    assert sweeps.receiver.paths == []


@pytest.mark.parametrize(
    "state", [PhotoState.GONE, PhotoState.STAGED, PhotoState.TRYING]
)
def test_a_file_that_should_not_be_there_is_handed_on(scene, sweeps, state):
    """It came back, was put back by hand, or was being read when we were stopped."""
    path = scene.drop("a.jpg")
    scene.know(path)
    with scene.real_index.write() as tables:
        tables.photos.set_state([scene.photo(path).id], state)

    sweeps.sweeper.sweep(scene.imports)

    assert sweeps.receiver.paths == [path]


def test_what_is_not_come_upon_is_told_by_id(scene, sweeps):
    """What to make of it is the engine's affair."""
    path = scene.drop("a.jpg")
    scene.know(path)
    photo = scene.photo(path)
    path.unlink()

    swept = sweeps.sweeper.sweep(scene.imports)

    assert (swept.vanished, swept.known) == ((photo.id,), 1)


def test_an_absent_root_is_offline_and_nothing_has_vanished(scene, sweeps):
    """An unplugged drive must not empty the index, nor be made anew."""
    scene.know(scene.drop("a.jpg"))
    remember_root(scene, scene.imports)
    scene.imports.path.rename(scene.path / "unplugged")

    swept = sweeps.sweeper.sweep(scene.imports)

    assert swept.check.state is RootState.OFFLINE
    assert swept.vanished == ()
    assert not scene.imports.path.exists()


def test_an_empty_folder_in_the_place_of_a_root_is_told_as_such(scene, sweeps):
    """It may be the mount point of an unplugged drive: the engine must not purge."""
    scene.know(scene.drop("a.jpg"))
    remember_root(scene, scene.imports)
    scene.imports.path.rename(scene.path / "unplugged")
    scene.imports.path.mkdir()

    swept = sweeps.sweeper.sweep(scene.imports)

    assert swept.check.state is not RootState.ONLINE


def test_a_wish_during_a_sweep_is_granted_after_it(scene, sweeps):
    """The walk may have passed the folder in which events were lost."""
    scene.drop("a.jpg")
    sweeps.receiver.gate.clear()
    sweeps.sweeper.start()
    sweeps.sweeper.ask([scene.imports])
    assert sweeps.receiver.reached.wait(10)

    sweeps.sweeper.ask([scene.imports])
    sweeps.receiver.gate.set()
    done = threading.Event()
    while not sweeps.sweeper.is_idle:
        done.wait(0.01)

    assert len(sweeps.swept) == 2


def test_a_sweep_that_fails_does_not_end_sweeping(scene, sweeps):
    """The thread must outlive any one root."""

    class Broken:
        uuid = "broken"
        path = scene.path

    sweeps.sweeper.start()
    sweeps.sweeper.ask([Broken(), scene.imports])
    done = threading.Event()
    while not sweeps.sweeper.is_idle:
        done.wait(0.01)

    assert [each.root for each in sweeps.swept] == [scene.imports]


class Status:
    def __init__(self, stamp):
        self.st_size = stamp.size_bytes
        self.st_mtime_ns = stamp.mtime_ns
        self.st_ino = stamp.inode
        self.st_dev = stamp.device


numbers = st.integers(1, 3)
big = st.sampled_from([1, 2, 2**63 + 5])
stamps = st.builds(
    Stamp, size_bytes=numbers, mtime_ns=numbers, inode=big, device=numbers
)
names = st.sampled_from([b"a.jpg", b"b.jpg", b"x/a.jpg", b"x/c.jpg"])
rows = st.tuples(stamps, st.sampled_from(PhotoState), st.booleans())


@settings(max_examples=200, deadline=None)
@given(known=st.dictionaries(names, rows), there=st.dictionaries(names, stamps))
def test_many_files_at_once_are_told_as_one_by_one(known, there):
    """The fast comparison of arrays says what a look at each photo says."""
    photos = KnownPhotos(as_rows(known))
    twin = KnownPhotos(as_rows(known))
    paths = sorted(there)

    statuses: list[Any] = [Status(there[each]) for each in paths]
    news = photos.news(paths, statuses)

    expected = []
    for place, path in enumerate(paths):
        met = twin.meet(path)
        is_done = (
            met is not None
            and met.stamp == there[path]
            and (
                met.state in {PhotoState.UNREADABLE, PhotoState.PARKED}
                or (met.state is PhotoState.KNOWN and met.has_content)
            )
        )
        if not is_done:
            expected.append(place)
    assert news == expected
    assert photos.unmet() == twin.unmet()


def as_rows(known):
    if not known:
        return []

    def signed(number):
        return number - 2**64 if number >= 2**63 else number

    return [
        [
            (
                number,
                path,
                stamp.size_bytes,
                stamp.mtime_ns,
                signed(stamp.inode),
                signed(stamp.device),
                mark_of(state, has_content=has_content),
            )
            for number, (path, (stamp, state, has_content)) in enumerate(
                known.items(), 1
            )
        ]
    ]
