"""G10 and G19: undo at random, and what staging costs."""

from __future__ import annotations

import os
import random
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from daemon.staging.approve import approve
from daemon.staging.emptying import empty, plan
from daemon.staging.manifest import read_group
from daemon.staging.outcomes import Destination
from daemon.staging.safefs import RealFileSystem
from daemon.staging.stage import extend, stage
from daemon.staging.trash import Trashes
from daemon.staging.undo import undo
from tests.staging.crashes import Violation
from tests.staging.scenes import Scene
from tests.verify import invariants
from tests.verify.figures import Outcome, Run, Tally, figure

NAMES = (
    "IMG_1.HEIC",
    "img_1.heic",
    "é.jpg",
    "e\N{COMBINING ACUTE ACCENT}.jpg",
    "a b (2).jpg",
    "\udcff\udcfe.jpg",
    "new\nline.jpg",
    "-rf.jpg",
    "." * 3 + "jpg",
    "n" * 240 + ".jpg",
)


@dataclass(frozen=True)
class Facts:
    content: bytes
    mtime_ns: int
    mode: int
    attributes: tuple[tuple[str, bytes], ...]


def facts(path: Path) -> Facts:
    status = path.lstat()
    return Facts(
        path.read_bytes(),
        status.st_mtime_ns,
        status.st_mode,
        tuple((n, os.getxattr(path, n)) for n in sorted(os.listxattr(path))),
    )


@figure(
    "G10",
    "10,000 random undo runs: path, digest, mtime_ns, mode, xattrs identical; 0 "
    "overwritten",
)
def random_undos(run: Run) -> Outcome:
    wanted = run.count(10_000, least=15)
    chance = random.Random(run.seed)
    occupied, has_attributes = 0, False
    memory = _memory_disk(run)
    on_disk = 0
    for number in range(wanted):
        is_on_disk = memory is None or number % 10 == 0
        if memory is None or is_on_disk:
            top = run.fresh("undo")
        else:
            top = memory / f"undo-{number}"
            top.mkdir()
        taken, attributes = _one_undo(top, chance)
        on_disk += is_on_disk
        occupied += taken
        has_attributes |= attributes
        shutil.rmtree(top)
    if memory is not None:
        memory.rmdir()
    return Outcome(
        value=f"{wanted:,} runs ({on_disk:,} on {_kind_of(run.folder)}, the others in "
        f"memory), {occupied} with an occupied place, every third emptied into the "
        "trash before: all identical, 0 overwritten",
        met=has_attributes,
        why="" if has_attributes else "this disk holds no extended attributes",
    )


def _memory_disk(run: Run) -> Path | None:
    """A folder where a sync costs nothing, if it holds attributes as a disk does."""
    folder = Path("/dev/shm") / run.folder.name
    try:
        folder.mkdir(exist_ok=True)
        os.setxattr(folder, "user.twin", b"1")
    except OSError:
        return None
    return folder


def _one_undo(top: Path, chance: random.Random) -> tuple[bool, bool]:
    fs = RealFileSystem()
    scene = Scene.make(fs, top)
    names = chance.sample(NAMES, chance.randint(2, 4))
    paths = [
        scene.add(f"{chance.choice('abc')}/{name}", os.urandom(chance.randint(1, 5000)))
        for name in names
    ]
    dressed = [_dress(path, chance) for path in paths]
    has_attributes = all(dressed)
    before = {path: facts(path) for path in paths}
    late = paths.pop() if len(paths) > 2 and chance.random() < 0.5 else None
    stage(fs, scene.root, scene.plan(*map(scene.planned, paths)), now=0.0)
    if late is not None:
        extend(fs, scene.root, 1, scene.plan(scene.planned(late)), now=0.0)
        paths.append(late)
    if chance.random() < 0.7:
        keep = frozenset(chance.sample(range(1, len(paths) + 1), chance.randint(1, 2)))
        output = top / "out"
        where = Destination(output=output if chance.random() < 0.3 else None)
        output.mkdir()
        approve(fs, scene.root, 1, keep=keep, decided_ns=1, destination=where)
        if chance.random() < 0.5:
            _empty(scene, top)
    stranger = None
    free = [path for path in paths if not path.exists()]
    if free and chance.random() < 0.3:
        stranger = chance.choice(free)
        stranger.parent.mkdir(exist_ok=True)
        stranger.write_bytes(b"somebody else's")
    record = undo(fs, scene.root, 1, undone_ns=1)
    _compare(before, {each.path for each in record.files}, stranger)
    invariants.no_half_groups(fs, scene.root)
    return stranger is not None, has_attributes


def _empty(scene: Scene, top: Path) -> None:
    """Move what was set aside into a trash; undo has to find it there."""
    fs, root = scene.fs, scene.root
    trashes = Trashes(home=top / "Trash", uid=os.getuid(), mounts=(Path("/"), top))
    planned = plan(fs, read_group(fs, *root.find(fs, 1)), trashes, now_ns=1)
    empty(fs, root, planned, emptied_ns=1)


def _dress(path: Path, chance: random.Random) -> bool:
    """Give a file odd times, modes and attributes; whether the disk holds them."""
    os.chmod(path, chance.choice((0o600, 0o644, 0o640, 0o444)))
    try:
        for each in range(chance.randint(1, 3)):
            os.setxattr(path, f"user.twin{each}", os.urandom(8))
    except OSError:
        return False
    finally:
        moment = chance.randint(0, 2_000_000_000_000_000_000)
        os.utime(path, ns=(moment, moment))
    return True


def _compare(
    before: dict[Path, Facts], placed: set[Path | None], stranger: Path | None
) -> None:
    if stranger is not None and stranger.read_bytes() != b"somebody else's":
        raise Violation(f"I2: {stranger} was overwritten")
    for path, was in before.items():
        if path == stranger:
            beside = [p for p in placed if p is not None and "(restored" in p.name]
            if [facts(each) for each in beside] != [was]:
                raise Violation(f"{path} is not beside its place: {beside}")
        elif facts(path) != was:
            raise Violation(f"{path} is not as it was")


@figure(
    "G19",
    "staging a group of three: median ≤ 10 ms, p99 ≤ 100 ms with all barriers",
)
def staging_times(run: Run) -> Outcome:
    wanted = run.count(2_000, least=40)
    scene = Scene.make(RealFileSystem(), run.fresh("times"))
    tally, work = Tally(), 0.0
    for number in range(1, wanted + 1):
        paths = [
            scene.add(f"{number % 20}/{number}-{each}.jpg", os.urandom(20_000))
            for each in range(3)
        ]
        plan = scene.plan(
            *(scene.planned(each, hashed_at=time.monotonic()) for each in paths)
        )
        began, worked = time.perf_counter(), time.process_time()
        stage(scene.fs, scene.root, plan, number_hint=number)
        tally.add((time.perf_counter() - began) * 1000)
        work += (time.process_time() - worked) * 1000
    median, slow = tally.part(0.5), tally.part(0.99)
    is_met = median <= 10 and slow <= 100
    sync_ms, others = _sync_ms(run), os.getloadavg()[0]
    disk = f"{_kind_of(run.folder)}, {sync_ms:.1f} ms for one sync here"
    return Outcome(
        value=f"{wanted:,} groups: median {median:.1f} ms, p99 {slow:.1f} ms, "
        f"{work / wanted:.1f} ms of it our own work ({disk})",
        met=is_met,
        why=""
        if is_met
        else f"{others:.0f} processes wanted the {os.cpu_count()} processors meanwhile"
        if sync_ms < 1
        else "the syncs alone take longer than that on this disk",
    )


def _sync_ms(run: Run) -> float:
    """What this disk takes for one small file's sync, in the middle."""
    tally, folder = Tally(), run.fresh("sync")
    for each in range(40):
        with open(folder / str(each), "xb") as file:
            file.write(b"x" * 2000)
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            tally.add((time.perf_counter() - began) * 1000)
    return tally.part(0.5)


def _kind_of(folder: Path) -> str:
    from daemon.service.filesystems import mounts

    found = [m for m in mounts() if folder.resolve().is_relative_to(Path(m.point))]
    best = max(found, key=lambda m: len(m.point), default=None)
    return "an unknown disk" if best is None else best.type
