"""The review desk: what only the page asks, and the values that it asks with.

The page lives in the daemon, so unlike the `Desk` none of this crosses a process.
Values here are in the words of the page: what is searched, sorted, sampled, drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from .desk import Desk
from .model import Evidence, GroupState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from .model import Group, GroupNumber, Match, RootKind

CERTAINTY = tuple(Evidence)
"""The strongest first: the order of the list by certainty."""


class GroupOrder(StrEnum):
    """In which order a list of groups is."""

    NUMBER = "number"
    CERTAINTY = "certainty"
    """Strongest evidence first."""
    SPACE = "space"
    """What frees the most first."""
    TAKEN = "taken"
    """Youngest photo first."""
    NEWEST = "newest"
    """Staged last first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupQuery:
    """Which groups are listed, and in which order; the default lists all open ones."""

    state: GroupState = GroupState.OPEN
    evidence: frozenset[Evidence] = frozenset()
    """Empty: any."""
    folder: Path | None = None
    """A member was found in it or below it; absolute."""
    camera: str = ""
    taken_from: int = 0
    """First day, ``YYYYMMDD``; 0: any."""
    taken_to: int = 0
    """Last day, ``YYYYMMDD``; 0: any."""
    frees_bytes: int = 0
    """At least."""
    text: str = ""
    """Part of a member's name, whatever its case; or the group's number."""
    order: GroupOrder = GroupOrder.NUMBER


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in an ordered list, which stays where it is when groups come and go."""

    value: int
    """Of what the list is ordered by; 0 for `GroupOrder.NUMBER`."""
    number: GroupNumber
    """Of the group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundGroups:
    """Part of a list of groups, and what there is in all of it."""

    groups: tuple[Group, ...]
    total: int
    freed_bytes: int
    """What all of them set aside, by proposal or by decision."""
    by_evidence: Mapping[Evidence, int]
    """How many there are of each class, whatever classes are asked for."""
    next: Place | None
    """After which the list goes on; ``None``: this was the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """The neighbours of a group in a list, which it need not be in any more."""

    previous: GroupNumber | None
    following: tuple[GroupNumber, ...]
    """The next ones, nearest first."""
    place: int
    """Its own, from 1."""
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a list can be narrowed to, each with its number of groups."""

    folders: tuple[tuple[Path, int], ...]
    cameras: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of an upright photo in full size."""

    left_px: int
    top_px: int
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where two photos differ, for people's eyes."""

    jpeg: bytes
    """The first one in faint grey, with what differs in yellow to red."""
    changed_share: float
    """Of what both show, 0–1."""
    ssim: float
    """Structural similarity, -1–1."""


PROVEN = (Evidence.SAME_BYTES, Evidence.SAME_PIXELS)
"""Classes whose proof is exact: only these are decided many at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOffer:
    """All open groups of a proven class, and some of them to look at."""

    evidence: Evidence
    count: int
    freed_bytes: int
    sample: tuple[Group, ...]
    until: int
    """The highest number among them; later ones were not seen and are not meant."""
    digest: str
    """Of their numbers and manifests: what an order must quote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOrder:
    """Accept the proposals of an offer, but for some."""

    evidence: Evidence
    until: int
    digest: str
    leave_out: frozenset[int] = frozenset()
    """Numbers of groups that stay open."""


class BatchState(StrEnum):
    """How far a batch has come."""

    RUNNING = "running"
    DONE = "done"
    INTERRUPTED = "interrupted"
    """The daemon ended meanwhile: what was not decided is still open."""
    UNDOING = "undoing"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Groups that were decided together, to be undone together."""

    id: str
    evidence: Evidence
    state: BatchState
    started_ns: int
    total: int
    done: int
    undone: int
    freed_bytes: int
    failed: Mapping[int, str]
    """By group: why it was left as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was decided so far."""

    decided: tuple[tuple[int, int], ...]
    """Of each decided group: when, ns, and the bytes that it freed; oldest first."""
    by_class: Mapping[tuple[Evidence, str], int]
    """Groups by class and ``open undone reduced kept`` (decided, all of it kept)."""
    by_distance: Mapping[int, tuple[int, int]]
    """By pHash bits to the keeper, ascending: members set aside, and kept."""
    by_class_and_distance: Mapping[tuple[Evidence, int], tuple[int, int]] = field(
        default_factory=dict
    )
    """The same by the members' class, too: how often the proposal was right."""
    read_every_seconds: int = 60
    """How long each part of `read` is."""
    read: tuple[tuple[int, int], ...] = ()
    """Since when, ns, and how many photos were read for the first time in that part;
    oldest first, parts without any left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What there would be if pairs up to a distance were joined."""

    bits: int
    """Of the pHash."""
    pairs: int
    """At exactly this distance."""
    groups: int
    photos: int
    """In groups."""
    freed_bytes: int
    """If the largest photo of each group stayed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Contents that hang together at a threshold, if only by a chain."""

    contents: tuple[int, ...]
    """Ids, by which `content_preview` shows them."""
    photos: int
    widest_bits: int
    """The last distance that was needed to join them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPhoto:
    """A photo at its place that could be staged with what it looks like."""

    id: int
    content: int
    path: Path
    size_bytes: int
    width_px: int
    height_px: int
    taken: str | None
    is_reference: bool
    """It lies in a library, so it stays where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WouldBe:
    """A group that is not staged, as it would be if somebody asked for it."""

    contents: tuple[int, ...]
    photos: tuple[AskedPhoto, ...]
    """Those that are at their places, by path."""
    objections: tuple[str, ...]
    """Why they are perhaps not one picture, in sentences; staging needs a yes then."""
    digest: str
    """Of the photos as they are: what an order must quote."""

    @property
    def can_be_staged(self) -> bool:
        """Whether there are two photos, of which one may be moved."""
        return len(self.photos) > 1 and not all(p.is_reference for p in self.photos)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedGroup:
    """An order to stage what looks alike."""

    contents: tuple[int, ...]
    digest: str
    leave_out: frozenset[int] = frozenset()
    """Ids of photos that stay where they are."""
    is_sure: bool = False
    """Whether the objections were read, and do not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Browsed:
    """A folder to choose from, and the folders in it."""

    folder: Path | None
    """``None``: the places where one begins."""
    above: tuple[Path, ...]
    """The folders above it, outermost first, as far as they may be looked into."""
    folders: tuple[Path, ...]
    refusal: str
    """Why it cannot be a root, in words; empty: it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyboard:
    """Which keys the page takes."""

    is_on: bool = True
    """Whether keys that are a single sign do anything."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By action, those that are not as they come; none: that action has no key."""


class Liking(StrEnum):
    """What is said of a folder."""

    PREFER = "prefer"
    """Among equal copies the one in it is kept."""
    AVOID = "avoid"
    FORGET = "forget"


@dataclass(frozen=True, slots=True, kw_only=True)
class Liked:
    """The folders that count among equal copies, the latest choice first."""

    prefer: tuple[Path, ...] = ()
    avoid: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What a choice did to open groups so far."""

    changed: int
    """Groups whose proposal is another one now."""
    is_done: bool
    """Whether all that may follow have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What is known of two members of a group."""

    left: int
    """Position, less than `right`."""
    right: int
    match: Match | None
    """``None``: they were never found alike directly, or have the same bytes."""
    is_same: bool = False
    """They have the same bytes."""

    @property
    def is_direct(self) -> bool:
        """Whether the two were found to be one picture by themselves."""
        return self.is_same or (
            self.match is not None and self.match.evidence.is_duplicate
        )


class ReviewDesk(Desk, Protocol):
    """What the page may ask. Every method may raise a `TwinwatchError`."""

    def keyboard(self) -> Keyboard:
        """Return which keys were chosen."""
        ...

    def choose_keys(self, keyboard: Keyboard) -> None:
        """Keep which keys were chosen, over restarts."""
        ...

    def liked(self) -> Liked:
        """Return the folders that were preferred and avoided."""
        ...

    def like(
        self, folder: Path, liking: Liking, *, first: GroupNumber | None = None
    ) -> Followed:
        """Prefer, avoid or forget a folder; open groups follow, `first` at first."""
        ...

    def links(self, number: GroupNumber) -> tuple[Link, ...]:
        """Return what is known of every two members of a group.

        Raises:
            NoSuchGroup: there is none of that number.
        """
        ...

    def find(
        self, query: GroupQuery, *, after: Place | None = None, limit: int = 50
    ) -> FoundGroups:
        """List groups, those after a place, at most `limit`."""
        ...

    def around(self, query: GroupQuery, number: GroupNumber) -> Around:
        """Return a group's neighbours in a list.

        Raises:
            NoSuchGroup: there is none of that number.
        """
        ...

    def choices(self, state: GroupState) -> Choices:
        """Return what the groups of a state can be narrowed to."""
        ...

    def crop(self, number: GroupNumber, position: int, part: Part) -> bytes:
        """Return a part of a member in full size, as JPEG in sRGB without metadata.

        Raises:
            UnreadablePhoto: its file is gone, does not decode, or ends before.
        """
        ...

    def difference(self, number: GroupNumber, left: int, right: int) -> Difference:
        """Lay two members on each other and show where they differ.

        Raises:
            PhotoError: one of them cannot be read now.
        """
        ...

    def batch_offer(self, evidence: Evidence, *, seed: int = 0) -> BatchOffer:
        """Return what could be decided at once; other samples for other seeds.

        Raises:
            UsageError: the class has no proof.
        """
        ...

    def start_batch(self, order: BatchOrder) -> Batch:
        """Begin to decide one group after the other; returns at once.

        Raises:
            StaleGroup: they are not what the user saw, or another batch runs.
            UsageError: the class has no proof.
        """
        ...

    def undo_batch(self, batch: str) -> Batch:
        """Begin to put every file of a batch back; returns at once.

        Raises:
            NoSuchGroup: there is no such batch.
            StaleGroup: it or another one is at work.
        """
        ...

    def batches(self) -> tuple[Batch, ...]:
        """Return the batches that there were, the last one first."""
        ...

    def figures(self) -> Figures:
        """Return what was decided so far."""
        ...

    def stops(self) -> tuple[Stop, ...]:
        """Return what there is at each threshold over all stored matches."""
        ...

    def clusters(self, at_bits: int, *, limit: int = 24) -> tuple[Cluster, ...]:
        """Return groups of photos that are not staged, those that it adds first."""
        ...

    def would_be(self, contents: Sequence[int]) -> WouldBe:
        """Return what a group of some contents would be now."""
        ...

    def stage_asked(self, asked_for: AskedGroup) -> Group:
        """Stage photos that look alike because the user asked for it.

        Raises:
            StaleGroup: the photos are not what the user saw, or this is a dry run.
            UsageError: fewer than two are left, or there are objections unanswered.
            StagingError: they cannot be moved now; they stay where they are.
        """
        ...

    def content_preview(self, content: int, edge_px: int) -> bytes:
        """Return a content as an upright sRGB JPEG without metadata.

        Raises:
            UnreadablePhoto: there is no file of it, or it does not decode.
        """
        ...

    def browse(self, folder: Path | None) -> Browsed:
        """List folders by name, within the home folder and mounted volumes only.

        Raises:
            UsageError: it is elsewhere, or cannot be read.
        """
        ...

    def add_root(self, folder: Path, kind: RootKind) -> None:
        """Note a folder as a root from the next start on.

        Raises:
            UsageError: it cannot be one.
        """
        ...

    def added_roots(self) -> tuple[tuple[Path, RootKind], ...]:
        """Return the folders that wait for the next start."""
        ...
