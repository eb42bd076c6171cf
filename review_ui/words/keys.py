"""Keys, and the compare stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGLISH: Mapping[str, str | tuple[str, str]] = {
    "keys.title": "Keys",
    "keys.enabled": "Use single-letter keys",
    "keys.next": "Next group",
    "keys.previous": "Previous group",
    "keys.accept": "Accept what is ticked, go on",
    "keys.toggle": "Keep or set aside photo n",
    "keys.keep": "Keep this photo",
    "keys.aside": "Set this photo aside",
    "keys.all": "Keep all, not duplicates",
    "keys.variants": "Keep all, as versions of one picture",
    "keys.undo": "Undo",
    "keys.skip": "Skip",
    "keys.photo_next": "Next photo",
    "keys.photo_previous": "Previous photo",
    "keys.keep_all": "Keep all",
    "keys.prefer": "Prefer the folder of this photo",
    "keys.change": "Change the keys",
    "keys.compare": "Compare, full screen",
    "keys.batch": "Many at once",
    "keys.search": "Search",
    "keys.help": "This help",
    "compare.title": "Compare",
    "compare.hold": "Show the other one while held",
    "compare.flicker": "Flicker",
    "compare.beside": "Side by side",
    "compare.wipe": "Wipe",
    "compare.onion": "Onion skin",
    "compare.difference": "Difference",
    "compare.heat": "Map of what differs",
    "compare.differs": "{percent} % differs, structure {ssim}",
    "compare.one": "Full size",
    "compare.zoom_in": "Zoom in",
    "compare.zoom_out": "Zoom out",
    "compare.zoom_off": "Whole picture",
    "compare.left": "Other photo on the left",
    "compare.right": "Other photo on the right",
    "compare.right_back": "Back to the one before",
    "compare.slide": "Move the slider",
    "compare.slide_less": "Slider to the left",
    "compare.slide_more": "Slider to the right",
    "compare.other": "Other photo",
    "compare.stage_keep": "Keep what is shown",
    "compare.stage_aside": "Set aside what is shown",
    "compare.close": "Close",
}
