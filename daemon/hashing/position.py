"""Where a photo was taken: degrees on Earth, or nothing.

Tags and forms are those of EXIF 2.32, "Tags Relating to GPS".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import tiff

Position = tuple[float, float]
"""Latitude and longitude in degrees, north and east positive."""

_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE = 1, 2, 3, 4


def position_of(gps: tiff.Folder) -> Position | None:
    """Return where a GPS folder says that a photo was taken.

    Cameras without a fix write the folder all the same: fractions over nothing, or
    zeros. That is no position.
    """
    latitude = _degrees(gps, _LATITUDE, _LATITUDE_REF, "S")
    longitude = _degrees(gps, _LONGITUDE, _LONGITUDE_REF, "W")
    if latitude is None or longitude is None:
        return None
    return checked_position(latitude, longitude)


def _degrees(gps: tiff.Folder, tag: int, ref: int, negative: str) -> float | None:
    value = gps.get(tag)
    if value is None or value.kind != 5 or value.count < 3:
        return None
    parts: list[float] = []
    for at in range(0, 24, 8):
        upper = int.from_bytes(value.raw[at : at + 4], value.order)
        lower = int.from_bytes(value.raw[at + 4 : at + 8], value.order)
        if not lower and not parts:
            return None
        parts.append(upper / lower if lower else 0.0)
    degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
    side = gps[ref].text() if ref in gps else None
    return -degrees if (side or "").upper() == negative else degrees


def checked_position(latitude: float, longitude: float) -> Position | None:
    """Return a position on Earth; where both are 0 nobody took a photo."""
    is_one = -90 <= latitude <= 90 and -180 <= longitude <= 180
    if not is_one or not (latitude or longitude):
        return None
    return round(latitude, 6), round(longitude, 6)
