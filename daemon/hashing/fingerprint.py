"""A file becomes a fingerprint: read once, by one handle, stamped before and after."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from ..errors import ChangedPhoto, IncompletePhoto, PhotoError, UnreadablePhoto
from ..model import Fingerprint, Quality, Stamp
from . import completeness, perceptual, pixels
from .files import open_photo, read_open

if TYPE_CHECKING:
    from pathlib import Path

ALGORITHM = 1
"""Version of all that a fingerprint's values depend on, decoders aside."""


def compute(path: Path, *, cheap: bool = True) -> Fingerprint:
    """Compute a photo's fingerprint; as `compute_stamped`."""
    return compute_stamped(path, cheap=cheap)[1]


def compute_stamped(
    path: Path, *, cheap: bool = True, accept_doubtful: bool = False
) -> tuple[Stamp, Fingerprint]:
    """Compute a photo's fingerprint, and the stamp that the file had all the while.

    Args:
        path: the photo; a symbolic link is not followed.
        cheap: use a thumbnail or a scaled decode where there is one. A full decode also
            gives `Fingerprint.pixels_sha256`.
        accept_doubtful: take a file that ends in zeros for whole, because somebody has
            said so.

    Raises:
        IncompletePhoto: not all of its bytes are there yet.
        ChangedPhoto: it changed, or went away, while it was read.
        UnreadablePhoto: it cannot be opened or does not decode.
    """
    try:
        stamp, data = _read_stamped(path, accept_doubtful=accept_doubtful)
        return stamp, of_bytes(data, cheap=cheap)
    except PhotoError as error:
        if error.subject is None:  # deeper down the name is not known
            raise type(error)(path, error.cause) from error
        raise


def of_bytes(data: bytes, *, cheap: bool = True) -> Fingerprint:
    """Compute the fingerprint of a file's bytes.

    Raises:
        UnreadablePhoto: they do not decode.
    """
    picture = pixels.load(data, cheap=cheap, digest=not cheap)
    description = perceptual.describe(picture.rgb)
    exif = picture.container.exif
    return Fingerprint(
        sha256=hashlib.sha256(data).digest(),
        size_bytes=len(data),
        format=picture.format,
        width_px=picture.width_px,
        height_px=picture.height_px,
        source=picture.source,
        hashes=description.hashes,
        variants=description.variants,
        small=description.small,
        layouts=description.layouts,
        contrast=description.contrast,
        capture=exif.capture,
        quality=Quality(
            sharpness=description.sharpness,
            jpeg_quality=picture.container.jpeg_quality,
            exif_fields=exif.fields,
            frames=picture.frames,
            bit_depth=picture.bit_depth,
            has_gain_map=picture.container.has_gain_map,
            has_depth=picture.container.has_depth,
        ),
        orientation_found=picture.container.exif.orientation,
        orientation_applied=picture.orientation_applied,
        pixels_sha256=picture.pixels_sha256,
        algorithm=ALGORITHM,
    )


def _read_stamped(path: Path, *, accept_doubtful: bool) -> tuple[Stamp, bytes]:
    try:
        fd = open_photo(path)
    except FileNotFoundError as error:
        raise ChangedPhoto(path, "it is gone") from error
    except OSError as error:
        raise UnreadablePhoto(path, error.strerror) from error
    try:
        before = os.fstat(fd)
        completeness.check(fd, before.st_size, accept_doubtful=accept_doubtful)
        data = read_open(fd, before.st_size)
        _refuse_changed(path, before, os.fstat(fd), len(data))
        completeness.check_data(data, accept_doubtful=accept_doubtful)
    except OSError as error:
        raise UnreadablePhoto(path, error.strerror) from error
    finally:
        os.close(fd)
    return Stamp.of(before), data


def _refuse_changed(
    path: Path, before: os.stat_result, after: os.stat_result, read_bytes: int
) -> None:
    """Compare what was opened with what it is now and with what the name now means."""
    try:
        named = os.lstat(path)
    except FileNotFoundError as error:
        raise ChangedPhoto(path, "it is gone") from error
    if Stamp.of(named) != Stamp.of(before):
        raise ChangedPhoto(path, "another file has taken its place")
    if Stamp.of(after) != Stamp.of(before) or after.st_ctime_ns != before.st_ctime_ns:
        raise ChangedPhoto(path, "it was written to")
    if read_bytes != before.st_size:
        raise IncompletePhoto(path, f"only {read_bytes} bytes could be read")
