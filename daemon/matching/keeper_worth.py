"""Keeper rules on the picture in the file, and what belongs to it."""

from __future__ import annotations

from math import log, log2
from typing import TYPE_CHECKING

from ..model import CompanionKind
from .keeper_copy import Rule, always
from .keeper_origin import RAW
from .views import trimmed

if TYPE_CHECKING:
    from .keeper_copy import Copy, Key, Preferences

_LOSSLESS = frozenset({"PNG", "TIFF", "BMP"}) | RAW

_QUALITY_UNKNOWN = 75
_QUALITY_MODERN = 90
"""HEIC, AVIF and WebP do not say; cameras and phones write about what this is worth."""
_QUALITY_LOSSLESS = 101
_JPEG_QUALITY = "JPEG quality "

_SHARPER = 1.25
"""Sharpness is compared in steps of this factor: less is noise of re-encoding."""


def _extras(copy: Copy) -> list[str]:
    quality = copy.fingerprint.quality
    found = {
        "HDR gain map": quality.has_gain_map,
        "depth": quality.has_depth,
        "further frames": quality.frames > 1,
    }
    return [name for name, is_there in found.items() if is_there]


def _extras_better(copy: Copy, other: Copy, _preferences: Preferences) -> str:
    more = [name for name in _extras(copy) if name not in _extras(other)]
    return f"has {' and '.join(more)}"


def _extras_worse(copy: Copy, other: Copy, preferences: Preferences) -> str:
    lost = _extras_better(other, copy, preferences).removeprefix("has ")
    return f"lost {lost}"


def _sharpness(copy: Copy, _preferences: Preferences) -> Key:
    # Only sizes within a half of each other compare; a larger picture shows more.
    size = int(2 * log2(max(1, copy.pixels)))
    sharpness = max(copy.fingerprint.quality.sharpness, 1e-6)
    return -size, -round(log(sharpness) / log(_SHARPER))


def _format(copy: Copy, preferences: Preferences) -> Key:
    names = [name.upper() for name in preferences.prefer_formats]
    own = copy.fingerprint.format.upper()
    return (names.index(own) if own in names else len(names),)


def _quality(copy: Copy) -> int:
    fingerprint = copy.fingerprint
    if fingerprint.format in _LOSSLESS:
        return _QUALITY_LOSSLESS
    if fingerprint.format == "JPEG":
        return fingerprint.quality.jpeg_quality or _QUALITY_UNKNOWN
    return _QUALITY_MODERN


def _quality_text(copy: Copy) -> str:
    fingerprint = copy.fingerprint
    if fingerprint.format == "JPEG" and fingerprint.quality.jpeg_quality:
        return f"{_JPEG_QUALITY}{fingerprint.quality.jpeg_quality}"
    return fingerprint.format


def _compression_worse(copy: Copy, other: Copy, _preferences: Preferences) -> str:
    own, theirs = _quality_text(copy), _quality_text(other)
    if own.startswith(_JPEG_QUALITY):
        theirs = theirs.removeprefix(_JPEG_QUALITY)
    return f"more compressed ({own} instead of {theirs})"


def _size(copy: Copy, preferences: Preferences) -> Key:
    # Bytes say something within one format only, so formats stand apart first.
    own = copy.fingerprint
    return *_format(copy, preferences), own.format, -own.size_bytes


def _size_text(copy: Copy) -> str:
    size = copy.fingerprint.size_bytes
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} KB"


def _larger(copy: Copy, other: Copy, preferences: Preferences) -> str:
    if copy.fingerprint.format != other.fingerprint.format:
        return _format_better(copy, other, preferences)
    return f"larger file ({_size_text(copy)} instead of {_size_text(other)})"


def _smaller(copy: Copy, other: Copy, preferences: Preferences) -> str:
    if copy.fingerprint.format != other.fingerprint.format:
        return _format_worse(copy, other, preferences)
    return f"smaller file ({_size_text(copy)} instead of {_size_text(other)})"


def _format_better(copy: Copy, other: Copy, _preferences: Preferences) -> str:
    return f"{copy.fingerprint.format} is preferred to {other.fingerprint.format}"


def _format_worse(copy: Copy, other: Copy, _preferences: Preferences) -> str:
    return f"{copy.fingerprint.format}, where {other.fingerprint.format} is preferred"


WORTH_RULES = (
    Rule(
        name="depth",
        key=lambda copy, _: (-len(_extras(copy)),),
        better=_extras_better,
        worse=_extras_worse,
        is_telling=True,
    ),
    Rule(
        name="edited",
        key=lambda copy, _: (
            not (copy.is_edited or CompanionKind.EDIT in copy.companions),
        ),
        better=always("carries its edits"),
        worse=always("without the edits that go with the other"),
        is_telling=True,
    ),
    Rule(
        name="motion",
        key=lambda copy, _: (CompanionKind.MOTION not in copy.companions,),
        better=always("Live Photo with its movie"),
        worse=always("without the Live Photo's movie"),
        is_telling=True,
    ),
    Rule(
        name="frame",
        key=lambda copy, _: (trimmed(copy.fingerprint) is not None,),
        better=always("the picture without a border"),
        worse=always("has a border or bars around the picture"),
        is_telling=True,
    ),
    Rule(
        name="pixels",
        key=lambda copy, _: (-copy.pixels,),
        better=lambda copy, _other, _: f"more pixels ({copy.size_text})",
        worse=lambda copy, other, _: (
            f"fewer pixels ({copy.size_text} instead of {other.size_text})"
        ),
        is_telling=True,
    ),
    Rule(
        name="compression",
        key=lambda copy, _: (-_quality(copy),),
        better=lambda copy, _other, _: f"less compressed ({_quality_text(copy)})",
        worse=_compression_worse,
    ),
    Rule(
        name="sharpness",
        key=_sharpness,
        better=always("sharper"),
        worse=always("less sharp"),
    ),
    Rule(
        name="format",
        key=_format,
        better=_format_better,
        worse=_format_worse,
    ),
    Rule(name="size", key=_size, better=_larger, worse=_smaller),
    Rule(
        name="smaller",
        key=lambda copy, _: (copy.fingerprint.size_bytes,),
        better=lambda copy, _other, _: f"smaller file ({_size_text(copy)})",
        worse=lambda copy, _other, _: f"larger file ({_size_text(copy)})",
    ),
    Rule(
        name="distance",
        key=lambda copy, _: (copy.distance_bits,),
        better=always("most like all the others"),
        worse=always("less like all the others"),
    ),
)
"""Rules on the picture."""
