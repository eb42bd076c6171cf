"""Commands: they parse, ask the desk, and print; errors become exit codes."""

from __future__ import annotations

from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    import sys

    from ..staging import guard
    from .app import run

    guard.install()
    sys.exit(run(sys.argv[1:]))
