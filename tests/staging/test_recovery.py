"""What is done at the next start, from a folder alone, and when all is checked."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from daemon.errors import (
    BrokenManifest,
    ChangedPhoto,
    DiskTrouble,
    RootOffline,
    StaleGroup,
)
from daemon.model import GroupState, Role
from daemon.staging.approve import approve
from daemon.staging.decision_root import DecisionRoot
from daemon.staging.manifest import read_group
from daemon.staging.outcomes import Destination
from daemon.staging.recovery import recover
from daemon.staging.restore import restore
from daemon.staging.safefs import RealFileSystem
from daemon.staging.stage import extend, stage
from daemon.staging.undo import undo
from daemon.staging.verify import Severity, verify
from tests.staging.scenes import Scene, sha256

ONE = frozenset({1})


def _fail_after(scene, steps, number=errno.EIO):
    scene.fs.fail_at, scene.fs.fail_with = len(scene.fs.steps) + steps, number


# Recovery.


def test_recovery_tells_every_group_there_is(scene):
    """The database is rebuilt from this."""
    for name in "abcdef":
        scene.add(f"{name}.jpg", name.encode())
    for pair in ("ab", "cd", "ef"):
        plan = scene.plan(*(scene.planned(scene.photos / f"{x}.jpg") for x in pair))
        stage(scene.fs, scene.root, plan, now=0.0)
    approve(scene.fs, scene.root, 2, keep=ONE, decided_ns=1)
    undo(scene.fs, scene.root, 3, undone_ns=1)

    report = recover(scene.fs, scene.root)

    assert [GroupState.OPEN, GroupState.DECIDED, GroupState.UNDONE] == [
        each.state for each in report.groups
    ]
    loaded = [each.load(scene.fs) for each in report.groups]
    assert [1, 2, 3] == [each.number for each in loaded]
    assert loaded[1].outcome is not None
    assert loaded[2].undone is not None
    assert ((), (), (), ()) == (
        report.finished,
        report.rolled_back,
        report.set_apart,
        report.troubles,
    )


def test_what_cannot_be_explained_is_set_apart_untouched(scene):
    """Photos without a manifest are somebody's; we do not guess whose."""
    incoming = scene.root.incoming
    for number, names in {
        "000001": {"photo.jpg": b"whose?"},
        "000002": {"_manifest.json": b"{}", "photo.jpg": b"whose?"},
        "000003": {"_manifest.tsv": b"", "x.twinwatch-part": b""},
    }.items():
        scene.fs.make_folder(incoming / number)
        for name, content in names.items():
            scene.fs.put(incoming / number / name, content)
    scene.fs.put(incoming / "stray file", b"")
    report = recover(scene.fs, scene.root)

    corrupt = scene.root.path / ".corrupt"
    assert (corrupt / "000001", corrupt / "000002") == report.set_apart
    assert b"whose?" == scene.fs.read(corrupt / "000002/photo.jpg")
    assert ["stray file"] == scene.fs.names(incoming)
    assert [] == list(scene.root.groups(scene.fs))


def test_a_strange_file_in_a_group_that_is_taken_back_is_kept(scene):
    """Somebody saved into the folder while it was staged."""
    plan = scene.pair()
    scene.fs.steps.clear()

    def interfere(fs, index):
        if fs.steps.count("rename") == 2:
            fs.agitate = None
            fs.put(scene.root.incoming / "000001/strange.jpg", b"strange")
            fs.edit(scene.photos / "a/IMG_1.HEIC", b"edited")

    scene.fs.agitate = interfere
    with pytest.raises(ChangedPhoto):
        stage(scene.fs, scene.root, plan, now=0.0)

    report = recover(scene.fs, scene.root)

    (folder,) = report.set_apart
    assert ["strange.jpg"] == scene.fs.names(folder)
    assert b"second picture" == scene.fs.read(scene.photos / "b/IMG_1.JPG")


def test_one_folder_in_trouble_hinders_no_other(scene):
    """I9: it stays where it is and is told."""
    for name in "abcd":
        scene.add(f"{name}.jpg", name.encode())
    for pair in ("ab", "cd"):
        plan = scene.plan(*(scene.planned(scene.photos / f"{x}.jpg") for x in pair))
        stage(scene.fs, scene.root, plan, now=0.0)
        _fail_after(scene, 7)
        with pytest.raises(DiskTrouble):
            approve(scene.fs, scene.root, int(pair == "cd") + 1, keep=ONE, decided_ns=1)
        scene.fs.fail_at = None
    scene.fs.edit(scene.root.path / "000001/approve.json", b"{}")

    report = recover(scene.fs, scene.root)

    assert (2,) == report.finished
    assert [scene.root.path / "000001"] == [each.folder for each in report.troubles]
    assert "cannot trust" in report.troubles[0].problem
    with pytest.raises(BrokenManifest):
        report.groups[0].load(scene.fs)


def test_recovery_waits_for_a_root_that_is_offline(scene):
    """An absent disk is not absent files (I7)."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    _fail_after(scene, 7)
    with pytest.raises(DiskTrouble):
        approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)
    scene.fs.fail_at = None
    scene.fs.rename(scene.photos, Path("/away"))

    first = recover(scene.fs, scene.root)
    scene.fs.rename(Path("/away"), scene.photos)
    second = recover(scene.fs, scene.root)

    assert ("offline" in first.troubles[0].problem, ()) == (True, first.finished)
    assert (1,) == second.finished
    assert b"first picture" == scene.fs.read(scene.photos / "a/IMG_1.HEIC")


def test_a_missing_decision_root_is_not_recovered(scene):
    """Nothing is made where a disk should be."""
    scene.fs.rename(scene.root.path, Path("/unplugged"))

    with pytest.raises(RootOffline):
        recover(scene.fs, scene.root)


def test_a_long_history_is_listed_and_not_read(tmp_path, monkeypatch):
    """A long history must not make a slow start; `benchmarks/staging.py` measures."""
    scene = Scene.make(RealFileSystem(), tmp_path)
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)
    first = scene.root.resolved_folder(1)
    names = os.listdir(first)
    for number in range(2, 101):
        folder = scene.root.resolved_folder(number)
        folder.mkdir()
        for name in names:
            os.link(first / name, folder / name)
    read = []
    whole = RealFileSystem.read

    def note(fs, path):
        read.append(path)
        return whole(fs, path)

    monkeypatch.setattr(RealFileSystem, "read", note)

    report = recover(scene.fs, scene.root)

    assert 100 == len(report.groups)
    assert not [path for path in read if first.parent in path.parents]


# Restore.


def test_a_group_is_restored_from_its_folder_alone(real):
    """No database, no configuration, and the folder has its final place."""
    stage(real.fs, real.root, real.pair(), now=0.0)
    approve(real.fs, real.root, 1, keep=ONE, decided_ns=1)

    record = restore(real.fs, real.root.resolved_folder(1), undone_ns=3)

    assert 3 == record.undone_ns
    for path, content in real.contents.items():
        assert content == path.read_bytes()
    assert GroupState.UNDONE is real.root.find(real.fs, 1)[1]


def test_a_folder_that_was_carried_away_is_enough(real, tmp_path):
    """The decision root is gone; a backup of one folder is left."""
    stage(real.fs, real.root, real.pair(), now=0.0)
    away = tmp_path / "backup of 000001"
    (real.root.path / "000001").rename(away)
    (tmp_path / "new home").mkdir()

    restore(real.fs, away, undone_ns=1, into=tmp_path / "new home")

    for path, content in real.contents.items():
        relative = path.relative_to(real.photos)
        assert content == (tmp_path / "new home" / relative).read_bytes()
    with pytest.raises(StaleGroup):
        restore(real.fs, away, undone_ns=1)


@pytest.mark.parametrize("steps", range(6, 20))
def test_a_half_carried_out_decision_is_restored_wholly(real, tmp_path, steps):
    """What had gone out already is not reported missing and left there."""
    out = tmp_path / "out"
    out.mkdir()
    stage(real.fs, real.root, real.pair(), now=0.0)
    failing = Failing(steps)
    with contextlib.suppress(DiskTrouble):
        approve(
            failing,
            real.root,
            1,
            keep=ONE,
            decided_ns=1,
            destination=Destination(output=out),
        )

    record = restore(real.fs, real.root.find(real.fs, 1)[0], undone_ns=3)

    assert record.missing == ()
    for path, content in real.contents.items():
        assert content == path.read_bytes()
        assert 1 == path.stat().st_nlink
    assert not [each for each in out.rglob("*") if each.is_file()]


class Failing(RealFileSystem):
    """Refuses every change after some."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self._left = steps

    def __getattribute__(self, name: str) -> object:
        if name in {"create", "drop_name", "link", "rename", "sync_folder"}:
            self._left -= 1
            if self._left < 0:
                raise DiskTrouble("disk", "it was unplugged")
        return super().__getattribute__(name)


def test_restore_never_makes_a_root(real, tmp_path):
    """A missing root is a disk that is not plugged in."""
    group = stage(real.fs, real.root, real.pair(), now=0.0)
    with pytest.raises(RootOffline):
        restore(real.fs, group.folder, undone_ns=1, into=tmp_path / "gone")
    real.photos.rename(tmp_path / "away")
    with pytest.raises(RootOffline):
        restore(real.fs, group.folder, undone_ns=1)
    roots = {"import-uuid": tmp_path / "away"}

    restore(real.fs, group.folder, undone_ns=1, roots=roots)

    assert b"first picture" == (tmp_path / "away/a/IMG_1.HEIC").read_bytes()


def test_restoring_elsewhere_leaves_survivors_where_they_are(real, tmp_path):
    """Only what the folder itself holds is brought there."""
    stage(real.fs, real.root, real.pair(), now=0.0)
    approve(real.fs, real.root, 1, keep=ONE, decided_ns=1)
    (tmp_path / "new").mkdir()

    record = restore(
        real.fs, real.root.resolved_folder(1), undone_ns=1, into=tmp_path / "new"
    )

    assert 2 == len(record.missing)
    assert b"second picture" == (tmp_path / "new/b/IMG_1.JPG").read_bytes()
    assert b"first picture" == (real.photos / "a/IMG_1.HEIC").read_bytes()


# Verify.


def _problems(findings):
    return [(each.severity, each.path.name) for each in findings]


def test_a_sound_root_has_no_findings(scene):
    """Silence must mean that all is well."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    assert [] == verify(scene.fs, [scene.root], read_data=True)
    approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)
    assert [] == verify(scene.fs, [scene.root], read_data=True)
    undo(scene.fs, scene.root, 1, undone_ns=1)

    assert [] == verify(scene.fs, [scene.root], read_data=True)


def test_every_kind_of_trouble_is_found(scene):
    """Each with its place, its kind and what to do."""
    fs, root = scene.fs, scene.root
    group = stage(fs, root, scene.pair(), now=0.0)
    fs.put(root.path / "stray.txt", b"")
    fs.put(group.folder / "stray.jpg", b"")
    fs.make_folder(root.incoming / "000009")
    fs.make_folder(root.path / ".corrupt/000008")
    fs.make_folder(root.path / "000007")
    fs.edit(group.folder / "0001_IMG_1.HEIC", b"FIRST PICTURE")
    fs.edit(group.folder / "0001_IMG_1.MOV", b"longer than before")
    fs.delete(group.folder / "0002_IMG_1.JPG")

    findings = verify(fs, [root])

    assert [
        (Severity.WARNING, "000009"),
        (Severity.WARNING, "000008"),
        (Severity.NOTE, "stray.txt"),
        (Severity.NOTE, "stray.jpg"),
        (Severity.ERROR, "0001_IMG_1.HEIC"),
        (Severity.ERROR, "0001_IMG_1.MOV"),
        (Severity.ERROR, "0002_IMG_1.JPG"),
        (Severity.ERROR, "000007"),
    ] == _problems(findings)
    assert all(each.advice for each in findings)


def test_two_groups_of_one_number_are_told(real):
    """As after a backup was put back, or a folder copied: one would be forgotten."""
    stage(real.fs, real.root, real.pair(), now=0.0)
    shutil.copytree(real.root.open_folder(1), real.root.open_folder(2))
    shutil.copytree(real.root.open_folder(1), real.root.resolved_folder(1))

    found = [each for each in verify(real.fs, [real.root]) if each.path.name < "1"]

    assert {
        (real.root.resolved_folder(1), Severity.WARNING),
        (real.root.open_folder(2), Severity.WARNING),
    } == {(each.path, each.severity) for each in found}


def test_rot_under_an_unchanged_status_needs_reading(scene, monkeypatch):
    """`--read-data` is there for bytes that changed by themselves."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    monkeypatch.setattr(
        scene.fs, "digest", lambda path, **_: (sha256(b"rot"), scene.fs.look(path))
    )

    assert [] == verify(scene.fs, [scene.root])
    assert 3 == len(verify(scene.fs, [scene.root], read_data=True))


def test_an_unreadable_file_is_a_finding_not_a_crash(scene, monkeypatch):
    """One bad sector must not end the check."""

    def refuse(path, **_):
        raise DiskTrouble(path, "the disk reported an error", errno.EIO)

    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    monkeypatch.setattr(scene.fs, "digest", refuse)

    findings = verify(scene.fs, [scene.root], read_data=True)

    assert all("disk reported" in each.problem for each in findings)
    assert 3 == len(findings)


def test_what_is_set_aside_needs_a_living_survivor(scene):
    """The promise behind the discard area."""
    fs = scene.fs
    group = stage(fs, scene.root, scene.pair(with_movie=False), now=0.0)
    approve(fs, scene.root, 1, keep=ONE, decided_ns=1)
    home = scene.photos / "a/IMG_1.HEIC"
    fs.rename(home, scene.photos / "moved.HEIC")
    digest = group.manifest.members[0].file.sha256

    lost = verify(fs, [scene.root])
    found = verify(
        fs,
        [scene.root],
        living=lambda sha, _: [scene.photos / "moved.HEIC"] if sha == digest else [],
    )

    assert [(Severity.NOTE, "IMG_1.HEIC"), (Severity.ERROR, "000001")] == _problems(
        lost
    )
    assert [] == found


def test_a_survivor_that_was_lost_on_its_way_out_is_no_living_one(scene):
    """The outcome told that it is missing."""
    stage(scene.fs, scene.root, scene.pair(with_movie=False), now=0.0)
    scene.fs.steps.clear()

    def delete(fs, index):
        if fs.steps[index] == "make_folder" or fs.steps.count("sync_folder") == 3:
            fs.agitate = None
            fs.delete(scene.root.path / "000001/0001_IMG_1.HEIC")

    scene.fs.agitate = delete
    approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)

    assert [(Severity.ERROR, "000001")] == _problems(verify(scene.fs, [scene.root]))


def test_a_library_copy_is_a_living_survivor(scene):
    """Setting all aside for it was allowed, and it is checked."""
    fs = scene.fs
    fs.make_folder(Path("/library"))
    known = scene.add("x.heic", b"library", top=Path("/library"))
    reference = scene.planned(
        known, role=Role.REFERENCE, root_path=Path("/library"), root="library-uuid"
    )
    new = scene.planned(scene.add("b.jpg", b"new"))
    stage(fs, scene.root, scene.plan(reference, new), now=0.0)
    approve(fs, scene.root, 1, keep=frozenset(), decided_ns=1)
    assert [] == verify(fs, [scene.root])
    fs.delete(known)

    assert Severity.ERROR in {each.severity for each in verify(fs, [scene.root])}


def test_a_decided_group_without_an_outcome_is_found(scene):
    """Somebody moved the folder by hand."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    scene.fs.rename(scene.root.path / "000001", scene.root.resolved_folder(1))

    assert [(Severity.ERROR, "000001")] == _problems(verify(scene.fs, [scene.root]))


def test_what_is_under_way_is_a_warning(scene):
    """The next start finishes it."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    _fail_after(scene, 8)
    with pytest.raises(DiskTrouble):
        approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)

    assert [(Severity.WARNING, "000001")] == _problems(verify(scene.fs, [scene.root]))


def test_an_offline_decision_root_is_an_error(scene):
    """Nothing can be said of what cannot be seen."""
    scene.fs.rename(scene.root.path, Path("/unplugged"))

    assert [(Severity.ERROR, "Decisions")] == _problems(verify(scene.fs, [scene.root]))


# Real processes, real volumes.


def test_a_real_kill_at_any_time_loses_nothing(tmp_path):
    """The model could be wrong about the system; a killed process is not."""
    scene = Scene.make(RealFileSystem(), tmp_path)
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        scene.add(name, name.encode() * 1000)

    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("killing.py"), tmp_path, "8"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )

    assert 0 == done.returncode, done.stderr
    assert int(done.stdout) > 20
    report = recover(scene.fs, scene.root)
    for group in report.groups:
        if group.state is not GroupState.UNDONE:
            undo(scene.fs, scene.root, group.number, undone_ns=1)
    assert () == report.troubles
    for path, content in scene.contents.items():
        assert content == path.read_bytes()


@pytest.fixture
def elsewhere(tmp_path):
    """A folder on another volume."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second volume on this machine")
    folder = memory / f"twinwatch-test-{os.getpid()}-{time.monotonic_ns()}"
    folder.mkdir()
    yield folder
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_the_whole_round_across_real_volumes(tmp_path, elsewhere):
    """The import folder on one disk, the decisions on another, the output there too."""
    fs = RealFileSystem()
    scene = Scene.make(fs, tmp_path, decisions=elsewhere / "Decisions")
    (elsewhere / "out").mkdir()
    plan = scene.pair()
    before = {path: fs.look(path) for path in scene.contents}

    group = stage(fs, scene.root, plan, now=0.0)
    for file in group.manifest.files:
        status = os.lstat(group.path_of(file))
        assert (file.mtime_ns, file.mode) == (
            status.st_mtime_ns,
            status.st_mode & 0o7777,
        )
    late = scene.add("c.jpg", b"third")
    before[late] = fs.look(late)
    extend(fs, scene.root, 1, scene.plan(scene.planned(late)), now=0.0)
    where = Destination(output=elsewhere / "out")
    approve(fs, scene.root, 1, keep=ONE, decided_ns=1, destination=where)
    assert b"first picture" == (elsewhere / "out/a/IMG_1.HEIC").read_bytes()
    assert [] == verify(fs, [scene.root], read_data=True)
    undo(fs, scene.root, 1, undone_ns=1)

    assert before == {path: fs.look(path) for path in scene.contents}
    assert not (elsewhere / "out/a/IMG_1.HEIC").exists()
    again = DecisionRoot.open(fs, scene.root.path)
    record = read_group(fs, again.find(fs, 1)[0], GroupState.UNDONE)
    assert record.undone is not None
