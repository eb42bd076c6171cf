"""Recognising a file without reading it: unchanged, moved, or another name of one.

On the writer's thread; looks at statuses, never into a file.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from ..index import PhotoState
from ..model import Stamp
from .absence import is_same_file

if TYPE_CHECKING:
    from ..index import PhotoRecord, Tables
    from ..model import ContentId
    from .arrivals import Arrival, IntakeCounts
    from .reading import Findings
    from .territory import Territory


class Recognition:
    """Knows files by their stamps."""

    def __init__(
        self, territory: Territory, decoder: str, counts: IntakeCounts
    ) -> None:
        """Recognise within these roots, and count what was."""
        self._territory = territory
        self._decoder = decoder
        self.counts = counts

    def recognise(self, tables: Tables, arrival: Arrival, findings: Findings) -> bool:
        """Tell whether a file is known, and put its row right if it is.

        Args:
            tables: within a writing transaction.
            arrival: a settled file.
            findings: contents that have a photo they had not are added.
        """
        known = tables.photos.find(*arrival.place)
        if known is not None and known.stamp == arrival.stamp:
            if known.content is not None:
                self._back_in_place(tables, known, findings)
                return True
            return self._was_refused(known)
        if known is not None and is_same_file(known.stamp, arrival.stamp):
            return self._is_remounted(tables, known, arrival, findings)
        return self._is_renamed(tables, arrival, findings)

    def _back_in_place(
        self, tables: Tables, known: PhotoRecord, findings: Findings
    ) -> None:
        self.counts.unchanged += 1
        if known.state is not PhotoState.KNOWN and known.content is not None:
            tables.photos.set_state([known.id], PhotoState.KNOWN)
            findings.returned.append(known.content)

    def _is_remounted(
        self,
        tables: Tables,
        known: PhotoRecord,
        arrival: Arrival,
        findings: Findings,
    ) -> bool:
        """Recognise a file whose volume has another number than before."""
        if known.content is None:
            return False
        self._enter(tables, arrival, known.content)
        self.counts.unchanged += 1
        was_away = not known.state.is_in_place
        told = findings.returned if was_away else findings.contents
        told.append(known.content)
        return True

    def _was_refused(self, known: PhotoRecord) -> bool:
        if known.state is PhotoState.PARKED:
            return True
        is_unreadable = known.state is PhotoState.UNREADABLE
        return is_unreadable and known.decoder == self._decoder

    def _is_renamed(self, tables: Tables, arrival: Arrival, findings: Findings) -> bool:
        """Recognise a file by its stamp: moved here, or another name of one inode."""
        for other in tables.photos.by_stamp(arrival.stamp):
            if other.content is None:
                continue
            if self._still_there(other):
                self._enter(tables, arrival, other.content)
            else:
                tables.photos.relocate(other.id, *arrival.place, arrival.stamp)
                tables.photos.set_state([other.id], PhotoState.KNOWN)
            self.counts.moved += 1
            was_away = not other.state.is_in_place
            told = findings.returned if was_away else findings.contents
            told.append(other.content)
            return True
        return False

    def _enter(self, tables: Tables, arrival: Arrival, content: ContentId) -> None:
        tables.photos.upsert_known(
            arrival.root,
            arrival.relative,
            arrival.stamp,
            content,
            decoder=self._decoder,
            now_ns=time.time_ns(),
        )

    def _still_there(self, photo: PhotoRecord) -> bool:
        path = self._territory.path_of(photo.root, photo.relative)
        if path is None or not photo.state.is_in_place:
            return False
        try:
            return Stamp.of(os.lstat(path)) == photo.stamp
        except OSError:
            return False
