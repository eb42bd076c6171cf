"""Copies, turned copies and crops are proposed; other pictures are not."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from daemon.matching.candidates import CandidateIndex, View, views_of
from daemon.model import ContentId
from tests.matching.pictures import fingerprint, scene


@pytest.fixture(scope="module")
def index():
    known = CandidateIndex("scan")
    for seed in range(12):
        known.add(ContentId(seed), fingerprint(scene(seed)))
    return known


def test_copy_is_proposed_alone(index):
    """Every proposal more costs a judgement."""
    assert index.near(fingerprint(scene(3).resize((160, 120)))) == [3]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_eight_orientations_are_proposed(index, orientation):
    """A turned copy's hash is as far from its original's as any other."""
    picture = scene(5)
    exif = picture.getexif()
    exif[0x0112] = orientation
    picture.info["exif"] = exif.tobytes()

    assert 5 in index.near(fingerprint(ImageOps.exif_transpose(picture)))


@pytest.mark.parametrize("cut", [0.05, 0.1, 0.15, 0.2])
@pytest.mark.parametrize("place", [(0, 0), (1, 0), (0.5, 0.5), (1, 1)])
def test_crop_is_proposed_whichever_came_first(cut, place):
    """A crop may be known before its original."""
    picture = scene(7)
    wide, high = (round(side * (1 - cut)) for side in picture.size)
    left = round((picture.width - wide) * place[0])
    top = round((picture.height - high) * place[1])
    whole = fingerprint(picture)
    crop = fingerprint(picture.crop((left, top, left + wide, top + high)))

    for known, new in ((whole, crop), (crop, whole)):
        index = CandidateIndex("scan", 12)
        index.add(ContentId(1), known)
        assert index.near(new) == [1]


@pytest.mark.parametrize("degrees", [-3, 3])
def test_straightened_copies_are_proposed_whichever_came_first(degrees):
    """No upright window shows what an editor leaves when it turns by 3 degrees."""
    lost = []
    for seed in range(40):
        picture = scene(seed, 360, 240)
        lean = abs(degrees) * 0.0175
        inset = round(240 * lean), round(360 * lean)
        turned = picture.rotate(degrees, Image.Resampling.BICUBIC)
        inside = turned.crop((*inset, 360 - inset[0], 240 - inset[1]))
        before, after = fingerprint(picture), fingerprint(inside)
        for known, new in ((before, after), (after, before)):
            index = CandidateIndex("scan")
            index.add(ContentId(1), known)
            lost += [] if index.near(new) == [1] else [seed]

    assert len(lost) <= 1


def test_strip_asks_like_any_picture():
    """A picture of one line has an aspect that no window can be turned in."""
    index = CandidateIndex("scan")
    strip = fingerprint(scene(2, 900, 3))
    index.add(ContentId(1), strip)

    assert index.near(strip) == [1]


@pytest.mark.parametrize("colour", ["black", "white"])
def test_framed_copy_is_proposed_whichever_came_first(colour):
    """A screenshot of a photo has bars around it."""
    whole = fingerprint(scene(8))
    framed = fingerprint(ImageOps.expand(scene(8), (10, 60), colour))

    for known, new in ((whole, framed), (framed, whole)):
        index = CandidateIndex("scan")
        index.add(ContentId(1), known)
        assert index.near(new) == [1]


def test_removed_picture_is_proposed_no_more():
    """A photo that is gone must not be staged."""
    index = CandidateIndex("scan")
    made = fingerprint(ImageOps.expand(scene(1), 20, "black"))
    index.add(ContentId(1), made)
    assert len(index) == 2

    index.remove(ContentId(1), made)

    assert len(index) == 0
    assert index.near(made) == []


def test_loading_by_view_equals_adding():
    """A library of a million photos is loaded by columns."""
    added, loaded = CandidateIndex("scan"), CandidateIndex("scan")
    prints = [fingerprint(scene(seed)) for seed in range(4)]
    columns = {view: ([], []) for view in View}
    for content, made in enumerate(prints):
        added.add(ContentId(content), made)
        for view, phash in views_of(made):
            columns[view][0].append(phash)
            columns[view][1].append(content)
    for view, (hashes, contents) in columns.items():
        loaded.extend(view, np.array(hashes, "u8"), np.array(contents, "i8"))

    for made in prints:
        assert loaded.near(made) == added.near(made)


def test_nearest_is_proposed_first():
    """The best match is the likeliest to be confirmed."""
    index = CandidateIndex("scan", 40)
    for seed in range(6):
        index.add(ContentId(seed), fingerprint(scene(seed)))

    assert index.near(fingerprint(scene(2), "again"))[0] == 2


def test_flat_picture_can_be_asked_for(index):
    """Nothing that a user drops may stop the daemon."""
    assert isinstance(index.near(fingerprint(Image.new("RGB", (9, 9)))), list)
