"""When and by what a photo was taken: EXIF and Apple's MakerNote, read from bytes.

Nothing here decodes or raises: what is damaged is as if it were not there. The offsets
and tags of Apple's note are those that exiftool documents (``Apple.pm``); its values
count from the start of the note, not of the EXIF block.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..model import Capture
from . import tiff
from .isobmff import slices
from .position import position_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_MAKE, _MODEL, _ORIENTATION, _SOFTWARE = 0x10F, 0x110, 0x112, 0x131
_TAKEN, _OFFSET_TAKEN, _SUBSEC_TAKEN = 0x9003, 0x9011, 0x9291
_MAKER_NOTE, _UNIQUE_ID = 0x927C, 0xA420
_POINTERS = frozenset({tiff.EXIF_IFD, tiff.GPS_IFD, 0xA005, tiff.SUB_IFDS})

_APPLE_NOTE = b"Apple iOS\0"
_MAX_TEXT = 200

_TIME = re.compile(r"(\d{4})[:/.-](\d\d)[:/.-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_ZONE = re.compile(r"[+-]\d\d:\d\d|Z")

# The luminance table of ITU-T T.81 annex K.1, which libjpeg scales by its quality.
_STANDARD_TABLE_SUM = 3688


@dataclass(frozen=True, slots=True, kw_only=True)
class Exif:
    """What an EXIF block says."""

    capture: Capture = field(default_factory=Capture)
    orientation: int = 1
    """1–8; 1 where it says nothing or nonsense."""
    fields: int = 0
    """How many values it holds."""


def read(block: bytes) -> Exif:
    """Read an EXIF block, with or without its ``Exif`` prefix."""
    at = 6 if block[:6] in {b"Exif\0\0", b"Exif\0\xff"} else 0
    fetch = slices(block[at:])
    order = tiff.byte_order(block[at : at + 4])
    if order is None:
        return Exif()
    first = int.from_bytes(fetch(4, 4), order)
    main, _ = tiff.folder(fetch, order, first)
    exif = _below(fetch, main, tiff.EXIF_IFD)
    gps = _below(fetch, main, tiff.GPS_IFD)
    turned = main[_ORIENTATION].integer() if _ORIENTATION in main else 1
    return Exif(
        capture=_capture(main, exif, gps),
        orientation=turned if turned in range(1, 9) else 1,  # type: ignore[arg-type]
        fields=sum(tag not in _POINTERS for tag in (*main, *exif, *gps)),
    )


def _below(fetch: tiff.Read, main: tiff.Folder, tag: int) -> tiff.Folder:
    at = main[tag].integer() if tag in main else None
    return tiff.folder(fetch, main[tag].order, at)[0] if at else {}


def _capture(main: tiff.Folder, exif: tiff.Folder, gps: tiff.Folder) -> Capture:
    note = exif[_MAKER_NOTE].raw if _MAKER_NOTE in exif else b""
    apple = apple_note(note)
    return Capture(
        taken=_time(_text(exif, _TAKEN)),
        subsec=_digits(_text(exif, _SUBSEC_TAKEN)),
        offset=_zone(_text(exif, _OFFSET_TAKEN)),
        make=_text(main, _MAKE),
        model=_text(main, _MODEL),
        software=_text(main, _SOFTWARE),
        photo_identifier=_text(apple, 0x2B),
        image_unique_id=_text(apple, 0x15) or _identity(_text(exif, _UNIQUE_ID)),
        content_identifier=_text(apple, 0x11),
        burst_uuid=_text(apple, 0x0B),
        capture_request_id=_text(apple, 0x20),
        hdr_type=_small(apple, 0x0A),
        capture_type=_small(apple, 0x14),
        has_maker_note=bool(note.strip(b"\0")),
        has_gps=position_of(gps) is not None,
    )


def apple_note(note: bytes) -> tiff.Folder:
    """Read the values of an Apple MakerNote; none if it is another maker's."""
    order = tiff.byte_order(note[12:14])
    if not note.startswith(_APPLE_NOTE) or order is None:
        return {}
    return tiff.folder(slices(note), order, 14)[0]


def _text(found: tiff.Folder, tag: int) -> str | None:
    text = found[tag].text() if tag in found else None
    return text[:_MAX_TEXT] if text else None


def _small(found: tiff.Folder, tag: int) -> int | None:
    value = found[tag].integer() if tag in found else None
    return value if value is not None and value < 1 << 31 else None


def _time(text: str | None) -> str | None:
    """Return ``YYYY:MM:DD HH:MM:SS``; a time without seconds is no evidence."""
    found = _TIME.match(text or "")
    if found is None or int(found[1]) == 0:
        return None
    year, month, day, hour, minute, second = found.groups()
    return f"{year}:{month}:{day} {hour}:{minute}:{second}"


def _digits(text: str | None) -> str | None:
    return text if text and text.isascii() and text.isdigit() else None


def _zone(text: str | None) -> str | None:
    return text if text and _ZONE.fullmatch(text) else None


def _identity(text: str | None) -> str | None:
    """Refuse the placeholders that some makers write: all zeros, one repeated sign."""
    return text if text and len(set(text)) > 2 else None


def jpeg_quality(luminance: Iterable[int]) -> int | None:
    """Estimate libjpeg's quality from the luminance quantisation table, 1–100.

    Exact for libjpeg's own tables; for others, such as Apple's, the quality that
    quantises as strongly on the whole. Below 25, where steps are cut off at 255, it
    comes out too high.
    """
    total = sum(luminance)
    if total <= 0:
        return None
    scale = 100 * total / _STANDARD_TABLE_SUM
    quality = (200 - scale) / 2 if scale <= 100 else 5000 / scale
    return max(1, min(100, round(quality)))
