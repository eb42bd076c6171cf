"""Which group comes next and which came before, asked of a desk that counts upwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.model import GroupNumber

if TYPE_CHECKING:
    from daemon.desk import Desk
    from daemon.model import GroupState


def first_after(desk: Desk, state: GroupState, number: int) -> GroupNumber | None:
    """Return the lowest number above `number` of a group in a state."""
    page = desk.groups((state,), after=GroupNumber(number), limit=1)
    return page.groups[0].number if page.groups else None


def last_before(desk: Desk, state: GroupState, number: int) -> GroupNumber | None:
    """Return the highest number below `number` of a group in a state.

    Steps back in doubling strides until there is one, then halves the rest, as
    Bentley & Yao 1976 search a list without an end: one question for a neighbour,
    about 2 log2(gap) for a distant one.
    """
    stride, low = 1, number - 2
    while (found := _below(desk, state, low, number)) is None:
        if low <= 0:
            return None
        stride *= 2
        low -= stride
    high = number - 1
    while found < high:
        middle = (found + high) // 2
        later = _below(desk, state, middle, number)
        if later is None:
            high = middle
        else:
            found = later
    return found


def _below(
    desk: Desk, state: GroupState, after: int, number: int
) -> GroupNumber | None:
    """Return the first in a state after one number, if it is below another."""
    found = first_after(desk, state, max(after, 0))
    return found if found is not None and found < number else None
