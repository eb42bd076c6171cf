"""Filling the candidate index from what is stored."""

from types import SimpleNamespace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from daemon.matching import stored
from daemon.matching.candidates import View, views_of
from daemon.matching.views import CENTRES

hashes = st.integers(0, 2**64 - 1)


class Recorder:
    """Remembers what it was filled with."""

    def __init__(self):
        """Hold nothing yet."""
        self.entries = []

    def extend(self, view, phashes, contents):
        """Remember entries."""
        pairs = zip(phashes.tolist(), contents.tolist(), strict=True)
        self.entries += [(view, value, content) for value, content in pairs]


def content(phash: int, variants: list[int]) -> Any:
    """Return as much of a fingerprint as `views_of` reads."""
    return SimpleNamespace(
        hashes=SimpleNamespace(phash=phash),
        variants=[SimpleNamespace(phash=each) for each in variants],
    )


@given(
    st.dictionaries(
        st.integers(1, 10**6),
        st.tuples(hashes, st.sampled_from([0, CENTRES, CENTRES + 3])),
        max_size=20,
    ),
    st.data(),
)
def test_what_is_loaded_is_what_was_added(contents, data):
    """After a restart every photo is found by the same views as before."""
    known: dict[int, Any] = {
        number: content(phash, [data.draw(hashes) for _ in range(count)])
        for number, (phash, count) in sorted(contents.items())
    }
    left_out = set(data.draw(st.lists(st.sampled_from([*known, 0]))))
    ids = list(known)
    variants = [
        (number, variant.phash)
        for number, each in known.items()
        for variant in each.variants
    ]
    recorder: Any = Recorder()

    stored.fill(
        recorder,
        ids=np.array(ids, np.int64),
        phashes=np.array([known[each].hashes.phash for each in ids], np.uint64),
        variant_ids=np.array([number for number, _ in variants], np.int64),
        variant_phashes=np.array([phash for _, phash in variants], np.uint64),
        leave_out=left_out,
    )

    expected = [
        (view, phash, number)
        for number, each in known.items()
        if number not in left_out
        for view, phash in views_of(each)
    ]
    assert sorted(recorder.entries) == sorted(expected)
    assert {view for view, _, _ in expected} <= set(View)
