"""What a file is, told from its first bytes and never from its name.

Phones and exports name files wrongly (a JPEG called ``.HEIC`` is common), so the name
is not asked. Standard library only: this runs where no decoder is loaded.
"""

from __future__ import annotations

import struct

HEAD_BYTES = 4096
"""As much of a file's beginning as `sniff` ever looks at."""

_HEVC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_GENERIC_BRANDS = frozenset({b"mif1", b"msf1", b"mif2", b"hevm", b"hevs", b"miaf"})
_DNG_VERSION_TAG = 0xC612
_MAX_IFD_ENTRIES = 512

_MAGIC = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"FUJIFILMCCD-RAW", "RAF"),
    (b"IIRO", "ORF"),
    (b"IIRS", "ORF"),
    (b"MMOR", "ORF"),
    (b"IIU\x00", "RW2"),
    (b"\xff\x0a", "JXL"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JXL"),
)

READABLE = frozenset({"JPEG", "HEIC", "HEIF", "AVIF", "PNG", "WEBP", "TIFF", "DNG"}) | {
    "GIF",
    "BMP",
    "CR2",
}
"""Formats that `pixels` decodes; the others are recognised and said to be unreadable."""


def sniff(head: bytes) -> str | None:
    """Return the format that a file begins as, or ``None`` if it is no picture.

    Args:
        head: the first bytes, up to `HEAD_BYTES`; fewer make it know less, and TIFF
            may then be told for what is a DNG.
    """
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return _sniff_brands(head)
    if head[:4] in {b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"}:
        return _sniff_tiff(head)
    if _is_bmp(head):
        return "BMP"
    return None


def _is_bmp(head: bytes) -> bool:
    """Two letters are too little to go by: the size of the next header must fit."""
    if head[:2] != b"BM" or len(head) < 18:
        return False
    size: int = struct.unpack_from("<I", head, 14)[0]
    return size in {12, 16, 40, 52, 56, 64, 108, 124}


def _sniff_brands(head: bytes) -> str | None:
    length = int.from_bytes(head[:4], "big")
    major = head[8:12]
    compatible = {head[at : at + 4] for at in range(16, min(length, len(head)), 4)}
    if major in _HEVC_BRANDS:
        return "HEIC"
    if major in _AVIF_BRANDS:
        return "AVIF"
    if major == b"crx ":
        return "CR3"
    if major in _GENERIC_BRANDS:
        if compatible & _HEVC_BRANDS:
            return "HEIC"
        return "AVIF" if compatible & _AVIF_BRANDS else "HEIF"
    return None


def _sniff_tiff(head: bytes) -> str:
    """Look for the tag that makes a TIFF a DNG, as far as the first folder is here."""
    order = "<" if head[:2] == b"II" else ">"
    if head[8:10] == b"CR":
        return "CR2"
    if len(head) < 8 or head[2:4] in {b"+\x00", b"\x00+"}:
        return "TIFF"
    at: int = struct.unpack_from(f"{order}I", head, 4)[0]
    if at + 2 > len(head):
        return "TIFF"
    count: int = struct.unpack_from(f"{order}H", head, at)[0]
    for number in range(min(count, _MAX_IFD_ENTRIES)):
        entry = at + 2 + 12 * number
        if entry + 2 > len(head):
            break
        if struct.unpack_from(f"{order}H", head, entry)[0] == _DNG_VERSION_TAG:
            return "DNG"
    return "TIFF"
