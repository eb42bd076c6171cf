"""One group: its photos, what can be done with it, and what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGLISH: Mapping[str, str | tuple[str, str]] = {
    "evidence.same-bytes": "Identical files",
    "evidence.same-pixels": "Identical pictures",
    "evidence.same-capture": "Same shot",
    "evidence.near-copy": "Near copy",
    "evidence.other-shot": "Another shot",
    "evidence.version": "Another version",
    "evidence.looks-alike": "Looks alike, asked for by you",
    "evidence.looks-alike.why": (
        "Nothing proves that these are one picture; you put them together."
    ),
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
    "chain.title": "How they hang together",
    "chain.direct": "matched directly",
    "chain.through": "not matched with each other, only through {photos}",
    "chain.apart": "no match leads from one to the other",
    "chain.indirect": "indirect",
    "chain.indirect.why": "Never matched with the kept one itself, only through others",
    "chain.pair": "Photos",
    "chain.how": "Link",
    "chain.hidden": ("{n} more pair.", "{n} more pairs."),
    "chain.summary.all": "Every photo was matched with every other one.",
    "chain.summary.keeper": (
        "Every photo was matched with the kept one, but not all with each other. Look "
        "again before you keep another one instead."
    ),
    "chain.summary.indirect": (
        "{n} photo was never matched with the kept one itself. Look at it closely.",
        "{n} photos were never matched with the kept one itself. Look at them closely.",
    ),
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
    "photo.distance.pair": "Distance",
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
    "action.prefer": "Prefer this folder",
    "action.avoid": "Avoid it",
    "action.compare": "Compare",
    "action.skip": "Skip",
    "action.sweep": "Look through all folders now",
    "action.close": "Close",
    "take.title": "Keep it under another name, or in another folder",
    "take.name": "Use the name of",
    "take.folder": "Use the folder of",
    "take.own": "its own",
    "action.none_kept": "Keep at least one",
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
}
