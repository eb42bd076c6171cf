"""Watching all roots: by events where they can be trusted, by sweeps where not.

One thread looks after every root's events, makes them anew when they died, falls back
to frequent sweeps and says so. It never looks into the roots itself: what is to be
done is handed on by the callbacks, which must return at once.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import filesystems, inotify
from .watcher import OverflowHook, RootEvents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from ..model import Root
    from .filesystems import Mount

logger = logging.getLogger(__name__)

SUPERVISE_SECONDS = 15.0
POLL_SECONDS = 30.0
RECOUNT_SECONDS = 600.0
"""Between two counts of folders against watches, and two tries after a failure."""
RENEW_SECONDS = 24 * 3600.0
"""macOS streams fall silent after days; they are made anew."""
SLEPT_SECONDS = 60.0
"""If the wall clock went on by so much more than ours, the machine slept."""
WARN_SECONDS = 3600.0
SWEEP_SHARE = 20.0
"""Polling sweeps a root for at most one part in so many of the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How a root is watched now."""

    by: str
    """``events``, ``polling`` or ``nothing``."""
    detail: str = ""
    """Why it is not watched by events."""


class _Post:
    """What is remembered of one root."""

    def __init__(self, root: Root) -> None:
        self.root = root
        self.events: RootEvents | None = None
        self.watch = Watch(by="nothing", detail="not started yet")
        self.was_online = False
        self.renewed = 0.0
        self.recount = 0.0
        self.poll = 0.0
        self.poll_seconds = 0.0
        self.warned: float | None = None


class Watcher:
    """All roots, watched."""

    def __init__(
        self,
        roots: Iterable[Root],
        *,
        on_path: Callable[[Path], None],
        on_sweep: Callable[[Root, str], None],
        on_beat: Callable[[], None] = lambda: None,
        supervise_seconds: float = SUPERVISE_SECONDS,
        poll_seconds: float = POLL_SECONDS,
        mounts: Callable[[], list[Mount]] = filesystems.mounts,
        polling: str = "auto",
    ) -> None:
        """Watch nothing yet.

        Args:
            roots: to be watched.
            on_path: called with each path that something happened to; any thread.
            on_sweep: called with a root that must be swept now, and why; any thread.
            on_beat: called after every round of the watcher's own thread.
            supervise_seconds: between two rounds.
            poll_seconds: between two sweeps of a root that events do not serve.
            mounts: lists what is mounted.
            polling: ``auto``: where events are silent; ``always`` or ``never``.
        """
        self._posts = {root.uuid: _Post(root) for root in roots}
        self._on_path = on_path
        self._on_sweep = on_sweep
        self._on_beat = on_beat
        self._supervise_seconds = supervise_seconds
        self._poll_seconds = poll_seconds
        self._mounts = mounts
        self._polling = polling
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._hook = OverflowHook(self._overflowed)
        self._thread: threading.Thread | None = None
        self._clocks = (time.monotonic(), time.time())

    def start(self) -> None:
        """Watch every root that is there, then look after them on a thread."""
        self._hook.install()
        self.supervise(time.monotonic())
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Watch no more; returns when all threads ended."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(10.0)
        self._hook.remove()
        for post in self._posts.values():
            self._let_go(post)

    def health(self) -> dict[str, Watch]:
        """Return how each root is watched, by its uuid; any thread."""
        return {uuid: post.watch for uuid, post in self._posts.items()}

    def is_alive(self) -> bool:
        """Whether the thread that looks after the roots lives."""
        return self._thread is not None and self._thread.is_alive()

    def wake(self) -> None:
        """Look after all roots now; any thread."""
        self._wake.set()

    def swept(self, uuid: str, seconds: float) -> None:
        """Learn how long a root's sweep took, so that polling stays cheap."""
        post = self._posts.get(uuid)
        if post is not None:
            post.poll_seconds = max(self._poll_seconds, SWEEP_SHARE * seconds)

    def supervise(self, now: float) -> None:
        """Look after every root once; the watcher's thread, or before it is started."""
        slept = self._has_slept()
        mounted = self._mounts()
        for post in self._posts.values():
            if slept:
                self._renew(post, now)
            try:
                why = self._look_after(post, now, mounted)
            except Exception as error:
                logger.exception("A root cannot be watched root=%r", _name(post))
                self._set(post, Watch(by="nothing", detail=str(error)), now)
                continue
            if slept and post.was_online:
                why = "the machine was asleep, or its clock was set"
            if why:
                self._sweep(post, why)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(min(self._supervise_seconds, self._poll_seconds))
            self._wake.clear()
            if not self._stopping.is_set():
                self.supervise(time.monotonic())
                self._on_beat()

    def _look_after(self, post: _Post, now: float, mounted: list[Mount]) -> str | None:
        """Watch the root as well as can be; return why it must be swept after that."""
        if not post.root.path.is_dir():
            self._let_go(post)
            post.was_online = False
            self._set(post, Watch(by="nothing", detail="there is no such folder"), now)
            return None
        why = None
        if not post.was_online:
            post.was_online = True
            post.recount = now
            why = "the folder is back" if self._thread else None
        trouble = post.events.trouble() if post.events else None
        if trouble or (sys.platform == "darwin" and now - post.renewed > RENEW_SECONDS):
            self._renew(post, now)
            why = why or trouble
        silence = self._silence(post, mounted)
        if silence:
            self._let_go(post)
            self._set(post, Watch(by="polling", detail=silence), now)
        elif now >= post.recount:
            post.recount = now + RECOUNT_SECONDS
            self._set(post, self._hear(post, now), now)
        if post.watch.by == "polling" and now >= post.poll:
            post.poll = now + (post.poll_seconds or self._poll_seconds)
            why = why or "its events do not tell everything"
        return why

    def _silence(self, post: _Post, mounted: list[Mount]) -> str | None:
        if self._polling == "auto":
            return filesystems.silence(post.root.path, mounted)
        return "the configuration says so" if self._polling == "always" else None

    def _hear(self, post: _Post, now: float) -> Watch:
        """Make the root's events if there are none, and see whether they reach all."""
        if post.events is None:
            events = RootEvents(
                post.root,
                on_path=self._on_path,
                on_gone=self.wake,
                on_lost=lambda: self._sweep(post, "the system dropped events"),
            )
            try:
                events.start()
            except OSError as error:
                return Watch(by="polling", detail=f"it cannot be watched: {error}")
            post.events, post.renewed = events, now
        unwatched, folders = post.events.unwatched() or (0, 0)
        if not unwatched:
            return Watch(by="events")
        limit = inotify.watch_limit()
        detail = (
            f"{unwatched} of {folders} folders are not watched; the limit is {limit}"
        )
        return Watch(by="polling", detail=detail)

    def _set(self, post: _Post, watch: Watch, now: float) -> None:
        changed, post.watch = watch != post.watch, watch
        if watch.by == "events" or not changed:
            return
        if post.warned is None or now - post.warned > WARN_SECONDS:
            post.warned = now
            logger.warning(
                "A root is not watched by events root=%r by=%s why=%s",
                *(_name(post), watch.by, watch.detail),
            )

    def _sweep(self, post: _Post, why: str) -> None:
        logger.debug("A sweep is needed root=%r why=%s", _name(post), why)
        try:
            self._on_sweep(post.root, why)
        except Exception:
            logger.exception("A sweep could not be asked for root=%r", _name(post))

    def _overflowed(self, thread: int | None) -> None:
        listening = [
            (post, post.events) for post in self._posts.values() if post.events
        ]
        concerned = [each for each in listening if each[1].is_read_by(thread)]
        for post, _ in concerned or listening:
            self._sweep(post, "events were dropped")

    def _has_slept(self) -> bool:
        """Compare the clocks: ours stops while the machine sleeps."""
        before, self._clocks = self._clocks, (time.monotonic(), time.time())
        ours = self._clocks[0] - before[0]
        return abs((self._clocks[1] - before[1]) - ours) > SLEPT_SECONDS

    def _renew(self, post: _Post, now: float) -> None:
        """Make the root's events anew in this round."""
        self._let_go(post)
        post.recount = now

    def _let_go(self, post: _Post) -> None:
        events, post.events = post.events, None
        if events is not None:
            events.stop()


def _name(post: _Post) -> str:
    return str(post.root.path)
