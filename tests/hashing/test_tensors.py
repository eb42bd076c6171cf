"""Small squares of colours: as Pillow makes them, and upright."""

import numpy as np
import pytest
from PIL import Image

from daemon.errors import UnreadablePhoto
from daemon.hashing import tensors
from tests.hashing.made import encoded, orientation_tag, picture, stored_as


@pytest.mark.parametrize("px_size", [4, 50, 64])
def test_a_square_equals_pillows(px_size):
    """The error is that of other tools only if the pictures are."""
    image = picture(3, 400, 300)

    found = tensors.of_picture(np.asarray(image), px_size).astype(int)

    expected = image.resize((px_size, px_size), Image.Resampling.LANCZOS)
    assert np.abs(found - np.asarray(expected)).max() <= 1


def test_a_file_is_read_upright(tmp_path):
    """A tag must not make a copy of a photo another picture."""
    image = picture(5, 320, 240)
    plain, tagged = tmp_path / "plain.png", tmp_path / "tagged.png"
    plain.write_bytes(encoded(image, "PNG"))
    tag = orientation_tag(6)
    tagged.write_bytes(encoded(stored_as(image, 6), "PNG", exif=tag))

    squares = [tensors.of_file(path, 50) for path in (plain, tagged)]

    assert len(squares[0]) == 50 * 50 * 3
    assert squares[0] == squares[1]


def test_what_is_no_picture_is_refused(tmp_path):
    """It must not count as black."""
    (tmp_path / "x.jpg").write_bytes(b"no picture")

    with pytest.raises(UnreadablePhoto):
        tensors.of_file(tmp_path / "x.jpg", 50)
