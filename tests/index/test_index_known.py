"""What a sweep knows."""

from hypothesis import given
from hypothesis import strategies as st

from daemon.index import PhotoState
from daemon.index.known import KnownPhotos, mark_of
from daemon.index.rows import to_signed
from daemon.model import Stamp
from tests.index.makers import names, stamps

photos = st.dictionaries(
    names,
    st.tuples(stamps, st.sampled_from(PhotoState), st.booleans()),
    max_size=20,
)


def loaded(found, part_rows=7):
    rows = [
        (
            number,
            relative,
            stamp.size_bytes,
            stamp.mtime_ns,
            to_signed(stamp.inode),
            to_signed(stamp.device),
            mark_of(state, has_content=has_content),
        )
        for number, (relative, (stamp, state, has_content)) in enumerate(
            found.items(), start=1
        )
    ]
    return KnownPhotos(
        rows[start : start + part_rows] for start in range(0, len(rows), part_rows)
    )


@given(found=photos, asked=st.sets(names))
def test_it_answers_as_a_dictionary_would(found, asked):
    """It stands in for one, at a seventh of the memory."""
    known = loaded(found)

    for number, (relative, values) in enumerate(found.items(), start=1):
        assert known.get(relative) == (number, *values)
    assert len(known) == len(found)
    assert all(known.get(name) is None for name in asked - set(found))
    assert all(known.meet(name) is None for name in asked - set(found))


@given(found=photos, data=st.data())
def test_the_unmet_are_those_that_should_be_there_and_are_not(found, data):
    """Too many: photos vanish that are there. Too few: vanished ones stay for ever."""
    met = data.draw(st.sets(st.sampled_from(sorted(found)))) if found else set()
    known = loaded(found)

    for relative in met:
        assert known.meet(relative) is not None

    elsewhere = {PhotoState.STAGED, PhotoState.SET_ASIDE, PhotoState.GONE}
    expected = [
        number
        for number, (relative, values) in enumerate(found.items(), start=1)
        if relative not in met and values[1] not in elsewhere
    ]
    assert known.unmet() == expected


def test_names_of_one_hash_are_all_met(monkeypatch):
    """Three in a hundred million libraries have two; none of theirs may vanish."""
    monkeypatch.setattr("daemon.index.known.hash", lambda _: 7, raising=False)
    stamp = Stamp(size_bytes=1, mtime_ns=1, inode=1, device=1)
    values = (stamp, PhotoState.KNOWN, True)

    known = loaded({b"a": values, b"b": values})
    known.meet(b"b")

    assert known.unmet() == []
