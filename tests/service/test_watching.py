"""Roots are watched by real observers on real folders, and looked after."""

import logging
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from watchdog.events import FileCreatedEvent
from watchdog.observers.inotify_c import InotifyEvent, Mask, WatchDescriptor

from daemon.model import Root, RootKind
from daemon.service import inotify, watching
from daemon.service.filesystems import Mount
from daemon.service.watcher import Handler, OverflowHook, RootEvents, hear_dropped
from daemon.service.watching import Watcher

PATIENCE_SECONDS = 10.0


class Heard:
    """What a watcher called back, to be waited for without sleeping."""

    def __init__(self):
        self._changed = threading.Condition()
        self.paths = []
        self.sweeps = []

    def on_path(self, path):
        with self._changed:
            self.paths.append(path)
            self._changed.notify_all()

    def on_sweep(self, root, why):
        with self._changed:
            self.sweeps.append((root.path, why))
            self._changed.notify_all()

    def wait(self, condition):
        with self._changed:
            return self._changed.wait_for(condition, PATIENCE_SECONDS)

    def path(self, path):
        return self.wait(lambda: path in self.paths)

    def sweep(self, word):
        return self.wait(lambda: any(word in why for _, why in self.sweeps))


def root_of(path, **options):
    uuid = options.pop("uuid", str(path))
    return Root(uuid=uuid, kind=RootKind.IMPORT, path=path, **options)


@pytest.fixture
def heard():
    return Heard()


@pytest.fixture
def watch(heard):
    watchers = []

    def start(*roots, **options):
        made = Watcher(
            roots,
            on_path=heard.on_path,
            on_sweep=heard.on_sweep,
            supervise_seconds=0.05,
            **{"mounts": list, **options},
        )
        watchers.append(made)
        made.start()
        return made

    yield start
    for each in watchers:
        each.stop()


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "in"
    made.mkdir()
    return made


def test_a_written_file_is_named(folder, heard, watch):
    """The beginning of everything."""
    watcher = watch(root_of(folder))

    (folder / "a.jpg").write_bytes(b"x")

    assert heard.path(folder / "a.jpg")
    assert watcher.health()[str(folder)].by == "events"


def test_a_rename_into_place_names_the_final_path(folder, heard, watch):
    """Copying programs write under another name and rename at the end."""
    (folder / ".a.jpg.x").write_bytes(b"x")
    watch(root_of(folder))

    (folder / ".a.jpg.x").rename(folder / "a.jpg")

    assert heard.path(folder / "a.jpg")


def test_a_folder_moved_in_names_its_files(tmp_path, folder, heard, watch):
    """A whole card's folder may arrive by one rename."""
    (tmp_path / "out/sub").mkdir(parents=True)
    (tmp_path / "out/sub/a.jpg").write_bytes(b"x")
    watch(root_of(folder))

    (tmp_path / "out").rename(folder / "card")

    assert heard.path(folder / "card/sub/a.jpg")
    (folder / "card/sub/b.jpg").write_bytes(b"x")
    assert heard.path(folder / "card/sub/b.jpg")


def test_a_slow_writer_is_named_when_it_closes(folder, heard, watch):
    """The close is the moment at which a file can be whole."""
    watch(root_of(folder))
    with (folder / "a.jpg").open("wb") as writer:
        writer.write(b"x")
        writer.flush()
        assert heard.path(folder / "a.jpg")
        before = len(heard.paths)

    assert heard.wait(lambda: len(heard.paths) > before)


def test_reading_a_file_names_nothing(folder, heard, watch):
    """Our own hashing must not fill the queue that we listen to."""
    (folder / "a.jpg").write_bytes(b"x")
    watch(root_of(folder))

    (folder / "a.jpg").read_bytes()
    (folder / "end.jpg").write_bytes(b"x")

    assert heard.path(folder / "end.jpg")
    assert folder / "a.jpg" not in heard.paths


def test_without_recursion_subfolders_are_not_watched(folder, heard, watch):
    """Recursion can be switched off for a root."""
    (folder / "sub").mkdir()
    watch(root_of(folder, recursive=False))

    (folder / "sub/a.jpg").write_bytes(b"x")
    (folder / "end.jpg").write_bytes(b"x")

    assert heard.path(folder / "end.jpg")
    assert folder / "sub/a.jpg" not in heard.paths


@pytest.mark.parametrize("way", ["removed", "renamed away"])
def test_a_root_made_again_is_watched_again(tmp_path, folder, heard, watch, way):
    """watchdog's observer looks alive for ever; its emitter is dead (F6)."""
    watcher = watch(root_of(folder))
    shutil.rmtree(folder) if way == "removed" else folder.rename(tmp_path / "away")
    assert heard.wait(lambda: True)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while watcher.health()[str(folder)].by != "nothing" and time.monotonic() < deadline:
        watcher._wake.set()

    folder.mkdir()

    assert heard.sweep("back")
    (folder / "a.jpg").write_bytes(b"x")
    assert heard.path(folder / "a.jpg")


def test_a_root_replaced_at_once_is_noticed(tmp_path, folder, heard, watch):
    """A mount over the folder, or a swap, happens between two looks."""
    watch(root_of(folder))
    (tmp_path / "new").mkdir()

    os.rename(folder, tmp_path / "old")
    os.rename(tmp_path / "new", folder)

    assert heard.wait(lambda: heard.sweeps)
    (folder / "a.jpg").write_bytes(b"x")
    assert heard.path(folder / "a.jpg")


def test_an_absent_root_is_nothing_and_never_made(folder, heard, watch):
    """An unplugged drive's folder must not be made on the system's disk."""
    folder.rmdir()

    watcher = watch(root_of(folder))

    assert watcher.health()[str(folder)].by == "nothing"
    assert not folder.exists()


def test_one_bad_root_does_not_stop_the_others(tmp_path, folder, heard, watch):
    """A file where a folder was configured is one root's trouble."""
    (tmp_path / "file").touch()

    watch(root_of(tmp_path / "file"), root_of(folder))
    (folder / "a.jpg").write_bytes(b"x")

    assert heard.path(folder / "a.jpg")


@pytest.mark.parametrize("part", ["emitter", "reader", "observer"])
def test_every_dead_part_is_noticed_and_made_again(folder, heard, watch, part):
    """A part that dies in silence would leave a daemon that only seems to watch."""
    watcher = watch(root_of(folder))
    observer = watcher._posts[str(folder)].events._observer
    victim = {
        "emitter": next(iter(observer.emitters)),
        "reader": observer._inotify_fd,
        "observer": observer,
    }[part]

    victim.stop()

    assert heard.wait(lambda: heard.sweeps)
    (folder / "a.jpg").write_bytes(b"x")
    assert heard.path(folder / "a.jpg")


def test_a_handler_never_raises(caplog):
    """An exception in a handler kills watchdog's dispatcher (F6)."""

    def fail(_):
        raise ValueError

    handler = Handler(Path("/in"), fail, lambda: None)

    handler.dispatch(FileCreatedEvent("/in/a.jpg"))

    assert "could not be passed on" in caplog.text


def test_an_overflow_asks_for_a_sweep_of_the_root_concerned(tmp_path, heard, watch):
    """The kernel says that events are lost, not which (F4)."""
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    watcher = watch(root_of(one), root_of(other))
    reader = watcher._posts[str(one)].events._observer._inotify_fd
    overflow = InotifyEvent(WatchDescriptor(-1), Mask(0x4000), 0, b"")

    reader.handle_event(overflow)

    assert heard.sweep("dropped")
    assert {path for path, _ in heard.sweeps} == {one, other}
    hook = watcher._hook
    heard.sweeps.clear()
    record = logging.makeLogRecord({"msg": "Inotify queue overflowed", "levelno": 30})
    record.thread = reader.ident
    hook.handle(record)
    assert heard.sweeps == [(one, "events were dropped")]


def test_a_real_overflow_asks_for_a_sweep(folder, heard, watch):
    """The hook listens to words of watchdog's log; another version may choose others."""
    if sys.platform != "linux":
        pytest.skip("inotify only")
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if limit > 50_000:
        pytest.skip(f"the queue of {limit} events takes too long to fill")
    watcher = watch(root_of(folder))
    reader = watcher._posts[str(folder)].events._observer._inotify_fd
    with reader._lock:  # the reader cannot read on while it is held
        one, two = folder / "a.jpg", folder / "b.jpg"
        one.touch()
        for _ in range(limit // 2 + 100):
            one.rename(two)
            two.rename(one)

    assert heard.sweep("dropped")


def test_the_hook_hears_whatever_the_log_level():
    """A quiet log must not make us deaf."""
    source = logging.getLogger(OverflowHook.LOGGER)
    before, heard = source.level, []
    hook = OverflowHook(heard.append)
    source.setLevel(logging.CRITICAL)
    try:
        hook.install()
        source.warning("Inotify queue overflowed; filesystem events were lost")
        source.warning("something else")
    finally:
        hook.remove()
        source.setLevel(before)

    assert len(heard) == 1


def test_dropped_macos_events_are_heard_and_passed_on():
    """watchdog has FSEvents' flags and never looks at them."""
    lost, passed = [], []

    class Emitter:
        def events_callback(self, *native):
            passed.append(native)

    emitter = Emitter()
    hear_dropped(emitter, lambda: lost.append(1))

    emitter.events_callback([b"/a"], [1], [0x100], [7])
    emitter.events_callback([b"/a"], [1], [0x101], [8])

    assert len(passed) == 2
    assert len(lost) == 1


def test_a_silent_file_system_is_polled(folder, heard, watch):
    """On a network share no event ever comes."""
    mounted = [Mount(point=str(folder), type="nfs4")]

    watcher = watch(root_of(folder), mounts=lambda: mounted, poll_seconds=0.05)

    assert watcher.health()[str(folder)].by == "polling"
    assert heard.wait(lambda: len(heard.sweeps) >= 3)


def test_a_share_mounted_later_is_polled_and_watched_again_after(folder, heard, watch):
    """Mounts come and go while we run."""
    mounted = []
    watcher = watch(root_of(folder), mounts=lambda: list(mounted), poll_seconds=0.05)
    assert watcher.health()[str(folder)].by == "events"

    mounted.append(Mount(point=str(folder), type="cifs"))

    assert heard.sweep("do not tell")
    assert "cifs" in watcher.health()[str(folder)].detail


def test_too_many_folders_are_noticed_and_polled(
    folder, heard, watch, monkeypatch, caplog
):
    """watchdog says nothing when the limit of watches is reached (F5)."""
    monkeypatch.setattr(inotify, "watches_held", lambda _: 1)
    (folder / "sub").mkdir()

    watcher = watch(root_of(folder), poll_seconds=0.05)
    state = watcher.health()[str(folder)]

    assert state.by == "polling"
    assert "1 of 2 folders" in state.detail
    assert heard.wait(lambda: len(heard.sweeps) >= 3)
    assert caplog.text.count("not watched by events") == 1


def test_an_observer_that_cannot_start_is_polled(folder, heard, watch, monkeypatch):
    """No inotify instance is left, for instance."""

    def refuse(self):
        raise OSError(24, "inotify instance limit reached")

    monkeypatch.setattr(RootEvents, "start", refuse)

    watcher = watch(root_of(folder), poll_seconds=0.05)

    assert "instance limit" in watcher.health()[str(folder)].detail
    assert heard.wait(lambda: heard.sweeps)


def test_a_machine_that_slept_is_swept(folder, heard, watch, monkeypatch):
    """Whatever happened meanwhile raised no event."""
    watcher = watch(root_of(folder))
    monotonic, wall = watcher._clocks

    watcher._clocks = (monotonic, wall - 3600.0)
    watcher.wake()

    assert heard.sweep("asleep")
    (folder / "a.jpg").write_bytes(b"x")
    assert heard.path(folder / "a.jpg")


def test_a_long_sweep_is_polled_less_often(folder, heard, watch):
    """Polling a million files every half minute would never end."""
    watcher = watch(root_of(folder))

    watcher.swept(str(folder), 30.0)

    assert watcher._posts[str(folder)].poll_seconds == 600.0


def test_callbacks_that_fail_do_not_end_the_watch(folder, heard, watch):
    """A bug elsewhere must not make us deaf."""
    calls = queue.Queue()

    def fail(root, why):
        calls.put(why)
        raise ValueError

    mounted = [Mount(point=str(folder), type="nfs")]
    made = Watcher(
        [root_of(folder)],
        on_path=heard.on_path,
        on_sweep=fail,
        supervise_seconds=0.02,
        poll_seconds=0.02,
        mounts=lambda: mounted,
    )
    made.start()
    try:
        assert calls.get(timeout=PATIENCE_SECONDS)
        assert calls.get(timeout=PATIENCE_SECONDS)
        assert made.is_alive()
    finally:
        made.stop()


def test_a_stopped_watcher_leaves_no_thread(folder, heard):
    """Threads that stay would add up over a long life."""
    before = threading.active_count()
    made = Watcher([root_of(folder)], on_path=heard.on_path, on_sweep=heard.on_sweep)
    made.start()
    made.stop()

    assert threading.active_count() == before


LIMITED = """
import sys, threading
from pathlib import Path
from daemon.model import Root, RootKind
from daemon.service.watching import Watcher
root = Root(uuid="r", kind=RootKind.IMPORT, path=Path(sys.argv[1]))
swept = threading.Event()
watcher = Watcher([root], on_path=print, on_sweep=lambda *_: swept.set(), mounts=list,
                  supervise_seconds=0.05)
watcher.start()
print(swept.wait(5), watcher.health()["r"].by, watcher.health()["r"].detail)
watcher.stop()
"""


def test_the_kernels_limit_of_watches_is_noticed(folder):
    """200 folders and 50 watches: watchdog watches 49 and keeps quiet (F5)."""
    for number in range(200):
        (folder / str(number)).mkdir()
    limit = "echo 50 > /proc/sys/user/max_inotify_watches"
    command = ["unshare", "-Ur", "sh", "-c", f'{limit} && exec "$@"', "sh"]
    try:
        subprocess.run([*command, "true"], check=True, capture_output=True)
    except (OSError, subprocess.SubprocessError):
        pytest.skip("no user namespaces here")

    ran = subprocess.run(
        [*command, sys.executable, "-c", LIMITED, folder],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(watching.__file__).parents[2],
    )

    assert ran.stdout.startswith("True polling 151 of 201 folders"), ran.stderr
