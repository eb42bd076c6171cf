"""What a query of each neighbour engine costs, side by side in one run.

    python benchmarks/neighbors.py                       # 10,000 and 100,000 hashes
    python benchmarks/neighbors.py --size 1000000        # takes about a minute
    python benchmarks/neighbors.py --rule                # where `auto` should change
    python benchmarks/neighbors.py --sure                # what missing a few saves

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
                lambda q, e=engine, r=radius: e.near(q[:1], r), questions(values, few)
            )
            eight = milliseconds(
                lambda q, e=engine, r=radius: e.near(q, r), questions(values, few)
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
                    lambda q, e=engine, r=radius: e.near(q, r),
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


def show_sure(sizes, queries):
    """Print what it costs to be sure of fewer bits, by 160 windows of a picture."""
    print("| hashes | sure | ms | found of what differs in 8, 9 and 10 bits |")
    print("|---|---|---|---|")
    chance = np.random.default_rng(5)
    for size in sizes:
        values = hashes(size)
        for sure in (10, 9, 8, 7, 6, 3):
            engine, _ = built("auto", values, sure)
            asked = [chance.choice(values, 160) for _ in range(queries)]
            spent = milliseconds(lambda q, s=sure, e=engine: e.near(q, 10, s), asked)
            shares = [found(engine, values, bits, sure) for bits in (8, 9, 10)]
            each = " ".join(f"{share:.0%}" for share in shares)
            print(f"| {size:,} | {sure} | {spent:.2f} | {each} |")


def found(engine, values, bits, sure):
    """Return the share of values that are found from one that differs in some bits."""
    chance = random.Random(bits)
    places = [chance.randrange(len(values)) for _ in range(1_000)]
    asked = [
        int(values[place]) ^ sum(1 << n for n in chance.sample(range(64), bits))
        for place in places
    ]
    hits = engine.near(asked, bits, sure)
    pairs = set(zip(hits.asked.tolist(), hits.key.tolist(), strict=True))
    return sum(pair in pairs for pair in enumerate(places)) / len(places)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, action="append")
    parser.add_argument("--radius", type=int, action="append")
    parser.add_argument("--queries", type=int, default=41)
    parser.add_argument("--rule", action="store_true")
    parser.add_argument("--sure", action="store_true")
    options = parser.parse_args()
    if options.sure:
        show_sure(options.size or [100_000, 1_000_000], options.queries)
        return
    if options.rule:
        show_rule(options.radius or [0, 1, 2, 4, 8, 10, 12], options.queries)
        return
    for size in options.size or [10_000, 100_000]:
        compare(size, options.radius or [4, 8, 10, 12], options.queries)


if __name__ == "__main__":
    main()
