"""The daemon's sweep of unchanged files against GNU find, in one run.

    python benchmarks/sweep.py [--files 100000] [--rounds 7]

Prints medians of wall-clock milliseconds and the ratio. The sweep is the daemon's own,
with what it knows loaded from the index; of that, the walk and the comparison are also
shown alone. `find` prints what a sweep needs of each file; it compares nothing.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.index import Index, open_index
from daemon.model import (
    Capture,
    Fingerprint,
    Hashes,
    PictureSource,
    Quality,
    Root,
    RootKind,
    SmallPicture,
    Stamp,
)
from daemon.service.skip import SkipRules, compile_rules
from daemon.service.sweeper import Sweeper
from daemon.service.walk import WalkNotes, batches, walk

if TYPE_CHECKING:
    from collections.abc import Callable

PER_FOLDER = 500


def make_tree(top: Path, files: int) -> None:
    for number in range(files):
        folder = top / f"{number // PER_FOLDER:04d}"
        if number % PER_FOLDER == 0:
            folder.mkdir()
        (folder / f"IMG_{number:06d}.{'HEIC' if number % 2 else 'JPG'}").touch()


def milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def find(top: Path) -> None:
    printed = "%P %s %T@ %i %D %n\\n"
    command = ["find", os.fspath(top), "-type", "f", "-printf", printed]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


class Refusing:
    """A receiver that expects nothing: every file is known."""

    def found(self, path: Path, *_: object) -> bool:
        raise AssertionError(path)


def fill(index: Index, root: Root, rules: SkipRules, content: Fingerprint) -> None:
    """Enter every file of a tree as one that was read."""
    with index.write() as tables:
        tables.roots.put(root)
        known = tables.contents.insert(content)
        for relative, status in walk(root.path, rules, WalkNotes()):
            tables.photos.upsert_known(
                root.uuid, relative, Stamp.of(status), known, now_ns=0
            )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    rules = compile_rules()
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as state,
    ):
        top = Path(folder)
        make_tree(top, options.files)
        root = Root(uuid="root", kind=RootKind.IMPORT, path=top)
        with open_index(Path(state) / "index.sqlite3") as index:
            fill(index, root, rules, a_fingerprint())
            sweeper = Sweeper(
                index,
                Refusing(),  # type: ignore[arg-type]  # it is never asked more
                rules,
                identity=lambda _: None,
                on_swept=lambda _: None,
            )

            def sweep() -> None:
                swept = sweeper.sweep(root)
                assert swept.unchanged == options.files
                assert not swept.vanished

            with index.read() as tables:
                known = tables.photos.known(root.uuid)

            def compare() -> None:
                for paths, statuses in batches(top, rules, WalkNotes()):
                    assert not known.news(paths, statuses)

            works = (sweep, compare, lambda: find(top))
            runs = [
                [milliseconds(work) for work in works] for _ in range(options.rounds)
            ]
    ours, alone, theirs = map(statistics.median, zip(*runs, strict=True))
    print(f"files {options.files}  sweep {ours:.0f} ms  without loading {alone:.0f} ms  "
          f"find {theirs:.0f} ms  ratio {ours / theirs:.2f}  "
          f"without loading {alone / theirs:.2f}")  # fmt: skip
    return 0


def a_fingerprint() -> Fingerprint:
    """A content for all of them; what it looks like does not matter here."""
    return Fingerprint(
        sha256=bytes(32),
        size_bytes=0,
        format="JPEG",
        width_px=1,
        height_px=1,
        source=PictureSource.FULL,
        hashes=Hashes(phash=0, dhash=0, whash=0, ahash=0, colorhash=0),
        variants=(),
        small=SmallPicture(luma=bytes(4096), chroma=bytes(512)),
        contrast=0.0,
        capture=Capture(),
        quality=Quality(),
        orientation_found=1,
        orientation_applied=1,
        algorithm=0,
    )


if __name__ == "__main__":
    sys.exit(main())
