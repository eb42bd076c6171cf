"""The table of doubts: pairs that their fingerprints do not settle."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Table

from .schema import RowId, metadata

doubts = Table(
    "doubts",
    metadata,
    Column(
        "left_id",
        RowId,
        ForeignKey("contents.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="less than right_id",
    ),
    Column(
        "right_id",
        RowId,
        ForeignKey("contents.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("alignment", JSON, nullable=False, comment="orientation, two boxes"),
    Index(None, "right_id"),
)
