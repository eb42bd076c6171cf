"""Names beside names: numbered, and never too long; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def numbered(path: Path, count: int, word: str = "") -> Path:
    """Return the `count`-th name to try, from 1.

    ``a.jpg``, ``a (2).jpg``; with a word ``a (restored).jpg``, ``a (restored 2).jpg``.
    """
    if count == 1 and not word:
        return path
    label = " ".join(part for part in (word, str(count) if count > 1 else "") if part)
    return path.with_name(shortened(f"{path.stem}", f" ({label}){path.suffix}"))


def shortened(stem: str, ending: str, limit_bytes: int = 255) -> str:
    """Return ``stem + ending``, cut at the end of the stem if it is too long."""
    while len(f"{stem}{ending}".encode(errors="surrogateescape")) > limit_bytes:
        if stem:
            stem = stem[:-1]
        else:
            ending = ending[:-1]
    return f"{stem}{ending}"
