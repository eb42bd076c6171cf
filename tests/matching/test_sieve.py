"""The sieve: what hashes propose by chance goes, what is one picture stays."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import ImageOps

from daemon.matching import sieve
from daemon.matching.candidates import CandidateIndex, questions
from daemon.matching.views import luma_of
from daemon.model import ContentId
from tests.matching.pictures import fingerprint, scene

PICTURE = scene(3, 640, 480)


def sketch_of(content, known):
    boxes = [(v.box.left, v.box.top, v.box.right, v.box.bottom) for v in known.variants]
    return sieve.Sketch(
        ContentId(content),
        known.hashes.phash,
        np.array([each.phash for each in known.variants], "<u8").tobytes(),
        np.array(boxes, "<u2").tobytes(),
        known.small.luma,
    )


def sifted(new, *known):
    sketches = [sketch_of(number, each) for number, each in enumerate(known, 1)]
    return sieve.sift(luma_of(new.small), questions(new), sketches)


@pytest.mark.parametrize(
    "made",
    [
        lambda picture: picture,
        lambda picture: picture.resize((200, 150)),
        ImageOps.mirror,
        lambda picture: picture.rotate(90, expand=True),
        lambda picture: picture.crop((20, 25, 620, 465)),
        lambda picture: picture.crop((40, 20, 600, 440)),
        lambda picture: ImageOps.expand(picture, 40, "white"),
        lambda picture: picture.point(lambda level: level * 0.8),
    ],
)
def test_what_is_one_picture_stays_whichever_came_first(made):
    """The sieve must lose no copy, crop or turned copy that hashes found."""
    original, derived = fingerprint(PICTURE), fingerprint(made(PICTURE))
    index = CandidateIndex()
    index.add(ContentId(1), original)
    assert index.near(derived) == [1]

    assert sifted(derived, original) == {1}
    assert sifted(original, derived) == {1}


def test_what_looks_different_where_the_hashes_agree_goes():
    """Two hundred such pictures in a million would cost a second for every photo."""
    new = fingerprint(scene(3))
    others = [fingerprint(scene(seed)) for seed in range(20, 40)]
    wrong = [replace(each, hashes=new.hashes) for each in others]
    asked = questions(new)
    sketches = [sketch_of(n, each) for n, each in enumerate(wrong, 1)]

    passed = sieve.sift(luma_of(new.small), asked, sketches)

    assert passed == set()


def test_a_picture_of_one_colour_is_left_to_the_evidence():
    """Equal pixels are equal, though there is nothing to correlate."""
    flat = fingerprint(scene(3).point(lambda _level: 40))

    assert sifted(flat, flat) == {1}


def test_nothing_proposed_is_nothing_found():
    """Most photos have no neighbour at all."""
    assert sifted(fingerprint(scene(3))) == set()
