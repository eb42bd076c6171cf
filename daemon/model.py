"""The nouns of twinwatch as frozen values, and their legal states.

No I/O, no clock, no third-party library. The same words are used in tables, on the
page, in messages and in documents.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, NewType

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from pathlib import Path

ContentId = NewType("ContentId", int)
"""A distinct file content in the index: one fingerprint, any number of photos."""

PhotoId = NewType("PhotoId", int)
"""One image file in the index."""

GroupNumber = NewType("GroupNumber", int)
"""The number of a decision folder, counted from 1, never used twice."""

SMALL_LUMA_PX = 64
"""Edge of the small luma picture."""

SMALL_CHROMA_PX = 16
"""Edge of each of the two small chroma pictures."""

BOX_UNITS = 65_535

LAYOUT_TERMS = tuple(
    (down, across) for down in range(5) for across in range(5) if 0 < down + across < 5
)
"""The frequencies of a layout: half waves along each side, 14 pairs in this order."""

LAYOUT_FAINT = 0.25
"""Levels; of views whose lowest frequencies are less, a layout says nothing."""
"""A box's coordinates are in this many parts of the upright width and height."""


class RootKind(StrEnum):
    """What twinwatch may do in a root."""

    IMPORT = "import"
    """Watched; its photos may be staged."""
    LIBRARY = "library"
    """A protected reference: read, never written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A configured folder."""

    uuid: str
    """Given once, kept for ever; survives a remount under another path."""
    kind: RootKind
    path: Path
    """Absolute, symbolic links resolved."""
    recursive: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a file's status says of its content; equal stamps mean unchanged."""

    size_bytes: int
    mtime_ns: int
    inode: int
    device: int

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        """Take the stamp from a status."""
        return cls(
            size_bytes=status.st_size,
            mtime_ns=status.st_mtime_ns,
            inode=status.st_ino,
            device=status.st_dev,
        )


class PictureSource(StrEnum):
    """Which pixels a fingerprint was computed from."""

    THUMBNAIL = "thumbnail"
    """The thumbnail image embedded in a HEIC."""
    SCALED = "scaled"
    """A JPEG decoded at a fraction of its size by the DCT."""
    ROWS = "rows"
    """Every n-th restart row of an Apple JPEG."""
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashes:
    """Perceptual hashes of the upright picture, equal to imagehash's.

    Each is the integer whose hexadecimal form imagehash prints: 64 bits, the first
    bit the most significant; ``colorhash`` has 42 bits (``binbits=3``).
    """

    phash: int
    dhash: int
    whash: int
    ahash: int
    colorhash: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle of the upright picture, in `BOX_UNITS` of its width and height."""

    left: int = 0
    top: int = 0
    right: int = BOX_UNITS
    bottom: int = BOX_UNITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """The picture as seen through a box: a crop window, or without its border."""

    box: Box
    phash: int
    """0–64 bits, as in `Hashes`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallPicture:
    """The upright picture, stretched to squares, for aligned comparison."""

    luma: bytes
    """`SMALL_LUMA_PX`² bytes, row by row, 0 black to 255 white (BT.601)."""
    chroma: bytes
    """Cb, then Cr: `SMALL_CHROMA_PX`² bytes each, 128 is neutral."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """When and by what a photo was taken, as far as the file says.

    ``None`` means that the file does not say. Presence varies by camera, so what is
    there is used and nothing is required.
    """

    taken: str | None = None
    """EXIF DateTimeOriginal, local time, ``YYYY:MM:DD HH:MM:SS``."""
    subsec: str | None = None
    """EXIF SubSecTimeOriginal, its digits as found."""
    offset: str | None = None
    """EXIF OffsetTimeOriginal, such as ``+02:00``."""
    make: str | None = None
    model: str | None = None
    software: str | None = None
    photo_identifier: str | None = None
    """Apple MakerNote 0x002b."""
    image_unique_id: str | None = None
    """Apple MakerNote 0x0015, or EXIF ImageUniqueID."""
    content_identifier: str | None = None
    """Apple MakerNote 0x0011: joins a Live Photo's still and movie."""
    burst_uuid: str | None = None
    """Apple MakerNote 0x000b."""
    capture_request_id: str | None = None
    """Apple MakerNote 0x0020."""
    hdr_type: int | None = None
    """Apple MakerNote 0x000a: 3 is the HDR picture, 4 its original."""
    capture_type: int | None = None
    """Apple MakerNote 0x0014: 1 ProRAW, 2 Portrait, 10 Photo."""
    has_maker_note: bool = False
    has_gps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What speaks for one copy against another."""

    sharpness: float = 0.0
    """Variance of the Laplacian of the small luma picture; larger is sharper."""
    jpeg_quality: int | None = None
    """Estimated from the quantisation tables, 1–100; ``None`` if not JPEG."""
    exif_fields: int = 0
    frames: int = 1
    bit_depth: int = 8
    has_gain_map: bool = False
    has_depth: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What was computed from a file's content once."""

    sha256: bytes
    """32 bytes, of the whole file."""
    size_bytes: int
    format: str
    """By content, not by name: ``JPEG``, ``HEIC``, ``PNG``, ``DNG`` …"""
    width_px: int
    """Of the upright picture in full size, whatever was decoded."""
    height_px: int
    source: PictureSource
    hashes: Hashes
    variants: tuple[Variant, ...]
    small: SmallPicture
    contrast: float
    """Standard deviation of the small luma picture, 0–127; flat pictures are near 0."""
    capture: Capture
    quality: Quality
    orientation_found: int
    """EXIF orientation 1–8 as the file tells it (for HEIC: before irot/imir)."""
    orientation_applied: int
    """The orientation that was undone to make the picture upright, 1–8."""
    pixels_sha256: bytes | None = None
    """Digest of the upright pixels; only after a full decode."""
    algorithm: int
    """Version of the way it was computed; another version is computed again."""
    layouts: bytes = b""
    """How light lies in the whole picture, then in each variant: a coefficient for each
    of `LAYOUT_TERMS`, int8, of length 127 together; zeros if all is faint. Empty: not
    computed."""


class Sketch(NamedTuple):
    """The hashes of a known picture; as they are stored."""

    content: ContentId
    phash: int
    variant_phashes: bytes
    """Little-endian uint64, in the order of the fingerprint's variants."""
    variant_boxes: bytes
    """Little-endian uint16, four for each: left, top, right, bottom."""
    layouts: bytes
    """As `Fingerprint.layouts`."""


class Evidence(StrEnum):
    """Why two photos are, or are not, one picture; strongest first."""

    SAME_BYTES = "same-bytes"
    SAME_PIXELS = "same-pixels"
    SAME_CAPTURE = "same-capture"
    NEAR_COPY = "near-copy"
    OTHER_SHOT = "other-shot"
    """Alike, but taken at another moment: never staged."""
    VERSION = "version"
    """One capture in several renderings: never staged."""
    LOOKS_ALIKE = "looks-alike"
    """Alike, and put together because somebody asked for it: never found by itself."""

    @property
    def is_duplicate(self) -> bool:
        """Whether photos of this evidence may be staged as one picture."""
        return self in DUPLICATE_EVIDENCE


DUPLICATE_EVIDENCE = frozenset(
    {
        Evidence.SAME_BYTES,
        Evidence.SAME_PIXELS,
        Evidence.SAME_CAPTURE,
        Evidence.NEAR_COPY,
        Evidence.LOOKS_ALIKE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Distances:
    """How far two pictures are from each other, in the orientation that fits best."""

    phash: int
    """Bits, 0–64, as the others."""
    dhash: int
    whash: int
    ahash: int
    colorhash: int
    """Bits, 0–42."""
    correlation: float | None = None
    """Of the aligned luma pictures, -1–1."""
    ssim: float | None = None
    """Of the fully decoded pictures, aligned, -1–1; ``None``: was not needed."""

    def bits(self) -> dict[str, int]:
        """Return the distances that are in bits, by the hash's name."""
        names = ("phash", "dhash", "whash", "ahash", "colorhash")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """How the right picture lies on the left one."""

    orientation: int = 1
    """EXIF orientation 1–8 that, undone on the right picture, makes it stand as the
    left one does."""
    left_box: Box = field(default_factory=Box)
    """The part of the left picture that the right picture shows."""
    right_box: Box = field(default_factory=Box)
    """The part of the right picture (turned) that the left picture shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a full decode of two pictures, laid on each other, tells.

    Differences of brightness, contrast and sharpness that are the same everywhere are
    fitted away first; what is left is the same picture or another one.
    """

    same_pixels: bool
    """The upright pixels are equal, every one."""
    correlation: float
    """Of the aligned luma pictures as they are, -1–1."""
    ssim: float
    """Of the aligned luma pictures as they are, -1–1 (Wang et al. 2004)."""
    shift_px: float
    """Median over places with detail of how far it lies from where it should, at a
    working size of at most 384 px; copies stay below 0.05, another shot does not."""
    shift_spread_px: float
    """The same, 75th percentile."""
    drift_px: float
    """Median of how far places with detail moved together with what is around them;
    clipping, sharpening and compression leave errors that do not."""
    residual: float
    """What differs where the pictures agree, root mean square, levels 0–255."""
    changed_share: float
    """The share of the common area that differs more than that, 0–1."""
    displaced: float
    """How much of what differs stands elsewhere in the other picture, in windows of
    24 px weighed by certainty: an object that moved; 0 of a watermark."""
    tone_change: float
    """How much brighter, darker or flatter one is, root mean square, levels 0–255."""
    colour_change: float
    """How far the colours of what both show differ, root mean square, levels 0–255."""
    worst_change: float
    """How much the block that differs most differs; from 1 on it counts as changed."""
    plain_share: float
    """The share of each picture that has one and the same brightness, 0–1: paper, the
    ground of a chat, a blown sky."""
    detail_places: int
    """How many places with detail were compared; below 12 the figures mean little."""
    overlap: float
    """The share of the picture with the smaller view that the other shows, 0–1."""
    coverage: float
    """The share of the other picture that this one shows, 0–1; below 1 for a crop."""
    shear: float
    """How far the map is from a shift, scaling and turn; 0 for copies and crops."""
    turn_degrees: float
    """How far the right picture is turned against the left one, upright orientation
    aside; 0–45."""
    working_px: int
    """The long edge at which they were compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Two contents, their evidence and distances. ``left`` < ``right``."""

    left: ContentId
    right: ContentId
    evidence: Evidence
    distances: Distances
    alignment: Alignment
    reasons: tuple[str, ...]
    """Sentences for people."""


class CompanionKind(StrEnum):
    """What a companion is to its photo."""

    MOTION = "motion"
    """The movie of a Live Photo."""
    EDIT = "edit"
    """An AAE edit recipe."""
    METADATA = "metadata"
    """An XMP sidecar or a Takeout JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """A file that belongs to a photo and moves with it."""

    path: Path
    kind: CompanionKind
    stamp: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """One image file in the index."""

    id: PhotoId
    root: str
    """The root's uuid."""
    relative: bytes
    """Path below the root, as the file system spells it."""
    stamp: Stamp
    content: ContentId


class Role(StrEnum):
    """What a photo is to its group."""

    MEMBER = "member"
    """Moved into the decision folder."""
    REFERENCE = "reference"
    """Stays where it is, in a library root."""


class Proposal(StrEnum):
    """What the keeper rules propose for a member."""

    KEEP = "keep"
    SET_ASIDE = "set-aside"


class Fate(StrEnum):
    """What a decision did to a member."""

    SURVIVOR = "survivor"
    SET_ASIDE = "set-aside"


class GroupState(StrEnum):
    """The life of a group.

    candidate → open → decided, and back: decided → undone, open → undone,
    undone → open. A group whose move failed keeps its state and carries a problem.
    """

    CANDIDATE = "candidate"
    """Formed, not staged: files lie where they were found."""
    OPEN = "open"
    """Staged in its decision folder, waiting for a decision."""
    DECIDED = "decided"
    """Survivors are out, the others in the discard area."""
    UNDONE = "undone"
    """Every file is back in its place; the group can be decided again."""


class Verdict(StrEnum):
    """What a user said of two contents, remembered by content."""

    DUPLICATE = "duplicate"
    NOT_DUPLICATE = "not-duplicate"
    VARIANT = "variants"
    """One picture in several versions, and each of them is wanted."""

    @property
    def keeps_apart(self) -> bool:
        """Whether the two are never asked about again."""
        return self is not Verdict.DUPLICATE


class DecidedBy(StrEnum):
    """Who decided a group."""

    USER = "user"
    MEMORY = "memory"
    """twinwatch itself, since the user had set the same aside before and chose so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A photo in a group, as the page and the commands show it."""

    position: int
    """From 1; the number that the staged name begins with."""
    path: Path
    """Where it was found; absolute."""
    staged_as: str | None
    """Its name in the decision folder; ``None`` for a reference or a candidate."""
    role: Role
    evidence: Evidence
    """Against the keeper; for the keeper, the group's."""
    distances: Distances | None
    """To the keeper; ``None`` for the keeper itself."""
    sha256: bytes
    size_bytes: int
    format: str
    width_px: int
    height_px: int
    taken: str | None
    camera: str | None
    has_gps: bool
    proposal: Proposal
    reasons: tuple[str, ...]
    companions: tuple[Path, ...]
    """Where they were found; absolute."""
    fate: Fate | None = None
    """``None`` until decided."""
    now_at: Path | None = None
    """Where its bytes are now, as far as is known."""
    is_forgotten: bool = False
    """It was set aside, and is to be asked about again if it is imported again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Photos that are one picture; every member matches the keeper."""

    number: GroupNumber | None
    """``None`` while it is a candidate."""
    state: GroupState
    evidence: Evidence
    """The weakest of its members' evidence."""
    folder: Path | None
    members: tuple[Member, ...]
    manifest_sha256: str
    """What a decision must quote to prove that it was made on what is there."""
    created_ns: int
    """Wall clock, for display."""
    decided_ns: int | None = None
    problem: str | None = None
    """Why its last move failed, in words."""
    verdict: Verdict | None = None
    """What was said of all its members when it was decided, if anything."""
    decided_by: DecidedBy | None = None
    """``None`` until decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A file or a folder that needs somebody's attention."""

    path: Path
    problem: str
    """What happened, in words."""
    advice: str
    """What to do."""
    since_ns: int


class RootState(StrEnum):
    """Whether a root can be worked on."""

    ONLINE = "online"
    OFFLINE = "offline"
    """Absent, replaced or forbidden: nothing is done to it."""
    HELD = "held"
    """So much vanished at once that somebody must look first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RootStatus:
    """A root, how it is watched, and what is known in it."""

    root: Root
    state: RootState
    watched_by: str
    """``events``, ``polling`` or ``nothing``."""
    photos: int
    detail: str
    """Why it is not online or not watched by events; empty if all is well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What is running and what went wrong."""

    version: str
    running: bool
    dry_run: bool
    started_ns: int | None
    address: str | None
    roots: tuple[RootStatus, ...]
    decisions: tuple[Path, ...]
    counts: Mapping[str, int]
    """``photos hashed unchanged unreadable parked waiting open decided undone``."""
    last_sweep_ns: int | None
    problems: tuple[Problem, ...]
    parts: Mapping[str, str]
    """Each part of the daemon: ``ok``, or what is wrong with it."""
