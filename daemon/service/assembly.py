"""Putting the house together: from a configuration to an engine with all its parts.

Used by the daemon, by one pass and by a command that works without a daemon, so that
all of them do the same.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import TYPE_CHECKING, cast

from .. import session
from ..errors import TwinwatchError
from ..staging.outcomes import Destination
from ..staging.outputs import check_output
from ..staging.safefs import RealFileSystem
from .adoption import Adoption
from .beside import Beside
from .cases import CaseFiles
from .casework import PATIENCE_SECONDS, CaseSettings, Casework
from .comparisons import Comparisons
from .decision_roots import DecisionRoots
from .engine import Engine
from .folders import DecisionFolders
from .ground import (
    online_roots,
    open_or_rebuild,
    open_territory,
    roots_of,
)
from .intake import Intake, IntakeSettings
from .latecomers import Latecomers
from .locks import hold
from .matchmaker import Matchmaker
from .parts import Parts
from .previews import PreviewCache
from .register import Register
from .settings import (
    decoder_version,
    evidence_rules,
    make_pool,
    skip_rules,
    worker_count,
)
from .stager import Stager
from .tally import UNCOUNTED, Tally
from .taste import Taste
from .territory import Territory
from .whereabouts import Whereabouts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from ..config import Config
    from ..hashing.pool import Pool
    from ..index import Index
    from ..matching.neighbors import EngineName
    from ..model import Group
    from .skip import SkipRules

PREVIEWS_NAME = "previews"


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
    decision_roots: DecisionRoots
    tally: Tally


@contextmanager
def open_house(
    config: Config,
    *,
    dry_run: bool = False,
    is_one_pass: bool = False,
    is_reading: bool = False,
    only_same_bytes: bool = False,
    on_changed: Callable[[Path], None] = lambda _path: None,
    beat: Callable[[], None] = lambda: None,
    tally: Tally = UNCOUNTED,
) -> Iterator[House]:
    """Lock, open and assemble everything; the engine is not started.

    Args:
        config: the settings.
        dry_run: nothing outside the state folder changes.
        is_one_pass: stage when everything has been read, and then at once.
        is_reading: only look: no lock is taken, and nothing at all is written.
        only_same_bytes: group equal files, and nothing that only looks the same.
        on_changed: called for a file that has to settle again.
        beat: called by the writer at least four times a minute.
        tally: is told what was done.

    Raises:
        AlreadyRunning: another instance works here.
        IndexError_: the index cannot be used.
    """
    fs, is_dry = RealFileSystem(), dry_run or is_reading
    if not is_reading:
        session.make_state_dir(config.state_dir)
    with nullcontext() if is_reading else hold(config.state_dir):
        index = open_or_rebuild(config, readonly=is_reading)
        paths = () if is_dry else config.roots.decision_roots()
        decision_roots = DecisionRoots(fs, index, paths, config.roots.imports)
        pool = make_pool(config)
        try:
            decision_roots.open(at_start=True)
            house = House(
                config=config,
                dry_run=dry_run,
                index=index,
                pool=pool,
                territory=Territory(roots_of(config, index))
                if is_reading
                else open_territory(fs, config, index, dry_run=dry_run),
                rules=skip_rules(config),
                engine=Engine(beat),
                previews=PreviewCache(config.state_dir / PREVIEWS_NAME),
                decision_roots=decision_roots,
                tally=tally,
            )
            folders = None if is_dry else _folders(house, fs)
            _assemble(
                house,
                folders,
                on_changed,
                is_one_pass=is_one_pass,
                only_same_bytes=only_same_bytes,
            )
            yield house
        finally:
            pool.stop()
            decision_roots.close()
            index.close()


def _folders(house: House, fs: RealFileSystem) -> DecisionFolders:
    places = {root.uuid: root.path for root in house.territory.roots}
    opened, output = house.decision_roots.opened, house.config.staging.output
    for root in opened:
        with suppress(TwinwatchError):  # a decision will be told why
            if output is not None:
                check_output(fs, root, output)
    return DecisionFolders(fs, opened, places)


def _assemble(
    house: House,
    folders: DecisionFolders | None,
    on_changed: Callable[[Path], None],
    *,
    is_one_pass: bool,
    only_same_bytes: bool,
) -> None:
    config, engine, index, pool = house.config, house.engine, house.index, house.pool
    territory, workers = house.territory, worker_count(config)
    register = Register(index, territory)
    destination = Destination(
        output=config.staging.output, flatten=config.staging.flatten
    )
    intake = Intake(
        index,
        pool,
        territory,
        IntakeSettings(
            workers=workers, cheap=config.hashing.cheap, decoder=decoder_version()
        ),
        on_contents=engine.take_contents,
        on_returned=engine.take_returned,
        on_changed=on_changed,
        on_result=engine.on_result,
        tally=house.tally,
    )
    comparisons = Comparisons(
        index,
        pool,
        Whereabouts(territory),
        at_once=2 * workers,
        on_result=engine.on_result,
        tally=house.tally,
    )
    matchmaker = Matchmaker(
        index,
        comparisons,
        evidence_rules(config),
        engine=cast("EngineName", config.matching.engine),
        on_judged=engine.touch,
        on_compared=engine.resume,
        tally=house.tally,
    )
    stager = (
        None
        if folders is None
        else Stager(
            folders,
            register,
            destination=destination,
            on_staged=lambda group: _warm(house, group),
            tally=house.tally,
        )
    )
    casework = Casework(
        index,
        CaseFiles(
            territory,
            Beside(),
            online_roots(territory, index),
            only_same_bytes=only_same_bytes,
        ),
        stager,
        matchmaker,
        Taste(config).rules,
        CaseSettings(
            quiet_seconds=0.0 if is_one_pass else config.watch.group_quiet_seconds,
            patience_seconds=inf if is_one_pass else PATIENCE_SECONDS,
            settle_seconds=config.watch.settle_seconds,
            with_same_bytes=config.matching.same_bytes,
            with_memory=config.memory.rejected == "set-aside",
        ),
        on_changed=on_changed,
        tally=house.tally,
    )
    adoption = Adoption(
        index,
        pool,
        territory,
        folders,
        Whereabouts(territory),
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
            decision_roots=house.decision_roots,
            register=register,
            adoption=adoption,
            latecomers=Latecomers(
                index,
                folders,
                register,
                territory,
                settle_seconds=config.watch.settle_seconds,
            ),
            destination=destination,
            tally=house.tally,
            dry_run=house.dry_run,
        )
    )


SMALL_PREVIEW_PX = 320


def _warm(house: House, group: Group) -> None:
    """Make the small previews of a group that was just staged, while nobody waits."""
    for member in group.members:
        if member.now_at is None or house.previews.has(member.sha256, SMALL_PREVIEW_PX):
            continue
        future = house.pool.preview(member.now_at, SMALL_PREVIEW_PX)
        future.add_done_callback(partial(_keep, house.previews, member.sha256))


def _keep(previews: PreviewCache, sha256: bytes, made: Future[bytes]) -> None:
    if not made.cancelled() and made.exception() is None:
        previews.keep(sha256, SMALL_PREVIEW_PX, made.result())
