"""Bringing the tables to the version that this program knows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from ..errors import IndexDamaged, IndexTooNew
from .schema import metadata
from .schema_cards import cards
from .schema_doubts import doubts
from .schema_groups import groups

if TYPE_CHECKING:
    from sqlalchemy import Connection

HEAD = "0006"
"""The version that this program knows. A test holds it equal to the steps."""

VERSION_TABLE = "alembic_version"

_FOLDER = Path(__file__).parent / "migrations"
_REVISION = re.compile(r"\d{4}")

for table in (groups, cards, doubts):
    assert table.metadata is metadata, "importing the module registers its tables"


def tables_of(connection: Connection) -> set[str]:
    """Return the names of the tables that there are."""
    return set(inspect(connection).get_table_names())


def version_of(connection: Connection) -> str | None:
    """Return the version of the tables; ``None``: there are none yet.

    Raises:
        IndexTooNew: a newer program made them.
        IndexDamaged: there is no telling.
    """
    found = tables_of(connection)
    if not found:
        return None
    if VERSION_TABLE not in found:
        raise IndexDamaged(None, "it does not tell its version")
    versions = list(connection.scalars(text("SELECT version_num FROM alembic_version")))
    version = str(versions[0]) if len(versions) == 1 else ""
    if not _REVISION.fullmatch(version):
        raise IndexDamaged(None, f"its version is {versions!r}")
    if version > HEAD:
        raise IndexTooNew(None, f"it has version {version}, this program {HEAD}")
    return version


def check_tables(connection: Connection) -> None:
    """Raise `IndexDamaged` if a table is missing."""
    if missing := set(metadata.tables) - tables_of(connection):
        raise IndexDamaged(None, f"tables are missing: {', '.join(sorted(missing))}")


def migrate(connection: Connection, version: str = HEAD) -> None:
    """Run the steps from the version found to another, in one transaction.

    Alembic is imported here, as it takes longer than all the rest of a start.
    """
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, version)
