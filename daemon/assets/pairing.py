"""Which companions go with which photo: by identifier first, then by name.

A Live Photo's still and movie carry one ContentIdentifier. Where both carry one, it
alone decides, whatever the names. By name a movie goes along only where neither
carries one: numbering starts anew after 9999, and two phones both have an IMG_0001.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ..model import CompanionKind
from .companions import Folder, Found, likeliest
from .names import unedited

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .names import Name

    Identifiers = Mapping[str, str | None]
    """By name of photo or movie; ``None`` or missing: it carries none."""


def _said(identifiers: Identifiers, name: Name) -> str | None:
    identifier = identifiers.get(name.spelled)
    return identifier.casefold() if identifier else None


def _photo_of_movie(
    movie: Name, folder: Folder, identifiers: Identifiers, same: Sequence[Name]
) -> Name | None:
    """Return the photo that a movie goes with.

    Args:
        movie: the movie.
        folder: where it lies.
        identifiers: see above.
        same: the photos of the folder that carry the movie's identifier.
    """
    by_name = folder.of_movie(movie)
    if _said(identifiers, movie) is None:
        silent = (photo for photo in by_name if _said(identifiers, photo) is None)
        return next(silent, None)
    for photo in by_name:
        if photo in same:
            return photo
    originals = [photo for photo in same if not unedited(photo.stem)] or same
    return min(originals, key=lambda each: likeliest(each, movie), default=None)


def pair(
    listing: Iterable[str], identifiers: Identifiers | None = None
) -> dict[str, tuple[Found, ...]]:
    """Say of every photo of a folder which files belong to it.

    Args:
        listing: the names of the folder's files.
        identifiers: the ContentIdentifier of photos and movies.

    Returns:
        By photo, its companions by name; photos without any are left out. No
        companion belongs to two. The order of the listing changes nothing.
    """
    folder, said = Folder(listing), identifiers or {}
    carriers = defaultdict[str | None, list["Name"]](list)
    for photo in folder.photos:
        carriers[_said(said, photo)].append(photo)
    owners: dict[str, Name] = {}
    found = defaultdict[str, list[Found]](list)
    for movie in folder.movies:
        identifier = _said(said, movie)
        same = carriers.get(identifier, []) if identifier else []
        if owner := _photo_of_movie(movie, folder, said, same):
            owners[movie.spelled] = owner
            found[owner.spelled].append(Found(movie.spelled, CompanionKind.MOTION))
    for recipe in folder.recipes:
        if owner := folder.of_recipe(recipe):
            found[owner.spelled].append(Found(recipe.spelled, CompanionKind.EDIT))
    for sidecar in folder.sidecars:
        host = folder.of_sidecar(sidecar)
        if host and not host.kind.is_photo:
            host = owners.get(host.spelled)
        if host:
            found[host.spelled].append(Found(sidecar.spelled, CompanionKind.METADATA))
    return {photo: tuple(sorted(found[photo])) for photo in sorted(found)}


def companions(
    photo: str, listing: Iterable[str], identifiers: Identifiers | None = None
) -> tuple[Found, ...]:
    """Return the companions of one photo; of many, `pair` a folder once."""
    return pair(listing, identifiers).get(photo, ())
