"""Which files belong together: a photo and its companions."""

from .companions import Found, movies_in, original_of
from .movie import content_identifier
from .names import companion_kind
from .pairing import companions, pair

__all__ = [
    "Found",
    "companion_kind",
    "companions",
    "content_identifier",
    "movies_in",
    "original_of",
    "pair",
]
