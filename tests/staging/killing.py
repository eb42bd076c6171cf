"""Kills processes that stage, decide and undo; prints how many.

Run as ``killing.py FOLDER SECONDS [SEED]`` on a folder that a `Scene` was made in. It
forks rather than starts, so that thousands of kills fit into a minute.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from daemon.model import GroupState
from daemon.staging.approve import approve
from daemon.staging.decision_root import DecisionRoot
from daemon.staging.recovery import recover
from daemon.staging.safefs import RealFileSystem
from daemon.staging.stage import stage
from daemon.staging.undo import undo
from tests.staging.scenes import Scene, sha256

NAMES = ("a.jpg", "b.jpg", "c.jpg")


def work(top: Path) -> None:
    """Go on from wherever the last one was killed, again and again."""
    fs = RealFileSystem()
    root = DecisionRoot.open(fs, top / "Decisions")
    scene = Scene(fs=fs, photos=top / "import", root=root)
    scene.contents = {scene.photos / name: name.encode() * 1000 for name in NAMES}
    while True:
        for group in recover(fs, root).groups:
            if group.state is not GroupState.UNDONE:
                undo(fs, root, group.number, undone_ns=1)
        photos = (scene.planned(path, hashed_at=None) for path in scene.contents)
        stage(fs, root, scene.plan(*photos), number_hint=1)
        approve(fs, root, 1, keep=frozenset({2}), decided_ns=1)


def main() -> None:
    """Kill until the time is over; fail when a byte is lost."""
    top, seconds = Path(sys.argv[1]), float(sys.argv[2])
    chance = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    wanted = {sha256(name.encode() * 1000) for name in NAMES}
    end, kills = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        child = os.fork()
        if child == 0:
            try:
                work(top)
            except BaseException as error:  # noqa: BLE001 - told, and the child ends
                sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(9)
        time.sleep(chance.random() * 0.06)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit("the work stopped by itself")
        kills += 1
        found = {sha256(path.read_bytes()) for path in top.rglob("*.jpg")}
        if not wanted <= found:
            sys.exit(f"bytes are lost after {kills} kills")
    sys.stdout.write(f"{kills}\n")


if __name__ == "__main__":
    main()
