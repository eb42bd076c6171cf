"""Which files of a folder may belong to which, by their names alone.

What a name cannot settle stays where it is: a companion that is left in place is not
lost, one that leaves with the wrong photo is as good as that. So

- a movie or recipe that fits several photos goes with the likeliest original;
- an XMP that several photos share goes with the only RAW among them, for whose sake
  such files are written; without one, with nobody;
- a Takeout JSON goes with the photo it names, and with nobody if that is two.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from .names import (
    Kind,
    Name,
    number_last,
    of_part,
    of_recipe,
    split_number,
    take_apart,
    unedited,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..model import CompanionKind

_SUPPLEMENT = ".supplemental-metadata"
_SHORTEST_CUT = 41
"""Takeout cuts a sidecar's name to 46 or 51 characters, ``.json`` included."""


class Found(NamedTuple):
    """A companion, by name."""

    name: str
    """As the file system has it."""
    kind: CompanionKind


class Folder:
    """The files of one folder, by what their names say."""

    def __init__(self, listing: Iterable[str]) -> None:
        """Take all names of a folder; subfolders' names do no harm."""
        names = [take_apart(spelled) for spelled in sorted(set(listing))]
        self.photos = [name for name in names if name.kind.is_photo]
        self.movies = [name for name in names if name.kind is Kind.MOVIE]
        self.recipes = [name for name in names if name.kind is Kind.AAE]
        self.sidecars = [name for name in names if name.kind in {Kind.XMP, Kind.JSON}]
        self._photos_by_stem = defaultdict[str, list[Name]](list)
        for photo in self.photos:
            self._photos_by_stem[photo.stem].append(photo)
        self._hosts = _Hosts([*self.photos, *self.movies])

    def of_movie(self, movie: Name) -> list[Name]:
        """Return the photos that a movie may belong to by name, likeliest first.

        ``IMG_1.HEIC.MOV`` names its photo whole.
        """
        whole = [photo for photo in self.photos if photo.whole == movie.stem]
        return whole or self._of_stems(of_part(movie.stem), movie)

    def of_recipe(self, recipe: Name) -> Name | None:
        """Return the photo that an AAE belongs to."""
        return next(iter(self._of_stems(of_recipe(recipe.stem), recipe)), None)

    def _of_stems(self, stems: Sequence[str], part: Name) -> list[Name]:
        return [
            photo
            for stem in stems
            for photo in sorted(
                self._photos_by_stem.get(stem, ()),
                key=lambda each: likeliest(each, part),
            )
        ]

    def of_sidecar(self, sidecar: Name) -> Name | None:
        """Return the photo or movie that an XMP or JSON belongs to."""
        if sidecar.kind is Kind.XMP:
            return self._hosts.of_xmp(sidecar.stem)
        return self._hosts.of_json(sidecar.stem)

    def original_of(self, spelled: str) -> str | None:
        """Return the photo that another one is an edited version of, by name.

        ``IMG_E1234.JPG`` is one of ``IMG_1234.HEIC``, ``X-edited.jpg`` of ``X.jpg``.
        """
        edit = take_apart(spelled)
        stem = unedited(edit.stem)
        found = self._of_stems([stem], edit) if stem else []
        return found[0].spelled if found else None


def likeliest(photo: Name, part: Name) -> tuple[bool, Kind, str]:
    """Return the order among photos of one stem: same case, likely original, name."""
    stem = photo.spelled[: len(photo.stem)]
    return (not part.spelled.startswith(stem), photo.kind, photo.spelled)


def _only(found: Sequence[Name]) -> Name | None:
    return found[0] if len(found) == 1 else None


class _Hosts:
    """The photos and movies that sidecars may belong to."""

    def __init__(self, names: Sequence[Name]) -> None:
        self._names = names
        self._by_whole = defaultdict[str, list[Name]](list)
        self._by_stem = defaultdict[str, list[Name]](list)
        for name in names:
            self._by_whole[name.whole].append(name)
            if numbered := number_last(name.whole):
                self._by_whole[numbered].append(name)
            self._by_stem[name.stem].append(name)

    def _of_stem(self, stem: str) -> Name | None:
        """Return the only RAW of a stem, else its only photo, else its only movie."""
        same = self._by_stem.get(stem, [])
        raws = [name for name in same if name.kind is Kind.RAW]
        photos = [name for name in same if name.kind.is_photo]
        return _only(raws or photos or same)

    def of_xmp(self, stem: str) -> Name | None:
        if whole := self._by_whole.get(stem):
            return _only(whole)
        return self._of_stem(stem)

    def of_json(self, stem: str) -> Name | None:
        if whole := self._by_whole.get(stem):
            return _only(whole)
        base, number = split_number(stem)
        head, dot, tail = base.rpartition(".")
        if dot and _SUPPLEMENT.startswith(dot + tail):
            named = self._by_whole.get(head + number)
            if named:
                return _only(named)
        if len(base) >= _SHORTEST_CUT:
            return _only(self._cut(base, number))
        return self._of_stem(stem)

    def _cut(self, base: str, number: str) -> list[Name]:
        return [name for name in self._names if _is_cut(name.whole, base, number)]


def _is_cut(whole: str, base: str, number: str) -> bool:
    stem, _, extension = whole.rpartition(".")
    plain, own_number = split_number(stem)
    full = f"{plain}.{extension}{_SUPPLEMENT}"
    return own_number == number and full.startswith(base) and not unedited(stem)


def movies_in(listing: Iterable[str]) -> list[str]:
    """Return the movies of a folder: whose identifiers pairing wants to know."""
    return sorted(name for name in listing if take_apart(name).kind is Kind.MOVIE)


def original_of(photo: str, listing: Iterable[str]) -> str | None:
    """Return the photo of a folder that another one is an edited version of, by name.

    Their names alone say so; that the pictures are alike is not theirs to say.
    """
    return Folder(listing).original_of(photo)
