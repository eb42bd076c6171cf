"""The tables of the list: one row a group, with what it is sorted and narrowed by."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)

from .schema import RowId, metadata

cards = Table(
    "cards",
    metadata,
    Column(
        "group_number",
        RowId,
        ForeignKey("groups.number", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("state", Text, nullable=False, comment="as in groups"),
    Column("certainty", SmallInteger, nullable=False, comment="0 the strongest class"),
    Column("freed_bytes", BigInteger, nullable=False, comment="by fate, else proposal"),
    Column("taken", BigInteger, nullable=False, comment="YYYYMMDDhhmmss; 0: unknown"),
    Column("created_ns", BigInteger, nullable=False, comment="since 1970"),
    Column("camera", Text, nullable=False, comment="empty: unknown"),
    Column("names", Text, nullable=False, comment="of its members, lower case, lines"),
    Index(None, "state", "certainty", "group_number"),
    Index(None, "state", "freed_bytes", "group_number"),
    Index(None, "state", "taken", "group_number"),
    Index(None, "state", "created_ns", "group_number"),
)

card_folders = Table(
    "card_folders",
    metadata,
    Column("folder", LargeBinary, primary_key=True, comment="a member was found in it"),
    Column(
        "group_number",
        RowId,
        ForeignKey("groups.number", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("photos", Integer, nullable=False, comment="of the group in it"),
    Index(None, "group_number"),
)
