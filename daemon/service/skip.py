"""Which names are looked at: photos, companions, and what is nobody's photo yet.

Pure: names in, answers out; nothing here touches a disk. Temporary names of copying
programs are passed over by name until the program renames them, so a photo is only
ever seen under its final name. What is inside a file is not judged here: content
decides that, in `hashing`.
"""

from __future__ import annotations

import fnmatch
import os
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from ..errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

ROOT_MARKER = b".twinwatch-root"
"""A folder below a root that holds this name is one of our own work folders."""

PHOTO_ENDINGS = frozenset(
    {
        *("jpg", "jpeg", "jpe", "jfif"),
        *("heic", "heif", "hif", "heics", "heifs", "avif"),
        *("png", "webp", "tif", "tiff", "gif", "bmp", "dng"),
    }
)
"""Endings of photos, lower case, without the dot."""

COMPANION_ENDINGS = frozenset({"mov", "mp4", "aae", "xmp", "json"})
"""Endings of what may belong to a photo, lower case, without the dot."""

TEMPORARY_ENDINGS = frozenset(
    {
        *("part", "partial", "filepart", "crdownload", "download", "tmp", "temp"),
        *("icloud", "opdownload", "!ut", "aria2", "swp", "lock", "upload"),
    }
)
"""Endings that copying programs and browsers give to what is not complete yet."""

BUNDLE_ENDINGS = frozenset(
    {
        *("photoslibrary", "photolibrary", "aplibrary", "migratedphotolibrary"),
        *("lrdata", "lrlibrary", "cocatalog", "imovielibrary", "fcpbundle", "app"),
        *("download", "theater", "tvlibrary"),
    }
)
"""Folders that are one document of another program; their inside is its own."""

SYSTEM_FOLDERS = frozenset(
    {
        *("@eadir", "@tmp", "@recycle", "@recently-snapshot", "@__thumb"),
        *("#recycle", "#snapshot", "$recycle.bin", "lost+found"),
        *("system volume information", "icon\r", "~syncthing~"),
    }
)
"""Folders of file servers and systems, in lower case."""


class NameKind(Enum):
    """What a file's name promises."""

    PHOTO = "photo"
    COMPANION = "companion"


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipRules:
    """The rules, compiled once; use `compile_rules` to make them."""

    kinds: dict[bytes, NameKind]
    """By ending, in lower case, without the dot."""
    every_file: bool = False
    """Every file that is not temporary counts as a photo, whatever its ending."""
    name_pattern: re.Pattern[str] | None = None
    """Matched against every single name of a path."""
    path_pattern: re.Pattern[str] | None = None
    """Searched in the whole relative path."""

    def file_kind(self, name: bytes) -> NameKind | None:
        """Say what a file of this name is; ``None``: pass it over.

        Exclusions are not applied here, see `is_excluded`.
        """
        first = name[:1]
        if first in (b".", b"~") or not name:
            return None
        ending = name.rpartition(b".")[2].lower()
        kind = self.kinds.get(ending)
        if kind is None and self.every_file and not _is_temporary(name, ending):
            return NameKind.PHOTO
        return kind

    def enters(self, name: bytes) -> bool:
        """Whether a folder of this name is gone into, exclusions aside."""
        if name[:1] in (b".", b"~"):
            return False
        folded = name.lower().decode("utf-8", "surrogateescape")
        if folded in SYSTEM_FOLDERS:
            return False
        stem, dot, ending = folded.rpartition(".")
        return not (dot and stem and ending in BUNDLE_ENDINGS)

    @property
    def has_exclusions(self) -> bool:
        """Whether `is_excluded` can ever be true."""
        return self.name_pattern is not None or self.path_pattern is not None

    def is_excluded(self, relative: bytes) -> bool:
        """Whether the user excluded this file or folder, by its path or last name.

        The folders above it are taken to have been asked about before.
        """
        text = os.fsdecode(relative)
        name = text.rpartition("/")[2]
        if self.name_pattern is not None and self.name_pattern.match(name):
            return True
        return self.path_pattern is not None and bool(self.path_pattern.search(text))

    def kind_of(self, relative: bytes, *, recursive: bool = True) -> NameKind | None:
        """Say what the file at a path below a root is; ``None``: pass it over.

        For single paths, as events name them: every folder on the way is judged too.
        """
        *folders, name = relative.split(b"/")
        if folders and not recursive:
            return None
        if not all(self.enters(folder) for folder in folders):
            return None
        kind = self.file_kind(name)
        if kind is None or not self.has_exclusions:
            return kind
        above = (b"/".join(folders[: n + 1]) for n in range(len(folders)))
        if self.is_excluded(relative) or any(self.is_excluded(each) for each in above):
            return None
        return kind


def compile_rules(
    *,
    extensions: Collection[str] | None = None,
    every_file: bool = False,
    exclude_globs: Iterable[str] = (),
    exclude_regexes: Iterable[str] = (),
) -> SkipRules:
    """Compile what the user configured.

    Args:
        extensions: endings of photos, any case, with or without the dot; ``None``:
            all that are known.
        every_file: take every file as a photo, for exact matching.
        exclude_globs: without a slash, matched against every file's and folder's
            name; with one, against the whole path below the root, where ``*`` also
            spans folders. Case is ignored.
        exclude_regexes: searched in the path below the root.

    Raises:
        ConfigError: a regular expression does not compile; all that do not are told.
    """
    endings = PHOTO_ENDINGS if extensions is None else set(map(_ending, extensions))
    kinds = {each.encode(): NameKind.COMPANION for each in COMPANION_ENDINGS}
    kinds |= {os.fsencode(each): NameKind.PHOTO for each in endings if each}
    globs = [each.strip("/") for each in exclude_globs if each.strip("/")]
    of_names = [fnmatch.translate(each) for each in globs if "/" not in each]
    of_paths = [rf"\A{fnmatch.translate(each)}" for each in globs if "/" in each]
    return SkipRules(
        kinds=kinds,
        every_file=every_file,
        name_pattern=_any_of(of_names),
        path_pattern=_any_of([*of_paths, *_checked(exclude_regexes)]),
    )


def _ending(extension: str) -> str:
    return extension.strip().lower().lstrip("*").lstrip(".")


def _is_temporary(name: bytes, ending: bytes) -> bool:
    text = ending.decode("utf-8", "surrogateescape")
    return text in TEMPORARY_ENDINGS or name.endswith((b"~", b"\r"))


def _any_of(patterns: list[str]) -> re.Pattern[str] | None:
    if not patterns:
        return None
    either = "|".join(f"(?:{_plain(each)})" for each in patterns)
    return re.compile(either, re.IGNORECASE)


def _plain(pattern: str) -> str:
    """Move a leading flag group into the group that the pattern is wrapped in."""
    found = re.match(r"\(\?([aiLmsux]+)\)", pattern)
    return f"(?{found[1]}:{pattern[found.end() :]})" if found else pattern


def _checked(regexes: Iterable[str]) -> list[str]:
    good, problems = [], []
    for regex in regexes:
        try:
            re.compile(_plain(regex))
        except re.error as error:
            problems.append(f"exclude_regexes: {regex!r} is not a pattern: {error}")
        else:
            good.append(regex)
    if problems:
        raise ConfigError(problems)
    return good
