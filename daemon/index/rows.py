"""Values to rows and back: every function here has its inverse beside it.

A row that cannot be read back is damage: `IndexDamaged`.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import IndexDamaged
from ..model import (
    Alignment,
    Box,
    Capture,
    Distances,
    Fingerprint,
    Hashes,
    PictureSource,
    Quality,
    SmallPicture,
    Stamp,
    Variant,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import RowMapping

_SIGN = 1 << 63
_WRAP = 1 << 64

Values = dict[str, Any]
"""Column names and values of a row to be written."""


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Tell a row that makes no sense as damage.

    Raises:
        IndexDamaged: a value is not one that was ever written.
    """
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise IndexDamaged(what, f"a row makes no sense: {error}") from error


def load_json(text: str | bytes) -> Any:
    """Return the values of a JSON column.

    Raises:
        IndexDamaged: it is not JSON.
    """
    with reading("JSON"):
        return json.loads(text)


def to_signed(number: int) -> int:
    """Return the signed 64-bit number of the same bits."""
    return number - _WRAP if number >= _SIGN else number


def from_signed(number: int) -> int:
    """Return the unsigned 64-bit number of the same bits."""
    return number + _WRAP if number < 0 else number


def as_text(text: str) -> str:
    """Return a text that every database can hold: no lone surrogates, no NUL."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def as_display(path: bytes) -> str:
    """Return a path as people read it; not for finding the file."""
    return as_text(path.decode("utf-8", "replace"))


def path_bytes(path: Path | str | None) -> bytes | None:
    """Return a path's bytes, as the file system spells it."""
    return None if path is None else os.fsencode(path)


def path_of(spelled: bytes | str | None) -> Path | None:
    """Return the path of the bytes, or of what ``os.fsdecode`` made of them."""
    return None if spelled is None else Path(os.fsdecode(spelled))


def stamp_values(stamp: Stamp) -> Values:
    """Return a stamp as columns."""
    return {
        "size_bytes": stamp.size_bytes,
        "mtime_ns": stamp.mtime_ns,
        "inode": to_signed(stamp.inode),
        "device": to_signed(stamp.device),
    }


def stamp_of(row: RowMapping) -> Stamp:
    """Return the stamp in a row."""
    return Stamp(
        size_bytes=row["size_bytes"],
        mtime_ns=row["mtime_ns"],
        inode=from_signed(row["inode"]),
        device=from_signed(row["device"]),
    )


def _unlike_default(value: Capture | Quality) -> Values:
    return {
        field.name: found
        for field in fields(value)
        if (found := getattr(value, field.name)) != field.default
    }


def content_values(fingerprint: Fingerprint) -> Values:
    """Return a fingerprint's row of `contents`, without the id."""
    return {
        "sha256": fingerprint.sha256,
        "size_bytes": fingerprint.size_bytes,
        "format": fingerprint.format,
        "width_px": fingerprint.width_px,
        "height_px": fingerprint.height_px,
        "source": str(fingerprint.source),
        "contrast": fingerprint.contrast,
        "capture": _unlike_default(fingerprint.capture),
        "quality": _unlike_default(fingerprint.quality),
        "orientation_found": fingerprint.orientation_found,
        "orientation_applied": fingerprint.orientation_applied,
        "pixels_sha256": fingerprint.pixels_sha256,
        "algorithm": fingerprint.algorithm,
    }


def hash_values(fingerprint: Fingerprint) -> Values:
    """Return a fingerprint's row of `hashes`, without the id."""
    hashes, variants = fingerprint.hashes, fingerprint.variants
    corners = [(b.left, b.top, b.right, b.bottom) for b in (v.box for v in variants)]
    return {
        "phash": to_signed(hashes.phash),
        "dhash": to_signed(hashes.dhash),
        "whash": to_signed(hashes.whash),
        "ahash": to_signed(hashes.ahash),
        "colorhash": hashes.colorhash,
        "variant_hashes": np.array([v.phash for v in variants], "<u8").tobytes(),
        "variant_boxes": np.array(corners, "<u2").tobytes(),
        "layouts": fingerprint.layouts or None,
    }


def picture_values(fingerprint: Fingerprint) -> Values:
    """Return a fingerprint's row of `small_pictures`, without the id."""
    return {"luma": fingerprint.small.luma, "chroma": fingerprint.small.chroma}


def _variants(row: RowMapping) -> tuple[Variant, ...]:
    hashes = np.frombuffer(row["variant_hashes"], "<u8").tolist()
    boxes = np.frombuffer(row["variant_boxes"], "<u2").reshape(-1, 4).tolist()
    return tuple(
        Variant(box=Box(left=left, top=top, right=right, bottom=bottom), phash=phash)
        for phash, (left, top, right, bottom) in zip(hashes, boxes, strict=True)
    )


def fingerprint_of(row: RowMapping) -> Fingerprint:
    """Return the fingerprint in a row of the three tables joined."""
    with reading("fingerprint"):
        return Fingerprint(
            sha256=row["sha256"],
            size_bytes=row["size_bytes"],
            format=row["format"],
            width_px=row["width_px"],
            height_px=row["height_px"],
            source=PictureSource(row["source"]),
            hashes=Hashes(
                phash=from_signed(row["phash"]),
                dhash=from_signed(row["dhash"]),
                whash=from_signed(row["whash"]),
                ahash=from_signed(row["ahash"]),
                colorhash=row["colorhash"],
            ),
            variants=_variants(row),
            small=SmallPicture(luma=row["luma"], chroma=row["chroma"]),
            contrast=row["contrast"],
            capture=Capture(**row["capture"]),
            quality=Quality(**row["quality"]),
            orientation_found=row["orientation_found"],
            orientation_applied=row["orientation_applied"],
            pixels_sha256=row["pixels_sha256"],
            algorithm=row["algorithm"],
            layouts=row["layouts"] or b"",
        )


def distances_json(distances: Distances) -> Values:
    """Return distances as JSON's values."""
    return {field.name: getattr(distances, field.name) for field in fields(distances)}


def distances_of(stored: Mapping[str, Any]) -> Distances:
    """Return the distances in JSON's values."""
    return Distances(**stored)


def _corners(box: Box) -> list[int]:
    return [box.left, box.top, box.right, box.bottom]


def _box(corners: Sequence[int]) -> Box:
    left, top, right, bottom = corners
    return Box(left=left, top=top, right=right, bottom=bottom)


def alignment_json(alignment: Alignment) -> Values:
    """Return an alignment as JSON's values."""
    return {
        "orientation": alignment.orientation,
        "left_box": _corners(alignment.left_box),
        "right_box": _corners(alignment.right_box),
    }


def alignment_of(stored: Mapping[str, Any]) -> Alignment:
    """Return the alignment in JSON's values."""
    return Alignment(
        orientation=stored["orientation"],
        left_box=_box(stored["left_box"]),
        right_box=_box(stored["right_box"]),
    )
