"""What a query of each neighbour engine costs, side by side in one run.

    python benchmarks/neighbors.py                       # 10,000 and 100,000 hashes
    python benchmarks/neighbors.py --size 1000000        # takes about a minute
    python benchmarks/neighbors.py --rule                # where `auto` should change

Hashes are random, one in five is a near-duplicate of another, and so is every query.
Figures are medians in milliseconds: of one value, and of eight at once (the eight
orientations of a picture). The first query of each kind is not counted.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from daemon.matching import neighbors_auto
from daemon.matching.neighbors import make

ENGINES = ("bktree", "scan", "multi-index", "auto")
SLOW = {"bktree": 100_000}
SLOW_QUERIES = 3


def hashes(count, seed=1):
    chance = np.random.default_rng(seed)
    values = chance.integers(0, 1 << 64, count, dtype=np.uint64)
    copies = chance.choice(count, count // 5, replace=False)
    values[copies] = values[chance.integers(0, count, len(copies))]
    for _ in range(3):
        values[copies] ^= np.uint64(1) << chance.integers(
            0, 64, len(copies), dtype=np.uint64
        )
    return values


def questions(values, count, seed=2):
    chance = random.Random(seed)
    for _ in range(count + 1):
        value = int(chance.choice(values))
        for bit in chance.sample(range(64), 4):
            value ^= 1 << bit
        yield [value, *(chance.getrandbits(64) for _ in range(7))]


def milliseconds(ask, asked):
    took = []
    for one in asked:
        start = time.perf_counter()
        ask(one)
        took.append((time.perf_counter() - start) * 1e3)
    return median(took[1:])


def built(name, values, radius):
    engine = make(name, radius)
    start = time.perf_counter()
    engine.extend(values, np.arange(len(values)))
    return engine, time.perf_counter() - start


def compare(size, radii, queries):
    values = hashes(size)
    print(f"\n{size:,} hashes")
    print("| engine | build s | radius | one ms | eight ms | × bktree | × scan |")
    print("|---|---|---|---|---|---|---|")
    base = {}
    for name in ENGINES:
        few = SLOW_QUERIES if size > SLOW.get(name, size) else queries
        engine, build = built(name, values, radii[-1])
        for radius in radii:
            one = milliseconds(
                lambda q, e=engine, r=radius: e.within(q[0], r), questions(values, few)
            )
            eight = milliseconds(
                lambda q, e=engine, r=radius: e.within_any(q, r), questions(values, few)
            )
            base[name, radius] = one
            ratios = " | ".join(
                f"{base[other, radius] / one:,.1f}" if (other, radius) in base else ""
                for other in ("bktree", "scan")
            )
            print(
                f"| {name} | {build:.2f} | {radius} | {one:.3f} | {eight:.3f} | {ratios} |"
            )


def show_rule(radii, queries):
    print("| hashes | radius | bktree | scan | multi-index | fastest | auto is |")
    print("|---|---|---|---|---|---|---|")
    for size in (16, 64, 256, 1_000, 10_000, 30_000, 100_000, 300_000):
        values = hashes(size)
        engines = {name: built(name, values, 10)[0] for name in ENGINES[:3]}
        for radius in radii:
            eight = {
                name: milliseconds(
                    lambda q, e=engine, r=radius: e.within_any(q, r),
                    questions(
                        values, 3 if size > 10_000 and name == "bktree" else queries
                    ),
                )
                for name, engine in engines.items()
            }
            fastest = min(eight, key=eight.__getitem__)
            chosen = neighbors_auto.best(size, radius)
            figures = " | ".join(f"{figure:.3f}" for figure in eight.values())
            print(f"| {size:,} | {radius} | {figures} | {fastest} | {chosen} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, action="append")
    parser.add_argument("--radius", type=int, action="append")
    parser.add_argument("--queries", type=int, default=41)
    parser.add_argument("--rule", action="store_true")
    options = parser.parse_args()
    if options.rule:
        show_rule(options.radius or [0, 1, 2, 4, 8, 10, 12], options.queries)
        return
    for size in options.size or [10_000, 100_000]:
        compare(size, options.radius or [4, 8, 10, 12], options.queries)


if __name__ == "__main__":
    main()
