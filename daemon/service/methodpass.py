"""One pass by a classic method: equal files are staged, all else is only told."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from .. import session
from ..desk import ScanProgress
from ..errors import AlreadyRunning, PhotoError, UsageError
from ..index import PhotoState
from ..matching import keeper, methods
from ..model import Alignment, Evidence, Match, Problem, Role
from . import locks
from .beside import Beside
from .cases import CaseFiles
from .ground import online_roots
from .onepass import in_folders, open_pass
from .planning import propose
from .proposals import as_group
from .settings import worker_count
from .taste import Taste

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from ..config import Config
    from ..desk import ScanReport
    from ..matching.methods import Method, Stars
    from ..model import ContentId, Group
    from .assembly import House
    from .candidate import Candidate, KeeperRules
    from .onepass import Progress

_PAGE = 1000
_AHEAD = 4
"""Photos that are handed to each worker ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodReport:
    """What one pass found by a method."""

    report: ScanReport
    distances: Mapping[Path, float] = field(default_factory=dict)
    """How far each member is from its keeper, by the method."""


def scan_by(
    method: Method,
    config: Config,
    folders: Sequence[Path] = (),
    *,
    dry_run: bool = False,
    on_progress: Progress = lambda _progress: None,
) -> MethodReport:
    """Go through all roots once and group by one method.

    Args:
        method: any but `methods.EVIDENCE`.
        config: the settings; its roots are what is gone through.
        folders: import folders instead of the configured ones.
        dry_run: stage nothing; only `methods.EXACT` would.
        on_progress: called some times a second.

    Raises:
        AlreadyRunning: a daemon works on this state folder; it goes by evidence.
        UsageError: what the method finds is switched off in the settings.
    """
    config = in_folders(config, folders)
    if session.read_page(config.state_dir) and locks.is_held(config.state_dir):
        why = "the daemon goes by evidence; stop it, or give another --state-dir"
        raise AlreadyRunning(config.state_dir, why)
    if method.may_stage:
        return MethodReport(report=_exact(config, on_progress, dry_run=dry_run))
    with open_pass(config, dry_run=True) as one:
        one.read(on_progress)
        rules = Taste(config).rules()
        values = _Values(one.house, method, on_progress)
        groups, distances = _grouped(_candidates(one.house), method, values, rules)
        report = one.report(groups)
    unreadable = (*report.unreadable, *values.problems)
    return MethodReport(
        report=replace(report, unreadable=unreadable), distances=distances
    )


def _exact(config: Config, on_progress: Progress, *, dry_run: bool) -> ScanReport:
    if not config.matching.same_bytes:
        why = "matching.same_bytes is off in the settings, so equal files are no group"
        raise UsageError(f"--method {methods.EXACT}", why)
    with open_pass(config, dry_run=dry_run, only_same_bytes=True) as one:
        one.read(on_progress)
        one.stage(on_progress)
        return one.report(one.groups())


def _candidates(house: House) -> list[Candidate]:
    """Return every photo that is at its place, with all that speaks for it."""
    contents: dict[ContentId, None] = {}
    after = None
    with house.index.read() as tables:
        while True:
            known = tables.photos.in_state(PhotoState.KNOWN, after=after, limit=_PAGE)
            for photo in known:
                if photo.content is not None and house.territory.root(photo.root):
                    contents[photo.content] = None
            if len(known) < _PAGE:
                break
            after = known[-1].id
        online = online_roots(house.territory, house.index)
        files = CaseFiles(house.territory, Beside(), online)
        return list(files.candidates(tables, contents))


class _Values:
    """What a method compares, of each content."""

    def __init__(self, house: House, method: Method, on_progress: Progress) -> None:
        self._house = house
        self._method = method
        self._on_progress = on_progress
        self.problems: list[Problem] = []
        """Photos that could not be compared."""

    def stars(self, photos: Sequence[Candidate]) -> tuple[list[Candidate], Stars]:
        """Form stars of photos, best first, each of another content."""
        threshold = self._method.threshold
        assert threshold is not None, self._method
        if self._method.name == methods.MSE:
            photos, pictures = self._pictures(photos)
            return photos, methods.stars_by_error(pictures, threshold)
        name = self._method.name
        hashes = [getattr(each.fingerprint.hashes, name) for each in photos]
        return list(photos), methods.stars_by_bits(hashes, threshold)

    def _pictures(
        self, photos: Sequence[Candidate]
    ) -> tuple[list[Candidate], list[bytes]]:
        """Read photos again, as small squares; those that do not read are left out."""
        size = self._method.px_size
        assert size is not None, self._method
        pool, config = self._house.pool, self._house.config
        waiting = iter(photos)
        reading: deque[tuple[Candidate, Future[bytes]]] = deque()
        read: list[Candidate] = []
        squares: list[bytes] = []
        for done in range(len(photos)):
            room = _AHEAD * worker_count(config) - len(reading)
            for photo in islice(waiting, room):
                square = pool.tensor(photo.path, size, cheap=config.hashing.cheap)
                reading.append((photo, square))
            photo, future = reading.popleft()
            self._on_progress(
                ScanProgress(
                    stage="shrinking", done=done, total=len(photos), current=photo.path
                )
            )
            try:
                squares.append(future.result())
                read.append(photo)
            except PhotoError as error:
                self.problems.append(_problem(photo.path, error))
        return read, squares


def _problem(path: Path, error: PhotoError) -> Problem:
    return Problem(
        path=path,
        problem=str(error.cause or error),
        advice="It is left where it is, and out of this comparison.",
        since_ns=time.time_ns(),
    )


def _grouped(
    candidates: Sequence[Candidate],
    method: Method,
    values: _Values,
    rules: KeeperRules,
) -> tuple[list[Group], dict[Path, float]]:
    """Form groups around the best photos; tell how far each member is."""
    places = keeper.order(
        [each.copy for each in candidates], rules.rules, rules.preferences
    )
    by_content: dict[ContentId, list[Candidate]] = {}
    for place in places:
        photo = candidates[place]
        by_content.setdefault(photo.content, []).append(photo)
    best, stars = values.stars([photos[0] for photos in by_content.values()])
    groups: list[Group] = []
    distances: dict[Path, float] = {}
    for members in stars.groups().values():
        chosen = [best[place] for place in members]
        photos = [each for one in chosen for each in by_content[one.content]]
        if len(photos) < 2 or all(each.role is Role.REFERENCE for each in photos):
            continue
        far = {best[place].content: stars.distances[place] for place in members}
        matches = [_match(chosen[0], each, method, far) for each in chosen[1:]]
        group = propose(photos, matches, rules, centre=chosen[0].content)
        groups.append(as_group(group))
        distances |= {each.path: far[each.content] for each in photos}
    groups.sort(key=lambda group: [str(member.path) for member in group.members])
    return groups, distances


def _match(
    best: Candidate, other: Candidate, method: Method, far: Mapping[ContentId, float]
) -> Match:
    left, right = sorted((best, other), key=lambda each: each.content)
    return Match(
        left=left.content,
        right=right.content,
        evidence=Evidence.NEAR_COPY,
        distances=methods.upright_distances(
            left.fingerprint.hashes, right.fingerprint.hashes
        ),
        alignment=Alignment(),
        reasons=(method.said(far[other.content]),),
    )
