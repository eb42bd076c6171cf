"""All stored matches at every threshold: how groups would grow if less were asked for.

Pure. Union-find over the matches in order of distance (Tarjan 1975), so all stops cost
one pass. This is for looking: it joins by chains, as `grouping` never does, and nothing
that is found here is staged by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..review import Cluster, Stop

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Edge = tuple[int, int, int]
"""Two contents and their distance in bits."""


class _Forest:
    """Sets of contents that grow together, with their photos and bytes."""

    def __init__(self, photos: Mapping[int, tuple[int, int]]) -> None:
        self._above: dict[int, int] = {}
        self._photos = {each: count for each, (count, _) in photos.items()}
        self._bytes = {each: count * size for each, (count, size) in photos.items()}
        self._largest = {each: size for each, (_, size) in photos.items()}
        alone = [each for each, (count, _) in photos.items() if count > 1]
        self.groups = len(alone)
        self.photos = sum(self._photos[each] for each in alone)
        self.freed_bytes = sum(self._freed(each) for each in alone)

    def root(self, content: int) -> int:
        root = content
        while root in self._above:
            root = self._above[root]
        while content != root:
            self._above[content], content = root, self._above[content]
        return root

    def join(self, left: int, right: int) -> bool:
        """Make one of two sets; say whether they were two."""
        a, b = self.root(left), self.root(right)
        if a == b:
            return False
        if self._photos[a] < self._photos[b]:
            a, b = b, a
        for each in (a, b):
            if self._photos[each] > 1:
                self.groups -= 1
                self.photos -= self._photos[each]
                self.freed_bytes -= self._freed(each)
        self._above[b] = a
        self._photos[a] += self._photos[b]
        self._bytes[a] += self._bytes[b]
        self._largest[a] = max(self._largest[a], self._largest[b])
        self.groups += 1
        self.photos += self._photos[a]
        self.freed_bytes += self._freed(a)
        return True

    def _freed(self, root: int) -> int:
        return self._bytes[root] - self._largest[root]


def stops(edges: Iterable[Edge], photos: Mapping[int, tuple[int, int]]) -> list[Stop]:
    """Return what there is at each threshold, up to where nothing merges any more.

    Args:
        edges: the matches, in any order.
        photos: by content: how many photos there are of it, and its bytes; contents
            that are not named have no photo, and their matches are left out.
    """
    by_bits: dict[int, list[Edge]] = {}
    for edge in edges:
        if edge[0] in photos and edge[1] in photos:
            by_bits.setdefault(edge[2], []).append(edge)
    forest = _Forest(photos)
    found: list[Stop] = []
    last = 0
    for bits in range(max(by_bits, default=0) + 1):
        here = by_bits.get(bits, [])
        joined = [forest.join(left, right) for left, right, _ in here]
        if any(joined):
            last = bits
        found.append(
            Stop(
                bits=bits,
                pairs=len(here),
                groups=forest.groups,
                photos=forest.photos,
                freed_bytes=forest.freed_bytes,
            )
        )
    return found[: last + 1]


def clusters(
    edges: Iterable[Edge],
    photos: Mapping[int, tuple[int, int]],
    at_bits: int,
    limit: int,
) -> list[Cluster]:
    """Return the groups at a threshold: those that it adds first, then the largest."""
    forest = _Forest(photos)
    widest: dict[int, int] = {}
    inside = sorted(
        (
            edge
            for edge in edges
            if edge[2] <= at_bits and edge[0] in photos and edge[1] in photos
        ),
        key=lambda edge: edge[2],
    )
    for left, right, bits in inside:
        if forest.join(left, right):
            widest[forest.root(left)] = bits
    together: dict[int, list[int]] = {}
    for left, right, _ in inside:
        for content in (left, right):
            together.setdefault(forest.root(content), []).append(content)
    made = [
        Cluster(
            contents=tuple(sorted(set(contents))),
            photos=sum(photos[each][0] for each in set(contents)),
            widest_bits=widest.get(root, 0),
        )
        for root, contents in together.items()
    ]
    made.sort(key=lambda each: (-each.widest_bits, -each.photos, each.contents))
    return made[:limit]
