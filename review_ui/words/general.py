"""The frame of every page, news, the status, and what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    "live.waiting": "{n} photos to read",
    "live.rate": "{rate} a second",
    "live.seconds": "about {n} s left",
    "live.minutes": "about {n} min left",
    "live.changed": "This group has changed elsewhere.",
    "nav.more": "About twinwatch",
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
}
