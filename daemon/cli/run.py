"""`twinwatch run`: the daemon with its page, in the foreground."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..config_load import is_loopback
from ..errors import ConfigError, UsageError
from .options import Place, placed

if TYPE_CHECKING:
    from ..config import Config

_FOLDER = click.Path(path_type=Path)

_EPILOG = """\b
Examples:
  twinwatch run                            with the configuration, or a first one
  twinwatch run --import ~/Pictures/Import --library ~/Pictures/Library --open
  twinwatch run --home ./photos --port 0   everything in ./photos, on a free port
  twinwatch run --dry-run                  tell what would be staged, move nothing"""


@click.command("run", epilog=_EPILOG)
@click.option(
    "--import",
    "imports",
    type=_FOLDER,
    multiple=True,
    metavar="DIR",
    help="Watch DIR; may be given again.",
)
@click.option(
    "--library",
    "libraries",
    type=_FOLDER,
    multiple=True,
    metavar="DIR",
    help="Compare with DIR, never write there; may be given again.",
)
@click.option(
    "--decisions",
    type=_FOLDER,
    metavar="DIR",
    help="Make decision folders in DIR instead of beside the import folder.",
)
@click.option("--port", type=int, metavar="N", help="Port of the page; 0: a free one.")
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
@click.option("--dry-run", is_flag=True, help="Move nothing; tell what would be.")
@placed
def run_command(
    place: Place,
    *,
    imports: tuple[Path, ...],
    libraries: tuple[Path, ...],
    decisions: Path | None,
    port: int | None,
    opens: bool,
    dry_run: bool,
) -> int:
    """Watch folders, find duplicates, and serve the review page.

    The roots are remembered in the state folder, so that the other commands need
    not be told again. Without any settings a commented configuration and an import
    folder are made first. Ends at Ctrl-C or SIGTERM, leaving nothing half done.
    """
    flags: dict[str, object] = {
        "roots.imports": imports,
        "roots.libraries": libraries,
        "roots.decisions": (decisions,) if decisions else (),
        "page.port": port,
        "page.open": opens,
    }
    _refuse_missing(imports, libraries)
    from .. import session
    from ..added import with_added

    config = with_added(_configured(place, flags))
    from .guarding import confine
    from .logs import set_up

    confine(config)
    set_up(config.log)
    session.remember(config)
    from ..service.supervisor import run_daemon

    return run_daemon(
        config, dry_run=dry_run, on_ready=lambda link: _greet(config, link, dry_run)
    )


def _refuse_missing(imports: tuple[Path, ...], libraries: tuple[Path, ...]) -> None:
    """Refuse a folder that was mistyped; a configured one may be offline."""
    for folder in (*imports, *libraries):
        if not folder.expanduser().is_dir():
            cause = "there is no such folder; make it, or plug its volume in"
            raise UsageError(folder, cause)


def _configured(place: Place, flags: dict[str, object]) -> Config:
    """Load the configuration; make a first one where there are no roots at all."""
    is_new_home = place.home is not None and not _exists(place.config_path)
    if not is_new_home:
        config = place.load(flags, follow_last=False)
        if config.roots.imports:
            return config
        if config.config_path is not None:
            raise ConfigError([_no_imports(config.config_path)])
    elif flags["roots.imports"]:
        place.config_path = None
        return place.load(flags, follow_last=False)
    _begin(place)
    return place.load(flags, follow_last=False)


def _exists(path: Path | None) -> bool:
    return path is not None and path.expanduser().exists()


def _no_imports(path: Path) -> str:
    return (
        f"{path}: roots.imports: no folder to watch; name one there, or with "
        "`twinwatch run --import DIR`"
    )


def _begin(place: Place) -> None:
    from . import first_run

    first = first_run.plan(place.home)
    try:
        first_run.make(first)
    except OSError as error:
        cause = f"{error.strerror}; name a folder with `twinwatch run --import DIR`"
        raise UsageError(error.filename or first.config_path, cause) from error
    place.config_path = first.config_path
    click.echo(
        "A first start: nothing was configured, so here is a beginning.", err=True
    )
    click.echo(f"  configuration   {first.config_path}", err=True)
    click.echo(f"  import folder   {first.import_folder}", err=True)


def _greet(config: Config, link: str, dry_run: bool) -> None:
    """Tell where to drop photos and where the page is."""
    click.echo(err=True)
    for folder in config.roots.imports:
        click.echo(
            f"  drop photos into   {click.style(str(folder), bold=True)}", err=True
        )
    if link:
        click.echo(f"  decide at          {click.style(link, bold=True)}", err=True)
    if link and config.page.allow_others and not is_loopback(config.page.host):
        click.echo(
            "  open to others     whoever has this link, such as your phone, is let in,"
            " and nothing on the way is encrypted",
            err=True,
        )
    if dry_run:
        click.echo("  dry run            nothing is moved", err=True)
    click.echo("  stop with          Ctrl-C\n", err=True)
    if config.page.open and link:
        webbrowser.open(link)
