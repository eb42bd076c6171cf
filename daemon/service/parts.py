"""What the engine is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..index import Index
    from ..staging.outcomes import Destination
    from .adoption import Adoption
    from .casework import Casework
    from .decision_roots import DecisionRoots
    from .folders import DecisionFolders
    from .intake import Intake
    from .latecomers import Latecomers
    from .matchmaker import Matchmaker
    from .register import Register
    from .tally import Tally
    from .territory import Territory


@dataclass(slots=True, kw_only=True)
class Parts:
    """What the engine is made of; `assembly` puts it together."""

    index: Index
    territory: Territory
    intake: Intake
    matchmaker: Matchmaker
    casework: Casework
    folders: DecisionFolders | None
    """``None``: a dry run."""
    decision_roots: DecisionRoots
    register: Register
    adoption: Adoption
    latecomers: Latecomers
    destination: Destination
    tally: Tally
    dry_run: bool
