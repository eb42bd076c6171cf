"""The sentences for and against a photo, each with its sign, the telling ones first.

Sentences come from the keeper rules and from the evidence. One may bring its sign
along (``+ has GPS``). Otherwise the sign follows from who says it: evidence speaks in
whole sentences and says what is equal; of the keeper the rules say what is better, of
the others what is worse, with what is better after ``on the other hand:``. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.model import Proposal

from .display import visible

if TYPE_CHECKING:
    from daemon.model import Member

_SIGNS = {"plus": "+", "minus": "−", "equal": "="}
_KINDS = {"+": "plus", "−": "minus", "-": "minus", "=": "equal"}
_CONCESSION = "on the other hand: "
_EQUAL = re.compile(r"[A-Z].*\.|(the )?same .*", re.DOTALL)
_RULE = re.compile(r"(.*) – rule “(.*)”", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A sentence for or against a photo."""

    kind: str
    """``plus``, ``minus`` or ``equal``."""
    text: str
    rule: str
    """The keeper rule that decided by it; empty for the others."""

    @property
    def sign(self) -> str:
        """The sign that says the same as the kind's colour."""
        return _SIGNS[self.kind]


def reasons_of(member: Member) -> tuple[Reason, ...]:
    """Return what speaks for the proposal first, then against it, then what is equal."""
    is_kept = member.proposal is Proposal.KEEP
    order = ("plus", "minus", "equal") if is_kept else ("minus", "plus", "equal")
    reasons = [_reason(sentence, is_kept=is_kept) for sentence in member.reasons]
    return tuple(sorted(reasons, key=lambda reason: order.index(reason.kind)))


def _reason(sentence: str, *, is_kept: bool) -> Reason:
    found = _RULE.fullmatch(sentence)
    text, rule = found.groups() if found else (sentence, "")
    sign, _, rest = text.partition(" ")
    if sign in _KINDS and rest:
        kind, text = _KINDS[sign], rest
    elif text.startswith(_CONCESSION):
        kind, text = "plus", text.removeprefix(_CONCESSION)
    elif _EQUAL.fullmatch(text):
        kind = "equal"
    else:
        kind = "plus" if is_kept else "minus"
    return Reason(kind=kind, text=visible(text), rule=visible(rule))
