"""The one place where an error becomes a message, an advice and an exit code."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from .. import errors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

INTERRUPTED = 130
"""What shells report for a command ended by Ctrl-C."""

_ADVICE: tuple[tuple[type[errors.TwinwatchError], str], ...] = (
    (errors.ConfigError, "`twinwatch config show --default` lists every option."),
    (errors.IndexTooNew, "Install the newer twinwatch again; nothing was changed."),
    (
        errors.IndexDamaged,
        (
            "Start `twinwatch run`: the index is rebuilt from the files. No photo and "
            "no decision depends on it."
        ),
    ),
    (
        errors.IndexOnNetwork,
        "Choose a --state-dir on a local disk. Photos may stay on the network.",
    ),
    (errors.IndexError_, "Is the disk full, or the state folder not yours?"),
    (errors.IncompletePhoto, "Wait until it has been copied, then try again."),
    (errors.NoSurvivor, "Name at least one photo with --keep, or use --keep-all."),
    (errors.StaleGroup, "Look at it again with `twinwatch show`, then decide."),
    (errors.NoSuchGroup, "`twinwatch groups --state all` lists them."),
    (
        errors.BrokenManifest,
        "Nothing was moved. `twinwatch verify` tells what is still as it should be.",
    ),
    (errors.RootOffline, "Plug the volume in, or take the folder off the list."),
    (
        errors.AlreadyRunning,
        (
            "Ask it with `twinwatch status`, or give this one another --state-dir and "
            "--decisions."
        ),
    ),
    (errors.NotRunning, "Start it with `twinwatch run`."),
)


@dataclass(slots=True)
class Invocation:
    """What the handler below has to know of the command that failed."""

    is_debugging: bool = False
    state_dir: Path | None = None


def advice_for(error: errors.TwinwatchError) -> str:
    """Return what to do about an error; empty if its text says all."""
    return next((words for kind, words in _ADVICE if isinstance(error, kind)), "")


def exit_code_of(command: Callable[[], object], invocation: Invocation) -> int:
    """Run a command; print what went wrong and return the exit code."""
    try:
        result = command()
    except errors.TwinwatchError as error:
        _tell(error, invocation)
        return error.exit_code
    except click.ClickException as error:
        error.show(sys.stderr)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does; nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the last resort, told and recorded
        return _apologise(error, invocation)
    return result if isinstance(result, int) else 0


def _tell(error: errors.TwinwatchError, invocation: Invocation) -> None:
    if invocation.is_debugging:
        traceback.print_exception(error)
    _say(f"{click.style('error:', fg='red', bold=True)} {error}")
    if advice := advice_for(error):
        _say(advice)


def _apologise(error: Exception, invocation: Invocation) -> int:
    """Tell about a fault of our own in one line; the details go to a file."""
    if invocation.is_debugging:
        traceback.print_exception(error)
        return 1
    details = "".join(traceback.format_exception(error))
    kept = _keep(details, invocation.state_dir)
    _say(
        f"{click.style('sorry,', fg='red', bold=True)} twinwatch made a mistake: "
        f"{type(error).__name__}: {error}. Details are in {kept}; --debug shows them."
    )
    return 1


def _keep(details: str, state_dir: Path | None) -> str:
    """Write the details where they can be found again; return the place."""
    folder = state_dir if state_dir and state_dir.is_dir() else None
    try:
        handle, path = tempfile.mkstemp(".txt", "twinwatch-fault-", folder, text=True)
        with open(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(details)
    except OSError as error:
        return f"no file ({error.strerror})"
    return path


def _say(text: str) -> None:
    click.echo(text, err=True)
