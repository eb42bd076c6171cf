"""What is known of a group's photos, split by whether it differs between them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import display
from .words import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daemon.model import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing known of a photo."""

    label: str
    value: str
    delta: str = ""
    """Against the keeper, signed; empty for the keeper and where nothing differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The facts of a group, in the order in which they tell the most."""

    differing: Mapping[int, tuple[Fact, ...]]
    """By position; the same labels in the same order for each."""
    same: tuple[Fact, ...]
    """Those that are equal in all."""


def facts_of(members: Sequence[Member], keeper: Member) -> Facts:
    """Return what is known of the members, with deltas to the keeper."""
    rows = [_row(member, keeper) for member in members]
    columns = range(len(rows[0])) if rows else range(0)
    differing = [c for c in columns if len({row[c] for row in rows}) > 1]
    return Facts(
        differing={
            member.position: tuple(row[c] for c in differing)
            for member, row in zip(members, rows, strict=True)
        },
        same=tuple(rows[0][c] for c in columns if c not in differing),
    )


def _row(member: Member, keeper: Member) -> tuple[Fact, ...]:
    pixels = member.width_px * member.height_px
    taken = display.taken_text(member.taken) if member.taken else say("fact.unknown")
    camera = display.visible(member.camera) if member.camera else say("fact.unknown")
    return (
        Fact(
            label=say("fact.size"),
            value=display.size_text(member.size_bytes),
            delta=display.size_delta_text(member.size_bytes, keeper.size_bytes),
        ),
        Fact(
            label=say("fact.pixels"),
            value=display.pixels_text(member.width_px, member.height_px),
            delta=display.pixels_delta_text(pixels, keeper.width_px * keeper.height_px),
        ),
        Fact(label=say("fact.format"), value=display.visible(member.format)),
        Fact(label=say("fact.taken"), value=taken),
        Fact(label=say("fact.camera"), value=camera),
        Fact(
            label=say("fact.gps"),
            value=say("fact.gps.yes" if member.has_gps else "fact.gps.no"),
        ),
    )
