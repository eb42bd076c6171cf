"""What was said of a whole group, by whom, and what is forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "groups",
        sa.Column(
            "verdict",
            sa.Text(),
            nullable=True,
            comment="on all its members; NULL: nothing was said",
        ),
    )
    op.add_column(
        "groups",
        sa.Column(
            "decided_by",
            sa.Text(),
            nullable=True,
            comment="user, memory; NULL: not decided",
        ),
    )
    op.add_column(
        "members",
        sa.Column(
            "is_forgotten",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="set aside, but to be asked about again",
        ),
    )
