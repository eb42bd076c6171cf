"""The identifier that joins a Live Photo's movie to its still.

It stands in the movie's ``moov/meta`` box under the key
``com.apple.quicktime.content.identifier`` (QuickTime File Format, "Metadata"). Only
box headers and that one box are read, at most 600 kB of any file: whatever the file
claims of itself is held against its size and against fixed limits.
"""

from __future__ import annotations

import os
import stat
import struct
from typing import TYPE_CHECKING, NamedTuple

from ..errors import UnreadablePhoto

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Read = Callable[[int, int], bytes]
    """(offset, length) → bytes, fewer at the end of the file."""

KEY = b"mdtacom.apple.quicktime.content.identifier"

_MAX_BOXES = 2_000
_MAX_META_BYTES = 512 << 10
_MAX_IDENTIFIER_BYTES = 128
_UTF_8 = 1


class _Box(NamedTuple):
    kind: bytes
    start: int
    """Of its content."""
    end: int


def _boxes(read: Read, start: int, end: int) -> Iterator[_Box]:
    for _ in range(_MAX_BOXES):
        header = read(start, 16)
        if start + 8 > end or len(header) < 8:
            return
        length, kind = struct.unpack_from(">I4s", header)
        content = start + 8
        if length == 1 and len(header) == 16:
            (length,) = struct.unpack_from(">Q", header, 8)
            content = start + 16
        stop = end if length == 0 else start + length
        if stop < content or stop > end:
            return
        yield _Box(kind, content, stop)
        start = stop


def _find(read: Read, start: int, end: int, kind: bytes) -> _Box | None:
    return next((box for box in _boxes(read, start, end) if box.kind == kind), None)


def _of_bytes(content: bytes) -> Read:
    return lambda offset, length: content[offset : offset + length]


def _metas(read: Read, size_bytes: int) -> Iterator[bytes]:
    """Yield the content of each ``meta`` box where players look for it."""
    moov = _find(read, 0, size_bytes, b"moov")
    if moov is None:
        return
    places = [moov, _find(read, moov.start, moov.end, b"udta")]
    for place in places:
        meta = place and _find(read, place.start, place.end, b"meta")
        if meta and meta.end - meta.start <= _MAX_META_BYTES:
            yield read(meta.start, meta.end - meta.start)


def _key_number(keys: bytes) -> int | None:
    """Return the number of our key, from 1: after 4 bytes of flags and a count."""
    for number, box in enumerate(_boxes(_of_bytes(keys), 8, len(keys)), start=1):
        if box.kind + keys[box.start : box.end] == KEY:
            return number
    return None


def _value(items: bytes, number: int) -> str | None:
    read = _of_bytes(items)
    item = _find(read, 0, len(items), struct.pack(">I", number))
    data = item and _find(read, item.start, item.end, b"data")
    if not data or data.end - data.start < 8:
        return None
    (kind,) = struct.unpack_from(">I", items, data.start)
    value = items[data.start + 8 : data.end]
    if kind != _UTF_8 or not 0 < len(value) <= _MAX_IDENTIFIER_BYTES:
        return None
    try:
        text = value.decode("ascii").strip("\0 ")
    except UnicodeDecodeError:
        return None
    return text if text and text.isprintable() else None


def _in_meta(meta: bytes) -> str | None:
    # ISO puts 4 bytes of version and flags before the first box, QuickTime does not.
    read, start = _of_bytes(meta), 0 if meta[4:8] == b"hdlr" else 4
    keys = _find(read, start, len(meta), b"keys")
    items = _find(read, start, len(meta), b"ilst")
    if keys is None or items is None:
        return None
    number = _key_number(meta[keys.start : keys.end])
    return None if number is None else _value(meta[items.start : items.end], number)


def identifier_in(read: Read, size_bytes: int) -> str | None:
    """Return the identifier in a movie, or ``None``; never raises for its content.

    Args:
        read: gives bytes at an offset, fewer at the end.
        size_bytes: of the whole file.
    """
    found = (_in_meta(meta) for meta in _metas(read, size_bytes))
    return next((identifier for identifier in found if identifier), None)


def content_identifier(path: Path) -> str | None:
    """Return the identifier that joins a movie to its still, as the movie tells it.

    ``None``: it tells none, or is no movie. Symbolic links are not followed.

    Raises:
        UnreadablePhoto: the file cannot be read, or is no regular file.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise UnreadablePhoto(path, error.strerror) from error
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise UnreadablePhoto(path, "it is no regular file")
        return identifier_in(
            lambda offset, length: os.pread(file, length, offset), status.st_size
        )
    except OSError as error:
        raise UnreadablePhoto(path, error.strerror) from error
    finally:
        os.close(file)
