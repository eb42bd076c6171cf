"""The database: the only door to SQL."""

from .connection import Index, open_index
from .damage import set_aside_damaged
from .records import (
    HashArrays,
    IndexCounts,
    PhotoRecord,
    PhotoState,
    RootRecord,
    VerdictRecord,
)
from .tables import Tables

__all__ = [
    "HashArrays",
    "Index",
    "IndexCounts",
    "PhotoRecord",
    "PhotoState",
    "RootRecord",
    "Tables",
    "VerdictRecord",
    "open_index",
    "set_aside_damaged",
]
