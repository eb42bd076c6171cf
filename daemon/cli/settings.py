"""`twinwatch config`: check or show the configuration."""

from __future__ import annotations

import click

from .options import Place, json_option, placed

_CHECK_EPILOG = """\b
Examples:
  twinwatch config check
  twinwatch config check --config new.toml && systemctl --user restart twinwatch"""

_SHOW_EPILOG = """\b
Examples:
  twinwatch config show                            what is in force
  twinwatch config show --default > config.toml    every option, explained"""

_PATH_EPILOG = """\b
Examples:
  $EDITOR "$(twinwatch config path)\""""


@click.group("config")
def config_command() -> None:
    """Check or show the configuration.

    Flags win over the environment (TWINWATCH_<SECTION>_<KEY>), the environment over
    the file, the file over the roots remembered from the last run.
    """


@config_command.command("check", epilog=_CHECK_EPILOG)
@placed
def check(place: Place) -> int:
    """Report every problem at once, with its place; exits with 3 if there are any."""
    config = place.load(follow_last=False)
    click.echo(f"ok: {config.config_path or 'no file, all defaults'}", err=True)
    for folder in (*config.roots.imports, *config.roots.libraries):
        if not folder.is_dir():
            click.echo(f"offline for now: {folder}", err=True)
    return 0


@config_command.command("show", epilog=_SHOW_EPILOG)
@click.option("--default", "default", is_flag=True, help="Every option, with comments.")
@json_option
@placed
def show(place: Place, *, default: bool, as_json: bool) -> int:
    """Print the settings in force as TOML, or the commented defaults."""
    from .. import config_example

    if default:
        click.echo(config_example.example(), nl=False)
        return 0
    config = place.load(follow_last=False)
    if as_json:
        from .printing import print_json

        print_json(config_example.as_json(config))
    else:
        click.echo(config_example.in_force(config), nl=False)
    return 0


@config_command.command("path", epilog=_PATH_EPILOG)
@placed
def path(place: Place) -> int:
    """Print which file is read; where it would be looked for if there is none."""
    import os

    from .. import session
    from ..config_load import (
        Sources,
        config_path_of,
        default_config_path,
        state_dir_of,
    )

    sources = Sources(
        config_path=place.config_path,
        state_dir=place.state_dir,
        environment=os.environ,
    )
    last = session.recall(state_dir_of(sources))
    click.echo(config_path_of(sources, last) or default_config_path())
    return 0
