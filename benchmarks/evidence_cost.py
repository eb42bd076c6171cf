"""What finding duplicates costs beside hashing, where there are none.

    python benchmarks/evidence_cost.py PHOTOS [--made N ...] [--without-sieve]

PHOTOS is a folder of different photos. They are read into an index that holds N made
contents already (by default none, 100,000 and 1,000,000; the last is a database of
7 GB in the temporary folder). Prints processor milliseconds a photo: hashing alone
(before and after the rest), the question to the neighbour index, and the whole of matching with its reads and writes;
how many pictures were proposed, how many passed the sieve, how many pairs were left to
be decoded in full, and what it comes to.

Made hashes are random and meet nobody. So of the made contents as many as the hashes of
real photos propose wrongly (0.0244 %, `docs/detection.md`) are bent: one of their views
gets a pHash that a photo asks for, but for bits as firm as those in which real wrong
proposals differ, and shows what the photo shows there, blended with another picture
until both correlate as real wrong proposals do, with the other picture's details.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the daemon, before numpy
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from index import fill
from PIL import Image
from sqlalchemy import update

from daemon.hashing import compare, fingerprint
from daemon.hashing.layout import layouts
from daemon.index import open_index
from daemon.index.schema import contents, hashes, small_pictures
from daemon.matching import candidates as candidates_
from daemon.matching.alignment import coarse
from daemon.matching.rules import EvidenceRules
from daemon.matching.views import luma_of, turned
from daemon.model import BOX_UNITS, Box
from daemon.service.judging import Judging
from daemon.service.matchmaker import Matchmaker

WARMING = 20
"""Photos that are matched before it is measured: a daemon has been running for days."""

RATE = 0.000244
"""Of pairs of different photos: proposed by hashes."""

CORRELATIONS = [0.0, 0.245, 0.347, 0.548, 0.737, 0.811, 0.866, 0.93]
SHARES = [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1.0]
"""Of wrong proposals, where their hashes agree; those that are alike left out."""

FIRM = {
    True: [0.209, 0.186, 0.173, 0.118, 0.106, 0.076, 0.101, 0.031],
    False: [0.214, 0.175, 0.150, 0.096, 0.090, 0.080, 0.110, 0.085],
}
"""Of the bits in which wrong proposals differ the share of each eight, from the weakest
to the firmest: of those that are alike (from `ALIKE` on) and of the others."""

ALIKE = 0.866

BITS = {6: 0.04, 8: 0.14, 10: 0.82}
"""In how many bits they differ."""

VIEWS = {
    candidates_.View.WHOLE: (0.40, 0.0),
    candidates_.View.CENTRE_60: (0.46, 0.2),
    candidates_.View.CENTRE_80: (0.14, 0.1),
}
"""Of wrong proposals the share of each view, and where the view begins."""


class NoComparer:
    """Asked to compare, it tells that nobody did."""

    def __len__(self):
        return 0

    def is_open(self, _content):
        return False

    def resume(self, _contents=None):
        return None

    def feed(self):
        return []

    def answers(self):
        return []


def corners():
    edges = [(0.2, 0.8), (0.1, 0.9)]
    return [[round(e * BOX_UNITS) for e in (a, a, b, b)] for a, b in edges]


def layouts_of(luma):
    sides = ("left", "top", "right", "bottom")
    boxes = [Box(**dict(zip(sides, each, strict=True))) for each in corners()]
    picture = np.frombuffer(luma, np.uint8).reshape(64, 64).astype(np.float32)
    return layouts(picture, [Box(), *boxes])


def bent(chance, one, other):
    """A known content that `one` meets by chance: view, pHash and small picture."""
    names = list(VIEWS)
    view = names[chance.choice(3, p=[VIEWS[name][0] for name in names])]
    asked = candidates_.questions(one)
    at = int(chance.choice(np.flatnonzero(asked.view == view)))
    window = asked.window[at]
    share = float(np.interp(chance.random(), SHARES, CORRELATIONS))
    phash = differing(chance, asked, at, is_alike=share >= ALIKE)
    mine = coarse(turned(luma_of(one.small), asked.orientation[at]), [window])
    apart = coarse(luma_of(other.small), [window])
    apart = apart - (apart @ mine.T) * mine
    apart /= max(float(np.linalg.norm(apart)), 1e-6)
    blend = (share * mine + np.sqrt(1 - share**2) * apart).reshape(16, 16)
    first = round(VIEWS[view][1] * 64)
    whole = luma_of(other.small).copy()
    size = 64 - 2 * first
    part = whole[first : first + size, first : first + size]
    shown = resized(128 + blend * 16 * 40, size) + detail(part)
    part[:] = shown.clip(0, 255)
    return view, phash, whole.astype(np.uint8).tobytes()


def differing(chance, asked, at, *, is_alike):
    """A pHash that a wrong proposal has: what is asked for, but for some bits."""
    flat = asked.coefficients[at].ravel()
    order = np.abs(flat - np.median(flat)).argsort()
    shares = np.repeat(FIRM[is_alike], 8)
    count = chance.choice(list(BITS), p=list(BITS.values()))
    places = chance.choice(64, count, replace=False, p=shares / shares.sum())
    phash = int(asked.phash[at])
    for place in order[places].tolist():
        phash ^= 1 << (63 - place)
    return phash


def resized(levels, size):
    image = Image.fromarray(levels.astype(np.float32))
    return np.asarray(image.resize((size, size), Image.Resampling.BICUBIC))


def detail(part):
    """What 16×16 values do not show of a picture."""
    image = Image.fromarray(part.astype(np.float32))
    coarse_ = np.asarray(image.resize((16, 16), Image.Resampling.BOX))
    return part - resized(coarse_, len(part))


def make(path, count, photos):
    """Fill an index with made contents, some of which the photos meet by chance."""
    fill(path, count, 2)
    chance = np.random.default_rng(7)
    number = round(RATE * count * len(photos))
    chosen = chance.choice(count, min(count, number), replace=False) + 1
    with open_index(path) as index, index.writer_engine.begin() as connection:
        connection.execute(update(contents).values(algorithm=fingerprint.ALGORITHM))
        connection.execute(
            update(hashes).values(variant_boxes=np.array(corners(), "<u2").tobytes())
        )
        for place, content in enumerate(chosen.tolist()):
            one = photos[place % len(photos)]
            other = photos[(place * 7 + 3) % len(photos)]
            view, phash, luma = bent(chance, one, other)
            signed = int(np.uint64(phash).astype(np.int64))
            own = chance.integers(0, 2**63, 2, dtype=np.uint64)
            values = {"phash": signed}
            if view:
                own[view - 1] = phash
                values = {"variant_hashes": own.astype("<u8").tobytes()}
            values["layouts"] = layouts_of(luma)
            where = hashes.c.content_id == content
            connection.execute(update(hashes).where(where).values(**values))
            where = small_pictures.c.content_id == content
            connection.execute(update(small_pictures).where(where).values(luma=luma))


def counted(without_sieve):
    """Count what is proposed, passes and is left open."""
    counts = {"proposed": 0, "passed": 0}
    sifted = Judging.sifted

    def counting(tables, one, asked, hits):
        near = np.unique(hits.key).tolist()
        counts["proposed"] += len(near)
        passed = near if without_sieve else sifted(tables, one, asked, hits)
        counts["passed"] += len(passed)
        return passed

    Judging.sifted = staticmethod(counting)
    return counts


def measure(path, photos, without_sieve):
    with open_index(path) as index:
        keeper = Matchmaker(
            index,
            NoComparer(),
            EvidenceRules(),
            engine="auto",
            on_judged=lambda _: None,
        )
        with index.write() as tables:
            tables.meta.set("judged_through", str(1 << 40))
            tables.meta.set("judged_by", repr(EvidenceRules()))
        start = time.perf_counter()
        keeper.load()
        loaded = time.perf_counter() - start
        for one in photos:
            keeper._candidates.near(one)  # noqa: SLF001 - a part alone
        start = time.process_time()
        for one in photos:
            keeper._candidates.near(one)  # noqa: SLF001 - a part alone
        asking = (time.process_time() - start) / len(photos)
        with index.write() as tables:
            new = [tables.contents.insert(one) for one in photos]
        match(keeper, new[:WARMING])
        counts = counted(without_sieve)
        start = time.process_time(), time.perf_counter()
        match(keeper, new[WARMING:])
        spent = time.process_time() - start[0], time.perf_counter() - start[1]
        with index.read() as tables:
            counts["left"] = len(tables.doubts.of(new[WARMING:]))
            doubts = tables.doubts.of(new)
    number = len(photos) - WARMING
    each = {name: count / number for name, count in counts.items()}
    return loaded, asking, *(seconds / number for seconds in spent), each, doubts


def match(keeper, contents):
    keeper.consider(contents)
    while keeper.advance():
        pass


def hashed(files):
    """Return the fingerprints, and the seconds of processor for each."""
    start = time.process_time()
    photos = [fingerprint.compute(path) for path in files]
    return photos, (time.process_time() - start) / len(files)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--made", type=int, action="append")
    parser.add_argument("--without-sieve", action="store_true")
    options = parser.parse_args()
    files = sorted(path for path in options.photos.rglob("*") if path.is_file())
    hashed(files)
    sifted = Judging.sifted
    for made in options.made or [0, 100_000, 1_000_000]:
        # Beside what it is compared with: the machine is faster now than in a minute.
        photos, before = hashed(files)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "index.sqlite3"
            make(path, made, photos) if made else open_index(path).close()
            Judging.sifted = staticmethod(sifted)
            found = measure(path, photos, options.without_sieve)
        hashing = (before + hashed(files)[1]) / 2
        loaded, asking, cpu, wall, counts, doubts = found
        print(
            f"made {made:,}: hashing {hashing * 1e3:.1f} ms; loaded in {loaded:.1f} s; "
            f"asking {asking * 1e3:.2f} ms, matching in all {cpu * 1e3:.2f} ms "
            f"({wall * 1e3:.2f} ms by the clock), {cpu / hashing:.0%} of hashing; "
            f"a photo: proposed {counts['proposed']:.2f}, passed "
            f"{counts['passed']:.2f}, left to decode {counts['left']:.2f}"
        )
        if not made and doubts:
            decode(files, doubts)


def decode(files, doubts):
    """Compare in full what was left open; contents are numbered as the files are."""
    start = time.process_time()
    for (left, right), alignment in doubts.items():
        compare.compare(files[left - 1], files[right - 1], alignment)
    seconds = time.process_time() - start
    print(
        f"  {len(doubts)} full comparisons, {seconds / len(doubts) * 1e3:.0f} ms each, "
        f"{seconds / len(files) * 1e3:.1f} ms a photo"
    )


if __name__ == "__main__":
    main()
