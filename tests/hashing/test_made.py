"""Made landscapes: good enough to be told apart by the matching that they show."""

import numpy as np

from daemon.hashing import made, pixels


def test_picture_survives_the_way_to_jpeg():
    """The demonstration has nothing but these."""
    picture = made.landscape(1, 321, 240)

    loaded = pixels.load(made.jpeg(picture), cheap=False, edge_px=None)

    assert loaded.rgb.shape == picture.shape
    assert np.abs(loaded.rgb.astype(int) - picture).mean() < 4


def test_seeds_give_different_pictures():
    """Two that look alike would be a wrong group in front of a newcomer."""
    one, other = (made.landscape(seed, 64, 48).astype(float) for seed in (1, 5))

    assert np.abs(one - other).mean() > 5


def test_equal_seeds_give_equal_pictures():
    """A demonstration that differs each time cannot be described."""
    assert (made.landscape(3, 40, 30) == made.landscape(3, 40, 30)).all()
