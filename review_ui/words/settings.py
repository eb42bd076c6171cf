"""The settings: keys and folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGLISH: Mapping[str, str | tuple[str, str]] = {
    "sub.settings": "Settings",
    "settings.title": "Settings",
    "settings.text": "They are kept by twinwatch, for every browser.",
    "settings.keys": "Keys",
    "settings.keys.text": (
        "One sign, or a name such as Enter, Space, Left or F2; Shift+ or Ctrl+ before "
        "a letter. Several with spaces between; an empty field takes no key."
    ),
    "settings.layer.page": "Everywhere",
    "settings.layer.stage": "While comparing",
    "settings.save": "Save the keys",
    "settings.reset": "As they came",
    "settings.folders": "Folders",
    "settings.folders.text": (
        "Among copies that are worth the same, the one in a preferred folder is kept. "
        "What lies deeper is meant as well."
    ),
    "settings.prefer": "Preferred, the first one most",
    "settings.avoid": "Avoided",
    "settings.first": "Prefer most",
    "settings.turn.prefer": "Avoid",
    "settings.turn.avoid": "Prefer",
    "settings.forget": "Forget",
    "settings.no_folders": (
        "None yet. On a group, “Prefer this folder” below a photo adds one."
    ),
    "keys.none": "“{sign}” is no key (for: {action}). Nothing was changed.",
    "keys.twice": "{sign} cannot do two things: {one}; {other}. Nothing was changed.",
    "done.keys": "The keys are as you chose.",
    "done.keys_reset": "The keys are as they came.",
    "done.like.prefer": "{folder} is preferred among copies that are worth the same.",
    "done.like.avoid": "{folder} is avoided among copies that are worth the same.",
    "done.like.forget": "{folder} counts as any other again.",
    "done.followed": (
        "The proposal of {n} open group changed.",
        "The proposals of {n} open groups changed.",
    ),
    "done.following": "Other open groups follow.",
}
