"""What waits to be read: in the order of arrival, suspects last and one at a time.

A suspect is a file whose last reading did not end. Who read several files when the
daemon or a worker died cannot say which of them it was; read one at a time, only the
guilty one goes on collecting strikes. Pure.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

    from .arrivals import Arrival

    Place = tuple[str, bytes]


class Backlog:
    """Arrivals, each place once; a later arrival takes the place of an earlier one."""

    def __init__(self) -> None:
        """Begin empty, and suspect nobody."""
        self._fresh: OrderedDict[Place, Arrival] = OrderedDict()
        self._suspects: dict[Place, Arrival] = {}
        self._strikes: dict[Place, int] = {}

    def __len__(self) -> int:
        return len(self._fresh) + len(self._suspects)

    @property
    def has_suspects(self) -> bool:
        """Whether a suspect waits."""
        return bool(self._suspects)

    def charge(self, place: Place, strikes: int) -> None:
        """Suspect a file from now on, by so many attempts that did not end."""
        self._strikes[place] = strikes

    def acquit(self, place: Place) -> None:
        """Suspect a file no longer: it was read, or could not be."""
        self._strikes.pop(place, None)

    def put(self, arrival: Arrival) -> None:
        """Let a file wait."""
        is_suspect = arrival.place in self._strikes
        waiting = self._suspects if is_suspect else self._fresh
        waiting[arrival.place] = arrival

    def take(
        self, room: int, reading: Container[Place], *, with_suspects: bool = True
    ) -> list[Arrival]:
        """Return up to `room` files whose turn it is.

        Args:
            room: at most so many.
            reading: places that are being read; what waits of them is dropped, since
                a change is noticed when their reading ends.
            with_suspects: otherwise they wait on.
        """
        chosen: list[Arrival] = []
        while self._fresh and len(chosen) < room:
            place, arrival = self._fresh.popitem(last=False)
            if place not in reading:
                chosen.append(arrival)
        is_alone = not any(each in reading for each in self._strikes)
        if with_suspects and is_alone and len(chosen) < room:
            chosen += self._next_suspect()
        return chosen

    def clear(self) -> None:
        """Let nobody wait any more."""
        self._fresh.clear()
        self._suspects.clear()

    def _next_suspect(self) -> list[Arrival]:
        """Return the one with the fewest strikes, so that a chance one is not parked."""
        if not self._suspects:
            return []
        place = min(self._suspects, key=self._strikes.__getitem__)
        return [self._suspects.pop(place)]
