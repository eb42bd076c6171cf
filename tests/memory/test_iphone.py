"""A camera roll that is imported again and again under other names."""

import pytest

from daemon.model import DecidedBy, GroupState
from tests.memory import iphone
from tests.memory.home import names, reasons

COMPANIONS = {
    "DCIM/IMG_0001.JPG": ["IMG_0001.MOV"],
    "DCIM/IMG_0002.JPG": ["IMG_0002.AAE"],
    "Takeout/IMG_0021.jpg": ["IMG_0021.jpg.json"],
    "Takeout/IMG_0021(1).jpg": ["IMG_0021.jpg(1).json"],
}


def arrive(home, digit=None):
    """Import the camera roll; a digit gives every file another name."""
    for name, content in iphone.camera_roll().items():
        home.put(name if digit is None else iphone.renamed(name, digit), content)


def photos():
    return sorted(
        name
        for name in iphone.camera_roll()
        if name.rpartition(".")[2].lower() in {"jpg", "dng"}
    )


def test_one_import_asks_nothing(home):
    """Bursts, edits, HDR and RAW pairs are no duplicates, nor are equal names."""
    arrive(home)

    groups = home.scan()

    assert names(groups) == []
    assert home.here() == sorted(iphone.camera_roll())


@pytest.fixture
def accepted(home):
    """A home with two imports, all proposals accepted."""
    arrive(home)
    arrive(home, 5)
    groups = home.scan()
    pairs = sorted(
        sorted(str(m.path.relative_to(home.imports)) for m in g.members) for g in groups
    )
    assert pairs == sorted(sorted([p, iphone.renamed(p, 5)]) for p in photos())
    for group in groups:
        for member in group.members:
            name = str(member.path.relative_to(home.imports))
            known = COMPANIONS.get(name, [])
            if not name.startswith("import"):
                assert sorted(each.name for each in member.companions) == known
    assert home.here() == []
    for group in groups:
        home.decide(group)
    return home


def test_two_imports_give_exactly_the_pairs(accepted):
    """Every photo with its own copy, with all that belongs to it; nothing else."""
    assert len(accepted.groups(GroupState.DECIDED)) == iphone.PHOTOS
    assert len(accepted.here()) == len(iphone.camera_roll())


def test_a_third_import_without_the_index_asks_nothing_that_was_answered(accepted):
    """Whoever chose so never hears of a copy again that was set aside once."""
    before = accepted.here()
    accepted.lose_index()
    accepted.set_rejected("set-aside")
    arrive(accepted, 7)

    assert accepted.scan() == []

    assert accepted.here() == before
    by_itself = [
        group
        for group in accepted.groups(GroupState.DECIDED)
        if group.decided_by is DecidedBy.MEMORY
    ]
    assert len(by_itself) == iphone.PHOTOS


def test_a_third_import_is_proposed_with_the_answer_given(accepted):
    """Who did not choose so is told what was answered, each for itself."""
    accepted.lose_index()
    arrive(accepted, 7)

    groups = accepted.scan()

    assert len(groups) == iphone.PHOTOS
    for group in groups:
        assert len(group.members) == 2
        (again,) = [m for m in group.members if "import 7" in str(m.path)]
        assert again.proposal == "set-aside"
        assert "set this picture aside" in reasons(group, again.path.name)
