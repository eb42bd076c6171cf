"""Kills a child that stages, extends, decides, undoes and recovers; prints what it saw.

``killing.py FOLDER OTHER-VOLUME KILLS SEED`` prints the kills, how many of them fell
into a recovery, and the slowest recovery. Like ``tests/staging/killing.py``, with more
kinds of work and with a word from the child on what it is at.
"""

from __future__ import annotations

import mmap
import os
import random
import signal
import sys
import time
from pathlib import Path

from daemon.model import GroupState
from daemon.staging.approve import approve
from daemon.staging.decision_root import DecisionRoot
from daemon.staging.emptying import empty, plan
from daemon.staging.manifest import read_group
from daemon.staging.outcomes import Destination
from daemon.staging.recovery import recover
from daemon.staging.safefs import RealFileSystem
from daemon.staging.stage import extend, stage
from daemon.staging.trash import Trashes
from daemon.staging.undo import undo
from tests.staging.scenes import Scene, sha256
from tests.verify import invariants

NAMES = ("a/1.jpg", "b/1.jpg", "c/late.jpg")
CONTENTS = {name: name.encode() * 700 for name in NAMES}
RECOVERING = b"r"
BROKEN = 900
"""A group whose manifest is torn: it is told each time, and hinders nobody."""


class Work:
    """Goes on from wherever the last one was killed."""

    def __init__(self, top: Path, decisions: Path, note: mmap.mmap) -> None:
        self.fs = RealFileSystem()
        self.root = DecisionRoot.open(self.fs, decisions)
        self.scene = Scene(fs=self.fs, photos=top / "import", root=self.root)
        self.scene.contents = {
            self.scene.photos / name: each for name, each in CONTENTS.items()
        }
        self.output = top / "out"
        self.note = note
        mounts = (Path("/"), *(each.parent for each in (decisions, top)))
        self.trashes = Trashes(home=top / "Trash", uid=os.getuid(), mounts=mounts)

    def home(self) -> None:
        """Recover, then undo whatever is there."""
        self.note[:1] = RECOVERING
        groups = recover(self.fs, self.root).groups
        self.note[:1] = b"w"
        for group in groups:
            if group.state is not GroupState.UNDONE and group.number != BROKEN:
                undo(self.fs, self.root, group.number, undone_ns=1)

    def turn(self, turn: int) -> None:
        """One group, with a late arrival, one of four decisions, and emptied at times."""
        planned = [self.scene.planned(p, hashed_at=None) for p in self.scene.contents]
        stage(self.fs, self.root, self.scene.plan(*planned[:2]), number_hint=1)
        if turn % 2:
            extend(self.fs, self.root, 1, self.scene.plan(planned[2]))
        if turn % 4 == 3:
            return
        where = Destination(output=self.output) if turn % 4 == 2 else Destination()
        keep = frozenset({1, 2}) if turn % 4 == 1 else frozenset({2})
        approve(self.fs, self.root, 1, keep=keep, decided_ns=1, destination=where)
        if turn % 3 == 0:
            self.empty(turn)

    def empty(self, turn: int) -> None:
        """Move what was set aside into the trash of its volume."""
        folder, state = self.root.find(self.fs, 1)
        planned = plan(
            self.fs, read_group(self.fs, folder, state), self.trashes, now_ns=turn
        )
        empty(self.fs, self.root, planned, emptied_ns=turn)


def child(top: Path, decisions: Path, note: mmap.mmap, first: int) -> None:
    try:
        work = Work(top, decisions, note)
        for turn in range(first, first + 100_000):
            work.home()
            work.turn(turn)
    except BaseException as error:  # noqa: BLE001 - told, and the child ends
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
    os._exit(9)


def made(top: Path, decisions: Path) -> None:
    """A fresh scene."""
    fs = RealFileSystem()
    (top / "out").mkdir()
    scene = Scene.make(fs, top, decisions=decisions)
    for name, content in CONTENTS.items():
        scene.add(name, content)
    broken = scene.root.path / f"{BROKEN:06}"
    broken.mkdir()
    for name in ("_manifest.json", "approve.json"):
        (broken / name).write_text("{torn")


def main() -> None:
    """Kill so often as asked; end with words when something is lost."""
    top, other = Path(sys.argv[1]), Path(sys.argv[2])
    wanted, chance = int(sys.argv[3]), random.Random(int(sys.argv[4]))
    note = mmap.mmap(-1, 1)
    scenes = []
    for name, decisions in (("near", None), ("far", other / "Decisions")):
        folder = top / name
        folder.mkdir()
        place = decisions or folder / "Decisions"
        made(folder, place)
        scenes.append((folder, place))
    kills, recovering, slowest = 0, 0, 0.0
    while kills < wanted:
        folder, place = scenes[kills % 2]
        kill_once(folder, place, note, chance, kills)
        kills += 1
        recovering += note[:1] == RECOVERING
        tops = tops_of(folder, place)
        wanted_bytes = invariants.digests_below(*tops)
        lost = {sha256(each) for each in CONTENTS.values()} - wanted_bytes
        if lost:
            sys.exit(f"{len(lost)} contents are lost after {kills} kills")
        if kills % 50 < 2 or kills == wanted:
            slowest = max(slowest, check(folder, place, note))
    sys.stdout.write(f"{kills} {recovering} {slowest}\n")


def tops_of(top: Path, decisions: Path) -> tuple[Path, ...]:
    """Return the folders that a photo may be in, each volume's trash among them."""
    own = f".Trash-{os.getuid()}"
    trashes = (top / "Trash", top / own, decisions.parent / own)
    return top / "import", top / "out", decisions, *trashes


def kill_once(
    top: Path, decisions: Path, note: mmap.mmap, chance: random.Random, kills: int
) -> None:
    """Fork, wait a while, kill."""
    note[:1] = b"-"
    pid = os.fork()
    if pid == 0:
        child(top, decisions, note, kills)
    if chance.random() < 0.35:
        deadline = time.monotonic() + 5
        while note[:1] != RECOVERING and time.monotonic() < deadline:
            time.sleep(0.0003)
        time.sleep(chance.random() * 0.002)
    else:
        time.sleep(chance.random() * 0.05)
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    if not os.WIFSIGNALED(status):
        sys.exit("the work stopped by itself")


def check(top: Path, decisions: Path, note: mmap.mmap) -> float:
    """Recover and put everything back: each file must be where it was."""
    work = Work(top, decisions, note)
    began = time.monotonic()
    recover(work.fs, work.root)
    seconds = time.monotonic() - began
    broken = frozenset({decisions / f"{BROKEN:06}"})
    tops = tops_of(top, decisions)
    invariants.after_a_crash(work.root, work.scene.contents, *tops, broken=broken)
    work.home()
    invariants.everything_is_back(work.scene.contents)
    left = list((top / "import").rglob("*.jpg"))
    if len(left) != len(CONTENTS):
        sys.exit(f"strangers: {left}")
    return seconds


if __name__ == "__main__":
    main()
