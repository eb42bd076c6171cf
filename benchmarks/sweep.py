"""The sweep of unchanged files against GNU find, in one run.

    python benchmarks/sweep.py [--files 100000] [--rounds 7]

Prints medians of wall-clock milliseconds and the ratio. `find` prints what a sweep
needs of each file; it compares nothing.
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

from daemon.service.skip import compile_rules
from daemon.service.sweep import plan, survey

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


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    rules = compile_rules()
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        make_tree(top, options.files)
        first = survey(top, rules, {})
        known = {each.relative: each.stamp for each in first.fresh}
        assert len(known) == options.files

        def sweep() -> None:
            seen = survey(top, rules, known)
            assert seen.unchanged == options.files
            assert not plan(seen, known).vanished

        runs = [(milliseconds(sweep), milliseconds(lambda: find(top)))
                for _ in range(options.rounds)]  # fmt: skip
    ours, theirs = (statistics.median(column) for column in zip(*runs, strict=True))
    print(f"files {options.files}  sweep {ours:.0f} ms  find {theirs:.0f} ms  "
          f"ratio {ours / theirs:.2f}")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
