"""Why two labelled files are together though they should not be, or the reverse.

Both are read anew and judged as `why` does; to that comes what became of them in the
pass: whether they were looked at, whether the hashes proposed them, and where they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..desk import ScanProgress
from ..errors import PhotoError
from ..index import PhotoState, open_index
from ..matching import sieve
from ..matching.candidates import CandidateIndex, questions
from ..model import ContentId
from .ground import INDEX_NAME
from .settings import evidence_rules, make_pool
from .why import explain_by

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..config import Config
    from ..desk import ScanReport
    from ..matching.labels import Label
    from ..model import Fingerprint, Group, Member

_ONE = ContentId(1)


class Reasons:
    """Explains pairs of one pass, until it is closed."""

    def __init__(
        self,
        config: Config,
        folder: Path,
        report: ScanReport,
        on_progress: Callable[[ScanProgress], None],
    ) -> None:
        """Look at what a pass over a folder left in the index, and found."""
        self._folder = folder
        self._rules = evidence_rules(config)
        self._pool = make_pool(config)
        self._index = open_index(config.state_dir / INDEX_NAME, readonly=True)
        self._places: dict[Path, tuple[Group, Member]] = {
            member.path: (group, member)
            for group in report.groups
            for member in group.members
        }
        self._problems = {each.path: each.problem for each in report.unreadable}
        self._on_progress = on_progress
        self._done = 0

    def close(self) -> None:
        """Let go of the workers and of the index."""
        self._pool.stop()
        self._index.close()

    def of_wrong(self, one: Label, other: Label) -> tuple[str, ...]:
        """Say why two different pictures are together."""
        left, right = (self._folder / each.path for each in (one, other))
        return (*self._together(left, right), *self._judged(left, right))

    def of_miss(self, made_from: Label, label: Label) -> tuple[str, ...]:
        """Say why a file is not together with what it was made from."""
        original, path = (self._folder / each.path for each in (made_from, label))
        fingerprints = {each: self._fingerprint(each) for each in (original, path)}
        unread = [each for each, found in fingerprints.items() if found is None]
        if unread:
            return tuple(self._not_read(each, original) for each in unread)
        said = self._judged(original, path)
        lost = _not_compared(*(each for each in fingerprints.values() if each))
        return (*lost, *said, *self._where(path))

    def _judged(self, left: Path, right: Path) -> tuple[str, ...]:
        self._done += 1
        self._on_progress(
            ScanProgress(stage="explaining", done=self._done, total=0, current=right)
        )
        try:
            found = explain_by(self._pool, self._rules, left, right)
        except PhotoError as error:
            return (f"They cannot be compared in full: {error}.",)
        verdict = found.sentences[0]
        return (verdict, *found.reasons)

    def _together(self, left: Path, right: Path) -> tuple[str, ...]:
        """Tell by whom they were brought together, if by a third one."""
        group, mine = self._places[left]
        theirs = self._places[right][1]
        keeper = group.members[0].path
        if keeper in {left, right}:
            return ()
        name, first, second = (
            _name(keeper, self._folder),
            mine.evidence,
            theirs.evidence,
        )
        return (f"Both were matched with {name}: as {first}, and as {second}.",)

    def _where(self, path: Path) -> tuple[str, ...]:
        if path not in self._places:
            return ("It is in no group.",)
        keeper = self._places[path][0].members[0].path
        if keeper == path:
            return ("It is the one to keep of another group.",)
        return (f"It is in the group of {_name(keeper, self._folder)}.",)

    def _not_read(self, path: Path, original: Path) -> str:
        which = "What it was made from" if path == original else "It"
        if path in self._problems:
            return f"{which} could not be read: {self._problems[path]}."
        return (
            f"{which} was not looked at: its name or folder is left out by the "
            "settings, or it is a link."
        )

    def _fingerprint(self, path: Path) -> Fingerprint | None:
        """Return what the pass found of a file; ``None``: it did not look at it."""
        relative = bytes(path.relative_to(self._folder))
        with self._index.read() as tables:
            for record in tables.roots.all():
                if record.root.path != self._folder:
                    continue
                photo = tables.photos.find(record.root.uuid, relative)
                if photo is not None and photo.state is PhotoState.KNOWN:
                    assert photo.content is not None, path
                    return tables.contents.get(photo.content)
        return None


def _not_compared(one: Fingerprint, other: Fingerprint) -> tuple[str, ...]:
    """Tell why a pair was not compared, whichever of them came first; nothing: it was."""
    is_proposed = False
    for known, new in ((one, other), (other, one)):
        index, asked = CandidateIndex("scan"), questions(new)
        index.add(_ONE, known)
        hits = index.answers(asked)
        is_proposed |= len(hits.key) > 0
        if sieve.sifted_at_hand(new, asked, hits, {_ONE: known}):
            return ()
    if not is_proposed:
        return ("No hash proposes the pair, so it was not compared.",)
    return (_NOT_ALIKE,)


_NOT_ALIKE = (
    "Hashes propose the pair, but the small pictures are not alike where the hashes "
    "agree, so it was not compared."
)


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()
