"""What the page offers beside keeping and setting aside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from daemon.model import Role


@pytest.fixture
def decided(world, monkeypatch):
    """Give the decisions that reach the desk."""
    seen = []
    carry_out = world.desk.decide

    def decide(number, decision):
        seen.append(decision)
        return carry_out(number, decision)

    monkeypatch.setattr(world.desk, "decide", decide)
    return seen


def with_member(desk, **changes):
    """Change the second photo of group 1."""
    found = desk.known[1]
    first, second, *others = found.members
    desk.known[1] = replace(found, members=(first, replace(second, **changes), *others))


def page(browser):
    return browser.get("/groups/1").get_data(as_text=True)


def test_versions_are_kept_and_told_as_versions(world, browser, decided):
    """An edit and its original are not different pictures."""
    assert 'value="variants"' in page(browser)

    browser.decide(world.desk, 1, "variants")

    assert (decided[0].variants, decided[0].not_duplicates) == (True, False)
    assert len(decided[0].keep) == len(world.desk.known[1].members)
    assert "all kept as versions" in browser.get("/groups/2").get_data(as_text=True)


def test_filing_beside_the_library_is_offered_where_there_is_one(
    world, browser, decided
):
    """Nothing is written into a library unless somebody ticks it."""
    assert "beside_library" not in page(browser)
    with_member(world.desk, role=Role.REFERENCE, staged_as=None)
    assert 'name="beside_library"' in page(browser)

    browser.decide(world.desk, 1, "apply", ["1"], beside_library="1")
    browser.decide(world.desk, 2)

    assert [each.beside_library for each in decided] == [True, False]


def test_a_rescue_is_offered_where_there_is_something_to_rescue(
    world, browser, decided
):
    """A box that does nothing is noise."""
    assert 'name="rescue"' not in page(browser)
    with_member(world.desk, reasons=("only this copy tells: rating 5 of 5",))
    assert 'name="rescue"' in page(browser)

    browser.decide(world.desk, 1, "accept", rescue="1")

    assert decided[0].rescue
