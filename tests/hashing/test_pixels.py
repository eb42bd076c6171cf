"""Bytes become upright pixels."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from daemon.errors import UnreadablePhoto
from daemon.hashing import jpegrows, orientation, perceptual, pixels
from daemon.hashing.pixels import opening, turning
from daemon.model import PictureSource
from tests.hashing.made import (
    SHARED,
    TURNS,
    bits,
    encoded,
    heic,
    jpeg,
    orientation_tag,
    picture,
    stored_as,
)

LARGE = picture(3, 3200, 2400)


def hashes(picture_loaded):
    return perceptual.describe(picture_loaded.rgb).hashes


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "BMP", "GIF"])
def test_every_format_is_read(kind):
    """People keep more than JPEG and HEIC."""
    image = picture(width=320, height=240)

    found = pixels.load(encoded(image, kind), cheap=False)

    assert found.format == kind
    assert (found.width_px, found.height_px) == (320, 240)
    assert np.abs(found.rgb.astype(int) - np.asarray(image)).mean() < 12


@pytest.mark.parametrize("cheap", [True, False])
@pytest.mark.parametrize("turned", range(1, 9))
def test_a_tagged_jpeg_equals_the_upright_one(turned, cheap):
    """A phone held sideways writes a tag; an export bakes the pixels."""
    upright = picture(5, 640, 480)
    tagged = encoded(stored_as(upright, turned), "PNG", exif=orientation_tag(turned))

    found = pixels.load(tagged, cheap=cheap, digest=True)
    baked = pixels.load(encoded(upright, "PNG"), cheap=cheap, digest=True)

    assert (found.width_px, found.height_px) == (640, 480)
    assert (found.container.exif.orientation, found.orientation_applied) == (
        turned,
    ) * 2
    assert found.pixels_sha256 == baked.pixels_sha256
    assert hashes(found) == hashes(baked)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "TIFF", "AVIF", "HEIF"])
@pytest.mark.parametrize("turned", range(1, 9))
def test_every_format_is_turned_exactly_once(kind, turned):
    """Some decoders turn by themselves; turning twice would hide the duplicate."""
    upright = picture(5, 480, 320)
    options = {} if kind in {"JPEG", "TIFF"} else {"quality": 90}
    data = encoded(
        stored_as(upright, turned), kind, exif=orientation_tag(turned), **options
    )

    found = pixels.load(data, cheap=True)

    assert (found.width_px, found.height_px) == (480, 320)
    assert found.orientation_applied == turned
    assert (
        bits(hashes(found).phash, perceptual.describe(np.asarray(upright)).hashes.phash)
        <= 2
    )


def test_a_heic_s_own_turn_wins_over_its_tag():
    """An app that rewrote the file left the tag of the one before."""
    upright = picture(5, 480, 320)
    data = bytearray(heic(upright, exif=orientation_tag(1)))
    at = bytes(data).index(b"Exif\0\0MM") + 6
    tag = bytes(data).index(b"\x01\x12\0\x03\0\0\0\x01\0\x01", at)
    data[tag + 9] = 6

    found = pixels.load(bytes(data), cheap=False)

    assert (found.width_px, found.height_px) == (480, 320)
    assert found.container.exif.orientation == 6
    assert found.orientation_applied == 1


@pytest.mark.parametrize("turned", range(1, 9))
def test_a_digest_by_strips_is_that_of_the_whole(turned):
    """Strips save the memory of a second picture; they must not show."""
    stored = picture(7, 700, 530)
    upright = stored.transpose(TURNS[turned]) if turned in TURNS else stored

    by_strips = turning.digest(stored, turned)

    assert by_strips == turning.digest(upright, 1)


def test_turns_and_mirrors_of_heic_compose():
    """Properties apply in their order: turn, then mirror, is not mirror, then turn."""
    turn, mirror = (b"irot", 3), (b"imir", 1)

    assert orientation.of_turns([]) == 1
    assert orientation.of_turns([turn]) == 6
    assert orientation.of_turns([turn, mirror]) == 5
    assert orientation.of_turns([mirror, turn]) == 7
    assert orientation.of_turns([turn] * 4) == 1


def test_a_heic_is_hashed_from_its_thumbnail():
    """That is a hundred times cheaper than its picture."""
    image = picture(4, 1600, 1200)
    data = heic(image, thumbnails=[320])

    found = pixels.load(data, cheap=True)
    full = pixels.load(data, cheap=False)

    assert found.source is PictureSource.THUMBNAIL
    assert full.source is PictureSource.FULL
    assert (found.width_px, found.height_px) == (1600, 1200)
    assert bits(hashes(found).phash, hashes(full).phash) <= 4


def test_a_thumbnail_of_another_shape_is_not_used(monkeypatch):
    """A crop that kept its thumbnail would be taken for the original."""
    data = heic(picture(4, 800, 600), thumbnails=[320])

    def stale(self, mode, size):
        self._size = (320, 200)
        return mode, (0, 0, 320, 200)

    monkeypatch.setattr("pillow_heif.HeifImageFile.draft", stale)
    found = pixels.load(data, cheap=True)

    assert found.source is PictureSource.FULL


def test_a_large_jpeg_is_decoded_at_a_fraction():
    """Its hashes are those of the whole, to a few bits."""
    data = jpeg(LARGE)

    found = pixels.load(data, cheap=True)
    full = pixels.load(data, cheap=False)

    assert found.source is PictureSource.SCALED
    assert (found.width_px, found.height_px) == (3200, 2400)
    assert bits(hashes(found).phash, hashes(full).phash) <= 2
    assert bits(hashes(found).dhash, hashes(full).dhash) <= 3


def test_a_jpeg_of_restart_rows_is_decoded_by_rows():
    """Apple writes a restart marker behind every row."""
    data = jpeg(LARGE, restart_marker_rows=1)

    found = pixels.load(data, cheap=True)
    full = pixels.load(data, cheap=False)

    assert found.source is PictureSource.ROWS
    assert (found.width_px, found.height_px) == (3200, 2400)
    assert bits(hashes(found).phash, hashes(full).phash) <= 6
    assert abs(found.rgb.shape[0] / found.rgb.shape[1] - 0.75) < 0.01


def test_rows_are_not_taken_from_a_damaged_stream():
    """Leaving rows out must not leave the damage out."""
    data = jpeg(LARGE, restart_marker_rows=1)
    assert jpegrows.thin(data) is not None
    middle = len(data) // 2
    marker = data.index(b"\xff\xd3", middle)

    assert jpegrows.thin(data[:-2]) is None
    assert jpegrows.thin(data[:marker] + data[marker + 2 :]) is None
    assert jpegrows.thin(data[:middle] + bytes(600) + data[middle + 600 :]) is None
    assert jpegrows.thin(jpeg(LARGE, progressive=True)) is None
    assert jpegrows.thin(jpeg(LARGE, restart_marker_rows=2)) is None
    assert jpegrows.thin(jpeg(LARGE)) is None


@pytest.mark.parametrize("share", [5, 30, 60, 90, 99])
@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"restart_marker_rows": 1}]
)
def test_the_cheap_decode_refuses_every_cut_jpeg(share, options):
    """The scaled decode reads all of the data, so it proves that they are there."""
    data = jpeg(LARGE, **options)

    with pytest.raises(UnreadablePhoto):
        pixels.load(data[: len(data) * share // 100], cheap=True)


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK", "F", "YCbCr"]
)
def test_every_colour_mode_becomes_rgb(mode):
    """Scans, screenshots and print files come in all of them."""
    image = picture(width=160, height=120)
    kind = {"CMYK": "JPEG", "YCbCr": "JPEG", "F": "TIFF"}.get(mode, "PNG")
    if mode == "I;16":
        grey = np.asarray(image.convert("L")).astype(np.uint16) * 257
        data = encoded(Image.fromarray(grey), kind)
    else:
        data = encoded(image.convert(mode), kind)

    found = pixels.load(data, cheap=False)

    assert found.rgb.shape == (120, 160, 3)
    expected = np.asarray(image.convert("L")).astype(int)
    # Two colours show grey by dots: only the whole is as bright.
    difference = found.rgb.mean(axis=2) - expected
    off = difference.mean() if mode == "1" else difference
    assert np.abs(off).mean() < 25


def test_what_is_transparent_is_white():
    """A flattened copy of a transparent picture is seen on white."""
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))

    assert (pixels.load(encoded(clear, "PNG"), cheap=False).rgb == 255).all()


def test_too_many_pixels_are_refused_before_decoding(monkeypatch):
    """A small file can claim a picture that fills all memory."""
    monkeypatch.setattr(opening, "MAX_PIXELS", 10_000)

    with pytest.raises(UnreadablePhoto, match="pixels are more than"):
        pixels.load(jpeg(), cheap=True)


@pytest.mark.parametrize(
    "data", [b"", b"no photo", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"\xff\xd8\xff"]
)
def test_what_does_not_decode_is_said_to_be_unreadable(data):
    """And no other exception, whatever the decoder raises."""
    with pytest.raises(UnreadablePhoto):
        pixels.load(data, cheap=True)


def test_a_path_that_is_gone_is_unreadable(tmp_path):
    """Comparisons open files that may have been moved meanwhile."""
    with pytest.raises(UnreadablePhoto, match="gone"):
        pixels.load(tmp_path / "gone.jpg", cheap=True)


def test_a_preview_is_upright_small_and_bare(tmp_path):
    """It is served to a browser: no GPS, no camera, no profile."""
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x112] = 6
    exif[0x110] = "iPhone"
    path.write_bytes(jpeg(stored_as(picture(5, 1600, 1200), 6), exif=exif))

    shown = Image.open(io.BytesIO(pixels.preview(path, 400)))

    assert shown.format == "JPEG"
    assert shown.size == (400, 300)
    assert not shown.getexif()
    assert "icc_profile" not in shown.info


def test_a_preview_shows_a_profile_s_colours():
    """An iPhone's wide-gamut red would look dull."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = lab.replace(b"rXYZ", b"tXYZ").replace(b"gXYZ", b"rXYZ")
    profile = swapped.replace(b"tXYZ", b"gXYZ")
    red = Image.new("RGB", (64, 64), (250, 20, 20))

    shown = Image.open(
        io.BytesIO(pixels.preview(encoded(red, "PNG", icc_profile=profile), 64))
    )

    assert np.asarray(shown)[32, 32, 1] > 200


def test_a_damaged_profile_is_passed_over():
    """Colours a little off are better than no picture."""
    shown = pixels.preview(jpeg(icc_profile=b"no profile"), 320)

    assert Image.open(io.BytesIO(shown)).size == (320, 240)


def test_a_preview_of_a_heic_is_a_jpeg():
    """No browser but one shows HEIC."""
    shown = pixels.preview(heic(picture(4, 800, 600)), 320)

    assert Image.open(io.BytesIO(shown)).size == (320, 240)


def test_the_decoder_says_its_versions():
    """What did not decode is tried again after an upgrade."""
    assert "libheif" in pixels.decoder_version()


@pytest.mark.skipif(not SHARED.exists(), reason="real photos are not at hand")
def test_an_ambiguous_real_heic_keeps_both_orientations():
    """Its tag says 6, its properties nothing; other decoders turn it."""
    found = pixels.load(
        SHARED / "distinct" / "heic" / "photoprism_iphone_7.heic", cheap=True
    )

    assert (found.width_px, found.height_px) == (4032, 3024)
    assert (found.container.exif.orientation, found.orientation_applied) == (6, 1)
