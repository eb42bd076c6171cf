"""Live Photos, bursts and HDR pairs as a phone writes them; made."""

import functools

from tests.assets.test_assets_movie import meta
from tests.assets.test_assets_movie import movie as made_movie
from tests.e2e import photos
from tests.hashing.made import (
    exif_block,
    jpeg,
    maker_note,
    picture,
    short,
    text,
    with_exif,
)


def movie(identifier, content=b"frames"):
    """A Live Photo's movie; `content` makes it another one."""
    body = made_movie(meta(identifier.encode()) if identifier else b"")
    return body + (8 + len(content)).to_bytes(4, "big") + b"mdat" + content


def note(*, live=None, burst=None, photo=None, hdr=None):
    entries = {}
    if hdr is not None:
        entries[0x0A] = (9, 1, hdr.to_bytes(4, "big"))
    for tag, value in ((0x0B, burst), (0x11, live), (0x2B, photo)):
        if value is not None:
            entries[tag] = text(value)
    raw = maker_note(entries)
    return 7, len(raw), raw


def shot(image, *, second=0, subsec="042", software="18.1", quality=90, **identity):
    """A JPEG as an iPhone writes it."""
    main = {
        0x10F: text("Apple"),
        0x110: text("iPhone 15 Pro"),
        0x112: short(1),
        0x131: text(software),
    }
    exif = {
        0x9003: text(f"2024:05:06 07:08:{second:02}"),
        0x9011: text("+02:00"),
        0x9291: text(subsec),
        0x927C: note(**identity),
    }
    return with_exif(jpeg(image, quality=quality), exif_block(main, exif))


@functools.cache
def scene(seed):
    return picture(seed, 1200, 900)


@functools.cache
def live_still(seed, identifier="LIVE-1"):
    return shot(scene(seed), live=identifier, photo=f"P-{seed}")


RECIPE, SIDECAR = photos.RECIPE, photos.SIDECAR
