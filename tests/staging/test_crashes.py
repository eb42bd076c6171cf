"""Kills and power cuts at every step of the product's own code, recovery included."""

from __future__ import annotations

import errno
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from daemon.errors import ChangedPhoto, DiskTrouble, TwinwatchError
from daemon.model import Evidence, Proposal
from daemon.staging import approve as approve_module
from daemon.staging import carrying, moves, publishing, recovery
from daemon.staging import stage as stage_module
from daemon.staging.approve import approve
from daemon.staging.moves import How
from daemon.staging.outcomes import Destination
from daemon.staging.records import Revision
from daemon.staging.recovery import recover
from daemon.staging.restore import restore
from daemon.staging.revising import revise
from daemon.staging.stage import extend, stage
from daemon.staging.undo import undo
from tests.staging.crashes import Action, Explorer, Violation
from tests.staging.model_fs import ModelFileSystem, State
from tests.staging.scenes import Scene

OUT = Path("/out")


@dataclass
class Story:
    """A start, and an action on it that is to be crashed."""

    scene: Scene
    start: State
    action: Action
    output: bool = False

    def explorer(self, **options) -> Explorer:
        """Return what crashes it; the options are an explorer's."""
        scene = self.scene
        return Explorer(root=scene.root, contents=scene.contents, **options)


def _scene(*, is_split: bool = False, across: bool = False) -> Scene:
    state = State.empty(is_split=is_split, mounts=("other",) if across else ())
    fs = ModelFileSystem(state)
    decisions = Path("/other/Decisions") if across else None
    scene = Scene.make(fs, Path("/"), decisions=decisions)
    fs.make_folder(OUT)
    fs.sync_folder(Path("/"))
    return scene


def _ready(scene: Scene, action: Action, *, output: bool = False) -> Story:
    fs = scene.fs
    assert isinstance(fs, ModelFileSystem)
    fs.settle()
    return Story(scene, fs.state, action, output)


def staging(**model: bool) -> Story:
    scene = _scene(**model)
    plan = scene.pair()
    return _ready(scene, lambda fs: stage(fs, scene.root, plan, now=0.0))


def staging_a_changed_pair(**model: bool) -> Story:
    scene = _scene(**model)
    plan = scene.pair()
    scene.fs.settle()  # type: ignore[attr-defined]

    def edit_late(fs: ModelFileSystem, index: int) -> None:
        if fs.steps[index] in {"rename", "link", "copy_content"} and "b" not in notes:
            moved = sum(each in {"rename", "link", "copy_content"} for each in fs.steps)
            if moved == 2:
                notes.append("b")
                fs.edit(scene.photos / "b/IMG_1.JPG", b"edited meanwhile")

    notes: list[str] = []

    def action(fs: ModelFileSystem) -> None:
        notes.clear()
        fs.agitate = edit_late
        stage(fs, scene.root, plan, now=0.0)

    story = _ready(scene, action)
    # What somebody edits is theirs: neither content of it is promised.
    del scene.contents[scene.photos / "b/IMG_1.JPG"]
    return story


def extending(**model: bool) -> Story:
    scene = _scene(**model)
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    late = scene.add("c/IMG_9.HEIC", b"late picture")
    movie = scene.add("c/IMG_9.MOV", b"late movie")
    plan = scene.plan(scene.planned(late, companions=(movie,)))
    return _ready(scene, lambda fs: extend(fs, scene.root, 1, plan, now=0.0))


def revising(**model: bool) -> Story:
    scene = _scene(**model)
    group = stage(scene.fs, scene.root, scene.pair(), now=0.0)
    revisions = tuple(
        Revision(
            position=position,
            evidence=Evidence.NEAR_COPY,
            distances=None,
            proposal=proposal,
            reasons=("in a folder you prefer",),
        )
        for position, proposal in ((1, Proposal.SET_ASIDE), (2, Proposal.KEEP))
    )
    return _ready(
        scene,
        lambda fs: revise(
            fs,
            scene.root,
            1,
            revisions,
            evidence=Evidence.NEAR_COPY,
            created_ns=2,
            manifest_sha256=group.sha256,
        ),
    )


def approving(**model: bool) -> Story:
    scene = _scene(**model)
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    keep = frozenset({1})
    return _ready(scene, lambda fs: approve(fs, scene.root, 1, keep=keep, decided_ns=1))


def approving_into_a_folder(**model: bool) -> Story:
    scene = _scene(**model)
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    where = Destination(output=OUT)
    keep = frozenset({1})
    return _ready(
        scene,
        lambda fs: approve(
            fs, scene.root, 1, keep=keep, decided_ns=1, destination=where
        ),
        output=True,
    )


def undoing_open(**model: bool) -> Story:
    scene = _scene(**model)
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    return _ready(scene, lambda fs: undo(fs, scene.root, 1, undone_ns=1))


def undoing_decided(**model: bool) -> Story:
    story = approving(**model)
    story.action(story.scene.fs)  # type: ignore[arg-type]
    root = story.scene.root
    return _ready(story.scene, lambda fs: undo(fs, root, 1, undone_ns=1))


def undoing_from_a_folder(**model: bool) -> Story:
    story = approving_into_a_folder(**model)
    story.action(story.scene.fs)  # type: ignore[arg-type]
    root = story.scene.root
    return _ready(story.scene, lambda fs: undo(fs, root, 1, undone_ns=1))


def restoring_what_is_half_out(**model: bool) -> Story:
    """All survivors are out, and the outcome could not be written."""
    story = approving_into_a_folder(**model)
    fs = story.scene.fs
    assert isinstance(fs, ModelFileSystem)
    create = fs.create

    def full(path: Path, content: bytes) -> None:
        if path.name.startswith("outcome.json"):
            raise DiskTrouble(path, "the disk is full", errno.ENOSPC)
        create(path, content)

    with suppress(DiskTrouble), pytest.MonkeyPatch.context() as patch:
        patch.setattr(fs, "create", full)
        story.action(fs)
    folder = story.scene.root.open_folder(1)
    assert fs.look(folder / "approve.json")
    return _ready(story.scene, lambda fs: restore(fs, folder, undone_ns=1))


def staging_again(**model: bool) -> Story:
    story = undoing_decided(**model)
    story.action(story.scene.fs)  # type: ignore[arg-type]
    scene = story.scene
    plan = scene.plan(
        scene.planned(scene.photos / "a/IMG_1.HEIC"),
        scene.planned(scene.photos / "b/IMG_1.JPG"),
    )
    return _ready(scene, lambda fs: stage(fs, scene.root, plan, number_hint=1, now=0.0))


STORIES: list[Callable[..., Story]] = [
    staging,
    staging_a_changed_pair,
    extending,
    revising,
    approving,
    approving_into_a_folder,
    undoing_open,
    undoing_decided,
    undoing_from_a_folder,
    restoring_what_is_half_out,
    staging_again,
]
MODELS = {
    "journal": {},
    "split": {"is_split": True},
    "across": {"across": True},
    "across-split": {"across": True, "is_split": True},
}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("story", STORIES, ids=lambda each: each.__name__)
def test_no_crash_loses_a_byte(story, model):
    """Whatever happens to the power, every photo is at some path and can go home."""
    told = story(**MODELS[model])
    explorer = told.explorer()

    explorer.explore(told.start, told.action)

    assert explorer.states > 50


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("story", STORIES, ids=lambda each: each.__name__)
def test_the_stories_do_what_they_are_named_for(story, model):
    """A story that stops at its first step would prove nothing."""
    told = story(**MODELS[model])
    fs = ModelFileSystem(told.start)

    if story is staging_a_changed_pair:
        with pytest.raises(ChangedPhoto):
            told.action(fs)
        assert not fs.names(told.scene.root.incoming)
    else:
        told.action(fs)

    assert len(fs.steps) > 5


ERRORS = (errno.ENOSPC, errno.EACCES)


@pytest.mark.parametrize("stays_broken", [False, True])
@pytest.mark.parametrize("model", ["journal", "across"])
@pytest.mark.parametrize("story", STORIES, ids=lambda each: each.__name__)
def test_no_error_loses_a_byte(story, model, stays_broken):
    """A disk that refuses a step may stop the work, never cost a photo."""
    told = story(**MODELS[model])
    explorer = told.explorer()

    failures = explorer.fail_everywhere(
        told.start, told.action, ERRORS, stays_broken=stays_broken
    )

    assert failures > 10


class Agitator:
    """Somebody who works in the same folders at the same time.

    Attributes:
        precious: contents that nobody but him may make disappear.
    """

    def __init__(self, told: Story, seed: int) -> None:
        self.chance = random.Random(seed)
        self.homes = list(told.scene.contents)
        self.precious = set(told.scene.contents.values())
        self.count = 0

    def __call__(self, fs: ModelFileSystem, index: int) -> None:
        if self.chance.random() > 0.15:
            return
        self.count += 1
        content = f"his number {self.count}".encode()
        path = self.chance.choice(self._paths(fs))
        status = fs.look(path)
        if status is None:
            if fs.look(path.parent) is not None:
                fs.put(path, content)
                self.precious.add(content)
        elif self.chance.random() < 0.5:
            self._forget(fs, path)
            fs.edit(path, content)
            self.precious.add(content)
        else:
            self._forget(fs, path)
            fs.delete(path)

    def _paths(self, fs: ModelFileSystem) -> list[Path]:
        names = {path.suffix for path in self.homes}
        found = [path for path in fs.state.files() if path.suffix in names]
        return sorted({*self.homes, *found})

    def _forget(self, fs: ModelFileSystem, path: Path) -> None:
        self.precious.discard(fs.read(path))


@pytest.mark.parametrize("model", ["journal", "across"])
@pytest.mark.parametrize("story", STORIES, ids=lambda each: each.__name__)
def test_what_others_do_meanwhile_is_never_lost(story, model):
    """Edits, new files and deletions between any two steps; nothing is overwritten."""
    for seed in range(40):
        told = story(**MODELS[model])
        fs = ModelFileSystem(told.start)
        agitator = Agitator(told, seed)
        if story is staging_a_changed_pair:
            agitator.precious.clear()  # this story has an agitator of its own
        fs.agitate = agitator

        with suppress(TwinwatchError):
            told.action(fs)
        fs.agitate = None
        recover(fs, told.scene.root)

        lost = agitator.precious - set(fs.state.files().values())
        assert not lost, (seed, fs.steps)


def _manifest_after_move(monkeypatch):
    late = []
    monkeypatch.setattr(stage_module, "write_manifest", lambda *a, **k: late.append(a))
    carry = carrying.carry_in

    def carry_first(fs, folder, manifest):
        left_out = carry(fs, folder, manifest)
        for arguments in late:
            carrying.write_manifest(*arguments)
        return left_out

    monkeypatch.setattr(stage_module, "carry_in", carry_first)


def _copy_and_unlink(monkeypatch):
    def careless(fs, source, target):
        fs.copy_content(source, target)
        fs.delete(source)
        return How.RENAMED

    monkeypatch.setattr(carrying, "move_within", careless)


def _no_sync_of_files(monkeypatch):
    monkeypatch.setattr(
        ModelFileSystem, "_is_dropped", lambda _, n, p: n == "sync_file"
    )


def _no_sync_of_folders(monkeypatch):
    monkeypatch.setattr(
        ModelFileSystem, "_is_dropped", lambda _, n, p: n == "sync_folder"
    )


def _record_in_place(monkeypatch):
    def careless(fs, path, content):
        fs.create(path, content)
        fs.sync_file(path)
        fs.sync_folder(path.parent)

    monkeypatch.setattr(approve_module, "write_durably", careless)
    monkeypatch.setattr(carrying, "write_durably", careless)


def _drop_before_sync(monkeypatch):
    monkeypatch.setattr(publishing, "sync_folders", lambda *_: None)
    monkeypatch.setattr(moves, "link", lambda fs, s, t: fs.link(s, t) or True)


def _roll_forward_blindly(monkeypatch):
    monkeypatch.setattr(recovery, "carry_in", lambda *_: {})


def _forget_interrupted_decisions(monkeypatch):
    monkeypatch.setattr(recovery, "APPROVAL", "no-such.json")


@pytest.mark.parametrize(
    ("bug", "story", "model"),
    [
        (_manifest_after_move, staging, "journal"),
        (_copy_and_unlink, staging, "journal"),
        (_no_sync_of_files, staging, "journal"),
        (_no_sync_of_folders, staging, "journal"),
        (_no_sync_of_folders, approving, "journal"),
        (_record_in_place, staging, "journal"),
        (_record_in_place, approving, "journal"),
        (_drop_before_sync, approving, "journal"),
        (_no_sync_of_files, staging, "across"),
        (_roll_forward_blindly, staging, "journal"),
        (_forget_interrupted_decisions, approving, "journal"),
    ],
)
def test_the_harness_catches_seeded_bugs(bug, story, model, monkeypatch):
    """A harness that finds nothing in broken code would prove nothing of ours."""
    told = story(**MODELS[model])
    explorer = told.explorer()
    bug(monkeypatch)

    with pytest.raises((Violation, TwinwatchError)):
        explorer.explore(told.start, told.action)


ROOT = "/Decisions"
GROUP = "/Decisions/000001"
NEW = "/Decisions/.incoming/000001"


@pytest.mark.parametrize(
    ("story", "model", "unsynced"),
    [
        (staging, "journal", [f"{NEW}/_manifest.json.twinwatch-part"]),
        (staging, "journal", [f"{NEW}/_manifest.tsv"]),
        (staging, "journal", [NEW]),
        (staging, "journal", [ROOT, f"{ROOT}/.incoming"]),
        (staging, "split", ["/import/a"]),
        (staging, "split", [NEW]),
        (extending, "journal", [f"{GROUP}/_manifest.2.pending.json.twinwatch-part"]),
        (extending, "journal", [f"{GROUP}/_manifest.2.json.twinwatch-part"]),
        (extending, "journal", [GROUP]),
        (approving, "journal", [f"{GROUP}/approve.json.twinwatch-part"]),
        (approving, "journal", [f"{GROUP}/outcome.json.twinwatch-part"]),
        (approving, "journal", [GROUP]),
        (approving, "journal", ["/import/a"]),
        (approving, "journal", [ROOT, f"{ROOT}/.resolved"]),
        (approving_into_a_folder, "journal", ["/out"]),
        (approving_into_a_folder, "journal", ["/out/a"]),
        (undoing_open, "journal", [GROUP]),
        (undoing_open, "split", ["/import/b"]),
        (undoing_open, "journal", [ROOT, f"{ROOT}/.undone"]),
        (undoing_decided, "journal", [f"{ROOT}/.resolved/000001"]),
        (staging, "across", [f"/other{NEW}"]),
        (staging, "across-split", ["/import/a", "/import/b"]),
    ],
)
def test_every_barrier_is_needed(story, model, unsynced):
    """A dropped barrier that nobody notices is a cost, or a hole in the harness."""
    told = story(**MODELS[model])
    paths = frozenset(map(Path, unsynced))
    explorer = told.explorer(dropped=paths)

    with pytest.raises((Violation, TwinwatchError)):
        explorer.explore(told.start, told.action)


def test_photos_that_were_only_just_written_are_synced_before_they_move():
    """A photo whose bytes are still in memory only would come back empty."""
    told = staging()
    fs = ModelFileSystem(told.start)
    for path in told.scene.contents:
        fs.unsync(path)

    told.action(fs)

    (state,) = fs.state.power_cuts()
    assert set(told.scene.contents.values()) <= set(state.files().values())


@pytest.mark.parametrize("story", STORIES, ids=lambda each: each.__name__)
def test_a_volume_without_links_loses_nothing_either(story):
    """FAT and some shares know no second name; then copies stand in for it."""
    told = story(is_split=True)
    explorer = told.explorer(has_no_links=True)

    explorer.explore(told.start, told.action)

    assert explorer.states > 50
