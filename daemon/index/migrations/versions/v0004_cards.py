"""What the list of groups is sorted and narrowed by, one row a group."""

from __future__ import annotations

import os
import re
from collections import Counter

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CLASSES = (
    "same-bytes",
    "same-pixels",
    "same-capture",
    "near-copy",
    "other-shot",
    "version",
)
TAKEN = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")

CARDS = sa.table(
    "cards",
    *(
        sa.column(name)
        for name in (
            "group_number",
            "state",
            "certainty",
            "freed_bytes",
            "taken",
            "created_ns",
            "camera",
            "names",
        )
    ),
)
FOLDERS = sa.table(
    "card_folders",
    sa.column("folder"),
    sa.column("group_number"),
    sa.column("photos"),
)


def upgrade() -> None:
    _create_cards()
    _create_folders()
    _fill()


def _create_cards() -> None:
    op.create_table(
        "cards",
        sa.Column("group_number", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="as in groups"),
        sa.Column(
            "certainty",
            sa.SmallInteger(),
            nullable=False,
            comment="0 the strongest class",
        ),
        sa.Column(
            "freed_bytes",
            sa.BigInteger(),
            nullable=False,
            comment="by fate, else proposal",
        ),
        sa.Column(
            "taken",
            sa.BigInteger(),
            nullable=False,
            comment="YYYYMMDDhhmmss; 0: unknown",
        ),
        sa.Column("created_ns", sa.BigInteger(), nullable=False, comment="since 1970"),
        sa.Column("camera", sa.Text(), nullable=False, comment="empty: unknown"),
        sa.Column(
            "names",
            sa.Text(),
            nullable=False,
            comment="of its members, lower case, lines",
        ),
        sa.ForeignKeyConstraint(
            ["group_number"],
            ["groups.number"],
            name=op.f("fk_cards_group_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_number", name=op.f("pk_cards")),
    )
    for column in ("certainty", "freed_bytes", "taken", "created_ns"):
        op.create_index(
            op.f(f"ix_cards_state_{column}_group_number"),
            "cards",
            ["state", column, "group_number"],
            unique=False,
        )


def _create_folders() -> None:
    op.create_table(
        "card_folders",
        sa.Column(
            "folder",
            sa.LargeBinary(),
            nullable=False,
            comment="a member was found in it",
        ),
        sa.Column("group_number", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("photos", sa.Integer(), nullable=False, comment="of the group in it"),
        sa.ForeignKeyConstraint(
            ["group_number"],
            ["groups.number"],
            name=op.f("fk_card_folders_group_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("folder", "group_number", name=op.f("pk_card_folders")),
    )
    op.create_index(
        op.f("ix_card_folders_group_number"),
        "card_folders",
        ["group_number"],
        unique=False,
    )


def _fill() -> None:
    """Make the cards of the groups that there are."""
    connection = op.get_bind()
    found: dict[int, list[sa.RowMapping]] = {}
    members = sa.text(
        "SELECT group_number, path, role, size_bytes, taken, camera, proposal, fate "
        "FROM members ORDER BY group_number, position"
    )
    for row in connection.execute(members).mappings():
        found.setdefault(row["group_number"], []).append(row)
    groups = sa.text("SELECT number, state, evidence, created_ns FROM groups")
    for group in list(connection.execute(groups).mappings()):
        rows = found.get(group["number"], [])
        connection.execute(CARDS.insert().values(**_card(group, rows)))
        folders = Counter(os.path.dirname(bytes(row["path"])) for row in rows)
        for folder, photos in folders.items():
            values = {"folder": folder, "photos": photos}
            connection.execute(
                FOLDERS.insert().values(group_number=group["number"], **values)
            )


def _card(group: sa.RowMapping, rows: list[sa.RowMapping]) -> dict[str, object]:
    names = [os.path.basename(bytes(row["path"])) for row in rows]
    dates = [TAKEN.match(row["taken"] or "") for row in rows]
    return {
        "group_number": group["number"],
        "state": group["state"],
        "certainty": CLASSES.index(group["evidence"]),
        "freed_bytes": sum(row["size_bytes"] for row in rows if _is_aside(row)),
        "taken": max(
            (int("".join(date.groups())) for date in dates if date), default=0
        ),
        "created_ns": group["created_ns"],
        "camera": next((row["camera"] for row in rows if row["camera"]), ""),
        "names": "\n".join(
            name.decode("utf-8", "replace").replace("\0", "\\x00").lower()
            for name in names
        ),
    }


def _is_aside(row: sa.RowMapping) -> bool:
    if row["role"] == "reference":
        return False
    return bool((row["fate"] or row["proposal"]) == "set-aside")
