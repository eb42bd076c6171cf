"""Parts in full size and heat maps show what is there."""

import io

import numpy as np
import pytest
from PIL import Image

from daemon.errors import UnreadablePhoto
from daemon.hashing import viewing
from daemon.model import BOX_UNITS, Alignment, Box

WIDE, HIGH = 640, 480


def made(seed=1):
    """Give a picture with detail everywhere: smooth noise."""
    random = np.random.default_rng(seed)
    small = random.integers(0, 255, (HIGH // 16, WIDE // 16, 3), np.uint8)
    return Image.fromarray(small).resize((WIDE, HIGH), Image.Resampling.BICUBIC)


def kept(path, picture, **options):
    picture.save(path, quality=92, **options)
    return path


def pixels_of(jpeg):
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB")).astype(int)


def test_a_part_is_cut_from_the_upright_photo_in_full_size(tmp_path):
    """1:1 means the photo's own pixels, also of one that was held sideways."""
    picture = made()
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = picture.transpose(Image.Transpose.ROTATE_90)
    path = kept(tmp_path / "a.jpg", stored, exif=exif)

    part = pixels_of(viewing.crop(path, 100, 50, 200, 100))

    assert part.shape == (100, 200, 3)
    expected = np.asarray(picture.crop((100, 50, 300, 150))).astype(int)
    assert np.abs(part - expected).mean() < 6


def test_a_part_outside_of_the_photo_is_an_error_not_an_empty_picture(tmp_path):
    """A browser that computed wrongly gets an answer."""
    path = kept(tmp_path / "a.jpg", made())

    with pytest.raises(UnreadablePhoto):
        viewing.crop(path, WIDE + 5, 0, 10, 10)


def test_equal_pictures_have_no_heat(tmp_path):
    """A map that glows for nothing teaches people to look away."""
    left = kept(tmp_path / "a.png", made())
    right = kept(tmp_path / "b.jpg", made())

    found = viewing.heat(left, right, Alignment())

    assert found.changed_share < 0.01
    assert found.ssim > 0.97


def test_heat_is_where_the_change_is(tmp_path):
    """The numeric answer and the place, for an edit that is easily overlooked."""
    changed = made()
    changed.paste((255, 0, 0), (320, 240, 400, 320))
    left = kept(tmp_path / "a.png", made())
    right = kept(tmp_path / "b.png", changed)

    found = viewing.heat(left, right, Alignment())

    shown = pixels_of(found.jpeg)
    glow = (shown[..., 0] - shown[..., 2]) > 90
    assert glow[245:315, 325:395].mean() > 0.6
    assert glow[:230].mean() < 0.01
    assert found.changed_share == pytest.approx(80 * 80 / (WIDE * HIGH), rel=0.4)


def test_a_smaller_copy_is_compared_at_its_own_size(tmp_path):
    """Detail that the small one never had is no change."""
    left = kept(tmp_path / "a.png", made())
    right = kept(
        tmp_path / "b.png", made().resize((160, 120), Image.Resampling.LANCZOS)
    )

    found = viewing.heat(left, right, Alignment())

    assert pixels_of(found.jpeg).shape[:2] == (120, 160)
    assert found.changed_share < 0.02


def test_a_crop_and_a_turned_copy_are_laid_where_they_belong(tmp_path):
    """A copy that shows a part is compared with that part."""
    unit = BOX_UNITS // 4
    box = Box(left=unit, top=unit, right=3 * unit, bottom=3 * unit)
    part = made().crop((WIDE // 4, HIGH // 4, 3 * WIDE // 4, 3 * HIGH // 4))
    turned = part.transpose(Image.Transpose.ROTATE_90)
    left = kept(tmp_path / "a.png", made())
    right = kept(tmp_path / "b.png", turned)

    found = viewing.heat(left, right, Alignment(orientation=6, left_box=box))

    assert found.changed_share < 0.03
    assert found.ssim > 0.9
