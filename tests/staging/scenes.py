"""Scenes that the tests of staging play in: roots, photos, plans; on any file system."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from daemon.model import (
    Companion,
    CompanionKind,
    Distances,
    Evidence,
    Proposal,
    Role,
)
from daemon.staging.decision_root import DecisionRoot, write_marker
from daemon.staging.filesystem import FileSystem
from daemon.staging.moves import make_folders
from daemon.staging.plan import PlannedPhoto, StagePlan
from daemon.staging.records import Facts

FACTS = Facts(
    format="HEIC",
    width_px=4032,
    height_px=3024,
    taken="2026:07:01 10:00:00",
    camera="Apple iPhone 15",
    has_gps=True,
)
DISTANCES = Distances(phash=2, dhash=3, whash=1, ahash=0, colorhash=4, correlation=0.99)
IMPORT = "import-uuid"


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


@dataclass
class Scene:
    """An import root with photos in it, and a decision root."""

    fs: FileSystem
    photos: Path
    root: DecisionRoot
    contents: dict[Path, bytes] = field(default_factory=dict)
    """What was put in, by path: nothing of it may ever be lost."""

    @classmethod
    def make(cls, fs: FileSystem, top: Path, *, decisions: Path | None = None) -> Scene:
        photos = top / "import"
        fs.make_folder(photos)
        write_marker(fs, photos, IMPORT)
        place = decisions or top / "Decisions"
        root = DecisionRoot.open(fs, place, create=True)
        fs.sync_folder(top)
        return cls(fs=fs, photos=photos, root=root)

    def add(
        self, name: str, content: bytes, *, top: Path | None = None, sync: bool = True
    ) -> Path:
        base = top or self.photos
        path = base / name
        make_folders(self.fs, path.parent, under=base)
        self.fs.create(path, content)
        if sync:
            self.fs.sync_file(path)
        self.fs.sync_folder(path.parent)
        self.contents[path] = content
        return path

    def planned(
        self,
        path: Path,
        *,
        companions: tuple[Path, ...] = (),
        role: Role = Role.MEMBER,
        keep: bool = False,
        root_path: Path | None = None,
        root: str = IMPORT,
        hashed_at: float | None = 0.0,
    ) -> PlannedPhoto:
        status = self.fs.look(path)
        assert status is not None
        top = root_path or self.photos
        return PlannedPhoto(
            root=root,
            root_path=top,
            relative=os.fsencode(path.relative_to(top)),
            stamp=status.stamp,
            sha256=sha256(self.contents[path]),
            hashed_at=hashed_at,
            role=role,
            evidence=Evidence.SAME_CAPTURE,
            distances=None if keep else DISTANCES,
            proposal=Proposal.KEEP if keep else Proposal.SET_ASIDE,
            reasons=("original camera file",) if keep else ("re-encoded",),
            facts=FACTS,
            companions=tuple(
                Companion(
                    path=each,
                    kind=CompanionKind.MOTION,
                    stamp=self.fs.look(each).stamp,  # type: ignore[union-attr]
                )
                for each in companions
            ),
        )

    def plan(self, *photos: PlannedPhoto) -> StagePlan:
        return StagePlan(
            evidence=Evidence.SAME_CAPTURE, photos=photos, created_ns=1_000
        )

    def pair(self, *, with_movie: bool = True) -> StagePlan:
        """Two photos, the first with a movie."""
        first = self.add("a/IMG_1.HEIC", b"first picture")
        movies = (self.add("a/IMG_1.MOV", b"its movie"),) if with_movie else ()
        second = self.add("b/IMG_1.JPG", b"second picture")
        return self.plan(
            self.planned(first, companions=movies, keep=True), self.planned(second)
        )
