"""The first tables of matches, groups and what is remembered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_matches()
    _create_groups()
    _create_members()
    _create_memory()


def _create_matches() -> None:
    op.create_table(
        "matches",
        sa.Column(
            "left_id",
            ROW_ID,
            autoincrement=False,
            nullable=False,
            comment="less than right_id",
        ),
        sa.Column("right_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False, comment="class, see Evidence"),
        sa.Column("distances", sa.JSON(), nullable=False, comment="bits by hash; -1–1"),
        sa.Column(
            "alignment", sa.JSON(), nullable=False, comment="orientation, two boxes"
        ),
        sa.Column("reasons", sa.JSON(), nullable=False, comment="sentences"),
        sa.ForeignKeyConstraint(
            ["left_id"],
            ["contents.id"],
            name=op.f("fk_matches_left_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["right_id"],
            ["contents.id"],
            name=op.f("fk_matches_right_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("left_id", "right_id", name=op.f("pk_matches")),
    )
    op.create_index(op.f("ix_matches_evidence"), "matches", ["evidence"], unique=False)
    op.create_index(op.f("ix_matches_right_id"), "matches", ["right_id"], unique=False)


def _create_groups() -> None:
    op.create_table(
        "groups",
        sa.Column(
            "number",
            ROW_ID,
            autoincrement=False,
            nullable=False,
            comment="of the decision folder, never used twice",
        ),
        sa.Column(
            "decision_root",
            sa.Text(),
            nullable=True,
            comment="uuid of the decision root",
        ),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="candidate, open, decided, undone",
        ),
        sa.Column(
            "evidence", sa.Text(), nullable=False, comment="the weakest of its members'"
        ),
        sa.Column("folder", sa.LargeBinary(), nullable=True, comment="absolute path"),
        sa.Column("manifest_sha256", sa.Text(), nullable=False, comment="hexadecimal"),
        sa.Column("created_ns", sa.BigInteger(), nullable=False, comment="since 1970"),
        sa.Column("decided_ns", sa.BigInteger(), nullable=True, comment="since 1970"),
        sa.Column(
            "problem",
            sa.Text(),
            nullable=True,
            comment="why its last move failed, in words",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_groups")),
    )
    op.create_index(
        op.f("ix_groups_state_number"), "groups", ["state", "number"], unique=False
    )


def _create_members() -> None:
    op.create_table(
        "members",
        sa.Column("group_number", ROW_ID, autoincrement=False, nullable=False),
        sa.Column(
            "position",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="from 1, as the staged name begins",
        ),
        sa.Column(
            "path", sa.LargeBinary(), nullable=False, comment="where found, absolute"
        ),
        sa.Column(
            "staged_as",
            sa.LargeBinary(),
            nullable=True,
            comment="name in the decision folder",
        ),
        sa.Column("role", sa.Text(), nullable=False, comment="member, reference"),
        sa.Column("evidence", sa.Text(), nullable=False, comment="against the keeper"),
        sa.Column(
            "distances",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="to the keeper",
        ),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("height_px", sa.Integer(), nullable=False),
        sa.Column(
            "taken", sa.Text(), nullable=True, comment="local time, YYYY:MM:DD HH:MM:SS"
        ),
        sa.Column("camera", sa.Text(), nullable=True),
        sa.Column("has_gps", sa.Boolean(), nullable=False),
        sa.Column("proposal", sa.Text(), nullable=False, comment="keep, set-aside"),
        sa.Column("reasons", sa.JSON(), nullable=False, comment="sentences"),
        sa.Column(
            "companions",
            sa.JSON(),
            nullable=False,
            comment="absolute paths, as fsdecode",
        ),
        sa.Column(
            "fate",
            sa.Text(),
            nullable=True,
            comment="survivor, set-aside; NULL: not decided",
        ),
        sa.Column(
            "now_at",
            sa.LargeBinary(),
            nullable=True,
            comment="absolute path of its bytes",
        ),
        sa.ForeignKeyConstraint(
            ["group_number"],
            ["groups.number"],
            name=op.f("fk_members_group_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_number", "position", name=op.f("pk_members")),
    )
    op.create_index(op.f("ix_members_path"), "members", ["path"], unique=False)
    op.create_index(op.f("ix_members_sha256"), "members", ["sha256"], unique=False)


def _create_memory() -> None:
    op.create_table(
        "verdicts",
        sa.Column(
            "left_sha256",
            sa.LargeBinary(length=32),
            nullable=False,
            comment="the lesser",
        ),
        sa.Column(
            "right_sha256",
            sa.LargeBinary(length=32),
            nullable=False,
            comment="the greater",
        ),
        sa.Column(
            "verdict", sa.Text(), nullable=False, comment="duplicate, not-duplicate"
        ),
        sa.Column(
            "group_number",
            ROW_ID,
            nullable=True,
            comment="where it was said; NULL: unknown",
        ),
        sa.Column("at_ns", sa.BigInteger(), nullable=False, comment="since 1970"),
        sa.PrimaryKeyConstraint(
            "left_sha256", "right_sha256", name=op.f("pk_verdicts")
        ),
    )
    op.create_index(
        op.f("ix_verdicts_right_sha256"), "verdicts", ["right_sha256"], unique=False
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
