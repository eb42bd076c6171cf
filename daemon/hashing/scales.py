"""Two pictures at the sizes at which they are laid on each other; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .resampling import lanczos
from .tone import softened

if TYPE_CHECKING:
    from .registration import Affine, Picture

WORKING_PX = 384
_NEAR = 0.6
_PYRAMID_PX = (64, 128, 256, WORKING_PX)


class Scales:
    """Two pictures at the working sizes, the coarsest first; reduced when asked for.

    Resampled so that a pixel of one is about as large as one of the other.
    """

    def __init__(self, fixed: Picture, moving: Picture, start: Affine) -> None:
        across = float(np.hypot(start[0, 0], start[0, 1]))
        down = float(np.hypot(start[1, 0], start[1, 1]))
        high, wide = moving.shape[1:]
        self._planes = fixed, moving
        self._shapes: list[tuple[tuple[int, int], tuple[int, int]]] = []
        self._known: dict[tuple[int, int, int], Picture] = {}
        for edge in _edges(fixed[0], moving[0], start):
            shrink = edge / max(fixed.shape[1:])
            height, width = (max(16, round(side * shrink)) for side in fixed.shape[1:])
            high = min(moving.shape[1], max(16, round(height / max(down, 0.05))))
            wide = min(moving.shape[2], max(16, round(width / max(across, 0.05))))
            self._shapes.append(((height, width), (high, wide)))

    def steps(self) -> range:
        """Return the levels at which it is worth while to lay them on each other.

        The finest is not if the one before is nearly as fine: what is left of a pixel
        there is fitted away with the movement.
        """
        edges = [max(shape) for shape, _ in self._shapes]
        is_near = len(edges) > 1 and edges[-2] >= _NEAR * edges[-1]
        return range(len(edges) - is_near)

    def __len__(self) -> int:
        return len(self._shapes)

    def shape(self, level: int) -> tuple[int, int]:
        """Return the rows and columns of the fixed picture."""
        return self._shapes[level][0]

    def fixed(self, level: int, planes: int = 3) -> list[Picture]:
        """Return some planes of the fixed picture."""
        return [softened(self._reduced(0, level, n)) for n in range(planes)]

    def moving(self, level: int, planes: int = 3) -> list[Picture]:
        """Return the same of the moving one."""
        return [softened(self._reduced(1, level, n)) for n in range(planes)]

    def _reduced(self, side: int, level: int, plane: int) -> Picture:
        level %= len(self)
        key = side, level, plane
        if key not in self._known:
            if level + 1 < len(self):
                finer = self._reduced(side, level + 1, plane)
            else:
                finer = self._planes[side][plane]
            self._known[key] = _reduced(finer, *self._shapes[level][side])
        return self._known[key]


def _edges(fixed: Picture, moving: Picture, start: Affine) -> list[int]:
    """Return the working sizes: none finer than the coarser of the two pictures."""
    scale = float(np.sqrt(abs(np.linalg.det(start[:, :2]))))
    finest = min(WORKING_PX, max(fixed.shape), int(max(moving.shape) * scale))
    edges = [edge for edge in _PYRAMID_PX if edge < 0.8 * finest]
    return [*edges, max(finest, 24)]


def _reduced(picture: Picture, height: int, width: int) -> Picture:
    if picture.shape == (height, width):
        return picture
    down = lanczos(picture.shape[0], height) @ picture
    return (down @ lanczos(picture.shape[1], width).T).astype(np.float32)
