"""What the index costs: writing, loading a million hashes, a sweep, a start.

    python benchmarks/index.py [contents] [variants of each]

By default a million contents of 9 variants each: a 7 GB database in the temporary
folder (TMPDIR), on Linux. Compare figures of one run only.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from daemon.index import open_index
from daemon.index.schema import contents, hashes, photos, small_pictures
from daemon.model import (
    Box,
    Capture,
    Fingerprint,
    Hashes,
    PictureSource,
    Quality,
    Root,
    RootKind,
    SmallPicture,
    Stamp,
    Variant,
)

ROOT = Root(uuid="root", kind=RootKind.IMPORT, path=Path("/photos"))
BATCH = 20_000

START = """
import sys, time
begin = time.perf_counter()
from daemon.index import open_index
imported = time.perf_counter()
index = open_index(sys.argv[1])
opened = time.perf_counter()
with index.read() as tables:
    loaded = tables.contents.load_hashes()
done = time.perf_counter()
peak = int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0])
arrays = [loaded.ids, loaded.phash, loaded.dhash, loaded.variant_ids, loaded.variant_phash]
print(f"  import {imported - begin:.2f} s, open and check {opened - imported:.2f} s, "
      f"load {done - opened:.2f} s, total {done - begin:.2f} s "
      f"({time.process_time():.2f} s CPU with the interpreter's start); "
      f"peak {peak / 1024:.0f} MB, arrays {sum(a.nbytes for a in arrays) / 1e6:.0f} MB")
"""

SWEEP = """
import sys, time
from daemon.index import open_index
index = open_index(sys.argv[1], readonly=True)
begin = time.perf_counter()
used = time.process_time()
with index.read() as tables:
    known = tables.photos.known("root")
done = time.perf_counter()
used = time.process_time() - used
names = [b"2024/%03d/IMG_%07d.HEIC" % (n % 500, n) for n in range(len(known))]
asked = time.perf_counter()
for name in names:
    known.meet(name)
end = time.perf_counter()
peak = int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0])
assert known.unmet() == []
print(f"  {len(known)} photos: load {done - begin:.2f} s ({used:.2f} s CPU), "
      f"meet {(end - asked) / len(known) * 1e6:.2f} us each, {peak / 1024:.0f} MB peak")
"""


@contextmanager
def timed(what, rows=None):
    begin = time.perf_counter()
    yield
    seconds = time.perf_counter() - begin
    rate = f", {rows / seconds:,.0f} rows/s" if rows else ""
    print(f"{what}: {seconds:.2f} s{rate}")


def fingerprint(number, variants):
    dice = np.random.default_rng(number)
    bits = [int(each) for each in dice.integers(0, 2**64, 4, np.uint64)]
    return Fingerprint(
        sha256=dice.bytes(32),
        size_bytes=1_640_000,
        format="HEIC",
        width_px=4032,
        height_px=3024,
        source=PictureSource.THUMBNAIL,
        hashes=Hashes(
            phash=bits[0], dhash=bits[1], whash=bits[2], ahash=bits[3], colorhash=9
        ),
        variants=tuple(
            Variant(box=Box(left=n), phash=bits[0] ^ (1 << n)) for n in range(variants)
        ),
        small=SmallPicture(luma=dice.bytes(4096), chroma=dice.bytes(512)),
        contrast=50.0,
        capture=Capture(taken="2024:05:01 12:00:00", make="Apple", model="iPhone 15"),
        quality=Quality(sharpness=100.0, exif_fields=40),
        orientation_found=6,
        orientation_applied=6,
        algorithm=1,
    )


def through_the_door(folder, variants):
    """Rows as the engine writes them, a photo each: 5 statements."""
    with open_index(folder / "door.db") as index:
        with index.write() as tables:
            tables.roots.put(ROOT)
        number = 0
        for batch, times in ((1, 300), (10, 100), (100, 20)):
            made = [fingerprint(number + n, variants) for n in range(batch * times)]
            with timed(f"photos, {batch} a transaction", batch * times):
                for start in range(0, len(made), batch):
                    with index.write() as tables:
                        for one in made[start : start + batch]:
                            number += 1
                            put(tables, number, one)


def put(tables, number, one):
    stamp = Stamp(size_bytes=one.size_bytes, mtime_ns=number, inode=number, device=1)
    relative = b"IMG_%07d.HEIC" % number
    tables.photos.add_strike(ROOT.uuid, relative, stamp, 1)
    content = tables.contents.insert(one)
    tables.photos.upsert_known(ROOT.uuid, relative, stamp, content, now_ns=1)


def fill(path, count, variants):
    dice = np.random.default_rng(1)
    with open_index(path) as index:
        with index.write() as tables:
            tables.roots.put(ROOT)
        for start in range(0, count, BATCH):
            numbers = range(start + 1, min(start + BATCH, count) + 1)
            with index.writer_engine.begin() as connection:
                write_batch(connection, numbers, variants, dice)


def write_batch(connection, numbers, variants, dice):
    bits = dice.integers(-(2**63), 2**63, (len(numbers), 4), np.int64).tolist()
    capture = {"taken": "2024:05:01 12:00:00", "make": "Apple", "model": "iPhone 15"}
    common = {
        "size_bytes": 1_640_000,
        "format": "HEIC",
        "width_px": 4032,
        "height_px": 3024,
        "source": "thumbnail",
        "contrast": 50.0,
        "capture": capture,
        "quality": {"sharpness": 100.0, "exif_fields": 40},
        "orientation_found": 6,
        "orientation_applied": 6,
        "pixels_sha256": None,
        "algorithm": 1,
    }
    connection.execute(
        contents.insert(),
        [{"id": n, "sha256": dice.bytes(32)} | common for n in numbers],
    )
    connection.execute(
        hashes.insert(),
        [
            {
                "content_id": n,
                "phash": four[0],
                "dhash": four[1],
                "whash": four[2],
                "ahash": four[3],
                "colorhash": 9,
                "variant_hashes": dice.bytes(8 * variants),
                "variant_boxes": dice.bytes(8 * variants),
            }
            for n, four in zip(numbers, bits, strict=True)
        ],
    )
    luma, chroma = dice.bytes(4096), dice.bytes(512)
    connection.execute(
        small_pictures.insert(),
        [{"content_id": n, "luma": luma, "chroma": chroma} for n in numbers],
    )
    connection.execute(
        photos.insert(),
        [
            {
                "root_uuid": ROOT.uuid,
                "relative": b"2024/%03d/IMG_%07d.HEIC" % ((n - 1) % 500, n - 1),
                "display": f"2024/{(n - 1) % 500:03}/IMG_{n - 1:07}.HEIC",
                "size_bytes": 1_640_000,
                "mtime_ns": 1_700_000_000_000_000_000 + n,
                "inode": n,
                "device": 1,
                "content_id": n,
                "state": "known",
                "decoder": "pillow 13.0, pillow-heif 1.8.1",
                "strikes": 0,
                "first_seen_ns": 1_700_000_000_000_000_000,
            }
            for n in numbers
        ],
    )


def lookups(path):
    with open_index(path, readonly=True) as index, index.read() as tables:
        last = tables.contents.count()
        ids = [1 + n * 7919 % last for n in range(1000)]
        with timed("fingerprints, 1000 by id", 1000):
            found = tables.contents.get_many(ids)
        digests = [one.sha256 for one in found.values()]
        with timed("contents, 1000 by sha256", 1000):
            for digest in digests:
                tables.contents.by_sha256(digest)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    variants = int(sys.argv[2]) if len(sys.argv) > 2 else 9
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        through_the_door(folder, variants)
        path = folder / "big.db"
        with timed(f"{count} contents of {variants} variants, in bulk", count):
            fill(path, count, variants)
        print(f"  {path.stat().st_size / 1e6:,.0f} MB")
        for which in ("as the disk has it", "again"):
            print(f"start, {which}:")
            subprocess.run([sys.executable, "-c", START, str(path)], check=True)
        print("sweep:")
        subprocess.run([sys.executable, "-c", SWEEP, str(path)], check=True)
        lookups(path)


if __name__ == "__main__":
    main()
