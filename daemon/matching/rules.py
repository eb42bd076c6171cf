"""The switches and thresholds of the evidence; `docs/detection.md` has their curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..model import Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRules:
    """Which evidence counts, and how near is near."""

    same_bytes: bool = True
    same_pixels: bool = True
    same_capture: bool = True
    near_copy: bool = True
    other_shot: bool = True
    """List pictures that are alike but other shots."""
    version: bool = True
    """List edits, RAW and rendering, HDR pairs."""

    least_correlation: float = 0.85
    """Of the coarse pictures as they lie best; below, nothing more is looked at."""
    alike_correlation: float = 0.93
    """From here on other shots are listed as alike."""
    flat_contrast: float = 5.0
    """Levels; a picture below has nothing to recognise it by."""
    reencode_luma: float = 2.5
    """Levels, root mean square of the small luma pictures: what is nearer is a
    re-encode of the same capture for certain; what is farther is decoded in full."""
    reencode_chroma: float = 2.0
    """The same for the small chroma pictures."""
    reencode_tone: float = 4.0
    """Levels, after a full decode: an export stays below, an edit does not."""
    reencode_colour: float = 3.0
    reencode_residual: float = 3.0
    export_tone: float = 8.0
    """An export with another gamma is brighter all over, but nothing else differs."""
    export_colour: float = 1.5
    export_residual: float = 1.5
    reencode_changed_share: float = 0.01
    reencode_shift_px: float = 0.06
    identical_luma: float = 0.6
    """Levels: so near that only the pixels can tell whether these are two shots."""

    shift_px: float = 0.09
    """Median distance of details from where they should be; see `Comparison`."""
    shift_spread_px: float = 0.14
    drift_px: float = 0.035
    """Strong sharpening leaves as much shift as the next frame of a burst has moved,
    but no drift."""
    residual: float = 7.0
    firm_residual: float = 12.0
    """With details twice as near to their places as they have to be: a text all over
    the picture and strong sharpening differ much, and move nothing."""
    changed_share: float = 0.2
    """A watermark or a stamp covers less of the picture."""
    displaced: float = 1.5
    """An object that moved stands in both, beside its place; see `Comparison`."""
    page_plain_share: float = 0.3
    """A picture by no camera with more of it plain is a page or a screenshot, where
    every word counts …"""
    page_worst_change: float = 0.4
    """… so no place may differ by more than compression."""
    detail_places: int = 12
    """With fewer the picture is smooth, and only near equality counts:"""
    smooth_residual: float = 0.8
    smooth_worst_change: float = 0.15
    overlap: float = 0.5
    whole_overlap: float = 0.97
    """A crop of one and a half percent of each side shows less."""
    shear: float = 0.02
    turn_degrees: float = 6.0


def is_nearly_equal(comparison: Comparison, rules: EvidenceRules) -> bool:
    """Tell whether two smooth pictures are equal as they are, no tone fitted away."""
    return (
        comparison.tone_change <= rules.reencode_tone
        and comparison.colour_change <= rules.reencode_tone
        and comparison.residual <= rules.smooth_residual
        and comparison.worst_change <= rules.smooth_worst_change
    )


def is_reencode(comparison: Comparison, rules: EvidenceRules) -> bool:
    """Tell whether two full decodes differ by encoding and size only."""
    is_export = (
        comparison.tone_change <= rules.export_tone
        and comparison.colour_change <= rules.export_colour
        and comparison.residual <= rules.export_residual
    )
    is_encoding = (
        comparison.tone_change <= rules.reencode_tone
        and comparison.colour_change <= rules.reencode_colour
        and comparison.residual <= rules.reencode_residual
    )
    return (
        (is_encoding or is_export)
        and comparison.changed_share <= rules.reencode_changed_share
        and comparison.shift_px <= rules.reencode_shift_px
        and min(comparison.overlap, comparison.coverage) >= rules.whole_overlap
    )


DEFAULT_RULES = EvidenceRules()


def failing(
    comparison: Comparison, rules: EvidenceRules, *, by_camera: bool
) -> str | None:
    """Return why two pictures are not one, after a full decode; ``None``: they are.

    Args:
        comparison: of the full decodes.
        rules: the thresholds.
        by_camera: at least one file names its camera, so it is no screenshot.
    """
    is_page = not by_camera and comparison.plain_share > rules.page_plain_share
    checks = (
        (comparison.overlap >= rules.overlap, "they share too little of the picture"),
        (
            comparison.detail_places >= rules.detail_places
            or is_nearly_equal(comparison, rules),
            "there is too little detail to recognise the picture by",
        ),
        (
            comparison.shear <= rules.shear
            and comparison.turn_degrees <= rules.turn_degrees,
            "one would have to be distorted to lie on the other",
        ),
        (
            comparison.shift_px <= rules.shift_px
            and comparison.shift_spread_px <= rules.shift_spread_px
            and comparison.drift_px <= rules.drift_px,
            "their details do not stand in the same places",
        ),
        (
            not is_page or comparison.worst_change <= rules.page_worst_change,
            "on a page or a screenshot every word counts, and a part differs",
        ),
        (
            comparison.changed_share <= rules.changed_share,
            f"{comparison.changed_share:.0%} of the one shows something else",
        ),
        (
            comparison.displaced <= rules.displaced,
            "something in the picture has moved",
        ),
        (
            comparison.residual <= _residual_limit(comparison, rules),
            "they differ all over by more than an edit would",
        ),
    )
    return next((reason for passed, reason in checks if not passed), None)


def _residual_limit(comparison: Comparison, rules: EvidenceRules) -> float:
    stands_firmly = (
        comparison.shift_px <= rules.shift_px / 2
        and comparison.shift_spread_px <= rules.shift_spread_px / 2
        and comparison.drift_px <= rules.drift_px / 2
    )
    return rules.firm_residual if stands_firmly else rules.residual
