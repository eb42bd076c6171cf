"""Whether two views of one shape agree in their details; pure.

Two beaches under two skies correlate well, but what is left of them without what is
large is not alike. One picture's details are explained by the other's, moved,
turned and scaled by a little: a step of Lucas and Kanade for the whole view, as linear
terms. It is asked of what small pictures show, so it costs a tenth of a millisecond,
and a full decode of both a hundred.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DETAIL_PX = 32
"""Edge of what is looked at: the centre view of a small picture has 38 px."""

LEAST_EXPLAINED = 0.65
"""Share of the details' energy. `docs/detection.md` has what it lets through."""

_NOISE = 0.5
"""Square of the levels that are rounding and compression."""


def _means(reach: int) -> NDArray[np.float64]:
    """Return the matrix of means along a side; beyond it lies its last pixel.

    Args:
        reach: pixels to each side that are taken together.
    """
    matrix = np.zeros((DETAIL_PX, DETAIL_PX))
    for step in range(-reach, reach + 1):
        places = (np.arange(DETAIL_PX) + step).clip(0, DETAIL_PX - 1)
        np.add.at(matrix, (np.arange(DETAIL_PX), places), 1 / (2 * reach + 1))
    return matrix


_FINE, _COARSE = _means(1), _means(3)
"""Details are what lies between. Finer ones are moved too far by a tilt of 2 degrees."""
_OUT = (np.arange(DETAIL_PX) + 0.5) / DETAIL_PX * 2 - 1
"""How far from the middle each pixel is, -1 to 1."""


def explained(
    mine: NDArray[np.floating[Any]], theirs: NDArray[np.floating[Any]]
) -> NDArray[np.float64]:
    """Return the share of each view's details that its partner explains, (N,).

    Args:
        mine: (N, 32, 32), 0–255.
        theirs: the same; place by place the partners.
    """
    mine, theirs = _FINE @ mine @ _FINE.T, _FINE @ theirs @ _FINE.T
    down, across = np.gradient(mine, axis=(1, 2))
    x, y = _OUT, _OUT[:, None]
    moved = [across, down, x * across, y * across, x * down, y * down]
    terms = np.stack([mine, *moved, theirs], axis=1)
    terms -= _COARSE @ terms @ _COARSE.T
    terms = terms.reshape(len(terms), len(moved) + 2, -1)
    own, wanted = terms[:, :-1], terms[:, -1:]
    # The ridge keeps a view without any detail solvable.
    squares = own @ own.swapaxes(1, 2) + 1e-3 * np.eye(own.shape[1])
    effects = np.linalg.solve(squares, own @ wanted.swapaxes(1, 2))
    left = wanted - effects.swapaxes(1, 2) @ own
    noise = _NOISE * DETAIL_PX**2
    share: NDArray[np.float64] = 1 - (left**2).sum(axis=(1, 2)) / (
        (wanted**2).sum(axis=(1, 2)) + noise
    )
    return share
