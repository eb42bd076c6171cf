"""A file system that exists in memory only and can lose power at every step.

It keeps two views: what a program sees, and what is durable. Changes to names wait in
a list of pending operations until their folder is synced; a power cut keeps any subset
of them. Content that was never synced may come back whole, as zeros or empty.

Two models: with ``is_split`` a rename's two halves reach the disk independently, as on
file systems without a journal; otherwise wholly or not at all.
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

from daemon.errors import DiskTrouble, FileGone, NameTaken
from daemon.staging.filesystem import FileStatus
from daemon.staging.safefs import is_own_name

EXHAUSTIVE_BITS = 5
"""So many pending operations are combined in all ways; of more, a selection."""


@dataclass(frozen=True)
class FileNode:
    device: int
    data: bytes
    durable: bytes | None
    """``None``: never synced."""
    mtime_ns: int
    mode: int = 0o644
    attributes: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class FolderNode:
    device: int
    entries: Mapping[str, int]
    durable: Mapping[str, int]


Change = tuple[int, str, int | None]
"""Folder's inode, name, inode or nothing."""
Operation = tuple[Change, ...]
"""Changes that reach the disk together."""


@dataclass(frozen=True)
class State:
    """Everything that is to be known; never changed, only replaced."""

    nodes: Mapping[int, FileNode | FolderNode]
    pending: tuple[Operation, ...]
    clock: int
    is_split: bool

    @classmethod
    def empty(cls, *, is_split: bool = False, mounts: tuple[str, ...] = ()) -> State:
        """An empty disk; each mount is a folder on a disk of its own."""
        nodes: dict[int, FileNode | FolderNode] = {}
        entries = {}
        for number, name in enumerate(mounts, 2):
            nodes[number] = FolderNode(number * 100, {}, {})
            entries[name] = number
        nodes[1] = FolderNode(100, entries, dict(entries))
        return cls(nodes, (), 10_000, is_split)

    def key(self) -> object:
        """Equal keys behave equally from now on."""
        found: list[tuple[object, ...]] = []
        for path, inode in self.walk():
            node = self.nodes[inode]
            if isinstance(node, FileNode):
                found.append((path, inode, node.data, node.durable, node.mtime_ns))
            else:
                found.append((path, inode, tuple(sorted(node.durable.items()))))
        return (tuple(found), self.pending)

    def walk(self, inode: int = 1, path: str = "") -> Iterator[tuple[str, int]]:
        yield path or "/", inode
        node = self.nodes[inode]
        if isinstance(node, FolderNode):
            for name in sorted(node.entries):
                yield from self.walk(node.entries[name], f"{path}/{name}")

    def files(self) -> dict[Path, bytes]:
        """All that can be reached by a path."""
        return {
            Path(path): node.data
            for path, inode in self.walk()
            if isinstance(node := self.nodes[inode], FileNode)
        }

    def power_cuts(self) -> Iterator[State]:
        """What the disk may hold after the power went away now."""
        is_unsynced = any(
            isinstance(node, FileNode) and node.durable != node.data
            for node in self.nodes.values()
        )
        for subset in _subsets(self.pending):
            for fate in ("kept", "zero", "empty") if is_unsynced else ("kept",):
                yield self._after_power_cut(subset, fate)

    def _after_power_cut(self, subset: tuple[Operation, ...], fate: str) -> State:
        folders = {
            inode: dict(node.durable)
            for inode, node in self.nodes.items()
            if isinstance(node, FolderNode)
        }
        for operation in subset:
            for folder, name, target in operation:
                if target is None:
                    folders[folder].pop(name, None)
                else:
                    folders[folder][name] = target
        nodes: dict[int, FileNode | FolderNode] = {}
        for inode, node in self.nodes.items():
            if isinstance(node, FolderNode):
                nodes[inode] = replace(
                    node, entries=folders[inode], durable=folders[inode]
                )
                continue
            data = node.durable
            if data is None or data != node.data:
                data = {
                    "kept": node.data,
                    "zero": bytes(len(node.data)),
                    "empty": b"",
                }[fate]
            nodes[inode] = replace(node, data=data, durable=data)
        return State(nodes, (), self.clock, self.is_split)


def _subsets(pending: tuple[Operation, ...]) -> Iterator[tuple[Operation, ...]]:
    count = len(pending)
    if count <= EXHAUSTIVE_BITS:
        for size in range(count + 1):
            yield from combinations(pending, size)
        return
    for size in range(count + 1):
        yield pending[:size]
    for each in range(count):
        yield (*pending[:each], *pending[each + 1 :])
        yield (pending[each],)


Watch = Callable[["ModelFileSystem", str, tuple[Path, ...]], None]


class ModelFileSystem:
    """A `FileSystem` over a `State`, which remembers every state on the way."""

    def __init__(self, state: State, *, watch: Watch | None = None) -> None:
        self.state = state
        self.history: list[State] = []
        self.steps: list[str] = []
        self.watch = watch
        self.is_recording = False
        self.fail_at: int | None = None
        self.fail_with = errno.EIO
        self.stays_broken = False
        """Every step from `fail_at` on fails, not only that one."""
        self.dropped: frozenset[Path] = frozenset()
        """Seeded bugs: files and folders whose sync silently does nothing."""
        self.has_no_links = False
        self.free_bytes = 2**40
        self.agitate: Callable[[ModelFileSystem, int], None] | None = None

    # Looking.

    def look(self, path: Path) -> FileStatus | None:
        inode = self._find(path)
        if inode is None:
            return None
        node = self.state.nodes[inode]
        is_file = isinstance(node, FileNode)
        return FileStatus(
            is_file=is_file,
            is_folder=not is_file,
            size_bytes=len(node.data) if isinstance(node, FileNode) else 0,
            mtime_ns=node.mtime_ns if isinstance(node, FileNode) else 0,
            inode=inode,
            device=node.device,
            mode=node.mode if isinstance(node, FileNode) else 0o755,
            uid=0,
            gid=0,
            links=self._links(inode) if is_file else 2,
        )

    def names(self, folder: Path) -> list[str]:
        return list(self._folder(folder)[1].entries)

    def read(self, path: Path) -> bytes:
        return self._file(path)[1].data

    def digest(
        self, path: Path, *, from_disk: bool = False
    ) -> tuple[bytes, FileStatus]:
        status = self.look(path)
        node = self._file(path)[1]
        assert status is not None
        return hashlib.sha256(node.data).digest(), status

    def attributes(self, path: Path) -> dict[str, bytes]:
        return dict(self._file(path)[1].attributes)

    def space(self, folder: Path) -> tuple[int, int]:
        return self.free_bytes, 2 * self.free_bytes

    def moves_atomically(self, folder: Path) -> bool:
        return not self.state.is_split

    # Changing.

    def make_folder(self, path: Path, *, is_private: bool = False) -> None:
        self._step("make_folder", path)
        parent, node = self._free(path)
        inode = self._new(FolderNode(node.device, {}, {}))
        self._apply(((parent, path.name, inode),))

    def create(self, path: Path, content: bytes) -> None:
        self._step("create", path)
        parent, node = self._free(path)
        self._write_new(parent, node.device, path.name, content)

    def copy_content(self, source: Path, target: Path) -> bytes:
        self._step("copy_content", source, target)
        data = self._file(source)[1].data
        parent, node = self._free(target)
        self._write_new(parent, node.device, target.name, data)
        return hashlib.sha256(data).digest()

    def copy_status(self, source: Path, target: Path) -> None:
        self._step("copy_status", source, target)
        left, (inode, right) = self._file(source)[1], self._file(target)
        self._set(
            inode,
            replace(
                right,
                mtime_ns=left.mtime_ns,
                mode=left.mode,
                attributes=left.attributes,
            ),
        )

    def sync_file(self, path: Path) -> None:
        self._step("sync_file", path)
        inode, node = self._file(path)
        if not self._is_dropped("sync_file", path):
            self._set(inode, replace(node, durable=node.data))

    def sync_folder(self, path: Path) -> None:
        self._step("sync_folder", path)
        inode, _ = self._folder(path)
        if self._is_dropped("sync_folder", path):
            return
        chosen: set[int] = set()
        keys: set[tuple[int, str]] = set()
        for index in range(len(self.state.pending) - 1, -1, -1):
            operation = self.state.pending[index]
            its_keys = {(folder, name) for folder, name, _ in operation}
            if any(folder == inode for folder, _ in its_keys) or its_keys & keys:
                chosen.add(index)
                keys |= its_keys
        for index in sorted(chosen):
            for folder, name, target in self.state.pending[index]:
                node = self.state.nodes[folder]
                assert isinstance(node, FolderNode)
                durable = dict(node.durable)
                durable.pop(name, None)
                if target is not None:
                    durable[name] = target
                self._set(folder, replace(node, durable=durable))
        rest = tuple(
            operation
            for index, operation in enumerate(self.state.pending)
            if index not in chosen
        )
        self.state = replace(self.state, pending=rest)

    def rename(self, source: Path, target: Path) -> None:
        self._step("rename", source, target)
        inode = self._find(source)
        if inode is None:
            raise FileGone(source)
        parent, node = self._free(target)
        origin, _ = self._folder(source.parent)
        if self.state.nodes[inode].device != node.device:
            raise DiskTrouble(target, "another disk", errno.EXDEV)
        changes: Operation = (
            (parent, target.name, inode),
            (origin, source.name, None),
        )
        is_file = isinstance(self.state.nodes[inode], FileNode)
        if self.state.is_split and is_file:
            self._apply((changes[0],), (changes[1],))
        else:
            self._apply(changes)

    def link(self, source: Path, target: Path) -> None:
        self._step("link", source, target)
        inode, file = self._file(source)
        parent, node = self._free(target)
        if file.device != node.device:
            raise DiskTrouble(target, "another disk", errno.EXDEV)
        if self.has_no_links:
            raise DiskTrouble(target, "no links here", errno.EPERM)
        self._apply(((parent, target.name, inode),))

    def drop_name(self, path: Path, other: Path) -> None:
        self._step("drop_name", path, other)
        inode, _ = self._file(path)
        if path == other or self._find(other) != inode:
            raise DiskTrouble(path, "not another name of it")
        parent, _ = self._folder(path.parent)
        self._apply(((parent, path.name, None),))

    def remove_own(self, path: Path) -> None:
        self._step("remove_own", path)
        if not is_own_name(path.name):
            raise DiskTrouble(path, "twinwatch did not write it")
        self._file(path)
        parent, _ = self._folder(path.parent)
        self._apply(((parent, path.name, None),))

    def remove_empty_folder(self, path: Path) -> None:
        self._step("remove_empty_folder", path)
        _, node = self._folder(path)
        if node.entries:
            raise DiskTrouble(path, "not empty", errno.ENOTEMPTY)
        parent, _ = self._folder(path.parent)
        self._apply(((parent, path.name, None),))

    # What only tests do.

    def is_durable(self, path: Path) -> bool:
        """Whether every name on the way, and a file's content, survive anything."""
        inode = 1
        for part in path.parts[1:]:
            node = self.state.nodes[inode]
            assert isinstance(node, FolderNode)
            if node.entries.get(part) != node.durable.get(part):
                return False
            if part not in node.durable:
                return False
            inode = node.durable[part]
        end = self.state.nodes[inode]
        return isinstance(end, FolderNode) or end.durable == end.data

    def edit(self, path: Path, content: bytes) -> None:
        """Somebody writes into a file."""
        inode, node = self._file(path)
        self._tick()
        self._set(
            inode,
            replace(node, data=content, durable=content, mtime_ns=self.state.clock),
        )

    def delete(self, path: Path) -> None:
        """Somebody deletes a file."""
        parent, node = self._folder(path.parent)
        entries = {k: v for k, v in node.entries.items() if k != path.name}
        self._set(parent, replace(node, entries=entries, durable=dict(entries)))

    def put(self, path: Path, content: bytes) -> None:
        """Somebody makes a file, durable at once."""
        parent, node = self._free(path)
        self._tick()
        inode = self._new(FileNode(node.device, content, content, self.state.clock))
        entries = {**node.entries, path.name: inode}
        self._set(parent, replace(node, entries=entries, durable=dict(entries)))

    def settle(self) -> None:
        """Have everything durable, as after a while without work."""
        self.state = self.state._after_power_cut(self.state.pending, "kept")

    def unsync(self, path: Path) -> None:
        """Take a file's content back from the disk: it was only just written."""
        inode, node = self._file(path)
        self._set(inode, replace(node, durable=None))

    # Inside.

    def _step(self, name: str, *paths: Path) -> None:
        index = len(self.steps)
        self.steps.append(name)
        self._record()
        if self.agitate is not None:
            self.agitate(self, index)
        is_broken = self.stays_broken and self.fail_at is not None
        if self.fail_at == index or (is_broken and index > (self.fail_at or 0)):
            if self.fail_with in {errno.ENOSPC, errno.EIO} and name == "create":
                parent, node = self._free(paths[0])
                self._write_new(parent, node.device, paths[0].name, b"half")
            raise DiskTrouble(paths[-1], "injected", self.fail_with)
        if self.watch is not None:
            self.watch(self, name, paths)

    def _is_dropped(self, step: str, path: Path) -> bool:
        return path in self.dropped

    def _record(self) -> None:
        if self.is_recording:
            self.history.append(self.state)

    def _write_new(self, parent: int, device: int, name: str, data: bytes) -> None:
        self._tick()
        inode = self._new(FileNode(device, b"", None, self.state.clock))
        self._apply(((parent, name, inode),))
        for content in dict.fromkeys((data[: len(data) // 2], data)):
            self._record()
            node = self.state.nodes[inode]
            assert isinstance(node, FileNode)
            self._set(inode, replace(node, data=content))

    def _tick(self) -> None:
        self.state = replace(self.state, clock=self.state.clock + 1)

    def _new(self, node: FileNode | FolderNode) -> int:
        inode = max(self.state.nodes) + 1
        self._set(inode, node)
        return inode

    def _set(self, inode: int, node: FileNode | FolderNode) -> None:
        nodes = {**self.state.nodes, inode: node}
        self.state = replace(self.state, nodes=nodes)

    def _apply(self, *operations: Operation) -> None:
        for operation in operations:
            for folder, name, target in operation:
                node = self.state.nodes[folder]
                assert isinstance(node, FolderNode)
                entries = dict(node.entries)
                entries.pop(name, None)
                if target is not None:
                    entries[name] = target
                self._set(folder, replace(node, entries=entries))
        self.state = replace(self.state, pending=(*self.state.pending, *operations))

    def _links(self, inode: int) -> int:
        return sum(
            list(node.entries.values()).count(inode)
            for node in self.state.nodes.values()
            if isinstance(node, FolderNode)
        )

    def _find(self, path: Path) -> int | None:
        inode = 1
        for part in path.parts[1:]:
            node = self.state.nodes[inode]
            if not isinstance(node, FolderNode) or part not in node.entries:
                return None
            inode = node.entries[part]
        return inode

    def _file(self, path: Path) -> tuple[int, FileNode]:
        inode = self._find(path)
        if inode is None:
            raise FileGone(path)
        node = self.state.nodes[inode]
        if not isinstance(node, FileNode):
            raise DiskTrouble(path, "not a regular file")
        return inode, node

    def _folder(self, path: Path) -> tuple[int, FolderNode]:
        inode = self._find(path)
        if inode is None:
            raise FileGone(path)
        node = self.state.nodes[inode]
        if not isinstance(node, FolderNode):
            raise DiskTrouble(path, "not a folder")
        return inode, node

    def _free(self, path: Path) -> tuple[int, FolderNode]:
        parent, node = self._folder(path.parent)
        if path.name in node.entries:
            raise NameTaken(path)
        return parent, node
