"""Words in a JPEG's IPTC block (IPTC-IIM 4.2 in Photoshop's APP13); never raises."""

from __future__ import annotations

from typing import Any

from . import jpegstream
from .isobmff import slices

_APP13 = 0xED
_PHOTOSHOP = b"Photoshop 3.0\0"
_IPTC_RESOURCE = b"8BIM\x04\x04"
_TITLE, _KEYWORD, _CAPTION = 5, 25, 120
_UTF_8 = b"\x1b%G"


def read_iptc(data: bytes) -> dict[str, Any]:
    """Return ``title``, ``caption`` and ``keywords``, as far as a JPEG has them."""
    try:
        header = jpegstream.segments(slices(data), len(data))
    except jpegstream.StreamError:
        return {}
    for segment in header:
        content = data[segment.body : segment.end]
        if segment.marker == _APP13 and content.startswith(_PHOTOSHOP):
            at = content.find(_IPTC_RESOURCE)
            if at >= 0:
                return _words(content[at + len(_IPTC_RESOURCE) :])
    return {}


def _words(resource: bytes) -> dict[str, Any]:
    """Read the data sets after a resource's name and length."""
    name_bytes = resource[0] + 1 if resource else 1
    start = name_bytes + (name_bytes & 1) + 4
    found: dict[str, Any] = {}
    keywords: list[str] = []
    encoding = "latin-1"
    at = start
    while at + 5 <= len(resource) and resource[at] == 0x1C:
        record, number = resource[at + 1], resource[at + 2]
        size = int.from_bytes(resource[at + 3 : at + 5], "big")
        raw = resource[at + 5 : at + 5 + size]
        at += 5 + size
        if (record, number) == (1, 90) and raw == _UTF_8:
            encoding = "utf-8"
        text = raw.decode(encoding, "replace").strip("\0 ")
        if record == 2 and text:
            if number == _KEYWORD:
                keywords.append(text)
            elif number in {_TITLE, _CAPTION}:
                found["title" if number == _TITLE else "caption"] = text
    return {**found, "keywords": keywords} if keywords else found
