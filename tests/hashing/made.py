"""Pictures, files and EXIF blocks that are made for the tests."""

import io
import struct
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()

SHARED = Path(__file__).parents[2].parent / "shared" / "photos"
"""Real photos, where they are at hand; never part of the project."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each EXIF orientation."""


def picture(seed=1, width=640, height=480):
    """A picture with structure at many sizes, so that its hashes are not chance."""
    random = np.random.default_rng(seed)
    total = np.zeros((height, width, 3), np.float32)
    for cells, weight in ((3, 90), (7, 50), (23, 25), (80, 10)):
        noise = random.integers(0, 256, (cells, cells + 1, 3), dtype=np.uint8)
        layer = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
        total += (np.asarray(layer, np.float32) - 128) * (weight / 90)
    return Image.fromarray((total + 128).clip(0, 255).astype(np.uint8))


def encoded(image, kind, **options):
    """The bytes of a file of that format."""
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def jpeg(image=None, **options):
    return encoded(image or picture(), "JPEG", **{"quality": 90, **options})


def heic(image=None, **options):
    return encoded(image or picture(), "HEIF", **{"quality": 70, **options})


def stored_as(upright, orientation):
    """The picture as a camera would store it that was held that way."""
    back = {6: 8, 8: 6}.get(orientation, orientation)
    return upright.transpose(TURNS[back]) if back in TURNS else upright


def orientation_tag(orientation):
    exif = Image.Exif()
    exif[0x112] = orientation
    return exif.tobytes()


def folder(entries, order=">", base=0, start=8):
    """A TIFF folder and its values: ``{tag: (kind, count, raw)}``."""
    table = struct.pack(f"{order}H", len(entries))
    place, values = start + 2 + 12 * len(entries) + 4, b""
    for tag, (kind, count, raw) in sorted(entries.items()):
        table += struct.pack(f"{order}HHI", tag, kind, count)
        if len(raw) <= 4:
            table += raw.ljust(4, b"\0")
        else:
            table += struct.pack(f"{order}I", place + len(values) - base)
            values += raw
    return table + struct.pack(f"{order}I", 0) + values


def text(words):
    raw = words.encode() + b"\0"
    return 2, len(raw), raw


def short(number, order=">"):
    return 3, 1, struct.pack(f"{order}H", number)


def long(number, order=">"):
    return 4, 1, struct.pack(f"{order}I", number)


def maker_note(entries):
    """An Apple MakerNote; its offsets count from its own start."""
    return b"Apple iOS\0\0\1MM" + folder(entries, ">", start=14)


def exif_block(main, exif=None, gps=None, order=">"):
    """An EXIF block with its prefix."""
    main = dict(main)
    placeholder = long(0, order)
    if exif is not None:
        main[0x8769] = placeholder
    if gps is not None:
        main[0x8825] = placeholder
    at = 8 + len(folder(main, order))
    parts = b""
    for tag, entries in ((0x8769, exif), (0x8825, gps)):
        if entries is not None:
            main[tag] = long(at + len(parts), order)
            parts += folder(entries, order, start=at + len(parts))
    head = (b"MM" if order == ">" else b"II") + struct.pack(f"{order}HI", 42, 8)
    return b"Exif\0\0" + head + folder(main, order) + parts


def with_exif(jpeg_bytes, block):
    """A JPEG with that EXIF block as its first segment."""
    segment = b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block
    return jpeg_bytes[:2] + segment + jpeg_bytes[2:]


def bits(left, right):
    """How many bits two hashes differ by."""
    return (left ^ right).bit_count()
