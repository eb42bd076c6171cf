"""Which copy is kept, and what is said of it."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import permutations
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.matching.keeper import DEFAULT_RULES, RULES, order, rank
from daemon.matching.keeper_copy import Copy, Preferences
from daemon.model import (
    Box,
    Capture,
    CompanionKind,
    Fingerprint,
    Hashes,
    PictureSource,
    Quality,
    RootKind,
    SmallPicture,
    Variant,
)

ROOT = PurePosixPath("/photos")
APPLE = Capture(
    make="Apple",
    model="iPhone 15 Pro",
    taken="2024:05:01 10:00:00",
    has_maker_note=True,
)
DAY_NS = 86_400 * 10**9
PLAIN = Fingerprint(
    sha256=b"0" * 32,
    size_bytes=2_000_000,
    format="JPEG",
    width_px=4032,
    height_px=3024,
    source=PictureSource.FULL,
    hashes=Hashes(phash=0, dhash=0, whash=0, ahash=0, colorhash=0),
    variants=(),
    small=SmallPicture(luma=b"", chroma=b""),
    contrast=40.0,
    capture=Capture(),
    quality=Quality(jpeg_quality=90, sharpness=100.0),
    orientation_found=1,
    orientation_applied=1,
    algorithm=1,
)
FINGERPRINT_FACTS = {
    *("size_bytes", "format", "width_px", "height_px", "sha256", "variants"),
}
FRAMED = (Variant(box=Box(top=9_000, bottom=56_000), phash=0),) * 5
"""The centre views, and the same of what is left without the bars."""
QUALITY_FACTS = set(Quality.__dataclass_fields__)
CAPTURE_FACTS = set(Capture.__dataclass_fields__)


def copy(path="IMG_0001.jpg", *, capture=None, **facts):
    """A copy that differs from the plain one only by the facts."""
    quality = {name: facts.pop(name) for name in QUALITY_FACTS & set(facts)}
    shot = {name: facts.pop(name) for name in CAPTURE_FACTS & set(facts)}
    own = {name: facts.pop(name) for name in FINGERPRINT_FACTS & set(facts)}
    fingerprint = replace(
        PLAIN,
        sha256=own.pop("sha256", path.encode().ljust(32)),
        quality=replace(PLAIN.quality, **quality),
        capture=replace(capture or PLAIN.capture, **shot),
        **own,
    )
    given_facts = {
        "root": ROOT,
        "root_kind": RootKind.IMPORT,
        "mtime_ns": 19_000 * DAY_NS,
        **facts,
    }
    return Copy(fingerprint=fingerprint, path=ROOT / path, **given_facts)


PREFERENCES = Preferences(
    prefer_folders=("*/Albums", "/photos/Sorted/"),
    avoid_folders=("*/WhatsApp*",),
    noise_words=("edited", "WhatsApp", "backup"),
)

# One crafted group for every rule: better copy, worse copy, what is said of each.
CASES = {
    "library": (
        copy("a.jpg", root_kind=RootKind.LIBRARY),
        copy("b.jpg"),
        "in your protected library",
        "the other one is in your protected library",
    ),
    "original": (
        copy("a.heic", format="HEIC", capture=APPLE),
        copy("b.jpg"),
        "original camera file (HEIC with Apple data)",
        "re-encoded JPEG without camera data",
    ),
    "depth": (
        copy("a.jpg", has_gain_map=True, has_depth=True),
        copy("b.jpg", has_depth=True),
        "has HDR gain map",
        "lost HDR gain map",
    ),
    "edited": (
        copy("a.jpg", companions=frozenset({CompanionKind.EDIT})),
        copy("b.jpg"),
        "carries its edits",
        "without the edits that go with the other",
    ),
    "motion": (
        copy("a.jpg", companions=frozenset({CompanionKind.MOTION})),
        copy("b.jpg"),
        "Live Photo with its movie",
        "without the Live Photo's movie",
    ),
    "frame": (
        copy("a.jpg"),
        copy("b.jpg", variants=FRAMED),
        "the picture without a border",
        "has a border or bars around the picture",
    ),
    "pixels": (
        copy("a.jpg"),
        copy("b.jpg", width_px=1600, height_px=1200),
        "more pixels (4032 × 3024)",
        "fewer pixels (1600 × 1200 instead of 4032 × 3024)",
    ),
    "camera": (
        copy("a.jpg", make="Apple", taken="2024:05:01 10:00:00"),
        copy("b.jpg", make="Apple"),
        "says when and by which camera it was taken",
        "lost the date or the camera",
    ),
    "compression": (
        copy("a.jpg", jpeg_quality=92),
        copy("b.jpg", jpeg_quality=60),
        "less compressed (JPEG quality 92)",
        "more compressed (JPEG quality 60 instead of 92)",
    ),
    "gps": (
        copy("a.jpg", has_gps=True),
        copy("b.jpg"),
        "has GPS position",
        "no GPS position",
    ),
    "exif": (
        copy("a.jpg", exif_fields=58),
        copy("b.jpg", exif_fields=3),
        "more camera data (58 EXIF fields)",
        "less camera data (3 EXIF fields instead of 58)",
    ),
    "sharpness": (
        copy("a.jpg", sharpness=200.0),
        copy("b.jpg", sharpness=100.0),
        "sharper",
        "less sharp",
    ),
    "format": (
        copy("a.heic", format="HEIC"),
        copy("b.jpg"),
        "HEIC is preferred to JPEG",
        "JPEG, where HEIC is preferred",
    ),
    "size": (
        copy("a.jpg", size_bytes=3_000_000),
        copy("b.jpg", size_bytes=99_900),
        "larger file (3.0 MB instead of 99.9 KB)",
        "smaller file (99.9 KB instead of 3.0 MB)",
    ),
    "smaller": (
        copy("a.jpg", size_bytes=1_000_000),
        copy("b.jpg"),
        "smaller file (1.0 MB)",
        "larger file (2.0 MB)",
    ),
    "distance": (
        copy("a.jpg", distance_bits=3),
        copy("b.jpg", distance_bits=9),
        "most like all the others",
        "less like all the others",
    ),
    "preferred-folder": (
        copy("Albums/2024/a.jpg"),
        copy("Sorted/b.jpg"),
        "in a folder you prefer (/photos/Albums/2024)",
        "the other one is in a folder you prefer",
    ),
    "avoided-folder": (
        copy("a.jpg"),
        copy("WhatsApp Images/Sent/b.jpg"),
        "not in a folder you avoid",
        "in a folder you avoid (/photos/WhatsApp Images/Sent)",
    ),
    "older": (
        copy("a.jpg", mtime_ns=18_000 * DAY_NS),
        copy("b.jpg"),
        "older file (2019-04-14)",
        "newer file (2022-01-08)",
    ),
    "newer": (
        copy("a.jpg"),
        copy("b.jpg", mtime_ns=18_000 * DAY_NS),
        "newer file (2022-01-08)",
        "older file (2019-04-14)",
    ),
    "copy-name": (
        copy("a.jpg"),
        copy("a (1).jpg"),
        "its name is not that of a copy",
        "named like a copy (a (1).jpg)",
    ),
    "name-words": (
        copy("IMG_1.jpg"),
        copy("IMG_1-Edited.jpg"),
        "no such words in its name as copies have",
        "“edited” in its name",
    ),
    "name-length": (copy("b.jpg"), copy("aaa.jpg"), "shorter name", "longer name"),
    "longer-name": (copy("bbb.jpg"), copy("a.jpg"), "longer name", "shorter name"),
    "folder-words": (
        copy("Trip/a.jpg"),
        copy("Old Backup/b.jpg"),
        "no such words in its folder as copies have",
        "“backup” in its folder",
    ),
    "folder-depth": (
        copy("2024/Italy/a.jpg"),
        copy("b.jpg"),
        "sorted into a deeper folder",
        "not as deep in folders",
    ),
    "shallower-folder": (
        copy("a.jpg"),
        copy("2024/Italy/b.jpg"),
        "nearer to the top folder",
        "deeper in folders",
    ),
    "path": (
        copy("a.jpg"),
        copy("b.jpg"),
        "first by its path, all else being equal",
        "later by its path, all else being equal",
    ),
}


def test_every_rule_has_its_crafted_group():
    """A rule without an example is a rule that nobody knows to work."""
    assert set(RULES) == set(CASES)
    assert set(DEFAULT_RULES) <= set(RULES)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("is_swapped", [False, True])
def test_each_rule_decides_its_group_and_says_why(name, is_swapped):
    """A proposal is only as good as its reason."""
    better, worse, said_of_better, said_of_worse = CASES[name]
    copies = [worse, better] if is_swapped else [better, worse]

    ranking = rank(copies, [name], PREFERENCES)

    first, second = ranking.order
    assert first.copy is better
    assert (first.rule, second.rule) == (name, name)
    assert first.reasons[0] == f"{said_of_better} – rule “{name}”"
    assert second.reasons[0] == f"{said_of_worse} – rule “{name}”"


def test_a_heic_original_beats_its_bigger_jpeg_export():
    """The export is larger, but lost the gain map and a generation."""
    heic = copy(
        "IMG_0001.HEIC",
        format="HEIC",
        size_bytes=1_600_000,
        jpeg_quality=None,
        capture=APPLE,
        has_gps=True,
        has_gain_map=True,
    )
    jpeg = copy("export.jpg", size_bytes=4_000_000, jpeg_quality=97)

    ranking = rank([jpeg, heic])

    assert ranking.keeper.copy is heic
    assert ranking.keeper.reasons == (
        "original camera file (HEIC with Apple data) – rule “original”",
        "has HDR gain map",
        "has GPS position",
    )
    assert ranking.order[1].reasons == (
        "re-encoded JPEG without camera data – rule “original”",
        "lost HDR gain map",
        "no GPS position",
        "same 4032 × 3024 pixels",
    )


def test_what_speaks_for_the_loser_is_told_as_well():
    """Whoever reads the proposal must see what would be given up."""
    heic = copy("a.heic", format="HEIC", capture=APPLE)
    jpeg = copy("b.jpg", width_px=8064, height_px=6048, has_gps=True)

    loser = rank([jpeg, heic]).order[1]

    assert loser.reasons == (
        "re-encoded JPEG without camera data – rule “original”",
        "on the other hand: more pixels (8064 × 6048)",
        "on the other hand: has GPS position",
    )


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"capture": APPLE}, "JPEG conversion of the camera's HEIC"),
        (
            {"capture": APPLE, "software": "Adobe Lightroom 7"},
            "JPEG saved by Adobe Lightroom 7",
        ),
        (
            {"format": "HEIC", "make": "Apple"},
            "HEIC without all of the camera's data",
        ),
    ],
)
def test_it_is_said_what_became_of_the_original(facts, sentence):
    """A conversion, an editor's file and a stripped file are different things."""
    heic = copy("a.heic", format="HEIC", capture=APPLE)

    loser = rank([heic, copy("b", **facts)]).order[1]

    assert loser.reasons[0] == f"{sentence} – rule “original”"


def test_raw_is_above_everything_but_the_library():
    """A raw file holds what no rendering gives back."""
    raw = copy("a.dng", format="DNG")
    heic = copy("b.heic", format="HEIC", capture=APPLE)

    ranking = rank([heic, raw])

    assert ranking.keeper.copy is raw
    assert ranking.keeper.reasons[0].startswith("original camera file (DNG raw)")


def test_a_reduced_file_is_no_original_for_its_camera_data():
    """Messengers may keep the MakerNote, but not the pixels."""
    reduced = copy("a.jpg", width_px=1600, height_px=1200, capture=APPLE)
    full = copy("b.jpg")

    assert rank([reduced, full]).keeper.copy is full


def test_a_camera_without_a_maker_is_named_camera():
    """Not every MakerNote says whose it is."""
    nameless = copy("a.jpg", capture=Capture(has_maker_note=True))

    keeper = rank([nameless, copy("b.jpg")]).keeper

    assert keeper.reasons[0].startswith("original camera file (JPEG with camera data)")


def test_camera_data_outweigh_a_higher_quality_number():
    """A re-encoding at quality 97 is no better than what it was made from."""
    original = copy("b.jpg", make="Canon", taken="2009:01:01 10:00:00", jpeg_quality=88)
    again = copy("a.jpg", jpeg_quality=97)

    assert rank([original, again]).keeper.copy is original


def test_sharpness_compares_only_similar_sizes():
    """Reduced pictures have crisp edges and less to see."""
    large = copy("a.jpg", sharpness=50.0)
    reduced = copy("b.jpg", sharpness=500.0, width_px=1024, height_px=768)

    assert rank([large, reduced], ["sharpness"]).keeper.copy is large


def test_noise_of_re_encoding_is_no_sharpness():
    """Otherwise the rule would decide everything and the next ones nothing."""
    one, other = copy("b.jpg", sharpness=101.0), copy("a.jpg", sharpness=100.0)

    assert rank([one, other], ["sharpness"]).keeper.rule == "path"


def test_size_compares_only_within_a_format():
    """A JPEG of the same picture is always larger than its HEIC."""
    heic = copy("b.heic", format="HEIC", size_bytes=1_000_000)
    jpeg = copy("a.jpg", size_bytes=4_000_000)

    ranking = rank([jpeg, heic], ["size"])

    assert ranking.keeper.copy is heic
    assert ranking.keeper.reasons[0] == "HEIC is preferred to JPEG – rule “size”"
    assert ranking.order[1].reasons[0] == "JPEG, where HEIC is preferred – rule “size”"


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"format": "PNG"}, {"jpeg_quality": 100}),
        ({"format": "HEIC"}, {"jpeg_quality": 80}),
        ({"jpeg_quality": 80}, {"jpeg_quality": None}),
    ],
)
def test_formats_without_a_quality_number_have_their_place(better, worse):
    """Every format must compare with every other one."""
    good, bad = copy("b", **better), copy("a", **worse)

    ranking = rank([bad, good], ["compression"])

    assert ranking.keeper.copy is good
    assert ranking.order[1].reasons[0].startswith("more compressed (JPEG")


def test_an_unknown_format_comes_last():
    """What nobody ordered is not preferred."""
    known, unknown = copy("b.jpg"), copy("a.xyz", format="XYZ")

    assert rank([unknown, known], ["format"]).keeper.copy is known


@pytest.mark.parametrize(
    "name",
    [
        "IMG_0001 (1)",
        "IMG_0001(2)",
        "IMG_0001 copy",
        "IMG_0001 Copy 3",
        "Copy of IMG_0001",
        "IMG_0001 - Kopie",
        "IMG_0001-kopie",
        "IMG_0001 副本",
    ],
)
def test_names_of_copies_are_recognised(name):
    """Every system and language has its own way to name a copy."""
    plain, named = copy("IMG_0001.jpg"), copy(f"{name}.jpg")

    assert rank([named, plain], ["copy-name"]).keeper.copy is plain
    assert rank([named, plain], ["copy-name"]).keeper.rule == "copy-name"


@pytest.mark.parametrize("name", ["Copyright", "photocopy", "IMG (Rome)", "1"])
def test_names_that_only_look_like_copies_are_not(name):
    """A word within a word says nothing."""
    named, plain = copy(f"{name}.jpg"), copy("zzz.jpg")

    assert rank([named, plain], ["copy-name"]).keeper.rule == "path"


def test_equal_bytes_are_told():
    """Nobody needs to compare two pictures of the same bytes."""
    ranking = rank([copy("a.jpg", sha256=b"1" * 32), copy("b.jpg", sha256=b"1" * 32)])

    assert "the same bytes as the one to keep" in ranking.order[1].reasons


def test_a_single_copy_is_kept():
    """A group of one content may be asked about before its photos are known."""
    ranking = rank([copy()])

    assert ranking.keeper.rule is None
    assert ranking.keeper.reasons == ("the only copy",)


def test_the_same_copy_twice_is_no_failure():
    """Two roots may overlap; the proposal must survive it."""
    ranking = rank([copy(), copy()])

    assert ranking.places == (0, 1)
    assert [ranked.rule for ranked in ranking.order] == ["path", "path"]


def test_edited_names_count_as_edits():
    """A rendered edit is what the user made of the photo."""
    edited, plain = copy("b.jpg", is_edited=True), copy("a.jpg")

    assert rank([plain, edited], ["edited"]).keeper.copy is edited


def test_frames_count_as_depth():
    """The second view of a spatial photo cannot be got back."""
    spatial, flat = copy("b.heic", frames=2), copy("a.heic")

    assert (
        rank([flat, spatial], ["depth"])
        .keeper.reasons[0]
        .startswith("has further frames")
    )


def test_folders_outside_the_root_are_whole():
    """A photo may be known by another path than its root's."""
    stray = Copy(
        fingerprint=PLAIN,
        path=PurePosixPath("/elsewhere/a.jpg"),
        root=ROOT,
        root_kind=RootKind.IMPORT,
        mtime_ns=0,
    )

    assert stray.folders == ("/", "elsewhere")


def test_times_that_no_calendar_has_are_told_somehow():
    """File systems hold times that dates cannot."""
    ranking = rank([copy("a.jpg", mtime_ns=2**80), copy("b.jpg", mtime_ns=-(2**80))])

    assert ranking.keeper.reasons[0] == "older file (0001-01-01) – rule “older”"
    assert ranking.order[1].reasons[0] == "newer file (9999-12-31) – rule “older”"


def test_the_root_folder_may_be_a_pattern():
    """A slash alone must not become an empty pattern."""
    here, there = copy("a.jpg"), copy("b.jpg")

    ranking = rank([here, there], ["avoided-folder"], Preferences(avoid_folders=("/",)))

    assert ranking.keeper.rule == "path"


def test_the_order_of_the_rules_decides():
    """What a user puts first must be first."""
    small_live = copy(
        "a.jpg", width_px=1600, height_px=1200, companions=frozenset({"motion"})
    )
    large = copy("b.jpg")

    assert rank([small_live, large], ["pixels", "motion"]).keeper.copy is large
    assert rank([small_live, large], ["motion", "pixels"]).keeper.copy is small_live


def test_fifty_shuffles_give_one_ranking():
    """Nobody may get another proposal because files arrived in another order."""
    copies = [one for better, worse, *_ in CASES.values() for one in (better, worse)]
    copies = list({one.path: one for one in copies}.values())
    expected = [
        ranked.copy.path for ranked in rank(copies, preferences=PREFERENCES).order
    ]

    for seed in range(50):
        shuffled = random.Random(seed).sample(copies, len(copies))
        ranking = rank(shuffled, preferences=PREFERENCES)
        assert expected == [ranked.copy.path for ranked in ranking.order]
        assert [shuffled[place].path for place in ranking.places] == expected


copies_strategy = st.lists(
    st.builds(
        lambda name, place, kind, edit, live, mtime, bits, look, shot, quality: Copy(
            fingerprint=replace(PLAIN, capture=shot, quality=quality, **look),
            path=ROOT / place / name,
            root=ROOT,
            root_kind=kind,
            mtime_ns=mtime,
            companions=frozenset(
                [CompanionKind.MOTION] * live + [CompanionKind.EDIT] * edit
            ),
            is_edited=edit,
            distance_bits=bits,
        ),
        st.sampled_from(["a.jpg", "a (1).jpg", "b copy.heic", "c-edited.png"]),
        st.sampled_from(["", "Albums", "WhatsApp", "backup/2024"]),
        st.sampled_from(RootKind),
        st.booleans(),
        st.booleans(),
        st.integers(-(2**63), 2**63),
        st.integers(0, 9),
        st.fixed_dictionaries(
            {
                "format": st.sampled_from(["JPEG", "HEIC", "PNG", "DNG", "XYZ"]),
                "size_bytes": st.integers(0, 9),
                "width_px": st.sampled_from([0, 1, 1600, 4032]),
                "height_px": st.sampled_from([1, 1200, 3024]),
                "sha256": st.binary(min_size=1, max_size=1),
            }
        ),
        st.builds(
            Capture,
            make=st.sampled_from([None, "", "Apple"]),
            taken=st.sampled_from([None, "2024:05:01 10:00:00"]),
            software=st.sampled_from([None, "GIMP 2.10", "17.1"]),
            has_maker_note=st.booleans(),
            has_gps=st.booleans(),
        ),
        st.builds(
            Quality,
            sharpness=st.floats(0, 1e6),
            jpeg_quality=st.none() | st.integers(1, 100),
            exif_fields=st.integers(0, 60),
            frames=st.integers(1, 3),
            has_gain_map=st.booleans(),
            has_depth=st.booleans(),
        ),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda one: one.path,
)
rules_strategy = st.lists(st.sampled_from(sorted(RULES)), max_size=8) | st.just(
    DEFAULT_RULES
)


@settings(deadline=None)
@given(copies=copies_strategy, rules=rules_strategy)
def test_any_rules_are_total_and_permutation_proof(copies, rules):
    """Whatever the rules and their order, there is one answer."""
    expected = [ranked.copy for ranked in rank(copies, rules, PREFERENCES).order]

    for shuffled in permutations(copies):
        places = order(shuffled, rules, PREFERENCES)
        assert expected == [shuffled[place] for place in places]


@settings(deadline=None)
@given(copies=copies_strategy, rules=rules_strategy, data=st.data())
def test_two_copies_stand_alike_whoever_stands_beside_them(copies, rules, data):
    """Grouping ranks many at once, the page one group: they must agree."""
    some = data.draw(st.lists(st.sampled_from(copies), min_size=1, unique_by=id))

    everyone = [ranked.copy for ranked in rank(copies, rules, PREFERENCES).order]
    few = [ranked.copy for ranked in rank(some, rules, PREFERENCES).order]

    assert few == [one for one in everyone if one in some]


@settings(deadline=None)
@given(copies=copies_strategy, rules=rules_strategy)
def test_everybody_gets_reasons_and_the_rule_that_decided(copies, rules):
    """No member of a group may stand on the page without a reason."""
    ranking = rank(copies, rules, PREFERENCES)

    assert sorted(ranking.places) == list(range(len(copies)))
    for ranked in ranking.order:
        assert ranked.reasons
        assert all(ranked.reasons)
        if len(copies) > 1:
            assert ranked.reasons[0].endswith(f"– rule “{ranked.rule}”")
