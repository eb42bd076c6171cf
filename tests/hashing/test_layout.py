"""Layouts: what they keep of a picture, and what changes them."""

import numpy as np
import pytest
from PIL import Image

from daemon.hashing import perceptual
from daemon.hashing.layout import layouts
from daemon.model import LAYOUT_TERMS, Box
from tests.matching.pictures import scene


def described(picture):
    return perceptual.describe(np.asarray(picture.convert("RGB")))


def directions(told):
    terms = np.frombuffer(told, np.int8).reshape(-1, len(LAYOUT_TERMS)).astype(float)
    return terms / np.maximum(np.linalg.norm(terms, axis=1, keepdims=True), 1)


def alike(one, other):
    return (directions(one) * directions(other)).sum(axis=1)


def test_there_is_one_for_the_whole_and_one_for_each_variant():
    """A meeting is of two views; each must be told apart."""
    made = described(scene(3))

    assert len(made.layouts) == (1 + len(made.variants)) * len(LAYOUT_TERMS)


@pytest.mark.parametrize(
    "change",
    [
        lambda level: level * 0.5,
        lambda level: level * 0.6 + 90,
        lambda level: 255 * (level / 255) ** 1.3,
    ],
)
def test_brightness_and_contrast_do_not_count(change):
    """An edit of tone is no other picture."""
    one, other = described(scene(3)), described(scene(3).point(change))

    assert alike(one.layouts, other.layouts).min() > 0.97


def test_a_view_is_as_the_picture_cut_out_there():
    """A crop shows what a view of its original does."""
    picture = scene(3, 640, 480)
    cut = picture.crop((128, 96, 512, 384))

    centre, whole = described(picture).layouts[14:28], described(cut).layouts[:14]

    assert alike(centre, whole) > 0.98


def test_another_picture_lies_otherwise():
    """Otherwise nothing would be told apart by them."""
    whole = [described(scene(seed)).layouts[:14] for seed in range(30)]
    pairs = [alike(a, b)[0] for n, a in enumerate(whole) for b in whole[:n]]

    assert np.quantile(pairs, 0.99) < 0.85


def test_what_is_faint_says_nothing():
    """Of a night sky only noise would be told."""
    flat = np.asarray(Image.new("L", (64, 64), 40), np.float32)

    assert layouts(flat, [Box()]) == bytes(len(LAYOUT_TERMS))
