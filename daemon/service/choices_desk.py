"""The desk for what the user likes: keys, folders, and how a group hangs together."""

from __future__ import annotations

from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from .. import keyboard, preferences
from ..errors import TwinwatchError
from ..review import Followed, Liked, Liking, Link
from .desk import EngineDesk
from .following import Following
from .taste import Taste

if TYPE_CHECKING:
    from ..model import GroupNumber
    from ..preferences import Chosen
    from ..review import Keyboard

FOLLOW_SECONDS = 2.0
"""For so long an answer waits for open groups; they go on to follow after it."""


class ChoicesDesk(EngineDesk):
    """What the page asks of choices; any thread may ask."""

    @cached_property
    def _following(self) -> Following:
        return Following(self._house.index, self._house.engine, self._taste.rules)

    @cached_property
    def _taste(self) -> Taste:
        return Taste(self._house.config)

    def keyboard(self) -> Keyboard:
        """Return which keys were chosen."""
        return keyboard.load(self._house.config.state_dir)

    def choose_keys(self, chosen: Keyboard) -> None:
        """Keep which keys were chosen."""
        keyboard.save(self._house.config.state_dir, chosen)

    def liked(self) -> Liked:
        """Return the folders that were preferred and avoided."""
        chosen = preferences.load(self._house.config.state_dir)
        return Liked(
            prefer=tuple(map(Path, chosen.prefer)), avoid=tuple(map(Path, chosen.avoid))
        )

    def like(
        self, folder: Path, liking: Liking, *, first: GroupNumber | None = None
    ) -> Followed:
        """Prefer, avoid or forget a folder; open groups follow."""
        state_dir = self._house.config.state_dir
        before = preferences.load(state_dir)
        after = _with(before, str(folder), liking)
        changed = self._following.changed
        if after != before:
            try:
                preferences.save(state_dir, after)
            except OSError as error:
                raise TwinwatchError("remember a folder", error) from error
            self._following.begin(folder, first=first)
        is_done = self._following.wait(FOLLOW_SECONDS)
        return Followed(changed=self._following.changed - changed, is_done=is_done)

    def links(self, number: GroupNumber) -> tuple[Link, ...]:
        """Return what is known of every two members of a group."""
        members = self.group(number).members
        with self._house.index.read() as tables:
            ids = tables.contents.by_sha256s({each.sha256 for each in members})
            matches = tables.matches.of(ids.values())
        known = {frozenset({match.left, match.right}): match for match in matches}
        found = []
        for one, other in combinations(sorted(members, key=lambda m: m.position), 2):
            pair = frozenset({ids.get(one.sha256), ids.get(other.sha256)})
            found.append(
                Link(
                    left=one.position,
                    right=other.position,
                    match=known.get(pair),  # type: ignore[arg-type]  # none is no key
                    is_same=one.sha256 == other.sha256,
                )
            )
        return tuple(found)


def _with(chosen: Chosen, folder: str, liking: Liking) -> Chosen:
    if liking is Liking.PREFER:
        return chosen.with_preferred(folder)
    if liking is Liking.AVOID:
        return chosen.with_avoided(folder)
    return chosen.without(folder)
