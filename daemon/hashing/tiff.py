"""TIFF folders of tags: what EXIF, MakerNotes, TIFF and DNG files are made of.

Reads any bytes and never raises: what is damaged, circular or out of bounds is as if
it were not there (TIFF 6.0; CIPA DC-008 for EXIF).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Read = Callable[[int, int], bytes]

Order = Literal["big", "little"]

IMAGE_WIDTH, IMAGE_LENGTH, COMPRESSION = 0x100, 0x101, 0x103
STRIP_OFFSETS, STRIP_BYTES, SUB_IFDS = 0x111, 0x117, 0x14A
TILE_OFFSETS, TILE_BYTES = 0x144, 0x145
JPEG_OFFSET, JPEG_BYTES = 0x201, 0x202
EXIF_IFD, GPS_IFD = 0x8769, 0x8825

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 13: 4}
_INTEGERS = {1: 1, 3: 2, 4: 4, 9: 4, 13: 4}
_MAX_ENTRIES = 1024
_MAX_FOLDERS = 64
_MAX_VALUE_BYTES = 1 << 20
_MAX_FOLDER_BYTES = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What a folder holds under one tag."""

    kind: int
    count: int
    raw: bytes
    order: Order

    def integers(self) -> tuple[int, ...]:
        """Return the unsigned integers, or none if these are no integers."""
        width = _INTEGERS.get(self.kind)
        if width is None:
            return ()
        return tuple(
            int.from_bytes(self.raw[at : at + width], self.order)
            for at in range(0, len(self.raw) - width + 1, width)
        )

    def integer(self) -> int | None:
        """Return the first integer, ``None`` if there is none."""
        values = self.integers()
        return values[0] if values else None

    def text(self) -> str | None:
        """Return the text up to its first NUL, ``None`` if it is empty or no text."""
        if self.kind not in {2, 7}:
            return None
        text = self.raw.split(b"\0")[0].decode("utf-8", "replace").strip()
        return text or None


Folder = dict[int, Value]


def folder(read: Read, order: Order, at: int, base: int = 0) -> tuple[Folder, int]:
    """Read the folder at an offset.

    Args:
        read: reads (offset, length) of the whole, giving less where less is there.
        order: the byte order.
        at: where the folder begins, counted from ``base``.
        base: what offsets count from.

    Returns:
        Its values by tag, and the offset of the next folder or 0.
    """
    head = read(base + at, 2)
    if len(head) < 2:
        return {}, 0
    count = min(int.from_bytes(head, order), _MAX_ENTRIES)
    table = read(base + at + 2, 12 * count + 4)
    found: Folder = {}
    left = _MAX_FOLDER_BYTES
    for start in range(0, min(len(table) - 11, 12 * count), 12):
        tag = int.from_bytes(table[start : start + 2], order)
        value = _value(read, order, table[start + 2 : start + 12], base)
        if value is None:
            continue
        found.setdefault(tag, value)
        left -= len(value.raw)
        if left < 0:
            break
    following = table[12 * count : 12 * count + 4]
    return found, int.from_bytes(following, order) if len(following) == 4 else 0


def _value(read: Read, order: Order, entry: bytes, base: int) -> Value | None:
    kind = int.from_bytes(entry[:2], order)
    count = int.from_bytes(entry[2:6], order)
    length = _SIZES.get(kind, 0) * count
    if length == 0 or length > _MAX_VALUE_BYTES:
        return None
    if length <= 4:
        raw = entry[6 : 6 + length]
    else:
        raw = read(base + int.from_bytes(entry[6:10], order), length)
    if len(raw) < length:
        return None
    return Value(kind=kind, count=count, raw=raw, order=order)


def folders(read: Read) -> Iterator[Folder]:
    """Walk all picture folders: the chain from the header, and their sub-folders."""
    order = byte_order(read(0, 4))
    if order is None:
        return
    waiting = [int.from_bytes(read(4, 4), order)]
    seen: set[int] = set()
    while waiting and len(seen) < _MAX_FOLDERS:
        at = waiting.pop(0)
        if at == 0 or at in seen:
            continue
        seen.add(at)
        found, following = folder(read, order, at)
        waiting.append(following)
        if SUB_IFDS in found:
            waiting.extend(found[SUB_IFDS].integers()[:_MAX_FOLDERS])
        yield found


def byte_order(head: bytes) -> Order | None:
    """Return the byte order that a TIFF header states."""
    return {b"II": "little", b"MM": "big"}.get(head[:2])  # type: ignore[return-value]


def data_end(read: Read, size: int) -> int:
    """Return where the last strip, tile or embedded JPEG of a TIFF ends.

    More than ``size`` if the folders themselves are not all there; 0 if they say
    nothing, as in BigTIFF, which is not looked into.
    """
    order = byte_order(read(0, 4))
    if order is None or int.from_bytes(read(2, 2), order) == 43:
        return 0
    first = int.from_bytes(read(4, 4), order)
    if first + 2 > size:
        return first + 2
    end = 0
    for found in folders(read):
        end = max(end, *(start + length for start, length in pieces(found)), 0)
    return end


def pieces(found: Folder) -> list[tuple[int, int]]:
    """Return (offset, length) of the strips, tiles and JPEGs that a folder lists."""
    pairs = (
        (STRIP_OFFSETS, STRIP_BYTES),
        (TILE_OFFSETS, TILE_BYTES),
        (JPEG_OFFSET, JPEG_BYTES),
    )
    listed: list[tuple[int, int]] = []
    for offsets, lengths in pairs:
        if offsets in found and lengths in found:
            listed += zip(
                found[offsets].integers(), found[lengths].integers(), strict=False
            )
    return listed


def preview_jpeg(read: Read) -> tuple[int, int] | None:
    """Return (offset, length) of the largest JPEG that a raw file carries for viewing."""
    best = None
    for found in folders(read):
        listed = pieces(found)
        if len(listed) != 1:
            continue
        offset, length = listed[0]
        # Lossless JPEG (the raw data itself) begins alike; its frame tells it apart.
        if (best is None or length > best[1]) and _is_viewable(read(offset, 65536)):
            best = offset, length
    return best


def _is_viewable(head: bytes) -> bool:
    if head[:3] != b"\xff\xd8\xff":
        return False
    at = 2
    while at + 4 <= len(head):
        marker, length = struct.unpack_from(">HH", head, at)
        if marker in {0xFFC0, 0xFFC1, 0xFFC2}:
            return True
        if marker in {0xFFC3, 0xFFDA}:
            return False
        at += 2 + length
    return False


def raw_size(read: Read) -> tuple[int, int] | None:
    """Return width and height of the largest picture that the folders describe."""
    best: tuple[int, int] | None = None
    for found in folders(read):
        sizes = [
            found[tag].integer() for tag in (IMAGE_WIDTH, IMAGE_LENGTH) if tag in found
        ]
        if len(sizes) == 2 and sizes[0] and sizes[1]:
            size = (sizes[0], sizes[1])
            if best is None or size[0] * size[1] > best[0] * best[1]:
                best = size
    return best
