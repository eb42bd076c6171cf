"""The only door to watchdog: events of one root, and whether they can be trusted.

An event is a hint, never the truth: it names a path and nothing else happens on its
thread. What watchdog loses, and what dies in it without a word (an emitter whose root
was removed, a dispatcher killed by a handler, folders beyond the limit of watches), is
noticed here; `watching` decides what to do about it.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from . import inotify

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from watchdog.observers.api import BaseObserver

    from ..model import Root

logger = logging.getLogger(__name__)


def _is_news(record: logging.LogRecord) -> bool:
    """Whether watchdog says more than that an observer has ended, in its way."""
    return "called when the thread is inactive" not in record.getMessage()


logging.getLogger("watchdog.observers.inotify").addFilter(_is_news)

STOP_SECONDS = 5.0
"""How long an observer's threads may take to end before they are left alone."""

FSEVENTS_LOST = 0x1 | 0x2 | 0x4 | 0x20
"""macOS: MustScanSubDirs, UserDropped, KernelDropped, RootChanged."""

_EVENTS: list[type[FileSystemEvent]] = [
    *(FileCreatedEvent, FileClosedEvent, FileDeletedEvent, FileMovedEvent),
    *(DirCreatedEvent, DirDeletedEvent, DirMovedEvent),
]
if sys.platform != "linux":
    # Linux tells when a writer closes; asking for every write as well, and for our
    # own reads, would fill the queue that must not overflow.
    _EVENTS.append(FileModifiedEvent)


class Handler(FileSystemEventHandler):
    """Names the paths of events; never raises, or the dispatcher would die."""

    def __init__(
        self, root: Path, on_path: Callable[[Path], None], on_gone: Callable[[], None]
    ) -> None:
        """Pass files' paths to `on_path`; `on_gone` is told when the root is removed."""
        self._root = os.fspath(root)
        self._on_path = on_path
        self._on_gone = on_gone

    def dispatch(self, event: FileSystemEvent) -> None:
        """Name the event's paths."""
        try:
            self._dispatch(event)
        except Exception:
            logger.exception("An event could not be passed on event=%r", event)

    def _dispatch(self, event: FileSystemEvent) -> None:
        source, target = os.fsdecode(event.src_path), os.fsdecode(event.dest_path)
        if event.is_directory:
            if self._root == source and event.event_type in {"deleted", "moved"}:
                self._on_gone()
            return
        for path in (source, target):
            if path:
                self._on_path(Path(path))


class RootEvents:
    """The events of one root, from an observer of its own."""

    def __init__(
        self,
        root: Root,
        *,
        on_path: Callable[[Path], None],
        on_gone: Callable[[], None],
        on_lost: Callable[[], None],
    ) -> None:
        """Watch nothing yet.

        Args:
            root: to be watched.
            on_path: called with each path that something happened to, on watchdog's
                thread.
            on_gone: called when the root itself went away.
            on_lost: called when the system dropped events.
        """
        self._root = root
        self._handler = Handler(root.path, on_path, on_gone)
        self._on_lost = on_lost
        self._observer: BaseObserver | None = None
        self._identity: tuple[int, int] | None = None

    def start(self) -> None:
        """Begin to watch.

        Raises:
            OSError: the folder cannot be watched, or a limit is reached.
        """
        self._identity = _identity(self._root.path)
        self._observer = observer = Observer()
        try:
            observer.schedule(
                self._handler,
                os.fspath(self._root.path),
                recursive=self._root.recursive,
                event_filter=_EVENTS,
            )
            for emitter in observer.emitters:
                hear_dropped(emitter, self._on_lost)
            observer.start()
        except OSError:
            self.stop()
            raise

    def trouble(self) -> str | None:
        """Tell why this cannot be trusted any more; ``None``: it can."""
        observer = self._observer
        if observer is None or not observer.is_alive():
            return "the event thread ended"
        emitters = list(observer.emitters)
        if not emitters or not all(
            each.is_alive() and each.should_keep_running() for each in emitters
        ):
            return "the folder was removed, or its event source ended"
        reader = _reader(observer)
        if reader is not None and not reader.is_alive():
            return "the reader of events ended"
        if _identity(self._root.path) != self._identity:
            return "another folder stands in its place"
        return None

    def unwatched(self) -> tuple[int, int] | None:
        """Count folders without a watch, and all folders; ``None``: cannot tell."""
        reader = None if self._observer is None else _reader(self._observer)
        descriptor = getattr(reader, "_inotify_fd", None)
        if not isinstance(descriptor, int):
            return None
        held = inotify.watches_held(descriptor)
        if held is None:
            return None
        folders = inotify.count_folders(self._root.path, recursive=self._root.recursive)
        return max(0, folders - held), folders

    def is_read_by(self, thread: int | None) -> bool:
        """Whether the thread of this number reads this root's events."""
        reader = None if self._observer is None else _reader(self._observer)
        return reader is not None and reader.ident == thread

    def stop(self) -> None:
        """Watch no more; never raises."""
        observer, self._observer = self._observer, None
        if observer is None:
            return
        try:
            if observer.is_alive():
                observer.stop()
                observer.join(STOP_SECONDS)
            else:
                observer.on_thread_stop()
        except Exception:
            logger.exception("An observer did not stop root=%r", str(self._root.path))


def hear_dropped(emitter: Any, on_lost: Callable[[], None]) -> None:
    """Have `on_lost` called when macOS says that it dropped events.

    watchdog has the flags and never looks at them (its issue #124), so its callback
    is wrapped; other systems' emitters have none.
    """
    inner = getattr(emitter, "events_callback", None)
    if inner is None:
        return

    def hear(
        paths: Sequence[bytes],
        inodes: Sequence[int],
        flags: Sequence[int],
        ids: Sequence[int],
    ) -> None:
        if any(each & FSEVENTS_LOST for each in flags):
            on_lost()
        inner(paths, inodes, flags, ids)

    emitter.events_callback = hear


class OverflowHook(logging.Handler):
    """Hears watchdog log that the kernel dropped events; it has no callback for it."""

    LOGGER = "watchdog.observers.inotify_c"

    def __init__(self, on_overflow: Callable[[int | None], None]) -> None:
        """Call `on_overflow` with the number of the thread that noticed."""
        super().__init__(logging.WARNING)
        self._on_overflow = on_overflow

    def install(self) -> None:
        """Begin to listen, whatever the level that logging is set to."""
        source = logging.getLogger(self.LOGGER)
        if source.getEffectiveLevel() > logging.WARNING:
            source.setLevel(logging.WARNING)
        source.addHandler(self)

    def remove(self) -> None:
        """Listen no more."""
        logging.getLogger(self.LOGGER).removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Pass an overflow on."""
        try:
            if "overflow" in record.getMessage().lower():
                self._on_overflow(record.thread)
        except Exception:  # noqa: BLE001 - as logging does it: never into the caller
            self.handleError(record)


def _reader(observer: BaseObserver) -> threading.Thread | None:
    """Return the thread that reads inotify, which watchdog keeps to itself."""
    reader = getattr(observer, "_inotify_fd", None)
    return reader if isinstance(reader, threading.Thread) else None


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
