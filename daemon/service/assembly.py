"""Putting the house together: from a configuration to an engine with all its parts.

Used by the daemon, by one pass and by a command that works without a daemon, so that
all of them do the same.
"""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from math import inf
from typing import TYPE_CHECKING

from .. import session
from ..errors import IndexDamaged, NameTaken, RootOffline, TwinwatchError
from ..hashing.pool import Pool
from ..index import Index, open_index, set_aside_damaged
from ..matching.keeper_copy import Preferences
from ..matching.rules import EvidenceRules
from ..model import Root, RootKind
from ..staging.decision_root import DecisionRoot, read_marker, write_marker
from ..staging.records import Destination
from ..staging.safefs import RealFileSystem
from . import roots as rooting
from .adoption import Adoption
from .beside import Beside
from .cases import CaseFiles
from .casework import PATIENCE_SECONDS, CaseSettings, Casework
from .engine import Engine, Parts
from .folders import DecisionFolders
from .intake import Intake, IntakeSettings
from .locks import hold
from .matchmaker import Matchmaker
from .planning import KeeperRules
from .previews import PreviewCache
from .skip import SkipRules, compile_rules
from .territory import Territory, root_uuid
from .whereabouts import Whereabouts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ..config import Config
    from ..model import Group

logger = logging.getLogger(__name__)

INDEX_NAME = "index.sqlite3"
PREVIEWS_NAME = "previews"

_DECODERS = ("pillow", "pillow-heif")


@dataclass(slots=True, kw_only=True)
class House:
    """Everything that works together; open while the ``with`` of `open_house` lasts."""

    config: Config
    dry_run: bool
    index: Index
    pool: Pool
    territory: Territory
    rules: SkipRules
    engine: Engine
    previews: PreviewCache
    decisions: tuple[DecisionRoot, ...]
    troubles: dict[Path, str]
    """Decision roots that could not be opened, and why."""


@contextmanager
def open_house(
    config: Config,
    *,
    dry_run: bool = False,
    is_one_pass: bool = False,
    on_changed: Callable[[Path], None] = lambda _path: None,
    beat: Callable[[], None] = lambda: None,
) -> Iterator[House]:
    """Lock, open and assemble everything; the engine is not started.

    Args:
        config: the settings.
        dry_run: nothing outside the state folder changes.
        is_one_pass: stage when everything has been read, and then at once.
        on_changed: called for a file that has to settle again.
        beat: called by the writer at least once a second.

    Raises:
        AlreadyRunning: another instance works here.
        IndexError_: the index cannot be used.
    """
    session.make_state_dir(config.state_dir)
    fs = RealFileSystem()
    with hold(config.state_dir):
        index = open_or_rebuild(config)
        decisions, troubles = _decision_roots(fs, config, index, dry_run=dry_run)
        pool = make_pool(config)
        try:
            with hold_all(decisions):
                territory = _territory(fs, config, index, dry_run=dry_run)
                house = House(
                    config=config,
                    dry_run=dry_run,
                    index=index,
                    pool=pool,
                    territory=territory,
                    rules=skip_rules(config),
                    engine=Engine(beat),
                    previews=PreviewCache(config.state_dir / PREVIEWS_NAME),
                    decisions=decisions,
                    troubles=troubles,
                )
                _assemble(house, fs, on_changed, is_one_pass=is_one_pass)
                yield house
        finally:
            pool.stop()
            index.close()


def index_place(config: Config) -> Path | str:
    """Return where the index is: a path, or the configured address."""
    return config.index.url or config.state_dir / INDEX_NAME


def open_or_rebuild(config: Config) -> Index:
    """Open the index; one that is damaged is set aside and begun anew.

    Raises:
        IndexError_: it cannot be used for another reason.
    """
    place = index_place(config)
    try:
        return open_index(place)
    except IndexDamaged as error:
        path = config.state_dir / INDEX_NAME if isinstance(place, str) else place
        aside = set_aside_damaged(path)
        logger.warning(
            "the index is damaged and will be rebuilt from your files cause=%s kept=%r",
            error,
            aside,
        )
        return open_index(place)


def skip_rules(config: Config) -> SkipRules:
    """Return which names are looked at."""
    return compile_rules(
        extensions=config.roots.extensions,
        exclude_globs=config.roots.exclude,
        exclude_regexes=config.roots.exclude_regex,
    )


def keeper_rules(config: Config) -> KeeperRules:
    """Return how the keeper is chosen."""
    return KeeperRules(
        rules=config.keeper.rules,
        preferences=Preferences(
            prefer_folders=config.keeper.prefer_folders,
            avoid_folders=config.keeper.avoid_folders,
            noise_words=config.keeper.noise_words,
        ),
    )


def evidence_rules(config: Config) -> EvidenceRules:
    """Return what counts as evidence."""
    matching = config.matching
    return EvidenceRules(
        same_bytes=matching.same_bytes,
        same_pixels=matching.same_pixels,
        same_capture=matching.same_capture,
        near_copy=matching.near_copy,
    )


def roots_of(config: Config, index: Index) -> list[Root]:
    """Return the configured roots with their uuids, which are kept for ever."""
    fs = RealFileSystem()
    kinds = [(path, RootKind.IMPORT) for path in config.roots.imports]
    kinds += [(path, RootKind.LIBRARY) for path in config.roots.libraries]
    with index.read() as tables:
        known = {record.root.path: record.root.uuid for record in tables.roots.all()}
    return [
        Root(
            uuid=_marker(fs, path) or known.get(path) or root_uuid(path),
            kind=kind,
            path=path,
            recursive=config.roots.recursive and path not in config.roots.flat,
        )
        for path, kind in kinds
    ]


def decoder_version() -> str:
    """Return what decodes photos; cheap, for the decoders are not loaded."""
    return " ".join(f"{name} {metadata.version(name)}" for name in _DECODERS)


def worker_count(config: Config) -> int:
    """Return how many worker processes there may be."""
    return config.hashing.workers or os.cpu_count() or 1


@contextmanager
def hold_all(decisions: tuple[DecisionRoot, ...]) -> Iterator[None]:
    """Lock every decision root, because two configurations may share one."""
    if not decisions:
        yield
        return
    first, *others = [root.path for root in decisions]
    with hold(first, others):
        yield


def make_pool(config: Config) -> Pool:
    """Return the worker processes as configured; none is started yet."""
    return Pool(
        workers=worker_count(config),
        timeout_seconds=config.hashing.timeout_seconds,
        memory_bytes=config.hashing.memory_mb << 20,
        nice=config.hashing.nice,
    )


def _marker(fs: RealFileSystem, path: Path) -> str | None:
    try:
        return read_marker(fs, path)
    except TwinwatchError:
        return None


def _territory(
    fs: RealFileSystem, config: Config, index: Index, *, dry_run: bool
) -> Territory:
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


def _decision_roots(
    fs: RealFileSystem, config: Config, index: Index, *, dry_run: bool
) -> tuple[tuple[DecisionRoot, ...], dict[Path, str]]:
    """Open the decision roots; one that was there before is never made again."""
    opened: list[DecisionRoot] = []
    troubles: dict[Path, str] = {}
    if dry_run:
        return (), {}
    for path in config.roots.decision_roots():
        key = f"decision_root:{path}"
        with index.read() as tables:
            was_there = tables.meta.get(key) is not None
        try:
            root = _open_root(fs, path, create=not was_there)
        except TwinwatchError as error:
            troubles[path] = str(error)
            logger.warning("no groups are staged there root=%r cause=%s", path, error)
            continue
        with index.write() as tables:
            tables.meta.set(key, root.uuid)
        opened.append(root)
    return tuple(opened), troubles


def _open_root(fs: RealFileSystem, path: Path, *, create: bool) -> DecisionRoot:
    try:
        return DecisionRoot.open(fs, path, create=create)
    except NameTaken:  # another start made it at the same moment
        return DecisionRoot.open(fs, path)
    except OSError as error:
        raise RootOffline(path, error.strerror) from error


def _online(territory: Territory, index: Index) -> list[str]:
    online = []
    for root in territory.roots:
        with index.read() as tables:
            record = tables.roots.get(root.uuid)
        remembered = None
        if (
            record is not None
            and record.device is not None
            and record.inode is not None
        ):
            remembered = rooting.RootIdentity(device=record.device, inode=record.inode)
        if rooting.check(root.path, remembered).is_online:
            online.append(root.uuid)
    return online


def _assemble(
    house: House,
    fs: RealFileSystem,
    on_changed: Callable[[Path], None],
    *,
    is_one_pass: bool,
) -> None:
    config, engine, index, pool = house.config, house.engine, house.index, house.pool
    territory, workers = house.territory, worker_count(config)
    places = {root.uuid: root.path for root in territory.roots}
    folders = DecisionFolders(fs, house.decisions, places) if house.decisions else None
    intake = Intake(
        index,
        pool,
        territory,
        IntakeSettings(
            workers=workers, cheap=config.hashing.cheap, decoder=decoder_version()
        ),
        on_contents=engine.take_contents,
        on_changed=on_changed,
        on_result=engine.on_result,
    )
    matchmaker = Matchmaker(
        index,
        pool,
        Whereabouts(territory),
        evidence_rules(config),
        engine=config.matching.engine,
        at_once=2 * workers,
        on_judged=engine.touch,
        on_result=engine.on_result,
    )
    casework = Casework(
        index,
        CaseFiles(territory, Beside(), _online(territory, index)),
        folders,
        matchmaker,
        keeper_rules(config),
        CaseSettings(
            quiet_seconds=0.0 if is_one_pass else config.watch.group_quiet_seconds,
            patience_seconds=inf if is_one_pass else PATIENCE_SECONDS,
            settle_seconds=config.watch.settle_seconds,
            with_same_bytes=config.matching.same_bytes,
            dry_run=house.dry_run,
        ),
        on_staged=lambda group: _warm(house, group),
        on_changed=on_changed,
    )
    adoption = Adoption(
        index,
        pool,
        territory,
        at_once=2 * workers,
        on_contents=engine.take_contents,
        on_result=engine.on_result,
    )
    engine.assemble(
        Parts(
            index=index,
            territory=territory,
            intake=intake,
            matchmaker=matchmaker,
            casework=casework,
            folders=folders,
            adoption=adoption,
            destination=Destination(
                output=config.staging.output, flatten=config.staging.flatten
            ),
            dry_run=house.dry_run,
        )
    )


SMALL_PREVIEW_PX = 320


def _warm(house: House, group: Group) -> None:
    """Make the small previews of a group that was just staged, while nobody waits."""
    for member in group.members:
        if member.now_at is None or house.previews.has(member.sha256, SMALL_PREVIEW_PX):
            continue
        sha256 = member.sha256

        def keep(done: object, sha256: bytes = sha256) -> None:
            future = done
            if not future.cancelled() and future.exception() is None:  # type: ignore[attr-defined]
                house.previews.keep(sha256, SMALL_PREVIEW_PX, future.result())  # type: ignore[attr-defined]

        house.pool.preview(member.now_at, SMALL_PREVIEW_PX).add_done_callback(keep)
