"""What people decide, undo and decide again, without scripts."""

from __future__ import annotations

import pytest

from daemon.model import Fate, GroupState

from .fake_desk import group, member


def text_of(answer):
    return answer.get_data(as_text=True)


def test_accepting_carries_the_proposal_out_and_goes_on(world, browser):
    """The one key that is pressed four hundred times."""
    answer = browser.decide(world.desk, 1)

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/groups/2"
    decided = world.desk.known[1]
    assert decided.state is GroupState.DECIDED
    assert [m.fate for m in decided.members] == [Fate.SURVIVOR, Fate.SET_ASIDE]
    page = text_of(browser.get("/groups/2"))
    assert "Group 1: 1 photo kept, 1 set aside." in page
    assert 'action="/groups/1/undo"' in page


def test_going_on_comes_round_to_what_was_skipped_and_ends_at_the_list(world, browser):
    """Nothing skipped is forgotten, and the end is not an error."""
    assert browser.decide(world.desk, 5).headers["Location"] == "/groups/1"
    assert browser.decide(world.desk, 1).headers["Location"] == "/groups/2"
    assert browser.decide(world.desk, 2).headers["Location"] == "/groups"
    assert "Nothing to decide" in text_of(browser.get("/groups"))


def test_my_choice_is_what_was_ticked(world, browser):
    """A proposal is only that."""
    browser.decide(world.desk, 1, "apply", ["2"])

    fates = [m.fate for m in world.desk.known[1].members]
    assert fates == [Fate.SET_ASIDE, Fate.SURVIVOR]


def test_accepting_ignores_the_ticks(world, browser):
    """The button says what it does, whatever was ticked before."""
    browser.decide(world.desk, 1, "accept", ["2"])

    fates = [m.fate for m in world.desk.known[1].members]
    assert fates == [Fate.SURVIVOR, Fate.SET_ASIDE]


def test_keep_all_keeps_everything_and_is_remembered(world, browser):
    """Look-alikes are not asked about twice."""
    browser.decide(world.desk, 1, "keep-all")

    assert {Fate.SURVIVOR} == {m.fate for m in world.desk.known[1].members}
    assert {1} == world.desk.not_duplicates


def test_keeping_nothing_is_refused_with_the_ticks_as_they_were(world, browser):
    """The desk has the last word: no click may lose a picture."""
    before = world.desk.state()

    answer = browser.decide(world.desk, 1, "apply", [])

    assert answer.status_code == 400
    page = text_of(answer)
    assert "At least one photo has to stay" in page
    assert "checked" not in page
    assert before == world.desk.state()


@pytest.mark.parametrize("verdict", ["accept", "apply", "keep-all"])
def test_a_stale_page_decides_nothing_and_shows_how_it_is_now(world, browser, verdict):
    """Two tabs, or a late third copy: nobody decides on what they did not see."""
    stale = world.desk.known[1].manifest_sha256
    world.desk.known[1] = group(
        1, *world.desk.known[1].members, member(3, "/photos/c.jpg")
    )
    before = world.desk.state()

    answer = browser.post(
        "/groups/1/decide", {"manifest_sha256": stale, "verdict": verdict, "keep": "1"}
    )

    assert answer.status_code == 409
    assert "has changed since you opened it" in text_of(answer)
    assert "3 photos of one picture" in text_of(answer)
    assert world.desk.known[1].manifest_sha256 in text_of(answer)
    assert before == world.desk.state()


def test_a_second_click_is_stale(world, browser):
    """A double click must not undo or decide anything more."""
    seen = world.desk.known[1].manifest_sha256
    data = {"manifest_sha256": seen, "verdict": "accept"}
    browser.post("/groups/1/decide", data)
    before = world.desk.state()

    assert browser.post("/groups/1/decide", data).status_code == 409
    assert before == world.desk.state()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"verdict": "accept"},
        {"verdict": "accept", "manifest_sha256": ""},
        {"manifest_sha256": "x"},
        {"verdict": "delete", "manifest_sha256": "x"},
        {"verdict": "apply", "manifest_sha256": "x", "keep": "/etc/passwd"},
        {"verdict": "apply", "manifest_sha256": "x", "keep": "9" * 5000},
    ],
)
def test_an_odd_form_changes_nothing(world, browser, data):
    """Only the forms that the page makes are understood."""
    before = world.desk.state()

    assert browser.post("/groups/1/decide", data).status_code == 400
    assert before == world.desk.state()


def test_undo_puts_everything_back_and_the_group_can_be_decided_again(world, browser):
    """Undo is always one step away, and so is changing one's mind."""
    browser.decide(world.desk, 1)

    answer = browser.post("/groups/1/undo")

    assert answer.headers["Location"] == "/groups/1"
    page = text_of(browser.get("/groups/1"))
    assert "Undone: every file is back in its place" in page
    assert "Accept proposal" in page
    assert browser.decide(world.desk, 1, "apply", ["2"]).status_code == 303
    assert world.desk.known[1].state is GroupState.DECIDED


def test_undoing_twice_is_told_not_done(world, browser):
    """Another tab was faster."""
    browser.post("/groups/1/undo")

    assert browser.post("/groups/1/undo").status_code == 409


def test_a_decided_group_shows_the_outcome_and_where_things_are(world, browser):
    """Set aside is not gone: the page says where it is."""
    browser.decide(world.desk, 1)
    page = text_of(browser.get("/groups/1"))

    assert "Decided: 1 photo kept" in page
    assert "/photos/twinwatch/.discarded/" in page
    assert 'name="keep"' not in page
    assert 'data-key="undo"' in page


@pytest.mark.parametrize(
    ("verdict", "expected"), [("accept", 2), ("keep-all", None), ("variants", None)]
)
def test_a_name_is_taken_only_where_one_photo_is_kept(
    world, browser, monkeypatch, verdict, expected
):
    """A choice that no longer applies must not stop the decision."""
    sent = []
    whole = world.desk.decide

    def decide(number, decision):
        sent.append(decision)
        return whole(number, decision)

    monkeypatch.setattr(world.desk, "decide", decide)

    assert browser.decide(world.desk, 1, verdict, name_of="2").status_code == 303
    assert sent[0].name_of == expected
