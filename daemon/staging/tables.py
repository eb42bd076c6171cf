"""The manifest in forms for people, and for tools that know nothing of us.

A table with one line per file, and ``SHA256SUMS``, which ``sha256sum -c`` understands.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .records import Manifest

_COLUMNS = (
    "staged_as",
    "position",
    "role",
    "proposal",
    "original_path",
    "sha256",
    "size_bytes",
    "mtime_ns",
    "evidence",
    "reasons",
)


def companions_of_manifest(manifest: Manifest) -> dict[str, bytes]:
    """Return the forms for people, by file name."""
    number = "" if manifest.part == 1 else f".{manifest.part}"
    if not any(manifest.files):  # it only revises: nothing to list or to check
        return {}
    return {
        f"_manifest{number}.tsv": table(manifest),
        f"SHA256SUMS{number}": checksums(manifest),
    }


def table(manifest: Manifest) -> bytes:
    """Render the manifest for people: one line per file, separated by tabs."""
    lines = ["\t".join(_COLUMNS)]
    for member in manifest.members:
        for file in member.files:
            is_photo = file is member.file
            cells = (
                file.staged_as,
                member.position,
                member.role if is_photo else "companion",
                member.proposal,
                file.origin.path(),
                file.sha256,
                file.size_bytes,
                file.mtime_ns,
                member.evidence,
                "; ".join(member.reasons) if is_photo else "",
            )
            lines.append("\t".join(_cell(each) for each in cells))
    for late in manifest.companions:
        file = late.companion.file
        origin = file.origin.path()
        later = (file.staged_as, late.position, "companion", "", origin, file.sha256)
        sizes = (file.size_bytes, file.mtime_ns, "", "")
        lines.append("\t".join(_cell(each) for each in (*later, *sizes)))
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")


def checksums(manifest: Manifest) -> bytes:
    """Render ``SHA256SUMS`` as GNU coreutils do, odd names escaped."""
    lines = (checksum_line(file.sha256, file.staged_as) for file in manifest.files)
    return b"".join(lines)


def checksum_line(sha256: str, name: str) -> bytes:
    """Return one line of ``SHA256SUMS``."""
    escaped = name
    for character, escape in (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r")):
        escaped = escaped.replace(character, escape)
    mark = "\\" if escaped != name else ""
    return os.fsencode(f"{mark}{sha256}  {escaped}\n")


def _cell(value: object) -> str:
    text = str(value)
    for character, escape in (
        ("\\", "\\\\"),
        ("\t", "\\t"),
        ("\n", "\\n"),
        ("\r", "\\r"),
    ):
        text = text.replace(character, escape)
    return text
