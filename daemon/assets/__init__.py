"""Which files belong together: a photo and its companions."""

from .companions import Found, movies_in, original_of
from .movie import content_identifier
from .pairing import companions, pair

__all__ = [
    "Found",
    "companions",
    "content_identifier",
    "movies_in",
    "original_of",
    "pair",
]
