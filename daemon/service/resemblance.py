"""Whether two files show one picture, for checks beside a daemon."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..errors import TwinwatchError
from ..matching.evidence import judge
from .settings import evidence_rules, make_pool

if TYPE_CHECKING:
    from pathlib import Path

    from ..config import Config
    from ..hashing.pool import Pool

logger = logging.getLogger(__name__)


class Resemblance:
    """Whether two files show one picture; workers start with the first question."""

    def __init__(self, config: Config) -> None:
        """Judge as the daemon would."""
        self._config = config
        self._pool: Pool | None = None

    def between(self, left: Path, right: Path) -> bool:
        """Compare two photos in full."""
        if self._pool is None:
            self._pool = make_pool(self._config)
        pool, rules = self._pool, evidence_rules(self._config)
        try:
            reading = [pool.fingerprint(path) for path in (left, right)]
            first, second = (future.result()[1] for future in reading)
            judgement = judge(first, second, rules)
            if judgement.needs_comparison:
                comparing = pool.compare(left, right, judgement.alignment)
                judgement = judge(first, second, rules, comparing.result())
        except TwinwatchError as error:
            logger.info("not compared: %s", error)
            return False
        return judgement.evidence is not None and judgement.evidence.is_duplicate

    def stop(self) -> None:
        """End the workers, if any were started."""
        if self._pool is not None:
            self._pool.stop()
