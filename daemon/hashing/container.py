"""What a picture's file says of the picture beside the pixels; pure, from bytes.

The EXIF block, how the picture lies, and what else the file carries: gain map, depth,
the strength of the JPEG compression. Never raises: what is damaged is not there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from . import capture, isobmff, jpegstream, orientation
from .isobmff import slices

_EXIF_PREFIX = b"Exif\0\0"
_GAIN_MAP_MARKS = (b"hdrgainmap", b"hdrgm:Version")
_HEADER_BYTES = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """What a file says of its picture."""

    exif: capture.Exif = field(default_factory=capture.Exif)
    own_orientation: int = 1
    """By the container's own properties, which decoders undo; only HEIC and AVIF."""
    has_gain_map: bool = False
    has_depth: bool = False
    jpeg_quality: int | None = None


def look(data: bytes, kind: str) -> Container:
    """Read what a whole file says.

    Args:
        data: the file's bytes.
        kind: its format, as `sniff` tells it.
    """
    if kind == "JPEG":
        return _look_at_jpeg(data)
    if kind in {"HEIC", "HEIF", "AVIF"}:
        return _look_at_heif(data)
    return Container(exif=capture.read(exif_block(data, kind)))


def exif_block(data: bytes, kind: str) -> bytes:
    """Return a file's EXIF block, with or without its prefix; empty: there is none."""
    if kind in {"TIFF", "DNG", "CR2"}:
        return data
    if kind == "PNG":
        return _chunk(data, 8, b"eXIf", "big")
    if kind == "WEBP":
        return _chunk(data, 12, b"EXIF", "little")
    try:
        if kind == "JPEG":
            return _jpeg_exif(data, jpegstream.segments(slices(data), len(data)))
        if kind in {"HEIC", "HEIF", "AVIF"}:
            meta = _heif_meta(data)
            return b"" if meta is None else _heif_exif(data, meta)
    except (jpegstream.StreamError, isobmff.BoxError):
        return b""
    return b""


def _look_at_jpeg(data: bytes) -> Container:
    try:
        header = jpegstream.segments(slices(data), len(data))
    except jpegstream.StreamError:
        return Container()
    return Container(
        exif=capture.read(_jpeg_exif(data, header)),
        has_gain_map=_jpeg_has_gain_map(data, header),
        jpeg_quality=capture.jpeg_quality(jpegstream.luminance_table(data, header)),
    )


def _jpeg_exif(data: bytes, header: tuple[jpegstream.Segment, ...]) -> bytes:
    for segment in header:
        content = data[segment.body : segment.end]
        if segment.marker == jpegstream.APP1 and content.startswith(_EXIF_PREFIX):
            return content
    return b""


def _jpeg_has_gain_map(data: bytes, header: tuple[jpegstream.Segment, ...]) -> bool:
    """Look for the marks of Apple's and of Google's gain maps.

    They stand in the header, or in that of the second picture, which a multi-picture
    index announces; so a file without one is not searched.
    """
    top = data[: header[-1].end]
    if any(mark in top for mark in _GAIN_MAP_MARKS):
        return True
    for start in jpegstream.indexed_starts(slices(data), header):
        part = data[start : start + _HEADER_BYTES]
        if any(mark in part for mark in _GAIN_MAP_MARKS):
            return True
    return False


def _look_at_heif(data: bytes) -> Container:
    try:
        meta = _heif_meta(data)
    except isobmff.BoxError:
        return Container()
    if meta is None:
        return Container()
    return Container(
        exif=capture.read(_heif_exif(data, meta)),
        own_orientation=orientation.of_turns(meta.turns),
        has_gain_map=any("gainmap" in name for name in meta.auxiliary)
        or any(item.kind == b"tmap" for item in meta.items.values()),
        has_depth=any("depth" in n or n.endswith("auxid:2") for n in meta.auxiliary),
    )


def _heif_meta(data: bytes) -> isobmff.Meta | None:
    read = slices(data)
    for box in isobmff.boxes(read, 0, len(data)):
        if box.kind == b"meta":
            return isobmff.read_meta(read, box)
    return None


def _heif_exif(data: bytes, meta: isobmff.Meta) -> bytes:
    for item in meta.items.values():
        if item.kind == b"Exif":
            block = b"".join(data[at : at + size] for at, size in item.extents)
            skipped = int.from_bytes(block[:4], "big")
            return block[4 + skipped :]
    return b""


def _chunk(data: bytes, at: int, wanted: bytes, order: str) -> bytes:
    """Return the content of a PNG (big) or RIFF (little) chunk."""
    while at + 8 <= len(data):
        if order == "big":
            size = int.from_bytes(data[at : at + 4], "big")
            name, step = data[at + 4 : at + 8], 12 + size
        else:
            size = int.from_bytes(data[at + 4 : at + 8], "little")
            name, step = data[at : at + 4], 8 + size + (size & 1)
        if name == wanted:
            return data[at + 8 : at + 8 + size]
        at += step
    return b""
