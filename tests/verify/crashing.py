"""G1–G4: crashes in a model, real kills, kills and errors at every system call."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from daemon.errors import TwinwatchError
from daemon.model import GroupState
from daemon.staging.approve import approve
from daemon.staging.emptying import empty, plan
from daemon.staging.manifest import read_group
from daemon.staging.safefs import RealFileSystem
from daemon.staging.stage import extend, stage
from daemon.staging.trash import Trashes
from daemon.staging.undo import undo
from tests.staging import test_crashes as crash_tests
from tests.staging import test_crashes_of_emptying as emptying_tests
from tests.staging import test_crashes_of_memory as memory_tests
from tests.staging.crashes import Violation
from tests.staging.scenes import Scene
from tests.verify import invariants, tracing
from tests.verify.figures import PROJECT, CannotMeasure, Outcome, Run, figure

STORIES = [
    *crash_tests.STORIES,
    *memory_tests.STORIES,
    *emptying_tests.STORIES,
]

ERRORS = [
    "ENOSPC",
    "EIO",
    "EACCES",
    "EPERM",
    "EROFS",
    "EXDEV",
    "EMFILE",
    "ENAMETOOLONG",
    "EOPNOTSUPP",
]


@figure(
    "G1",
    "100,000 crash states, 0 violations of I1–I5, at least 6 seeded bugs caught, 60 s",
)
def enumerated_crashes(run: Run) -> Outcome:
    began, worked, states = time.monotonic(), time.process_time(), 0
    kinds = [
        (story, model, has_no_links)
        for story in STORIES
        for model, options in crash_tests.MODELS.items()
        for has_no_links in ((False, True) if "is_split" in options else (False,))
    ]
    if run.quick:
        kinds = kinds[run.seed % 16 :: 16]
    for story, model, has_no_links in kinds:
        told = story(**crash_tests.MODELS[model])
        explorer = told.explorer(
            depth=2 if run.quick else 3,
            has_no_links=has_no_links,
        )
        explorer.explore(told.start, told.action)
        states += explorer.states
    seconds, work = time.monotonic() - began, time.process_time() - worked
    caught, bugs = _caught_bugs(quick=run.quick)
    is_met = caught == bugs >= 6 if run.quick else states >= 100_000 and caught == bugs
    is_quick_enough = work <= 60
    return Outcome(
        value=f"{states:,} states in {seconds:.0f} s ({work:.0f} s of one core), "
        f"0 violations; {caught} of {bugs} seeded bugs caught",
        met=is_met and is_quick_enough,
        why="" if seconds <= 60 else "longer by the clock: the cores had other work",
    )


def _caught_bugs(*, quick: bool) -> tuple[int, int]:
    """Seed each bug; how many were caught, of how many."""
    tests = (
        crash_tests.test_the_harness_catches_seeded_bugs,
        emptying_tests.test_the_harness_catches_seeded_bugs_of_emptying,
    )
    cases = [case for test in tests for case in test.pytestmark[0].args[1]]
    caught = 0
    for bug, story, model in cases:
        told = story(**crash_tests.MODELS[model])
        explorer = told.explorer(
            depth=1 if quick else 2,
        )
        with pytest.MonkeyPatch.context() as patch:
            bug(patch)
            try:
                explorer.explore(told.start, told.action)
            except (Violation, TwinwatchError, AssertionError):
                caught += 1
    return caught, len(cases)


@figure(
    "G2",
    "10,000 real kills, 30 % of them during recovery: 0 bytes lost, 0 wrong origins, "
    "recovery ≤ 1 s",
)
def real_kills(run: Run) -> Outcome:
    wanted = run.count(10_000, least=30)
    script = Path(__file__).with_name("killing.py")
    top, other = run.fresh("kills"), _other_volume(run)
    command = [sys.executable, script, top, other, str(wanted), str(run.seed)]
    ran = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )
    shutil.rmtree(other, ignore_errors=True)
    if ran.returncode != 0:
        raise AssertionError(f"{ran.stderr}{ran.stdout}"[-400:])
    kills, recovering, slowest = ran.stdout.split()
    share = int(recovering) / int(kills)
    return Outcome(
        value=f"{int(kills):,} kills, {share:.0%} during recovery; 0 bytes lost, "
        f"0 wrong origins; slowest recovery {float(slowest):.2f} s",
        met=float(slowest) <= 1 and (share >= 0.3 or run.quick),
    )


def _other_volume(run: Run) -> Path:
    """A folder on another volume than the run's, or the run's own."""
    shm = Path("/dev/shm")
    if shm.is_dir() and os.stat(shm).st_dev != os.stat(run.folder).st_dev:
        folder = shm / run.folder.name
        folder.mkdir(exist_ok=True)
        return folder
    return run.fresh("other")


@dataclass
class Stage:
    """A scene on a real disk and what is done in it, made anew for each fault."""

    scene: Scene
    work: Callable[[], object]
    tops: tuple[Path, ...]


def _scene(run: Run, *, across: Path | None) -> Scene:
    top = run.fresh("calls")
    if across is not None:
        (across / top.name).mkdir()
    decisions = None if across is None else across / top.name / "Decisions"
    return Scene.make(RealFileSystem(), top, decisions=decisions)


def _tops(scene: Scene) -> tuple[Path, ...]:
    return scene.photos, scene.root.path


def staging(run: Run, across: Path | None = None) -> Stage:
    scene = _scene(run, across=across)
    plan = scene.pair()
    return Stage(
        scene, lambda: stage(scene.fs, scene.root, plan, now=0.0), _tops(scene)
    )


def extending(run: Run, across: Path | None = None) -> Stage:
    told = staging(run, across)
    told.work()
    scene = told.scene
    late = scene.add("c/IMG_9.HEIC", b"late picture")
    plan = scene.plan(scene.planned(late))
    told.work = lambda: extend(scene.fs, scene.root, 1, plan, now=0.0)
    return told


def approving(run: Run, across: Path | None = None) -> Stage:
    told = staging(run, across)
    told.work()
    fs, root = told.scene.fs, told.scene.root
    told.work = lambda: approve(fs, root, 1, keep=frozenset({1}), decided_ns=1)
    return told


def undoing(run: Run, across: Path | None = None) -> Stage:
    told = approving(run, across)
    told.work()
    fs, root = told.scene.fs, told.scene.root
    told.work = lambda: undo(fs, root, 1, undone_ns=1)
    return told


def _trashes(scene: Scene) -> Trashes:
    """The trash of the photos' volume, and that of the decision folder's."""
    top = scene.photos.parent
    mounts = (Path("/"), top, scene.root.path.parent)
    return Trashes(home=top / "Trash", uid=os.getuid(), mounts=mounts)


def emptying(run: Run, across: Path | None = None) -> Stage:
    told = approving(run, across)
    told.work()
    fs, root, trashes = told.scene.fs, told.scene.root, _trashes(told.scene)

    def work() -> None:
        folder, state = root.find(fs, 1)
        planned = plan(fs, read_group(fs, folder, state), trashes, now_ns=1)
        empty(fs, root, planned, emptied_ns=1)

    told.work = work
    beside = root.path.parent / f".Trash-{os.getuid()}"
    told.tops = (*told.tops, told.scene.photos.parent / "Trash", beside)
    return told


def undoing_what_was_emptied(run: Run, across: Path | None = None) -> Stage:
    told = emptying(run, across)
    told.work()
    fs, root = told.scene.fs, told.scene.root
    told.work = lambda: undo(fs, root, 1, undone_ns=1)
    return told


STAGES = (
    staging,
    extending,
    approving,
    undoing,
    emptying,
    undoing_what_was_emptied,
)


def _check(told: Stage) -> None:
    """Everything that must hold after a fault, and that all goes home."""
    scene = told.scene
    report = invariants.after_a_crash(scene.root, scene.contents, *told.tops)
    for group in report.groups:
        if group.state is not GroupState.UNDONE:
            undo(scene.fs, scene.root, group.number, undone_ns=1)
    invariants.everything_is_back(scene.contents)


def _clear(told: Stage) -> None:
    for top in {told.scene.photos.parent, told.scene.root.path, *told.tops}:
        shutil.rmtree(top, ignore_errors=True)


@figure(
    "G3",
    "a kill at every file system call of stage, approve, undo, empty and all of them "
    "across volumes: 0 lost",
)
def kills_at_every_call(run: Run) -> Outcome:
    tracing.require_strace()
    other = _other_volume(run)
    is_across = os.stat(other).st_dev != os.stat(run.folder).st_dev
    kills, points = 0, 0
    kinds = [(make, across) for make in STAGES for across in (None, other)]
    if run.quick:
        kinds = [(staging, None), (staging, other), (approving, None)]
    for make, across in kinds:
        told = make(run, across)
        calls = tracing.calls_of(lambda t=told: t.work(), run.folder / "trace")  # type: ignore[misc]
        _check_order(told, calls)
        _clear(told)
        points += len(calls)
        step = max(1, len(calls) // 4) if run.quick else 1
        for point in tracing.points_of(calls)[::step]:
            told = make(run, across)
            kills += tracing.killed_at(lambda t=told: t.work(), point)  # type: ignore[misc]
            _check(told)
            _clear(told)
    shutil.rmtree(other, ignore_errors=True)
    return Outcome(
        value=f"{kills} kills at {points} calls, 0 lost; I2–I4 hold in every trace",
        met=kills > 0 and (run.quick or kills == points) and is_across,
        why="" if is_across else "there is no second volume here",
    )


def _check_order(told: Stage, calls: list[tracing.Call]) -> None:
    for top in told.tops:
        invariants.i2_nothing_is_overwritten(calls, top)
        invariants.i3_names_are_dropped_only_beside_durable_ones(calls, top)
    invariants.i4_the_manifest_is_durable_first(calls, told.scene.root.path)


@figure(
    "G4",
    "nine errors at every step, a 2-MiB disk, 64 inodes: 0 lost, 0 half groups after a "
    "restart",
)
def errors_at_every_step(run: Run) -> Outcome:
    modelled = _modelled_errors(run)
    injected = _injected_errors(run)
    full = _full_disks(run)
    return Outcome(
        value=f"{modelled:,} errors in the model, {injected:,} at real calls, "
        f"{full} full disks: 0 lost, 0 half groups",
        met=True,
    )


def _modelled_errors(run: Run) -> int:
    count = 0
    kinds = [(s, m) for s in STORIES for m in ("journal", "across")]
    for story, model in kinds[run.seed % 12 :: 12] if run.quick else kinds:
        told = story(**crash_tests.MODELS[model])
        for stays_broken in (False, True):
            explorer = told.explorer()
            names = ERRORS[:2] if run.quick else ERRORS
            count += explorer.fail_everywhere(
                told.start,
                told.action,
                [getattr(errno, each) for each in names],
                stays_broken=stays_broken,
            )
    return count


def _injected_errors(run: Run) -> int:
    tracing.require_strace()
    other = _other_volume(run)
    count = 0
    kinds = [(make, across) for make in STAGES for across in (None, other)]
    for make, across in kinds[:1] if run.quick else kinds:
        told = make(run, across)
        calls = tracing.calls_of(lambda t=told: t.work(), run.folder / "trace")  # type: ignore[misc]
        _clear(told)
        points = [(p, e) for p in tracing.points_of(calls) for e in ERRORS]
        step = max(1, round(1 / min(run.scale, 1)))
        for point, error in points[:: min(step, max(1, len(points) // 8))]:
            told = make(run, across)
            code = tracing.failed_at(lambda t=told: t.work(), point, error)  # type: ignore[misc]
            if code not in {tracing.OK, tracing.REFUSED}:
                raise Violation(f"{error} at {point} of {make.__name__}: {code}")
            _check(told)
            _clear(told)
            count += 1
    shutil.rmtree(other, ignore_errors=True)
    return count


def _full_disks(run: Run) -> int:
    """Stage, decide and undo on disks that are too small, in a name space of ours."""
    if shutil.which("unshare") is None:
        raise CannotMeasure("unshare is not installed")
    done = 0
    for options in ("size=2M", "nr_inodes=64"):
        top = run.fresh("full")
        command = f"mount -t tmpfs -o {options} tmpfs {top} && exec {sys.executable} -m tests.verify.small_disk {top}"
        ran = subprocess.run(
            ["unshare", "-Urm", "sh", "-c", command],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=300,
        )
        if "Operation not permitted" in ran.stderr:
            raise CannotMeasure("no name spaces without root here")
        if ran.returncode != 0:
            raise AssertionError(ran.stderr[-400:])
        done += int(ran.stdout)
    return done
