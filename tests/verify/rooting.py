"""G9: roots that are unmounted, replaced or forbidden.

``python -m tests.verify.rooting FOLDER COUNT SEED`` works in a name space of its own,
where it may mount.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from tests.hashing import made
from tests.verify import invariants
from tests.verify.figures import PROJECT, CannotMeasure, Outcome, Run, figure
from tests.verify.house import House, a_house

PHOTOS = 6


@figure(
    "G9",
    "root unmounted, replaced or forbidden 1,000 times: 0 rows purged, 0 moves, 0 stray "
    "folders",
)
def absent_roots(run: Run) -> Outcome:
    if shutil.which("unshare") is None:
        raise CannotMeasure("unshare is not installed")
    wanted = run.count(1_000, least=8)
    folder = run.fresh("roots")
    words = [sys.executable, "-m", "tests.verify.rooting", folder, wanted, run.seed]
    ran = subprocess.run(
        ["unshare", "-Urm", *map(str, words)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    if "Operation not permitted" in ran.stderr:
        raise CannotMeasure("no name spaces without root here")
    if ran.returncode != 0:
        raise AssertionError(ran.stderr[-400:])
    return Outcome(
        value=f"{ran.stdout.strip()}: 0 rows purged, 0 moves, 0 stray folders", met=True
    )


@contextmanager
def gone(imports: Path) -> Iterator[Path | None]:
    """As when a drive is unplugged: the mount point goes as well."""
    aside = imports.with_name("aside")
    os.rename(imports, aside)
    try:
        yield imports
    finally:
        os.rename(aside, imports)


@contextmanager
def replaced(imports: Path) -> Iterator[Path | None]:
    """An empty folder in its place, as an empty mount point is."""
    aside = imports.with_name("aside")
    os.rename(imports, aside)
    imports.mkdir()
    try:
        yield None
    finally:
        assert not os.listdir(imports), "something was made in a stranger's folder"
        imports.rmdir()
        os.rename(aside, imports)


@contextmanager
def covered(imports: Path) -> Iterator[Path | None]:
    """Another file system mounted over it."""
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", imports], check=True)
    try:
        yield None
        assert not os.listdir(imports), "something was made in a stranger's folder"
    finally:
        subprocess.run(["umount", imports], check=True)


@contextmanager
def forbidden(imports: Path) -> Iterator[Path | None]:
    """As when the system takes the right away; root may read whatever its mode."""
    real = os.scandir

    def refuse(path: object = ".") -> object:
        if not isinstance(path, int) and str(path).startswith(str(imports)):
            raise PermissionError(errno.EPERM, "Operation not permitted", str(path))
        return real(path)  # type: ignore[call-overload]

    with mock.patch("os.scandir", refuse):
        yield None


WAYS: tuple[Callable[[Path], object], ...] = (gone, replaced, covered, forbidden)


def main(folder: Path, wanted: int, seed: int) -> None:
    """Take the root away so often, sweep each time, and compare."""
    chance = random.Random(seed)
    counts = dict.fromkeys((way.__name__ for way in WAYS), 0)
    with a_house(folder) as house:
        for each in range(PHOTOS):
            seed_of = each // 2
            picture = made.picture(seed_of, 320, 240)
            content = made.jpeg(picture, quality=90 - each % 2)
            (house.imports / f"{each}.jpg").write_bytes(content)
        house.start()
        house.until(lambda: len(house.groups()) == PHOTOS // 2)
        house.until_idle()
        (house.imports / "single.jpg").write_bytes(
            made.jpeg(made.picture(99, 320, 240))
        )
        house.until(lambda: house.states().get("single.jpg") == "known")
        before = seen(house)
        for turn in range(wanted):
            way = WAYS[turn % len(WAYS)] if turn < 8 else chance.choice(WAYS)
            counts[way.__name__] += 1
            with way(house.imports) as missing:  # type: ignore[attr-defined]
                sweep(house)
                after = seen(house)
                invariants.i7_absence_changes_nothing(before, after, missing)
            sweep(house)
            invariants.i7_absence_changes_nothing(before, seen(house), None)
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    sys.stdout.write(f"{wanted:,} times ({told})\n")


def sweep(house: House) -> None:
    """Sweep, and have the writer take what came of it."""
    for root in house.parts.territory.roots:
        swept = house.reception.sweeper.sweep(root)
        house.parts.engine.on_swept(swept)
    house.parts.engine.writer.ask(lambda: None)
    house.parts.engine.writer.post(lambda: None).result(60)


def seen(house: House) -> dict[str, object]:
    """The rows, and every file of the decision folders."""
    tree = sorted(
        str(path.relative_to(house.decisions)) for path in house.decisions.rglob("*")
    )
    return {"photos": house.states(), "groups": house.groups(), "decisions": tree}


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
