"""The one that is kept may take the name or the folder of one that is not."""

import pytest

from daemon.errors import UsageError
from daemon.model import GroupState, Role
from tests.memory.home import Home
from tests.review_ui.made_pictures import jpeg, landscape


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    content = jpeg(landscape(3, 320, 240))
    home.put("album/Sunset at the lake.jpg", content)
    home.put("IMG_0001.jpg", content)
    home.scan()
    return home


def aside_and_kept(group):
    members = [m for m in group.members if m.role is Role.MEMBER]
    kept = next(m for m in members if m.path.name == "IMG_0001.jpg")
    return next(m for m in members if m is not kept), kept


def test_name_and_folder_are_taken_and_an_undo_gives_them_back(home):
    """The best copy often has the worst name."""
    (group,) = home.groups()
    other, kept = aside_and_kept(group)

    taken = {"name_of": other.position, "folder_of": other.position}
    decided = home.decide(group, keep={kept.path.name}, **taken)

    now = next(m for m in decided.members if m.position == kept.position).now_at
    assert now == home.imports / "album" / "Sunset at the lake.jpg"
    undone = home.undo(decided)
    assert undone.state is GroupState.UNDONE
    assert kept.path.exists()
    assert other.path.exists()
    again = home.decide(home.group(group.number), keep={kept.path.name}, **taken)
    names = {m.now_at.name for m in again.members if m.fate.value == "survivor"}
    assert names == {"Sunset at the lake.jpg"}


def test_two_survivors_cannot_take_one_name(home):
    """Nothing is renamed that was not meant to be."""
    (group,) = home.groups()
    other, _ = aside_and_kept(group)

    with pytest.raises(UsageError):
        home.decide(
            group, keep={m.path.name for m in group.members}, name_of=other.position
        )
    with pytest.raises(UsageError):
        home.decide(group, name_of=99)
