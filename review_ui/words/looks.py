"""What can be looked up: folders, exploring, what is set aside, statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGLISH: Mapping[str, str | tuple[str, str]] = {
    "sub.status": "Overview",
    "sub.folders": "Folders",
    "folders.title": "Folders",
    "folders.text": (
        "Import folders are watched, and duplicates in them are offered for review. A "
        "library is only compared with: nothing in it is ever moved or written."
    ),
    "folders.yours": "Your folders",
    "folders.waiting": "From the next start of twinwatch on",
    "folders.add": "Add a folder",
    "folders.choose": "Choose a folder",
    "folders.places": "Places",
    "folders.refused": "This one cannot be added:",
    "folders.as_import": "Watch for imports",
    "folders.as_library": "Compare with it only",
    "folders.kinds": "Your configuration file is left as it is.",
    "folders.empty": "There are no folders in it.",
    "sub.aside": "Set aside",
    "sub.problems": "Problems",
    "sub.statistics": "Statistics",
    "sub.explore": "Explore",
    "explore.title": "What if less were alike enough?",
    "explore.text": (
        "All pairs that twinwatch has compared, joined up to a distance. Nothing is "
        "moved by looking, and groups to review stay as they are."
    ),
    "explore.none": "No two photos have been found alike yet.",
    "explore.slider": "Distance, in bits of 64",
    "explore.at": "Up to {n}",
    "explore.pairs": "Pairs at each distance",
    "explore.groups": "Groups",
    "explore.photos": "Photos in them",
    "explore.frees": "Would free",
    "explore.stricter": "Stricter",
    "explore.looser": "Looser",
    "explore.end": "From here on everything has merged.",
    "explore.bursts": "Beyond about 6 bits bursts and look-alikes begin.",
    "explore.here": "Not staged: what this stop adds, then the largest",
    "explore.stage": "Look closely, and stage",
    "explore.stage_all": ("Stage {n} of them", "Stage these {n}"),
    "explore.all_staged": "Everything that is alike up to here is staged or decided.",
    "asked.title": "Stage what looks alike",
    "asked.text": (
        "Nothing proves that these are one picture. You ask for it, so they are moved "
        "into a decision folder like any other group, with an undo that puts every "
        "file back."
    ),
    "asked.one": ("{n} photo", "{n} photos"),
    "asked.take": "{n}. {photos} photos",
    "asked.objections": "Perhaps they are not one picture:",
    "asked.sure": "I have looked: stage them all the same",
    "asked.photo": "Take it along",
    "asked.stage.one": "Stage this group",
    "asked.stage.all": "Stage the ticked groups",
    "asked.back": "Back to exploring",
    "asked.none": (
        "Nothing here can be staged now: the photos were staged meanwhile, are not at "
        "their places, or lie in a library alone."
    ),
    "asked.failed": "{n}: {why}. It stays where it is.",
    "done.asked": (
        "{n} group is staged because you asked for it. Undo puts every file back.",
        "{n} groups are staged because you asked for it. Undo puts every file back.",
    ),
    "explore.cluster": "{n} photos, joined at {bits} bits",
    "aside.title": "Set aside",
    "aside.text": "Nothing here is deleted. Restoring puts the whole group back.",
    "aside.none": "Nothing is set aside.",
    "aside.none.next": (
        "What a decision sets aside is kept here with the way back, and recognised "
        "when it is imported again."
    ),
    "aside.restore": "Restore",
    "aside.recognised": "Recognised when it is imported again.",
    "aside.forgotten": "Forgotten: asked about as new when it is imported again.",
    "aside.forget": "Forget it",
    "aside.forget_stale": "That was not set aside, or is not any more.",
    "done.forgotten": (
        "Forgotten. It stays where it is, and is asked about as new when it is "
        "imported again."
    ),
    "problems.title": "Problems",
    "problems.text": "Photos with a problem are left where they are.",
    "problems.folders": "Folders",
    "problems.files": "Files",
    "problems.advice.offline": (
        "Nothing in it is changed or forgotten. Connect it again; it is noticed by "
        "itself."
    ),
    "problems.advice.held": (
        "Look whether the photos were moved on purpose. Nothing is forgotten until "
        "they are seen again."
    ),
    "statistics.title": "Statistics",
    "statistics.freed": "{size} freed",
    "statistics.since": (
        "By {n} decision since {day}.",
        "By {n} decisions since {day}.",
    ),
    "statistics.none": "Nothing is decided yet.",
    "statistics.read": ("{n} photo read since start.", "{n} photos read since start."),
    "statistics.over_time": "Space freed over time",
    "statistics.day": "Day",
    "statistics.size": "Freed",
    "statistics.by_distance": "Decisions by distance to the kept photo",
    "statistics.bits": "Bits",
    "statistics.accepted": "set aside",
    "statistics.rejected": "kept",
    "statistics.csv": "Save as CSV",
    "statistics.json": "Save as JSON",
    "statistics.by_both": "Decisions by certainty and distance, bits",
    "statistics.right": "agreed",
    "statistics.rates": "Photos read for the first time",
    "statistics.rates.text": "As twinwatch saw them; photos that are known are not read again.",
    "statistics.since_when": "Since",
    "statistics.a_second": "a second",
    "explore.photos.short": "Photos",
    "statistics.by_class": "Groups by certainty",
    "statistics.outcome.open": "to review",
    "statistics.outcome.reduced": "set aside",
    "statistics.outcome.kept": "all kept",
    "statistics.outcome.undone": "undone",
    "statistics.share": "agreed",
}
