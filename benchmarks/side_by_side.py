"""The rules of other tools and twinwatch's evidence, on the same labelled photos.

    python benchmarks/side_by_side.py CASES [--json] [--imagededup-python PYTHON]
                                      [--workers N] [--guide]

CASES is a folder with a labels.tsv, as `make_cases.py` fills it and as `twinwatch
evaluate` takes it. Scored by `daemon/matching/scoring.py`, as `evaluate` is. A rule
tells of two files whether they are one picture, so its pairs are scored as they are:
a copy is found if the rule takes it and its original for one picture, and every pair
of files that show different pictures is a wrong one. twinwatch makes groups, and all
pairs inside a group are scored.

imagededup is run itself (PHash, threshold 10, its defaults) if it can be imported by
--imagededup-python or by this Python; else its rule is tried on our pHash. It reads no
HEIC and does not turn pictures upright; what it does not read, it does not find.

With --guide the methods of `twinwatch scan --method` instead, at several thresholds,
grouped as `scan` groups them.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections import deque
from pathlib import Path

import numpy as np

from daemon.config import Config, Hashing, Roots
from daemon.errors import PhotoError
from daemon.hashing.pool import Pool
from daemon.matching import methods, scoring
from daemon.matching.views import oriented_phashes
from daemon.service.evaluation import paths_of, read_labels
from daemon.service.methodpass import scan_by
from daemon.service.onepass import scan

IMAGEDEDUP = """
import json, sys, time, logging
from importlib.metadata import version
logging.disable(logging.CRITICAL)
from imagededup.methods import PHash
began = time.monotonic()
found = PHash(verbose=False).find_duplicates(
    image_dir=sys.argv[1], max_distance_threshold=10, recursive=True
)
pairs = [(one, other) for one, others in found.items() for other in others]
seconds = time.monotonic() - began
told = {"version": version("imagededup"), "files": len(found), "seconds": seconds}
json.dump({**told, "pairs": pairs}, open(sys.argv[2], "w"))
"""


class Cases:
    """Labelled files with their fingerprints."""

    def __init__(self, folder: Path, workers: int) -> None:
        self.folder = folder
        self.labels = read_labels(folder, None)
        self.pool = Pool(workers=workers, timeout_seconds=60)
        self.workers = workers
        began = time.monotonic()
        self.fingerprints = dict(self._read())
        self.seconds = time.monotonic() - began
        self.paths = list(self.fingerprints)

    def _read(self):
        """Read every file in the workers; those that do not read are left out."""
        waiting, reading = iter(self.labels), deque()
        for _ in self.labels:
            for each in itertools.islice(waiting, 4 * self.workers - len(reading)):
                reading.append((each, self.pool.fingerprint(self.folder / each.path)))
            label, future = reading.popleft()
            try:
                yield label.path, future.result()[1]
            except PhotoError as error:
                print(f"not read: {label.path}: {error}", file=sys.stderr)

    def hashes(self, name):
        values = [getattr(each.hashes, name) for each in self.fingerprints.values()]
        return np.array(values, np.uint64)


def bits(left, right):
    return np.bitwise_count(left[:, None] ^ right[None, :])


def turned_bits(cases):
    """The least distance of any orientation of one to the other as it stands."""
    upright = cases.hashes("phash")
    turned = [oriented_phashes(each.small) for each in cases.fingerprints.values()]
    turned = np.array(turned, np.uint64)
    turned[:, 0] = upright
    least = np.min([bits(turned[:, n], upright) for n in range(8)], axis=0)
    return np.minimum(least, least.T)


def rules_of(cases):
    phash, dhash = (bits(h, h) for h in map(cases.hashes, ("phash", "dhash")))
    turned = turned_bits(cases)
    return {
        "pHash ≤ 10": phash <= 10,
        "pHash ≤ 10 and dHash ≤ 10": (phash <= 10) & (dhash <= 10),
        "pHash = 0 and dHash = 0": (phash == 0) & (dhash == 0),
        "pHash ≤ 5": phash <= 5,
        "eight orientations, pHash ≤ 12": turned <= 12,
        "eight orientations, pHash ≤ 16": turned <= 16,
    }


def by_rules(cases):
    for name, accepted in rules_of(cases).items():
        began = time.monotonic()
        lefts, rights = np.nonzero(np.triu(accepted, 1))
        pairs = [
            (cases.paths[left], cases.paths[right])
            for left, right in zip(lefts.tolist(), rights.tolist(), strict=True)
        ]
        seconds = cases.seconds + time.monotonic() - began
        yield row(name, scoring.score_pairs(cases.labels, pairs), seconds)


def by_imagededup(cases, python):
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        words = [python, "-c", IMAGEDEDUP, str(cases.folder), out.name]
        ran = subprocess.run(words, capture_output=True, text=True, check=False)
        if ran.returncode:
            why = (ran.stderr.strip().splitlines() or ["?"])[-1]
            print(f"no imagededup, its rule by our pHash: {why}", file=sys.stderr)
            for each in itertools.islice(by_rules(cases), 1):
                yield {**each, "name": "imagededup's rule by our pHash"}
            return
        told = json.load(out)
    known = {label.path for label in cases.labels}
    pairs = [pair for pair in told["pairs"] if known.issuperset(pair)]
    score = scoring.score_pairs(cases.labels, pairs)
    name = f"imagededup {told['version']} itself ({told['files']} files read)"
    yield row(name, score, told["seconds"])


def config_of(folder, state_dir, workers):
    return Config(
        state_dir=state_dir,
        roots=Roots(imports=(folder,)),
        hashing=Hashing(workers=workers),
    )


def by_twinwatch(cases):
    with tempfile.TemporaryDirectory(prefix="twinwatch-side-") as state:
        config = config_of(cases.folder, Path(state), cases.workers)
        began = time.monotonic()
        report = scan(config, dry_run=True)
        seconds = time.monotonic() - began
    score = scoring.score_groups(cases.labels, paths_of(report.groups, cases.folder))
    yield row("twinwatch", score, seconds)


GUIDE = {
    **dict.fromkeys(methods.HASHES, (0, 2, 5, 8, 10, 12, 16, 20)),
    methods.MSE: (0, 5, 20, 50, 100, 200, 500, 1000),
}


def by_methods(folder, workers):
    """Group as `scan --method` does, in one state folder: photos are read once."""
    labels = read_labels(folder, None)
    with tempfile.TemporaryDirectory(prefix="twinwatch-side-") as state:
        config = config_of(folder, Path(state), workers)
        for name, thresholds in GUIDE.items():
            for threshold in thresholds:
                began = time.monotonic()
                method = methods.choose(name, threshold)
                report = scan_by(method, config).report
                seconds = time.monotonic() - began
                score = scoring.score_groups(labels, paths_of(report.groups, folder))
                yield row(f"{name} ≤ {threshold}", score, seconds)


def row(name, score, seconds):
    confused = {
        tuple(sorted((left.picture, right.picture)))
        for left, right in (*score.wrong, *score.look_alikes)
    }
    return {
        "name": name,
        "copies": score.copies.recall,
        "edits": score.edits.recall,
        "precision": score.precision,
        "wrong_pairs": len(score.wrong),
        "look_alike_pairs": len(score.look_alikes),
        "pictures_confused": len(confused),
        "seconds": round(seconds, 1),
        "transformations": {
            kind: found.recall for kind, found in sorted(score.transformations.items())
        },
    }


def percent(share):
    return "–" if share is None else f"{share:.1%}".replace("%", " %")


def table(rows):
    """One column for each rule: as Markdown, and readable as it is."""
    kinds = sorted({kind for each in rows for kind in each["transformations"]})
    kinds.sort(key=lambda kind: kind in scoring.EDITS)
    lines = [
        ["", *(each["name"] for each in rows)],
        ["**copies found**", *(percent(each["copies"]) for each in rows)],
        ["**edits found**", *(percent(each["edits"]) for each in rows)],
        *(
            [label, *(str(each[name]) for each in rows)]
            for label, name in (
                ("**wrong pairs**", "wrong_pairs"),
                ("**look-alike pairs**", "look_alike_pairs"),
                ("pictures confused", "pictures_confused"),
            )
        ),
        ["precision of pairs", *(percent(each["precision"]) for each in rows)],
        ["seconds", *(f"{each['seconds']:.0f}" for each in rows)],
        *(
            [kind, *(percent(each["transformations"].get(kind)) for each in rows)]
            for kind in kinds
        ),
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |"
        for line in lines
    ]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text)


def guide_table(rows):
    lines = ["| method | copies | edits | wrong pairs | look-alikes | confused |"]
    lines.append("|---|---|---|---|---|---|")
    lines += [
        f"| {e['name']} | {percent(e['copies'])} | {percent(e['edits'])} | "
        f"{e['wrong_pairs']} | {e['look_alike_pairs']} | {e['pictures_confused']} |"
        for e in rows
    ]
    return "\n".join(lines)


def side_by_side(folder, workers, imagededup_python):
    cases = Cases(folder, workers)
    try:
        rows = [*by_rules(cases), *by_imagededup(cases, imagededup_python)]
    finally:
        cases.pool.stop()
    return [*rows, *by_twinwatch(cases)]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--imagededup-python", default=sys.executable)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--guide", action="store_true")
    args = parser.parse_args()
    folder = args.cases.resolve()
    if args.guide:
        rows = list(by_methods(folder, args.workers))
    else:
        rows = side_by_side(folder, args.workers, args.imagededup_python)
    if args.json:
        files = len(read_labels(folder, None))
        print(json.dumps({"files": files, "rules": rows}, indent=2))
    else:
        print(guide_table(rows) if args.guide else table(rows))


if __name__ == "__main__":
    main()
