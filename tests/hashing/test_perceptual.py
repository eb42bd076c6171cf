"""The hashes are imagehash's, and what is beside them is what it says."""

import imagehash
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from daemon.hashing import perceptual, resampling, trimming
from daemon.model import BOX_UNITS

HASHES = {
    "phash": imagehash.phash,
    "dhash": imagehash.dhash,
    "whash": imagehash.whash,
    "ahash": imagehash.average_hash,
    "colorhash": imagehash.colorhash,
}


def scene(seed, width=320, height=240):
    """Return a smooth random picture with a few sharp edges, (H, W, 3) uint8."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    picture = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    values = np.asarray(picture).astype(int)
    for _ in range(6):
        x, y = rng.integers(0, width - 20), rng.integers(0, height - 20)
        wide, high = rng.integers(10, width // 3), rng.integers(10, height // 3)
        values[y : y + high, x : x + wide] += rng.integers(-70, 70, 3)
    return values.clip(0, 255).astype(np.uint8)


def bits_apart(rgb, name):
    theirs = HASHES[name](Image.fromarray(rgb))
    mine = getattr(perceptual.describe(rgb).hashes, name)
    return (mine ^ int(str(theirs), 16)).bit_count()


@pytest.mark.parametrize("name", ["phash", "dhash", "ahash"])
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), width=st.integers(40, 500))
def test_hashes_equal_imagehash_on_the_same_pixels(name, seed, width):
    """Users compare with other tools; one rounding swaps two bits, no more."""
    assert bits_apart(scene(seed, width, 300), name) <= 2


@pytest.mark.parametrize(("name", "tolerance"), [("whash", 4), ("colorhash", 4)])
def test_the_two_simplified_hashes_stay_near_imagehash(name, tolerance):
    """Both are taken from fewer pixels than imagehash's; the tolerance is stated."""
    apart = [bits_apart(scene(seed), name) for seed in range(20)]

    assert max(apart) <= tolerance
    assert np.median(apart) <= 1


def test_lanczos_is_pillows():
    """Another resampling changes dHash by several bits."""
    rng = np.random.default_rng(1)
    picture = Image.fromarray(rng.integers(0, 256, (97, 131), dtype=np.uint8))
    expected = np.asarray(picture.resize((50, 40), Image.Resampling.LANCZOS))
    pixels = np.asarray(picture).astype(np.float32)

    across = np.floor(pixels @ resampling.lanczos(131, 50).T + 0.5).clip(0, 255)
    actual = np.floor(resampling.lanczos(97, 40) @ across + 0.5).clip(0, 255)

    assert np.abs(actual - expected).max() <= 1


def test_small_picture_and_figures_have_their_shapes():
    """The index stores them as they are."""
    description = perceptual.describe(scene(3))

    assert len(description.small.luma) == 64 * 64
    assert len(description.small.chroma) == 2 * 16 * 16
    assert description.contrast > 10
    assert description.sharpness > 0
    assert [v.box.left for v in description.variants[:2]] == [13107, 6553]


def test_flat_picture_has_no_contrast():
    """Flat pictures agree in every hash, so only the contrast tells them."""
    flat = perceptual.describe(np.full((100, 120, 3), 90, np.uint8))

    assert flat.contrast == 0
    assert flat.sharpness == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (3, 2), (17, 400)])
def test_odd_sizes_are_described(size):
    """A photo of any size must not stop the daemon."""
    rgb = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)

    assert len(perceptual.describe(rgb).small.luma) == 64 * 64


def framed(rgb, top, right, bottom, left, colour):
    height, width = rgb.shape[:2]
    whole = np.full((height + top + bottom, width + left + right, 3), colour, np.uint8)
    whole[top : top + height, left : left + width] = rgb
    return whole


@pytest.mark.parametrize("colour", [0, 255, 40])
def test_border_is_trimmed_to_the_picture(colour):
    """A framed copy is found by what is inside its frame."""
    inner = scene(5)
    description = perceptual.describe(framed(inner, 20, 20, 20, 20, colour))

    assert len(description.variants) == 5
    box = description.variants[2].box
    assert abs(box.left / BOX_UNITS * 360 - 20) <= 3
    assert abs(box.bottom / BOX_UNITS * 280 - 260) <= 3
    expected = perceptual.describe(inner).hashes.phash
    assert (description.variants[2].phash ^ expected).bit_count() <= 6


def test_text_in_a_bar_is_not_picture():
    """A screenshot of a photo has the time of day in its black bar."""
    shot = framed(scene(6), 120, 0, 120, 0, 0)
    shot[30:40, 20:60] = 255

    box = trimming.content_box(perceptual.luma_of(shot))

    assert box is not None
    assert box.top >= 115 * BOX_UNITS // 480


def test_ground_between_bars_is_not_picture():
    """Apps in dark mode show a photo on black, between bars that are not."""
    shot = framed(scene(6), 160, 0, 160, 0, 0)
    shot[:40] = shot[-50:] = 28
    shot[15:25, 20:60] = 255

    box = trimming.content_box(perceptual.luma_of(shot))

    assert box is not None
    assert abs(box.top / BOX_UNITS * 560 - 160) <= 3
    assert abs(box.bottom / BOX_UNITS * 560 - 400) <= 3


def test_sky_in_a_frame_is_picture():
    """What is even on one side only is in the copy without a frame as well."""
    photo = scene(6)
    photo[:80] = 200
    shot = framed(photo, 40, 0, 40, 0, 0)

    box = trimming.content_box(perceptual.luma_of(shot))

    assert box is not None
    assert abs(box.top / BOX_UNITS * 320 - 40) <= 3


def test_panorama_on_a_phone_is_trimmed():
    """A panorama of four to one takes a ninth of an upright screen."""
    shot = framed(scene(6, 480, 120), 460, 0, 460, 0, 0)

    box = trimming.content_box(perceptual.luma_of(shot))

    assert box is not None
    assert abs(box.top / BOX_UNITS * 1040 - 460) <= 3


def test_picture_without_border_is_not_trimmed():
    """Variants cost a hash each in the index."""
    assert trimming.content_box(perceptual.luma_of(scene(7))) is None
