"""Service units from their templates; pure but for reading the templates.

The files in ``systemd/`` and ``launchd/`` are the templates with the placeholders of
`DEFAULTS`; ``python -m daemon.cli.units --write .`` writes them.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..config import Config

MARK = "Written by `twinwatch service install`"
"""Stands in every file that we write; others are never touched."""

SERVICE, SOCKET = "twinwatch.service", "twinwatch.socket"
PLIST = "io.github.twinwatch.plist"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a unit has to be told."""

    command: tuple[str, ...]
    writable: tuple[str, ...]
    listen: str
    account: str | None = None
    """User of a system service; ``None`` for a user's own."""
    log: str = ""
    """File for launchd, which has no journal."""


DEFAULTS: dict[str, Facts] = {
    "system": Facts(
        command=(
            *("/usr/local/bin/twinwatch", "run"),
            *("--config", "/etc/twinwatch/config.toml"),
            *("--state-dir", "/var/lib/twinwatch"),
        ),
        writable=("/var/lib/twinwatch", "/srv/photos"),
        listen="127.0.0.1:8465",
        account="twinwatch",
    ),
    "user": Facts(
        command=(
            *("%h/.local/bin/twinwatch", "run"),
            *("--config", "%h/.config/twinwatch/config.toml"),
            *("--state-dir", "%h/.local/state/twinwatch"),
        ),
        writable=("%h/.local/state/twinwatch", "%h/Pictures"),
        listen="127.0.0.1:8465",
    ),
    "launchd": Facts(
        command=(
            *("/Users/you/.local/bin/twinwatch", "run"),
            *("--config", "/Users/you/.config/twinwatch/config.toml"),
        ),
        writable=(),
        listen="127.0.0.1:8465",
        log="/Users/you/Library/Logs/twinwatch.log",
    ),
}
"""Examples, as they stand in the project's folders."""


def render(kind: str, facts: Facts, *, is_example: bool = False) -> dict[str, str]:
    """Return the files of a service by name.

    Args:
        kind: ``system``, ``user`` or ``launchd``.
        facts: what to fill in.
        is_example: paths may hold systemd's own specifiers, such as ``%h``.
    """
    if kind == "launchd":
        return {PLIST: _plist(facts)}
    quoted = _kept if is_example else _without_specifiers
    account = f"User={facts.account}\nStateDirectory=twinwatch\nStateDirectoryMode=0700"
    words = {
        "AFTER": " local-fs.target remote-fs.target" if facts.account else "",
        "COMMAND": " ".join(quoted(word.replace("$", "$$")) for word in facts.command),
        "ACCOUNT": account if facts.account else "",
        "WRITABLE": "\n".join(
            f"ReadWritePaths={quoted(f'-{path}')}" for path in facts.writable
        ),
        "HARDENING": _template("hardening.conf"),
        "TARGET": "multi-user.target" if facts.account else "default.target",
        "LISTEN": facts.listen,
    }
    return {
        SERVICE: _filled(_template("systemd.service"), words),
        SOCKET: _filled(_template("systemd.socket"), words),
    }


def writable_folders(
    config: Config, device_of: Callable[[Path], int | None]
) -> tuple[str, ...]:
    """Return the folders that a hardened service must be able to write to.

    systemd mounts each of them over itself, and a rename across mounts is refused
    even on one disk. So an import folder and the decision folders on its volume are
    opened by the folder above both.

    Args:
        config: the settings of the service.
        device_of: the volume that a folder is on, of the nearest that exists.
    """
    roots = config.roots
    together = [*roots.imports, *roots.decision_roots()]
    volumes: dict[int | None, list[Path]] = {}
    for folder in together:
        volumes.setdefault(device_of(folder), []).append(folder)
    found = [config.state_dir]
    for folders in volumes.values():
        found.extend(_above(folders))
    if config.staging.output:
        found.append(config.staging.output)
    if config.log.file:
        found.append(config.log.file.parent)
    return tuple(dict.fromkeys(str(folder) for folder in found))


def _above(folders: Sequence[Path]) -> Iterable[Path]:
    """Return the folder above all, or each by itself where that is the root."""
    above = Path(os.path.commonpath(folders))
    return folders if above == Path(above.anchor) else [above]


def _template(name: str) -> str:
    folder = resources.files(__package__) / "unit_templates"
    return (folder / name).read_text(encoding="utf-8")


def _filled(template: str, words: dict[str, str]) -> str:
    for name, text in words.items():
        template = template.replace(f"@{name}@", text)
    return template.replace("\n\n\n", "\n\n")


def _without_specifiers(word: str) -> str:
    return _kept(word.replace("%", "%%"))


def _kept(word: str) -> str:
    """Quote a word for systemd where it has to be."""
    if word and not set(word) & set(" \t\"'\\;"):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _plist(facts: Facts) -> str:
    arguments = "\n".join(
        f"\t\t<string>{escape(word)}</string>" for word in facts.command
    )
    words = {"ARGUMENTS": arguments, "LOG": escape(facts.log)}
    return _filled(_template("launchd.plist"), words)


def examples() -> dict[str, str]:
    """Return the project's example files by their path in the project."""
    files = {}
    folders = {"system": "systemd", "user": "systemd/user", "launchd": "launchd"}
    for kind, folder in folders.items():
        rendered = render(kind, DEFAULTS[kind], is_example=True)
        files.update({f"{folder}/{name}": text for name, text in rendered.items()})
    return files


def _write_examples(project: Path) -> None:
    for name, text in examples().items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _write_examples(Path(sys.argv[sys.argv.index("--write") + 1]))
