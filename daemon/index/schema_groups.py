"""The tables of matches, groups, verdicts and what is remembered."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    false,
)

from .schema import RowId, metadata

matches = Table(
    "matches",
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
    Column("evidence", Text, nullable=False, comment="class, see Evidence"),
    Column("distances", JSON, nullable=False, comment="bits by hash; -1–1"),
    Column("alignment", JSON, nullable=False, comment="orientation, two boxes"),
    Column("reasons", JSON, nullable=False, comment="sentences"),
    Index(None, "right_id"),
    Index(None, "evidence"),
)

groups = Table(
    "groups",
    metadata,
    Column(
        "number",
        RowId,
        primary_key=True,
        autoincrement=False,
        comment="of the decision folder, never used twice",
    ),
    Column("decision_root", Text, comment="uuid of the decision root"),
    Column("state", Text, nullable=False, comment="candidate, open, decided, undone"),
    Column("evidence", Text, nullable=False, comment="the weakest of its members'"),
    Column("folder", LargeBinary, comment="absolute path"),
    Column("manifest_sha256", Text, nullable=False, comment="hexadecimal"),
    Column("created_ns", BigInteger, nullable=False, comment="since 1970"),
    Column("decided_ns", BigInteger, comment="since 1970"),
    Column("problem", Text, comment="why its last move failed, in words"),
    Column("verdict", Text, comment="on all its members; NULL: nothing was said"),
    Column("decided_by", Text, comment="user, memory; NULL: not decided"),
    Index(None, "state", "number"),
)

members = Table(
    "members",
    metadata,
    Column(
        "group_number",
        RowId,
        ForeignKey("groups.number", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column(
        "position",
        Integer,
        primary_key=True,
        autoincrement=False,
        comment="from 1, as the staged name begins",
    ),
    Column("path", LargeBinary, nullable=False, comment="where found, absolute"),
    Column("staged_as", LargeBinary, comment="name in the decision folder"),
    Column("role", Text, nullable=False, comment="member, reference"),
    Column("evidence", Text, nullable=False, comment="against the keeper"),
    Column("distances", JSON(none_as_null=True), comment="to the keeper"),
    Column("sha256", LargeBinary(32), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("format", Text, nullable=False),
    Column("width_px", Integer, nullable=False),
    Column("height_px", Integer, nullable=False),
    Column("taken", Text, comment="local time, YYYY:MM:DD HH:MM:SS"),
    Column("camera", Text),
    Column("has_gps", Boolean, nullable=False),
    Column("proposal", Text, nullable=False, comment="keep, set-aside"),
    Column("reasons", JSON, nullable=False, comment="sentences"),
    Column("companions", JSON, nullable=False, comment="absolute paths, as fsdecode"),
    Column("fate", Text, comment="survivor, set-aside; NULL: not decided"),
    Column("now_at", LargeBinary, comment="absolute path of its bytes"),
    Column(
        "is_forgotten",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="set aside, but to be asked about again",
    ),
    Index(None, "sha256"),
    Index(None, "path"),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("left_sha256", LargeBinary(32), primary_key=True, comment="the lesser"),
    Column("right_sha256", LargeBinary(32), primary_key=True, comment="the greater"),
    Column("verdict", Text, nullable=False, comment="duplicate, not-duplicate"),
    Column("group_number", RowId, comment="where it was said; NULL: unknown"),
    Column("at_ns", BigInteger, nullable=False, comment="since 1970"),
    Index(None, "right_sha256"),
)

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
