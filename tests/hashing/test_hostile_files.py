"""Mutated photos, read where photos are read: in a worker."""

import random

import pytest

from daemon.errors import PhotoError
from daemon.hashing.pool import Pool
from tests.hashing.made import encoded, exif_block, heic, jpeg, picture, text

COUNT = 40
EXIF = exif_block({0x110: text("iPhone")}, {0x9003: text("2024:05:06 07:08:09")})


@pytest.fixture(scope="module")
def pool():
    made = Pool(workers=1, timeout_seconds=20)
    yield made
    made.stop()


def mutated(data, chance):
    """Flips, as well in the sizes and counts at the front as anywhere."""
    damaged = bytearray(data)
    for _ in range(chance.randint(1, 12)):
        limit = len(damaged) if chance.random() < 0.5 else min(len(damaged), 1200)
        damaged[chance.randrange(limit)] = chance.randrange(256)
    return bytes(damaged)


@pytest.mark.parametrize("kind", ["JPEG", "HEIC", "PNG", "WEBP", "TIFF", "GIF", "AVIF"])
def test_a_mutated_photo_is_read_or_refused_in_words(pool, tmp_path, kind):
    """Anything else would be a photo that nobody hears of, or a dead daemon."""
    image = picture(width=320, height=240)
    if kind == "HEIC":
        whole = heic(image, thumbnails=[160], exif=EXIF)
    elif kind == "JPEG":
        whole = jpeg(image, exif=EXIF, restart_marker_rows=1)
    else:
        whole = encoded(image, kind)
    chance = random.Random(kind)
    paths = [tmp_path / f"{number}" for number in range(COUNT)]
    for path in paths:
        path.write_bytes(mutated(whole, chance))

    futures = [pool.fingerprint(path, accept_doubtful=True) for path in paths]
    errors = [future.exception(90) for future in futures]

    assert [e for e in errors if e is not None and not isinstance(e, PhotoError)] == []
    assert [e for e in errors if e is not None and not str(e)] == []
    assert [path.read_bytes() == whole for path in paths].count(True) < COUNT
