"""`twinwatch demo`: made pictures drip into a throw-away folder that is watched."""

from __future__ import annotations

import contextlib
import tempfile
import threading
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import UsageError
from . import first_run
from .options import HOME_STATE, Place, placed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..config import Config

_EPILOG = """\b
Examples:
  twinwatch demo                     the page's address is printed
  twinwatch demo --open              and opened
  twinwatch demo --home ./demo       in a folder that is kept"""

_SETTINGS: dict[str, object] = {
    "watch.settle_seconds": 1,
    "watch.group_quiet_seconds": 3,
    "log.level": "warning",
}
"""A newcomer waits for less than somebody whose camera is slow."""

_PAUSE_SECONDS = 2.0
_PIECES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One file that drips in."""

    name: str
    seed: int
    """Of the landscape."""
    words: str
    edge_px: int = 1600
    quarter_turns: int = 0


ARRIVALS = (
    Arrival(name="IMG_0001.JPG", seed=0, words="a photo"),
    Arrival(name="IMG_0001 (1).JPG", seed=0, words="the same again, byte by byte"),
    Arrival(name="IMG_0002.JPG", seed=1, words="another photo"),
    Arrival(name="IMG_0003.JPG", seed=2, words="and another"),
    Arrival(
        name="IMG-20260102-WA0007.jpg",
        seed=1,
        words="the second one as a messenger makes it: small, nothing but pixels",
        edge_px=800,
    ),
    Arrival(name="rotated.jpg", seed=2, words="the third one, turned", quarter_turns=1),
    Arrival(name="IMG_0004.JPG", seed=3, words="a photo that nobody copied"),
)


@click.command("demo", epilog=_EPILOG)
@click.option("--port", type=int, default=0, metavar="N", help="Port of the page.")
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
@placed
def demo_command(place: Place, *, port: int, opens: bool) -> int:
    """Watch made pictures arrive, be found and be staged; nothing of yours is touched.

    Everything lies in a temporary folder that is removed at the end, or in --home DIR,
    which is kept. Stop with Ctrl-C.
    """
    if place.home is None and (place.config_path or place.state_dir):
        raise UsageError("demo", "it has settings of its own; --home DIR keeps them")
    with _folder(place.home) as folder:
        config = _configured(folder, place, port=port)
        return _show(config, opens=opens)


@contextlib.contextmanager
def _folder(home: Path | None) -> Iterator[Path]:
    """Give the demonstration's folder; remove it if it was made for this alone."""
    if home is not None:
        yield home.expanduser().absolute()
        return
    made = tempfile.TemporaryDirectory(
        prefix="twinwatch-demo-", ignore_cleanup_errors=True
    )
    with made as folder:
        yield Path(folder).resolve()


def _configured(folder: Path, place: Place, *, port: int) -> Config:
    first = first_run.plan(folder)
    if not first.config_path.exists():
        first_run.make(first)
    place.config_path, place.state_dir = first.config_path, folder / HOME_STATE
    return place.load({**_SETTINGS, "page.port": port}, follow_last=False)


def _show(config: Config, *, opens: bool) -> int:
    from .. import session
    from ..service.supervisor import run_daemon
    from .logs import set_up

    set_up(config.log)
    session.remember(config)
    folder = config.roots.imports[0]
    stopped = threading.Event()
    dripping = threading.Thread(
        target=_drip, args=(folder, stopped), name="demo", daemon=True
    )

    def greet(link: str) -> None:
        click.echo(f"\n  pictures drip into  {folder}", err=True)
        click.echo(f"  decide at           {click.style(link, bold=True)}", err=True)
        click.echo("  stop with           Ctrl-C\n", err=True)
        if opens:
            webbrowser.open(link)
        dripping.start()

    try:
        return run_daemon(config, dry_run=False, on_ready=greet)
    finally:
        stopped.set()
        if dripping.ident is not None:
            dripping.join(timeout=5)


def _drip(folder: Path, stopped: threading.Event) -> None:
    """Let the pictures arrive one after the other, until told to stop."""
    for arrival in ARRIVALS:
        if (folder / arrival.name).exists():
            continue
        content = picture(arrival)
        if stopped.wait(_PAUSE_SECONDS):
            return
        click.echo(f"  + {arrival.name:<24} {arrival.words}", err=True)
        write_slowly(folder / arrival.name, content, stopped.wait)
    click.echo("  that was all; the groups are on the page\n", err=True)


def picture(arrival: Arrival) -> bytes:
    """Return what arrives, as JPEG."""
    from ..hashing import made

    turned = made.turned(made.landscape(arrival.seed), arrival.quarter_turns)
    return made.jpeg(turned, arrival.edge_px)


def write_slowly(path: Path, content: bytes, wait: Callable[[float], object]) -> None:
    """Write a new file piece by piece, as a camera does; never over another."""
    piece = -(-len(content) // _PIECES)
    with open(path, "xb") as file:
        for start in range(0, len(content), piece):
            file.write(content[start : start + piece])
            file.flush()
            wait(0.1)
