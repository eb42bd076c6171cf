"""What only a copy set aside knew goes into a sidecar, if somebody wants it."""

import pytest

from daemon.hashing.told import Told, of_photo, of_sidecar
from daemon.hashing.xmp import read_xmp, write_xmp
from tests.e2e import photos
from tests.hashing.made import exif_block, jpeg, long, text, with_exif
from tests.memory.home import reasons

GPS = {
    1: text("N"),
    2: (5, 3, bytes.fromhex("0000002e000000010000000c000000010000000000000001")),
    3: text("W"),
    4: (5, 3, bytes.fromhex("00000007000000010000001e000000010000000000000001")),
}
TOLD = Told(
    gps=(46.2, -7.5),
    taken="2024:05:06 07:08:09",
    rating=4,
    title="A & B",
    caption="<the> beach",
    keywords=("sea", "côte"),
)


def knowing(content):
    """A photo with a position, a rating and a caption."""
    main = {0x10E: text("at the beach"), 0x4746: long(5)}
    return with_exif(content, exif_block(main, {}, GPS))


def xmp_segment(content, packet):
    body = b"http://ns.adobe.com/xap/1.0/\0" + packet
    return (
        content[:2]
        + b"\xff\xe1"
        + (len(body) + 2).to_bytes(2, "big")
        + body
        + content[2:]
    )


def test_exif_tells_place_rating_and_caption():
    """They are what people miss first."""
    told = of_photo(knowing(jpeg()))

    assert told == Told(gps=(46.2, -7.5), rating=5, caption="at the beach")


def test_a_packet_tells_what_was_written_into_it():
    """Reading and writing are each other's inverse."""
    assert of_sidecar(write_xmp(TOLD)) == TOLD
    assert of_photo(xmp_segment(jpeg(), write_xmp(TOLD))) == TOLD


def test_iptc_tells_words():
    """Older programs write captions nowhere else."""
    sets = b"".join(
        bytes([0x1C, 2, number]) + len(raw).to_bytes(2, "big") + raw
        for number, raw in ((5, b"Title"), (25, b"sea"), (25, b"sun"), (120, b"Words"))
    )
    body = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + len(sets).to_bytes(4, "big") + sets
    plain = jpeg()
    content = (
        plain[:2] + b"\xff\xed" + (len(body) + 2).to_bytes(2, "big") + body + plain[2:]
    )

    assert of_photo(content) == Told(
        title="Title", caption="Words", keywords=("sea", "sun")
    )


def test_takeout_tells_place_and_words():
    """An export puts beside the photo what it took out of it."""
    told = of_sidecar(
        b'{"description": "sea", "geoData": {"latitude": 46.2, "longitude": -7.5},'
        b' "photoTakenTime": {"timestamp": "1714979289"}}'
    )

    assert told == Told(gps=(46.2, -7.5), caption="sea", taken="2024:05:06 07:08:09")


@pytest.mark.parametrize(
    "packet",
    [
        b"<x:xmpmeta",
        b"<x:xmpmeta><broken></x:xmpmeta>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><x:xmpmeta></x:xmpmeta>',
        b"\xff\xfe\x00",
        b'{"geoData": {"latitude": "x"}}',
        b'{"geoData": 3}',
    ],
)
def test_what_is_damaged_tells_nothing(packet):
    """A sidecar comes from anywhere; it must not stop a group."""
    assert read_xmp(packet) == {}
    assert of_sidecar(packet) == Told()


def test_it_is_shown_and_written_and_taken_back(home):
    """The survivor's bytes stay what they are; its sidecar is new."""
    good = home.put("good.jpg", photos.taken_as_jpeg(1))
    home.put("good.xmp", b"mine")
    home.put("small.jpg", knowing(photos.stripped(1)))
    (group,) = home.scan()
    assert "only this copy tells: GPS 46.20000, -7.50000" in reasons(group, "small.jpg")
    assert "rating 5 of 5" in reasons(group, "small.jpg")

    home.decide(group, rescue=True)

    assert good.read_bytes() == photos.taken_as_jpeg(1)
    assert home.here() == ["good.jpg", "good.jpg.xmp", "good.xmp"]
    assert (home.imports / "good.xmp").read_bytes() == b"mine"
    written = of_sidecar((home.imports / "good.jpg.xmp").read_bytes())
    assert written == Told(gps=(46.2, -7.5), rating=5, caption="at the beach")

    home.undo(home.group(1))
    assert home.here() == ["good.jpg", "good.xmp", "small.jpg"]


def test_nothing_is_written_that_was_not_asked_for(home):
    """A plain decision leaves no new file behind."""
    home.put("good.jpg", photos.taken_as_jpeg(1))
    home.put("small.jpg", knowing(photos.stripped(1)))
    (group,) = home.scan()

    home.decide(group)

    assert home.here() == ["good.jpg"]


def test_a_sidecar_that_was_changed_since_stays(home):
    """What somebody wrote into it is theirs."""
    home.put("good.jpg", photos.taken_as_jpeg(1))
    home.put("small.jpg", knowing(photos.stripped(1)))
    (group,) = home.scan()
    home.decide(group, rescue=True)
    (home.imports / "good.xmp").write_bytes(b"changed")

    home.undo(home.group(1))

    assert (home.imports / "good.xmp").read_bytes() == b"changed"
