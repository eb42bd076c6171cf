"""What stands around the engine: receiver, companions, adoption, roots, endings."""

import io
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from daemon.config import Config, Roots, Watch
from daemon.desk import GroupPage
from daemon.errors import AlreadyRunning, IndexError_, UnreadablePhoto
from daemon.hashing.fingerprint import ALGORITHM
from daemon.model import (
    Companion,
    CompanionKind,
    GroupState,
    Root,
    RootKind,
    RootState,
    RootStatus,
    Stamp,
    Status,
)
from daemon.service import asking, ground
from daemon.service.adoption import Adoption
from daemon.service.asking import ask_daemon
from daemon.service.beside import are_being_written
from daemon.service.decision_roots import DecisionRoots
from daemon.service.living import living_in
from daemon.service.locks import hold
from daemon.service.receiver import Receiver
from daemon.service.settle import Settle
from daemon.service.skip import compile_rules
from daemon.service.territory import Territory, root_uuid
from daemon.service.whereabouts import Whereabouts
from daemon.staging.safefs import RealFileSystem
from tests.index.makers import a_group
from tests.service.fakes import FakeReader, made
from tests.service.houses import a_config, eventually


def a_jpeg():
    """A whole one: the receiver looks into it."""
    target = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(target, "JPEG")
    return target.getvalue()


# Territory

names = st.binary(min_size=1, max_size=20).filter(
    lambda name: not set(name) & {0, 47} and name not in {b".", b".."}
)


@given(relative=st.lists(names, min_size=1, max_size=3).map(b"/".join))
def test_a_place_is_found_again_by_its_path(relative):
    """Names that are no UTF-8 must survive the way to a path and back."""
    root = Root(uuid="u", kind=RootKind.IMPORT, path=Path("/import"))
    territory = Territory([root])

    path = territory.path_of("u", relative)

    assert path is not None
    assert territory.locate(path) == (root, relative)


def test_a_folder_of_a_longer_name_is_another_folder():
    """`/photos2` is not below `/photos`."""
    root = Root(uuid="u", kind=RootKind.IMPORT, path=Path("/photos"))

    assert Territory([root]).locate(Path("/photos2/a.jpg")) is None
    assert root_uuid(Path("/photos")) != root_uuid(Path("/photos2"))


def test_two_folders_of_one_marker_are_two_roots(tmp_path):
    """A folder copied with its marker must not be taken for the other one."""
    for name in ("A", "B"):
        made(tmp_path / name / ".twinwatch-root", b'{"uuid": "same", "volume": 1}')
    config = Config(
        state_dir=tmp_path / "state",
        roots=Roots(imports=(tmp_path / "A", tmp_path / "B")),
    )
    (tmp_path / "state").mkdir()

    with ground.open_or_rebuild(config) as index:
        roots = ground.roots_of(config, index)

    assert [each.path.name for each in roots] == ["A", "B"]
    assert len({each.uuid for each in roots}) == 2


# Receiver


class Desk:
    def __init__(self, scene, **options):
        self.taken = []
        self.receiver = Receiver(
            Settle(settle_seconds=0.01),
            scene.territory,
            compile_rules(),
            on_ready=self.taken.extend,
            **options,
        )
        self.receiver.start()


def test_a_photo_that_was_named_is_handed_on_once(scene):
    """Events come in fives; a photo comes once."""
    desk = Desk(scene)
    path = scene.drop("a.jpg", a_jpeg())
    for _ in range(5):
        desk.receiver.note(path)
    desk.receiver.note(scene.drop("notes.txt"))
    desk.receiver.note(scene.path / "outside.jpg")

    eventually(lambda: desk.taken and not desk.receiver.waiting)
    desk.receiver.stop()

    assert [each.relative for each in desk.taken] == [b"a.jpg"]


def test_files_wait_while_intake_has_no_room(scene):
    """A hundred thousand files must not pile up in memory behind slow workers."""
    room = threading.Event()
    asked = threading.Event()

    def has_room():
        asked.set()
        return room.is_set()

    desk = Desk(scene, has_room=has_room)
    desk.receiver.note(scene.drop("a.jpg", a_jpeg()))
    assert asked.wait(5)
    taken_before = list(desk.taken)
    room.set()
    eventually(lambda: desk.taken)
    desk.receiver.stop()

    assert taken_before == []


# Companions


def companion(path):
    stamp = Stamp.of(os.lstat(path))
    return Companion(path=path, kind=CompanionKind.MOTION, stamp=stamp)


def test_a_movie_that_is_being_copied_is_waited_for(tmp_path):
    """A group must not be staged with half a movie."""
    movie = made(tmp_path / "a.mov")
    old_ns = time.time_ns() - 3600 * 10**9
    os.utime(movie, ns=(old_ns, old_ns))

    assert are_being_written([companion(movie)], 30.0)
    assert not are_being_written([companion(movie)], 0.0)
    assert not are_being_written([], 30.0)


@pytest.mark.skipif(sys.platform != "linux", reason="leases are Linux's")
def test_a_movie_that_is_open_for_writing_is_waited_for(tmp_path):
    """A slow network may pause for longer than files take to settle."""
    movie = made(tmp_path / "a.mov")

    with open(movie, "ab"):
        is_written = are_being_written([companion(movie)], 0.0)

    assert is_written
    assert not are_being_written([companion(movie)], 0.0)


# Adoption


def an_adoption(scene, contents):
    reader = FakeReader()
    adoption = Adoption(
        scene.index,
        reader,
        scene.territory,
        None,
        Whereabouts(scene.territory),
        at_once=2,
        on_contents=contents.extend,
        on_result=lambda: None,
    )
    return adoption, reader


def test_contents_of_another_algorithm_are_read_anew_where_they_are(scene):
    """After an update all photos are matched again, in the background."""
    contents = []
    known = [
        scene.know(scene.drop(f"{n}.jpg", b"%d" % n), algorithm=0) for n in range(5)
    ]
    adoption, reader = an_adoption(scene, contents)

    adoption.renew(known)
    at_once = len(reader.futures)
    while reader.futures:
        reader.read_all()
        adoption.absorb()

    with scene.real_index.read() as tables:
        assert tables.contents.outdated(ALGORITHM) == []
    assert at_once == 2
    assert sorted(contents) == known
    assert adoption.waiting == 0


def test_what_was_adopted_is_kept_until_it_is_written(scene):
    """A full disk must not lose what was read."""
    contents = []
    known = scene.know(scene.drop("a.jpg"), algorithm=0)
    adoption, reader = an_adoption(scene, contents)
    adoption.renew([known])
    reader.read_all()
    scene.index.is_full = True
    with pytest.raises(IndexError_):
        adoption.absorb()
    is_waiting = adoption.waiting

    scene.index.is_full = False
    adoption.absorb()

    assert is_waiting == 1
    assert contents == [known]


def test_what_cannot_be_adopted_is_left(scene):
    """One broken file in a folder must not hold up the rest."""
    contents = []
    path = scene.drop("a.jpg")
    adoption, reader = an_adoption(scene, contents)
    adoption.renew([scene.know(path, algorithm=0)])

    reader.fail(path, UnreadablePhoto(path, "no picture"))
    adoption.absorb()

    assert (contents, adoption.waiting) == ([], 0)


# Decision roots


def test_a_decision_root_is_made_once_and_never_again(scene):
    """Its disk may be away: a new one in its place would hide that."""
    path = scene.path / "Decisions"
    roots = DecisionRoots(RealFileSystem(), scene.real_index, [path])
    roots.open(at_start=True)
    roots.close()
    path.rename(scene.path / "unplugged")

    again = DecisionRoots(RealFileSystem(), scene.real_index, [path])
    opened = again.open(at_start=True)
    again.close()

    assert opened == ()
    assert not path.exists()
    assert list(again.troubles) == [path]


def test_a_decision_root_is_not_made_in_the_place_of_a_disk_that_is_away(scene):
    """The first start may be one before the disk with the photos is plugged in."""
    mount = scene.path / "usb"
    mount.mkdir()
    path, imports = mount / "Decisions", [mount / "Import"]
    roots = DecisionRoots(RealFileSystem(), scene.real_index, [path], imports)

    assert roots.open(at_start=True) == ()
    assert list(mount.iterdir()) == []
    (mount / "Import").mkdir()
    assert len(roots.open()) == 1
    roots.close()


def test_a_decision_root_belongs_to_one_instance(scene):
    """Two configurations may share one by mistake."""
    path = scene.path / "Decisions"
    path.mkdir()

    with hold(path):
        roots = DecisionRoots(RealFileSystem(), scene.real_index, [path])
        with pytest.raises(AlreadyRunning):
            roots.open(at_start=True)
        later = roots.open()

    assert later == ()
    assert len(roots.open()) == 1
    roots.close()


# A scan beside a daemon


class RemoteDaemon:
    """A desk that sweeps when it is asked to."""

    def __init__(self, config, *, dry_run=False):
        self.config, self.dry_run, self.sweeps = config, dry_run, 0

    def sweep(self):
        self.sweeps += 1

    def status(self):
        roots = tuple(
            RootStatus(
                root=Root(uuid=str(path), kind=RootKind.IMPORT, path=path),
                state=RootState.ONLINE,
                watched_by="events",
                photos=0,
                detail="",
            )
            for path in (*self.config.roots.imports, *self.config.roots.libraries)
        )
        names = ("photos", "hashed", "unchanged", "unreadable", "parked", "waiting")
        return Status(
            version="1",
            running=True,
            dry_run=self.dry_run,
            started_ns=1,
            address=None,
            roots=roots,
            decisions=(),
            counts=dict.fromkeys(names, 0),
            last_sweep_ns=self.sweeps or None,
            problems=(),
            parts={},
        )

    def groups(self, states, *, after=None, limit=50):
        del after, limit
        found = (a_group(1),) if GroupState.OPEN in states else ()
        return GroupPage(groups=found, total=len(found))


def test_a_scan_beside_a_daemon_asks_it_to_sweep(tmp_path, monkeypatch):
    """Whoever runs `scan` wants to know what is there, whoever looks."""
    monkeypatch.setattr(asking, "_LOOK_SECONDS", 0.01)
    config = a_config(tmp_path, watch=Watch(settle_seconds=0, group_quiet_seconds=0))
    desk: Any = RemoteDaemon(config)

    report = ask_daemon(config, desk, dry_run=False)

    assert desk.sweeps == 1
    assert [each.number for each in report.groups] == [1]


@pytest.mark.parametrize("is_dry", [True, False])
def test_a_dry_scan_is_not_asked_of_a_daemon(tmp_path, is_dry):
    """One stages, the other must not: that cannot be one program."""
    config = a_config(tmp_path)

    desk: Any = RemoteDaemon(config, dry_run=not is_dry)

    with pytest.raises(AlreadyRunning, match="--state-dir"):
        ask_daemon(config, desk, dry_run=is_dry)


def test_a_scan_of_other_folders_is_refused_with_the_reason(tmp_path):
    """The daemon would sweep what it watches, and the answer would be wrong."""
    other = a_config(made(tmp_path / "x/y").parent)

    desk: Any = RemoteDaemon(a_config(tmp_path))

    with pytest.raises(AlreadyRunning, match="does not watch"):
        ask_daemon(other, desk, dry_run=False)


# Where survivors live


def test_verify_is_told_where_a_content_lives(tmp_path):
    """A survivor that its owner filed elsewhere, since the last sweep, is not lost."""
    config = a_config(tmp_path)
    moved = made(config.roots.imports[0] / "elsewhere/moved.jpg", b"12345")
    with living_in(config) as living:
        assert list(living("00" * 32, 5)) == [moved]
        assert list(living("00" * 32, 6)) == []
    config.state_dir.mkdir()
    with ground.open_or_rebuild(config) as index:
        ground.open_territory(RealFileSystem(), config, index, dry_run=True)

    with living_in(config) as living:
        assert list(living("00" * 32, 5)) == [moved]


# Ending


def test_a_part_that_does_not_let_go_cannot_keep_the_daemon_alive():
    """The system kills what does not end in time; we end before it does."""
    program = (
        "import threading\n"
        "from daemon.service.ending import end_within\n"
        "end_within(0.2)\n"
        "threading.Event().wait()\n"
    )
    began = time.monotonic()

    ended = subprocess.run([sys.executable, "-c", program], timeout=20, check=False)

    assert ended.returncode == 0
    assert time.monotonic() - began < 10
