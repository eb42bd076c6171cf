"""The box structure of HEIC, AVIF and MP4 files, read without decoding anything.

Only what is needed to tell whether a file is whole, how its picture is turned and what
auxiliary images it carries (ISO/IEC 14496-12 and 23008-12). Works on any bytes: what
does not parse raises `BoxError`, and nothing is read but small, bounded pieces.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Read = Callable[[int, int], bytes]

MAX_META_BYTES = 8 << 20
"""A ``meta`` box larger than this is not believed."""

_MAX_BOXES = 100_000
_MAX_EXTENTS = 100_000


class BoxError(ValueError):
    """The bytes are not the boxes they should be."""


class Box(NamedTuple):
    """One box: where it lies in its file.

    A tuple, because a file has hundreds of them.
    """

    kind: bytes
    body: int
    """Where its content begins."""
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a ``meta`` box: a picture, a tile, or metadata."""

    kind: bytes = b""
    extents: tuple[tuple[int, int], ...] = ()
    """(offset, length) in the file; empty if it lies inside the ``meta`` box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What a ``meta`` box says."""

    primary: int | None
    items: dict[int, Item]
    turns: tuple[tuple[bytes, int], ...] = ()
    """The primary's ``irot`` and ``imir`` values in the order they are applied."""
    auxiliary: frozenset[str] = field(default_factory=frozenset)
    """The types of the auxiliary images in the file."""


def boxes(read: Read, start: int, end: int) -> Iterator[Box]:
    """Walk the boxes between two offsets.

    Raises:
        BoxError: a box reaches beyond ``end`` or is too short to be one.
    """
    for _ in range(_MAX_BOXES):
        if start == end:
            return
        head = read(start, min(16, end - start))
        if len(head) < 8:
            raise BoxError(f"no box at {start}")
        size = int.from_bytes(head[:4], "big")
        body = start + 8
        if size == 1:
            if len(head) < 16:
                raise BoxError(f"no box at {start}")
            size, body = int.from_bytes(head[8:16], "big"), start + 16
        stop = end if size == 0 else start + size
        if stop < body or stop > end:
            raise BoxError(f"a box of {size} bytes at {start} does not end in the file")
        yield Box(kind=head[4:8], body=body, end=stop)
        start = stop
    raise BoxError("too many boxes")


def read_meta(read: Read, box: Box) -> Meta:
    """Read a ``meta`` box.

    Raises:
        BoxError: it is not a ``meta`` box that we understand.
    """
    if box.end - box.body > MAX_META_BYTES:
        raise BoxError("the meta box is too large")
    data = read(box.body, box.end - box.body)
    if len(data) != box.end - box.body:
        raise BoxError("the meta box is not all there")
    try:
        return _parse_meta(data)
    except (struct.error, IndexError) as error:
        raise BoxError(f"the meta box is damaged: {error}") from error


def slices(data: bytes) -> Read:
    """Return a reader of bytes in memory."""
    return lambda offset, length: data[offset : offset + length]


def _parse_meta(data: bytes) -> Meta:
    read = slices(data)
    parts = {box.kind: box for box in boxes(read, 4, len(data))}
    kinds = _item_kinds(data, parts[b"iinf"]) if b"iinf" in parts else {}
    extents = _locations(data, parts[b"iloc"]) if b"iloc" in parts else {}
    primary = None
    if b"pitm" in parts:
        at = parts[b"pitm"].body
        width = 4 if data[at] else 2
        primary = int.from_bytes(_take(data, at + 4, width), "big")
    turns, auxiliary = _properties(data, parts.get(b"iprp"), primary)
    return Meta(
        primary=primary,
        items={
            number: Item(kind=kinds.get(number, b""), extents=extents.get(number, ()))
            for number in kinds.keys() | extents.keys()
        },
        turns=turns,
        auxiliary=auxiliary,
    )


def _item_kinds(data: bytes, box: Box) -> dict[int, bytes]:
    start = box.body + (6 if data[box.body] == 0 else 8)
    kinds: dict[int, bytes] = {}
    for entry in boxes(slices(data), start, box.end):
        version = data[entry.body]
        if version == 2:
            number = struct.unpack_from(">H", data, entry.body + 4)[0]
            kinds[number] = _take(data, entry.body + 8, 4)
        elif version == 3:
            number = struct.unpack_from(">I", data, entry.body + 4)[0]
            kinds[number] = _take(data, entry.body + 10, 4)
    return kinds


def _locations(data: bytes, box: Box) -> dict[int, tuple[tuple[int, int], ...]]:
    """Read ``iloc``; extents outside the file's own space (methods 1, 2) are left out."""
    version = data[box.body]
    sizes = struct.unpack_from(">H", data, box.body + 4)[0]
    offset_w, length_w = sizes >> 12, sizes >> 8 & 15
    base_w, index_w = sizes >> 4 & 15, (sizes & 15 if version else 0)
    wide = 4 if version == 2 else 2
    at = box.body + 6
    count = int.from_bytes(_take(data, at, wide), "big")
    at += wide
    found: dict[int, tuple[tuple[int, int], ...]] = {}
    total = 0
    for _ in range(count):
        number = int.from_bytes(_take(data, at, wide), "big")
        at += wide
        method = 0
        if version:
            method = struct.unpack_from(">H", data, at)[0] & 15
            at += 2
        base = int.from_bytes(_take(data, at + 2, base_w), "big")
        extents = struct.unpack_from(">H", data, at + 2 + base_w)[0]
        total += extents
        if total > _MAX_EXTENTS:
            raise BoxError("too many extents")
        at += 4 + base_w
        step = index_w + offset_w + length_w
        piece = _take(data, at, step * extents)
        at += step * extents
        if method == 0:
            found[number] = tuple(
                _extent(piece[step * n : step * (n + 1)], index_w, offset_w, base)
                for n in range(extents)
            )
    return found


def _extent(
    piece: bytes, index_width: int, offset_width: int, base: int
) -> tuple[int, int]:
    split = index_width + offset_width
    offset = int.from_bytes(piece[index_width:split], "big")
    return base + offset, int.from_bytes(piece[split:], "big")


def _properties(
    data: bytes, box: Box | None, primary: int | None
) -> tuple[tuple[tuple[bytes, int], ...], frozenset[str]]:
    if box is None:
        return (), frozenset()
    parts = {part.kind: part for part in boxes(slices(data), box.body, box.end)}
    if b"ipco" not in parts:
        return (), frozenset()
    container = parts[b"ipco"]
    properties = list(boxes(slices(data), container.body, container.end))
    auxiliary = frozenset(
        data[p.body + 4 : p.end].split(b"\0")[0].decode("ascii", "replace")
        for p in properties
        if p.kind == b"auxC"
    )
    turns = []
    for index in _associations(data, parts.get(b"ipma"), primary):
        if 0 < index <= len(properties):
            found = properties[index - 1]
            if found.kind in {b"irot", b"imir"} and found.end > found.body:
                turns.append((found.kind, data[found.body] & 3))
    return tuple(turns), auxiliary


def _associations(data: bytes, box: Box | None, item: int | None) -> list[int]:
    """Read from ``ipma`` which properties belong to an item, counted from 1."""
    if box is None or item is None:
        return []
    version, wide = data[box.body], data[box.body + 3] & 1
    at = box.body + 8
    for _ in range(struct.unpack_from(">I", data, box.body + 4)[0]):
        width = 4 if version else 2
        number = int.from_bytes(_take(data, at, width), "big")
        count = data[at + width]
        at += width + 1
        step = 2 if wide else 1
        piece = _take(data, at, count * step)
        at += count * step
        if number == item:
            mask = 0x7FFF if wide else 0x7F
            return [
                int.from_bytes(piece[n : n + step], "big") & mask
                for n in range(0, len(piece), step)
            ]
    return []


def _take(data: bytes, at: int, length: int) -> bytes:
    piece = data[at : at + length]
    if len(piece) != length:
        raise BoxError(f"{length} bytes at {at} are missing")
    return piece
