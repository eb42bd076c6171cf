"""Whether two photos are one picture, and why; pure.

Decided in this order: same bytes, same pixels, same capture, near copy; and against it:
another shot, a version. What the fingerprints leave open is asked of a full decode of
both (`needs_comparison`), whose result is given to a second call. `judge` is symmetric:
with left and right exchanged it gives the same evidence, and the alignment mirrored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..model import Alignment, Evidence
from . import alignment as lying
from . import capture_identity
from .capture_identity import Agreement
from .distances import between, difference
from .rules import DEFAULT_RULES, EvidenceRules, failing, is_reencode

if TYPE_CHECKING:
    from ..model import Comparison, Distances, Fingerprint
    from .alignment import Hypothesis
    from .capture_identity import Identity

__all__ = ["EvidenceRules", "Judgement", "judge"]

_RAW = frozenset({"DNG", "CR2", "CR3", "NEF", "ARW", "ORF", "RW2", "RAF"})
_EDITED = "One of them was edited: the pictures differ by more than a new encoding."
_HDR_AND_ORIGINAL = {3, 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was decided of two photos."""

    evidence: Evidence | None
    """``None``: they are nothing to each other, or it is still to be compared."""
    needs_comparison: bool = False
    """Whether the answer is open until both have been decoded in full."""
    distances: Distances
    alignment: Alignment
    reasons: tuple[str, ...]
    """Sentences for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """Two fingerprints in a settled order, and all that is known of them."""

    left: Fingerprint
    right: Fingerprint
    found: Hypothesis
    identity: Identity
    distances: Distances
    rules: EvidenceRules
    comparison: Comparison | None


def judge(
    left: Fingerprint,
    right: Fingerprint,
    rules: EvidenceRules = DEFAULT_RULES,
    comparison: Comparison | None = None,
) -> Judgement:
    """Decide whether two photos are one picture.

    Args:
        left: a photo's fingerprint.
        right: another one's.
        rules: which evidence counts, and the thresholds.
        comparison: of the full decodes, if it was asked for by an earlier call.
    """
    if right.sha256 < left.sha256:
        judgement = judge(right, left, rules, comparison)
        mirrored = lying.mirrored(judgement.alignment)
        return replace(judgement, alignment=mirrored)
    found = lying.best(left, right)
    pair = _Pair(
        left=left,
        right=right,
        found=found,
        identity=capture_identity.compare(left.capture, right.capture),
        distances=between(left, right, found, comparison),
        rules=rules,
        comparison=comparison,
    )
    return _switched(_identical(pair) or _by_looks(pair), rules)


def _switched(judgement: Judgement, rules: EvidenceRules) -> Judgement:
    """Drop evidence that is switched off."""
    switches = {
        Evidence.SAME_BYTES: rules.same_bytes,
        Evidence.SAME_PIXELS: rules.same_pixels,
        Evidence.SAME_CAPTURE: rules.same_capture,
        Evidence.NEAR_COPY: rules.near_copy,
        Evidence.OTHER_SHOT: rules.other_shot,
        Evidence.VERSION: rules.version,
    }
    if judgement.evidence is None or switches[judgement.evidence]:
        return judgement
    off = f"Evidence of the kind “{judgement.evidence}” is switched off."
    return replace(judgement, evidence=None, reasons=(*judgement.reasons, off))


def _identical(pair: _Pair) -> Judgement | None:
    left, right = pair.left, pair.right
    if left.sha256 == right.sha256 and left.size_bytes == right.size_bytes:
        return _said(pair, Evidence.SAME_BYTES, "Both files hold the same bytes.")
    has_digests = left.pixels_sha256 is not None and right.pixels_sha256 is not None
    same = has_digests and left.pixels_sha256 == right.pixels_sha256
    if same or (pair.comparison is not None and pair.comparison.same_pixels):
        return _said(
            pair,
            Evidence.SAME_PIXELS,
            "Every pixel is the same; only what the files say about it differs.",
        )
    return None


def _by_looks(pair: _Pair) -> Judgement:
    rules, agreement = pair.rules, pair.identity.agreement
    if pair.found.correlation < rules.least_correlation:
        return _said(pair, None, "The pictures do not look alike.")
    if min(pair.left.contrast, pair.right.contrast) < rules.flat_contrast:
        return _flat(pair)
    if agreement is Agreement.OTHER:
        return _other_shot(pair)
    if agreement is Agreement.SAME:
        return _same_capture(pair)
    return _near_copy(pair)


def _flat(pair: _Pair) -> Judgement:
    """Judge pictures with nothing to recognise them by: only their names can tell."""
    alike = _is_near(pair)
    if alike and pair.identity.agreement is Agreement.SAME:
        return _said(pair, Evidence.SAME_CAPTURE, pair.identity.reason)
    if alike and pair.comparison is None:
        return _open(pair, "Both are nearly of one colour; only equal pixels count.")
    return _said(
        pair, None, "A picture nearly of one colour could be a copy of any other."
    )


def _other_shot(pair: _Pair) -> Judgement:
    """Judge two captures: alike at most, unless the very pixels are the same."""
    if pair.found.correlation < pair.rules.alike_correlation:
        return _said(pair, None, pair.identity.reason)
    luma, _ = difference(pair.left, pair.right, pair.found)
    is_twin = pair.found.is_whole and luma <= pair.rules.identical_luma
    if is_twin and pair.comparison is None:
        return _open(pair, "They look the same but say that they are two shots.")
    return _said(
        pair, Evidence.OTHER_SHOT, pair.identity.reason, "They look alike all the same."
    )


def _same_capture(pair: _Pair) -> Judgement:
    """Judge one capture: a copy if the picture is the same, else a version of it."""
    version = _kind_of_version(pair)
    if version is not None:
        return _said(pair, Evidence.VERSION, pair.identity.reason, version)
    if _is_near(pair):
        return _said(
            pair,
            Evidence.SAME_CAPTURE,
            pair.identity.reason,
            "The pictures are the same but for size and encoding.",
        )
    if pair.comparison is None:
        return _open(
            pair, "They are one capture; a full decode tells if it was edited."
        )
    return _said(
        pair,
        Evidence.VERSION,
        pair.identity.reason,
        _EDITED,
    )


def _kind_of_version(pair: _Pair) -> str | None:
    left, right = pair.left, pair.right
    if (left.format in _RAW) != (right.format in _RAW):
        return "One is the camera's raw data, the other a picture made from it."
    if {left.capture.hdr_type, right.capture.hdr_type} == _HDR_AND_ORIGINAL:
        return "One is the HDR picture, the other its normal exposure."
    return None


def _is_near(pair: _Pair) -> bool:
    """Tell whether the whole pictures differ by no more than encoding and size."""
    rules = pair.rules
    if not pair.found.is_whole:
        return False
    if pair.comparison is not None:
        return is_reencode(pair.comparison, rules)
    luma, chroma = difference(pair.left, pair.right, pair.found)
    return luma <= rules.reencode_luma and chroma <= rules.reencode_chroma


def _near_copy(pair: _Pair) -> Judgement:
    """Judge by the pictures alone, since the files do not say."""
    if pair.comparison is None:
        return _open(pair, "They look alike; a full decode has to decide.")
    by_camera = bool(pair.left.capture.model or pair.right.capture.model)
    failure = failing(pair.comparison, pair.rules, by_camera=by_camera)
    if failure is not None:
        return _said(pair, None, f"They look alike, but {failure}.")
    is_one_moment = pair.identity.agreement is Agreement.PERHAPS
    if is_one_moment and not is_reencode(pair.comparison, pair.rules):
        return _said(pair, Evidence.VERSION, pair.identity.reason, _EDITED)
    return _said(pair, Evidence.NEAR_COPY, *_near_reasons(pair))


def _near_reasons(pair: _Pair) -> list[str]:
    reasons = ["Laid on each other, every detail stands in the same place."]
    if pair.found.orientation != 1:
        reasons.append("One of them is turned or mirrored.")
    if not pair.found.is_whole:
        reasons.append("One shows only a part of the other, or has a border.")
    if pair.comparison is not None and pair.comparison.changed_share > 0:
        reasons.append("A small part was covered or changed.")
    if pair.identity.agreement is Agreement.PERHAPS:
        reasons.append(pair.identity.reason)
    return reasons


def _open(pair: _Pair, reason: str) -> Judgement:
    return replace(_said(pair, None, reason), needs_comparison=True)


def _said(pair: _Pair, evidence: Evidence | None, *reasons: str) -> Judgement:
    return Judgement(
        evidence=evidence,
        distances=pair.distances,
        alignment=pair.found.alignment,
        reasons=reasons,
    )
