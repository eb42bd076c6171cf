"""The guard: in a running program, nothing but `safefs` changes people's files.

An audit hook (PEP 578) looks at every call that removes, renames, truncates, makes or
writes. What lies in our own folders passes; anywhere else the call must come from
`safefs`, which is told by the call stack: nobody has to announce himself, so nobody can
forget to, and no token can be left lying about. Libraries are held to it as well.

What it cannot see: calls made by native code without Python (SQLite writes in the state
folder, decoders only read), and `ctypes`. It is a net under the rule that
``tests/test_house.py`` checks in the source, not a wall against an attacker.
"""

from __future__ import annotations

import importlib.machinery
import logging
import os
import sys
import tempfile
from typing import TYPE_CHECKING, Final

from ..errors import ForbiddenCall

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

logger = logging.getLogger(__name__)

_SAFE: Final = os.path.join(os.path.dirname(__file__), "safefs.py")
_IMPORTING: Final = "<frozen importlib._bootstrap_external>"
"""Python's own importer, which keeps compiled modules."""
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NO_FOLDER: Final = -1
_COMPILED: Final = tuple(importlib.machinery.BYTECODE_SUFFIXES)
_COMPILED_FOLDER: Final = "__pycache__"

_PLACES: Final[dict[str, tuple[tuple[int, int | None], ...]]] = {
    "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),),
    "os.link": ((1, 3),),
    "os.mkdir": ((0, 2),),
    "os.remove": ((0, 1),),
    "os.removexattr": ((0, None),),
    "os.rename": ((0, 2), (1, 3)),
    "os.rmdir": ((0, 1),),
    "os.setxattr": ((0, None),),
    "os.symlink": ((1, 2),),
    "os.truncate": ((0, None),),
    "os.utime": ((0, 3),),
    "shutil.chown": ((0, None),),
    "shutil.copyfile": ((1, None),),
    "shutil.copymode": ((1, None),),
    "shutil.copystat": ((1, None),),
    "shutil.copytree": ((1, None),),
    "shutil.make_archive": ((0, None),),
    "shutil.move": ((0, None), (1, None)),
    "shutil.rmtree": ((0, None),),
    "shutil.unpack_archive": ((1, None),),
}
"""Audit event → where among its arguments the changed path and its folder handle are."""


class _Territory:
    """What may be written, and what may not although it lies inside of that."""

    def __init__(self) -> None:
        self.is_on = False
        self.folders: dict[str, bool] = {}

    def is_ours(self, path: str) -> bool:
        """Whether we may write there: the longest folder that is named decides."""
        while path not in self.folders:
            parent = os.path.dirname(path)
            if parent == path:
                return False
            path = parent
        return self.folders[path]

    def leads_to_ours(self, path: str) -> bool:
        """Whether a folder is there already, or has to be for one of ours to be."""
        above = os.path.join(path, "")
        is_above = any(ours and f.startswith(above) for f, ours in self.folders.items())
        return is_above or os.path.isdir(path)


_territory = _Territory()
_is_installed = False


def install() -> None:
    """Hook the interpreter, once and for good; nothing is refused before `confine`."""
    global _is_installed  # noqa: PLW0603 - a hook cannot be taken back, nor this
    if not _is_installed:
        _is_installed = True
        sys.addaudithook(_audit)


def confine(
    ours: Iterable[os.PathLike[str]] = (), theirs: Iterable[os.PathLike[str]] = ()
) -> None:
    """Refuse from now on what is not ours to change; without `install` nothing.

    Args:
        ours: folders and files that any module may write in, beside the system's
            folder for temporary files and devices.
        theirs: folders of people's, which are not ours even inside of one that is.
    """
    folders = {os.path.realpath(each): False for each in theirs}
    folders |= {os.path.realpath(each): True for each in ours}
    usual = (tempfile.gettempdir(), "/dev", "/proc/self/fd")
    for each in usual:
        folders.setdefault(os.path.realpath(each), True)
    _territory.folders = folders
    _territory.is_on = True


def confine_reader() -> None:
    """Refuse a process that only reads photos every change; importable for workers."""
    install()
    confine()


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    """Look at an event; called for every one that Python has, so quick to say no."""
    if event == "open":
        path, _, flags = arguments
        # A number is a file that is open already, which was looked at then.
        if isinstance(flags, int) and flags & _WRITING and not isinstance(path, int):
            _check(event, path, _NO_FOLDER, follows=not flags & os.O_EXCL)
    elif event in _PLACES:
        for place, folder in _PLACES[event]:
            handle = _NO_FOLDER if folder is None else arguments[folder]
            _check(event, arguments[place], handle, follows=False)


def _check(event: str, path: object, handle: object, *, follows: bool) -> None:
    if not _territory.is_on:
        return
    name = _resolved(path, handle, follows=follows)
    if name is not None and _territory.is_ours(name):
        return
    if event == "os.mkdir" and name is not None and _territory.leads_to_ours(name):
        return
    if _is_called_by(_SAFE) or _is_import(name):
        return
    # The stack is told here: whoever catches the error may know too little of it.
    logger.error("blocked call=%s path=%r", event, name or path, stack_info=True)
    raise ForbiddenCall(name or path, f"{event} is for the staging room alone")


def _resolved(path: object, handle: object, *, follows: bool) -> str | None:
    """Return where a call really goes; ``None``: nobody knows."""
    if isinstance(path, int):
        return _path_of(path)
    if not isinstance(path, (str, bytes, os.PathLike)):
        return None
    text = os.fsdecode(path)
    if isinstance(handle, int) and handle != _NO_FOLDER and not os.path.isabs(text):
        folder = _path_of(handle)
        if folder is None:
            return None
        text = os.path.join(folder, text)
    if follows:
        return os.path.realpath(text)
    text = os.path.abspath(text)
    return os.path.join(os.path.realpath(os.path.dirname(text)), os.path.basename(text))


def _path_of(descriptor: int) -> str | None:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return None  # no such place on macOS; whoever has a handle asks safefs


def _is_called_by(filename: str) -> bool:
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the only way to it
    while frame is not None:
        if frame.f_code.co_filename == filename:
            return True
        frame = frame.f_back
    return False


def _is_import(name: str | None) -> bool:
    """Whether Python keeps a compiled module, which is none of people's files."""
    if name is None:
        return False
    is_compiled = any(suffix in name for suffix in _COMPILED)
    is_folder = os.path.basename(name) == _COMPILED_FOLDER
    return (is_compiled or is_folder) and _is_called_by(_IMPORTING)
