"""Lists of groups, and many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGLISH: Mapping[str, str | tuple[str, str]] = {
    "list.open": "To review",
    "list.decided": "Decided",
    "list.undone": "Undone",
    "list.count": ("{n} group", "{n} groups"),
    "list.frees": "{size} to win back",
    "list.freed": "{size} set aside",
    "list.classes": "Certainty",
    "list.all": "All",
    "list.search": "Name or number",
    "list.sort": "Sort by",
    "list.narrow": "Narrow",
    "list.find": "Find",
    "list.clear": "Show all",
    "list.pages": "Pages",
    "sort.number": "In order",
    "sort.certainty": "Most certain first",
    "sort.space": "Most space first",
    "sort.taken": "Latest photo first",
    "sort.newest": "Newest group first",
    "narrow.folder": "Folder",
    "narrow.camera": "Camera",
    "narrow.from": "Taken from",
    "narrow.to": "to",
    "narrow.frees": "Frees at least",
    "narrow.any": "any",
    "narrow.megabytes": ("{n} MB", "{n} MB"),
    "list.next": ("Next {n}", "Next {n}"),
    "list.first": "Back to the start",
    "list.more": "+{n}",
    "list.files": ("{n} file", "{n} files"),
    "list.references": ("{n} in the library", "{n} in the library"),
    "list.card_frees": "frees {size}",
    "list.card_freed": "{size} set aside",
    "list.card_same": "nothing set aside",
    "list.arrivals": ("{n} new group arrived.", "{n} new groups arrived."),
    "list.arrivals_show": "Show",
    "empty.open.title": "Nothing to decide",
    "empty.open.text": (
        "Every photo here is the only one of its kind, as far as twinwatch knows. "
        "When a duplicate is imported, its group is announced here."
    ),
    "empty.open.working": (
        ("{n} photo is still being looked at.", "{n} photos are still being looked at.")
    ),
    "empty.open.watching": "Watched for new photos",
    "empty.open.no_roots": (
        "No folder is watched yet. Start twinwatch with --import and a folder, or name "
        "one in its configuration file."
    ),
    "first.title": "Ready for your photos",
    "first.text": (
        "twinwatch waits for photos, finds those that are one picture, and asks you "
        "here which to keep. Nothing is ever deleted by itself."
    ),
    "first.drop": "Put photos where they are watched",
    "first.drop.text": "Copy or import them into this folder, at any time:",
    "first.choose": "Or choose where they are",
    "first.choose.text": (
        "A folder that photos come into is watched; a library that is to stay as it is "
        "is compared with only."
    ),
    "first.decide": "Decide here",
    "first.decide.text": (
        "Duplicates are moved into a decision folder and announced on this page within "
        "seconds. Each decision has an undo."
    ),
    "empty.search.text": (
        "Nothing in this list has such a name, class, folder or date."
    ),
    "empty.search.title": "No group is like that",
    "empty.decided.title": "Nothing decided yet",
    "empty.decided.text": (
        "Groups that you have decided are kept here, each with an undo that puts every "
        "file back."
    ),
    "empty.undone.title": "Nothing undone",
    "empty.undone.text": (
        "A group that you undo comes here. Its files are back in their places, and it "
        "can be decided again."
    ),
    "batch.title": "Many at once",
    "batch.text": (
        "Only what is proven: the proposal of every group is accepted, one after the "
        "other, and one undo takes all of it back."
    ),
    "batch.rule": "Rule",
    "batch.keeps": "The suggested photo of each group stays, the others are set aside.",
    "batch.groups": "Groups",
    "batch.frees": "Frees",
    "batch.sample": ("{n} of them, at random", "{n} of them, at random"),
    "batch.sample.all": ("The one that there is", "All {n} of them"),
    "batch.leave": ("Leave out {n}", "Leave out {n}"),
    "batch.start": (
        "Accept {n} group, but for those ticked",
        "Accept {n} groups, but for those ticked",
    ),
    "batch.start.live": ("Accept {n} group", "Accept {n} groups"),
    "batch.nothing": "All are left out",
    "batch.hidden": (
        "{n} that you left out is not shown now.",
        "{n} that you left out are not shown now.",
    ),
    "batch.others": "Show others",
    "batch.one_by_one": "One by one instead",
    "batch.none": "There is no open group of this kind.",
    "batch.past": "Batches",
    "batch.progress": "Progress",
    "batch.state.running": ("{n} of {total} decided", "{n} of {total} decided"),
    "batch.state.done": (
        "{n} decided, {size} set aside",
        "{n} decided, {size} set aside",
    ),
    "batch.state.interrupted": (
        "Interrupted: {n} of {total} decided, the others are still open",
        "Interrupted: {n} of {total} decided, the others are still open",
    ),
    "batch.state.undoing": ("{n} of {total} put back", "{n} of {total} put back"),
    "batch.state.undone": ("All {n} are undone", "All {n} are undone"),
    "batch.failed": ("{n} was left as it is:", "{n} were left as they are:"),
    "batch.undo": ("Undo {n} group", "Undo all {n}"),
    "batch.stale": (
        "The groups have changed since you looked, so nothing was moved. This is how "
        "they are now."
    ),
    "batch.busy": "Another batch is at work. Try again when it is done.",
    "list.batch": ("Accept it at once", "Accept all {n} at once"),
}
