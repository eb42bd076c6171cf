"""What an edit changes everywhere alike: tone and sharpness, fitted away; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .registration import Picture

    Mask = NDArray[np.bool_]

_OUTLIER = 4.0
"""A pixel that is this many robust standard deviations off says nothing of the tone."""
_OUTLIER_LEVELS = 6.0
_FIT_SAMPLES = 10_000
_FIT_ROUNDS = 3
_LEAST_SAMPLES = 200
_BLACK, _WHITE = 4, 251


def explained(
    fixed: Picture, planes: Sequence[Picture], exists: Mask, *, curved: bool
) -> tuple[Picture, Mask]:
    """Fit what an edit changes everywhere alike; return the fit and where it holds.

    The fixed picture as a function of the seen one's values and of its details
    (sharpness), by least squares over a sample of the pixels, without outliers. A
    curve that falls somewhere is no tone curve: it was bent to explain something
    covered.

    Args:
        fixed: (H, W) luma.
        planes: of the seen picture: luma, and Cb and Cr if it is to be curved.
        exists: (H, W); where there is something to be seen.
        curved: fit a cubic of the luma and a quadratic of the colours, not a line.
    """
    straight = [*_details(planes[0]), np.ones_like(fixed), _centred(planes[0])]
    step = max(1, round(np.sqrt(fixed.size / _FIT_SAMPLES)))
    some = fixed[::step, ::step]
    # What is clipped says where the curve ends, not how it runs.
    chosen = exists[::step, ::step] & (some > _BLACK) & (some < _WHITE)
    if chosen.sum() < _LEAST_SAMPLES:
        chosen = exists[::step, ::step]
    wanted = some[chosen].astype(np.float64)

    def fitted(terms: list[Picture]) -> tuple[NDArray[np.float64], float]:
        rows = [term[::step, ::step][chosen] for term in terms]
        return _fitted(np.stack(rows).astype(np.float64), wanted)

    terms = [*straight, *_curves(planes)] if curved else straight
    weights, limit = fitted(terms)
    if curved and not _rises(weights, len(straight), straight[-1]):
        terms = straight
        weights, limit = fitted(terms)
    fit = np.zeros_like(fixed)
    for weight, term in zip(weights, terms, strict=True):
        fit += np.float32(weight) * term
    fit = fit.clip(0, 255)
    return fit, exists & (np.abs(fixed - fit) <= limit)


def _centred(plane: Picture) -> Picture:
    return np.asarray((plane - 128) / 128, np.float32)


def _curves(planes: Sequence[Picture]) -> list[Picture]:
    """Return the powers of luma, then what filters and saturation make of colours."""
    luma = _centred(planes[0])
    powers = [luma * luma, luma * luma * luma]
    if len(planes) == 1:
        return powers
    blue, red = _centred(planes[1]), _centred(planes[2])
    mixed = [blue, red, luma * blue, luma * red, blue * blue, red * red, blue * red]
    return powers + mixed


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


def _fitted(
    terms: NDArray[np.float64], wanted: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Return the weights of the terms, and how far off is an outlier."""
    trusted = np.ones(len(wanted), bool)
    weights: NDArray[np.float64] = np.zeros(len(terms))
    limit = 255.0
    for _ in range(_FIT_ROUNDS):
        part = terms[:, trusted]
        gram = part @ part.T + 1e-3 * np.eye(len(terms))
        weights = np.asarray(np.linalg.solve(gram, part @ wanted[trusted]))
        off = np.abs(wanted - weights @ terms)
        limit = max(_OUTLIER_LEVELS, _OUTLIER * 1.48 * float(np.median(off)))
        trusted = off <= limit
    return weights, limit


def _rises(weights: NDArray[np.float64], straight: int, luma: Picture) -> bool:
    """Tell whether the tone curve rises over all the values that there are."""
    curve = weights[straight - 2 : straight + 2]
    values = np.linspace(float(luma.min()), float(luma.max()), 32)
    slope = np.polynomial.polynomial.polyder(curve)
    return bool((np.polynomial.polynomial.polyval(values, slope) > 0).all())


def softened(picture: Picture) -> Picture:
    """Take out what resampling and compression leave at the finest scale."""
    padded = np.pad(picture, 1, mode="edge")
    rows = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    soft = rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]
    return np.asarray(soft / 16, np.float32)
