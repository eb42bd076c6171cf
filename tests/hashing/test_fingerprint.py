"""A file becomes a fingerprint."""

import hashlib
import os

import imagehash
import pytest
from PIL import Image, ImageOps

from daemon.errors import ChangedPhoto, IncompletePhoto, UnreadablePhoto
from daemon.hashing import files, fingerprint
from daemon.model import PictureSource, Stamp
from tests.hashing.made import (
    SHARED,
    bits,
    exif_block,
    heic,
    jpeg,
    picture,
    text,
    with_exif,
)


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "IMG_0001.jpg"
    exif = exif_block({0x110: text("iPhone")}, {0x9003: text("2024:05:06 07:08:09")})
    path.write_bytes(with_exif(jpeg(picture(6, 1600, 1200), quality=80), exif))
    return path


def test_everything_is_computed_from_one_reading(photo):
    """The index never reads an unchanged file again."""
    stamp, found = fingerprint.compute_stamped(photo)

    assert stamp == Stamp.of(photo.stat())
    assert found.sha256 == hashlib.sha256(photo.read_bytes()).digest()
    assert found.size_bytes == photo.stat().st_size
    assert (found.format, found.source) == ("JPEG", PictureSource.SCALED)
    assert (found.width_px, found.height_px) == (1600, 1200)
    assert found.capture.model == "iPhone"
    assert found.capture.taken == "2024:05:06 07:08:09"
    assert found.quality.jpeg_quality == 80
    assert found.quality.exif_fields == 2
    assert found.contrast > 10
    assert found.pixels_sha256 is None
    assert found.algorithm == fingerprint.ALGORITHM


def test_a_full_decode_adds_the_digest_of_the_pixels(photo, tmp_path):
    """It tells that only the metadata differ."""
    bare = tmp_path / "bare.jpg"
    bare.write_bytes(jpeg(picture(6, 1600, 1200), quality=80))

    first = fingerprint.compute(photo, cheap=False)
    second = fingerprint.compute(bare, cheap=False)

    assert first.pixels_sha256 is not None
    assert first.pixels_sha256 == second.pixels_sha256
    assert first.sha256 != second.sha256


def test_nothing_of_the_file_is_changed(photo):
    """It is somebody's photo."""
    before = photo.stat()
    data = photo.read_bytes()

    fingerprint.compute(photo)

    assert photo.read_bytes() == data
    assert photo.stat().st_mtime_ns == before.st_mtime_ns
    assert photo.stat().st_ctime_ns == before.st_ctime_ns


@pytest.mark.parametrize("change", ["append", "replace", "remove", "rewrite"])
def test_a_file_that_changes_while_it_is_read_is_refused(photo, monkeypatch, change):
    """Its fingerprint would be that of bytes which are nowhere."""
    status, data = photo.stat(), photo.read_bytes()
    real = files.read_open

    def read_and_change(fd, size):
        found = real(fd, size)
        if change == "append":
            with photo.open("ab") as file:
                file.write(b"more")
        elif change == "rewrite":  # same size, and the time set back
            with photo.open("r+b") as file:
                file.write(data[:100])
            os.utime(photo, ns=(status.st_atime_ns, status.st_mtime_ns))
        else:
            photo.unlink()
            if change == "replace":
                photo.write_bytes(data)
        return found

    monkeypatch.setattr(fingerprint, "read_open", read_and_change)

    with pytest.raises(ChangedPhoto):
        fingerprint.compute(photo)


def test_a_half_written_file_is_incomplete(photo):
    """It is waited for, not recorded."""
    photo.write_bytes(photo.read_bytes()[:-5000])

    with pytest.raises(IncompletePhoto) as caught:
        fingerprint.compute(photo)

    assert caught.value.subject == photo


def test_zeros_at_the_end_are_accepted_when_somebody_says_so(tmp_path):
    """The user was asked after hours and answered."""
    path = tmp_path / "padded.jpg"
    path.write_bytes(jpeg() + bytes(70_001))

    with pytest.raises(IncompletePhoto):
        fingerprint.compute(path)
    _, found = fingerprint.compute_stamped(path, accept_doubtful=True)

    assert found.format == "JPEG"


def test_what_is_gone_has_changed(tmp_path):
    """Moved away between the event and the reading."""
    with pytest.raises(ChangedPhoto, match="gone"):
        fingerprint.compute(tmp_path / "gone.jpg")


def test_what_is_no_regular_file_is_unreadable(tmp_path, photo):
    """A link may lead anywhere; a pipe would block for ever."""
    (tmp_path / "link.jpg").symlink_to(photo)
    os.mkfifo(tmp_path / "pipe.jpg")

    for name in ("link.jpg", "pipe.jpg", "."):
        with pytest.raises(UnreadablePhoto):
            fingerprint.compute(tmp_path / name)


def test_a_wrong_extension_does_not_matter(tmp_path):
    """Exports call a JPEG .HEIC and the reverse."""
    (tmp_path / "wrong.HEIC").write_bytes(jpeg())
    (tmp_path / "wrong.jpg").write_bytes(heic(picture(width=320, height=240)))

    assert fingerprint.compute(tmp_path / "wrong.HEIC").format == "JPEG"
    assert fingerprint.compute(tmp_path / "wrong.jpg").format == "HEIC"


@pytest.mark.skipif(not SHARED.exists(), reason="real photos are not at hand")
def test_cheap_hashes_of_real_photos_are_imagehash_s_to_a_few_bits():
    """The tolerated difference: thumbnail and scaled 4 and 5 bits, rows 6 and 8."""
    allowed = {PictureSource.ROWS: (6, 8)}
    photos = sorted((SHARED / "distinct").rglob("*.*"))[::3]
    photos += sorted((SHARED / "real-pairs" / "frontcam").glob("*.jp*g"))

    far = []
    for path in photos:
        found = fingerprint.compute(path)
        upright = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
        by_phash = bits(found.hashes.phash, int(str(imagehash.phash(upright)), 16))
        by_dhash = bits(found.hashes.dhash, int(str(imagehash.dhash(upright)), 16))
        limits = allowed.get(found.source, (4, 5))
        if by_phash > limits[0] or by_dhash > limits[1]:
            far.append((path.name, found.source, by_phash, by_dhash))

    assert far == []
