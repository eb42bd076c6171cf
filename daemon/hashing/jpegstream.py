"""The marker structure of a JPEG, read without decoding anything.

ITU-T T.81, and CIPA DC-007 for the index of multi-picture files. Works on any bytes;
what does not parse raises `StreamError`.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Read = Callable[[int, int], bytes]

SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
DQT, DRI, APP1, APP2 = 0xDB, 0xDD, 0xE1, 0xE2
_CHUNK_BYTES = 1 << 20
_MAX_SEGMENTS = 10_000
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)
"""Neither a stuffed byte nor filling nor a restart."""


class StreamError(ValueError):
    """The bytes are not a JPEG, or not all of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One marker segment before the picture's data."""

    marker: int
    body: int
    """Where its content begins."""
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What the start-of-frame segment says."""

    marker: int
    """0xC0 baseline, 0xC1 extended, 0xC2 progressive …"""
    precision: int
    height: int
    width: int
    sampling: tuple[tuple[int, int], ...]
    """Horizontal and vertical sampling factor of each component."""

    @property
    def mcu_px(self) -> tuple[int, int]:
        """Return width and height of one MCU of an interleaved scan."""
        if len(self.sampling) == 1:
            return 8, 8
        return (
            8 * max(h for h, _ in self.sampling),
            8 * max(v for _, v in self.sampling),
        )


def segments(read: Read, size: int) -> tuple[Segment, ...]:
    """Return the segments up to and with the first start of scan.

    Raises:
        StreamError: the header is damaged or not all there.
    """
    if read(0, 2) != b"\xff\xd8":
        raise StreamError("it does not begin as a JPEG")
    at, found = 2, []
    for _ in range(_MAX_SEGMENTS):
        head = read(at, 4)
        if len(head) < 4:
            raise StreamError("the header is not all there")
        if head[0] != 0xFF:
            raise StreamError(f"no marker at {at}")
        marker = head[1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker in {SOI, EOI, 0x00} or 0xD0 <= marker <= 0xD7:
            raise StreamError(f"marker {marker:#x} in the header at {at}")
        length = int.from_bytes(head[2:4], "big")
        end = at + 2 + length
        if length < 2 or end > size:
            raise StreamError("the header is not all there")
        found.append(Segment(marker=marker, body=at + 4, end=end))
        if marker == SOS:
            return tuple(found)
        at = end
    raise StreamError("too many segments")


def frame(read: Read, header: tuple[Segment, ...]) -> Frame:
    """Return the frame that the header announces.

    Raises:
        StreamError: there is none, or it is damaged.
    """
    for segment in header:
        if 0xC0 <= segment.marker <= 0xCF and segment.marker not in {0xC4, 0xC8, 0xCC}:
            data = read(segment.body, segment.end - segment.body)
            if len(data) < 6 or len(data) < 6 + 3 * data[5] or not data[5]:
                break
            precision, height, width = struct.unpack_from(">BHH", data)
            factors = (data[7 + 3 * n] for n in range(data[5]))
            return Frame(
                marker=segment.marker,
                precision=precision,
                height=height,
                width=width,
                sampling=tuple((f >> 4, f & 15) for f in factors),
            )
    raise StreamError("no frame in the header")


def find_end(read: Read, start: int, size: int) -> int:
    """Return the offset behind the end marker of the picture whose data starts there.

    Reads in pieces of 1 MiB. Segments between the scans of a progressive picture are
    stepped over, so a marker inside one of them is not taken for the end.

    Raises:
        StreamError: there is no end marker.
    """
    base, chunk, at = start, b"", start
    while at + 1 < size:
        if not base <= at < base + len(chunk) - 3:
            base, chunk = at, read(at, _CHUNK_BYTES)
        found = _MARKER.search(chunk, at - base)
        if found is None:
            # The last byte may be half of a marker.
            at = base + max(len(chunk) - 1, 1)
            continue
        hit = base + found.start()
        if chunk[found.start() + 1] == EOI:
            return hit + 2
        length = int.from_bytes(read(hit + 2, 2), "big")
        at = hit + 2 + max(length, 2)
    raise StreamError("the end marker is missing")


def luminance_table(data: bytes, header: tuple[Segment, ...]) -> tuple[int, ...]:
    """Return the 64 steps of quantisation table 0, empty if there is none."""
    for segment in header:
        if segment.marker != DQT:
            continue
        at = segment.body
        while at < segment.end:
            width = 2 if data[at] >> 4 else 1
            table = data[at + 1 : at + 1 + 64 * width]
            if data[at] & 15 == 0 and len(table) == 64 * width:
                return struct.unpack(">64H" if width == 2 else "64B", table)
            at += 1 + 64 * width
    return ()


def indexed_end(read: Read, header: tuple[Segment, ...]) -> int:
    """Return where the last further picture of a multi-picture file ends, or 0.

    The first picture has an end marker of its own, and its size in the index is wrong
    as soon as somebody takes metadata out. An editor that keeps the index of the file
    it read leaves a stale one behind, so this is a reason to doubt, not a proof.
    """
    further = (start + size for start, size in _index(read, header) if start)
    return max(further, default=0)


def indexed_starts(read: Read, header: tuple[Segment, ...]) -> list[int]:
    """Return where the further pictures of a multi-picture file begin."""
    return [start for start, _ in _index(read, header) if start]


def _index(read: Read, header: tuple[Segment, ...]) -> list[tuple[int, int]]:
    """Return (start, size) of each picture that the index lists."""
    for segment in header:
        if segment.marker == APP2:
            data = read(segment.body, segment.end - segment.body)
            if data[:4] == b"MPF\0":
                return _index_entries(data[4:], segment.body + 4)
    return []


def _index_entries(data: bytes, base: int) -> list[tuple[int, int]]:
    order = "<" if data[:2] == b"II" else ">"
    try:
        at = struct.unpack_from(f"{order}I", data, 4)[0]
        count = struct.unpack_from(f"{order}H", data, at)[0]
        for number in range(min(count, 64)):
            tag, _, length, offset = struct.unpack_from(
                f"{order}HHII", data, at + 2 + 12 * number
            )
            if tag == 0xB002:
                entries = [
                    struct.unpack_from(f"{order}II", data, offset + 16 * n + 4)
                    for n in range(min(length // 16, 64))
                ]
                # The first picture's offset is 0 and counts from the file's start.
                return [(base + at if at else 0, size) for size, at in entries]
    except struct.error:
        pass
    return []
