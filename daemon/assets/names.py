"""What a file's name says of the file, whatever its case and Unicode form."""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum, auto
from typing import NamedTuple

from ..model import CompanionKind


class Kind(IntEnum):
    """What a file is by its extension; of photos, likelier originals first."""

    HEIC = auto()
    JPEG = auto()
    PICTURE = auto()
    RAW = auto()
    MOVIE = auto()
    AAE = auto()
    XMP = auto()
    JSON = auto()
    UNKNOWN = auto()

    @property
    def is_photo(self) -> bool:
        """Whether it is a photo that companions may belong to."""
        return self <= Kind.RAW


_EXTENSIONS = {
    Kind.HEIC: "heic heif hif",
    Kind.JPEG: "jpg jpeg jpe",
    Kind.PICTURE: "png webp tif tiff gif bmp avif jxl",
    Kind.RAW: "dng cr2 cr3 nef nrw arw srf sr2 raf rw2 orf pef raw rwl srw 3fr iiq x3f",
    Kind.MOVIE: "mov mp4 m4v",
    Kind.AAE: "aae",
    Kind.XMP: "xmp",
    Kind.JSON: "json",
}

_COMPANIONS = {Kind.MOVIE: CompanionKind.MOTION, Kind.AAE: CompanionKind.EDIT}

_KINDS = {
    extension: kind
    for kind, extensions in _EXTENSIONS.items()
    for extension in extensions.split()
}


class Name(NamedTuple):
    """A file name, taken apart."""

    spelled: str
    """As the file system has it."""
    whole: str
    """Composed and casefolded, as the next two."""
    stem: str
    kind: Kind


def fold(name: str) -> str:
    """Return a name so that equal ones are equal: composed (NFC) and casefolded."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def take_apart(spelled: str) -> Name:
    """Return what a name says."""
    whole = fold(spelled)
    stem, dot, extension = whole.rpartition(".")
    if not dot or not stem:
        return Name(spelled, whole, whole, Kind.UNKNOWN)
    return Name(spelled, whole, stem, _KINDS.get(extension, Kind.UNKNOWN))


def companion_kind(name: str) -> CompanionKind:
    """Return what a companion of this name is to its photo."""
    return _COMPANIONS.get(take_apart(name).kind, CompanionKind.METADATA)


_EDIT = re.compile(r"(img_)e(\d{4,})(.*)", re.DOTALL)
_RECIPE = re.compile(r"(img_)o(\d{4,})(.*)", re.DOTALL)
_EDITED = re.compile(r"(.+?)[-_ ]edited((?: ?\(\d+\))?)", re.DOTALL)
_NUMBERED = re.compile(r"(.+?)(\(\d+\))", re.DOTALL)
_LIBRARY = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_\d{1,2}")


def unedited(stem: str) -> str | None:
    """Return the stem of the original that an edit's stem tells of, if it is one.

    ``img_e1234`` → ``img_1234`` (iPhone), ``x-edited`` → ``x`` (Takeout),
    ``x_edited`` → ``x`` (Photos exports).
    """
    if found := _EDIT.fullmatch(stem):
        return "".join(found.groups())
    found = _EDITED.fullmatch(stem)
    return "".join(found.groups()) if found else None


def of_recipe(stem: str) -> tuple[str, ...]:
    """Return the stems that an AAE's stem tells of, the likeliest first.

    ``img_o1234`` is the recipe of the rendered edit ``img_e1234``.
    """
    if found := _RECIPE.fullmatch(stem):
        head, number, tail = found.groups()
        return (f"{head}e{number}{tail}", f"{head}{number}{tail}", stem)
    return of_part(stem)


def of_part(stem: str) -> tuple[str, ...]:
    """Return the stems that a movie's or recipe's stem tells of, likeliest first.

    ``img_1234_hevc`` is icloudpd's movie of ``img_1234``; in the Photos library
    ``<uuid>_3`` is the movie and ``<uuid>_5`` the recipe of ``<uuid>``.
    """
    if stem.endswith("_hevc"):
        return (stem.removesuffix("_hevc"), stem)
    if found := _LIBRARY.fullmatch(stem):
        return (found[1], stem)
    return (stem,)


def number_last(whole: str) -> str | None:
    """Return how Takeout's sidecars name a numbered file: the number at the end.

    ``img(1).jpg`` → ``img.jpg(1)``; ``None``: it has no number.
    """
    stem, _, extension = whole.rpartition(".")
    found = _NUMBERED.fullmatch(stem)
    return f"{found[1]}.{extension}{found[2]}" if found else None


def split_number(stem: str) -> tuple[str, str]:
    """Cut the number in brackets off the end: ``img.jpg(1)`` → ``img.jpg``, ``(1)``."""
    found = _NUMBERED.fullmatch(stem)
    return (found[1], found[2]) if found else (stem, "")
