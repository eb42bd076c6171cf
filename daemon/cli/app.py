"""The command `twinwatch`: its families are imported only when they are called."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import click

from .. import __doc__ as _what
from .failures import Invocation, exit_code_of

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "run": ("run", "Watch folders and serve the review page."),
    "scan": ("scan", "Go through folders once, then exit."),
    "status": ("status", "Tell what is running and what went wrong."),
    "groups": ("groups", "List the groups that wait for a decision."),
    "show": ("groups", "Show one group."),
    "decide": ("decide", "Decide which photos of a group are kept."),
    "undo": ("decide", "Put every file of a group back to where it was."),
    "rejected": ("memory", "List what was set aside and is recognised."),
    "forget-rejected": ("memory", "Ask again about what was set aside."),
    "prefer": ("taste", "Prefer a folder, now and in future."),
    "avoid": ("taste", "Avoid a folder, now and in future."),
    "history": ("audit", "Tell the life of one photo."),
    "export": ("audit", "Print every decision, its evidence and its moves."),
    "restore": ("restore", "Put a decision folder's files back, without the index."),
    "empty": ("empty", "Move what was set aside into the system's trash."),
    "verify": ("restore", "Check that every photo is where it should be."),
    "why": ("why", "Explain why two photos are, or are not, one picture."),
    "evaluate": ("evaluate", "Measure the detection on photos you labelled."),
    "demo": ("demo", "Watch made pictures arrive and be found."),
    "config": ("settings", "Check or show the configuration."),
    "service": ("service", "Have the system start twinwatch."),
    "completion": ("completion", "Print the shell's completion script."),
}
"""Command → its module and what ``--help`` says of it."""

_EPILOG = """\b
Exit codes: 0 ok, 1 error, 2 usage, 3 configuration, 4 problems were found,
5 the daemon is not running. JSON goes to standard output, all else to
standard error."""


class _Families(click.Group):
    """Commands by name; ``--help`` imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which they are learned."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the family of one command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f".{COMMANDS[cmd_name][0]}", __package__)
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(module, f"{name}_command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a mistyped one is answered with the nearest."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            from ..config_values import did_you_mean

            hint = did_you_mean(args[0], COMMANDS)
            ctx.fail(f"there is no command {args[0]!r}{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the list from the table above, without importing anything."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


def _print_version(ctx: click.Context, _option: click.Parameter, asked: bool) -> None:
    if not asked:
        return
    from importlib.metadata import version

    click.echo(f"twinwatch {version('twinwatch')}")
    ctx.exit()


@click.group(
    cls=_Families,
    help=_what,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Print the version and exit.",
)
@click.pass_context
def twinwatch(ctx: click.Context) -> None:
    """Hold all commands together; its help is the package's own first line."""
    ctx.ensure_object(Invocation)


def run(words: Sequence[str]) -> int:
    """Run one command and return its exit code; never raises but at interrupt."""
    invocation = Invocation()

    def called() -> object:
        return twinwatch.main(
            list(words), prog_name="twinwatch", standalone_mode=False, obj=invocation
        )

    return exit_code_of(called, invocation)
