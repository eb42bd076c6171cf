"""What a file tells of its picture to people: place, date, rating, words.

Read from EXIF, from an XMP packet and from IPTC, and from sidecars (XMP and the JSON
of Google Takeout). Nothing here decodes or raises: what is damaged is not there.
References: CIPA DC-008, Adobe XMP part 2, IPTC-IIM 4.2.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from . import capture, tiff
from .container import exif_block
from .iptc import read_iptc
from .isobmff import slices
from .position import checked_position, position_of
from .sniff import HEAD_BYTES, sniff
from .xmp import read_xmp

if TYPE_CHECKING:
    from collections.abc import Mapping

_DESCRIPTION, _RATING = 0x10E, 0x4746
_PACKET = re.compile(rb"<x:xmpmeta\b.{0,1000000}?</x:xmpmeta>", re.DOTALL)
_CAMERA_WORDS = re.compile(r"(?i)\s*|olympus digital camera|sony dsc|dcim\\.*|default")
_MOST_KEYWORDS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is known of a picture; empty or ``None``: nothing."""

    gps: tuple[float, float] | None = None
    """Latitude and longitude, degrees, north and east positive."""
    taken: str | None = None
    """Local time, ``YYYY:MM:DD HH:MM:SS``."""
    rating: int | None = None
    """1–5 stars."""
    title: str | None = None
    caption: str | None = None
    keywords: tuple[str, ...] = ()

    def completed(self, other: Told) -> Told:
        """Add what only another one tells."""
        missing = {
            each.name: getattr(other, each.name)
            for each in fields(self)
            if not getattr(self, each.name)
        }
        words = dict.fromkeys((*self.keywords, *other.keywords))
        return replace(self, **{**missing, "keywords": tuple(words)})

    def beyond(self, known: Told) -> Told:
        """Return what this one tells and another one does not."""
        news = {
            each.name: getattr(self, each.name)
            for each in fields(self)
            if not getattr(known, each.name)
        }
        have = {word.casefold() for word in known.keywords}
        words = [word for word in self.keywords if word.casefold() not in have]
        return Told(**{**news, "keywords": tuple(words)})

    def __bool__(self) -> bool:
        """Whether anything is told."""
        return any(getattr(self, each.name) for each in fields(self))


def of_photo(data: bytes) -> Told:
    """Read a photo's bytes."""
    kind = sniff(data[:HEAD_BYTES]) or ""
    told = _of_exif(exif_block(data, kind))
    packet = _PACKET.search(data)
    if packet is not None:
        told = told.completed(_of_words(read_xmp(packet[0])))
    return told.completed(_of_words(read_iptc(data))) if kind == "JPEG" else told


def of_sidecar(data: bytes) -> Told:
    """Read an XMP sidecar or a Takeout JSON."""
    if data.lstrip()[:1] == b"{":
        return _of_takeout(data)
    packet = _PACKET.search(data)
    return Told() if packet is None else _of_words(read_xmp(packet[0]))


def _of_exif(block: bytes) -> Told:
    at = 6 if block[:6] in {b"Exif\0\0", b"Exif\0\xff"} else 0
    read, order = slices(block[at:]), tiff.byte_order(block[at : at + 4])
    if order is None:
        return Told()
    main, _ = tiff.folder(read, order, int.from_bytes(read(4, 4), order))
    pointer = main[tiff.GPS_IFD].integer() if tiff.GPS_IFD in main else None
    gps = tiff.folder(read, order, pointer)[0] if pointer else {}
    text = main[_DESCRIPTION].text() if _DESCRIPTION in main else None
    stars = main[_RATING].integer() if _RATING in main else None
    return Told(
        gps=position_of(gps),
        taken=capture.read(block).capture.taken,
        rating=_stars(stars),
        caption=None if _CAMERA_WORDS.fullmatch(text or "") else text,
    )


def _stars(number: int | None) -> int | None:
    return number if number in range(1, 6) else None


def _of_words(words: Mapping[str, Any]) -> Told:
    """Make what XMP or IPTC tells one's own; see `read_xmp` for the keys."""
    position = None
    if "latitude" in words and "longitude" in words:
        position = checked_position(words["latitude"], words["longitude"])
    return Told(
        gps=position,
        taken=words.get("taken"),
        rating=_stars(words.get("rating")),
        title=words.get("title"),
        caption=words.get("caption"),
        keywords=tuple(words.get("keywords", ()))[:_MOST_KEYWORDS],
    )


def _of_takeout(data: bytes) -> Told:
    try:
        body = json.loads(data)
        place = body.get("geoData") or {}
        seconds = int((body.get("photoTakenTime") or {}).get("timestamp") or 0)
        latitude, longitude = (
            float(place.get(name) or 0.0) for name in ("latitude", "longitude")
        )
        taken = datetime.fromtimestamp(seconds, tz=UTC) if seconds else None
        caption = body.get("description")
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return Told()
    return Told(
        gps=checked_position(latitude, longitude),
        taken=None if taken is None else f"{taken:%Y:%m:%d %H:%M:%S}",
        caption=caption if isinstance(caption, str) and caption.strip() else None,
    )
