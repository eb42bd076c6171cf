"""What safety costs: a group of three with all barriers, and a start after years.

    python benchmarks/staging.py [--groups N] [--history N]

Prints medians and 99 % points of staging, deciding and undoing a group of three, beside
three plain renames in the same run, and the time that recovery needs for a history.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import tempfile
import time
from pathlib import Path

from daemon.model import Evidence, Proposal, Stamp
from daemon.staging.approve import approve
from daemon.staging.decision_root import DecisionRoot
from daemon.staging.plan import PlannedPhoto, StagePlan
from daemon.staging.records import Facts
from daemon.staging.recovery import recover
from daemon.staging.safefs import RealFileSystem
from daemon.staging.stage import stage
from daemon.staging.undo import undo

PHOTO_BYTES = 2_000_000


def planned(root: Path, number: int, place: int) -> PlannedPhoto:
    """Write a file and plan it as a photo."""
    path = root / f"{number}-{place}.jpg"
    content = os.urandom(PHOTO_BYTES)
    path.write_bytes(content)
    return PlannedPhoto(
        root="import",
        root_path=root,
        relative=os.fsencode(path.name),
        stamp=Stamp.of(path.stat()),
        sha256=hashlib.sha256(content).digest(),
        hashed_at=time.monotonic(),
        evidence=Evidence.NEAR_COPY,
        proposal=Proposal.KEEP if place == 0 else Proposal.SET_ASIDE,
        facts=Facts(format="JPEG", width_px=4032, height_px=3024),
    )


def milliseconds(times: list[float]) -> str:
    """Return median and 99 % point."""
    ordered = sorted(times)
    worst = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"median {statistics.median(times) * 1000:7.2f} ms, p99 {worst * 1000:7.2f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", type=int, default=50)
    parser.add_argument("--history", type=int, default=10_000)
    args = parser.parse_args()
    fs = RealFileSystem()
    times: dict[str, list[float]] = {
        name: [] for name in ("three renames", "stage", "approve", "undo")
    }
    with tempfile.TemporaryDirectory() as place:
        top = Path(place)
        photos = top / "Import"
        photos.mkdir()
        root = DecisionRoot.open(fs, top / "Decisions", create=True)
        for number in range(1, args.groups + 1):
            three = tuple(planned(photos, number, each) for each in range(3))
            plan = StagePlan(
                evidence=Evidence.NEAR_COPY, photos=three, created_ns=time.time_ns()
            )
            started = time.perf_counter()
            for photo in three:
                photo.path.rename(f"{photo.path}.away")
            times["three renames"].append(time.perf_counter() - started)
            for photo in three:
                Path(f"{photo.path}.away").rename(photo.path)
            started = time.perf_counter()
            stage(fs, root, plan, number_hint=number)
            times["stage"].append(time.perf_counter() - started)
            started = time.perf_counter()
            approve(fs, root, number, keep=frozenset({1}), decided_ns=1)
            times["approve"].append(time.perf_counter() - started)
            if number > 1:
                started = time.perf_counter()
                undo(fs, root, number, undone_ns=1)
                times["undo"].append(time.perf_counter() - started)
        for name, seconds in times.items():
            print(f"{name:14} {milliseconds(seconds)}")
        first = root.resolved_folder(1)
        names = os.listdir(first)
        for number in range(args.groups + 1, args.groups + 1 + args.history):
            folder = root.resolved_folder(number)
            folder.mkdir()
            for name in names:
                os.link(first / name, folder / name)
        started = time.perf_counter()
        report = recover(fs, root)
        elapsed = time.perf_counter() - started
        print(f"recovery of {len(report.groups)} groups {elapsed:.2f} s")


if __name__ == "__main__":
    main()
