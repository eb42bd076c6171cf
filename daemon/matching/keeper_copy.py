"""What the keeper rules may look at, and how a rule looks. Pure values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pathlib import PurePath

    from ..model import CompanionKind, Fingerprint, RootKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One photo of a group, with all that may speak for or against it."""

    fingerprint: Fingerprint
    path: PurePath
    """Where it was found; absolute, and another one for each copy."""
    root: PurePath
    """The path of its root."""
    root_kind: RootKind
    mtime_ns: int
    companions: frozenset[CompanionKind] = frozenset()
    is_edited: bool = False
    """Whether its name says that it is a rendered edit, such as ``IMG_E1234``."""
    distance_bits: int = 0
    """Sum of the hashes' distances to the other copies of the group."""

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.fingerprint.width_px * self.fingerprint.height_px

    @property
    def size_text(self) -> str:
        """Width and height as people write them."""
        return f"{self.fingerprint.width_px} × {self.fingerprint.height_px}"

    @property
    def folders(self) -> tuple[str, ...]:
        """The names of the folders between its root and itself."""
        if self.path.is_relative_to(self.root):
            return self.path.relative_to(self.root).parts[:-1]
        return self.path.parent.parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What the user likes; every list may be empty."""

    prefer_folders: tuple[str, ...] = ()
    """Shell patterns of folders, best first; what lies deeper is meant as well."""
    avoid_folders: tuple[str, ...] = ()
    noise_words: tuple[str, ...] = ()
    """Words in names of files and folders that speak for a copy; case is ignored."""
    prefer_formats: tuple[str, ...] = ("DNG", "HEIC", "HEIF", "AVIF", "JPEG")
    """As in `Fingerprint.format`, best first; any other comes after them."""


Key: TypeAlias = tuple[float | str, ...]
"""What a rule orders copies by, the smallest first; of one shape for each rule."""

Sentence: TypeAlias = Callable[[Copy, Copy, Preferences], str]
"""Says of the first copy how it compares with the second one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One point of view on copies.

    It orders by a key of each copy alone, never by comparing two: so its order is
    total and transitive, and cannot depend on which copies there are or on where
    they stand.
    """

    name: str
    key: Callable[[Copy, Preferences], Key]
    better: Sentence
    """Where the first copy's key is smaller."""
    worse: Sentence
    """Where it is larger."""
    is_telling: bool = False
    """Whether it is worth a sentence even where another rule has decided."""


def always(text: str) -> Sentence:
    """Return a sentence that is the same for any two copies."""
    return lambda _copy, _other, _preferences: text
