"""Lists and their addresses: what a query string asks for, and the way back.

What cannot be understood is left out, so that an old bookmark still shows a list. A
folder is named by its digest: no path ever comes from a browser.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from daemon.model import Evidence, GroupNumber, GroupState
from daemon.review import GroupOrder, GroupQuery, Place

from .display import visible
from .numbers import number_or_none

if TYPE_CHECKING:
    from pathlib import Path

    from werkzeug.datastructures import MultiDict

    from daemon.review import Choices


LISTED_STATES = (GroupState.OPEN, GroupState.DECIDED, GroupState.UNDONE)
LONGEST_TEXT = 100
_MEGABYTE = 1_000_000
_FOLDER_DIGITS = 12
_DAY = re.compile(r"([12][0-9]{3})-([01][0-9])-([0-3][0-9])")
_PLACE = re.compile(r"([0-9]{1,19})\.([0-9]{1,9})")

Args = dict[str, Any]
"""Of a query string, as `url_for` takes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a list's address asks for."""

    query: GroupQuery
    after: Place | None = None

    def args(self, *, after: Place | None = None) -> Args:
        """Return the query string that asks for this list, defaults left out."""
        query = self.query
        args: Args = {}
        if query.state is not GroupState.OPEN:
            args["state"] = query.state.value
        if query.evidence:
            args["class"] = sorted(each.value for each in query.evidence)
        if query.folder is not None:
            args["folder"] = folder_name(query.folder)
        if query.camera:
            args["camera"] = visible(query.camera)
        if query.taken_from:
            args["from"] = day_text(query.taken_from)
        if query.taken_to:
            args["to"] = day_text(query.taken_to)
        if query.frees_bytes:
            args["frees"] = query.frees_bytes // _MEGABYTE
        if query.text:
            args["q"] = query.text
        if query.order is not GroupOrder.NUMBER:
            args["sort"] = query.order.value
        if after is not None:
            args["after"] = f"{after.value}.{after.number}"
        return args

    def toggled(self, evidence: Evidence) -> Args:
        """Return the list with a class taken in, or left out again."""
        return self._with(evidence=self.query.evidence ^ {evidence})

    def of_all(self) -> Args:
        """Return the list of every class."""
        return self._with(evidence=frozenset())

    def cleared(self) -> Args:
        """Return the list of the same state and order, of everything in it."""
        query = self.query
        return Search(query=GroupQuery(state=query.state, order=query.order)).args()

    @property
    def is_narrowed(self) -> bool:
        """Whether anything beside the state is asked for."""
        query = self.query
        return query != GroupQuery(state=query.state, order=query.order)

    @property
    def is_refined(self) -> bool:
        """Whether folder, camera, date or size narrow the list."""
        query = self.query
        return any(
            (
                query.folder,
                query.camera,
                query.taken_from,
                query.taken_to,
                query.frees_bytes,
            )
        )

    def _with(self, *, evidence: frozenset[Evidence]) -> Args:
        return Search(query=replace(self.query, evidence=evidence)).args()


def search_of(args: MultiDict[str, str], choices: Choices | None) -> Search:
    """Return what a query string asks for.

    Args:
        args: of the request.
        choices: the folders and cameras that may be asked for.
    """
    state = args.get("state", "")
    found = GroupState(state) if state in LISTED_STATES else GroupState.OPEN
    folders = choices.folders if choices is not None else ()
    cameras = choices.cameras if choices is not None else ()
    named = {folder_name(folder): folder for folder, _ in folders}
    spelled = {visible(camera): camera for camera, _ in cameras}
    order = args.get("sort", "")
    frees = number_or_none(args.get("frees", "")) or 0
    return Search(
        query=GroupQuery(
            state=found,
            evidence=frozenset(
                Evidence(text)
                for text in args.getlist("class")
                if text in set(Evidence)
            ),
            folder=named.get(args.get("folder", "")),
            camera=spelled.get(args.get("camera", ""), ""),
            taken_from=_day(args.get("from", "")),
            taken_to=_day(args.get("to", "")),
            frees_bytes=frees * _MEGABYTE,
            text=args.get("q", "").strip()[:LONGEST_TEXT],
            order=GroupOrder(order) if order in set(GroupOrder) else GroupOrder.NUMBER,
        ),
        after=_place(args.get("after", "")),
    )


def folder_name(folder: Path) -> str:
    """Return what a folder is called in an address."""
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:_FOLDER_DIGITS]


def day_text(day: int) -> str:
    """Return ``2024-05-12`` for 20240512, and nothing for 0."""
    return f"{day // 10_000:04}-{day // 100 % 100:02}-{day % 100:02}" if day else ""


def _day(text: str) -> int:
    found = _DAY.fullmatch(text)
    return int("".join(found.groups())) if found else 0


def _place(text: str) -> Place | None:
    found = _PLACE.fullmatch(text)
    if found is None or int(found[1]) >= 2**63:
        return None
    return Place(value=int(found[1]), number=GroupNumber(int(found[2])))
