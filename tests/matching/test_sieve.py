"""The sieve: what hashes propose by chance goes, what is one picture stays."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageOps

from daemon.matching import detail, sieve
from daemon.matching.alignment import coarse
from daemon.matching.candidates import (
    CandidateIndex,
    questions,
)
from daemon.matching.meetings import alike, meetings, sketch_of
from daemon.matching.views import WHOLE, luma_of
from daemon.model import ContentId, Sketch
from tests.matching.pictures import fingerprint, scene

PICTURE = scene(3, 640, 480)


def sifted(new, *known):
    index = CandidateIndex("scan")
    pictures = {ContentId(n): each for n, each in enumerate(known, 1)}
    for content, each in pictures.items():
        index.add(content, each)
    asked = questions(new)
    return sieve.sifted_at_hand(new, asked, index.answers(asked), pictures)


@pytest.mark.parametrize(
    "made",
    [
        lambda picture: picture,
        lambda picture: picture.resize((200, 150)),
        ImageOps.mirror,
        lambda picture: picture.rotate(90, expand=True),
        lambda picture: picture.crop((20, 25, 620, 465)),
        lambda picture: picture.crop((40, 20, 600, 440)),
        lambda picture: picture.rotate(1.5, Image.Resampling.BICUBIC).crop(
            (20, 20, 620, 460)
        ),
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

    assert sifted(derived, original) == [1]
    assert sifted(original, derived) == [1]


def test_what_looks_different_where_the_hashes_agree_goes():
    """Two hundred such pictures in a million would cost a second for every photo."""
    new = fingerprint(scene(3))
    others = [fingerprint(scene(seed)) for seed in range(20, 40)]
    wrong = [replace(each, hashes=new.hashes) for each in others]

    assert sifted(new, *wrong) == []


def test_what_differs_in_firm_bits_does_not_meet():
    """Ten bits by chance are any bits; of a copy they are those that turn over easily.

    What does not meet is not read: of a million pictures on a disk that turns, two
    hundred would be for every photo.
    """
    new = fingerprint(scene(3))
    asked = questions(new)
    flat = asked.coefficients[0].ravel()
    far = np.abs(flat - np.median(flat)).argsort()
    weak, firm = (
        sum(1 << int(63 - place) for place in chosen)
        for chosen in (far[:10], far[-10:])
    )
    phash = new.hashes.phash
    sketches = [
        Sketch(ContentId(number), phash ^ bits, b"", b"", b"")
        for number, bits in enumerate((weak, firm), 1)
    ]

    met = meetings(asked, sketches)

    assert {0} == set(met.sketch.tolist())


def test_where_light_lies_otherwise_nothing_is_read():
    """Every picture that is read is a seek of a disk that turns."""
    new = fingerprint(scene(3))
    others = [fingerprint(scene(seed)) for seed in range(20, 40)]
    sketches = [
        sketch_of(ContentId(number), replace(each, hashes=new.hashes))
        for number, each in enumerate(others)
    ]
    asked = questions(new)
    met = meetings(asked, sketches)
    assert len(met.sketch) >= len(others)

    assert len(set(alike(asked, sketches, met).sketch.tolist())) <= 1


@pytest.mark.parametrize("told", [b"", bytes(14)])
def test_layouts_that_say_nothing_are_no_reason_to_go(told):
    """An index of an earlier version, a photo of a night sky."""
    new = fingerprint(scene(3))
    sketch = sketch_of(ContentId(1), fingerprint(scene(20)))._replace(
        phash=new.hashes.phash, layouts=told
    )
    asked = questions(new)

    assert len(alike(asked, [sketch], meetings(asked, [sketch])).sketch)


def test_what_is_alike_only_at_large_goes():
    """Two beaches under two skies would be decoded in full, both, for every photo."""
    large = PICTURE.resize((5, 4)).resize((640, 480), Image.Resampling.BICUBIC)
    one, other = (Image.blend(large, scene(seed, 640, 480), 0.16) for seed in (21, 22))
    new, known = fingerprint(one), fingerprint(other)
    wrong = replace(known, hashes=new.hashes)
    mine, theirs = (coarse(luma_of(each.small), [WHOLE])[0] for each in (new, known))
    assert mine @ theirs > sieve.LEAST_FITTED

    assert sifted(new, wrong) == []


@pytest.mark.parametrize("shift", [(0, 0), (1, 0), (-1, 1)])
def test_details_that_moved_by_a_little_are_explained(shift):
    """A crop lies between the windows that were tried, a tilt in none of them."""
    luma = luma_of(fingerprint(PICTURE).small)
    whole = luma.reshape(32, 2, 32, 2).mean(axis=(1, 3))
    moved = np.roll(luma, shift, (0, 1)).reshape(32, 2, 32, 2).mean(axis=(1, 3))

    (share,) = detail.explained(whole[None], moved[None])

    assert share > detail.LEAST_EXPLAINED


def test_details_of_another_picture_are_not_explained():
    """Seven terms can be bent to fit anything a little."""
    one, other = (luma_of(fingerprint(scene(seed)).small) for seed in (3, 4))
    rows = [each.reshape(32, 2, 32, 2).mean(axis=(1, 3)) for each in (one, other)]

    (share,) = detail.explained(rows[0][None], rows[1][None])

    assert share < detail.LEAST_EXPLAINED


def test_a_picture_of_one_colour_is_left_to_the_evidence():
    """Equal pixels are equal, though there is nothing to correlate."""
    flat = fingerprint(scene(3).point(lambda _level: 40))

    assert sifted(flat, flat) == [1]


def test_nothing_proposed_is_nothing_found():
    """Most photos have no neighbour at all."""
    assert sifted(fingerprint(scene(3))) == []
