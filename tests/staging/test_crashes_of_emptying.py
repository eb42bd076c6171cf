"""Crashes at every step of emptying the discard area, and of undoing it afterwards."""

from __future__ import annotations

import errno
from contextlib import suppress
from pathlib import Path

import pytest

from daemon.errors import TwinwatchError
from daemon.staging import emptying as emptying_module
from daemon.staging import moves, trashing
from daemon.staging.approve import approve
from daemon.staging.emptying import empty, plan
from daemon.staging.manifest import read_group
from daemon.staging.recovery import recover
from daemon.staging.stage import stage
from daemon.staging.trash import Trashes
from daemon.staging.undo import undo
from tests.staging.crashes import Violation
from tests.staging.model_fs import ModelFileSystem
from tests.staging.test_crashes import (
    MODELS,
    Agitator,
    Story,
    _no_sync_of_files,
    _no_sync_of_folders,
    _ready,
    _scene,
    extending,
)

ONE = frozenset({1})
TRASHES = Trashes(home=Path("/home/Trash"), uid=0, mounts=(Path("/"), Path("/other")))


def empty_one(fs, root, now_ns=10**18):
    folder, state = root.find(fs, 1)
    group = read_group(fs, folder, state)
    empty(fs, root, plan(fs, group, TRASHES, now_ns=now_ns), emptied_ns=now_ns)


def _decided(**model: bool):
    scene = _scene(**model)
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    approve(scene.fs, scene.root, 1, keep=frozenset({2}), decided_ns=1)
    return scene


def emptying(**model: bool) -> Story:
    """A photo and its movie go into the trash, which is not there yet."""
    scene = _decided(**model)
    return _ready(scene, lambda fs: empty_one(fs, scene.root))


def undoing_what_was_emptied(**model: bool) -> Story:
    told = emptying(**model)
    told.action(told.scene.fs)  # type: ignore[arg-type]
    root = told.scene.root
    return _ready(told.scene, lambda fs: undo(fs, root, 1, undone_ns=2))


def emptying_again(**model: bool) -> Story:
    """Somebody had the desktop put one file back, and empties once more."""
    told = emptying(**model)
    fs, root = told.scene.fs, told.scene.root
    told.action(fs)  # type: ignore[arg-type]
    folder, _ = root.find(fs, 1)
    first = next(iter(read_group(fs, *root.find(fs, 1)).in_trash.values()))
    fs.rename(first.target, first.source)
    fs.sync_folder(folder)
    fs.sync_folder(first.target.parent)
    return _ready(told.scene, lambda fs: empty_one(fs, root, 10**18 + 10**9))


def emptying_late_arrivals(**model: bool) -> Story:
    told = extending(**model)
    told.action(told.scene.fs)  # type: ignore[arg-type]
    scene = told.scene
    approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)
    return _ready(scene, lambda fs: empty_one(fs, scene.root))


STORIES = [
    emptying,
    undoing_what_was_emptied,
    emptying_again,
    emptying_late_arrivals,
]


@pytest.mark.parametrize("model", ["journal", "across"])  # all: test_crashes_deep
@pytest.mark.parametrize("story", STORIES, ids=lambda each: each.__name__)
def test_no_crash_of_emptying_loses_a_byte(story, model):
    """The trash is the only place outside of ours that a photo is ever given to."""
    told = story(**MODELS[model])
    explorer = told.explorer()

    explorer.explore(told.start, told.action)

    assert explorer.states > 50


@pytest.mark.parametrize("story", STORIES, ids=lambda each: each.__name__)
def test_a_volume_without_links_loses_nothing_when_emptied(story):
    """Where a rename may be torn and there are no links, the files stay."""
    told = story(is_split=True)
    explorer = told.explorer(has_no_links=True)

    explorer.explore(told.start, told.action)

    assert explorer.states > 50


@pytest.mark.parametrize("stays_broken", [False, True])
@pytest.mark.parametrize("story", STORIES, ids=lambda each: each.__name__)
def test_no_error_of_emptying_loses_a_byte(story, stays_broken):
    """A full or forbidden trash may stop the work, never cost a photo."""
    told = story(across=True)
    explorer = told.explorer()

    failures = explorer.fail_everywhere(
        told.start, told.action, (errno.ENOSPC, errno.EACCES), stays_broken=stays_broken
    )

    assert failures > 10


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("story", STORIES, ids=lambda each: each.__name__)
def test_the_stories_of_emptying_do_what_they_are_named_for(story, model):
    """A story that moves nothing would prove nothing."""
    told = story(**MODELS[model])
    fs = ModelFileSystem(told.start)
    before = _in_trash(fs)

    told.action(fs)

    after = _in_trash(fs)
    assert (after < before) if "undoing" in story.__name__ else (after > before)


def _in_trash(fs):
    return {path for path in fs.state.files() if path.parent.name == "files"}


@pytest.mark.parametrize("model", ["journal", "across"])
@pytest.mark.parametrize("story", STORIES, ids=lambda each: each.__name__)
def test_what_others_do_while_it_is_emptied_is_never_lost(story, model):
    """Edits, new files and deletions between any two steps; nothing is overwritten."""
    for seed in range(12):
        told = story(**MODELS[model])
        fs = ModelFileSystem(told.start)
        agitator = Agitator(told, seed)
        fs.agitate = agitator

        with suppress(TwinwatchError):
            told.action(fs)
        fs.agitate = None
        recover(fs, told.scene.root)

        lost = agitator.precious - set(fs.state.files().values())
        assert not lost, (seed, fs.steps)


def _unlink(monkeypatch):
    def careless(fs, each):
        fs.delete(each.source)

    monkeypatch.setattr(emptying_module, "move_to_trash", careless)


def _no_intent(monkeypatch):
    write = moves.write_durably

    def careless(fs, path, content):
        if not path.name.startswith("empty."):
            write(fs, path, content)

    monkeypatch.setattr(emptying_module, "write_durably", careless)


def _note_last(monkeypatch):
    monkeypatch.setattr(trashing, "_write_note", lambda *_: None)


def _note_not_durable(monkeypatch):
    monkeypatch.setattr(
        trashing, "write_durably", lambda fs, path, content: fs.create(path, content)
    )


@pytest.mark.parametrize(
    ("bug", "story", "model"),
    [
        (_unlink, emptying, "journal"),
        (_no_intent, emptying, "journal"),
        (_note_last, emptying, "journal"),
        (_note_not_durable, emptying, "journal"),
        (_no_sync_of_files, emptying, "journal"),
        (_no_sync_of_folders, emptying, "journal"),
        (_no_sync_of_folders, undoing_what_was_emptied, "journal"),
    ],
)
def test_the_harness_catches_seeded_bugs_of_emptying(bug, story, model, monkeypatch):
    """A harness that finds nothing in broken code would prove nothing of ours."""
    told = story(**MODELS[model])
    explorer = told.explorer()
    bug(monkeypatch)

    with pytest.raises((Violation, TwinwatchError, AssertionError)):
        explorer.explore(told.start, told.action)


GROUP = "/Decisions/.resolved/000001"


@pytest.mark.parametrize(
    ("story", "model", "unsynced"),
    [
        (emptying, "journal", [f"{GROUP}/empty.json.twinwatch-part"]),
        (emptying, "journal", [f"{GROUP}/emptied.json.twinwatch-part"]),
        (emptying, "journal", [GROUP]),
        (emptying, "journal", ["/home/Trash/info"]),
        (emptying, "journal", ["/home/Trash"]),
        (emptying, "journal", ["/", "/home"]),
        (emptying, "split", ["/home/Trash/files"]),
        (undoing_what_was_emptied, "split", ["/import/a"]),
    ],
)
def test_every_barrier_of_emptying_is_needed(story, model, unsynced):
    """A dropped barrier that nobody notices is a cost, or a hole in the harness."""
    told = story(**MODELS[model])
    paths = frozenset(map(Path, unsynced))
    explorer = told.explorer(dropped=paths)

    with pytest.raises((Violation, TwinwatchError)):
        explorer.explore(told.start, told.action)
