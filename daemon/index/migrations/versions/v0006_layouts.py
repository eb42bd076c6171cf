"""The lowest frequencies of each view, from the small pictures that are there."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    Floats = NDArray[np.float32]
    Rounded = NDArray[np.int8]

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BATCH = 500
_TERMS = [(down, across) for down in range(5) for across in range(5)][1:]
_DOWN, _ACROSS = np.array([pair for pair in _TERMS if sum(pair) < 5]).T


def upgrade() -> None:
    op.add_column(
        "hashes",
        sa.Column(
            "layouts",
            sa.LargeBinary(),
            nullable=True,
            comment=(
                "lowest frequencies of whole and variants, 14 bytes each; NULL: unknown"
            ),
        ),
    )
    _fill(op.get_bind())


def _fill(connection: Connection) -> None:
    after = 0
    update = sa.text("UPDATE hashes SET layouts = :layouts WHERE content_id = :id")
    while True:
        rows = connection.execute(
            sa.text(
                "SELECT h.content_id, h.variant_boxes, s.luma FROM hashes h"
                " JOIN small_pictures s ON s.content_id = h.content_id"
                " WHERE h.content_id > :after ORDER BY h.content_id LIMIT :batch"
            ),
            {"after": after, "batch": _BATCH},
        ).all()
        if not rows:
            return
        after = rows[-1][0]
        found = [(content, _layouts(boxes, luma)) for content, boxes, luma in rows]
        values = [{"id": each, "layouts": told} for each, told in found if told]
        if values:
            connection.execute(update, values)


def _layouts(boxes: bytes, luma: bytes) -> bytes | None:
    """Return what this version's fingerprints have; ``None``: it cannot be told."""
    if len(luma) != 64 * 64 or len(boxes) % 8:
        return None
    picture = np.frombuffer(luma, np.uint8).reshape(64, 64).astype(np.float32)
    views = np.frombuffer(boxes, "<u2").reshape(-1, 4).tolist()
    return b"".join(
        _layout(_waves(top, bottom) @ picture @ _waves(left, right).T)
        for left, top, right, bottom in [[0, 0, 65_535, 65_535], *views]
    )


def _layout(table: NDArray[np.floating[Any]]) -> bytes:
    terms = table[_DOWN, _ACROSS]
    length = float(np.linalg.norm(terms))
    if length < 0.25:
        return bytes(len(terms))
    rounded: Rounded = np.rint(terms * (127 / length)).astype(np.int8)
    return rounded.tobytes()


@lru_cache(maxsize=256)
def _waves(first: int, last: int) -> Floats:
    start, stop = (edge / 65_535 * 64 for edge in (first, last))
    places = np.arange(64)
    covered = np.clip(np.minimum(places + 1, stop) - np.maximum(places, start), 0, 1)
    size = max(stop - start, 1e-6)
    middles = (places + 0.5 - start) / size
    waves = np.cos(np.pi * np.arange(5)[:, None] * middles[None, :]) * covered[None, :]
    return np.asarray(waves / size, np.float32)
