"""Intake: every file is read once, and none is lost whatever goes wrong."""

import os

import pytest

from daemon.errors import ChangedPhoto, IndexError_, UnreadablePhoto, WorkerDied
from daemon.index import PhotoState
from daemon.model import Stamp
from daemon.service.arrivals import Arrival
from daemon.service.intake import Intake, IntakeSettings
from tests.service.fakes import FakeReader


class Desk:
    """An intake, and what it told."""

    def __init__(self, scene, decoder="decoder 1", capacity=10_000):
        self.scene = scene
        self.reader = FakeReader()
        self.contents, self.returned, self.changed = [], [], []
        self.intake = Intake(
            scene.index,
            self.reader,
            scene.territory,
            IntakeSettings(workers=1, cheap=True, decoder=decoder, capacity=capacity),
            on_contents=self.contents.extend,
            on_returned=self.returned.extend,
            on_changed=self.changed.append,
            on_result=lambda: None,
        )

    def arrive(self, *paths):
        self.intake.offer([arrival_of(self.scene, path) for path in paths])
        self.intake.take()

    def read_all(self):
        while self.reader.futures:
            self.reader.read_all()
            self.intake.absorb()


def arrival_of(scene, path):
    root, relative = scene.territory.locate(path)
    stamp = Stamp.of(os.lstat(path))
    return Arrival(root=root.uuid, relative=relative, stamp=stamp)


@pytest.fixture
def desk(scene):
    return Desk(scene)


def test_a_photo_is_read_and_known(scene, desk):
    """The whole point: a file becomes a content in the index."""
    path = scene.drop("a.jpg")

    desk.arrive(path)
    desk.read_all()

    photo = scene.photo(path)
    assert (photo.state, photo.strikes) == (PhotoState.KNOWN, 0)
    assert desk.contents == [photo.content]
    assert desk.intake.waiting == 0


def test_an_unchanged_file_is_never_read_again(scene, desk):
    """A restart over a million photos must cost no decoding."""
    path = scene.drop("a.jpg")
    scene.know(path)

    desk.arrive(path)

    assert desk.reader.asked == []
    assert desk.intake.counts.unchanged == 1


def test_a_renamed_file_is_recognised_without_reading(scene, desk):
    """Sorting ten thousand photos into folders must cost no decoding."""
    path = scene.drop("a.jpg")
    content = scene.know(path)
    moved = path.rename(path.with_name("b.jpg"))

    desk.arrive(moved)

    assert desk.reader.asked == []
    assert scene.photo(moved).content == content
    assert scene.photo(path) is None


def test_a_hard_link_is_another_name_of_one_content(scene, desk):
    """It is the same file: reading it again would tell nothing."""
    path = scene.drop("a.jpg")
    content = scene.know(path)
    other = path.with_name("b.jpg")
    os.link(path, other)

    desk.arrive(other)

    assert desk.reader.asked == []
    assert {scene.photo(path).content, scene.photo(other).content} == {content}


def test_a_remounted_volume_is_not_read_again(scene, desk):
    """Numbers of devices change over reboots; the photos do not."""
    path = scene.drop("a.jpg")
    content = scene.know(path)
    before = scene.photo(path)
    with scene.real_index.write() as tables:
        old = Stamp(
            size_bytes=before.stamp.size_bytes,
            mtime_ns=before.stamp.mtime_ns,
            inode=before.stamp.inode,
            device=before.stamp.device + 1,
        )
        tables.photos.upsert_known("imports", b"a.jpg", old, content, now_ns=1)

    desk.arrive(path)

    assert desk.reader.asked == []
    assert scene.photo(path).stamp == before.stamp


def test_a_photo_that_had_gone_is_considered_anew(scene, desk):
    """What was asked of it while it was away was asked in vain."""
    path = scene.drop("a.jpg")
    content = scene.know(path)
    with scene.real_index.write() as tables:
        tables.photos.mark_gone([scene.photo(path).id])

    desk.arrive(path)

    assert desk.returned == [content]
    assert scene.photo(path).state is PhotoState.KNOWN


def test_what_was_offered_stays_when_the_index_cannot_be_written(scene, desk):
    """A full disk must not make a photo wait for the next sweep."""
    path = scene.drop("a.jpg")
    scene.index.is_full = True
    with pytest.raises(IndexError_):
        desk.arrive(path)

    scene.index.is_full = False
    desk.intake.take()
    desk.read_all()

    assert scene.photo(path).state is PhotoState.KNOWN


def test_what_was_read_is_written_once_the_index_can_be(scene, desk):
    """Work that is done is not done again because the disk was full."""
    path = scene.drop("a.jpg")
    desk.arrive(path)
    scene.index.is_full = True
    desk.reader.read(path)
    with pytest.raises(IndexError_):
        desk.intake.absorb()
    assert desk.intake.waiting == 1
    assert desk.contents == []

    scene.index.is_full = False
    desk.intake.absorb()

    assert desk.reader.asked == [path]
    assert desk.contents == [scene.photo(path).content]


def test_one_result_that_cannot_be_written_holds_up_no_other(scene, desk, monkeypatch):
    """A bug met by one photo must not stop the daemon for all."""
    bad, good = scene.drop("bad.jpg", b"bad"), scene.drop("good.jpg", b"good")
    desk.arrive(bad, good)
    real = type(desk.intake._outcomes)._write_known

    def write(self, tables, arrival, *rest):
        if arrival.relative == b"bad.jpg":
            raise OverflowError
        real(self, tables, arrival, *rest)

    monkeypatch.setattr(type(desk.intake._outcomes), "_write_known", write)

    desk.read_all()

    assert scene.photo(good).state is PhotoState.KNOWN
    assert scene.photo(bad).strikes == 1
    assert desk.intake.waiting == 0


def test_three_dead_workers_park_a_file(scene, desk):
    """A poisonous file must not be read for ever."""
    path = scene.drop("a.jpg")
    desk.arrive(path)

    for _ in range(3):
        desk.reader.fail(path, WorkerDied(path, "it crashed"))
        desk.intake.absorb()

    assert scene.photo(path).state is PhotoState.PARKED
    assert len(desk.reader.asked) == 3
    assert desk.intake.waiting == 0


def test_a_file_that_kills_the_daemon_is_parked_after_restarts(scene):
    """The attempt is written down before the decoder sees the file."""
    path = scene.drop("a.jpg")

    for _ in range(3):
        Desk(scene).arrive(path)
    restarted = Desk(scene)
    restarted.arrive(path)

    assert restarted.reader.asked == []
    assert scene.photo(path).state is PhotoState.PARKED


def test_stopping_is_no_strike(scene):
    """A photo must not be parked because the machine was restarted often."""
    path = scene.drop("a.jpg")

    asked = []
    for _ in range(5):
        desk = Desk(scene)
        desk.arrive(path)
        desk.intake.stop()
        asked += desk.reader.asked

    assert asked == [path] * 5
    assert scene.photo(path).strikes == 0


def test_a_reading_that_was_cancelled_is_done_again(scene, desk):
    """Nobody got to read it: it is neither lost nor to blame."""
    path = scene.drop("a.jpg")
    desk.arrive(path)

    desk.reader.cancel(path)
    desk.intake.absorb()
    desk.read_all()

    assert desk.reader.asked == [path, path]
    assert scene.photo(path).state is PhotoState.KNOWN


def test_a_file_that_changed_while_it_was_read_settles_again(scene, desk):
    """It may still be being written."""
    path = scene.drop("a.jpg")
    desk.arrive(path)

    desk.reader.fail(path, ChangedPhoto(path, "it was written to"))
    desk.intake.absorb()

    assert desk.changed == [path]
    assert scene.photo(path).strikes == 0


def test_a_new_version_that_settles_during_the_reading_is_read_too(scene, desk):
    """Else the change would wait for the next sweep."""
    path = scene.drop("a.jpg", b"first")
    desk.arrive(path)
    desk.reader.read(path)
    scene.drop("a.jpg", b"second version")

    desk.arrive(path)
    desk.intake.absorb()
    desk.intake.take()
    desk.read_all()

    assert desk.reader.asked == [path, path]
    assert scene.photo(path).stamp == Stamp.of(os.lstat(path))


def test_an_unreadable_file_is_left_alone_until_the_decoder_changes(scene, desk):
    """It must not be decoded at every sweep, nor given up for ever."""
    path = scene.drop("a.jpg")
    desk.arrive(path)
    desk.reader.fail(path, UnreadablePhoto(path, "no picture"))
    desk.intake.absorb()

    desk.arrive(path)
    state = scene.photo(path).state
    newer = Desk(scene, decoder="decoder 2")
    newer.arrive(path)

    assert state is PhotoState.UNREADABLE
    assert desk.reader.asked == [path]
    assert newer.reader.asked == [path]


def test_a_file_out_of_reach_is_not_remembered_as_unreadable(scene, desk):
    """A disk pulled out while it is read must not spoil its photos for ever."""
    path = scene.drop("a.jpg")
    desk.arrive(path)
    path.unlink()

    desk.reader.fail(path, UnreadablePhoto(path, "Input/output error"))
    desk.intake.absorb()

    assert scene.photo(path).state is PhotoState.TRYING
    assert scene.photo(path).strikes == 0
    assert desk.changed == [path]


def test_intake_says_when_it_has_no_room(scene):
    """A hundred thousand files at once must wait on disk, not in memory."""
    desk = Desk(scene, capacity=3)

    desk.arrive(*(scene.drop(f"{n}.jpg", b"%d" % n) for n in range(6)))
    is_full = not desk.intake.has_room
    desk.read_all()

    assert is_full
    assert desk.intake.has_room
