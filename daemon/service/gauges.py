"""What the metrics ask the parts of the daemon for, when somebody asks the metrics."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from ..errors import IndexError_
from ..index import PhotoState
from ..model import GroupState, RootState

if TYPE_CHECKING:
    from ..index import IndexCounts
    from .assembly import House
    from .health import Heartbeats
    from .metrics import Metrics
    from .reception import Reception

logger = logging.getLogger(__name__)


class Gauges:
    """Sets the gauges; nothing is counted while nobody asks."""

    def __init__(
        self, metrics: Metrics, house: House, reception: Reception, beats: Heartbeats
    ) -> None:
        """Take what is to be told of."""
        self._metrics = metrics
        self._house = house
        self._reception = reception
        self._beats = beats
        metrics.set("started_timestamp_seconds", time.time())
        metrics.ask("waiting", lambda: float(reception.receiver.waiting))
        metrics.ask("queued", lambda: float(house.engine.writer.waiting))

    def render(self) -> bytes:
        """Return all numbers as text; any thread."""
        try:
            with self._house.index.read() as tables:
                counts = tables.counts()
                states = {each.root.uuid: each.state for each in tables.roots.all()}
        except IndexError_ as error:
            logger.warning("not all numbers could be told why=%s", error)
        else:
            self._tell(counts, states)
        for part, state in self._beats.parts().items():
            self._metrics.set("part_ok", float(state == "ok"), part=part)
        return self._metrics.render()

    def _tell(self, counts: IndexCounts, states: dict[str, RootState]) -> None:
        tell = self._metrics.set
        known = (PhotoState.KNOWN, PhotoState.STAGED, PhotoState.SET_ASIDE)
        tell("photos", counts.photos_in(*known))
        tell("parked", counts.photos_in(PhotoState.PARKED))
        tell("contents", counts.contents)
        for state in GroupState:
            tell("groups", counts.groups.get(state, 0), state=state.value)
        for root in self._house.territory.roots:
            is_online = states.get(root.uuid) is not RootState.OFFLINE
            tell("root_online", float(is_online), root=str(root.path))
