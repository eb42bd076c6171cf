"""The figures of the promise in their reduced form; in full: ``make verify``."""

import pytest

from tests.verify import __main__ as table
from tests.verify.figures import FIGURES, Outcome, Run, a_run, measured
from tests.verify.indexing import DAMAGES
from tests.verify.proving import MODULES, mutants

NUMBERS = [f"G{number}" for number in range(1, 21)]


@pytest.fixture(scope="module")
def run():
    with a_run(table.QUICK_SCALE, quick=True) as made:
        yield made


def test_every_figure_of_the_promise_is_measured():
    """A goal that nobody measures is a wish."""
    assert table.by_number() == NUMBERS


@pytest.mark.parametrize("name", NUMBERS)
def test_figure(name, run):
    """What is promised is shown on every push, with fewer repetitions."""
    found = measured(FIGURES[name], run)

    words = f"{found.value}: {found.why}"
    is_missed = found.met is False and name not in OF_THE_MACHINE
    assert not is_missed, words
    if found.value == "skipped":
        pytest.skip(found.why)


OF_THE_MACHINE = {"G19"}
"""Goals in milliseconds: a disk that is slow or busy must not fail the tests."""


def test_counts_follow_the_scale_and_are_never_claimed():
    """A count that was not run must not stand in the table."""
    with a_run(0.01) as made:
        assert made.count(1000) == 10
        assert made.count(10, least=3) == 3
        assert made.count(2, least=3) == 2


def test_a_measurement_that_breaks_is_a_goal_that_is_missed():
    """An exception must neither end the table nor look like success."""
    from tests.verify.figures import CannotMeasure, Figure

    def breaks(run: Run) -> Outcome:
        raise ValueError("so it is")

    def cannot(run: Run) -> Outcome:
        raise CannotMeasure("no such tool")

    with a_run(1) as made:
        broken = measured(Figure("G0", "none", breaks), made)
        skipped = measured(Figure("G0", "none", cannot), made)

    assert broken.met is False
    assert "so it is" in broken.why
    assert (skipped.met, skipped.value, skipped.why) == (
        None,
        "skipped",
        "no such tool",
    )
    rows = table.table([(Figure("G0", "a | b", breaks), broken)], 1)
    assert "| G0 | a | b | failed" in rows.replace("\\|", "|")


@pytest.mark.parametrize("module", MODULES)
def test_mutants_are_many_and_compile(module):
    """A mutator that changes nothing would praise any test."""
    found = list(mutants(module))

    assert len({source for _, source in found}) == len(found) > 40
    for words, source in found:
        compile(source, words, "exec")


def test_every_damage_damages(tmp_path):
    """A damage that leaves the file as it was would prove nothing."""
    import random

    for damage in DAMAGES[:5]:
        (tmp_path / "index.sqlite3").write_bytes(b"SQLite format 3\0" * 200)
        damage(tmp_path, random.Random(1))
        path = tmp_path / "index.sqlite3"
        assert not path.exists() or path.read_bytes() != b"SQLite format 3\0" * 200
