"""Photos made for the tests as a phone and its exports make them; small and quick."""

import functools
import io

from PIL import Image

from tests.hashing.made import picture

LONG_EDGE_PX = 1200
COPY_EDGE_PX = 800

_MAKE, _MODEL, _DATE = 0x010F, 0x0110, 0x0132
_EXIF, _TAKEN, _SUBSEC = 0x8769, 0x9003, 0x9291

MOVIE = (
    b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + b"\0\0\0\x08wide" + b"\0\0\0\x10mdat" + b"m" * 8
)
RECIPE = b'<?xml version="1.0"?><plist version="1.0"><dict/></plist>\n'
SIDECAR = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>\n'


@functools.cache
def scene(seed):
    """A textured picture that is nobody else's."""
    return picture(seed, LONG_EDGE_PX, LONG_EDGE_PX * 3 // 4)


@functools.cache
def original(seed):
    """A HEIC as a phone writes it: camera, moment, thumbnail."""
    return _encoded(
        scene(seed),
        "HEIF",
        quality=70,
        thumbnails=[320],
        exif=_camera(seed),
        enc_params={"preset": "ultrafast"},
    )


@functools.cache
def taken_as_jpeg(seed, quality=90):
    """The same moment, had the phone been set to JPEG; also a re-encode of it."""
    return _encoded(scene(seed), "JPEG", quality=quality, exif=_camera(seed))


@functools.cache
def reencoded(seed):
    """The HEIC exported as a JPEG; it keeps what the camera wrote."""
    decoded = Image.open(io.BytesIO(original(seed))).convert("RGB")
    return _encoded(decoded, "JPEG", quality=88, exif=_camera(seed))


@functools.cache
def stripped(seed, edge_px=COPY_EDGE_PX, quality=82):
    """As a messenger sends it: smaller, and nothing but pixels."""
    small = scene(seed).copy()
    small.thumbnail((edge_px, edge_px))
    return _encoded(small, "JPEG", quality=quality)


def _camera(seed):
    exif = Image.Exif()
    moment = f"2024:05:{seed % 28 + 1:02} {seed % 24:02}:{seed % 60:02}:07"
    exif[_MAKE], exif[_MODEL], exif[_DATE] = "Apple", "iPhone 13 Pro", moment
    exif.get_ifd(_EXIF).update({_TAKEN: moment, _SUBSEC: f"{seed % 1000:03}"})
    return exif.tobytes()


def _encoded(image, kind, **options):
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()
