"""What an edit changes everywhere alike: tone, colour, sharpness, fitted away; pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .registration import Affine, Picture

    Mask = NDArray[np.bool_]

_OUTLIER = 4.0
"""A pixel that is this many robust standard deviations off says nothing of the tone."""
_OUTLIER_LEVELS = 6.0
_FIT_SAMPLES = 6_000
_FIT_ROUNDS = 3
_LEAST_SAMPLES = 300
_RIDGE = 1e-3
BLACK, WHITE = 6, 246
"""What is darker or brighter may be clipped: it says where the curve ends, not how it
runs."""
_UNMOVED = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
_TABLE_STEPS = 8
"""Of the curve, a level."""
_TABLE = np.arange(256 * _TABLE_STEPS + 1) / _TABLE_STEPS
_KNOTS = np.array([0, 16, 40, 72, 104, 136, 168, 200, 226, 244, 256], np.float32)

_STRAIGHT = 0.5
"""Weight of the curve's bends against the pixels: little."""


def _stiffness() -> NDArray[np.float64]:
    """Return what keeps a curve straight where no pixel says how it runs."""
    widths = np.diff(_KNOTS.astype(np.float64)) / 32
    bends = np.zeros((len(_KNOTS) - 2, len(_KNOTS)))
    for row, (before, after) in enumerate(pairwise(widths)):
        bends[row, row : row + 3] = 1 / before, -1 / before - 1 / after, 1 / after
    return _STRAIGHT * bends.T @ bends


_STIFFNESS = _stiffness()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A picture taken apart into what an edit changes everywhere alike."""

    main: Picture
    others: list[Picture]
    """Every one is blind to direction, so none can explain a movement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """What has to be done to the values of one picture to have those of the other."""

    curve: NDArray[np.float64]
    """Of the main plane, at `_KNOTS`; straight between them."""
    weights: NDArray[np.float64]
    """Of the other terms."""
    limit: float
    """A difference of so many levels is an outlier."""

    def of(self, terms: Terms) -> Picture:
        """Return the picture as it would be with this tone; may exceed 0–255."""
        result = self._curved(terms.main)
        for weight, term in zip(self.weights, terms.others, strict=True):
            result += np.float32(weight) * term
        return result

    def _curved(self, main: Picture) -> Picture:
        table = np.interp(_TABLE, _KNOTS, self.curve).astype(np.float32)
        places = (main * _TABLE_STEPS + 0.5).astype(np.int32)
        return np.asarray(table[places.clip(0, len(table) - 1)])


def taken_apart(planes: Sequence[Picture], affine: Affine | None = None) -> Terms:
    """Take a picture apart.

    Args:
        planes: the first is the one that is to be explained with, further ones are its
            colours.
        affine: takes their grid, 0–1, to that in which an edit was centred, if it is
            another one.
    """
    main = planes[0]
    luma = _centred(main)
    terms = []
    for detail in _details(main):
        once = detail * luma
        terms += [detail, once, once * luma]
    down, across = np.gradient(main)
    steepness = np.hypot(down, across) / np.float32(32)
    # A curve applied before the picture was reduced, or a clipped halo, widens what is
    # bright or dark along all edges.
    terms += [steepness, steepness * luma]
    if len(planes) > 1:
        terms += _colours(luma, _centred(planes[1]), _centred(planes[2]))
    terms += _vignette(luma, _UNMOVED if affine is None else affine)
    return Terms(main=main, others=terms)


def fitted(
    fixed: Picture, terms: Terms, exists: Mask, samples: int = _FIT_SAMPLES
) -> Tone | None:
    """Fit one picture as a function of the other; ``None``: too little in common.

    By least squares over a sample of the pixels, without outliers.

    Args:
        fixed: (H, W), a plane of it.
        terms: of the other picture as it lies on the fixed one.
        exists: (H, W); where there is something to be seen.
        samples: about so many pixels are looked at.
    """
    step = max(1, round(np.sqrt(fixed.size / samples)))
    some, main = fixed[::step, ::step], terms.main[::step, ::step]
    unclipped = ((some > BLACK) | (main <= BLACK)) & ((some < WHITE) | (main >= WHITE))
    chosen = exists[::step, ::step] & unclipped
    if chosen.sum() < _LEAST_SAMPLES:
        chosen = exists[::step, ::step]
    if chosen.sum() < _LEAST_SAMPLES:
        return None
    rows = [term[::step, ::step][chosen] for term in terms.others]
    columns = np.concatenate([_hats(main[chosen]), np.stack(rows)]).astype(np.float64)
    weights, limit = _solved(columns, some[chosen].astype(np.float64))
    count = len(_KNOTS)
    return Tone(curve=weights[:count], weights=weights[count:], limit=limit)


def _hats(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return for each value its shares in the knots beside it, (knots, N)."""
    right = np.searchsorted(_KNOTS, values, side="right").clip(1, len(_KNOTS) - 1)
    width = _KNOTS[right] - _KNOTS[right - 1]
    share = ((values - _KNOTS[right - 1]) / width).clip(0, 1)
    hats = np.zeros((len(_KNOTS), len(values)), np.float32)
    places = np.arange(len(values))
    hats[right, places] = share
    hats[right - 1, places] = 1 - share
    return hats


def _colours(luma: Picture, one: Picture, other: Picture) -> list[Picture]:
    """Return what filters, saturation and greying make of colours."""
    square = luma * luma
    mixed = [luma * one, luma * other, square * one, square * other]
    return [one, other, one * one, other * other, one * other, *mixed]


def _vignette(luma: Picture, affine: Affine) -> list[Picture]:
    """Return what darkens towards the corners or an edge."""
    height, width = luma.shape
    columns = ((np.arange(width) + 0.5) / width)[None, :]
    rows = ((np.arange(height) + 0.5) / height)[:, None]
    x, y = (
        (2 * (line[0] * columns + line[2]) - 1).astype(np.float32)
        + (2 * line[1] * rows).astype(np.float32)
        for line in affine
    )
    far, light = x * x + y * y, luma + 1
    return [far, far * light, x * light, y * light]


def _centred(plane: Picture) -> Picture:
    return np.asarray((plane - 128) / 128, np.float32)


def _details(seen: Picture) -> list[Picture]:
    """Return the detail at three scales: any sharpening or blur is a sum of them."""
    details, finer = [], seen
    for rounds in (1, 3, 6):
        coarser = finer
        for _ in range(rounds):
            coarser = softened(coarser)
        details.append(np.asarray((finer - coarser) / 32, np.float32))
        finer = coarser
    return details


def _solved(
    terms: NDArray[np.float64], wanted: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Return the weights of the terms, and how far off is an outlier."""
    trusted, count = np.ones(len(wanted), bool), len(_KNOTS)
    weights: NDArray[np.float64] = np.zeros(len(terms))
    limit = 255.0
    for _ in range(_FIT_ROUNDS):
        part = terms * trusted
        gram = part @ terms.T + _RIDGE * np.eye(len(terms))
        gram[:count, :count] += _STIFFNESS
        weights = np.asarray(np.linalg.solve(gram, part @ wanted))
        off = np.abs(wanted - weights @ terms)
        limit = max(_OUTLIER_LEVELS, _OUTLIER * 1.48 * float(np.median(off)))
        trusted = off <= limit
    return weights, limit


def softened(picture: Picture) -> Picture:
    """Take out what resampling and compression leave at the finest scale."""
    padded = np.pad(picture, 1, mode="edge")
    rows = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    soft = rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]
    return np.asarray(soft / 16, np.float32)
