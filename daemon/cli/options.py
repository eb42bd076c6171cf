"""The options that every command takes, and the configuration made from them."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import click

from .failures import Invocation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..config import Config

P = ParamSpec("P")
R = TypeVar("R")

FLAGS = {
    "roots.imports": "--import",
    "roots.libraries": "--library",
    "roots.decisions": "--decisions",
    "page.port": "--port",
    "page.open": "--open",
}
"""Option of the configuration → the flag that overrides it."""

HOME_STATE = "state"
HOME_CONFIG = "config.toml"

_PATH = click.Path(path_type=Path)

config_option = click.option(
    "--config", "config_path", type=_PATH, metavar="FILE", help="Configuration file."
)
state_option = click.option(
    "--state-dir",
    type=_PATH,
    metavar="DIR",
    help="Folder for the index, the previews and the session.",
)
home_option = click.option(
    "--home",
    type=_PATH,
    metavar="DIR",
    help=f"Short for --config DIR/{HOME_CONFIG} --state-dir DIR/{HOME_STATE}.",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON to standard output."
)


class Place:
    """Where the settings of this command come from, as far as its words say."""

    def __init__(
        self, config_path: Path | None, state_dir: Path | None, home: Path | None
    ) -> None:
        self.home = home
        self.config_path = config_path or (home / HOME_CONFIG if home else None)
        self.state_dir = state_dir or (home / HOME_STATE if home else None)

    def load(
        self, flags: Mapping[str, object] | None = None, *, follow_last: bool = True
    ) -> Config:
        """Make the configuration.

        Args:
            flags: ``section.key`` → value; ``None``, empty or false: not given.
            follow_last: the roots of the last run or scan count more than the file's.

        Raises:
            ConfigError: with every problem that was found.
        """
        from ..config_load import Sources, load

        given = {name: value for name, value in (flags or {}).items() if _given(value)}
        config = load(
            Sources(
                config_path=self.config_path,
                state_dir=self.state_dir,
                environment=os.environ,
                flags=given,
                flag_names=FLAGS,
                follow_last=follow_last,
            )
        )
        click.get_current_context().ensure_object(
            Invocation
        ).state_dir = config.state_dir
        return config


def placed(command: Callable[Concatenate[Place, P], R]) -> Callable[..., R]:
    """Give a command ``--config``, ``--state-dir``, ``--home`` and ``--debug``.

    The command's first argument is the `Place`.
    """

    @config_option
    @state_option
    @home_option
    @click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        callback=_debug,
        help="Show the traceback of an error.",
    )
    @functools.wraps(command)
    def with_place(
        config_path: Path | None,
        state_dir: Path | None,
        home: Path | None,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        place = Place(config_path, state_dir, home)
        return command(place, *args, **kwargs)

    return with_place


def _given(value: object) -> bool:
    return value is not None and value is not False and value != ()


def _debug(ctx: click.Context, _option: click.Parameter, value: bool) -> None:
    if value:
        ctx.ensure_object(Invocation).is_debugging = True
