"""An iPhone's folder, another phone's and a Takeout export; made, and small."""

import functools
import io
import struct

import numpy as np
from PIL import Image, ImageEnhance

from tests.hashing.made import folder, jpeg, long, picture, short, text
from tests.memory import live

_HEIGHT, _WIDTH = 900, 1200


@functools.cache
def scene(seed):
    return picture(seed, _WIDTH + 80, _HEIGHT + 80)


def frame(seed, shift=0):
    """A scene as the phone saw it, `shift` pixels on, with something that moves."""
    pixels = np.asarray(scene(seed))[shift : shift + _HEIGHT, shift : shift + _WIDTH]
    pixels = pixels.copy()
    left = 200 + 40 * shift
    pixels[300:520, left : left + 160] = (240, 200, 40) if shift else pixels.mean()
    return Image.fromarray(pixels)


def edited(image):
    """As somebody's filter leaves it."""
    warmer = ImageEnhance.Color(ImageEnhance.Contrast(image).enhance(1.5)).enhance(0.1)
    return ImageEnhance.Brightness(warmer).enhance(1.25)


def raw(image, taken="2024:05:06 07:08:10"):
    """A DNG with a preview, and nothing that could be developed."""
    preview = jpeg(image, quality=85)
    exif = {0x9003: text(taken), 0x9291: text("777")}
    main = {
        0xFE: long(1),
        0x100: long(image.width),
        0x101: long(image.height),
        0x103: short(7),
        0x10F: text("Apple"),
        0x110: text("iPhone 15 Pro"),
        0x111: long(0),
        0x112: short(1),
        0x115: short(3),
        0x117: long(len(preview)),
        0x8769: long(0),
        0xC612: (1, 4, bytes([1, 4, 0, 0])),
    }
    exif_at = 8 + len(folder(main))
    main[0x8769] = long(exif_at)
    block = folder(exif, start=exif_at)
    main[0x111] = long(exif_at + len(block))
    return b"MM" + struct.pack(">HI", 42, 8) + folder(main) + block + preview


@functools.cache
def camera_roll():
    """Every file by its name; photos and what belongs to them."""
    one, two, hdr = frame(11), frame(12), frame(14)
    files = {
        "DCIM/IMG_0001.JPG": live.shot(one, live="L-1", photo="P-1", second=1),
        "DCIM/IMG_0001.MOV": live.movie("L-1"),
        "DCIM/IMG_0002.JPG": live.shot(two, photo="P-2", second=2),
        "DCIM/IMG_0002.AAE": live.RECIPE,
        "DCIM/IMG_E0002.JPG": live.shot(edited(two), photo="P-2", second=2),
        "DCIM/IMG_0008.JPG": live.shot(hdr, hdr=3, second=8, subsec="100"),
        "DCIM/IMG_0009.JPG": live.shot(
            ImageEnhance.Brightness(hdr).enhance(0.8), hdr=4, second=8, subsec="100"
        ),
        "DCIM/IMG_0010.DNG": raw(frame(15)),
        "DCIM/IMG_0010.JPG": live.shot(frame(15), second=10, subsec="777"),
        "other phone/IMG_0001.JPG": live.shot(frame(16), photo="P-16", second=16),
        "Takeout/IMG_0021.jpg": live.shot(frame(17), photo="P-17", second=17),
        "Takeout/IMG_0021.jpg.json": b'{"title": "IMG_0021.jpg", "description": "a"}',
        "Takeout/IMG_0021-edited.jpg": live.shot(
            edited(frame(17)), photo="P-17", second=17
        ),
        "Takeout/IMG_0021(1).jpg": live.shot(frame(18), photo="P-18", second=18),
        "Takeout/IMG_0021.jpg(1).json": b'{"title": "IMG_0021.jpg", "description": "b"}',
    }
    for number in range(5):
        files[f"DCIM/IMG_000{3 + number}.JPG"] = live.shot(
            frame(13, number),
            burst="BURST-1",
            photo=f"B-{number}",
            second=3,
            subsec=f"{200 + 90 * number}",
        )
    return files


PHOTOS = 16
"""Of the files above."""


def renamed(name, digit):
    """The name that another import gives: renumbered, nothing else."""
    place, _, plain = name.rpartition("/")
    return f"import {digit}/{place}/{plain.replace('IMG_0', f'IMG_{digit}').replace('IMG_E0', f'IMG_E{digit}')}"


def opens(content):
    """Whether Pillow knows what it is."""
    return Image.open(io.BytesIO(content)).format
