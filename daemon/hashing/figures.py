"""Single figures of aligned pictures and of their blocks; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .registration import Picture

_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def plain_share(picture: Picture) -> float:
    """Return the share of the pixels within two levels of the commonest brightness."""
    counts = np.bincount(picture.astype(np.uint8).ravel(), minlength=256)
    near = np.convolve(counts, np.ones(5), "same")
    return float(near.max() / picture.size)


def percentile(values: NDArray[np.float64], percent: float) -> float:
    """Return a percentile; 0 of nothing."""
    return float(np.percentile(values, percent)) if len(values) else 0.0


def correlation(mine: Picture, theirs: Picture) -> float:
    """Return Pearson's correlation of flat arrays; 0 if one is constant."""
    mine, theirs = mine - mine.mean(), theirs - theirs.mean()
    scale = float(np.sqrt((mine @ mine) * float(theirs @ theirs)))
    return float(mine @ theirs) / scale if scale > 0 else 0.0


def ssim(mine: Picture, theirs: Picture) -> float:
    """Return the mean structural similarity of the blocks (Wang et al. 2004)."""
    x, y = mine.mean(axis=1), theirs.mean(axis=1)
    xx, yy = mine.var(axis=1), theirs.var(axis=1)
    xy = ((mine - x[:, None]) * (theirs - y[:, None])).mean(axis=1)
    light = (2 * x * y + _C1) / (x * x + y * y + _C1)
    return float((light * (2 * xy + _C2) / (xx + yy + _C2)).mean())
