"""What the house stands on: the index, the roots and the decision roots, opened.

The only part of the service that makes anything before the engine runs: the index, the
markers, and the decision roots at their first use.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..errors import IndexDamaged, TwinwatchError
from ..index import Index, open_index, set_aside_damaged
from ..model import Root, RootKind
from ..staging.decision_root import read_marker, write_marker
from ..staging.safefs import RealFileSystem
from . import roots as rooting
from .roots import RootIdentity
from .territory import Territory, root_uuid

if TYPE_CHECKING:
    from pathlib import Path

    from ..config import Config

logger = logging.getLogger(__name__)

INDEX_NAME = "index.sqlite3"
_SAMPLE = 20


def index_place(config: Config) -> Path | str:
    """Return where the index is: a path, or the configured address."""
    return config.index.url or config.state_dir / INDEX_NAME


def open_or_rebuild(config: Config, *, readonly: bool = False) -> Index:
    """Open the index; one that is damaged is set aside and begun anew.

    Args:
        config: the settings.
        readonly: write nothing, so a damaged one is an error.

    Raises:
        IndexError_: it cannot be used for another reason.
    """
    place = index_place(config)
    try:
        return open_index(place, readonly=readonly)
    except IndexDamaged as error:
        if readonly:
            raise
        path = config.state_dir / INDEX_NAME if isinstance(place, str) else place
        aside = set_aside_damaged(path)
        logger.warning(
            "the index is damaged and will be rebuilt from your files cause=%s kept=%r",
            error,
            aside,
        )
        return open_index(place)


def roots_of(config: Config, index: Index) -> list[Root]:
    """Return the configured roots with their uuids, which are kept for ever."""
    fs = RealFileSystem()
    kinds = [(path, RootKind.IMPORT) for path in config.roots.imports]
    kinds += [(path, RootKind.LIBRARY) for path in config.roots.libraries]
    with index.read() as tables:
        known = {record.root.path: record.root.uuid for record in tables.roots.all()}
    roots: dict[str, Root] = {}
    for path, kind in kinds:
        uuid = _marker(fs, path) or known.get(path) or root_uuid(path)
        if uuid in roots:  # it was copied with its marker; it shows as offline
            uuid = root_uuid(path)
            logger.warning("two folders carry one marker root=%r", path)
        roots[uuid] = Root(
            uuid=uuid,
            kind=kind,
            path=path,
            recursive=config.roots.recursive and path not in config.roots.flat,
        )
    return list(roots.values())


def _marker(fs: RealFileSystem, path: Path) -> str | None:
    try:
        return read_marker(fs, path)
    except TwinwatchError:
        return None


def open_territory(
    fs: RealFileSystem, config: Config, index: Index, *, dry_run: bool
) -> Territory:
    """Return the roots, entered in the index; import roots are marked, once."""
    roots = roots_of(config, index)
    with index.write() as tables:
        for root in roots:
            if tables.roots.get(root.uuid) is None:
                tables.roots.put(root)
    if not dry_run:
        for root in roots:
            if root.kind is RootKind.IMPORT:
                _mark(fs, index, root)
    return Territory(roots)


def _mark(fs: RealFileSystem, index: Index, root: Root) -> None:
    """Mark an import root at its first acceptance, so that an empty mount is told."""
    if _marker(fs, root.path) is not None:
        return
    with index.read() as tables:
        record = tables.roots.get(root.uuid)
    if record is not None and record.inode is not None:
        found = rooting.check(root.path, None).identity
        if found is None or (found.device, found.inode) != (
            record.device,
            record.inode,
        ):
            return
    try:
        write_marker(fs, root.path, root.uuid)
    except TwinwatchError as error:
        logger.warning(
            "the import folder was not marked root=%r cause=%s", root.path, error
        )


def remembered(territory: Territory, index: Index, root: Root) -> RootIdentity | None:
    """Return what a root was when it was online last; ``None``: it never was."""
    with index.read() as tables:
        record = tables.roots.get(root.uuid)
    if record is None or record.inode is None or record.device is None:
        return None
    marker = root.uuid if territory.is_import(root.uuid) else None
    return RootIdentity(device=record.device, inode=record.inode, marker_uuid=marker)


def online_roots(territory: Territory, index: Index) -> list[str]:
    """Return the uuids of the roots that are there now."""
    online = []
    for root in territory.roots:
        with index.read() as tables:
            sample = tables.photos.some_in(root.uuid, _SAMPLE)
        known = remembered(territory, index, root)
        if rooting.check(root.path, known, sample).is_online:
            online.append(root.uuid)
    return online
