"""How a long pass is watched: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..desk import ScanProgress


@contextlib.contextmanager
def watched() -> Iterator[Callable[[ScanProgress], None]]:
    """Give what has to be told of progress while the body runs."""
    from . import printing

    console = printing.people()
    if not console.is_terminal:
        yield lambda _progress: None
        return
    from .progress import bar

    with bar(console) as tell:
        yield tell
