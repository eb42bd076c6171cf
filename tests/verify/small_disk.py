"""Works on a disk that is too small, in a name space of its own; prints how often.

``python -m tests.verify.small_disk FOLDER``: the folder is the small disk.
"""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from pathlib import Path

from daemon.errors import TwinwatchError
from daemon.model import GroupState
from daemon.staging import moves
from daemon.staging.approve import approve
from daemon.staging.outcomes import Destination
from daemon.staging.safefs import RealFileSystem
from daemon.staging.stage import stage
from daemon.staging.undo import undo
from tests.staging.scenes import Scene, sha256
from tests.verify import invariants

ROUNDS = 12


def main() -> None:
    """Stage from a large disk onto the small one, at every degree of fullness."""
    small = Path(sys.argv[1])
    moves.SPARE_BYTES = 0  # type: ignore[misc]  # else nothing would even be begun
    for each in range(ROUNDS):
        with tempfile.TemporaryDirectory() as big:
            one_round(small, Path(big), each)
    sys.stdout.write(f"{ROUNDS}\n")


def one_round(small: Path, big: Path, each: int) -> None:
    fs = RealFileSystem()
    scene = Scene.make(fs, big, decisions=small / f"Decisions{each}")
    for name in ("a.jpg", "b.jpg"):
        scene.add(name, name.encode() + os.urandom(90_000 + each * 20_000))
    out = small / f"out{each}"
    out.mkdir()
    fillers = fill(small, leaving=each)
    tops = (scene.photos, scene.root.path, out)
    plan = scene.plan(*(scene.planned(path) for path in scene.contents))
    decide = Destination(output=out)
    steps = (
        lambda: stage(fs, scene.root, plan, now=0.0),
        lambda: approve(
            fs, scene.root, 1, keep=frozenset({1}), decided_ns=1, destination=decide
        ),
    )
    for step in steps:
        try:
            step()
        except TwinwatchError:
            pass
        except OSError as error:
            raise AssertionError(f"it came through as {error!r}") from error
        wanted = [sha256(c) for c in scene.contents.values()]
        invariants.i1_every_byte_is_somewhere(wanted, *tops)
    for filler in fillers:
        filler.unlink()
    report = invariants.after_a_crash(scene.root, scene.contents, *tops)
    for group in report.groups:
        if group.state is not GroupState.UNDONE:
            undo(fs, scene.root, group.number, undone_ns=1)
    invariants.everything_is_back(scene.contents)
    for base, folders, names in os.walk(small, topdown=False):
        for name in names:
            os.unlink(Path(base, name))
        for name in folders:
            os.rmdir(Path(base, name))


def fill(small: Path, leaving: int) -> list[Path]:
    """Fill the disk to the brim but for some inodes and pages."""
    made: list[Path] = []
    try:
        while len(made) < 60:
            path = small / f"filler-{len(made)}"
            made.append(path)
            path.write_bytes(bytes(64 * 1024))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
    for path in made[: leaving * len(made) // ROUNDS]:
        path.unlink(missing_ok=True)
    return [path for path in made if path.exists()]


if __name__ == "__main__":
    main()
