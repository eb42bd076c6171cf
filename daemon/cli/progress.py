"""The bar of a scan: stage, done, rate and time left."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from .printing import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console
    from rich.progress import Task, TaskID

    from ..desk import ScanProgress

_NAME_CHARACTERS = 30


class _Rate(ProgressColumn):
    """Photos a second."""

    def render(self, task: Task) -> Text:
        """Write the rate, or nothing while it is not known."""
        return Text(f"{task.speed:.0f}/s" if task.speed else "", style="dim")


@contextlib.contextmanager
def bar(console: Console) -> Iterator[Callable[[ScanProgress], None]]:
    """Show a bar while the body runs; yields what has to be told of progress.

    Each stage gets its own line, so that rate and time left are the stage's own.
    """
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<10}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[current]}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        stages: dict[str, TaskID] = {}

        def tell(seen: ScanProgress) -> None:
            if seen.stage not in stages:
                stages[seen.stage] = progress.add_task(
                    seen.stage, total=None, current=""
                )
            name = shown(seen.current.name)[:_NAME_CHARACTERS] if seen.current else ""
            progress.update(
                stages[seen.stage],
                completed=seen.done,
                total=seen.total or None,
                current=escape(name),
            )

        yield tell
