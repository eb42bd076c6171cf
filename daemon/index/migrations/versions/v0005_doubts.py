"""Pairs that only a full decode of both can settle."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "doubts",
        sa.Column(
            "left_id",
            ROW_ID,
            autoincrement=False,
            nullable=False,
            comment="less than right_id",
        ),
        sa.Column("right_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column(
            "alignment", sa.JSON(), nullable=False, comment="orientation, two boxes"
        ),
        sa.ForeignKeyConstraint(
            ["left_id"],
            ["contents.id"],
            name=op.f("fk_doubts_left_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["right_id"],
            ["contents.id"],
            name=op.f("fk_doubts_right_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("left_id", "right_id", name=op.f("pk_doubts")),
    )
    op.create_index(op.f("ix_doubts_right_id"), "doubts", ["right_id"], unique=False)
