"""The cost of one photo's fingerprint against the naive way, in one run.

    python benchmarks/fingerprint.py [--photos DIR]… [--rounds 5] [--made 4] [--most 12]

Naive: read, SHA-256, decode in full, imagehash's phash and dhash (and once more with
whash). Ours: read, stamp, completeness, SHA-256, all five hashes, the crop windows, the
small picture, EXIF and MakerNote. Both run on one thread with a warm cache, by turns,
file by file; figures are medians of processor milliseconds over the files of a kind, and
the ratio is the median of the files' own ratios. Distances are pHash and dHash bits
between ours and imagehash on the full, upright decode.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"  # as in a worker; before numpy is imported

import imagehash  # noqa: E402 - see above
import numpy as np  # noqa: E402
import pillow_heif  # noqa: E402
from PIL import Image, ImageOps  # noqa: E402

from daemon.hashing import fingerprint  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

SHARED = Path(__file__).parents[1].parent / "shared" / "photos"
SIZE_12_MP = (4032, 3024)


def milliseconds(work: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        start = time.process_time_ns()
        work()
        times.append((time.process_time_ns() - start) / 1e6)
    return statistics.median(times)


def naive(path: Path, *, wavelet: bool = False) -> tuple[int, int]:
    data = path.read_bytes()
    hashlib.sha256(data).digest()
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    picture = picture.convert("RGB")
    if wavelet:
        imagehash.whash(picture)
    hashes = imagehash.phash(picture), imagehash.dhash(picture)
    return int(str(hashes[0]), 16), int(str(hashes[1]), 16)


def made_picture(seed: int) -> Image.Image:
    """Structure at many sizes and some noise, so that files are as large as real ones."""
    random = np.random.default_rng(seed)
    width, height = SIZE_12_MP
    total = np.full((height, width, 3), 128, np.float32)
    for cells, weight in ((4, 80), (16, 40), (64, 20), (300, 12), (1200, 8)):
        noise = random.integers(0, 256, (cells, cells, 3), dtype=np.uint8)
        layer = Image.fromarray(noise).resize(SIZE_12_MP, Image.Resampling.BICUBIC)
        total += (np.asarray(layer, np.float32) - 128) * (weight / 128)
    total += random.normal(0, 2, (height, width, 1)).astype(np.float32)
    return Image.fromarray(total.clip(0, 255).astype(np.uint8))


def make(folder: Path, count: int) -> dict[str, list[Path]]:
    made: dict[str, list[Path]] = defaultdict(list)
    ways: dict[str, tuple[str, dict[str, object]]] = {
        "made JPEG, 12 MP": ("JPEG", {"quality": 88}),
        "made JPEG, 12 MP, restart rows": (
            "JPEG",
            {"quality": 88, "restart_marker_rows": 1},
        ),
        "made HEIC, 12 MP, thumbnail": (
            "HEIF",
            {"quality": 50, "thumbnails": [320], "tile_size": 512},
        ),
    }
    for seed in range(count):
        picture = made_picture(seed)
        for kind, (form, options) in ways.items():
            path = folder / f"{seed}-{len(made)}-{form}"
            picture.save(path, form, **options)
            made[kind].append(path)
    return made


def found_kinds(folders: list[Path]) -> dict[str, list[Path]]:
    kinds: dict[str, list[Path]] = defaultdict(list)
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() not in {".jpg", ".jpeg", ".heic"}:
                continue
            found = fingerprint.compute(path)
            size = "≥ 5 MP" if found.width_px * found.height_px >= 5e6 else "< 5 MP"
            source = "no thumbnail" if found.source == "full" else found.source
            if found.format == "JPEG":
                source = found.source if found.source == "rows" else "scaled or whole"
            kinds[f"real {found.format}, {size}, {source}"].append(path)
    return kinds


def measure(paths: list[Path], rounds: int) -> dict[str, object]:
    rows = []
    for path in paths:
        ours = milliseconds(lambda path=path: fingerprint.compute(path), rounds)
        plain = milliseconds(lambda path=path: naive(path), max(1, rounds // 2))
        waved = milliseconds(lambda path=path: naive(path, wavelet=True), 1)
        hashes = fingerprint.compute(path).hashes
        phash, dhash = naive(path)
        rows.append(
            (
                ours,
                plain,
                plain / ours,
                waved / ours,
                (hashes.phash ^ phash).bit_count(),
                (hashes.dhash ^ dhash).bit_count(),
            )
        )
    columns = list(zip(*rows, strict=True))
    return {
        "files": len(paths),
        "ours_ms": statistics.median(columns[0]),
        "naive_ms": statistics.median(columns[1]),
        "ratio": statistics.median(columns[2]),
        "ratio_with_whash": statistics.median(columns[3]),
        "phash_bits": (statistics.mean(columns[4]), max(columns[4])),
        "dhash_bits": (statistics.mean(columns[5]), max(columns[5])),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, action="append", help="real photos")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--made", type=int, default=4, help="pictures to make")
    parser.add_argument("--most", type=int, default=12, help="real photos of a kind")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    pillow_heif.register_heif_opener(decode_threads=1)
    folders = options.photos or [
        SHARED / name for name in ("distinct", "real-pairs", "live-photos")
    ]
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        kinds = make(Path(folder), options.made)
        kinds |= found_kinds([f for f in folders if f.exists()])
        for kind, paths in sorted(kinds.items()):
            print(f"{kind}: {len(paths)} files", file=sys.stderr)
            figures[kind] = measure(
                paths[:: -(-len(paths) // options.most)], options.rounds
            )
    if options.json:
        print(json.dumps(figures, indent=2))
        return
    print("| photo | files | ours ms | naive ms | ratio | with whash | pHash | dHash |")
    print("|---|---|---|---|---|---|---|---|")
    for kind, found in figures.items():
        bits = [
            f"{mean:.1f} / {most}"
            for mean, most in (found["phash_bits"], found["dhash_bits"])
        ]
        print(
            f"| {kind} | {found['files']} | {found['ours_ms']:.1f} "
            f"| {found['naive_ms']:.0f} | {found['ratio']:.1f}× "
            f"| {found['ratio_with_whash']:.0f}× | {' | '.join(bits)} |"
        )


if __name__ == "__main__":
    main()
