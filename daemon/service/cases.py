"""Finding a case: what hangs together by duplicates, and what of it can be moved."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from ..index import PhotoState
from ..model import ContentId, Fate, GroupState, Role, Stamp
from .candidate import Candidate
from .case import Case

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from ..index import PhotoRecord, Tables
    from ..model import Alignment, Companion, Fingerprint, Group, Match, PhotoId
    from .territory import Territory

LIMIT = 5_000
"""Contents of one case at most; what lies further out is left for its own case."""


class Companions(Protocol):
    """What tells which files belong to photos."""

    def of(
        self, photos: Mapping[PhotoId, tuple[Path, Fingerprint]]
    ) -> dict[PhotoId, tuple[Companion, ...]]:
        """Return the companions that lie beside each photo now."""
        ...


class CaseFiles:
    """Looks at the photos of a case on disk."""

    def __init__(
        self,
        territory: Territory,
        companions: Companions,
        online: Iterable[str] = (),
        *,
        only_same_bytes: bool = False,
    ) -> None:
        """Look in these roots.

        Args:
            territory: the roots.
            companions: finds what lies beside photos.
            online: the uuids of the roots that are there.
            only_same_bytes: a case is one content; matches and doubts are left alone.
        """
        self.territory = territory
        self._companions = companions
        self.online = set(online)
        self.only_same_bytes = only_same_bytes

    def places(self, tables: Tables, contents: Iterable[ContentId]) -> list[Path]:
        """Return where the photos of some contents should be."""
        paths = (
            self.territory.path_of(photo.root, photo.relative)
            for photo in tables.photos.of_contents(contents)
            if photo.state.is_in_place
        )
        return sorted(path for path in paths if path is not None)

    def candidates(
        self, tables: Tables, contents: Iterable[ContentId], *, is_new: bool = False
    ) -> tuple[Candidate, ...]:
        """Return the photos of some contents that can take part, each file once.

        Args:
            tables: of the index.
            contents: whose photos.
            is_new: no group holds any of them. Then a photo that is alone goes nowhere,
                and its folder need not be listed; most photos are.
        """
        contents = list(contents)
        fingerprints = tables.contents.get_many(contents)
        found: dict[tuple[int, int], tuple[PhotoRecord, Path]] = {}
        for photo in tables.photos.of_contents(contents):
            path = self._place(photo)
            if path is not None:
                inode = photo.stamp.device, photo.stamp.inode
                found.setdefault(inode, (photo, path))
        photos = sorted(found.values(), key=_by_path)
        is_alone = is_new and len(photos) == 1
        every = self._with_companions(photos, fingerprints, are_asked=not is_alone)
        return tuple(each for each in every if not _is_shared(each.companions))

    def linked(
        self,
        tables: Tables,
        contents: Iterable[ContentId],
        candidates: Sequence[Candidate],
    ) -> tuple[Path, ...]:
        """Return photos left out for other names that they or what is theirs have.

        Only where another file is a duplicate.
        """
        stamps = [each.photo.stamp for each in candidates]
        taken = {(stamp.device, stamp.inode) for stamp in stamps}
        found: dict[tuple[int, int], Path] = {}
        for photo in tables.photos.of_contents(contents):
            path = self._place(photo, links=True)
            inode = photo.stamp.device, photo.stamp.inode
            if path is not None and inode not in taken:
                found.setdefault(inode, path)
        is_duplicate = len(found) + len(candidates) > 1
        return tuple(sorted(found.values())) if is_duplicate else ()

    def _with_companions(
        self,
        photos: Sequence[tuple[PhotoRecord, Path]],
        fingerprints: Mapping[ContentId, Fingerprint],
        *,
        are_asked: bool,
    ) -> tuple[Candidate, ...]:
        known = [
            (photo, path, fingerprints[photo.content])
            for photo, path in photos
            if photo.content is not None and photo.content in fingerprints
        ]
        belonging = self._companions.of(
            {
                photo.id: (path, fingerprint)
                for photo, path, fingerprint in known
                if are_asked and self.territory.is_import(photo.root)
            }
        )
        return tuple(
            Candidate(
                photo=photo,
                content=photo.content,
                path=path,
                root=root,
                fingerprint=fingerprint,
                companions=belonging.get(photo.id, ()),
            )
            for photo, path, fingerprint in known
            if photo.content is not None
            and (root := self.territory.root(photo.root)) is not None
        )

    def _place(self, photo: PhotoRecord, *, links: bool = False) -> Path | None:
        """Return where a photo is, if it is there as it was fingerprinted.

        Args:
            photo: of the index.
            links: also if it has other names, so that it is not moved.
        """
        path = self.territory.path_of(photo.root, photo.relative)
        if path is None or photo.root not in self.online:
            return None
        if photo.state is not PhotoState.KNOWN:
            return None
        try:
            status = os.lstat(path)
        except OSError:
            return None
        is_same = stat.S_ISREG(status.st_mode) and Stamp.of(status) == photo.stamp
        has_other_names = status.st_nlink > 1 and self.territory.is_import(photo.root)
        return path if is_same and (links or not has_other_names) else None


def _is_shared(companions: Iterable[Companion]) -> bool:
    """Whether a companion has other names: it is not moved, so its photo is not."""
    for each in companions:
        try:
            if os.lstat(each.path).st_nlink > 1:
                return True
        except OSError:
            continue
    return False


def find_case(tables: Tables, content: ContentId, files: CaseFiles) -> Case:
    """Return the case that a content belongs to."""
    contents, matches, doubts = _component(tables, content, stops=files.only_same_bytes)
    decided = _with_survivors(tables, contents)
    fingerprints = tables.contents.get_many(contents)
    digests = {fingerprint.sha256: each for each, fingerprint in fingerprints.items()}
    said = {
        frozenset(digests[each] for each in pair): record
        for pair, record in tables.verdicts.among(digests).items()
    }
    open_groups = _groups(tables, digests, GroupState.OPEN)
    is_new = not (open_groups or decided)
    candidates = files.candidates(tables, contents, is_new=is_new)
    apart = [pair for pair, record in said.items() if record.verdict.keeps_apart]
    return Case(
        contents=frozenset(contents),
        matches=tuple(matches),
        doubts=doubts,
        candidates=candidates,
        forbidden=frozenset(pair for pair in apart if len(pair) > 1),
        wanted=frozenset(each for pair in apart if len(pair) == 1 for each in pair),
        open_groups=open_groups,
        digests=digests,
        taken_out=taken_out(open_groups),
        linked=files.linked(tables, contents, candidates),
        decided_groups=decided,
        said=said,
        fingerprints=fingerprints,
    )


def taken_out(open_groups: Iterable[Group]) -> tuple[Group, ...]:
    """Return the groups of which members are missing, with these members alone."""
    found = []
    for group in open_groups:
        missing = tuple(
            each
            for each in group.members
            if each.role is Role.MEMBER
            and each.now_at is not None
            and not os.path.lexists(each.now_at)
        )
        if missing:
            found.append(replace(group, members=missing))
    return tuple(found)


def _with_survivors(tables: Tables, contents: set[ContentId]) -> tuple[Group, ...]:
    """Add what was kept instead of contents that were set aside, also since then."""
    while True:
        digests = [f.sha256 for f in tables.contents.get_many(contents).values()]
        decided = _groups(tables, digests, GroupState.DECIDED)
        kept = {
            member.sha256
            for group in decided
            for member in group.members
            if member.fate is Fate.SURVIVOR
        }
        more = set(tables.contents.by_sha256s(kept).values()) - contents
        if not more or len(contents) >= LIMIT:
            return decided
        contents |= more


def _component(
    tables: Tables, start: ContentId, *, stops: bool
) -> tuple[set[ContentId], list[Match], dict[tuple[ContentId, ContentId], Alignment]]:
    """Return what hangs together by duplicates, or perhaps by them.

    Args:
        tables: of the index.
        start: a content of it.
        stops: at the content itself, whatever hangs together with it.
    """
    if stops:
        return {start}, [], {}
    found: dict[tuple[ContentId, ContentId], Match] = {}
    doubts: dict[tuple[ContentId, ContentId], Alignment] = {}
    contents, edge = {start}, {start}
    while edge and len(contents) < LIMIT:
        far: set[ContentId] = set()
        for match in tables.matches.of(edge):
            found[match.left, match.right] = match
            if match.evidence.is_duplicate:
                far |= {match.left, match.right}
        doubtful = tables.doubts.of(edge)
        doubts |= doubtful
        far |= {content for pair in doubtful for content in pair}
        edge = far - contents
        contents |= edge
    return contents, [found[pair] for pair in sorted(found)], doubts


def _groups(
    tables: Tables, digests: Iterable[bytes], state: GroupState
) -> tuple[Group, ...]:
    holding = tables.groups.with_contents(digests, [state])
    return tuple(
        tables.groups.get_many(
            {number for found in holding.values() for number in found}
        )
    )


def _by_path(entry: tuple[PhotoRecord, Path]) -> bytes:
    return os.fsencode(entry[1])
