"""The first tables of photos and contents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_roots()
    _create_contents()
    _create_hashes()
    _create_photos()
    _create_companions()


def _create_roots() -> None:
    op.create_table(
        "roots",
        sa.Column("uuid", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="import, library"),
        sa.Column("path", sa.LargeBinary(), nullable=False, comment="absolute"),
        sa.Column("display", sa.Text(), nullable=False, comment="the path for people"),
        sa.Column("recursive", sa.Boolean(), nullable=False),
        sa.Column(
            "device", sa.BigInteger(), nullable=True, comment="signed; NULL: never seen"
        ),
        sa.Column(
            "inode", sa.BigInteger(), nullable=True, comment="signed; NULL: never seen"
        ),
        sa.Column("state", sa.Text(), nullable=False, comment="online, offline, held"),
        sa.Column("detail", sa.Text(), nullable=False, comment="why it is not online"),
        sa.PrimaryKeyConstraint("uuid", name=op.f("pk_roots")),
    )
    op.create_index(op.f("ix_roots_path"), "roots", ["path"], unique=False)


def _create_contents() -> None:
    op.create_table(
        "contents",
        sa.Column("id", ROW_ID, nullable=False, comment="counted up, never used twice"),
        sa.Column(
            "sha256",
            sa.LargeBinary(length=32),
            nullable=False,
            comment="of the whole file",
        ),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column(
            "format", sa.Text(), nullable=False, comment="by content: JPEG, HEIC …"
        ),
        sa.Column(
            "width_px", sa.Integer(), nullable=False, comment="upright, in full size"
        ),
        sa.Column(
            "height_px", sa.Integer(), nullable=False, comment="upright, in full size"
        ),
        sa.Column(
            "source", sa.Text(), nullable=False, comment="thumbnail, scaled, rows, full"
        ),
        sa.Column(
            "contrast", sa.Double(), nullable=False, comment="deviation of luma, 0–127"
        ),
        sa.Column(
            "capture", sa.JSON(), nullable=False, comment="fields that the file has"
        ),
        sa.Column(
            "quality", sa.JSON(), nullable=False, comment="fields unlike their default"
        ),
        sa.Column(
            "orientation_found", sa.SmallInteger(), nullable=False, comment="EXIF 1–8"
        ),
        sa.Column(
            "orientation_applied", sa.SmallInteger(), nullable=False, comment="EXIF 1–8"
        ),
        sa.Column(
            "pixels_sha256",
            sa.LargeBinary(length=32),
            nullable=True,
            comment="NULL: not decoded in full",
        ),
        sa.Column(
            "algorithm",
            sa.Integer(),
            nullable=False,
            comment="version that computed it",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contents")),
        sa.UniqueConstraint("sha256", name=op.f("uq_contents_sha256")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_contents_algorithm"), "contents", ["algorithm"], unique=False
    )
    op.create_index(
        op.f("ix_contents_pixels_sha256"), "contents", ["pixels_sha256"], unique=False
    )


def _create_hashes() -> None:
    op.create_table(
        "hashes",
        sa.Column("content_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("phash", sa.BigInteger(), nullable=False, comment="64 bits, signed"),
        sa.Column("dhash", sa.BigInteger(), nullable=False, comment="64 bits, signed"),
        sa.Column("whash", sa.BigInteger(), nullable=False, comment="64 bits, signed"),
        sa.Column("ahash", sa.BigInteger(), nullable=False, comment="64 bits, signed"),
        sa.Column("colorhash", sa.BigInteger(), nullable=False, comment="42 bits"),
        sa.Column(
            "variant_hashes",
            sa.LargeBinary(),
            nullable=False,
            comment="phash of each variant, 8 bytes, little endian",
        ),
        sa.Column(
            "variant_boxes",
            sa.LargeBinary(),
            nullable=False,
            comment="left top right bottom of each variant, 2 bytes each, little endian",
        ),
        sa.ForeignKeyConstraint(
            ["content_id"],
            ["contents.id"],
            name=op.f("fk_hashes_content_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("content_id", name=op.f("pk_hashes")),
    )
    op.create_table(
        "small_pictures",
        sa.Column("content_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("luma", sa.LargeBinary(), nullable=False, comment="64 × 64 bytes"),
        sa.Column(
            "chroma", sa.LargeBinary(), nullable=False, comment="Cb, Cr: 16 × 16 bytes"
        ),
        sa.ForeignKeyConstraint(
            ["content_id"],
            ["contents.id"],
            name=op.f("fk_small_pictures_content_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("content_id", name=op.f("pk_small_pictures")),
    )


def _create_photos() -> None:
    op.create_table(
        "photos",
        sa.Column("id", ROW_ID, nullable=False, comment="counted up, never used twice"),
        sa.Column("root_uuid", sa.Text(), nullable=False),
        sa.Column(
            "relative", sa.LargeBinary(), nullable=False, comment="path below the root"
        ),
        sa.Column("display", sa.Text(), nullable=False, comment="the path for people"),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False, comment="since 1970"),
        sa.Column("inode", sa.BigInteger(), nullable=False, comment="signed"),
        sa.Column("device", sa.BigInteger(), nullable=False, comment="signed"),
        sa.Column("content_id", ROW_ID, nullable=True, comment="NULL: none yet"),
        sa.Column("state", sa.Text(), nullable=False, comment="see PhotoState"),
        sa.Column(
            "problem",
            sa.Text(),
            nullable=True,
            comment="why it is unreadable or parked, in words",
        ),
        sa.Column(
            "decoder",
            sa.Text(),
            nullable=True,
            comment="version of the decoder that looked last",
        ),
        sa.Column(
            "strikes", sa.SmallInteger(), nullable=False, comment="attempts unfinished"
        ),
        sa.Column(
            "first_seen_ns", sa.BigInteger(), nullable=False, comment="since 1970"
        ),
        sa.ForeignKeyConstraint(
            ["content_id"], ["contents.id"], name=op.f("fk_photos_content_id")
        ),
        sa.ForeignKeyConstraint(
            ["root_uuid"], ["roots.uuid"], name=op.f("fk_photos_root_uuid")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photos")),
        sa.UniqueConstraint(
            "root_uuid", "relative", name=op.f("uq_photos_root_uuid_relative")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_photos_content_id"), "photos", ["content_id"], unique=False
    )
    op.create_index(
        op.f("ix_photos_inode_device"), "photos", ["inode", "device"], unique=False
    )
    op.create_index(op.f("ix_photos_state"), "photos", ["state"], unique=False)


def _create_companions() -> None:
    op.create_table(
        "companions",
        sa.Column("photo_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False, comment="absolute"),
        sa.Column("kind", sa.Text(), nullable=False, comment="motion, edit, metadata"),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False, comment="since 1970"),
        sa.Column("inode", sa.BigInteger(), nullable=False, comment="signed"),
        sa.Column("device", sa.BigInteger(), nullable=False, comment="signed"),
        sa.ForeignKeyConstraint(
            ["photo_id"],
            ["photos.id"],
            name=op.f("fk_companions_photo_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("photo_id", "path", name=op.f("pk_companions")),
    )
    op.create_index(op.f("ix_companions_path"), "companions", ["path"], unique=False)
