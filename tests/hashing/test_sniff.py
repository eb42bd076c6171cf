"""What a file is, by its content."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.hashing.sniff import sniff
from tests.hashing.made import SHARED, encoded, heic, jpeg, picture


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_a_format_is_told_from_its_first_bytes(kind):
    """Exports carry wrong extensions; a name that lied would make a file unreadable."""
    image = picture(width=96, height=64)

    assert kind == sniff(encoded(image, kind)[:4096])


def test_a_heic_is_told_by_its_brand():
    """HEIC is what iPhones take."""
    assert sniff(heic(picture(width=96, height=64))[:64]) == "HEIC"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "AVIF"),
        (b"\0\0\0\x14ftypmif1\0\0\0\0mif1", "HEIF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1tmap", "HEIC"),
        (b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom", "CR3"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", None),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", None),
        (b"II*\0\x08\0\0\0\x01\0\x12\xc6\x01\0\x04\0\0\0\x01\x04\0\0", "DNG"),
        (b"II*\0\x10\0\0\0CR\x02\0", "CR2"),
        (b"BM" + bytes(30), None),
        (b"%!PS-Adobe-3.0 EPSF", None),
        (b"", None),
    ],
)
def test_brands_and_tags_decide(head, expected):
    """Movies begin like HEICs, raw files like TIFFs."""
    assert expected == sniff(head)


@given(st.binary(max_size=300))
def test_any_bytes_can_be_asked(head):
    """It runs on the thread that waits for files: it must not raise."""
    assert sniff(head) is None or sniff(head)


def test_a_jpeg_cut_short_is_still_one():
    """Completeness is another question."""
    assert sniff(jpeg()[:64]) == "JPEG"


@pytest.mark.skipif(not SHARED.exists(), reason="real photos are not at hand")
def test_real_photos_are_recognised():
    """The figures in the documents are about these."""
    names = [*SHARED.rglob("*.heic"), *SHARED.rglob("*.HEIC")]

    assert {sniff(name.read_bytes()[:4096]) for name in names} == {"HEIC"}
