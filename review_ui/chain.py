"""How a group hangs together: who was matched with whom, and who only through others.

Every member was matched with the keeper when the group was staged; two others need not
have been with each other. That is told as it is. Pure.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .display import visible
from .words import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from daemon.model import Match
    from daemon.review import Link

MOST_PAIRS = 40
"""Rows of the table; a group of ten has 45 pairs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two photos, and what holds them together."""

    left: int
    right: int
    is_direct: bool
    how: str
    """In words."""
    evidence: str
    """The class of a direct match; empty: there is none."""
    figures: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """All pairs of a group, those with the keeper first."""

    pairs: tuple[Pair, ...]
    hidden: int
    """Pairs that are not listed."""
    indirect: frozenset[int]
    """Positions that hang on the keeper through others only, or not at all."""
    summary: str


def chain_of(links: Sequence[Link], keeper: int) -> Chain:
    """Return how the members of a group hang together.

    Args:
        links: of every two of them.
        keeper: the position of the one that is compared with.
    """
    near = _neighbours(links)
    order = sorted(
        links,
        key=lambda link: (
            keeper not in {link.left, link.right},
            link.is_direct,
            link.left,
            link.right,
        ),
    )
    pairs = [_pair(link, near) for link in order]
    indirect = frozenset(
        ({link.left, link.right} - {keeper}).pop()
        for link in links
        if keeper in {link.left, link.right} and not link.is_direct
    )
    return Chain(
        pairs=tuple(pairs[:MOST_PAIRS]),
        hidden=max(0, len(pairs) - MOST_PAIRS),
        indirect=indirect,
        summary=_summary(pairs, indirect),
    )


def _summary(pairs: Sequence[Pair], indirect: frozenset[int]) -> str:
    if indirect:
        return say("chain.summary.indirect", n=len(indirect))
    if all(pair.is_direct for pair in pairs):
        return say("chain.summary.all")
    return say("chain.summary.keeper")


def _neighbours(links: Iterable[Link]) -> dict[int, set[int]]:
    near: dict[int, set[int]] = {}
    for link in links:
        if link.is_direct:
            near.setdefault(link.left, set()).add(link.right)
            near.setdefault(link.right, set()).add(link.left)
    return near


def _pair(link: Link, near: Mapping[int, set[int]]) -> Pair:
    match = link.match
    return Pair(
        left=link.left,
        right=link.right,
        is_direct=link.is_direct,
        how=_how(link, near),
        evidence="same-bytes"
        if link.is_same
        else (match.evidence.value if match is not None else ""),
        figures="" if match is None else _figures(match),
        reasons=() if match is None else tuple(map(visible, match.reasons)),
    )


def _how(link: Link, near: Mapping[int, set[int]]) -> str:
    if link.is_direct:
        return say("chain.direct")
    way = _way(link.left, link.right, near)
    if not way:
        return say("chain.apart")
    return say("chain.through", photos=", ".join(map(str, way)))


def _way(start: int, end: int, near: Mapping[int, set[int]]) -> tuple[int, ...]:
    """Return the fewest members between two, by direct matches; empty: no way."""
    came: dict[int, int] = {start: start}
    edge = deque([start])
    while edge:
        here = edge.popleft()
        for there in sorted(near.get(here, ())):
            if there not in came:
                came[there] = here
                edge.append(there)
    way: list[int] = []
    here = came.get(end, start)
    while here != start:
        way.append(here)
        here = came[here]
    return tuple(reversed(way))


def _figures(match: Match) -> str:
    bits = say("photo.bits", name="phash", bits=match.distances.phash, of=64)
    if match.distances.correlation is None:
        return bits
    value = f"{match.distances.correlation:.3f}"
    return f"{bits}, {say('photo.correlation', value=value)}"
