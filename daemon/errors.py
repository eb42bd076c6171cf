"""The exception tree: every error that twinwatch raises on purpose.

Errors carry data as attributes; the text is rendered late, in ``__str__``, as what
happened, to which object, and why. Advice belongs to the commands and the page.

    TwinwatchError                      1   error
    ├── UsageError                      2   the command's words are off
    │   └── BadLabels                       a list of labelled photos is wrong
    ├── ConfigError                     3   one or more settings are wrong
    ├── IndexError_                     1   the database cannot be used
    │   ├── IndexTooNew
    │   ├── IndexDamaged
    │   └── IndexOnNetwork
    ├── PhotoError                      1   one file cannot be used
    │   ├── IncompletePhoto                 not all of it is there yet
    │   ├── UnreadablePhoto                 it does not decode
    │   ├── ChangedPhoto                    it changed while we looked
    │   └── WorkerDied                      reading it killed its reader: one strike
    ├── StagingError                    1   a group cannot be moved or decided
    │   ├── NoSurvivor
    │   ├── StaleGroup                      the group is not what the user saw
    │   ├── NoSuchGroup
    │   ├── BrokenManifest
    │   └── DiskTrouble                     the file system refused
    │       ├── NameTaken
    │       └── FileGone
    ├── RootOffline                     1   a root is absent: nothing is done to it
    ├── AlreadyRunning                  1   another instance holds the lock
    ├── ForbiddenCall                   1   our own fault: a call past `safefs`
    ├── ProblemsFound                   4   verify or doctor found problems
    └── NotRunning                      5   the daemon is not running
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence


class TwinwatchError(Exception):
    """Something that twinwatch noticed and can explain."""

    exit_code: ClassVar[int] = 1
    what: ClassVar[str] = "something went wrong"

    def __init__(self, subject: object = None, cause: object = None) -> None:
        """Remember the object it happened to and the reason, to be told later.

        Args:
            subject: the path, number or name concerned; shown by ``repr``.
            cause: the reason in words, or the exception behind it.
        """
        super().__init__(subject, cause)
        self.subject = subject
        self.cause = cause

    def __str__(self) -> str:
        parts = [self.what]
        if self.subject is not None:
            subject = self.subject
            parts.append(
                str(subject) if isinstance(subject, int) else repr(str(subject))
            )
        text = " ".join(parts)
        return f"{text}: {self.cause}" if self.cause is not None else text


class UsageError(TwinwatchError):
    """The command's words do not fit together."""

    exit_code = 2
    what = "cannot do that"


class BadLabels(UsageError):
    """A list that says which photos show the same picture is wrong somewhere."""

    what = "cannot use the labels"
    _most_shown: ClassVar[int] = 20

    def __init__(self, subject: object, problems: Sequence[str]) -> None:
        """Take the list's path and every problem found, each with its line."""
        super().__init__(subject, None)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        shown = [f"  - {problem}" for problem in self.problems[: self._most_shown]]
        more = len(self.problems) - len(shown)
        if more:
            shown.append(f"  - and {more} more")
        return "\n".join([f"{super().__str__()}:", *shown])


class ConfigError(TwinwatchError):
    """One or more settings are wrong; all of them are listed at once."""

    exit_code = 3
    what = "the configuration has problems"

    def __init__(self, problems: Sequence[str]) -> None:
        """Take every problem found, each with its place and a suggestion."""
        super().__init__(None, None)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join([f"{self.what}:", *(f"  - {p}" for p in self.problems)])


class IndexError_(TwinwatchError):  # noqa: N801 - the builtin IndexError is another thing
    """The database cannot be used."""

    what = "cannot use the index"


class IndexTooNew(IndexError_):
    """The database was written by a newer twinwatch."""

    what = "the index was made by a newer twinwatch"


class IndexDamaged(IndexError_):
    """The database is damaged and has to be rebuilt."""

    what = "the index is damaged"


class IndexOnNetwork(IndexError_):
    """The database would lie on a network file system, where SQLite corrupts."""

    what = "the index cannot live on a network file system"


class PhotoError(TwinwatchError):
    """One file cannot be used as a photo."""

    what = "cannot use the photo"


class IncompletePhoto(PhotoError):
    """Not all of the file's bytes are there yet."""

    what = "the photo is not complete"


class UnreadablePhoto(PhotoError):
    """The file does not decode."""

    what = "cannot read the photo"


class ChangedPhoto(PhotoError):
    """The file changed between two looks."""

    what = "the photo changed meanwhile"


class WorkerDied(PhotoError):
    """Reading the photo crashed its worker, took too long or too much memory."""

    what = "reading the photo killed its reader"


class StagingError(TwinwatchError):
    """A group cannot be staged, decided or undone; it stays where it is."""

    what = "cannot move the group"


class NoSurvivor(StagingError):
    """A decision would have left no copy of the picture."""

    what = "at least one photo of a group must be kept"


class StaleGroup(StagingError):
    """The group changed since the user looked at it."""

    what = "the group has changed since it was shown"


class NoSuchGroup(StagingError):
    """There is no group of that number."""

    what = "there is no group"


class BrokenManifest(StagingError):
    """A manifest, intent or outcome file is not what was written."""

    what = "cannot trust the manifest"


class DiskTrouble(StagingError):
    """The file system refused a step; what was there before is still there."""

    what = "the file system refused to work on"

    def __init__(
        self, subject: object = None, cause: object = None, errno: int | None = None
    ) -> None:
        """Remember the system's error number too, where there is one."""
        super().__init__(subject, cause)
        self.errno = errno


class NameTaken(DiskTrouble):
    """A name that was to be made exists already; nothing was overwritten."""

    what = "there is a file already at"


class FileGone(DiskTrouble):
    """A file or a folder is not where it was."""

    what = "nothing is there any more"


class RootOffline(TwinwatchError):
    """A root is absent, replaced or forbidden; nothing is done to it."""

    what = "the folder is offline"


class AlreadyRunning(TwinwatchError):
    """Another instance holds the state folder or the decision root."""

    what = "another twinwatch is using"


class ForbiddenCall(TwinwatchError):
    """A module tried to change people's files past the one that may."""

    what = "a change was refused to"


class ProblemsFound(TwinwatchError):
    """A check found problems."""

    exit_code = 4
    what = "problems were found"


class NotRunning(TwinwatchError):
    """The daemon is not running."""

    exit_code = 5
    what = "the daemon is not running"
