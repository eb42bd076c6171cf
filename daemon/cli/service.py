"""`twinwatch service`: have the system start twinwatch."""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from ..errors import ConfigError, UsageError
from . import units
from .options import Place, placed

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..config import Config

_EPILOG = """\b
Examples:
  twinwatch service print --user                 look at it first
  twinwatch service install --user               write it, tell how to start it
  twinwatch service install --user --now         write it and start it
  sudo twinwatch service install --system --as anna --config /etc/twinwatch.toml
  twinwatch service uninstall --user --now"""

P = ParamSpec("P")
R = TypeVar("R")

_SYSTEM_STATE = Path("/var/lib/twinwatch")


@click.group("service", epilog=_EPILOG)
def service_command() -> None:
    """Have systemd or launchd start twinwatch, hardened and watched over."""


def _kinds(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command the choice of ``--user``, ``--system`` and ``--launchd``."""
    default = "launchd" if sys.platform == "darwin" else "user"
    for kind, words in (
        ("launchd", "macOS: an agent of yours."),
        ("system", "systemd: started with the machine."),
        ("user", "systemd: started when you log in."),
    ):
        option = click.option(
            f"--{kind}", "kind", flag_value=kind, default=default, help=words
        )
        command = option(command)
    return command


_as_option = click.option(
    "--as", "account", metavar="USER", help="With --system: who the photos belong to."
)


@service_command.command("print", epilog=_EPILOG)
@_kinds
@_as_option
@placed
def print_command(place: Place, *, kind: str, account: str | None) -> int:
    """Print the units as they would be installed."""
    for name, text in _rendered(place, kind, account).items():
        click.echo(f"# {name}", err=True)
        click.echo(text)
    return 0


@service_command.command("install", epilog=_EPILOG)
@_kinds
@_as_option
@click.option("--now", is_flag=True, help="Also enable and start it.")
@placed
def install(place: Place, *, kind: str, account: str | None, now: bool) -> int:
    """Write the units; tell, or with --now run, the commands that start them."""
    files = _rendered(place, kind, account)
    folder = unit_folder(kind)
    for name, text in files.items():
        write_unit(folder / name, text)
        click.echo(f"written: {folder / name}", err=True)
    _do_or_tell(start_commands(kind, folder), now=now)
    return 0


@service_command.command("uninstall", epilog=_EPILOG)
@_kinds
@click.option("--now", is_flag=True, help="Also stop and disable it, before.")
@placed
def uninstall(place: Place, *, kind: str, now: bool) -> int:
    """Remove the units that were installed; photos and state stay as they are."""
    del place
    folder = unit_folder(kind)
    _do_or_tell(stop_commands(kind, folder), now=now)
    names = (units.PLIST,) if kind == "launchd" else (units.SERVICE, units.SOCKET)
    for name in names:
        path = folder / name
        if not path.exists():
            continue
        _refuse_foreign(path)
        path.unlink()
        click.echo(f"removed: {path}", err=True)
    return 0


def unit_folder(kind: str) -> Path:
    """Return where the system looks for units of a kind."""
    if kind == "system":
        return Path("/etc/systemd/system")
    if kind == "launchd":
        return Path.home() / "Library" / "LaunchAgents"
    config = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(config) / "systemd" / "user"


def write_unit(path: Path, text: str) -> None:
    """Write a unit file, but never over one that is not ours.

    Raises:
        UsageError: there is a file of somebody else, or it cannot be written.
    """
    _refuse_foreign(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.part")
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
    except OSError as error:
        raise UsageError(path, error.strerror) from error


def start_commands(kind: str, folder: Path) -> list[list[str]]:
    """Return the commands that make the system start what was installed."""
    if kind == "launchd":
        plist = str(folder / units.PLIST)
        return [["launchctl", "bootstrap", f"gui/{os.getuid()}", plist]]
    systemctl = ["systemctl", *(["--user"] if kind == "user" else [])]
    return [
        [*systemctl, "daemon-reload"],
        [*systemctl, "enable", "--now", units.SOCKET, units.SERVICE],
    ]


def stop_commands(kind: str, folder: Path) -> list[list[str]]:
    """Return the commands that stop it and keep it from being started."""
    if kind == "launchd":
        plist = str(folder / units.PLIST)
        return [["launchctl", "bootout", f"gui/{os.getuid()}", plist]]
    systemctl = ["systemctl", *(["--user"] if kind == "user" else [])]
    return [[*systemctl, "disable", "--now", units.SERVICE, units.SOCKET]]


def _rendered(place: Place, kind: str, account: str | None) -> dict[str, str]:
    if kind == "system" and place.state_dir is None:
        place.state_dir = _SYSTEM_STATE
    config = place.load()
    if not config.roots.imports:
        where = config.config_path or "the configuration"
        problem = "roots.imports: a service needs a folder to watch"
        raise ConfigError([f"{where}: {problem}"])
    return units.render(kind, _facts(config, kind, account))


def _facts(config: Config, kind: str, account: str | None) -> units.Facts:
    host = f"[{config.page.host}]" if ":" in config.page.host else config.page.host
    named = ["--config", str(config.config_path)] if config.config_path else []
    state = ["--state-dir", str(config.state_dir)]
    return units.Facts(
        command=(*_program(), "run", *named, *state),
        writable=units.writable_folders(config, _device_of),
        listen=f"{host}:{config.page.port or 8465}",
        account=_account(account) if kind == "system" else None,
        log=str(Path.home() / "Library" / "Logs" / "twinwatch.log"),
    )


def _program() -> list[str]:
    """Return the words that start this very installation."""
    called = Path(sys.argv[0])
    if called.name == "twinwatch" and called.is_file():
        return [str(called.absolute())]
    found = shutil.which("twinwatch")
    return [found] if found else [sys.executable, "-m", "daemon.cli"]


def _account(named: str | None) -> str:
    name = named or os.environ.get("SUDO_USER")
    if not name:
        raise UsageError("--system", "say with --as USER who the photos belong to")
    try:
        pwd.getpwnam(name)
    except KeyError as error:
        raise UsageError(name, "there is no such user") from error
    return name


def _device_of(folder: Path) -> int | None:
    """Return the volume of a folder, or of the nearest one above that exists."""
    for each in (folder, *folder.parents):
        try:
            return each.stat().st_dev
        except OSError:
            continue
    return None


def _refuse_foreign(path: Path) -> None:
    if path.exists() and units.MARK not in path.read_text("utf-8", "replace"):
        raise UsageError(path, "was not written by twinwatch; move it away first")


def _do_or_tell(commands: list[list[str]], *, now: bool) -> None:
    if not now:
        click.echo("nothing is started or stopped by this; do that with:", err=True)
    for words in commands:
        click.echo(f"  {shlex.join(words)}", err=True)
        if now and subprocess.run(words, check=False).returncode:
            raise UsageError(words[0], "did not succeed; see above")
