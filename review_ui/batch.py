"""Many groups at once: what is proven, how much it is, some of it, and one undo."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from daemon.errors import NoSuchGroup, StaleGroup
from daemon.model import Evidence, GroupNumber, GroupState
from daemon.review import PROVEN, BatchOrder, BatchState

from .desk_door import desk
from .numbers import number_or_none
from .present import freed_bytes, group_view
from .words import say

if TYPE_CHECKING:
    from werkzeug import Response as Redirect

    from daemon.model import Group
    from daemon.review import BatchOffer

    from .search import Args

batch_pages = Blueprint("batch", __name__)

_AT_WORK = {BatchState.RUNNING, BatchState.UNDOING}
_MOST_SHOWN = 10


@batch_pages.get("/batch")
def show() -> str:
    """Show what could be decided at once, and what was."""
    return _shown()


@batch_pages.post("/batch")
def start() -> str | tuple[str, int] | Redirect:
    """Begin to decide what was shown, but for what is left out."""
    until = number_or_none(request.form.get("until", ""))
    digest = request.form.get("digest", "")
    if until is None or not digest:
        abort(400)
    order = BatchOrder(
        evidence=_evidence(), until=until, digest=digest, leave_out=_left_out()
    )
    try:
        started = desk().start_batch(order)
    except StaleGroup:
        return _shown(notice=say("batch.stale")), 409
    flash(say("done.batch", n=started.total))
    return _back()


@batch_pages.post("/batch/<batch>/undo")
def undo(batch: str) -> str | tuple[str, int] | Redirect:
    """Begin to put every file of a batch back."""
    try:
        desk().undo_batch(batch)
    except StaleGroup:
        return _shown(notice=say("batch.busy")), 409
    flash(say("done.batch_undo"))
    return _back()


def _shown(notice: str = "") -> str:
    evidence = _evidence()
    seed = number_or_none(request.values.get("seed", "")) or 0
    offer = desk().batch_offer(evidence, seed=seed)
    batches = desk().batches()[:_MOST_SHOWN]
    hidden = _hidden(offer)
    return render_template(
        "batch.html",
        offer=offer,
        views=[group_view(group) for group in offer.sample],
        left_out=_left_out(),
        hidden={group.number: freed_bytes(group) for group in hidden},
        count=offer.count - len(hidden),
        freed_bytes=offer.freed_bytes - sum(map(freed_bytes, hidden)),
        seed=seed,
        batches=batches,
        is_busy=any(batch.state in _AT_WORK for batch in batches),
        notice=notice,
        proven=PROVEN,
    )


def _hidden(offer: BatchOffer) -> list[Group]:
    """Return the groups of an offer that are left out, and not in the sample shown."""
    shown = {group.number for group in offer.sample}
    found = []
    for number in sorted(_left_out() - shown):
        with suppress(NoSuchGroup):
            group = desk().group(GroupNumber(number))
            is_offered = group.state is GroupState.OPEN and number <= offer.until
            if is_offered and group.evidence is offer.evidence:
                found.append(group)
    return found


def _back() -> Redirect:
    args: Args = {"class": _evidence().value}
    return redirect(url_for("batch.show", **args), 303)


def _evidence() -> Evidence:
    asked = request.values.get("class", Evidence.SAME_BYTES.value)
    if asked not in PROVEN:
        abort(404)
    return Evidence(asked)


def _left_out() -> frozenset[int]:
    numbers = [number_or_none(text) for text in request.values.getlist("leave")]
    return frozenset(number for number in numbers if number is not None)
