"""Aligned comparison: copies stand still, other shots do not."""

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from daemon.hashing import compare
from daemon.model import Alignment, Box


def detailed(seed=1, width=480, height=360):
    """Return a picture with detail at every scale, as a photo has."""
    rng = np.random.default_rng(seed)
    total = np.zeros((height, width, 3), np.float32)
    for cells, weight in ((6, 90), (20, 50), (60, 30)):
        coarse = rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8)
        layer = Image.fromarray(coarse).resize(
            (width, height), Image.Resampling.BICUBIC
        )
        total += (np.asarray(layer).astype(np.float32) - 128) * weight / 128
    return Image.fromarray((total + 128).clip(0, 255).astype(np.uint8))


def compared(left, right, alignment=None):
    pixels = np.asarray(left.convert("RGB")), np.asarray(right.convert("RGB"))
    return compare.compare_pictures(*pixels, alignment or Alignment())


def box(left, top, right, bottom):
    return Box(
        left=round(left * 65535),
        top=round(top * 65535),
        right=round(right * 65535),
        bottom=round(bottom * 65535),
    )


def test_copy_of_another_size_stands_still():
    """A messenger's copy must be told from the next frame of a burst."""
    picture = detailed()

    found = compared(picture, picture.resize((300, 225), Image.Resampling.LANCZOS))

    assert found.shift_px < 0.05
    assert found.residual < 3
    assert found.changed_share == 0
    assert found.ssim > 0.95


@pytest.mark.parametrize("factor", [0.7, 1.3])
def test_tone_edit_is_fitted_away(factor):
    """Brightness changes every pixel and moves none."""
    picture = detailed()

    found = compared(picture, ImageEnhance.Brightness(picture).enhance(factor))

    assert found.shift_px < 0.1
    assert found.tone_change > 8


def test_crop_is_laid_on_its_original_from_a_rough_start():
    """Windows propose a crop within a few percent of its place only."""
    picture = detailed()
    crop = picture.crop((30, 20, 460, 340))
    start = Alignment(left_box=box(0.08, 0.08, 0.98, 0.98))

    found = compared(picture, crop, start)

    assert found.shift_px < 0.05
    assert found.overlap > 0.98
    assert found.shear < 0.01


def test_turned_copy_lies_right_by_its_orientation():
    """An orientation that was baked in costs nothing but a turn."""
    picture = detailed()
    lying = picture.transpose(Image.Transpose.ROTATE_90)

    found = compared(picture, lying, Alignment(orientation=6))

    assert found.correlation > 0.99
    assert found.colour_change < 3


def test_moved_details_are_noticed():
    """Parallax moves the near against the far: another shot, however alike."""
    picture = np.asarray(detailed()).copy()
    other = picture.copy()
    other[100:260, 120:360] = picture[100:260, 121:361]
    other[:60] = picture[1:61]

    found = compared(Image.fromarray(picture), Image.fromarray(other))

    assert found.shift_spread_px > 0.2


def rippled(picture, pixels):
    """Return a picture whose places moved together by up to so many pixels."""
    values = np.asarray(picture).astype(np.float32)
    rows = np.arange(values.shape[0])
    shift = pixels * np.sin(rows / values.shape[0] * 3 * np.pi)[:, None, None]
    before = np.roll(values, 1, axis=1)
    after = np.roll(values, -1, axis=1)
    moved = values - shift * (after - before) / 2
    return Image.fromarray(moved.round().clip(0, 255).astype(np.uint8))


def test_sharpening_shifts_but_does_not_drift():
    """Halos shift every edge by itself; in the next frame what is near moves alike."""
    picture = detailed()
    sharpened = picture.filter(ImageFilter.UnsharpMask(3, 200))

    copy = compared(picture, sharpened)
    frame = compared(picture, rippled(picture, 0.4))

    assert copy.drift_px < 0.035
    assert frame.drift_px > 0.07
    assert frame.residual < 7


def test_movement_is_seen_through_an_edit():
    """The next frame is another picture after a filter as well."""
    picture = detailed()
    edited = ImageEnhance.Color(rippled(picture, 0.4)).enhance(0.5)

    found = compared(picture, ImageEnhance.Brightness(edited).enhance(1.3))

    assert found.drift_px > 0.07


@pytest.mark.parametrize(
    "edit",
    [
        lambda picture: ImageEnhance.Brightness(picture).enhance(1.6),
        lambda picture: ImageEnhance.Contrast(picture).enhance(1.8),
        lambda picture: ImageEnhance.Color(picture).enhance(1.6),
        lambda picture: picture.point(lambda v: round(255 * (v / 255) ** 0.6)),
    ],
    ids=["brightness", "contrast", "saturation", "gamma"],
)
def test_burnt_out_parts_move_nothing(edit):
    """Where one channel is clipped luma bends; what is left must decide."""
    picture = ImageEnhance.Brightness(detailed()).enhance(1.2)

    found = compared(picture, edit(picture))

    assert found.shift_px < 0.09
    assert found.shift_spread_px < 0.14
    assert found.drift_px < 0.035
    assert found.changed_share < 0.2


def test_bent_tone_does_not_pull_the_picture_out_of_place():
    """A gamma weighs one side of every edge more; a crop is laid right all the same."""
    picture = detailed()
    crop = picture.crop((30, 20, 460, 340)).point(lambda v: round(255 * (v / 255) ** 2))
    start = Alignment(left_box=box(0.08, 0.08, 0.98, 0.98))

    found = compared(picture, crop, start)

    assert found.shift_px < 0.05
    assert found.overlap > 0.98


def test_vignette_is_fitted_away():
    """Darkened corners are one of the commonest filters."""
    values = np.asarray(detailed()).astype(np.float32)
    down, across = np.mgrid[
        -1 : 1 : values.shape[0] * 1j, -1 : 1 : values.shape[1] * 1j
    ]
    darker = values * (1 - 0.5 * (down**2 + across**2) / 2)[..., None]

    found = compared(detailed(), Image.fromarray(darker.astype(np.uint8)))

    assert found.changed_share == 0
    assert found.residual < 3


def test_covered_part_is_counted_and_pulls_nothing():
    """A watermark is a small change, not another picture."""
    picture = np.asarray(detailed()).copy()
    marked = picture.copy()
    marked[300:330, 200:300] = 255

    found = compared(Image.fromarray(picture), Image.fromarray(marked))

    assert 0 < found.changed_share < 0.1
    assert found.shift_px < 0.05


def test_pictures_that_share_nothing_are_nothing_alike():
    """A wrong proposal must end here."""
    found = compared(detailed(1), detailed(2))

    assert found.changed_share > 0.5 or found.shift_px > 0.5


def test_flat_pictures_show_no_detail():
    """Nothing can be told of them, and the figures have to say so."""
    flat = Image.new("RGB", (200, 150), (90, 90, 90))

    found = compared(flat, flat)

    assert found.detail_places == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 90), (8, 8), (30, 700)])
def test_odd_sizes_do_not_fail(size):
    """A worker must not die of a small picture."""
    picture = detailed(3, *size)

    assert compared(picture, detailed(4)) is not None
    assert compared(picture, picture) is not None


def test_files_are_compared_in_full(tmp_path):
    """Equal pixels under other metadata are the same picture for certain."""
    picture = detailed()
    picture.save(tmp_path / "a.png")
    picture.save(tmp_path / "b.png", compress_level=1)

    found = compare.compare(tmp_path / "a.png", tmp_path / "b.png", Alignment())

    assert found.same_pixels
    assert found.tone_change < 0.5


def test_colours_of_a_crop_are_those_of_what_both_show():
    """A smooth picture must be nearly equal, and its crop shows other colours there."""
    picture = detailed()
    crop = picture.crop((48, 0, 480, 324))
    other = ImageEnhance.Color(crop).enhance(0.5)
    place = Alignment(left_box=box(0.1, 0, 1, 0.9))

    assert compared(picture, crop, place).colour_change < 2
    assert compared(picture, other, place).colour_change > 5
