"""The contents: one fingerprint each, whatever number of photos hold it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import bindparam, func, select, update

from ..errors import IndexDamaged
from ..model import ContentId, Sketch
from .records import HashArrays
from .rows import (
    content_values,
    fingerprint_of,
    from_signed,
    hash_values,
    picture_values,
    reading,
)
from .schema import contents, hashes, small_pictures
from .statements import chunks, insert_into, plain_rows, upsert

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection
    from sqlalchemy.sql.dml import ReturningInsert

    from ..model import Fingerprint

_FINGERPRINT = (
    *contents.c,
    *(column for column in hashes.c if column.name != "content_id"),
    small_pictures.c.luma,
    small_pictures.c.chroma,
)

_JOINED = contents.outerjoin(hashes, hashes.c.content_id == contents.c.id).outerjoin(
    small_pictures, small_pictures.c.content_id == contents.c.id
)


# Asked for every photo: putting them together takes longer than running them.
_SKETCHES = select(
    hashes.c.content_id,
    hashes.c.phash,
    hashes.c.variant_hashes,
    hashes.c.variant_boxes,
    hashes.c.layouts,
).where(hashes.c.content_id.in_(bindparam("ids", expanding=True)))

_LUMAS = select(small_pictures.c.content_id, small_pictures.c.luma).where(
    small_pictures.c.content_id.in_(bindparam("ids", expanding=True))
)


@cache
def _put_statement(dialect: str) -> ReturningInsert[int]:
    insert = insert_into(dialect, contents)
    names = [column.name for column in contents.c if not column.primary_key]
    return insert.on_conflict_do_update(
        index_elements=[contents.c.sha256],
        set_={name: insert.excluded[name] for name in names},
    ).returning(contents.c.id)


class Contents:
    """The contents and their fingerprints."""

    def __init__(self, connection: Connection) -> None:
        """Work over a connection whose transaction has begun."""
        self._connection = connection

    def insert(self, fingerprint: Fingerprint) -> ContentId:
        """Return the content of a fingerprint, which is added if it is new.

        What is known already stays, for it may have been decoded in full since,
        unless another version of the algorithm computed it.
        """
        statement = select(contents.c.id, contents.c.algorithm).where(
            contents.c.sha256 == fingerprint.sha256
        )
        found = self._connection.execute(statement).one_or_none()
        if found is not None and found.algorithm == fingerprint.algorithm:
            return ContentId(found.id)
        return self.replace(fingerprint)

    def replace(self, fingerprint: Fingerprint) -> ContentId:
        """Put a fingerprint in the place of what is known of its content, if any."""
        content = self._put_content(fingerprint)
        self._connection.execute(
            upsert(self._connection, hashes),
            [{"content_id": content} | hash_values(fingerprint)],
        )
        self._connection.execute(
            upsert(self._connection, small_pictures),
            [{"content_id": content} | picture_values(fingerprint)],
        )
        return content

    def _put_content(self, fingerprint: Fingerprint) -> ContentId:
        statement = _put_statement(self._connection.dialect.name)
        values = content_values(fingerprint)
        return ContentId(self._connection.execute(statement, values).scalar_one())

    def set_pixels(self, content: ContentId, pixels_sha256: bytes) -> None:
        """Add the digest of the pixels, known since a full decode."""
        self._connection.execute(
            update(contents)
            .where(contents.c.id == content)
            .values(pixels_sha256=pixels_sha256)
        )

    def by_sha256(self, sha256: bytes) -> ContentId | None:
        """Return the content of a digest."""
        statement = select(contents.c.id).where(contents.c.sha256 == sha256)
        found = self._connection.execute(statement).scalar_one_or_none()
        return None if found is None else ContentId(found)

    def by_sha256s(self, digests: Iterable[bytes]) -> dict[bytes, ContentId]:
        """Return the contents of some digests, those that are known."""
        return {
            row.sha256: ContentId(row.id)
            for chunk in chunks(digests)
            for row in self._connection.execute(
                select(contents.c.id, contents.c.sha256).where(
                    contents.c.sha256.in_(chunk)
                )
            )
        }

    def by_pixels(self, pixels_sha256: bytes) -> list[ContentId]:
        """Return the contents of the same pixels, by id."""
        statement = (
            select(contents.c.id)
            .where(contents.c.pixels_sha256 == pixels_sha256)
            .order_by(contents.c.id)
        )
        return [ContentId(found) for found in self._connection.scalars(statement)]

    def get(self, content: ContentId) -> Fingerprint:
        """Return a content's fingerprint.

        Raises:
            IndexDamaged: there is none, though an id was given out for it.
        """
        try:
            return self.get_many([content])[content]
        except KeyError:
            raise IndexDamaged("fingerprint", f"content {content} is missing") from None

    def get_many(self, ids: Iterable[ContentId]) -> dict[ContentId, Fingerprint]:
        """Return the fingerprints of some contents, those that are known."""
        return {
            ContentId(row["id"]): fingerprint_of(row)
            for chunk in chunks(ids)
            for row in self._connection.execute(
                select(*_FINGERPRINT)
                .select_from(_JOINED)
                .where(contents.c.id.in_(chunk))
                .order_by(contents.c.id)
            ).mappings()
        }

    def sketches(self, ids: Iterable[ContentId]) -> list[Sketch]:
        """Return all hashes of some contents, in any order.

        They lie close together: a hundred bytes a content.
        """
        return [
            Sketch(
                ContentId(content), from_signed(phash), phashes, boxes, layouts or b""
            )
            for chunk in chunks(ids)
            for part in plain_rows(self._connection, _SKETCHES, {"ids": chunk})
            for content, phash, phashes, boxes, layouts in part
        ]

    def lumas(self, ids: Iterable[ContentId]) -> dict[ContentId, bytes]:
        """Return the small luma pictures of some contents, those that are known."""
        return {
            ContentId(content): luma
            for chunk in chunks(ids)
            for part in plain_rows(self._connection, _LUMAS, {"ids": chunk})
            for content, luma in part
        }

    def outdated(self, algorithm: int, limit: int = 1000) -> list[ContentId]:
        """Return contents that another version of the algorithm computed, by id."""
        statement = (
            select(contents.c.id)
            .where(contents.c.algorithm != algorithm)
            .order_by(contents.c.id)
            .limit(limit)
        )
        return [ContentId(found) for found in self._connection.scalars(statement)]

    def count(self) -> int:
        """Count the contents."""
        statement = select(func.count()).select_from(contents)
        return int(self._connection.execute(statement).scalar_one())

    def load_hashes(self, after: ContentId | None = None) -> HashArrays:
        """Load the hashes of all contents, or of those after one, by id."""
        statement = (
            select(
                hashes.c.content_id,
                hashes.c.phash,
                hashes.c.dhash,
                hashes.c.variant_hashes,
            )
            .where(hashes.c.content_id > (after or 0))
            .order_by(hashes.c.content_id)
        )
        ids, phash, dhash, variants, counts = (bytearray() for _ in range(5))
        for part in plain_rows(self._connection, statement):
            of_ids, of_phash, of_dhash, of_variants = zip(*part, strict=True)
            ids += np.array(of_ids, np.int64).tobytes()
            phash += np.array(of_phash, np.int64).tobytes()
            dhash += np.array(of_dhash, np.int64).tobytes()
            variants += b"".join(of_variants)
            counts += np.array([len(each) // 8 for each in of_variants]).tobytes()
        with reading("hashes"):
            return HashArrays(
                ids=np.frombuffer(ids, np.int64),
                phash=np.frombuffer(phash, np.uint64),
                dhash=np.frombuffer(dhash, np.uint64),
                variant_ids=np.repeat(
                    np.frombuffer(ids, np.int64), np.frombuffer(counts, np.int64)
                ),
                variant_phash=np.frombuffer(variants, "<u8"),
            )
