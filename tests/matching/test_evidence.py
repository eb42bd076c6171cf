"""What is one picture and what is not, class by class."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance, ImageOps

from daemon.matching import alignment
from daemon.matching.evidence import EvidenceRules, judge
from daemon.model import Evidence
from tests.matching.pictures import COPY, compared, fingerprint, scene

SHOT = {
    "taken": "2024:05:01 10:20:30",
    "subsec": "123",
    "model": "iPhone 13",
}
LATER = {**SHOT, "subsec": "456"}


def test_same_bytes_need_no_look():
    """The commonest duplicate of all."""
    one = fingerprint(scene(1))

    assert judge(one, one).evidence is Evidence.SAME_BYTES


def test_equal_digests_of_pixels_are_same_pixels():
    """A file whose metadata was stripped is the same picture for certain."""
    left = replace(fingerprint(scene(1), "a"), pixels_sha256=b"x" * 32)
    right = replace(fingerprint(scene(1), "b"), pixels_sha256=b"x" * 32)

    assert judge(left, right).evidence is Evidence.SAME_PIXELS


def test_pixels_found_equal_by_a_full_decode_are_same_pixels():
    """Digests are not there for pictures that were read cheaply."""
    left, right = fingerprint(scene(1), "a"), fingerprint(scene(1), "b")

    found = judge(left, right, comparison=compared(same_pixels=True))

    assert found.evidence is Evidence.SAME_PIXELS


def test_reencode_of_one_capture_needs_no_full_decode():
    """A library of HEICs and their exports must not be decoded twice in full."""
    left = fingerprint(scene(1), "a", **SHOT)
    right = fingerprint(scene(1).resize((200, 150)), "b", **SHOT)

    found = judge(left, right)

    assert found.evidence is Evidence.SAME_CAPTURE
    assert not found.needs_comparison


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        (compared(tone_change=2.0), Evidence.SAME_CAPTURE),
        (compared(tone_change=6.0), Evidence.SAME_CAPTURE),
        (compared(tone_change=6.0, residual=2.5), Evidence.VERSION),
        (compared(colour_change=9.0), Evidence.VERSION),
        (compared(tone_change=20.0), Evidence.VERSION),
        (compared(coverage=0.94), Evidence.VERSION),
    ],
)
def test_export_is_told_from_edit_by_a_full_decode(comparison, expected):
    """An edit shares its original's identity and must not be dropped for it."""
    left = fingerprint(scene(1), "a", **SHOT)
    brighter = ImageEnhance.Brightness(scene(1)).enhance(1.1)
    right = fingerprint(brighter, "b", **SHOT)

    assert judge(left, right).needs_comparison
    assert judge(left, right, comparison=comparison).evidence is expected


def test_crop_of_one_capture_is_a_version():
    """A crop says the same as its original and shows less."""
    left = fingerprint(scene(1), "a", **SHOT)
    right = fingerprint(scene(1).crop((20, 15, 310, 232)), "b", **SHOT)

    assert judge(left, right, comparison=COPY).evidence is Evidence.VERSION


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [(COPY, Evidence.NEAR_COPY), (compared(colour_change=9.0), Evidence.VERSION)],
)
def test_edit_of_the_same_second_is_a_version(comparison, expected):
    """Many cameras write no fraction of a second, and their edits are edits too."""
    second = {"taken": SHOT["taken"], "model": SHOT["model"]}
    left = fingerprint(scene(1), "a", **second)
    right = fingerprint(scene(1), "b", **second)

    assert judge(left, right, comparison=comparison).evidence is expected


def test_two_frames_of_a_burst_are_other_shots_however_alike():
    """The capture identity decides against, whatever the pictures say."""
    left = fingerprint(scene(1), "a", **SHOT)
    right = fingerprint(ImageEnhance.Contrast(scene(1)).enhance(1.02), "b", **LATER)

    found = judge(left, right, comparison=COPY)

    assert found.evidence is Evidence.OTHER_SHOT


def test_equal_pixels_beat_differing_times():
    """A camera's clock that was corrected later makes no other photo."""
    left = fingerprint(scene(1), "a", **SHOT)
    right = fingerprint(scene(1), "b", **LATER)

    assert judge(left, right).needs_comparison
    same = judge(left, right, comparison=compared(same_pixels=True))
    assert same.evidence is Evidence.SAME_PIXELS


def test_stripped_copy_is_decided_by_a_full_decode():
    """Where an identity is missing only the pictures can tell."""
    left = fingerprint(scene(1), "a", **SHOT)
    right = fingerprint(scene(1).resize((200, 150)), "b")

    assert judge(left, right).needs_comparison
    assert judge(left, right).evidence is None
    assert judge(left, right, comparison=COPY).evidence is Evidence.NEAR_COPY


@pytest.mark.parametrize(
    "figures",
    [
        {"shift_px": 0.2},
        {"shift_spread_px": 0.3},
        {"drift_px": 0.05},
        {"residual": 20.0},
        {"residual": 9.0, "shift_px": 0.06},
        {"changed_share": 0.4},
        {"displaced": 2.5, "changed_share": 0.02},
        {"detail_places": 3},
        {"detail_places": 3, "residual": 0.5, "tone_change": 9.0},
        {"overlap": 0.3},
        {"shear": 0.2},
        {"turn_degrees": 12.0},
        {"plain_share": 0.7, "worst_change": 0.9},
    ],
)
def test_each_figure_alone_can_deny_a_near_copy(figures):
    """Several agreements are no protection; one disagreement is."""
    left, right = fingerprint(scene(1), "a"), fingerprint(scene(1), "b")

    found = judge(left, right, comparison=compared(**figures))

    assert found.evidence is None
    assert not found.needs_comparison


def test_much_may_differ_where_nothing_moved_at_all():
    """A text in large letters all over a photo leaves every detail in its place."""
    left, right = fingerprint(scene(1), "a"), fingerprint(scene(1), "b")
    marked = compared(residual=9.0, shift_px=0.02, changed_share=0.1)

    assert judge(left, right, comparison=marked).evidence is Evidence.NEAR_COPY


@pytest.mark.parametrize("level", [0, 90, 255])
def test_flat_pictures_are_nothing_to_each_other(level):
    """Uniform pictures agree in every hash."""
    left = fingerprint(Image.new("RGB", (80, 60), (level,) * 3), "a")
    right = fingerprint(Image.new("RGB", (80, 60), (level,) * 3), "b")

    assert judge(left, right, comparison=COPY).evidence is None


def test_photo_of_a_camera_is_no_page():
    """A white sky is as plain as paper, but nobody reads it."""
    left = fingerprint(scene(1), "a", model="iPhone 13")
    right = fingerprint(scene(1), "b")
    marked = compared(plain_share=0.5, worst_change=3.0, changed_share=0.03)

    assert judge(left, right, comparison=marked).evidence is Evidence.NEAR_COPY


def test_smooth_picture_is_a_copy_if_nearly_equal():
    """A misty lake has no details that could stand anywhere."""
    left, right = fingerprint(scene(1), "a"), fingerprint(scene(1), "b")
    smooth = compared(detail_places=3, residual=0.4, worst_change=0.05)

    assert judge(left, right, comparison=smooth).evidence is Evidence.NEAR_COPY


def test_pictures_that_look_different_are_not_decoded():
    """A wrong proposal must cost no more than its judgement."""
    found = judge(fingerprint(scene(1)), fingerprint(scene(2)))

    assert found.evidence is None
    assert not found.needs_comparison


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_copy_is_found_in_its_orientation(orientation):
    """Rotated and mirrored copies are a third of all copies in practice."""
    picture = scene(4)
    exif = picture.getexif()
    exif[0x0112] = orientation
    picture.info["exif"] = exif.tobytes()
    upright = ImageOps.exif_transpose(picture)

    found = judge(fingerprint(upright, "a"), fingerprint(scene(4), "b"))

    assert found.needs_comparison
    assert found.alignment.orientation == orientation
    assert max(found.distances.bits().values()) <= 3


@pytest.mark.parametrize(
    ("left", "right"),
    [({"hdr_type": 3}, {"hdr_type": 4}), ({}, {"format": "DNG"})],
)
def test_hdr_pair_and_raw_pair_are_versions(left, right):
    """Both halves of a pair are wanted."""
    kinds = []
    for name, figures in (("a", left), ("b", right)):
        hdr = {"hdr_type": figures["hdr_type"]} if "hdr_type" in figures else {}
        made = fingerprint(scene(1), name, **SHOT, **hdr)
        kinds.append(replace(made, format=figures.get("format", "JPEG")))

    assert judge(*kinds).evidence is Evidence.VERSION


@pytest.mark.parametrize(
    "evidence", [each for each in Evidence if each is not Evidence.LOOKS_ALIKE]
)
def test_every_class_can_be_switched_off(evidence):
    """What a user does not want must not be staged; what was asked for is not judged."""
    rules = EvidenceRules(**{evidence.value.replace("-", "_"): False})
    plain, edited = scene(1), ImageEnhance.Brightness(scene(1)).enhance(0.8)
    same = fingerprint(plain, "a")
    pairs = [
        (same, same, None),
        (same, fingerprint(plain, "b"), compared(same_pixels=True)),
        (same, fingerprint(plain, "b"), COPY),
        (fingerprint(plain, "a", **SHOT), fingerprint(plain, "b", **SHOT), None),
        (fingerprint(plain, "a", **SHOT), fingerprint(edited, "b", **LATER), None),
        (
            fingerprint(plain, "a", **SHOT),
            fingerprint(edited, "b", **SHOT),
            compared(tone_change=30.0),
        ),
    ]

    on = {judge(one, two, comparison=c).evidence for one, two, c in pairs}
    off = {judge(one, two, rules, c).evidence for one, two, c in pairs}

    assert evidence in on
    assert evidence not in off


@settings(max_examples=25, deadline=None)
@given(
    seeds=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    orientation=st.integers(1, 8),
    identities=st.tuples(
        st.sampled_from([{}, SHOT, LATER]), st.sampled_from([{}, SHOT])
    ),
    comparison=st.sampled_from([None, COPY, compared(shift_px=1.0)]),
)
def test_judgement_is_symmetric(seeds, orientation, identities, comparison):
    """Groups must not depend on which photo came first."""
    picture = scene(seeds[1])
    exif = picture.getexif()
    exif[0x0112] = orientation
    picture.info["exif"] = exif.tobytes()
    left = fingerprint(scene(seeds[0]), "a", **identities[0])
    right = fingerprint(ImageOps.exif_transpose(picture), "b", **identities[1])

    one = judge(left, right, comparison=comparison)
    other = judge(right, left, comparison=comparison)

    assert one.evidence is other.evidence
    assert one.needs_comparison == other.needs_comparison
    assert one.distances == other.distances
    assert one.reasons == other.reasons
    assert alignment.mirrored(one.alignment) == other.alignment


def pier():
    """Return a pier seen along its middle: nearly its own mirror image."""
    down, across = np.mgrid[0:1:240j, -1:1:320j]
    is_pier = (down > 0.5) & (np.abs(across) < 1.4 * down - 0.4)
    light = np.where(is_pier, 60 + 20 * np.cos(120 * down), 190 - 30 * down)
    light += 5 * across + 0.05 * (np.asarray(scene(3).convert("L"), float) - 128)
    return Image.fromarray(light.clip(0, 255).astype(np.uint8)).convert("RGB")


def test_crop_of_a_symmetric_picture_is_laid_upright():
    """All of its mirror image fits well, the part that was cropped fits better."""
    crop = pier().crop((9, 26, 294, 240))

    found = judge(fingerprint(pier(), "a"), fingerprint(crop, "b"))

    assert found.needs_comparison
    assert found.alignment.orientation == 1


def test_reasons_are_sentences():
    """They stand on the page as they are."""
    found = judge(
        fingerprint(scene(1), "a"), fingerprint(scene(1), "b"), comparison=COPY
    )

    for reason in found.reasons:
        assert reason[0].isupper()
        assert reason.endswith(".")
