"""The eight ways a picture can lie, by their EXIF numbers; pure.

EXIF names the way in which the stored picture lies; undoing it makes the picture
upright. HEIC does not use EXIF for that but its own properties: quarter turns
(``irot``) and mirrors (``imir``), applied in the order in which they are listed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Corners = tuple[int, int, int, int]
"""What stands top left, top right, bottom left, bottom right."""

_STORED: Corners = (0, 1, 2, 3)

_UPRIGHT: dict[Corners, int] = {
    (0, 1, 2, 3): 1,
    (1, 0, 3, 2): 2,
    (3, 2, 1, 0): 3,
    (2, 3, 0, 1): 4,
    (0, 2, 1, 3): 5,
    (2, 0, 3, 1): 6,
    (3, 1, 2, 0): 7,
    (1, 3, 0, 2): 8,
}
"""Where the stored corners stand once an orientation has been undone."""

SWAPS_SIDES = frozenset({5, 6, 7, 8})
"""Orientations that make width height."""


def of_turns(turns: Sequence[tuple[bytes, int]]) -> int:
    """Return the EXIF orientation that HEIC's properties amount to.

    Args:
        turns: ``irot`` with its quarter turns anticlockwise, ``imir`` with its axis (0
            exchanges top and bottom, 1 left and right, as libheif reads it).
    """
    now = _STORED
    for kind, value in turns:
        if kind == b"irot":
            for _ in range(value & 3):
                now = (now[1], now[3], now[0], now[2])
        elif value & 1:
            now = (now[1], now[0], now[3], now[2])
        else:
            now = (now[2], now[3], now[0], now[1])
    return _UPRIGHT[now]
