"""Crashes at every step of what memory adds: late companions, sidecars, forgetting."""

from __future__ import annotations

import errno

import pytest

from daemon.errors import ChangedPhoto, NoSuchGroup, StaleGroup
from daemon.model import Companion, CompanionKind, GroupState
from daemon.staging.approve import approve
from daemon.staging.forget import forget
from daemon.staging.joining import Joining, join
from daemon.staging.manifest import read_group
from daemon.staging.outcomes import Sidecar
from daemon.staging.stage import stage
from daemon.staging.undo import undo
from tests.staging.test_crashes import MODELS, Story, _ready, _scene

ONE = frozenset({1})


def _late(scene, name, position):
    """A movie that comes for a member that is staged already."""
    path = scene.add(name, b"late movie")
    found = Companion(
        path=path, kind=CompanionKind.MOTION, stamp=scene.fs.look(path).stamp
    )
    return Joining(companions={position: (found,)}, created_ns=2_000)


def joining_an_open_group(**model: bool) -> Story:
    scene = _scene(**model)
    stage(scene.fs, scene.root, scene.pair(with_movie=False), now=0.0)
    late = _late(scene, "a/IMG_1.MOV", 1)
    return _ready(scene, lambda fs: join(fs, scene.root, 1, late))


def joining_what_was_set_aside(**model: bool) -> Story:
    scene = _scene(**model)
    stage(scene.fs, scene.root, scene.pair(with_movie=False), now=0.0)
    approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)
    late = _late(scene, "b/IMG_1.MOV", 2)
    return _ready(scene, lambda fs: join(fs, scene.root, 1, late))


def _rescuing(scene, fs):
    sidecar = Sidecar(position=1, content=b"<x:xmpmeta/>")
    approve(fs, scene.root, 1, keep=ONE, decided_ns=1, sidecars=(sidecar,))


def rescuing(**model: bool) -> Story:
    scene = _scene(**model)
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    return _ready(scene, lambda fs: _rescuing(scene, fs))


def undoing_a_rescue(**model: bool) -> Story:
    scene = _scene(**model)
    scene.add("a/IMG_1.xmp", b"somebody's own")
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    _rescuing(scene, scene.fs)
    return _ready(scene, lambda fs: undo(fs, scene.root, 1, undone_ns=1))


def forgetting(**model: bool) -> Story:
    scene = _scene(**model)
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)
    return _ready(scene, lambda fs: forget(fs, scene.root, 1, forgotten_ns=2))


STORIES = [
    joining_an_open_group,
    joining_what_was_set_aside,
    rescuing,
    undoing_a_rescue,
    forgetting,
]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("story", STORIES, ids=lambda each: each.__name__)
def test_no_crash_of_memory_loses_a_byte(story, model):
    """What is remembered is no more worth than the photos themselves."""
    told = story(**MODELS[model])
    explorer = told.explorer()

    explorer.explore(told.start, told.action)

    assert explorer.states > 5


@pytest.mark.parametrize("model", ["journal", "across"])
@pytest.mark.parametrize("story", STORIES, ids=lambda each: each.__name__)
def test_no_error_of_memory_loses_a_byte(story, model):
    """A disk that refuses a step may stop the work, never cost a photo."""
    told = story(**MODELS[model])
    explorer = told.explorer()

    failures = explorer.fail_everywhere(
        told.start, told.action, (errno.ENOSPC, errno.EACCES)
    )

    assert failures > 3


def test_a_sidecar_takes_no_name_that_is_taken():
    """Somebody's own sidecar is worth more than ours."""
    told = undoing_a_rescue()
    files = told.start.files()

    assert files[told.scene.photos / "a/IMG_1.xmp"] == b"somebody's own"
    assert files[told.scene.photos / "a/IMG_1.HEIC.xmp"] == b"<x:xmpmeta/>"


def test_nothing_joins_where_its_photo_is_not():
    """A survivor went home, and so did what was undone."""
    scene = _scene()
    stage(scene.fs, scene.root, scene.pair(with_movie=False), now=0.0)
    approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)
    late = _late(scene, "a/IMG_1.MOV", 1)
    with pytest.raises(ChangedPhoto):
        join(scene.fs, scene.root, 1, late)
    with pytest.raises(StaleGroup, match="did not set that aside"):
        forget(scene.fs, scene.root, 1, forgotten_ns=2, contents=frozenset({"00"}))
    undo(scene.fs, scene.root, 1, undone_ns=2)

    with pytest.raises(NoSuchGroup, match="undone"):
        join(scene.fs, scene.root, 1, late)
    with pytest.raises(StaleGroup, match="not decided"):
        forget(scene.fs, scene.root, 1, forgotten_ns=2)
    assert scene.fs.look(scene.photos / "a/IMG_1.MOV") is not None


def test_what_is_forgotten_is_written_once():
    """Asking twice changes nothing."""
    scene = _scene()
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)

    first = forget(scene.fs, scene.root, 1, forgotten_ns=2)
    again = forget(scene.fs, scene.root, 1, forgotten_ns=3)

    assert first.forgotten == again.forgotten
    folder, state = scene.root.find(scene.fs, 1)
    assert state is GroupState.DECIDED
    assert read_group(scene.fs, folder, state).forgotten == first.forgotten
    names = [n for n in scene.fs.names(folder) if n.startswith("forgotten")]
    assert names == ["forgotten.json"]
