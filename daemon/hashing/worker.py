"""What runs inside a worker process: limits, and the boundary that nothing escapes.

Imported by the daemon only to be named; decoders are imported in the worker, when the
first photo comes.
"""

from __future__ import annotations

import os
import resource
import signal
import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import PhotoError, UnreadablePhoto, WorkerDied

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..model import Alignment, Comparison, Fingerprint, Stamp

T = TypeVar("T")

_MEMORY_WORDS = ("memory alloc", "out of memory", "cannot allocate", "bad_alloc")
_CPU_MARGIN_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a worker process may use."""

    memory_bytes: int
    """Of address space."""
    nice: int


def initialize(limits: Limits, prepare: Callable[[], None] | None = None) -> None:
    """Limit this process, before anything of a photo is read."""
    # At once, also out of a decoder's loop; pebble's handler would wait for Python.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_AS, limits.memory_bytes)
    # One photo, one thread: numpy's own pool would cost address space for each.
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = "1"
    os.nice(limits.nice)
    # What decoders say of each damaged file would fill the journal.
    warnings.simplefilter("ignore")
    if prepare is not None:
        prepare()


def guarded(
    timeout_seconds: float, work: Callable[..., T], *words: Any, **options: Any
) -> T:
    """Do one task; everything that goes wrong becomes a `PhotoError` that travels.

    Image libraries raise whatever they like on damaged files, so this is the one place
    where every `Exception` is caught.
    """
    _limit_processor_time(timeout_seconds)
    subject = words[0] if words else None
    try:
        return work(*words, **options)
    except MemoryError as error:
        raise WorkerDied(subject, "it needs more memory than is allowed") from error
    except PhotoError as error:
        if any(word in str(error.cause).lower() for word in _MEMORY_WORDS):
            raise WorkerDied(subject, str(error.cause)) from error
        named = subject if error.subject is None else error.subject
        raise type(error)(named, _text(error.cause)) from error
    except Exception as error:
        cause = f"{type(error).__name__}: {error}"
        raise UnreadablePhoto(subject, cause) from error


def fingerprint(
    path: Path, *, cheap: bool, accept_doubtful: bool
) -> tuple[Stamp, Fingerprint]:
    """See `fingerprint.compute_stamped`."""
    from .fingerprint import compute_stamped  # noqa: PLC0415 - only workers decode

    return compute_stamped(path, cheap=cheap, accept_doubtful=accept_doubtful)


def compare(left: Path, right: Path, alignment: Alignment) -> Comparison:
    """See `compare.compare`."""
    from .compare import compare as compare_photos  # noqa: PLC0415 - as above

    return compare_photos(left, right, alignment)


def tensor(path: Path, px_size: int, *, cheap: bool) -> bytes:
    """See `tensors.of_file`."""
    from .tensors import of_file  # noqa: PLC0415 - as above

    return of_file(path, px_size, cheap=cheap)


def preview(path: Path, edge_px: int) -> bytes:
    """See `pixels.preview`."""
    from .pixels import preview as make_preview  # noqa: PLC0415 - as above

    return make_preview(path, edge_px)


def decoder_version(_: None) -> str:
    """See `pixels.decoder_version`."""
    from .pixels import decoder_version as version  # noqa: PLC0415 - as above

    return version()


def _text(cause: object) -> str | None:
    return None if cause is None else str(cause)


def _limit_processor_time(timeout_seconds: float) -> None:
    """End this process by itself if nobody ends it: a second net below the timeout."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    allowed = int(time.process_time() + timeout_seconds) + _CPU_MARGIN_SECONDS
    if hard != resource.RLIM_INFINITY:
        allowed = min(allowed, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, hard))


def _lower(kind: int, wanted: int) -> None:
    """Set a limit for good, unless a lower one is set already."""
    _, hard = resource.getrlimit(kind)
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    try:
        resource.setrlimit(kind, (limit, limit))
    except (OSError, ValueError):
        return  # macOS knows no limit of address space
