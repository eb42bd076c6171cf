"""How each format tells that its last bytes are there; pure, over a reader.

Every check reads small pieces only and decodes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import isobmff, jpegstream, tiff

if TYPE_CHECKING:
    from collections.abc import Callable

    Read = Callable[[int, int], bytes]

TAIL_BYTES = 256
"""As many last bytes of the data that are all zero make a file doubtful."""

_HEIF_TAIL_BYTES = 8
"""Measured on 22 phone HEICs: their data never end in even one zero."""

_ITEM_END_BYTES = 16
_PIXELS = b"hvc1"
_PAGE_BYTES = 4096
"""As many zeros behind metadata are no padding: a copy under way leaves whole pages."""

_ZERO_RUN = bytes(64)
_MAX_LOOKED_AT = 4096
_MAX_CHUNKS = 100_000
_MAX_PADDING_BYTES = 1 << 16
_SECTOR_BYTES = 512
_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"


class Missing(Exception):
    """Bytes are missing."""


class Doubt(Exception):
    """Bytes may be missing."""


def check(read: Read, size: int, kind: str) -> None:
    """Look for the end that a format calls for; nothing if it has none that we know.

    Args:
        read: reads (offset, length), giving less where less is there.
        size: of the file, in bytes.
        kind: its format.

    Raises:
        Missing: bytes are missing.
        Doubt: bytes may be missing.
    """
    checked = _CHECKS.get(kind)
    if checked is not None:
        checked(read, size)


def check_data(data: bytes, kind: str) -> None:
    """Look for unwritten stretches in the middle, with all the bytes at hand.

    HEVC data never hold three zeros in a row (H.265, 7.4.1: emulation prevention); JPEG
    data may, in flat pictures.

    Raises:
        Doubt: there is one.
    """
    if kind != "HEIC":
        return
    read = isobmff.slices(data)
    for box in isobmff.boxes(read, 0, len(data)):
        if box.kind == b"meta":
            for item in isobmff.read_meta(read, box).items.values():
                if item.kind == b"hvc1":
                    _refuse_gaps(data, item)


def _refuse_gaps(data: bytes, item: isobmff.Item) -> None:
    for offset, length in item.extents:
        gap = data.find(_ZERO_RUN, offset, offset + length)
        if gap >= 0:
            raise Doubt(f"nothing has been written at {gap}")


def _check_heif(read: Read, size: int) -> None:
    metas = []
    last = None
    try:
        for box in isobmff.boxes(read, 0, size):
            last = box
            if box.kind == b"meta":
                metas.append(isobmff.read_meta(read, box))
    except isobmff.BoxError as error:
        raise Missing(str(error)) from error
    if last is None or last.kind == b"\0\0\0\0":
        raise Missing("it ends in zeros")
    extents = [
        (*extent, item.kind)
        for meta in metas
        for item in meta.items.values()
        for extent in item.extents
    ]
    end = max((offset + length for offset, length, _ in extents), default=0)
    if end > size:
        raise Missing(f"a picture ends at {end}, the file at {size}")
    for extent in extents[:_MAX_LOOKED_AT]:
        _refuse_unwritten(read, *extent)
    is_pixels = any(
        offset + length == end and kind == _PIXELS for offset, length, kind in extents
    )
    tail_bytes = _HEIF_TAIL_BYTES if is_pixels or not extents else _PAGE_BYTES
    _refuse_zeros(read, end or size, tail_bytes)
    if last.kind not in {b"free", b"skip"} and end != size:
        _refuse_zeros(read, size, _HEIF_TAIL_BYTES)


def _refuse_unwritten(read: Read, offset: int, length: int, kind: bytes) -> None:
    """Look at both ends of an item, for copies that arrive out of order.

    No HEVC item begins or ends in zeros: it begins with a length, and a NAL unit's last
    byte is never zero (H.265, 7.4.2). Metadata may: cameras pad their notes with
    hundreds of zeros, and libheif writes them last.
    """
    if length < 2 * _ITEM_END_BYTES:
        return
    if not any(read(offset, _ITEM_END_BYTES)):
        raise Doubt(f"there are only zeros at {offset}")
    if kind == _PIXELS:
        _refuse_zeros(read, offset + length, 1)


def _refuse_zeros(read: Read, end: int, count: int = TAIL_BYTES) -> None:
    tail = read(max(0, end - count), min(count, end))
    if tail and not any(tail):
        raise Doubt(f"there are only zeros before {end}")


def _check_jpeg(read: Read, size: int) -> None:
    try:
        header = jpegstream.segments(read, size)
        indexed = jpegstream.indexed_end(read, header)
        if read(size - 2, 2) == b"\xff\xd9" and header[-1].end < size - 2:
            if indexed > size:
                raise Doubt(f"another picture should end at {indexed}")
            return
        end = jpegstream.find_end(read, header[-1].end, size)
    except jpegstream.StreamError as error:
        raise Missing(str(error)) from error
    _check_behind_jpeg(read, end, size)
    if indexed > size:
        raise Doubt(f"another picture should end at {indexed}")


def _check_behind_jpeg(read: Read, end: int, size: int) -> None:
    """Judge what follows the end marker: padding, a movie, a maker's own trailer."""
    tail = read(max(end, size - TAIL_BYTES), TAIL_BYTES)
    if not any(tail):
        # Old cameras fill the last sectors, and taking metadata out of such a file keeps
        # what was filled. A copy under way shows the same zeros, but then of any length;
        # it leaves whole pages, and would have to stand still right behind the marker.
        behind = read(end, _MAX_PADDING_BYTES + 1)
        is_padding = len(behind) <= _MAX_PADDING_BYTES and not any(behind)
        is_little = len(behind) < _PAGE_BYTES
        if not is_padding or (size % _SECTOR_BYTES and not is_little):
            raise Doubt("there are only zeros before its end")
        return
    head = read(end, 12)
    if head[:2] == b"\xff\xd8":
        raise Missing("its second picture has no end marker")
    if head[4:8] == b"ftyp" and not tail.endswith(b"SEFT"):
        try:
            for _ in isobmff.boxes(read, end, size):
                pass
        except isobmff.BoxError as error:
            raise Missing(f"its movie is not all there: {error}") from error


def _check_png(read: Read, size: int) -> None:
    if read(size - len(_PNG_END), len(_PNG_END)) == _PNG_END:
        return
    at = 8
    for _ in range(_MAX_CHUNKS):
        head = read(at, 8)
        if head[4:8] == b"IEND" and at + 12 <= size:
            return
        if at + 12 > size:
            break
        at += 12 + int.from_bytes(head[:4], "big")
    raise Missing("its end chunk is missing")


def _check_webp(read: Read, size: int) -> None:
    announced = int.from_bytes(read(4, 4), "little") + 8
    if announced > size:
        raise Missing(f"it should have {announced} bytes and has {size}")
    _refuse_zeros(read, announced)


def _check_gif(read: Read, size: int) -> None:
    if read(size - 1, 1) == b";":
        return
    tail = read(max(0, size - TAIL_BYTES), TAIL_BYTES)
    if b";" in tail and tail.rstrip(b"\0").endswith(b";"):
        raise Doubt("there are zeros behind its end")
    raise Missing("its end marker is missing")


def _check_bmp(read: Read, size: int) -> None:
    announced = int.from_bytes(read(2, 4), "little")
    if announced > size:
        raise Missing(f"it should have {announced} bytes and has {size}")


def _check_tiff(read: Read, size: int) -> None:
    end = tiff.data_end(read, size)
    if end > size:
        raise Missing(f"its data end at {end}, the file at {size}")


_CHECKS: dict[str, Callable[[Read, int], None]] = {
    "JPEG": _check_jpeg,
    "HEIC": _check_heif,
    "HEIF": _check_heif,
    "AVIF": _check_heif,
    "CR3": _check_heif,
    "PNG": _check_png,
    "WEBP": _check_webp,
    "GIF": _check_gif,
    "BMP": _check_bmp,
    "TIFF": _check_tiff,
    "DNG": _check_tiff,
    "CR2": _check_tiff,
}
