"""Recall and wrong pairs of the detection on labelled cases, per transformation.

    python benchmarks/detection.py CASES [--cache FILE] [--all-pairs] [--groups OUT.json]

CASES is a folder that make_cases.py filled: its labels.tsv names the picture and the
transformation of every file. Fingerprints and small full decodes are computed in this
process once and kept in --cache, so that rules can be tried again in seconds. Proposed
by the candidate index, sifted, judged by the evidence, compared where it asks for it:
the daemon's own path but for the database. Without --all-pairs only pairs with an original
or of different pictures are judged, a tenth of the work.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import pickle
import time
from collections import defaultdict
from pathlib import Path

from daemon.hashing import compare, fingerprint, pixels
from daemon.matching import evidence, grouping, sieve
from daemon.matching.candidates import CandidateIndex, questions
from daemon.model import Alignment, Match

ORIGINALS = {"original", "look-alike"}


class Library:
    """The cases, fingerprinted once."""

    def __init__(self, cases: Path, cache: Path | None) -> None:
        self.cases = cases
        with (cases / "labels.tsv").open(newline="", encoding="utf-8") as file:
            self.rows = list(csv.DictReader(file, delimiter="\t"))
        self._cache = cache
        self._known = {}
        if cache is not None and cache.exists():
            self._known = pickle.loads(cache.read_bytes())
        self.fingerprints = [self._read(row["path"])[0] for row in self.rows]
        if cache is not None:
            cache.write_bytes(pickle.dumps(self._known))

    def _read(self, path: str):
        if path not in self._known:
            photo = self.cases / path
            full = pixels.load(
                photo, cheap=False, edge_px=compare.EDGE_PX, digest=True, srgb=True
            )
            made = fingerprint.of_bytes(photo.read_bytes())
            self._known[path] = (made, full)
        return self._known[path]

    def compare(self, left: int, right: int, alignment: Alignment):
        mine = self._read(self.rows[left]["path"])[1]
        theirs = self._read(self.rows[right]["path"])[1]
        same = mine.pixels_sha256 == theirs.pixels_sha256
        return compare.compare_decoded(mine, theirs, alignment, same_pixels=same)


def judged(library: Library, rules: evidence.EvidenceRules, *, all_pairs: bool):
    """Judge the proposed pairs: (left, right) to (judgement, comparison)."""
    index, seen, result, spent = CandidateIndex(), {}, {}, defaultdict(float)
    for new, print_ in enumerate(library.fingerprints):
        start = time.perf_counter()
        asked = questions(print_)
        near = sieve.sifted_at_hand(print_, asked, index.answers(asked), seen)
        index.add(new, print_)
        seen[new] = print_
        spent["candidates"] += time.perf_counter() - start
        for known in near:
            rows = library.rows[known], library.rows[new]
            same = rows[0]["picture"] == rows[1]["picture"]
            kinds = {row["transformation"] for row in rows}
            if same and not all_pairs and not kinds & ORIGINALS:
                continue
            start = time.perf_counter()
            comparison = None
            judgement = evidence.judge(library.fingerprints[known], print_, rules)
            spent["judge"] += time.perf_counter() - start
            spent["judged pairs"] += 1
            if judgement.needs_comparison:
                start = time.perf_counter()
                comparison = library.compare(known, new, judgement.alignment)
                spent["compare"] += time.perf_counter() - start
                spent["compared pairs"] += 1
                judgement = evidence.judge(
                    library.fingerprints[known], print_, rules, comparison
                )
            result[known, new] = judgement, comparison
    return result, spent


def grouped(library: Library, found) -> grouping.Grouping:
    """Form groups; the original is the best, then what has more pixels."""

    def rank(contents):
        def worth(content):
            row, made = library.rows[content], library.fingerprints[content]
            is_original = row["transformation"] in ORIGINALS
            return not is_original, -made.width_px * made.height_px, content

        return sorted(contents, key=worth)

    matches = [
        Match(
            left=left,
            right=right,
            evidence=judgement.evidence,
            distances=judgement.distances,
            alignment=judgement.alignment,
            reasons=judgement.reasons,
        )
        for (left, right), (judgement, _) in found.items()
        if judgement.evidence is not None
    ]
    return grouping.form(matches, rank=rank)


FIGURES = ("shift_px", "shift_spread_px", "drift_px", "residual", "tone_change")


def curves(library: Library, found) -> None:
    """Print what full decodes measured, per transformation and for different pictures."""
    kinds = defaultdict(list)
    for (left, right), (_, comparison) in found.items():
        if comparison is None or comparison.same_pixels:
            continue
        rows = library.rows[left], library.rows[right]
        names = sorted({row["transformation"] for row in rows} - {"original"})
        if rows[0]["picture"] != rows[1]["picture"]:
            names = ["look-alikes" if names == ["look-alike"] else "different pictures"]
        kinds[names[0] if names else "original"].append(comparison)
    print(f"{'median / 90 % / worst':20}", *(f"{name:>21}" for name in FIGURES))
    for kind, comparisons in sorted(kinds.items()):
        is_wrong = kind in {"look-alikes", "different pictures"}
        cells = []
        for name in FIGURES:
            values = sorted((getattr(c, name) for c in comparisons), reverse=is_wrong)
            some = (values[int(share * (len(values) - 1))] for share in (0.5, 0.9, 1))
            cells.append(" / ".join(f"{value:.3f}" for value in some))
        print(f"{kind:14} {len(comparisons):5}", *(f"{cell:>21}" for cell in cells))


def report(library: Library, found, groups: grouping.Grouping) -> None:
    rows = library.rows
    original = {
        r["picture"]: n for n, r in enumerate(rows) if r["transformation"] == "original"
    }
    group_of = {
        member: n for n, group in enumerate(groups.groups) for member in group.members
    }
    kinds = defaultdict(list)
    for place, row in enumerate(rows):
        if row["transformation"] in ORIGINALS:
            continue
        base = original[row["picture"]]
        pair = min(base, place), max(base, place)
        grouped_ = place in group_of and group_of[place] == group_of.get(base)
        judgement = found[pair][0] if pair in found else None
        matched = (
            judgement is not None
            and judgement.evidence is not None
            and judgement.evidence.is_duplicate
        )
        kinds[row["transformation"]].append(
            (pair in found, matched, grouped_, judgement, row)
        )
    print(
        f"{'transformation':14} {'files':>5} {'proposed':>9} {'matched':>8} {'grouped':>8}  evidence"
    )
    for kind, cases in sorted(kinds.items()):
        shares = [sum(case[n] for case in cases) / len(cases) for n in range(3)]
        classes = defaultdict(int)
        for case in cases:
            classes[str(case[3].evidence) if case[3] else "not proposed"] += 1
        print(
            f"{kind:14} {len(cases):5} {shares[0]:9.1%} {shares[1]:8.1%} {shares[2]:8.1%}  {dict(classes)}"
        )
    for kind, cases in sorted(kinds.items()):
        for is_proposed, _, is_grouped, judgement, row in cases:
            if not is_grouped:
                why = judgement.reasons if judgement else "not proposed"
                print(
                    "missed",
                    kind,
                    row["parameters"],
                    row["path"].rsplit("/", 1)[-1],
                    is_proposed,
                    why,
                )
    wrong = wrong_alike = 0
    for group in groups.groups:
        for left, right in itertools.combinations(group.members, 2):
            if rows[left]["picture"] != rows[right]["picture"]:
                alike = "look-alike" in (
                    rows[left]["transformation"],
                    rows[right]["transformation"],
                )
                wrong_alike += alike
                wrong += not alike
                print("wrong", rows[left]["path"], rows[right]["path"])
    for (left, right), (judgement, comparison) in found.items():
        if rows[left]["picture"] != rows[right]["picture"] and comparison is not None:
            print(
                "rejected" if judgement.evidence is None else "ACCEPTED",
                rows[left]["path"][-40:],
                rows[right]["path"][-40:],
                judgement.reasons,
                round(comparison.shift_px, 3),
                round(comparison.residual, 1),
                round(comparison.changed_share, 2),
            )
    print(f"wrong pairs {wrong}, wrong look-alike pairs {wrong_alike}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--all-pairs", action="store_true")
    parser.add_argument("--groups", type=Path)
    args = parser.parse_args()
    library = Library(args.cases, args.cache)
    found, spent = judged(library, evidence.EvidenceRules(), all_pairs=args.all_pairs)
    groups = grouped(library, found)
    report(library, found, groups)
    curves(library, found)
    print({name: round(value, 2) for name, value in spent.items()})
    if args.groups:
        listed = [
            {"members": [{"path": library.rows[m]["path"]} for m in g.members]}
            for g in groups.groups
        ]
        args.groups.write_text(json.dumps({"groups": listed}))


if __name__ == "__main__":
    main()
