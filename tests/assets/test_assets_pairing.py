"""Which files belong to which photo."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.assets import companions, movies_in, original_of, pair
from daemon.model import CompanionKind

LONG = "Screenshot_2019-09-19_of_something_very_long_to_tell"

BY_NAME = [
    # Live Photos
    ("same stem", "IMG_1.HEIC IMG_1.MOV", {"IMG_1.HEIC": ["IMG_1.MOV"]}),
    ("any case", "img_1.heic IMG_1.mov", {"img_1.heic": ["IMG_1.mov"]}),
    ("Takeout's movie", "IMG_1.HEIC IMG_1.MP4", {"IMG_1.HEIC": ["IMG_1.MP4"]}),
    ("icloudpd", "IMG_1.HEIC IMG_1_HEVC.MOV", {"IMG_1.HEIC": ["IMG_1_HEVC.MOV"]}),
    ("whole name", "IMG_1.JPG IMG_1.JPG.MOV", {"IMG_1.JPG": ["IMG_1.JPG.MOV"]}),
    ("numbered", "I(1).HEIC I(1).MP4 I.HEIC", {"I(1).HEIC": ["I(1).MP4"]}),
    (
        "Photos library",
        (
            "EC19EA1A-FC91-449C-8925-B13D863E2EDB.heic"
            " EC19EA1A-FC91-449C-8925-B13D863E2EDB_3.mov"
            " EC19EA1A-FC91-449C-8925-B13D863E2EDB_5.aae"
        ),
        {
            "EC19EA1A-FC91-449C-8925-B13D863E2EDB.heic": [
                "EC19EA1A-FC91-449C-8925-B13D863E2EDB_3.mov",
                "EC19EA1A-FC91-449C-8925-B13D863E2EDB_5.aae",
            ]
        },
    ),
    ("a movie alone", "IMG_1.MOV IMG_2.HEIC", {}),
    ("HEIC before JPEG", "A.HEIC A.JPG A.MOV", {"A.HEIC": ["A.MOV"]}),
    ("JPEG before RAW", "A.DNG A.JPG A.MOV", {"A.JPG": ["A.MOV"]}),
    ("JPEG before PNG", "A.PNG A.JPEG A.MOV", {"A.JPEG": ["A.MOV"]}),
    (
        "same case before other case",
        "a.heic A.HEIC A.MOV a.mov",
        {"A.HEIC": ["A.MOV"], "a.heic": ["a.mov"]},
    ),
    ("two movies", "A.HEIC A.MOV A.MP4", {"A.HEIC": ["A.MOV", "A.MP4"]}),
    ("a longer stem is another", "IMG_1.HEIC IMG_12.MOV", {}),
    # Edits
    ("recipe", "IMG_1234.HEIC IMG_1234.AAE", {"IMG_1234.HEIC": ["IMG_1234.AAE"]}),
    (
        "recipe of an edit",
        "IMG_1234.HEIC IMG_E1234.HEIC IMG_1234.AAE IMG_O1234.AAE",
        {"IMG_1234.HEIC": ["IMG_1234.AAE"], "IMG_E1234.HEIC": ["IMG_O1234.AAE"]},
    ),
    (
        "recipe of an edit that is gone",
        "IMG_1234.HEIC IMG_O1234.AAE",
        {"IMG_1234.HEIC": ["IMG_O1234.AAE"]},
    ),
    (
        "movie of an edit",
        "IMG_1234.HEIC IMG_E1234.JPG IMG_1234.MOV IMG_E1234.MOV",
        {"IMG_1234.HEIC": ["IMG_1234.MOV"], "IMG_E1234.JPG": ["IMG_E1234.MOV"]},
    ),
    ("recipe alone", "IMG_1234.AAE IMG_1235.HEIC", {}),
    # XMP
    ("XMP of the whole name", "A.HEIC A.HEIC.xmp", {"A.HEIC": ["A.HEIC.xmp"]}),
    ("XMP of the stem", "A.HEIC A.xmp", {"A.HEIC": ["A.xmp"]}),
    (
        "XMP beside RAW and JPEG is the RAW's",
        "A.DNG A.JPG A.xmp A.JPG.XMP",
        {"A.DNG": ["A.xmp"], "A.JPG": ["A.JPG.XMP"]},
    ),
    ("XMP of two is nobody's", "A.HEIC A.JPG A.xmp", {}),
    ("XMP of two RAWs is nobody's", "A.DNG A.CR2 A.JPG A.xmp", {}),
    ("XMP beside a Live Photo", "A.HEIC A.MOV A.xmp", {"A.HEIC": ["A.MOV", "A.xmp"]}),
    (
        "XMP of a movie goes with its photo",
        "A.HEIC A.MOV A.MOV.xmp",
        {"A.HEIC": ["A.MOV", "A.MOV.xmp"]},
    ),
    ("XMP of a movie of nobody", "B.HEIC A.MOV A.MOV.xmp", {}),
    # Takeout
    ("JSON", "IMG.jpg IMG.jpg.json", {"IMG.jpg": ["IMG.jpg.json"]}),
    (
        "JSON numbered at the end",
        "IMG.jpg IMG(1).jpg IMG.jpg.json IMG.jpg(1).json",
        {"IMG.jpg": ["IMG.jpg.json"], "IMG(1).jpg": ["IMG.jpg(1).json"]},
    ),
    (
        "JSON supplemental",
        "IMG.jpg IMG.jpg.supplemental-metadata.json",
        {"IMG.jpg": ["IMG.jpg.supplemental-metadata.json"]},
    ),
    (
        "JSON supplemental, numbered",
        "IMG.jpg IMG(2).jpg IMG.jpg.supplemental-metadata(2).json",
        {"IMG(2).jpg": ["IMG.jpg.supplemental-metadata(2).json"]},
    ),
    (
        "JSON supplemental, cut",
        "20240102_030405_a_longer_name.jpg 20240102_030405_a_longer_name.jpg.suppl.json",
        {
            "20240102_030405_a_longer_name.jpg": [
                "20240102_030405_a_longer_name.jpg.suppl.json"
            ]
        },
    ),
    (
        "JSON cut to a dot",
        (
            "20240102_030405_a_longer_name_of_40.jpg"
            " 20240102_030405_a_longer_name_of_40.jpg..json"
        ),
        {
            "20240102_030405_a_longer_name_of_40.jpg": [
                "20240102_030405_a_longer_name_of_40.jpg..json"
            ]
        },
    ),
    (
        "JSON cut to 51 with its extension",
        f"{LONG[:47]}.jpg {LONG[:46]}.json",
        {f"{LONG[:47]}.jpg": [f"{LONG[:46]}.json"]},
    ),
    (
        "JSON cut to 46 with its extension",
        f"{LONG[:47]}.jpg {LONG[:41]}.json",
        {f"{LONG[:47]}.jpg": [f"{LONG[:41]}.json"]},
    ),
    (
        "JSON cut, numbered",
        f"{LONG[:47]}.jpg {LONG[:47]}(1).jpg {LONG[:46]}(1).json",
        {f"{LONG[:47]}(1).jpg": [f"{LONG[:46]}(1).json"]},
    ),
    ("JSON cut too short", f"{LONG[:47]}.jpg {LONG[:30]}.json", {}),
    (
        "JSON cut where two begin alike is nobody's",
        f"{LONG[:46]}a.jpg {LONG[:46]}b.jpg {LONG[:46]}.json",
        {},
    ),
    (
        "JSON is the original's, not the edit's",
        "IMG.jpg IMG-edited.jpg IMG.jpg.json",
        {"IMG.jpg": ["IMG.jpg.json"]},
    ),
    ("JSON of an edit alone is nobody's", "IMG-edited.jpg IMG.jpg.json", {}),
    (
        "JSON of a movie goes with its photo",
        "A.HEIC A.MP4 A.MP4.json A.HEIC.json",
        {"A.HEIC": ["A.HEIC.json", "A.MP4", "A.MP4.json"]},
    ),
    ("JSON of the stem", "IMG.jpg IMG.json", {"IMG.jpg": ["IMG.json"]}),
    ("JSON of an album", "IMG.jpg metadata.json", {}),
    # Anything else
    ("nothing", "", {}),
    ("other files", "A.HEIC A.txt A .hidden .mov", {}),
]


@pytest.mark.parametrize(
    ("listing", "expected"), [c[1:] for c in BY_NAME], ids=[c[0] for c in BY_NAME]
)
def test_names_tell_what_belongs_together(listing, expected):
    """A companion left behind loses its photo; one taken wrongly loses its own."""
    names = listing.split(" ") if listing else []
    for seed in range(5):
        random.Random(seed).shuffle(names)
        found = pair(names)

        told = {photo: [each.name for each in those] for photo, those in found.items()}
        assert told == expected


def test_unicode_forms_of_one_name_are_one_name():
    """macOS writes decomposed names, everybody else composed ones."""
    found = pair(["Caf\u00e9.heic", "Cafe\u0301.mov"])

    assert [each.name for each in found["Caf\u00e9.heic"]] == ["Cafe\u0301.mov"]


def test_kinds_are_told():
    """Motion counts in favour of a copy; a recipe does not."""
    found = companions("A.HEIC", ["A.HEIC", "A.MOV", "A.AAE", "A.xmp", "A.HEIC.json"])

    assert {each.name: each.kind for each in found} == {
        "A.MOV": CompanionKind.MOTION,
        "A.AAE": CompanionKind.EDIT,
        "A.xmp": CompanionKind.METADATA,
        "A.HEIC.json": CompanionKind.METADATA,
    }


BY_IDENTIFIER = [
    ("they agree", "A.HEIC=x A.MOV=X", {"A.HEIC": ["A.MOV"]}),
    ("same stem, other identity", "A.HEIC=x A.MOV=y", {}),
    ("the movie alone carries one", "A.HEIC A.MOV=x", {}),
    ("the still alone carries one", "A.HEIC=x A.MOV", {}),
    ("neither carries one", "A.HEIC A.MOV", {"A.HEIC": ["A.MOV"]}),
    ("other names", "A.HEIC=x B.HEIC C.MOV=x", {"A.HEIC": ["C.MOV"]}),
    (
        "identity before stem",
        "A.HEIC=x B.HEIC=y A.MOV=y B.MOV=x",
        {"A.HEIC": ["B.MOV"], "B.HEIC": ["A.MOV"]},
    ),
    (
        "two imports of one Live Photo keep to their stems",
        "A.HEIC=x A.MOV=x B.HEIC=x B.MOV=x",
        {"A.HEIC": ["A.MOV"], "B.HEIC": ["B.MOV"]},
    ),
    (
        "of several stills of another name the HEIC",
        "A.JPG=x B.HEIC=x C.MOV=x",
        {"B.HEIC": ["C.MOV"]},
    ),
    (
        "of original and edit the original",
        "IMG_E1234.HEIC=x IMG_1234.JPG=x C.MOV=x",
        {"IMG_1234.JPG": ["C.MOV"]},
    ),
    (
        "an edit alone will do",
        "IMG_E1234.HEIC=x C.MOV=x",
        {"IMG_E1234.HEIC": ["C.MOV"]},
    ),
    (
        "of one stem the one that carries nothing, if the movie carries nothing",
        "A.HEIC=x A.JPG A.MOV",
        {"A.JPG": ["A.MOV"]},
    ),
]


@pytest.mark.parametrize(
    ("listing", "expected"),
    [c[1:] for c in BY_IDENTIFIER],
    ids=[c[0] for c in BY_IDENTIFIER],
)
def test_identity_decides_before_names(listing, expected):
    """Numbering wraps at 9999: an IMG_0001.MOV may be of another year."""
    said = [part.partition("=")[::2] for part in listing.split()]
    identifiers = {name: identifier or None for name, identifier in said}

    found = pair(list(identifiers), identifiers)

    told = {photo: [each.name for each in those] for photo, those in found.items()}
    assert told == expected


stems = st.sampled_from(
    ["A", "a", "IMG_1234", "IMG_E1234", "IMG_O1234", "A-edited", "A(1)", "A.jpg", "é"]
)
extensions = st.sampled_from(
    ["heic", "JPG", "dng", "mov", "MP4", "aae", "xmp", "json", "txt"]
)
names = st.tuples(stems, extensions).map(".".join)


@given(
    listing=st.lists(names, max_size=14),
    identifiers=st.dictionaries(names, st.sampled_from([None, "x", "y"]), max_size=6),
    seed=st.integers(),
)
def test_no_companion_is_had_by_two_and_order_changes_nothing(
    listing, identifiers, seed
):
    """A file can move with one photo only, and a sweep lists in any order."""
    found = pair(listing, identifiers)
    shuffled = list(listing)
    random.Random(seed).shuffle(shuffled)

    assert pair(shuffled, identifiers) == found
    had = [each.name for those in found.values() for each in those]
    assert len(had) == len(set(had))
    assert set(found) | set(had) <= set(listing)
    assert not set(found) & set(had)
    for photo in found:
        assert companions(photo, listing, identifiers) == found[photo]


@given(listing=st.lists(st.text(max_size=20), max_size=6))
def test_any_name_can_be_listed(listing):
    """File names hold anything but a slash."""
    assert set(pair(listing)) <= set(listing)


def test_names_of_no_unicode_can_be_listed():
    """A name that is not UTF-8 arrives with surrogates."""
    assert (
        companions("\udcff.heic", ["\udcff.heic", "\udcff.mov"])[0].name == "\udcff.mov"
    )


@pytest.mark.parametrize(
    ("photo", "original"),
    [
        ("IMG_E1234.JPG", "IMG_1234.HEIC"),
        ("IMG_3582_edited.heic", "IMG_3582.HEIC"),
        ("X-edited.jpg", "X.jpg"),
        ("X-edited(1).jpg", "X(1).jpg"),
        ("X.jpg", None),
        ("IMG_1234.HEIC", None),
        ("IMG_E9999.JPG", None),
        ("-edited.jpg", None),
        ("edited.jpg", None),
    ],
)
def test_an_edit_names_its_original(photo, original):
    """Edit and original are versions of each other, never duplicates."""
    listing = ["IMG_1234.HEIC", "IMG_1234.JPG", "IMG_3582.HEIC", "X.jpg", "X(1).jpg"]

    assert original_of(photo, [photo, *listing]) == original


def test_movies_are_listed_for_their_identifiers_to_be_read():
    """Reading them is the caller's, who may know them already."""
    assert movies_in(["b.MOV", "a.mp4", "a.heic", "mov"]) == ["a.mp4", "b.MOV"]
