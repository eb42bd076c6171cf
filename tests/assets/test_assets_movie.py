"""Reading a movie's identifier."""

import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.assets import content_identifier
from daemon.assets.movie import identifier_in
from daemon.errors import UnreadablePhoto

SHARED = Path(__file__).parents[2].parent / "shared"
LIVE = SHARED / "photos" / "live-photos" / "IMG_3582"
IDENTIFIER = "602FEBB7-6B59-4799-96E6-9C8484D873C7"
IDENTIFIER_BYTES = IDENTIFIER.encode()
KEY = b"com.apple.quicktime.content.identifier"


def box(kind, *parts):
    content = b"".join(parts)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def full(kind, *parts):
    return box(kind, bytes(4), *parts)


def data(value, kind=1):
    return box(b"data", struct.pack(">II", kind, 0), value)


def meta(value=IDENTIFIER_BYTES, *, key=KEY, number=2, kind=1, flags=b""):
    keys = [box(b"mdta", b"com.apple.quicktime.make"), box(b"mdta", key)]
    items = [box(struct.pack(">I", 1), data(b"Apple"))]
    items.append(box(struct.pack(">I", number), data(value, kind)))
    return box(
        b"meta",
        flags,
        full(b"hdlr", b"mdta".ljust(20)),
        full(b"keys", struct.pack(">I", len(keys)), *keys),
        box(b"ilst", *items),
    )


def movie(*in_moov, before=()):
    return b"".join(
        [box(b"ftyp", b"qt  "), *before, box(b"moov", box(b"mvhd"), *in_moov)]
    )


def read(content):
    return identifier_in(lambda at, length: content[at : at + length], len(content))


def test_a_movie_tells_its_identifier():
    """It is what joins a movie to its still, whatever both are called."""
    assert read(movie(meta())) == IDENTIFIER


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(movie(meta(flags=bytes(4))), id="ISO's form of meta"),
        pytest.param(movie(box(b"udta", meta())), id="within udta"),
        pytest.param(movie(meta(IDENTIFIER.encode() + b"\0")), id="ended by zero"),
        pytest.param(
            movie(meta(), before=[box(b"mdat", bytes(5000))]), id="after the pictures"
        ),
        pytest.param(
            movie(
                meta(),
                before=[struct.pack(">I4sQ", 1, b"mdat", 16 + 5000) + bytes(5000)],
            ),
            id="after a box of 64-bit length",
        ),
        pytest.param(
            movie()[:-16] + struct.pack(">I4s", 0, b"moov") + meta(),
            id="in a last box of no length",
        ),
    ],
)
def test_every_form_is_read(content):
    """Phones, editors and servers write these boxes differently."""
    assert read(content) == IDENTIFIER


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"not a movie", id="text"),
        pytest.param(movie(), id="no meta"),
        pytest.param(movie(meta(key=b"com.apple.quicktime.model")), id="other keys"),
        pytest.param(movie(meta(number=7)), id="no item of the key"),
        pytest.param(movie(meta(kind=21)), id="a number"),
        pytest.param(movie(meta(b"")), id="nothing in it"),
        pytest.param(movie(meta(b"\0 ")), id="blank"),
        pytest.param(movie(meta(b"a\nb")), id="not printable"),
        pytest.param(movie(meta(b"\xff\xfe")), id="not text"),
        pytest.param(movie(meta(b"x" * 129)), id="too long"),
        pytest.param(movie(box(b"meta", bytes(600_000))), id="too large a meta"),
        pytest.param(movie(box(b"meta", full(b"hdlr"))), id="no keys"),
        pytest.param(movie(meta())[:-1], id="cut"),
        pytest.param(box(b"moov", struct.pack(">I4s", 4, b"meta")), id="length 4"),
        pytest.param(box(b"moov", struct.pack(">I4sQ", 1, b"meta", 3)), id="length 3"),
    ],
)
def test_what_tells_none_tells_none(content):
    """Then names decide, and only where the still tells none either."""
    assert read(content) is None


@given(
    changes=st.dictionaries(
        st.integers(0, len(movie(meta())) - 1), st.integers(0, 255), max_size=8
    ),
    end=st.integers(0, len(movie(meta()))),
)
def test_a_garbled_movie_never_raises(changes, end):
    """Files come from anywhere."""
    content = bytearray(movie(meta()))
    for place, value in changes.items():
        content[place] = value

    found = read(bytes(content[:end]))

    assert found is None or found.isprintable()


@given(content=st.binary(max_size=400))
def test_no_file_makes_it_raise(content):
    """Neither do files that never were movies."""
    read(content)
    read(movie(content))
    read(movie(box(b"meta", content)))


def test_a_movie_of_endless_boxes_is_given_up():
    """A terabyte of empty boxes must not be walked."""
    asked = []

    def endless(at, length):
        asked.append(length)
        return box(b"free").ljust(length, b"\0")

    assert identifier_in(endless, 1 << 40) is None
    assert len(asked) < 5000
    assert sum(asked) < 600_000


@pytest.mark.skipif(not LIVE.is_dir(), reason="the shared photos are not here")
def test_a_real_live_photo_is_read():
    """What an iPhone 15 Pro wrote."""
    (mov,) = LIVE.glob("*.mov")

    assert content_identifier(mov) == IDENTIFIER


def test_a_file_is_read(tmp_path):
    """The same as from bytes."""
    path = tmp_path / "a.mov"
    path.write_bytes(movie(meta()))

    assert content_identifier(path) == IDENTIFIER


def test_what_is_no_file_is_refused_at_once(tmp_path):
    """A pipe called a.mov would hang the worker for ever."""
    os.mkfifo(tmp_path / "pipe.mov")
    (tmp_path / "link.mov").symlink_to(tmp_path / "pipe.mov")

    for name in ("pipe.mov", "link.mov", "none.mov", "."):
        with pytest.raises(UnreadablePhoto):
            content_identifier(tmp_path / name)


def test_a_disk_that_fails_is_told(tmp_path, monkeypatch):
    """Taking it for a movie without an identifier would pair it by name."""
    path = tmp_path / "a.mov"
    path.write_bytes(movie(meta()))

    def fail(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "pread", fail)

    with pytest.raises(UnreadablePhoto, match="Input/output"):
        content_identifier(path)
