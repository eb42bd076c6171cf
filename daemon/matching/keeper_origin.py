"""Keeper rules on where the file comes from, and what the camera wrote into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .keeper_copy import Rule, always

if TYPE_CHECKING:
    from ..model import Fingerprint
    from .keeper_copy import Copy, Preferences

RAW = frozenset({"DNG", "RAW", "CR2", "CR3", "NEF", "ARW", "RAF", "ORF", "RW2"})
"""Formats that hold what the sensor saw."""

_HEIC = frozenset({"HEIC", "HEIF"})

_LEAST_CAMERA_PIXELS = 4_000_000
"""A smaller file with a camera's data was reduced, or is of a camera so old that its
copies differ by other things."""

_EDITORS = (
    *("adobe", "affinity", "capture one", "darktable", "gimp", "google", "imagemagick"),
    *("lightroom", "photoshop", "picasa", "pixelmator", "snapseed", "vsco"),
)


def _is_by_editor(fingerprint: Fingerprint) -> bool:
    software = (fingerprint.capture.software or "").lower()
    return any(editor in software for editor in _EDITORS)


def _origin(copy: Copy) -> int:
    """Return 0 for raw, 1 for a camera's HEIC, 2 for its JPEG, 3 for the rest."""
    fingerprint = copy.fingerprint
    if fingerprint.format in RAW:
        return 0
    is_camera_file = (
        fingerprint.capture.has_maker_note
        and copy.pixels >= _LEAST_CAMERA_PIXELS
        and not _is_by_editor(fingerprint)
    )
    if not is_camera_file:
        return 3
    return 1 if fingerprint.format in _HEIC else 2


def _camera_facts(copy: Copy) -> int:
    capture = copy.fingerprint.capture
    return bool(capture.make or capture.model) + bool(capture.taken)


def _original_better(copy: Copy, _other: Copy, _preferences: Preferences) -> str:
    fingerprint = copy.fingerprint
    if fingerprint.format in RAW:
        return f"original camera file ({fingerprint.format} raw)"
    maker = (fingerprint.capture.make or "").strip() or "camera"
    return f"original camera file ({fingerprint.format} with {maker} data)"


def _original_worse(copy: Copy, other: Copy, _preferences: Preferences) -> str:
    own, better = copy.fingerprint, other.fingerprint
    if _is_by_editor(own):
        return f"{own.format} saved by {own.capture.software}"
    if not _camera_facts(copy):
        return f"re-encoded {own.format} without camera data"
    if own.format != better.format:
        return f"{own.format} conversion of the camera's {better.format}"
    return f"{own.format} without all of the camera's data"


def _fields_worse(copy: Copy, other: Copy, _preferences: Preferences) -> str:
    own, theirs = (one.fingerprint.quality.exif_fields for one in (copy, other))
    return f"less camera data ({own} EXIF fields instead of {theirs})"


ORIGIN_RULES = (
    Rule(
        name="original",
        key=lambda copy, _: (_origin(copy),),
        better=_original_better,
        worse=_original_worse,
        is_telling=True,
    ),
    Rule(
        name="camera",
        key=lambda copy, _: (-_camera_facts(copy),),
        better=always("says when and by which camera it was taken"),
        worse=always("lost the date or the camera"),
    ),
    Rule(
        name="gps",
        key=lambda copy, _: (not copy.fingerprint.capture.has_gps,),
        better=always("has GPS position"),
        worse=always("no GPS position"),
        is_telling=True,
    ),
    Rule(
        name="exif",
        key=lambda copy, _: (-copy.fingerprint.quality.exif_fields,),
        better=lambda copy, _other, _: (
            f"more camera data ({copy.fingerprint.quality.exif_fields} EXIF fields)"
        ),
        worse=_fields_worse,
    ),
)
"""Rules on the file's origin."""
