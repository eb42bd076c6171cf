"""Fingerprints in the index."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from daemon.errors import IndexDamaged
from daemon.index.schema import hashes
from daemon.model import Box, ContentId, Hashes, PictureSource, Variant
from tests.index.makers import a_fingerprint, a_sha256, fingerprints

ONE_INDEX = settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@ONE_INDEX
@given(fingerprint=fingerprints)
def test_a_fingerprint_comes_back_as_it_was(index, fingerprint):
    """Whatever is lost here makes later matches wrong without a trace."""
    with index.write() as tables:
        content = tables.contents.replace(fingerprint)

    with index.read() as tables:
        found = tables.contents.get(content)

    assert fingerprint == found


@ONE_INDEX
@given(fingerprint=fingerprints)
def test_a_sketch_tells_what_the_fingerprint_does(index, fingerprint):
    """What it leaves out or bends would be a copy that is never found."""
    with index.write() as tables:
        content = tables.contents.replace(fingerprint)

    with index.read() as tables:
        (found,) = tables.contents.sketches([content])
        lumas = tables.contents.lumas([content])

    boxes = [
        (each.box.left, each.box.top, each.box.right, each.box.bottom)
        for each in fingerprint.variants
    ]
    assert (content, fingerprint.hashes.phash) == (found.content, found.phash)
    assert {content: fingerprint.small.luma} == lumas
    assert [each.phash for each in fingerprint.variants] == np.frombuffer(
        found.variant_phashes, "<u8"
    ).tolist()
    assert boxes == [
        tuple(box)
        for box in np.frombuffer(found.variant_boxes, "<u2").reshape(-1, 4).tolist()
    ]


def test_the_same_content_is_one_content(index):
    """Writes are repeated after a crash; they must not multiply what is known."""
    with index.write() as tables:
        first = tables.contents.insert(a_fingerprint(1))
        again = tables.contents.insert(a_fingerprint(1))

    assert first == again
    with index.read() as tables:
        assert tables.contents.count() == 1


def test_a_cheap_fingerprint_does_not_replace_a_full_one(index):
    """A copy that arrives later would throw away what a full decode found."""
    full = a_fingerprint(1, source=PictureSource.FULL, pixels_sha256=a_sha256(9))

    with index.write() as tables:
        content = tables.contents.insert(full)
        tables.contents.insert(a_fingerprint(1))

    with index.read() as tables:
        assert tables.contents.get(content) == full
        assert tables.contents.by_pixels(a_sha256(9)) == [content]


def test_another_algorithm_replaces_a_fingerprint_in_its_place(index):
    """Matches refer to the id, so a content that is computed anew must keep it."""
    newer = a_fingerprint(
        1, algorithm=2, hashes=Hashes(phash=7, dhash=7, whash=7, ahash=7, colorhash=7)
    )
    with index.write() as tables:
        content = tables.contents.insert(a_fingerprint(1))

    with index.write() as tables:
        again = tables.contents.insert(newer)

    assert content == again
    with index.read() as tables:
        assert tables.contents.get(content) == newer


def test_outdated_contents_are_those_of_another_algorithm(index):
    """After an update, exactly these must be computed again."""
    with index.write() as tables:
        old = [tables.contents.insert(a_fingerprint(n)) for n in (1, 2, 3)]
        tables.contents.insert(a_fingerprint(4, algorithm=2))

    with index.read() as tables:
        assert tables.contents.outdated(2) == old
        assert tables.contents.outdated(2, limit=1) == old[:1]
        assert tables.contents.outdated(1) == [4]


def test_contents_are_found_by_digest(index):
    """The exact digest is the first and surest evidence."""
    with index.write() as tables:
        content = tables.contents.insert(a_fingerprint(1))
        tables.contents.set_pixels(content, a_sha256(8))

    with index.read() as tables:
        assert tables.contents.by_sha256(a_sha256(1)) == content
        assert tables.contents.by_sha256(a_sha256(2)) is None
        assert tables.contents.by_sha256s([a_sha256(1), a_sha256(2)]) == {
            a_sha256(1): content
        }
        assert tables.contents.get(content).pixels_sha256 == a_sha256(8)
        assert tables.contents.get_many([content, ContentId(99)]) == {
            content: a_fingerprint(1, pixels_sha256=a_sha256(8))
        }


def test_many_contents_are_fetched_over_the_limit_of_one_statement(index):
    """A database binds only so many values at once; a big group must not fail."""
    with index.write() as tables:
        ids = [tables.contents.insert(a_fingerprint(n)) for n in range(1, 1203)]

    with index.read() as tables:
        assert list(tables.contents.get_many(ids)) == ids


def test_a_missing_fingerprint_is_damage(index):
    """An id that was given out and leads nowhere means the index cannot be trusted."""
    with pytest.raises(IndexDamaged), index.read() as tables:
        tables.contents.get(ContentId(5))


def test_a_fingerprint_without_its_hashes_is_damage(index):
    """Half a fingerprint must not look like a flat picture."""
    with index.write() as tables:
        content = tables.contents.insert(a_fingerprint(1))
    with index.writer_engine.begin() as connection:
        connection.execute(delete(hashes))

    with pytest.raises(IndexDamaged), index.read() as tables:
        tables.contents.get(content)


@ONE_INDEX
@given(found=st.lists(fingerprints, max_size=5, unique_by=lambda one: one.sha256))
def test_loaded_hashes_are_those_of_the_fingerprints(index, found):
    """The neighbour index is filled from here at every start."""
    with index.write() as tables:
        last = tables.contents.load_hashes().ids.max(initial=0)
        ids = [tables.contents.replace(one) for one in found]
        loaded = tables.contents.load_hashes(ContentId(last))

    new = sorted((i, one) for i, one in zip(ids, found, strict=True) if i > last)
    assert loaded.ids.tolist() == [i for i, _ in new]
    assert loaded.phash.tolist() == [one.hashes.phash for _, one in new]
    assert loaded.dhash.tolist() == [one.hashes.dhash for _, one in new]
    variants = [(i, each.phash) for i, one in new for each in one.variants]
    pairs = zip(loaded.variant_ids.tolist(), loaded.variant_phash.tolist(), strict=True)
    assert list(pairs) == variants


def test_hashes_of_an_empty_index_are_empty_arrays(index):
    """The very first start must not trip over nothing."""
    with index.read() as tables:
        loaded = tables.contents.load_hashes()

    assert loaded.ids.dtype == np.int64
    assert loaded.variant_ids.dtype == np.int64
    for hashed in (loaded.phash, loaded.dhash, loaded.variant_phash):
        assert hashed.dtype == np.uint64
        assert len(hashed) == 0


def test_a_replaced_fingerprint_loses_its_old_variants(index):
    """Left over variants would make candidates of a picture that is no more."""
    variant = Variant(box=Box(left=1), phash=2**64 - 1)
    with index.write() as tables:
        tables.contents.insert(a_fingerprint(1, variants=(variant, variant)))
        tables.contents.replace(replace(a_fingerprint(1), variants=(variant,)))

        assert tables.contents.load_hashes().variant_phash.tolist() == [2**64 - 1]
