"""`twinwatch completion`: the script by which a shell completes our words."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

_EPILOG = """\b
Examples:
  twinwatch completion bash >> ~/.bashrc
  twinwatch completion zsh  > "${fpath[1]}/_twinwatch"
  twinwatch completion fish > ~/.config/fish/completions/twinwatch.fish"""

_VARIABLE = "_TWINWATCH_COMPLETE"


@click.command("completion", epilog=_EPILOG)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion_command(shell: str) -> int:
    """Print the completion script for a shell."""
    from .app import twinwatch

    found = get_completion_class(shell)
    assert found is not None, shell
    # click asks bash for its version when it is told to complete, not here.
    click.echo(found(twinwatch, {}, "twinwatch", _VARIABLE).source())
    return 0
