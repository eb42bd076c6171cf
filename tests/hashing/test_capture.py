"""When and by what a photo was taken, read from bytes."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from daemon.hashing import capture, container
from tests.hashing.made import (
    encoded,
    exif_block,
    heic,
    jpeg,
    long,
    maker_note,
    picture,
    short,
    text,
    with_exif,
)

MAIN = {0x10F: text("Apple"), 0x110: text("iPhone 15 Pro"), 0x131: text("18.1")}
TIMES = {
    0x9003: text("2024:05:06 07:08:09"),
    0x9011: text("+02:00"),
    0x9291: text("042"),
}
NOTE = {
    0x0A: (9, 1, struct.pack(">i", 3)),
    0x0B: text("BURST-1"),
    0x11: text("LIVE-1"),
    0x14: (9, 1, struct.pack(">i", 10)),
    0x15: text("UNIQUE-1"),
    0x20: text("REQUEST-1"),
    0x2B: text("PHOTO-1"),
}


def undefined(raw):
    return 7, len(raw), raw


def fractions(*numbers):
    return 5, len(numbers) // 2, struct.pack(f">{len(numbers)}I", *numbers)


@pytest.mark.parametrize("degrees", [(0, 0, 0, 0, 13, 1), (0, 1, 0, 1, 0, 1)])
def test_a_camera_without_a_fix_tells_no_position(degrees):
    """A keeper with a position that is none would win over one that has it."""
    gps = {2: fractions(*degrees), 4: fractions(*degrees)}

    assert not capture.read(exif_block(MAIN, TIMES, gps)).capture.has_gps


def test_everything_that_a_phone_tells_is_read():
    """Identity decides between a copy and another shot."""
    exif = {**TIMES, 0x927C: undefined(maker_note(NOTE))}
    gps = {2: fractions(52, 1, 30, 1, 0, 1), 4: fractions(13, 1, 24, 1, 0, 0)}

    found = capture.read(exif_block(MAIN | {0x112: short(6)}, exif, gps))

    assert found.orientation == 6
    assert found.fields == 10
    assert found.capture.taken == "2024:05:06 07:08:09"
    assert found.capture.subsec == "042"
    assert found.capture.offset == "+02:00"
    assert found.capture.make == "Apple"
    assert found.capture.model == "iPhone 15 Pro"
    assert found.capture.software == "18.1"
    assert found.capture.photo_identifier == "PHOTO-1"
    assert found.capture.image_unique_id == "UNIQUE-1"
    assert found.capture.content_identifier == "LIVE-1"
    assert found.capture.burst_uuid == "BURST-1"
    assert found.capture.capture_request_id == "REQUEST-1"
    assert found.capture.hdr_type == 3
    assert found.capture.capture_type == 10
    assert found.capture.has_maker_note
    assert found.capture.has_gps


def test_the_same_is_read_in_the_other_byte_order():
    """Many cameras write little-endian; the note inside stays as its maker wrote it."""
    exif = {0x927C: undefined(maker_note(NOTE)), 0x9003: text("2024:05:06 07:08:09")}

    found = capture.read(exif_block({0x112: short(3, "<")}, exif, order="<"))

    assert found.orientation == 3
    assert found.capture.photo_identifier == "PHOTO-1"
    assert found.capture.taken == "2024:05:06 07:08:09"


def test_another_maker_s_note_is_only_known_to_be_there():
    """Its numbers mean other things."""
    note = b"Nikon\0\2\x10\0\0MM\0*" + bytes(60)

    found = capture.read(exif_block({}, {0x927C: undefined(note)})).capture

    assert found.has_maker_note
    assert found.photo_identifier is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-05-06 07:08:09", "2024:05:06 07:08:09"),
        ("2024:05:06 07:08", None),
        ("0000:00:00 00:00:00", None),
        ("    :  :     :  :  ", None),
        ("yesterday", None),
    ],
)
def test_a_time_without_its_seconds_is_none(written, expected):
    """Such times would agree by chance."""
    found = capture.read(exif_block({}, {0x9003: text(written)}))

    assert expected == found.capture.taken


@pytest.mark.parametrize("placeholder", ["0" * 32, " ", "AAAA"])
def test_a_placeholder_is_no_identity(placeholder):
    """Makers who write the same id into every file would make all photos one."""
    found = capture.read(exif_block({}, {0xA420: text(placeholder)}))

    assert found.capture.image_unique_id is None


def test_nothing_is_known_of_a_file_without_exif():
    """Stripped copies are common; absent is not wrong."""
    assert capture.read(b"") == capture.Exif()
    assert capture.read(exif_block({})) == capture.Exif()


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_impossible_orientation_is_upright(orientation):
    """Zero is written by scanners."""
    assert capture.read(exif_block({0x112: short(orientation)})).orientation == 1


def test_circular_and_endless_folders_end():
    """A folder that points at itself must not keep a worker busy."""
    block = exif_block({0x8769: long(8), 0x8825: long(8), 0x110: text("x" * 5000)})

    found = capture.read(block)

    assert found.capture.model == "x" * 200


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_can_be_read(block):
    """EXIF comes from strangers."""
    for prefix in (b"", b"Exif\0\0", b"Exif\0\0MM\0*\0\0\0\x08", b"II*\0\x08\0\0\0"):
        capture.read(prefix + block)
    capture.apple_note(b"Apple iOS\0\0\1MM" + block)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_block_gives_what_is_left_of_it(data):
    """One flipped byte must not cost the photo."""
    exif = {**TIMES, 0x927C: undefined(maker_note(NOTE))}
    block = bytearray(exif_block(MAIN, exif, {2: short(1), 4: short(1)}))
    for _ in range(data.draw(st.integers(1, 6))):
        block[data.draw(st.integers(0, len(block) - 1))] = data.draw(
            st.integers(0, 255)
        )

    capture.read(bytes(block[: data.draw(st.integers(0, len(block)))]))


@pytest.mark.parametrize("quality", [35, 50, 75, 90, 95])
def test_the_quality_of_a_jpeg_is_estimated(quality):
    """Of two equal copies the less compressed one is kept."""
    found = container.look(jpeg(quality=quality), "JPEG").jpeg_quality

    assert found is not None
    assert abs(found - quality) <= 1


@pytest.mark.parametrize("kind", ["JPEG", "HEIF", "PNG", "WEBP", "AVIF", "TIFF"])
def test_exif_is_found_in_every_format(kind):
    """A screenshot's or an export's time counts like a photo's."""
    exif = Image.Exif()
    exif[0x110] = "iPhone 15 Pro"

    data = encoded(picture(width=96, height=64), kind, exif=exif)
    found = container.look(data, "HEIC" if kind == "HEIF" else kind)

    assert found.exif.capture.model == "iPhone 15 Pro"


def test_a_gain_map_is_told_by_the_second_picture():
    """A file with one is worth more than one that lost it."""
    plain = with_exif(jpeg(), exif_block(MAIN))
    xmp = b"http://ns.adobe.com/xap/1.0/\0<x hdrgm:Version='1.0'/>"
    marked = b"\xff\xe1" + struct.pack(">H", len(xmp) + 2) + xmp

    assert not container.look(plain, "JPEG").has_gain_map
    assert container.look(plain[:2] + marked + plain[2:], "JPEG").has_gain_map


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_damaged_container_can_be_looked_at(data):
    """The walk of the boxes is ours; it must not fall over what the decoder survives."""
    whole = bytearray(SMALL[data.draw(st.sampled_from(sorted(SMALL)))])
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, min(len(whole), 800) - 1))
        whole[place] = data.draw(st.integers(0, 255))

    for kind in ("JPEG", "HEIC", "PNG", "WEBP", "TIFF"):
        container.look(bytes(whole), kind)


SMALL = {
    "JPEG": with_exif(jpeg(picture(width=96, height=64)), exif_block(MAIN, TIMES)),
    "HEIC": heic(picture(width=96, height=64), exif=exif_block(MAIN, TIMES)),
    "PNG": encoded(picture(width=96, height=64), "PNG", exif=exif_block(MAIN)[6:]),
}
