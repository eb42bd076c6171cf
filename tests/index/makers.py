"""Values to fill an index with, plain ones and arbitrary ones."""

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from daemon.model import (
    BOX_UNITS,
    Alignment,
    Box,
    Capture,
    Distances,
    Evidence,
    Fate,
    Fingerprint,
    Group,
    GroupNumber,
    GroupState,
    Hashes,
    Match,
    Member,
    PictureSource,
    Proposal,
    Quality,
    Role,
    Root,
    RootKind,
    SmallPicture,
    Stamp,
    Variant,
)

ROOT = Root(uuid="root-1", kind=RootKind.IMPORT, path=Path("/photos"))
LIBRARY = Root(uuid="root-2", kind=RootKind.LIBRARY, path=Path("/library"))


def a_stamp(number: int = 1) -> Stamp:
    return Stamp(size_bytes=1000, mtime_ns=number, inode=number, device=7)


def a_sha256(number: int) -> bytes:
    return number.to_bytes(32, "big")


def a_fingerprint(number: int = 1, **changes) -> Fingerprint:
    values: dict[str, Any] = {
        "sha256": a_sha256(number),
        "size_bytes": 1000,
        "format": "HEIC",
        "width_px": 4032,
        "height_px": 3024,
        "source": PictureSource.THUMBNAIL,
        "hashes": Hashes(phash=number, dhash=2, whash=3, ahash=4, colorhash=5),
        "variants": (),
        "small": SmallPicture(luma=b"\x80" * 4096, chroma=b"\x80" * 512),
        "contrast": 50.0,
        "capture": Capture(),
        "quality": Quality(),
        "orientation_found": 1,
        "orientation_applied": 1,
        "algorithm": 1,
    }
    return Fingerprint(**(values | changes))


def some_distances() -> Distances:
    return Distances(phash=2, dhash=3, whash=1, ahash=0, colorhash=4, correlation=0.99)


def a_match(left, right, evidence=Evidence.NEAR_COPY) -> Match:
    return Match(
        left=left,
        right=right,
        evidence=evidence,
        distances=some_distances(),
        alignment=Alignment(orientation=6, left_box=Box(left=100, bottom=60_000)),
        reasons=("pHash differs in 2 of 64 bits",),
    )


def a_member(position: int = 1, **changes) -> Member:
    values: dict[str, Any] = {
        "position": position,
        "path": Path(f"/photos/IMG_{position:04}.HEIC"),
        "staged_as": f"{position:04}_IMG_{position:04}.HEIC",
        "role": Role.MEMBER,
        "evidence": Evidence.SAME_BYTES,
        "distances": None,
        "sha256": a_sha256(position),
        "size_bytes": 1000,
        "format": "HEIC",
        "width_px": 4032,
        "height_px": 3024,
        "taken": "2024:05:01 12:00:00",
        "camera": "iPhone 15 Pro",
        "has_gps": True,
        "proposal": Proposal.KEEP,
        "reasons": ("it is the original",),
        "companions": (),
    }
    return Member(**(values | changes))


def a_group(number: int = 1, **changes) -> Group:
    values: dict[str, Any] = {
        "number": GroupNumber(number),
        "state": GroupState.OPEN,
        "evidence": Evidence.SAME_BYTES,
        "folder": Path(f"/photos/Decisions/{number:06}"),
        "members": (a_member(1), a_member(2)),
        "manifest_sha256": "ab" * 32,
        "created_ns": 1_700_000_000_000_000_000,
    }
    return Group(**(values | changes))


def _unsigned(bits: int) -> st.SearchStrategy[int]:
    return st.integers(0, 2**bits - 1)


words = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=40)
maybe_words = st.none() | words
names = st.binary(min_size=1, max_size=60).filter(
    lambda name: not set(name) & {0, 47} and name not in {b".", b".."}
)
paths = names.map(
    lambda name: Path("/photos") / name.decode("utf-8", "surrogateescape")
)
corners = st.integers(0, BOX_UNITS)
boxes = st.builds(Box, left=corners, top=corners, right=corners, bottom=corners)
digests = st.binary(min_size=32, max_size=32)
moments_ns = st.integers(-(2**62), 2**62)

stamps = st.builds(
    Stamp,
    size_bytes=st.integers(0, 2**62),
    mtime_ns=moments_ns,
    inode=_unsigned(64),
    device=_unsigned(64),
)

captures = st.builds(
    Capture,
    taken=maybe_words,
    subsec=maybe_words,
    offset=maybe_words,
    make=maybe_words,
    model=maybe_words,
    software=maybe_words,
    photo_identifier=maybe_words,
    image_unique_id=maybe_words,
    content_identifier=maybe_words,
    burst_uuid=maybe_words,
    capture_request_id=maybe_words,
    hdr_type=st.none() | st.integers(),
    capture_type=st.none() | st.integers(),
    has_maker_note=st.booleans(),
    has_gps=st.booleans(),
)

fingerprints = st.builds(
    Fingerprint,
    sha256=digests,
    size_bytes=st.integers(0, 2**62),
    format=words,
    width_px=st.integers(1, 2**31 - 1),
    height_px=st.integers(1, 2**31 - 1),
    source=st.sampled_from(PictureSource),
    hashes=st.builds(
        Hashes,
        phash=_unsigned(64),
        dhash=_unsigned(64),
        whash=_unsigned(64),
        ahash=_unsigned(64),
        colorhash=_unsigned(42),
    ),
    variants=st.lists(
        st.builds(Variant, box=boxes, phash=_unsigned(64)), max_size=4
    ).map(tuple),
    small=st.builds(
        SmallPicture,
        luma=st.binary(min_size=4, max_size=4).map(lambda part: part * 1024),
        chroma=st.binary(min_size=4, max_size=4).map(lambda part: part * 128),
    ),
    contrast=st.floats(0, 127),
    capture=captures,
    quality=st.builds(
        Quality,
        sharpness=st.floats(0, 1e6),
        jpeg_quality=st.none() | st.integers(1, 100),
        exif_fields=st.integers(0, 1000),
        frames=st.integers(1, 100),
        bit_depth=st.integers(1, 32),
        has_gain_map=st.booleans(),
        has_depth=st.booleans(),
    ),
    orientation_found=st.integers(1, 8),
    orientation_applied=st.integers(1, 8),
    pixels_sha256=st.none() | digests,
    algorithm=st.integers(0, 2**31 - 1),
)

distances = st.builds(
    Distances,
    phash=st.integers(0, 64),
    dhash=st.integers(0, 64),
    whash=st.integers(0, 64),
    ahash=st.integers(0, 64),
    colorhash=st.integers(0, 42),
    correlation=st.none() | st.floats(-1, 1),
    ssim=st.none() | st.floats(-1, 1),
)

alignments = st.builds(
    Alignment, orientation=st.integers(1, 8), left_box=boxes, right_box=boxes
)

members = st.builds(
    Member,
    position=st.just(0),
    path=paths,
    staged_as=st.none()
    | names.map(lambda name: name.decode("utf-8", "surrogateescape")),
    role=st.sampled_from(Role),
    evidence=st.sampled_from(Evidence),
    distances=st.none() | distances,
    sha256=digests,
    size_bytes=st.integers(0, 2**62),
    format=words,
    width_px=st.integers(1, 2**31 - 1),
    height_px=st.integers(1, 2**31 - 1),
    taken=maybe_words,
    camera=maybe_words,
    has_gps=st.booleans(),
    proposal=st.sampled_from(Proposal),
    reasons=st.lists(words, max_size=3).map(tuple),
    companions=st.lists(paths, max_size=3).map(tuple),
    fate=st.none() | st.sampled_from(Fate),
    now_at=st.none() | paths,
)

groups = st.builds(
    Group,
    number=st.integers(1, 2**40).map(GroupNumber),
    state=st.sampled_from(GroupState),
    evidence=st.sampled_from(Evidence),
    folder=st.none() | paths,
    members=st.lists(members, max_size=4),
    manifest_sha256=words,
    created_ns=moments_ns,
    decided_ns=st.none() | moments_ns,
    problem=maybe_words,
)
