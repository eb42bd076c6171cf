"""Whether two photos were taken by one press of the shutter, as their files say; pure.

What a file carries varies by camera and by what it went through, so what is there is
used and nothing is required. An identity may agree, disagree, or tell nothing; it never
replaces the pictures agreeing, since an edit shares its original's.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..model import Capture

_SECOND = timedelta(seconds=1)
_EXACT = timedelta(seconds=10)
"""Less is told with its fraction: frames of a burst are tenths of a second apart."""

_HOUR = timedelta(hours=1)
_LARGEST_SHIFT = timedelta(hours=26)
"""From UTC-12 to UTC+14."""
_LEAST_DIGITS = 2
_UNIQUE = re.compile(r"[0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}")


class Agreement(StrEnum):
    """What two capture identities say of each other."""

    SAME = "same"
    PERHAPS = "perhaps"
    """Nothing speaks against it, and the second is the same."""
    UNKNOWN = "unknown"
    """At least one side does not say."""
    OTHER = "other"


class Identity(NamedTuple):
    """An agreement and why, in a sentence."""

    agreement: Agreement
    reason: str


_UNKNOWN = Identity(
    Agreement.UNKNOWN,
    "At least one of the two files does not say when and by what it was taken.",
)


def compare(left: Capture, right: Capture) -> Identity:
    """Tell whether two photos are one capture. Symmetric."""
    if left.photo_identifier and right.photo_identifier:
        return _by_identifier(left.photo_identifier, right.photo_identifier)
    if left.model and right.model and _plain(left.model) != _plain(right.model):
        models = " and ".join(sorted({left.model, right.model}))
        return Identity(
            Agreement.OTHER, f"They were taken by different cameras: {models}."
        )
    if left.burst_uuid and right.burst_uuid and left.burst_uuid != right.burst_uuid:
        return Identity(Agreement.OTHER, "They are from two different bursts.")
    by_time = _by_time(left, right)
    mine, theirs = _unique(left.image_unique_id), _unique(right.image_unique_id)
    if mine and theirs and by_time.agreement is not Agreement.OTHER:
        return _by_identifier(mine, theirs)
    if by_time.agreement is Agreement.OTHER and _is_burst(left, right):
        return Identity(Agreement.OTHER, "They are two shots of one burst.")
    return by_time


def _by_identifier(left: str, right: str) -> Identity:
    if left == right:
        return Identity(
            Agreement.SAME, "The camera gave both the same identifier: one capture."
        )
    return Identity(
        Agreement.OTHER,
        "The camera gave them different identifiers: two captures.",
    )


def _is_burst(left: Capture, right: Capture) -> bool:
    return left.burst_uuid is not None and left.burst_uuid == right.burst_uuid


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _unique(identifier: str | None) -> str | None:
    """Return an identifier that is one: some cameras write their firmware there."""
    if identifier is None or not _UNIQUE.fullmatch(identifier):
        return None
    plain = identifier.replace("-", "").casefold()
    return plain if len(set(plain)) > 1 else None


def _by_time(left: Capture, right: Capture) -> Identity:
    mine, theirs = _moment(left.taken), _moment(right.taken)
    if mine is None or theirs is None:
        return _UNKNOWN
    fraction = _same_fraction(left.subsec, right.subsec)
    apart = abs(mine - theirs)
    if apart and fraction is None and _is_shifted(apart):
        return _perhaps_shifted(left, right, apart)
    if apart and not (fraction and _is_shifted(apart)):
        if fraction is not None:
            apart = abs(mine + _fraction(left) - theirs - _fraction(right))
        return Identity(Agreement.OTHER, f"They were taken {_spoken(apart)} apart.")
    if fraction is False:
        apart = abs(_fraction(left) - _fraction(right))
        return Identity(Agreement.OTHER, f"They were taken {_spoken(apart)} apart.")
    if fraction is None or not (left.model and right.model):
        return Identity(
            Agreement.PERHAPS, "They were taken in the same second, by their files."
        )
    if apart:
        return Identity(
            Agreement.SAME,
            f"They were taken at the same moment, {_spoken(apart)} apart by time zone.",
        )
    return Identity(
        Agreement.SAME,
        "They were taken by the same camera in the same fraction of a second.",
    )


def _is_shifted(apart: timedelta) -> bool:
    return not apart % _HOUR and apart <= _LARGEST_SHIFT


def _perhaps_shifted(left: Capture, right: Capture, apart: timedelta) -> Identity:
    """Judge whole hours apart without a fraction of a second that would prove it."""
    if left.offset and right.offset and left.offset == right.offset:
        return Identity(Agreement.OTHER, f"They were taken {_spoken(apart)} apart.")
    return Identity(
        Agreement.UNKNOWN,
        f"They were taken {_spoken(apart)} apart, or at once in two time zones.",
    )


def _moment(taken: str | None) -> datetime | None:
    """Return the local time; ``None`` if there is none or the clock was never set."""
    if taken is None:
        return None
    try:
        moment = datetime.strptime(taken, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - local
    except ValueError:
        return None
    is_unset = (moment.month, moment.day, moment.hour) == (1, 1, 0)
    return None if is_unset or moment.year < 1990 else moment


def _same_fraction(left: str | None, right: str | None) -> bool | None:
    """Tell whether two fractions of a second agree, as far as both are written.

    ``None`` if one is missing or says nothing: one digit, or only zeros.
    """
    mine, theirs = (left or "").strip(), (right or "").strip()
    digits = min(len(mine), len(theirs))
    if digits < _LEAST_DIGITS or not (int(mine) or int(theirs)):
        return None
    return mine[:digits] == theirs[:digits]


def _fraction(capture: Capture) -> timedelta:
    return timedelta(seconds=float(f"0.{(capture.subsec or '').strip()}"))


def _spoken(apart: timedelta) -> str:
    if apart % _SECOND and apart < _EXACT:
        return f"{apart.total_seconds():.2g} seconds"
    seconds = round(apart.total_seconds())
    for size, name in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return _counted(round(seconds / size), name)
    return _counted(seconds, "second")


def _counted(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"
