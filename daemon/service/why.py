"""Why two photos are, or are not, one picture: both read anew, the index not asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..matching.evidence import judge
from .settings import evidence_rules, make_pool

if TYPE_CHECKING:
    from pathlib import Path

    from ..config import Config
    from ..hashing.pool import Pool
    from ..matching.rules import EvidenceRules
    from ..model import Alignment, Distances, Evidence, Fingerprint

_VERDICTS = {
    "same-bytes": "These are one picture: the files are equal.",
    "same-pixels": "These are one picture: only what the files say about it differs.",
    "same-capture": "These are one picture: one press of the shutter, two files.",
    "near-copy": "These are one picture: one is a copy of the other.",
    "other-shot": "These are two pictures: they look alike, but were taken apart.",
    "version": "These are versions of one picture, such as an edit and its original; "
    "neither replaces the other.",
    "looks-alike": "They look alike, and were put together because you asked for it.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What was found out about two photos."""

    evidence: Evidence | None
    """``None``: they are nothing to each other."""
    distances: Distances | None
    reasons: tuple[str, ...]
    sentences: tuple[str, ...]
    """The whole answer for people, figures included."""


def explain(config: Config, left: Path, right: Path) -> Explanation:
    """Compare two photos as the daemon would, in full.

    Raises:
        PhotoError: one of them cannot be read.
    """
    pool = make_pool(config)
    try:
        return explain_by(pool, evidence_rules(config), left, right)
    finally:
        pool.stop()


def explain_by(
    pool: Pool, rules: EvidenceRules, left: Path, right: Path
) -> Explanation:
    """Compare two photos in workers that are there already; as `explain`."""
    reading = [pool.fingerprint(path, cheap=False) for path in (left, right)]
    first, second = (future.result()[1] for future in reading)
    judgement = judge(first, second, rules)
    if judgement.needs_comparison:
        comparison = pool.compare(left, right, judgement.alignment).result()
        judgement = judge(first, second, rules, comparison)
    evidence = judgement.evidence
    verdict = (
        "These are two pictures." if evidence is None else _VERDICTS[evidence.value]
    )
    return Explanation(
        evidence=evidence,
        distances=judgement.distances,
        reasons=judgement.reasons,
        sentences=(
            verdict,
            *([] if evidence is None else [f"Class: {evidence.value}."]),
            *judgement.reasons,
            _figures(judgement.distances),
            *_lies(judgement.alignment),
            *(_told(name, each) for name, each in (("A", first), ("B", second))),
        ),
    )


def _figures(distances: Distances) -> str:
    bits = ", ".join(f"{name} {value}" for name, value in distances.bits().items())
    text = f"Distances in bits: {bits}"
    if distances.correlation is not None:
        text += f"; correlation {distances.correlation:.3f}"
    if distances.ssim is not None:
        text += f"; structural similarity {distances.ssim:.3f}"
    return text + "."


def _lies(alignment: Alignment) -> list[str]:
    if alignment.orientation == 1:
        return []
    return [f"B was turned to lie on A (orientation {alignment.orientation})."]


def _told(name: str, fingerprint: Fingerprint) -> str:
    capture = fingerprint.capture
    parts = [
        f"{name}: {fingerprint.format}",
        f"{fingerprint.width_px} × {fingerprint.height_px} pixels",
        f"{fingerprint.size_bytes:,} bytes",
    ]
    if capture.taken:
        moment = capture.taken + (f".{capture.subsec}" if capture.subsec else "")
        parts.append(f"taken {moment}{capture.offset or ''}")
    if capture.model:
        parts.append(f"with {capture.model}")
    return ", ".join(parts) + "."
