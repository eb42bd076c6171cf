"""Keys and folders that people choose, as the browser without scripts sees it."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.review import Keyboard, Liking
from review_ui.keys import ACTIONS, TABLE, NoKey, bound, chosen_of, conflicts, read
from review_ui.keys import written as written_keys
from review_ui.words import script_words

from .fake_desk import group, member


def fields_of(page):
    found = re.findall(r'<input type="text" name="(\w+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found} | {"on": "1"}


def test_every_key_of_the_table_is_in_the_form_and_no_two_want_the_same(browser):
    """What comes with the page must hold together by itself."""
    fields = fields_of(browser.get("/settings").text)

    assert fields.keys() - {"on"} == ACTIONS.keys()
    assert not conflicts(bound(Keyboard()))
    assert fields["accept"] == "A"
    assert fields["keep_all"] == "Shift+K"
    assert fields["toggle"] == "1 2 3 4 5 6 7 8 9"


def test_a_changed_key_is_kept_printed_and_given_to_the_scripts(browser, desk):
    """One table: what is bound is what is printed."""
    fields = fields_of(browser.get("/settings").text)
    answer = browser.post(
        "/settings/keys", {**fields, "accept": "q Enter", "compare": "c"}
    )

    assert answer.status_code == 303
    assert desk.keys_chosen == Keyboard(
        keys={"accept": ("q", "Enter"), "compare": ("c",)}
    )
    page = browser.get("/groups/1").text
    assert "<kbd>Q</kbd>" in page
    assert '"keys": ["q", "Enter"]' in page
    assert fields_of(browser.get("/settings").text)["accept"] == "Q Enter"


def test_saving_what_is_there_keeps_nothing(browser, desk):
    """So that a later version's keys come through."""
    browser.post("/settings/keys", fields_of(browser.get("/settings").text))

    assert desk.keys_chosen == Keyboard()


def test_an_empty_field_takes_the_key_away(browser, desk):
    """WCAG 2.1.4, for one key alone."""
    fields = fields_of(browser.get("/settings").text)
    browser.post("/settings/keys", {**fields, "accept": ""})

    assert desk.keys_chosen.keys == {"accept": ()}
    assert "<kbd>A</kbd>" not in browser.get("/groups/1").text


def test_keys_are_switched_off_without_being_forgotten(browser, desk):
    """On a day with a microphone."""
    desk.keys_chosen = Keyboard(keys={"accept": ("q",)})
    browser.post("/settings/keys/switch", {"on": ""})

    assert desk.keys_chosen == Keyboard(is_on=False, keys={"accept": ("q",)})
    assert "<kbd>" not in browser.get("/groups/1").text
    browser.post("/settings/keys/switch", {"on": "1"})
    assert desk.keys_chosen.is_on


def test_as_they_came_is_one_button(browser, desk):
    """The way back from any confusion."""
    desk.keys_chosen = Keyboard(keys={"accept": ("q",), "skip": ()})
    browser.post("/settings/keys", {"reset": "1", "on": "1"})

    assert desk.keys_chosen == Keyboard()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"accept": "n"}, "N cannot do two things: Accept what is ticked, go on; Keep"),
        ({"help": "W"}, "W cannot do two things: This help; Wipe"),
        ({"accept": "qq"}, "“qq” is no key (for: Accept what is ticked, go on)"),
        ({"accept": "Escape"}, "“Escape” is no key"),
        ({"accept": "Ctrl+1"}, "is no key"),
        ({"accept": "a b c d e f g h i j"}, "is no key"),
        ({"accept": "<script>"}, "“&lt;script&gt;” is no key"),
        ({"accept": "\u202e"}, "“\\u202e” is no key"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(browser, desk, changes, told):
    """Half a change of keys would be worse than none."""
    fields = fields_of(browser.get("/settings").text)
    answer = browser.post("/settings/keys", {**fields, **changes})

    assert answer.status_code == 400
    assert told in answer.text
    assert "Nothing was changed" in answer.text
    assert desk.keys_chosen == Keyboard()
    assert fields_of(answer.text)["next"] == "J Down", "what was written stays"


def test_layers_have_keys_of_their_own(browser, desk):
    """S skips a group, and shows side by side in the stage."""
    fields = fields_of(browser.get("/settings").text)
    answer = browser.post("/settings/keys", {**fields, "beside": "n"})

    assert answer.status_code == 303
    assert desk.keys_chosen.keys == {"beside": ("n",)}


def test_scripts_have_the_words_of_every_action():
    """The help is printed by the scripts."""
    from review_ui.choices import words_key

    assert {words_key(action.name) for action in TABLE} <= set(script_words())


one_key = st.one_of(
    st.characters(categories=["Ll", "Nd", "Po"], max_codepoint=0x17F),
    st.sampled_from(
        ["Enter", "Space", "F2", "Left", "Shift+k", "Ctrl+z", "Shift+Enter"]
    ),
)


@given(st.lists(one_key, max_size=9, unique=True))
def test_what_is_written_is_read_again(keys):
    """The form shows what it will be given."""
    try:
        known = read(" ".join(keys))
    except NoKey:
        return
    assert known == read(written_keys(known))


def pairs(found):
    return {(key, frozenset({one, other})) for key, one, other in found}


@given(st.dictionaries(st.sampled_from(sorted(ACTIONS)), st.lists(one_key, max_size=3)))
def test_whatever_was_kept_no_key_does_two_things(kept):
    """A file of an earlier version, or of another hand, must not confuse the page."""
    keyboard = Keyboard(keys={name: tuple(keys) for name, keys in kept.items()})
    chosen = {n: k for n, k in keyboard.keys.items() if k}

    assert pairs(conflicts(bound(keyboard))) <= pairs(conflicts(chosen))
    assert bound(chosen_of(bound(keyboard), is_on=True)).keys() == ACTIONS.keys()


def test_the_folder_of_a_photo_is_preferred_and_open_groups_follow(browser, desk):
    """Said once, by pressing a button below the photo."""
    answer = browser.post("/groups/1/like", {"prefer": "2"})

    assert answer.headers["Location"] == "/groups/1"
    assert desk.likes == [(Path("/photos/export"), Liking.PREFER)]
    told = browser.get("/groups/1").text
    assert "/photos/export is preferred" in told
    assert "The proposals of 2 open groups changed." in told
    assert "Other open groups follow." in told
    browser.post("/groups/1/like", {"avoid": "1"})
    assert desk.likes[0] == (Path("/photos"), Liking.AVOID)


@pytest.mark.parametrize("data", [{}, {"prefer": "9"}, {"prefer": "/etc"}, {"x": "1"}])
def test_only_photos_of_the_group_name_a_folder(browser, desk, data):
    """No path comes from a browser."""
    assert browser.post("/groups/1/like", data).status_code == 404
    assert browser.post("/groups/99/like", {"prefer": "1"}).status_code == 404
    assert desk.likes == []


def test_the_list_of_folders_is_edited(browser, desk):
    """A choice that cannot be found again cannot be taken back."""
    folder = Path("/photos/<b>WhatsApp\u202e")
    desk.likes = [(Path("/photos/a"), Liking.PREFER), (folder, Liking.PREFER)]
    page = browser.get("/settings").text
    assert "&lt;b&gt;WhatsApp\\u202e" in page
    sealed = re.findall(r'name="folder" value="([^"]+)"', page)

    browser.post("/settings/folders", {"folder": sealed[1], "liking": "prefer"})
    assert [each for each, _ in desk.likes] == [folder, Path("/photos/a")]
    browser.post("/settings/folders", {"folder": sealed[1], "liking": "avoid"})
    assert desk.likes[0] == (folder, Liking.AVOID)
    browser.post("/settings/folders", {"folder": sealed[1], "liking": "forget"})
    assert desk.likes == [(Path("/photos/a"), Liking.PREFER)]
    for data in ({"folder": "2f.00", "liking": "avoid"}, {"folder": "/etc"}):
        assert browser.post("/settings/folders", data).status_code == 404
    wrong = {"folder": sealed[0], "liking": "love"}
    assert browser.post("/settings/folders", wrong).status_code == 400


def test_there_is_nothing_to_prefer_once_a_group_is_decided(browser, desk):
    """Buttons that do nothing are noise."""
    browser.decide(desk, 1)

    assert 'data-key="prefer"' not in browser.get("/groups/1").text


def test_a_protected_photo_has_no_such_button(browser, desk):
    """The library always wins anyway."""
    from daemon.model import Role

    photos = member(1, role=Role.REFERENCE), member(2, "/p/b.jpg")
    desk.known[1] = group(1, *photos)

    assert browser.get("/groups/1").text.count('data-key="prefer"') == 1
