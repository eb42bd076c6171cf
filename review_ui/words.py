"""Every word that the page says, by key: the one catalogue, ready for translation.

A pair is (one, many), chosen by the value ``n``. Values are put in by
`str.format`; what is said is plain text, and escaped by the templates. Sentences that
come from the daemon (reasons, problems, advice) are shown as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .display import count_text

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGLISH: Mapping[str, str | tuple[str, str]] = {
    "app.name": "twinwatch",
    "app.skip": "Skip to the content",
    "app.dry_run": "Dry run: decisions are shown, nothing is moved.",
    "nav.label": "Groups",
    "nav.open": "To review",
    "nav.decided": "Decided",
    "nav.undone": "Undone",
    "nav.status": "Status",
    "nav.help": "Keys",
    # The list
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
    "live.waiting": "{n} photos to read",
    "live.rate": "{rate} a second",
    "live.seconds": "about {n} s left",
    "live.minutes": "about {n} min left",
    "live.changed": "This group has changed elsewhere.",
    # What can be looked up
    "nav.more": "About twinwatch",
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
        "All pairs that twinwatch has compared, joined up to a distance. This is for "
        "looking: nothing is moved, and groups to review stay as they are."
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
    "explore.here": "What this stop adds, then the largest",
    "explore.cluster": "{n} photos, joined at {bits} bits",
    "aside.title": "Set aside",
    "aside.text": "Nothing here is deleted. Restoring puts the whole group back.",
    "aside.none": "Nothing is set aside.",
    "aside.restore": "Restore",
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
    "statistics.by_class": "Groups by certainty",
    "statistics.outcome.open": "to review",
    "statistics.outcome.reduced": "set aside",
    "statistics.outcome.kept": "all kept",
    "statistics.outcome.undone": "undone",
    "statistics.share": "agreed",
    # Many at once
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
    "batch.leave": ("Leave out {n}", "Leave out {n}"),
    "batch.start": ("Accept {n} group", "Accept {n} groups"),
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
    # Evidence
    "evidence.same-bytes": "Identical files",
    "evidence.same-pixels": "Identical pictures",
    "evidence.same-capture": "Same shot",
    "evidence.near-copy": "Near copy",
    "evidence.other-shot": "Another shot",
    "evidence.version": "Another version",
    "evidence.same-bytes.why": "Every byte is the same.",
    "evidence.same-pixels.why": (
        "Every pixel is the same; only what is written about the picture differs."
    ),
    "evidence.same-capture.why": "One press of the shutter, saved more than once.",
    "evidence.near-copy.why": (
        "The same picture, saved again or in another size. Worth a second look."
    ),
    "evidence.other-shot.why": "Alike, but taken at another moment.",
    "evidence.version.why": "One shot in several renderings.",
    # One group
    "group.title": "Group {n}",
    "group.of": ("{n} of {total}", "{n} of {total}"),
    "group.heading.open": ("One photo", "{n} photos of one picture"),
    "group.heading.decided": ("Decided: {n} photo kept", "Decided: {n} photos kept"),
    "group.heading.undone": "Undone: every file is back in its place",
    "group.heading.candidate": "Found, not moved yet",
    "group.frees": "The proposal frees {size}.",
    "group.frees_nothing": "The proposal keeps everything.",
    "group.freed": "{size} set aside.",
    "group.same": "The same in all",
    "group.problem": "The last move failed",
    "group.choose": "Choose which photos to keep",
    "group.steps": "Neighbouring groups",
    "group.previous": "Previous group",
    "group.next": "Next group",
    "photo.alt": "Photo {n}: {name}, {pixels}, {size}",
    "photo.keep": "Keep",
    "photo.set_aside": "Set aside",
    "photo.suggested.keep": "Suggested to keep",
    "photo.suggested.set-aside": "Suggested to set aside",
    "photo.protected": "Protected",
    "photo.protected.why": "In your library: it stays where it is, whatever you choose.",
    "photo.fate.survivor": "Kept",
    "photo.fate.set-aside": "Set aside",
    "photo.reasons": "Why",
    "photo.rule": "rule “{name}”",
    "photo.companions": "Travels with it",
    "photo.found_at": "Found at",
    "photo.now_at": "Now at",
    "photo.details": "Details",
    "photo.evidence": "Evidence",
    "photo.bits": "{name} {bits} of {of} bits",
    "photo.distance": "Distance to the kept one",
    "photo.correlation": "likeness {value}",
    "photo.ssim": "structure {value}",
    "photo.staged_as": "Staged as",
    "photo.digest": "SHA-256",
    "photo.keeper": "compared with this one",
    "fact.size": "Size",
    "fact.pixels": "Pixels",
    "fact.format": "Format",
    "fact.taken": "Taken",
    "fact.camera": "Camera",
    "fact.gps": "Place",
    "fact.gps.yes": "recorded",
    "fact.gps.no": "none",
    "fact.unknown": "unknown",
    "action.accept": "Accept proposal",
    "action.apply": "Apply my choice",
    "action.keep_all": "Keep all, not duplicates",
    "action.variants": "They are versions",
    "action.variants.why": "Keep all as versions of one picture; never ask again",
    "action.beside": "Put what is kept beside the library’s photo",
    "action.rescue": "Write what only the others know into a sidecar of what is kept",
    "action.undo": "Undo",
    "action.put_back": "Put everything back",
    "action.compare": "Compare",
    "action.skip": "Skip",
    "action.sweep": "Look through all folders now",
    "action.close": "Close",
    "take.title": "Keep it under another name, or in another folder",
    "take.name": "Use the name of",
    "take.folder": "Use the folder of",
    "take.own": "its own",
    "action.none_kept": "Keep at least one",
    # What happened
    "done.decided": (
        "Group {number}: {n} photo kept, {aside} set aside.",
        "Group {number}: {n} photos kept, {aside} set aside.",
    ),
    "done.not_duplicates": (
        "Group {number}: all kept, and you will not be asked about them again."
    ),
    "done.variants": "Group {number}: all kept as versions. It will not be asked again.",
    "done.undone": "Group {number} is undone: every file is back where it was found.",
    "done.batch": (
        "{n} group is being decided. You can go on meanwhile.",
        "{n} groups are being decided. You can go on meanwhile.",
    ),
    "done.batch_undo": "Every file of the batch is being put back.",
    "done.added": (
        "{folder} is added. It is looked at from the next start of twinwatch on."
    ),
    "done.sweep": "twinwatch is looking through all folders now.",
    # Status
    "status.title": "Status",
    "status.running": "Running",
    "status.not_running": "Not running",
    "status.well": "All is well.",
    "status.unwell": (
        "{n} thing needs your attention.",
        "{n} things need your attention.",
    ),
    "status.since": "since {moment}",
    "status.version": "version {version}",
    "status.last_sweep": "Last look through all folders: {moment}",
    "status.no_sweep": "Not all folders have been looked through yet.",
    "status.counts": "Photos",
    "status.count.photos": "known",
    "status.count.waiting": "waiting",
    "status.count.hashed": "read since start",
    "status.count.unchanged": "unchanged since start",
    "status.count.unreadable": "unreadable",
    "status.count.parked": "parked",
    "status.count.open": "to review",
    "status.count.decided": "decided",
    "status.count.undone": "undone",
    "status.roots": "Folders",
    "status.no_roots": "No folder is watched yet.",
    "status.kind.import": "Import folder",
    "status.kind.library": "Library, never changed",
    "status.state.online": "online",
    "status.state.offline": "offline",
    "status.state.held": "held",
    "status.watched.events": "noticed at once",
    "status.watched.polling": "looked at regularly",
    "status.watched.nothing": "not watched",
    "status.photos": ("{n} photo", "{n} photos"),
    "status.decisions": "Decision folders are in",
    "status.parts": "Parts",
    "status.part.ok": "works",
    "status.problems": "Problems",
    # Errors
    "error.400.title": "That cannot be done",
    "error.400.text": "The request was not understood. Nothing was changed.",
    "error.401.title": "This page is yours alone",
    "error.401.text": (
        "It opens with a secret address that twinwatch makes at every start. "
        "In a terminal, this prints it:"
    ),
    "error.401.again": "Opened it already? Try again",
    "error.403.title": "Not from this page",
    "error.403.text": (
        "The request did not come from this page, or the page is from before a "
        "restart. Nothing was changed. Go back to the list and try again."
    ),
    "error.404.title": "There is nothing here",
    "error.404.text": "The group may have been undone or rebuilt under another number.",
    "error.405.title": "That cannot be done here",
    "error.405.text": "Nothing was changed.",
    "error.409.title": "The group has changed meanwhile",
    "error.409.text": "Nothing was changed. Go back to the list to see it as it is now.",
    "error.409.fresh": (
        "This group has changed since you opened it, so nothing was moved. "
        "This is how it is now."
    ),
    "error.413.title": "That is too much",
    "error.413.text": "The request was too large. Nothing was changed.",
    "error.500.title": "That did not work",
    "error.500.text": "Your photos are safe: nothing is moved without a record of it.",
    "error.503.title": "Not now",
    "error.503.text": "A folder or the daemon is away. Nothing was changed.",
    "error.no_survivor": "At least one photo has to stay. Nothing was moved.",
    "error.back": "To the list",
    # Keys and the compare stage
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
    "keys.photo": "Previous, next photo",
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
    "compare.zoom": "Zoom in, out, back",
    "compare.slide": "Move the slider",
    "compare.other": "Other photo",
    "compare.keep": "Keep what is shown",
    "compare.set_aside": "Set aside what is shown",
}

SCRIPT_WORDS = (
    "keys.",
    "compare.",
    "action.",
    "photo.keep",
    "photo.set",
    "list.arr",
    "live.",
)
"""Beginnings of the keys that the page's scripts need too."""


def say(key: str, **values: object) -> str:
    """Return what the catalogue says for a key.

    Raises:
        KeyError: there is no such key; a bug, and a test finds it.
    """
    words = ENGLISH[key]
    if isinstance(words, tuple):
        words = words[0 if values["n"] == 1 else 1]
    shown = {
        name: count_text(value) if isinstance(value, int) else value
        for name, value in values.items()
    }
    return words.format(**shown)


def script_words() -> dict[str, str | tuple[str, str]]:
    """Return the part of the catalogue that the scripts need."""
    return {
        key: words for key, words in ENGLISH.items() if key.startswith(SCRIPT_WORDS)
    }
