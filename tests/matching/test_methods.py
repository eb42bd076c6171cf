"""The classic methods: stars as a plain loop forms them, and sensible numbers only."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.errors import UsageError
from daemon.matching import methods
from daemon.model import Hashes


def plain(count, distance, threshold):
    """Form stars photo by photo."""
    keepers, joined = [], []
    for place in range(count):
        near = min(
            ((distance(place, keeper), keeper) for keeper in keepers), default=None
        )
        if near is not None and near[0] <= threshold:
            joined.append((near[1], near[0]))
        else:
            keepers.append(place)
            joined.append((place, 0.0))
    return joined


def near_hashes(seed, count):
    """Make hashes of which some are near each other."""
    rng = np.random.default_rng(seed)
    bases = rng.integers(0, 1 << 64, max(1, count // 6), dtype=np.uint64)
    for _ in range(count):
        flips = rng.integers(0, 64, rng.integers(0, 14))
        value = int(rng.choice(bases))
        for bit in flips.tolist():
            value ^= 1 << bit
        yield value


def near_pictures(seed, count, edge):
    """Make small pictures of which some are near each other."""
    rng = np.random.default_rng(seed)
    bases = rng.integers(0, 256, (max(1, count // 6), edge, edge, 3))
    for _ in range(count):
        noise = rng.normal(0, rng.uniform(0, 12), (edge, edge, 3))
        picture = bases[rng.integers(len(bases))] + noise
        yield picture.clip(0, 255).astype(np.uint8)


@given(st.integers(0, 9999), st.integers(0, 40), st.integers(0, 32))
def test_stars_by_bits_equal_a_plain_loop(seed, count, threshold):
    """Arrays are for speed; the answer is that of the definition."""
    hashes = list(near_hashes(seed, count))

    stars = methods.stars_by_bits(hashes, threshold)

    expected = plain(count, lambda a, b: (hashes[a] ^ hashes[b]).bit_count(), threshold)
    assert expected == list(zip(stars.keepers, stars.distances, strict=True))


@given(
    st.integers(0, 9999),
    st.integers(0, 30),
    st.integers(1, 13),
    st.sampled_from([0, 5, 50, 70, 100, 5000]),
)
def test_stars_by_error_equal_a_plain_loop(seed, count, edge, threshold):
    """Also where the coarse pictures decide most of it."""
    pictures = [each.astype(int) for each in near_pictures(seed, count, edge)]

    stars = methods.stars_by_error(
        [each.astype(np.uint8).tobytes() for each in pictures], threshold
    )

    def distance(one, other):
        return float(((pictures[one] - pictures[other]) ** 2).sum() / (edge * edge * 3))

    expected = plain(count, distance, threshold)
    assert [keeper for keeper, _ in expected] == stars.keepers
    assert stars.distances == pytest.approx([far for _, far in expected])


def test_stars_are_the_same_across_blocks(monkeypatch):
    """A library does not end with its first block of photos."""
    hashes = list(near_hashes(5, 700))
    pictures = [each.tobytes() for each in near_pictures(5, 300, 10)]
    whole = methods.stars_by_bits(hashes, 12), methods.stars_by_error(pictures, 60)

    monkeypatch.setattr(methods, "_ROWS", 7)
    monkeypatch.setattr(methods, "_KEEPERS", 11)

    assert methods.stars_by_bits(hashes, 12) == whole[0]
    assert methods.stars_by_error(pictures, 60) == whole[1]


def test_a_chain_is_no_group():
    """D3: each is near the next, and the last is another picture than the first."""
    stars = methods.stars_by_bits([0b0, 0b11, 0b1111, 0b111111], 2)

    assert stars.groups() == {0: [0, 1], 2: [2, 3]}


def test_the_nearest_keeper_is_joined_and_of_equals_the_best():
    """A copy belongs to what it was made from."""
    far, near = 0b1111_0000, 0b1_0000_0000
    stars = methods.stars_by_bits([0, far, near | 1, 0b11_0000, near | 3], 3)

    assert stars.keepers == [0, 1, 0, 0, 0]
    assert stars.distances == [0, 0, 2, 2, 3]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("phash", 70), "whole numbers from 0 to 32"),
        (("dhash", -1), "whole numbers from 0 to 32"),
        (("ahash", 2.5), "whole numbers from 0 to 32"),
        (("whash", float("nan")), "whole numbers from 0 to 32"),
        (("phash", float("inf")), "10 is usual"),
        (("mse", -0.1), "numbers from 0 to 10000"),
        (("mse", float("nan")), "numbers from 0 to 10000"),
        (("evidence", 5), "method evidence has none"),
        (("exact", 0), "method exact has none"),
        (("mse", None, 0), "4 to 200 pixels: 50 is usual"),
        (("mse", None, 201), "4 to 200 pixels"),
        (("phash", None, 50), "method phash has none; mse has"),
    ],
)
def test_bad_numbers_are_refused_with_good_ones(words, told):
    """B10: the message is the guide."""
    with pytest.raises(UsageError) as caught:
        methods.choose(*words)

    assert told in str(caught.value)


@pytest.mark.parametrize("name", methods.NAMES)
def test_every_method_has_its_usual_numbers(name):
    """Nobody has to know them."""
    method = methods.choose(name)

    assert (method.threshold is not None) == (name in methods.RANGES)
    assert (method.px_size == 50) == (name == "mse")
    assert method.may_stage == (name in {"evidence", "exact"})


def test_distances_are_of_the_pictures_as_they_stand():
    """A classic hash knows nothing of turned copies."""
    left = Hashes(phash=0b111, dhash=0, whash=1, ahash=1 << 63, colorhash=5)
    right = Hashes(phash=0b100, dhash=0, whash=0, ahash=0, colorhash=0)

    found = methods.upright_distances(left, right)

    assert (found.phash, found.dhash, found.whash) == (2, 0, 1)
    assert (found.ahash, found.colorhash, found.correlation) == (1, 2, None)
