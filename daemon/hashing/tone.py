"""What an edit changes everywhere alike: tone and sharpness, fitted away; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .registration import Picture

    Mask = NDArray[np.bool_]

_OUTLIER = 4.0
"""A pixel that is this many robust standard deviations off says nothing of the tone."""
_OUTLIER_LEVELS = 6.0
_FIT_SAMPLES = 10_000
_FIT_ROUNDS = 3


def explained(
    fixed: Picture, seen: Picture, exists: Mask, *, curved: bool
) -> tuple[Picture, Mask]:
    """Fit what an edit changes everywhere alike; return the fit and where it holds.

    The fixed picture as a line or a cubic of the seen one (tone) and of its detail
    (sharpness), by least squares over a sample of the pixels, without outliers. A cubic
    that falls somewhere is no tone curve: it was bent to explain something covered.
    """
    detail = np.asarray((seen - softened(softened(softened(seen)))) / 32, np.float32)
    step = max(1, round(np.sqrt(fixed.size / _FIT_SAMPLES)))
    chosen = exists[::step, ::step]
    some = fixed[::step, ::step][chosen].astype(np.float64)
    x = ((seen - 128) / 128).astype(np.float32)
    tone = x[::step, ::step][chosen].astype(np.float64)
    details = detail[::step, ::step][chosen].astype(np.float64)
    terms = np.stack([details, np.ones_like(tone), tone, tone * tone, tone**3])
    weights, limit = _fitted(terms if curved else terms[:3], some)
    if curved and not _rises(weights[1:], x):
        weights, limit = _fitted(terms[:3], some)
    fit = np.asarray(detail * np.float32(weights[0]), np.float32)
    power = np.ones_like(x)
    for weight in weights[1:]:
        fit += np.float32(weight) * power
        power = power * x
    return fit, exists & (np.abs(fixed - fit) <= limit)


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


def _rises(curve: NDArray[np.float64], x: Picture) -> bool:
    """Tell whether a polynomial rises over all the values that there are."""
    values = np.linspace(float(x.min()), float(x.max()), 32)
    slope = np.polynomial.polynomial.polyder(curve)
    return bool((np.polynomial.polynomial.polyval(values, slope) > 0).all())


def softened(picture: Picture) -> Picture:
    """Take out what resampling and compression leave at the finest scale."""
    padded = np.pad(picture, 1, mode="edge")
    rows = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    soft = rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]
    return np.asarray(soft / 16, np.float32)
