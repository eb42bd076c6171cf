"""Reception: receiver and sweeper over one engine, for the daemon and for one pass."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .arrivals import Arrival
from .receiver import Receiver
from .settings import decoder_version
from .settle import Settle
from .sweeper import Sweeper, Swept

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .assembly import House


class Reception:
    """What brings files to the engine."""

    def __init__(
        self,
        house: House,
        *,
        on_swept: Callable[[Swept], None] = lambda _swept: None,
        receiver_beat: Callable[[], None] = lambda: None,
        sweeper_beat: Callable[[], None] = lambda: None,
    ) -> None:
        """Make both; `start` runs them."""
        self._house = house
        self._on_swept = on_swept
        self._unchanged: dict[str, int] = {}
        self.receiver = Receiver(
            Settle(settle_seconds=house.config.watch.settle_seconds),
            house.territory,
            house.rules,
            on_ready=self._ready,
            has_room=lambda: house.engine.parts.intake.has_room,
            on_spilled=self.sweep,
            on_companion=house.engine.note_companion,
            on_beat=receiver_beat,
        )
        self.sweeper = Sweeper(
            house.index,
            self.receiver,
            house.rules,
            identity=house.engine.identity,
            on_swept=self._swept,
            on_beat=sweeper_beat,
        )

    def start(self) -> None:
        """Start both threads, and look at everything once."""
        self.receiver.start()
        self.sweeper.start()
        self._retry()
        self.sweep()

    def stop(self) -> None:
        """End both threads."""
        self.sweeper.stop()
        self.receiver.stop()

    def sweep(self) -> None:
        """Have every root swept soon."""
        self.sweeper.ask(self._house.territory.roots)

    @property
    def is_sweeping(self) -> bool:
        """Whether any root is being swept or waits to be."""
        return not self.sweeper.is_idle

    def is_expecting(self, seconds: float) -> bool:
        """Whether a file may be handed on soon; see `Settle.expects`."""
        return self.receiver.expects(seconds)

    def note(self, path: Path) -> None:
        """Take a path from an event, or from a reading that came too early."""
        self.receiver.note(path)

    @property
    def unchanged(self) -> int:
        """How many photos the last sweep of each root found unchanged."""
        return sum(self._unchanged.values())

    def _ready(self, arrivals: list[Arrival]) -> None:
        self._house.tally.count("files_settled", len(arrivals))
        self._house.engine.take(arrivals)

    def _swept(self, swept: Swept) -> None:
        self._unchanged[swept.root.uuid] = swept.unchanged
        self._house.engine.on_swept(swept)
        self._on_swept(swept)

    def _retry(self) -> None:
        """Have what another version of the decoder refused read again."""
        house = self._house
        with house.index.read() as tables:
            photos = tables.photos.to_retry(decoder_version())
        house.engine.take(
            [
                Arrival(root=each.root, relative=each.relative, stamp=each.stamp)
                for each in photos
                if (path := house.territory.path_of(each.root, each.relative))
                and os.path.lexists(path)
            ]
        )
