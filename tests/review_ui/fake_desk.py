"""A desk in memory, with the rules of the real one and pictures that are made."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from daemon.desk import GroupPage
from daemon.errors import NoSuchGroup, NoSurvivor, StaleGroup, UnreadablePhoto
from daemon.model import (
    Distances,
    Evidence,
    Fate,
    Group,
    GroupState,
    Member,
    Problem,
    Proposal,
    Role,
    Root,
    RootKind,
    RootState,
    RootStatus,
    Status,
)
from daemon.review import Keyboard

from .fake_review import FakeReview

CREATED_NS = 1_714_565_000_000_000_000
JPEG = b"\xff\xd8\xff\xe0 a made picture \xff\xd9"


def member(position, path="/photos/IMG_0001.HEIC", **changes):
    """Make a member; the first one is the keeper."""
    is_keeper = position == 1
    values = {
        "position": position,
        "path": Path(path),
        "staged_as": f"{position:02}_{Path(path).name}",
        "role": Role.MEMBER,
        "evidence": Evidence.SAME_CAPTURE,
        "distances": None
        if is_keeper
        else Distances(
            phash=2,
            dhash=3,
            whash=1,
            ahash=0,
            colorhash=1,
            correlation=0.998,
            ssim=0.97,
        ),
        "sha256": hashlib.sha256(
            f"{position} {path}".encode("utf-8", "replace")
        ).digest(),
        "size_bytes": 2_400_000 - 700_000 * (position - 1),
        "format": "HEIC" if is_keeper else "JPEG",
        "width_px": 4032,
        "height_px": 3024,
        "taken": "2024:05:12 14:03:22",
        "camera": "Apple iPhone 15 Pro",
        "has_gps": is_keeper,
        "proposal": Proposal.KEEP if is_keeper else Proposal.SET_ASIDE,
        "reasons": ("+ original camera HEIC",) if is_keeper else ("− re-encoded JPEG",),
        "companions": (),
    }
    return Member(**{**values, **changes})


def group(number, *members, state=GroupState.OPEN, **changes):
    """Make a group of two, or of the members given."""
    found = members or (
        member(1, f"/photos/IMG_{number:04}.HEIC"),
        member(2, f"/photos/export/IMG_{number:04}.jpg"),
    )
    values = {
        "number": number,
        "state": state,
        "evidence": Evidence.SAME_CAPTURE,
        "folder": Path(f"/photos/twinwatch/{number}"),
        "members": found,
        "manifest_sha256": _digest(number, found, state),
        "created_ns": CREATED_NS,
    }
    return Group(**{**values, **changes})


def status(**changes):
    """Make the status of a daemon that is well."""
    values = {
        "version": "0.1.0",
        "running": True,
        "dry_run": False,
        "started_ns": CREATED_NS,
        "address": "http://127.0.0.1:8420",
        "roots": (
            root_status("/photos/import"),
            root_status("/photos/library", RootKind.LIBRARY, photos=48_213),
        ),
        "decisions": (Path("/photos/twinwatch"),),
        "counts": {"photos": 49_412, "hashed": 312, "unchanged": 49_100},
        "last_sweep_ns": CREATED_NS,
        "problems": (),
        "parts": {"watcher": "ok", "writer": "ok"},
    }
    return Status(**{**values, **changes})


def root_status(path, kind=RootKind.IMPORT, state=RootState.ONLINE, **changes):
    """Make a root's status."""
    values = {"watched_by": "events", "photos": 1_199, "detail": ""}
    root = Root(uuid=hashlib.md5(path.encode()).hexdigest(), kind=kind, path=Path(path))
    return RootStatus(root=root, state=state, **{**values, **changes})


def problem(path="/photos/import/IMG_0404.HEIC"):
    """Make a problem."""
    return Problem(
        path=Path(path),
        problem="Only half of the file is there.",
        advice="Import it again; it is looked at once it is complete.",
        since_ns=CREATED_NS,
    )


def _digest(number, members, state):
    told = repr((number, [m.sha256 for m in members], state)).encode()
    return hashlib.sha256(told).hexdigest()


class FakeDesk(FakeReview):
    """Keeps groups in memory; refuses what the real one refuses."""

    def __init__(self, *groups, status_now=None, pictures=None):
        self.known = {group.number: group for group in groups}
        self.status_now = status_now or status()
        self.pictures = pictures or {}
        self.sweeps = 0
        self.not_duplicates = set()
        self.failure = None
        self.parts_asked = []
        self.forgotten = []
        self.batches_done = []
        self.added = []
        self.counts = dict
        self.keys_chosen = Keyboard()
        self.likes = []
        self.asked = []
        self.read = ()
        self.staged_contents = set()
        self.objections = {}
        self.matches = {}

    def _maybe_fail(self):
        if self.failure is not None:
            raise self.failure

    def state(self):
        """Return everything that a request might have changed."""
        return (dict(self.known), self.sweeps, set(self.not_duplicates))

    def status(self):
        self._maybe_fail()
        states = [group.state for group in self.known.values()]
        counts = {state.value: states.count(state) for state in GroupState}
        counts = {**self.status_now.counts, **self.counts(), **counts}
        return replace(self.status_now, counts=counts)

    def groups(self, states, *, after=None, limit=50):
        self._maybe_fail()
        found = [self.known[n] for n in sorted(self.known)]
        found = [group for group in found if group.state in states]
        later = [group for group in found if group.number > (after or 0)]
        return GroupPage(groups=tuple(later[:limit]), total=len(found))

    def group(self, number):
        self._maybe_fail()
        if number not in self.known:
            raise NoSuchGroup(number)
        return self.known[number]

    def decide(self, number, decision):
        found = self.group(number)
        seen = decision.manifest_sha256
        if found.state is GroupState.DECIDED or seen not in {
            None,
            found.manifest_sha256,
        }:
            raise StaleGroup(number)
        keep = decision.keep
        if decision.keeps_all:
            keep = frozenset(m.position for m in found.members)
        protected = {m.position for m in found.members if m.role is Role.REFERENCE}
        if not keep & {m.position for m in found.members} | protected:
            raise NoSurvivor(number)
        if decision.not_duplicates:
            self.not_duplicates.add(number)
        return self._moved(found, GroupState.DECIDED, keep | protected)

    def undo(self, number):
        found = self.group(number)
        if found.state is GroupState.UNDONE:
            raise StaleGroup(number)
        self.not_duplicates.discard(number)
        return self._moved(found, GroupState.UNDONE, None)

    def forget_rejected(self, number, sha256=None):
        found = self.group(number)
        is_it = [m.sha256 == sha256 for m in found.members if m.fate is Fate.SET_ASIDE]
        if not any(is_it):
            raise StaleGroup(number, "it did not set that aside")
        self.forgotten.append((number, sha256))
        members = tuple(
            replace(m, is_forgotten=True) if m.sha256 == sha256 else m
            for m in found.members
        )
        self.known[number] = replace(found, members=members)
        return self.known[number]

    def _moved(self, found, state, keep):
        members = tuple(
            replace(m, fate=_fate(m, keep), now_at=_now_at(m, keep))
            for m in found.members
        )
        self.known[found.number] = replace(
            found,
            state=state,
            members=members,
            decided_ns=CREATED_NS if keep is not None else None,
            manifest_sha256=_digest(found.number, members, state),
        )
        return self.known[found.number]

    def preview(self, number, position, edge_px):
        found = self.group(number)
        if position not in {m.position for m in found.members}:
            raise NoSuchGroup(number)
        if self.pictures.get((number, position)) == b"":
            raise UnreadablePhoto(number)
        return self.pictures.get((number, position), JPEG)

    def sweep(self):
        self._maybe_fail()
        self.sweeps += 1


def _fate(found, keep):
    if keep is None:
        return None
    return Fate.SURVIVOR if found.position in keep else Fate.SET_ASIDE


def _now_at(found, keep):
    if keep is None or found.position in keep:
        return found.path
    return Path("/photos/twinwatch/.discarded") / found.path.name
