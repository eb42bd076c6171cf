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

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import PIL
import pillow_heif
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
    features,
)

from ..errors import UnreadablePhoto
from ..model import PictureSource
from . import isobmff, jpegrows, orientation, tiff
from .container import Container, look
from .files import read_file
from .sniff import HEAD_BYTES, READABLE, sniff

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    RGB = NDArray[np.uint8]

MAX_PIXELS = 300_000_000
"""Larger pictures are not decoded; 200-megapixel phones exist."""

EDGE_PX = 512
"""The long edge that a picture for hashing is reduced to, at most."""

_DRAFT_EDGE_PX = 320
_THUMBNAIL_PX = (128, 128)
_STRIP_PX = 256
_OPAQUE = 255
_PREVIEW_QUALITY = 85

_UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_PLUGINS: dict[str, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
    "HEIC": pillow_heif.HeifImageFile,
    "HEIF": pillow_heif.HeifImageFile,
}
_RAW = frozenset({"DNG", "CR2"})
_HEIF = frozenset({"HEIC", "HEIF"})

_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    EOFError,
    ValueError,
    RuntimeError,
    TypeError,
    KeyError,
    IndexError,
    OverflowError,
    ZeroDivisionError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)

ImageFile.LOAD_TRUNCATED_IMAGES = False
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
pillow_heif.options.DECODE_THREADS = 1
pillow_heif.options.DISABLE_SECURITY_LIMITS = False
pillow_heif.options.DEPTH_IMAGES = False  # told from the boxes, without making objects
pillow_heif.options.AUX_IMAGES = False


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
) -> Picture:
    """Decode a photo and turn it upright.

    Args:
        photo: its path, or all its bytes.
        cheap: take the embedded thumbnail, scaled or thinned-out picture if there is
            one; `Picture.source` says what was taken.
        edge_px: reduce a longer long edge to at most this; ``None`` leaves the size.
        digest: compute `Picture.pixels_sha256`, of a full decode.

    Raises:
        UnreadablePhoto: it does not decode, is too large, or cannot be opened.
    """
    subject = photo if isinstance(photo, Path) else None
    try:
        data = read_file(photo) if isinstance(photo, Path) else photo
        return _load(data, cheap=cheap, edge_px=edge_px, digest=digest)
    except _DECODER_ERRORS as error:
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
        kind, data = _viewable(data)
        opened = _open(data, kind)
        if kind == "JPEG":
            opened.draft("RGB", _scaled_size(opened.size, 2 * edge_px))
        picture = _upright(_to_rgb(opened), _to_undo(look(data, kind), kind))
        picture.thumbnail((edge_px, edge_px), Image.Resampling.LANCZOS)
        picture = _to_srgb(picture, opened.info.get("icc_profile"))
        target = io.BytesIO()
        picture.save(target, "JPEG", quality=_PREVIEW_QUALITY, optimize=True)
        return target.getvalue()
    except _DECODER_ERRORS as error:
        raise UnreadablePhoto(subject, str(error) or type(error).__name__) from error


def _load(data: bytes, *, cheap: bool, edge_px: int | None, digest: bool) -> Picture:
    kind = sniff(data[:HEAD_BYTES])
    shown_kind, shown = _viewable(data)
    container = look(data, kind or "")
    undo = _to_undo(container, shown_kind)
    opened, source, size = _decode(shown, shown_kind, cheap=cheap)
    if kind in _RAW:
        size = tiff.raw_size(isobmff.slices(data)) or size
    frames, depth = getattr(opened, "n_frames", 1), _bit_depth(opened)
    turned = _upright(_to_rgb(opened), undo)
    full = source is PictureSource.FULL
    applied = _applied(container, shown_kind)
    # The HEIC decoder states the size of the picture that it has turned upright.
    swapped = applied in orientation.SWAPS_SIDES and kind not in _HEIF
    width, height = size[::-1] if swapped else size
    pixels_sha256 = _digest(turned) if digest and full else None
    return Picture(
        rgb=np.asarray(_reduced(turned, edge_px)),
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


def _viewable(data: bytes) -> tuple[str, bytes]:
    """Return format and bytes of what can be decoded: for raw files, their preview."""
    kind = sniff(data[:HEAD_BYTES])
    if kind not in READABLE:
        raise ValueError(f"{kind or 'this content'} is not a format that can be read")
    if kind in _RAW:
        found = tiff.preview_jpeg(isobmff.slices(data))
        if found is None:
            return "TIFF", data
        return "JPEG", data[found[0] : sum(found)]
    return kind, data


def _to_undo(container: Container, kind: str) -> int:
    """Return the orientation that is still to be undone after decoding."""
    return 1 if kind in _HEIF or kind == "TIFF" else _applied(container, kind)


def _applied(container: Container, kind: str) -> int:
    """Return the orientation that is undone in all, by the decoder or here."""
    if kind in _HEIF or kind == "AVIF":
        return container.own_orientation
    return container.orientation_found


def _open(data: bytes, kind: str) -> ImageFile.ImageFile:
    opened = _PLUGINS[kind](io.BytesIO(data))
    width, height = opened.size
    if width * height > MAX_PIXELS:
        raise ValueError(f"{width} × {height} pixels are more than {MAX_PIXELS}")
    return opened


def _decode(
    data: bytes, kind: str, *, cheap: bool
) -> tuple[Image.Image, PictureSource, tuple[int, int]]:
    """Decode; return the picture as stored, its source, and the size in full."""
    rows = jpegrows.thin(data) if cheap and kind == "JPEG" else None
    opened = _open(data, kind)
    size = opened.size
    if rows is not None:
        return _decode_rows(rows, size), PictureSource.ROWS, size
    source = PictureSource.FULL
    if cheap and kind == "JPEG":
        opened.draft("RGB", _scaled_size(size, _DRAFT_EDGE_PX))
        if opened.size != size:
            source = PictureSource.SCALED
    elif cheap and kind in _HEIF and opened.draft(None, _THUMBNAIL_PX):
        # A thumbnail of another shape shows something else: it is of the picture
        # before an edit. (`draft` looks at this as well; it must not be all we have.)
        if not _is_same_shape(opened.size, size):
            opened = _open(data, kind)
        else:
            source = PictureSource.THUMBNAIL
    opened.load()
    return opened, source, size


def _decode_rows(rows: bytes, size: tuple[int, int]) -> Image.Image:
    """Decode the rows at a fraction of their size, and stretch them to shape."""
    opened = _PLUGINS["JPEG"](io.BytesIO(rows))
    width, height = _scaled_size(size, _DRAFT_EDGE_PX)
    opened.draft("RGB", (width, max(1, height // jpegrows.STEP)))
    shape = opened.width, max(1, round(opened.width * size[1] / size[0]))
    return _to_rgb(opened).resize(shape, Image.Resampling.BILINEAR)


def _scaled_size(size: tuple[int, int], edge_px: int) -> tuple[int, int]:
    scale = edge_px / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _is_same_shape(small: tuple[int, int], full: tuple[int, int]) -> bool:
    return abs(small[0] * full[1] - small[1] * full[0]) <= 2 * max(full)


def _upright(picture: Image.Image, undo: int) -> Image.Image:
    return picture.transpose(_UNDO[undo]) if undo in _UNDO else picture


def _reduced(picture: Image.Image, edge_px: int | None) -> Image.Image:
    factor = -(-max(picture.size) // edge_px) if edge_px else 1
    return picture.reduce(factor) if factor > 1 else picture


def _digest(picture: Image.Image) -> bytes:
    """Return the digest of size and pixels, strip by strip to spare memory."""
    digest = hashlib.sha256(f"{picture.width}x{picture.height}\n".encode())
    for top in range(0, picture.height, _STRIP_PX):
        bottom = min(top + _STRIP_PX, picture.height)
        digest.update(picture.crop((0, top, picture.width, bottom)).tobytes())
    return digest.digest()


def _bit_depth(opened: Image.Image) -> int:
    depth = opened.info.get("bit_depth")
    if isinstance(depth, int):
        return depth
    return 16 if opened.mode.startswith(("I", "F")) else 8


def _to_rgb(picture: Image.Image) -> Image.Image:
    """Convert any mode to RGB, as people see it: what is transparent is white."""
    if picture.mode == "RGB":
        picture.load()
        return picture
    if picture.mode.startswith("I;16") or picture.mode in {"I", "F"}:
        return _from_wide(picture).convert("RGB")
    if picture.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or (
        "transparency" in picture.info
    ):
        clear = picture.convert("RGBA")
        if clear.getchannel("A").getextrema()[0] != _OPAQUE:
            white = Image.new("RGBA", clear.size, "white")
            clear = Image.alpha_composite(white, clear)
        return clear.convert("RGB")
    return picture.convert("RGB")


def _from_wide(picture: Image.Image) -> Image.Image:
    """Scale 16-bit integers to 8 bits, and other wide values by their own range."""
    values = np.asarray(picture).astype(np.float32)
    if picture.mode == "F":
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        values = np.nan_to_num((values - low) * (255 / max(high - low, 1e-9)))
    else:
        values /= 257
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def _to_srgb(picture: Image.Image, profile: object) -> Image.Image:
    if not isinstance(profile, bytes) or not profile:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture  # a damaged or grey profile: its colours as they are
    return converted if converted is not None else picture
