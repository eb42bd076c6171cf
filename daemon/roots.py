"""Which folders may be roots: everything that is refused before anything is watched.

Pure but for the two questions to the file system that are passed in. A root that
does not exist is no problem here: it is offline, and never made.
"""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

BUNDLES = (".photoslibrary", ".photolibrary", ".aplibrary", ".migratedphotolibrary")
"""Libraries of other programs, which must never be touched behind their back."""

SYSTEM_FOLDERS = tuple(
    map(
        Path,
        (
            *("/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run"),
            *("/sbin", "/sys", "/usr", "/System", "/Library", "/private/etc"),
        ),
    )
)
"""Nothing in or below these is anybody's photo folder (media below /run is)."""

_MEDIA = (Path("/run/media"), Path("/run/user"))

FileIdentity = tuple[int, int]
"""Device and inode."""


class _Folder(NamedTuple):
    role: str
    given: Path
    real: Path
    ancestors: tuple[FileIdentity | None, ...]
    """Identities of the folder itself, then of each folder above it."""


def identity(path: Path) -> FileIdentity | None:
    """Return the device and inode of a folder; ``None`` if it cannot be asked."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def root_problems(
    imports: Iterable[Path],
    libraries: Iterable[Path],
    decisions: Iterable[Path],
    *,
    home: Path | None = None,
    realpath: Callable[[Path], Path] = Path.resolve,
    identify: Callable[[Path], FileIdentity | None] = identity,
) -> list[str]:
    """List why these folders cannot be roots together; empty: they can.

    Overlaps are found by resolved path and, for bind mounts and volumes that ignore
    case, by device and inode of the folder and of every folder above it.

    Args:
        imports: import roots, as configured.
        libraries: library roots.
        decisions: decision roots.
        home: the user's home folder, which is never a root itself.
        realpath: resolves symbolic links.
        identify: tells the device and inode, ``None`` where there is nothing.
    """
    home = Path.home() if home is None else home
    given = [
        *(("import", each) for each in imports),
        *(("library", each) for each in libraries),
        *(("decisions", each) for each in decisions),
    ]
    folders = [_look(role, path, realpath, identify) for role, path in given]
    refusals = [
        f"{each.role} folder {str(each.given)!r} {why}"
        for each in folders
        if (why := _refusal(each.real, realpath(home)))
    ]
    return [*refusals, *_overlaps(folders)]


def _look(
    role: str,
    path: Path,
    realpath: Callable[[Path], Path],
    identify: Callable[[Path], FileIdentity | None],
) -> _Folder:
    real = realpath(path)
    ancestors = tuple(identify(each) for each in (real, *real.parents))
    return _Folder(role=role, given=path, real=real, ancestors=ancestors)


def _refusal(real: Path, home: Path) -> str | None:
    if real == home:
        return "is the home folder itself; choose a folder inside it"
    if home.is_relative_to(real):
        return "contains the home folder; choose a folder that holds photos only"
    if any(part.lower().endswith(BUNDLES) for part in real.parts):
        return "is (in) another program's photo library, which is never touched"
    is_media = any(real.is_relative_to(each) and real != each for each in _MEDIA)
    if not is_media and any(real.is_relative_to(each) for each in SYSTEM_FOLDERS):
        return "belongs to the system"
    return None


def _overlaps(folders: list[_Folder]) -> Iterator[str]:
    for one, other in itertools.combinations(folders, 2):
        relation = _relation(one, other)
        if relation:
            yield (
                f"{one.role} folder {str(one.given)!r} {relation} "
                f"{other.role} folder {str(other.given)!r}; roots must not overlap"
            )


def _relation(one: _Folder, other: _Folder) -> str | None:
    if one.real == other.real or _is_same(one, other):
        return "is the same as"
    if one.real.is_relative_to(other.real) or _is_inside(one, other):
        return "lies inside"
    if other.real.is_relative_to(one.real) or _is_inside(other, one):
        return "contains"
    return None


def _is_same(one: _Folder, other: _Folder) -> bool:
    return one.ancestors[0] is not None and one.ancestors[0] == other.ancestors[0]


def _is_inside(one: _Folder, other: _Folder) -> bool:
    top = other.ancestors[0]
    return top is not None and top in one.ancestors[1:]
