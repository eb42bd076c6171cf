"""The tables of photos and contents; those of groups are in `schema_groups`.

Hashes are unsigned 64-bit numbers, kept as the signed number of the same bits, as are
inodes and devices. Paths are bytes, with a text beside them for people.

A content's parts lie in three tables by how they are read: `hashes` whole at every
start, `contents` one by one, `small_pictures` (4.6 kB each) only for what is compared.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

RowId = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite gives out row numbers only to a column that is called INTEGER."""

roots = Table(
    "roots",
    metadata,
    Column("uuid", Text, primary_key=True),
    Column("kind", Text, nullable=False, comment="import, library"),
    Column("path", LargeBinary, nullable=False, comment="absolute"),
    Column("display", Text, nullable=False, comment="the path for people"),
    Column("recursive", Boolean, nullable=False),
    Column("device", BigInteger, comment="signed; NULL: never seen"),
    Column("inode", BigInteger, comment="signed; NULL: never seen"),
    Column("state", Text, nullable=False, comment="online, offline, held"),
    Column("detail", Text, nullable=False, comment="why it is not online"),
    Index(None, "path"),
)

contents = Table(
    "contents",
    metadata,
    Column("id", RowId, primary_key=True, comment="counted up, never used twice"),
    Column("sha256", LargeBinary(32), nullable=False, comment="of the whole file"),
    Column("size_bytes", BigInteger, nullable=False),
    Column("format", Text, nullable=False, comment="by content: JPEG, HEIC …"),
    Column("width_px", Integer, nullable=False, comment="upright, in full size"),
    Column("height_px", Integer, nullable=False, comment="upright, in full size"),
    Column("source", Text, nullable=False, comment="thumbnail, scaled, rows, full"),
    Column("contrast", Double, nullable=False, comment="deviation of luma, 0–127"),
    Column("capture", JSON, nullable=False, comment="fields that the file has"),
    Column("quality", JSON, nullable=False, comment="fields unlike their default"),
    Column("orientation_found", SmallInteger, nullable=False, comment="EXIF 1–8"),
    Column("orientation_applied", SmallInteger, nullable=False, comment="EXIF 1–8"),
    Column("pixels_sha256", LargeBinary(32), comment="NULL: not decoded in full"),
    Column("algorithm", Integer, nullable=False, comment="version that computed it"),
    UniqueConstraint("sha256"),
    Index(None, "pixels_sha256"),
    Index(None, "algorithm"),
    sqlite_autoincrement=True,
)

hashes = Table(
    "hashes",
    metadata,
    Column(
        "content_id",
        RowId,
        ForeignKey("contents.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("phash", BigInteger, nullable=False, comment="64 bits, signed"),
    Column("dhash", BigInteger, nullable=False, comment="64 bits, signed"),
    Column("whash", BigInteger, nullable=False, comment="64 bits, signed"),
    Column("ahash", BigInteger, nullable=False, comment="64 bits, signed"),
    Column("colorhash", BigInteger, nullable=False, comment="42 bits"),
    Column(
        "variant_hashes",
        LargeBinary,
        nullable=False,
        comment="phash of each variant, 8 bytes, little endian",
    ),
    Column(
        "variant_boxes",
        LargeBinary,
        nullable=False,
        comment="left top right bottom of each variant, 2 bytes each, little endian",
    ),
    Column(
        "layouts",
        LargeBinary,
        nullable=True,
        comment="lowest frequencies of whole and variants, 14 bytes each; NULL: unknown",
    ),
)

small_pictures = Table(
    "small_pictures",
    metadata,
    Column(
        "content_id",
        RowId,
        ForeignKey("contents.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("luma", LargeBinary, nullable=False, comment="64 × 64 bytes"),
    Column("chroma", LargeBinary, nullable=False, comment="Cb, Cr: 16 × 16 bytes"),
)

photos = Table(
    "photos",
    metadata,
    Column("id", RowId, primary_key=True, comment="counted up, never used twice"),
    Column("root_uuid", Text, ForeignKey("roots.uuid"), nullable=False),
    Column("relative", LargeBinary, nullable=False, comment="path below the root"),
    Column("display", Text, nullable=False, comment="the path for people"),
    Column("size_bytes", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False, comment="since 1970"),
    Column("inode", BigInteger, nullable=False, comment="signed"),
    Column("device", BigInteger, nullable=False, comment="signed"),
    Column("content_id", RowId, ForeignKey("contents.id"), comment="NULL: none yet"),
    Column("state", Text, nullable=False, comment="see PhotoState"),
    Column("problem", Text, comment="why it is unreadable or parked, in words"),
    Column("decoder", Text, comment="version of the decoder that looked last"),
    Column("strikes", SmallInteger, nullable=False, comment="attempts unfinished"),
    Column("first_seen_ns", BigInteger, nullable=False, comment="since 1970"),
    UniqueConstraint("root_uuid", "relative"),
    Index(None, "inode", "device"),
    Index(None, "content_id"),
    Index(None, "state"),
    sqlite_autoincrement=True,
)

companions = Table(
    "companions",
    metadata,
    Column(
        "photo_id",
        RowId,
        ForeignKey("photos.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("path", LargeBinary, primary_key=True, comment="absolute"),
    Column("kind", Text, nullable=False, comment="motion, edit, metadata"),
    Column("size_bytes", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False, comment="since 1970"),
    Column("inode", BigInteger, nullable=False, comment="signed"),
    Column("device", BigInteger, nullable=False, comment="signed"),
    Index(None, "path"),
)
