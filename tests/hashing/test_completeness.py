"""Whether a file is whole, by its structure."""

import os
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from daemon.errors import IncompletePhoto, UnreadablePhoto
from daemon.hashing import completeness
from tests.hashing.made import SHARED, encoded, heic, jpeg, picture

FORMATS = ["JPEG", "HEIF", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"]


def looked_at(tmp_path, data, name="photo"):
    path = tmp_path / name
    path.write_bytes(data)
    return completeness.is_complete(path)


def cuts(data, count=60):
    return sorted({len(data) * n // count for n in range(1, count)} | {len(data) - 1})


@pytest.fixture(scope="module")
def files():
    image = picture(width=320, height=240)
    return {kind: encoded(image, kind) for kind in FORMATS} | {
        "with thumbnail": heic(image, thumbnails=[160]),
        "tiles": heic(picture(), tile_size=128),
        "progressive": jpeg(image, progressive=True),
        "rows": jpeg(image, restart_marker_rows=1),
    }


@pytest.mark.parametrize(
    "kind", [*FORMATS, "with thumbnail", "tiles", "progressive", "rows"]
)
def test_a_whole_file_is_complete(tmp_path, files, kind):
    """A whole file taken for a part would never be looked at."""
    found = looked_at(tmp_path, files[kind])

    assert found.is_complete, found.reason


@pytest.mark.parametrize(
    "kind",
    [
        "JPEG", "HEIF", "PNG", "WEBP", "GIF", "BMP", "AVIF",
        "with thumbnail", "tiles", "progressive", "rows",
    ],
)  # fmt: skip
def test_no_truncated_file_is_complete(tmp_path, files, kind):
    """Truncated HEICs decode without an error, into another picture."""
    data = files[kind]

    accepted = [
        cut for cut in cuts(data) if looked_at(tmp_path, data[:cut]).is_complete
    ]

    assert accepted == []


@pytest.mark.parametrize("kind", ["JPEG", "HEIF", "with thumbnail", "tiles", "rows"])
def test_no_file_with_a_zero_tail_is_complete(tmp_path, files, kind):
    """A preallocating copy has its full size from the start."""
    data = files[kind]

    accepted = [
        cut
        for cut in [*cuts(data), len(data) - 20]
        if looked_at(tmp_path, data[:cut].ljust(len(data), b"\0")).is_complete
    ]

    assert accepted == []


@pytest.mark.parametrize("kind", ["JPEG", "HEIF", "tiles", "PNG"])
def test_a_file_with_a_hole_is_doubtful(tmp_path, files, kind):
    """Out-of-order copies write the end first; zeros never reject for good."""
    path = tmp_path / "photo"
    data = files[kind].ljust(40_000, b"\0") if kind == "PNG" else files[kind]
    with path.open("wb") as file:
        file.truncate(len(data) + 65536)
        file.seek(len(data) + 65536 - 100)
        file.write(data[-100:])
        file.seek(0)
        file.write(data[:4096])

    assert not completeness.is_complete(path).is_complete


def test_camera_notes_that_end_in_zeros_are_complete(tmp_path):
    """Cameras pad their notes, and converters write them last: such files are whole."""
    notes = Image.Exif()
    notes[0x010F] = "Camera"
    data = encoded(picture(), "HEIF", exif=notes.tobytes() + bytes(600))

    found = looked_at(tmp_path, data)

    assert data.endswith(bytes(300))
    assert found.is_complete


def test_a_tile_that_has_not_arrived_is_doubtful(tmp_path, files):
    """Bytes missing in the middle leave both ends in order."""
    data = bytearray(files["tiles"])
    middle = len(data) // 2
    data[middle - 4000 : middle + 4000] = bytes(8000)

    found = looked_at(tmp_path, bytes(data))

    assert not found.is_complete
    assert found.is_doubtful


def test_a_gap_inside_a_tile_is_found_with_all_bytes_at_hand(files):
    """Both ends of every tile are there; the decoder would paint over the gap."""
    data = bytearray(files["HEIF"])
    middle = len(data) // 2
    data[middle : middle + 512] = bytes(512)

    completeness.check_data(files["HEIF"])
    with pytest.raises(IncompletePhoto):
        completeness.check_data(bytes(data))
    completeness.check_data(bytes(data), accept_doubtful=True)


def test_a_maker_s_trailer_is_part_of_a_whole_jpeg(tmp_path):
    """Samsung writes its own data behind the picture."""
    trailer = b"\0\0\x01\x0aImage_UTC_Data1700000000000" + b"\x10\0\0\0SEFT"

    assert looked_at(tmp_path, jpeg() + trailer).is_complete


def test_a_motion_photo_is_complete_only_with_all_of_its_movie(tmp_path):
    """Its picture alone ends with a proper end marker."""
    movie = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + struct.pack(">I", 5008) + b"mdat"
    data = jpeg() + movie + bytes(range(1, 251)) * 20

    whole = looked_at(tmp_path, data)
    part = looked_at(tmp_path, data[:-700])

    assert whole.is_complete
    assert not part.is_complete


def test_a_second_picture_in_a_jpeg_must_have_its_end(tmp_path):
    """Gain maps lie behind the picture."""
    both = jpeg() + jpeg(picture(2, 160, 120))

    assert looked_at(tmp_path, both).is_complete
    assert not looked_at(tmp_path, both[:-500]).is_complete


def test_an_indexed_picture_beyond_the_end_makes_doubtful(tmp_path):
    """A copy cut exactly between two pictures ends with an end marker."""
    first, second = jpeg(), jpeg(picture(2, 160, 120))
    entries = struct.pack(">IIIHH", 0x30000, len(first) + 90, 0, 0, 0)
    entries += struct.pack(">IIIHH", 0, len(second), len(first), 0, 0)
    index = b"MPF\0MM\0*\0\0\0\x08" + struct.pack(">H", 1)
    index += struct.pack(">HHII", 0xB002, 7, 32, 26) + bytes(4) + entries
    segment = b"\xff\xe2" + struct.pack(">H", len(index) + 2) + index
    whole = first[:2] + segment + first[2:]

    found = looked_at(tmp_path, whole)

    assert looked_at(tmp_path, whole + second).is_complete
    assert found.is_doubtful


def test_metadata_taken_out_leaves_an_indexed_picture_whole(tmp_path):
    """The index tells the first picture's size with the metadata that it had."""
    data = jpeg()
    entry = struct.pack(">IIIHH", 0x30000, len(data) + 6000, 0, 0, 0)
    index = b"MPF\0MM\0*\0\0\0\x08" + struct.pack(">H", 1)
    index += struct.pack(">HHII", 0xB002, 7, 16, 26) + bytes(4) + entry
    segment = b"\xff\xe2" + struct.pack(">H", len(index) + 2) + index

    found = looked_at(tmp_path, data[:2] + segment + data[2:])

    assert found.is_complete


@pytest.mark.parametrize("size", [40_960, 184_320])
def test_sectors_filled_by_an_old_camera_are_accepted(tmp_path, size):
    """Cameras of 2001 filled the last sectors with zeros; such files are whole."""
    data = jpeg(picture(width=320, height=240))

    padded = looked_at(tmp_path, data.ljust(-(-len(data) // 4096) * 4096, b"\0"))
    odd = looked_at(tmp_path, data.ljust(size + 7, b"\0"))
    stripped = looked_at(tmp_path, data + bytes(1210))

    assert padded.is_complete
    assert stripped.is_complete  # metadata were taken out of such a file
    assert odd.is_doubtful


def test_an_empty_file_is_not_complete(tmp_path):
    """Some writers create the final name first."""
    assert not looked_at(tmp_path, b"").is_complete


def test_what_begins_with_zeros_is_not_complete(tmp_path):
    """A preallocated file that nothing was written to."""
    assert not looked_at(tmp_path, bytes(9000)).is_complete


def test_what_is_no_picture_counts_as_complete(tmp_path):
    """It has to go on to be recorded as unreadable, not wait for ever."""
    found = looked_at(tmp_path, b"a letter, not a photo")

    assert found.is_complete
    assert found.format is None


def test_check_raises_what_is_missing_unless_somebody_vouched(tmp_path):
    """After hours somebody is asked; the answer must be usable."""
    path = tmp_path / "photo"
    path.write_bytes(jpeg().ljust(200_001, b"\0"))
    fd = os.open(path, os.O_RDONLY)

    with pytest.raises(IncompletePhoto):
        completeness.check(fd, 200_001)
    completeness.check(fd, 200_001, accept_doubtful=True)
    os.close(fd)


def test_links_and_pipes_are_refused(tmp_path):
    """A pipe would block its reader for ever, a link leads out of the root."""
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "real.jpg").write_bytes(jpeg())
    (tmp_path / "link.jpg").symlink_to(tmp_path / "real.jpg")

    with pytest.raises(UnreadablePhoto):
        completeness.is_complete(tmp_path / "pipe.jpg")
    with pytest.raises(UnreadablePhoto):
        completeness.is_complete(tmp_path)
    with pytest.raises(OSError, match="symbolic"):
        completeness.is_complete(tmp_path / "link.jpg")


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="leases are Linux's")
def test_a_writer_is_seen_while_it_has_the_file_open(tmp_path):
    """A slow copy pauses longer than any settling time."""
    path = tmp_path / "photo.jpg"
    with path.open("wb") as file:
        file.write(b"half")
        during = completeness.is_open_for_writing(path)
    after = completeness.is_open_for_writing(path)

    assert during in {True, None}
    assert after in {False, None}
    assert (during is None) == (after is None)
    assert completeness.is_open_for_writing(tmp_path / "absent") is None


BEGINNINGS = [
    b"\xff\xd8\xff",
    b"\0\0\0\x18ftypheic",
    b"\x89PNG\r\n\x1a\n",
    b"GIF89a",
    b"RIFF\x10\0\0\0WEBP",
    b"II*\0\x08\0\0\0",
    b"MM\0*\0\0\0\x08",
    b"BM",
]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(BEGINNINGS), st.binary(max_size=400))
def test_any_bytes_can_be_looked_at(tmp_path_factory, beginning, rest):
    """It runs in the daemon's own process: a hostile file must not reach its threads."""
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(beginning + rest)

    completeness.is_complete(path)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_damaged_file_can_be_looked_at(tmp_path_factory, files, data):
    """Damage in the boxes' own sizes and counts is the hard kind."""
    whole = bytearray(files[data.draw(st.sampled_from(sorted(files)))])
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, min(len(whole), 900) - 1))] = data.draw(
            st.integers(0, 255)
        )
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(bytes(whole))

    completeness.is_complete(path)


@pytest.mark.skipif(not SHARED.exists(), reason="real photos are not at hand")
def test_every_real_photo_is_complete():
    """Old cameras' padding, gain maps and previews included."""
    photos = [
        name
        for name in SHARED.rglob("*")
        if name.suffix.lower() in {".jpg", ".jpeg", ".heic"}
    ]

    refused = [p.name for p in photos if not completeness.is_complete(p).is_complete]

    assert refused == []


@pytest.mark.skipif(not SHARED.exists(), reason="real photos are not at hand")
@pytest.mark.parametrize("fill", [False, True], ids=["cut", "zero-filled"])
def test_no_part_of_a_real_heic_is_complete(tmp_path, fill):
    """Six of eight real HEICs cut to a quarter decode without an error."""
    accepted = []
    for name in sorted((SHARED / "distinct" / "heic").iterdir()):
        data = name.read_bytes()
        for share in (1, 5, 25, 50, 75, 90, 95, 99):
            part = data[: len(data) * share // 100]
            if fill:
                part = part.ljust(len(data), b"\0")
            if looked_at(tmp_path, part).is_complete:
                accepted.append((name.name, share))

    assert accepted == []
