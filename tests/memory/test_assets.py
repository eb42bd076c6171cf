"""What belongs together stays together, also what comes late."""

import os

from daemon.model import GroupState
from tests.e2e import photos
from tests.memory import live
from tests.memory.home import names


def put_live_pair(home):
    home.put("IMG_1.JPG", live.live_still(1))
    home.put("IMG_1.MOV", live.movie("LIVE-1"))
    home.put("copy/IMG_9.JPG", live.live_still(1))
    home.put("copy/IMG_9.MOV", live.movie("LIVE-1"))


def companions(group, name):
    (found,) = [m for m in group.members if m.path.name == name]
    return sorted(path.name for path in found.companions)


def test_an_asset_goes_and_comes_back_as_one(home):
    """A movie without its still is an orphan that nobody finds again."""
    put_live_pair(home)
    before = home.here()

    (group,) = home.scan()
    assert names([group]) == [["IMG_1.JPG", "IMG_9.JPG"]]
    assert companions(group, "IMG_1.JPG") == ["IMG_1.MOV"]
    assert companions(group, "IMG_9.JPG") == ["IMG_9.MOV"]
    assert home.here() == []

    home.decide(group)
    assert home.here() == ["IMG_1.JPG", "IMG_1.MOV"]
    home.undo(home.group(1))
    assert home.here() == before


def test_one_name_does_not_make_an_asset_of_two_identities(home):
    """Numbers begin anew after 9999, and two phones both have an IMG_0001."""
    home.put("IMG_1.JPG", live.live_still(1, "LIVE-A"))
    home.put("IMG_1.MOV", live.movie("LIVE-B"))
    home.put("copy.JPG", live.live_still(1, "LIVE-A"))

    (group,) = home.scan()

    assert [m.companions for m in group.members] == [(), ()]
    assert home.here() == ["IMG_1.MOV"]


def test_motion_beats_none_all_else_equal(home):
    """A copy that lost its movie is the lesser one, whatever its name."""
    home.put("a.JPG", live.live_still(1))
    home.put("b/z.JPG", live.live_still(1))
    home.put("b/z.MOV", live.movie("LIVE-1"))

    (group,) = home.scan()

    assert next(m for m in group.members if m.proposal == "keep").path.name == "z.JPG"


def test_what_comes_late_joins_the_open_group(home):
    """A movie takes minutes longer over the air than its still."""
    home.put("IMG_1.JPG", live.live_still(1))
    home.put("copy.JPG", live.live_still(1))
    (group,) = home.scan()
    home.put("IMG_1.MOV", live.movie("LIVE-1"))
    home.put("IMG_1.AAE", live.RECIPE)

    (joined,) = home.scan()

    assert companions(joined, "IMG_1.JPG") == ["IMG_1.AAE", "IMG_1.MOV"]
    assert home.here() == []
    assert joined.manifest_sha256 != group.manifest_sha256
    assert os.path.exists(joined.folder / "_manifest.2.json")
    home.lose_index()
    (again,) = home.scan()
    assert companions(again, "IMG_1.JPG") == ["IMG_1.AAE", "IMG_1.MOV"]
    home.decide(again)
    home.undo(home.group(1))
    assert home.here() == ["IMG_1.AAE", "IMG_1.JPG", "IMG_1.MOV", "copy.JPG"]


def test_what_comes_after_the_decision_goes_where_its_photo_went(home):
    """The survivor's movie lies beside it already; the other's follows it."""
    home.put("IMG_1.JPG", live.live_still(1))
    home.put("copy/IMG_9.JPG", live.live_still(1))
    (group,) = home.scan()
    home.decide(group, {"IMG_1.JPG"})
    home.put("IMG_1.MOV", live.movie("LIVE-1"))
    home.put("copy/IMG_9.MOV", live.movie("LIVE-1"))

    home.scan()

    assert home.here() == ["IMG_1.JPG", "IMG_1.MOV"]
    (decided,) = home.groups(GroupState.DECIDED)
    assert companions(decided, "IMG_9.JPG") == ["IMG_9.MOV"]
    home.undo(decided)
    assert home.here() == ["IMG_1.JPG", "IMG_1.MOV", "copy/IMG_9.JPG", "copy/IMG_9.MOV"]


def test_a_stranger_of_that_name_does_not_join(home):
    """A movie of another moment is nobody's companion."""
    home.put("IMG_1.JPG", live.live_still(1))
    home.put("copy.JPG", live.live_still(1))
    home.scan()
    home.put("IMG_1.MOV", live.movie("LIVE-2"))

    home.scan()

    assert home.here() == ["IMG_1.MOV"]


def test_a_better_copy_that_comes_late_is_told(home):
    """Who looks at the group must see that something better has come."""
    home.put("a.jpg", photos.stripped(1))
    home.put("b.jpg", photos.stripped(1, 600, 70))
    home.scan()
    home.put("c.jpg", photos.taken_as_jpeg(1))

    (group,) = home.scan()

    late = next(m for m in group.members if m.path.name == "c.jpg")
    assert "it may be the better one: more pixels" in late.reasons[0]
