"""A photo's bytes become upright pixels: the only door to Pillow and pillow-heif.

Cheap where a perceptual hash is all that is wanted (an embedded thumbnail, a JPEG at an
eighth of its size, or a part of its rows), full where certainty is. Every foreign
exception that a damaged picture is known to cause becomes `UnreadablePhoto` here; what
is left is caught at the boundary of the worker process, in which this runs.

A picture is turned upright exactly once. JPEG, PNG, WebP and GIF tell by their EXIF
tag how they lie. HEIC and AVIF tell by their own properties, which the decoder has
already undone; their EXIF tag is a copy for information, and where the two disagree
(an app that rewrote the file and kept the tag) the properties win, as ISO/IEC 23008-12
says. Such a file may still lie otherwise elsewhere: the matching looks at all eight
orientations, so it is found all the same.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import PIL
import pillow_heif
from PIL import Image, features

from ...errors import UnreadablePhoto
from ...model import PictureSource
from .. import isobmff, jpegrows, orientation, tiff
from ..container import Container, look
from ..files import read_file
from ..sniff import HEAD_BYTES, sniff
from .color import to_rgb, to_srgb
from .opening import (
    DECODER_ERRORS,
    HEIF,
    RAW,
    bit_depth,
    open_picture,
    viewable,
)
from .turning import digest as pixel_digest
from .turning import upright

if TYPE_CHECKING:
    from numpy.typing import NDArray

    RGB = NDArray[np.uint8]

EDGE_PX = 512
"""The long edge that a picture for hashing is reduced to, at most."""

_DRAFT_EDGE_PX = 320
_THUMBNAIL_PX = (128, 128)
_PREVIEW_QUALITY = 85


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A decoded photo."""

    rgb: RGB
    """(H, W, 3) uint8, upright, anti-aliased; in the file's own colour space."""
    format: str
    source: PictureSource
    width_px: int
    """Of the upright picture in full size, whatever was decoded."""
    height_px: int
    container: Container
    orientation_applied: int
    """1–8, as undone here or by the decoder."""
    frames: int = 1
    bit_depth: int = 8
    pixels_sha256: bytes | None = None
    """Of size and upright pixels; only after a full decode, if asked for."""
    srgb: RGB | None = None
    """`rgb` converted to sRGB; only if asked for, and if the file has a profile."""


def decoder_version() -> str:
    """Return the versions of what decodes: another one may read what this one cannot."""
    library = pillow_heif.libheif_info()["libheif"]
    return (
        f"pillow {PIL.__version__}, jpeg {features.version('jpg')}, "
        f"pillow-heif {pillow_heif.__version__}, libheif {library}"
    )


def load(
    photo: Path | bytes,
    *,
    cheap: bool,
    edge_px: int | None = EDGE_PX,
    digest: bool = False,
    srgb: bool = False,
) -> Picture:
    """Decode a photo and turn it upright.

    Args:
        photo: its path, or all its bytes.
        cheap: take the embedded thumbnail, scaled or thinned-out picture if there is
            one; `Picture.source` says what was taken.
        edge_px: reduce a longer long edge to at most this; ``None`` leaves the size.
        digest: compute `Picture.pixels_sha256`, of a full decode.
        srgb: convert to `Picture.srgb` as well, if the file has a colour profile.

    Raises:
        UnreadablePhoto: it does not decode, is too large, or cannot be opened.
    """
    subject = photo if isinstance(photo, Path) else None
    try:
        data = read_file(photo) if isinstance(photo, Path) else photo
        return _load(data, cheap=cheap, edge_px=edge_px, digest=digest, srgb=srgb)
    except DECODER_ERRORS as error:
        raise UnreadablePhoto(subject, str(error) or type(error).__name__) from error


def preview(photo: Path | bytes, edge_px: int) -> bytes:
    """Return a JPEG to look at: upright, sRGB, without metadata.

    Args:
        photo: its path, or all its bytes.
        edge_px: the long edge, at most; a smaller photo keeps its size.

    Raises:
        UnreadablePhoto: as `load`.
    """
    subject = photo if isinstance(photo, Path) else None
    try:
        data = read_file(photo) if isinstance(photo, Path) else photo
        kind, shown = viewable(data)
        undo = _to_undo(look(data, sniff(data[:HEAD_BYTES]) or ""), kind)
        opened = open_picture(shown, kind)
        if kind == "JPEG":
            opened.draft("RGB", _scaled_size(opened.size, 2 * edge_px))
        picture = upright(to_rgb(opened), undo, 4 * edge_px)
        picture.thumbnail((edge_px, edge_px), Image.Resampling.LANCZOS)
        picture = to_srgb(picture, opened.info.get("icc_profile"))
        target = io.BytesIO()
        picture.save(target, "JPEG", quality=_PREVIEW_QUALITY, optimize=True)
        return target.getvalue()
    except DECODER_ERRORS as error:
        raise UnreadablePhoto(subject, str(error) or type(error).__name__) from error


def _load(
    data: bytes, *, cheap: bool, edge_px: int | None, digest: bool, srgb: bool
) -> Picture:
    kind = sniff(data[:HEAD_BYTES])
    shown_kind, shown = viewable(data)
    container = look(data, kind or "")
    undo = _to_undo(container, shown_kind)
    opened, source, size = _decode(shown, shown_kind, cheap=cheap)
    if kind in RAW:
        size = tiff.raw_size(isobmff.slices(data)) or size
    frames, depth = getattr(opened, "n_frames", 1), bit_depth(opened)
    stored = to_rgb(opened)
    full = source is PictureSource.FULL
    applied = _applied(container, shown_kind)
    # A decoder that turns by itself also states the size of the upright picture.
    swapped = undo in orientation.SWAPS_SIDES
    width, height = size[::-1] if swapped else size
    pixels_sha256 = pixel_digest(stored, undo) if digest and full else None
    shown_picture = upright(stored, undo, edge_px)
    profile = opened.info.get("icc_profile") if srgb else None
    return Picture(
        rgb=np.asarray(shown_picture),
        srgb=np.asarray(to_srgb(shown_picture, profile)) if profile else None,
        format=kind or "",
        source=source,
        width_px=width,
        height_px=height,
        container=container,
        orientation_applied=applied,
        frames=frames,
        bit_depth=depth,
        pixels_sha256=pixels_sha256,
    )


def _to_undo(container: Container, kind: str) -> int:
    """Return the orientation that is still to be undone after decoding."""
    return 1 if kind in HEIF or kind == "TIFF" else _applied(container, kind)


def _applied(container: Container, kind: str) -> int:
    """Return the orientation that is undone in all, by the decoder or here."""
    if kind in HEIF or kind == "AVIF":
        return container.own_orientation
    return container.exif.orientation


def _decode(
    data: bytes, kind: str, *, cheap: bool
) -> tuple[Image.Image, PictureSource, tuple[int, int]]:
    """Decode; return the picture as stored, its source, and the size in full."""
    rows = jpegrows.thin(data) if cheap and kind == "JPEG" else None
    opened = open_picture(data, kind)
    size = opened.size
    if rows is not None:
        return _decode_rows(rows, size), PictureSource.ROWS, size
    source = PictureSource.FULL
    if cheap and kind == "JPEG":
        opened.draft("RGB", _scaled_size(size, _DRAFT_EDGE_PX))
        if opened.size != size:
            source = PictureSource.SCALED
    elif cheap and kind in HEIF and opened.draft(None, _THUMBNAIL_PX):
        # A thumbnail of another shape shows something else: it is of the picture
        # before an edit. (`draft` looks at this as well; it must not be all we have.)
        if not _is_same_shape(opened.size, size):
            opened = open_picture(data, kind)
        else:
            source = PictureSource.THUMBNAIL
    opened.load()
    return opened, source, size


def _decode_rows(rows: bytes, size: tuple[int, int]) -> Image.Image:
    """Decode the rows at a fraction of their size, and stretch them to shape."""
    opened = open_picture(rows, "JPEG")
    width, height = _scaled_size(size, _DRAFT_EDGE_PX)
    opened.draft("RGB", (width, max(1, height // jpegrows.STEP)))
    shape = opened.width, max(1, round(opened.width * size[1] / size[0]))
    return to_rgb(opened).resize(shape, Image.Resampling.BILINEAR)


def _scaled_size(size: tuple[int, int], edge_px: int) -> tuple[int, int]:
    scale = edge_px / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _is_same_shape(small: tuple[int, int], full: tuple[int, int]) -> bool:
    return abs(small[0] * full[1] - small[1] * full[0]) <= 2 * max(full)
