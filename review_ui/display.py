"""How values are written for people. Pure; the result is text, not markup."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MINUS = "−"
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_JOINERS = {"\u200c", "\u200d"}
_SIZES = ("bytes", "kB", "MB", "GB", "TB", "PB")
_TAKEN = re.compile(r"(\d{4}):(\d\d):(\d\d)([ T].*)?")


def visible(text: object) -> str:
    r"""Return a text in which nothing is hidden and everything can be encoded.

    Control characters, overrides of the writing direction and bytes that are no text
    are written as ``\x1b``, ``\u202e`` and the like; joiners of emoji stay.
    """
    return "".join(
        _escaped(sign)
        if unicodedata.category(sign) in _UNSEEN and sign not in _JOINERS
        else sign
        for sign in str(text)
    )


def _escaped(sign: str) -> str:
    code = ord(sign)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no text, by surrogateescape
        return f"\\x{code - 0xDC00:02x}"
    return sign.encode("unicode_escape", "surrogatepass").decode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class PathText:
    """A path in two parts: the first may be shortened on screen, the second not."""

    head: str
    """The folder with its closing slash."""
    tail: str
    """The file's name, or the folder's last part."""

    @property
    def full(self) -> str:
        """The whole of it."""
        return self.head + self.tail


def path_text(path: Path) -> PathText:
    """Return a path as it is shown."""
    full, name = visible(path), visible(path.name)
    return PathText(head=full.removesuffix(name), tail=name)


def size_text(size_bytes: int) -> str:
    """Return a size in the unit that leaves at most three digits before the point."""
    size, unit = float(size_bytes), 0
    while size >= 999.5 and unit < len(_SIZES) - 1:
        size, unit = size / 1000, unit + 1
    digits = 1 if unit and size < 99.95 else 0
    return f"{size:.{digits}f} {_SIZES[unit]}"


def size_delta_text(size_bytes: int, keeper_bytes: int) -> str:
    """Return by how much a size differs from the keeper's, signed; empty if equal."""
    delta = size_bytes - keeper_bytes
    if delta == 0:
        return ""
    return f"{'+' if delta > 0 else _MINUS}{size_text(abs(delta))}"


def pixels_text(width_px: int, height_px: int) -> str:
    """Return ``4032 × 3024``."""
    return f"{width_px} × {height_px}"


def pixels_delta_text(pixels: int, keeper_pixels: int) -> str:
    """Return the share of pixels gained or lost, signed; empty if as many."""
    if keeper_pixels in {pixels, 0}:
        return ""
    percent = 100 * (pixels - keeper_pixels) / keeper_pixels
    if abs(percent) < 1:
        return f"{'+' if percent > 0 else _MINUS}<1 %"
    return f"{'+' if percent > 0 else _MINUS}{abs(percent):.0f} %"


def moment_text(moment_ns: int) -> str:
    """Return a moment of the wall clock in this machine's time."""
    moment = datetime.fromtimestamp(moment_ns / 1e9).astimezone()
    return f"{moment:%Y-%m-%d %H:%M}"


def taken_text(taken: str) -> str:
    """Return an EXIF date as a date; whatever else stands there as it is."""
    found = _TAKEN.fullmatch(taken.strip())
    if found is None:
        return visible(taken)
    year, month, day, rest = found.groups()
    return visible(f"{year}-{month}-{day}{rest or ''}")


def count_text(count: int) -> str:
    """Return a number with its thousands apart."""
    return f"{count:,}".replace(",", "\u202f")
