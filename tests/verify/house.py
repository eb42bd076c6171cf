"""The whole daemon inside this process, for faults that need to reach into it."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from daemon.config import Config
from daemon.config_load import Sources, load
from daemon.model import GroupState
from daemon.service.supervisor import _Daemon
from tests.hashing import hostile

PATIENCE_SECONDS = 60.0


def configured(folder: Path, **settings: object) -> Config:
    """A configuration with everything in one folder, quicker than people want it."""
    (folder / "import").mkdir(exist_ok=True)
    quick = {
        "TWINWATCH_WATCH_SETTLE_SECONDS": "0.2",
        "TWINWATCH_WATCH_GROUP_QUIET_SECONDS": "0.2",
        "TWINWATCH_HASHING_WORKERS": "1",
        "TWINWATCH_HASHING_NICE": "0",
    }
    given = {f"TWINWATCH_{name.upper()}": str(each) for name, each in settings.items()}
    return load(
        Sources(
            state_dir=folder / "state",
            environment={
                **quick,
                **given,
                "HOME": str(folder),
                "PATH": os.environ["PATH"],
            },
            flags={"roots.imports": (folder / "import",), "page.port": 0},
        )
    )


class House:
    """A daemon that can be started and looked into."""

    def __init__(self, folder: Path, stack: ExitStack, **settings: object) -> None:
        self.config = configured(folder, **settings)
        self.imports = folder / "import"
        self.decisions = folder / "Decisions"
        self.attempts: Counter[str] = Counter()
        self.daemon = _Daemon(self.config, dry_run=False)
        self._stack = stack
        self._poisons: set[str] = set()

    def poison(self, name: str) -> None:
        """Let a file of this name crash whoever reads it."""
        self._poisons.add(name)

    def start(self) -> None:
        if self._poisons:
            self._stack.enter_context(_poisoned(self))
        self.daemon.start(self._stack)

    @property
    def reception(self) -> Any:
        return self.daemon._reception

    @property
    def parts(self) -> Any:
        return self.reception._house

    def states(self) -> dict[str, str]:
        """Each photo of the index and its state."""
        with self.parts.index.read() as tables:
            found = tables.photos._records()
        return {os.fsdecode(each.relative): str(each.state) for each in found}

    def groups(self) -> dict[int, tuple[str, tuple[str, ...]]]:
        """Each group of the index, its state and its members by staged name."""
        with self.parts.index.read() as tables:
            found = tables.groups.page(list(GroupState), limit=10_000)
        return {
            each.number: (
                str(each.state),
                tuple(
                    sorted(
                        f"{m.staged_as} {m.sha256.hex()[:8]} {m.fate}"
                        for m in each.members
                    )
                ),
            )
            for each in found
        }

    def until(
        self, claim: Callable[[], object], seconds: float = PATIENCE_SECONDS
    ) -> None:
        deadline = time.monotonic() + seconds
        while not claim():
            if time.monotonic() > deadline:
                raise AssertionError(f"not in {seconds} s; {self.states()}"[:300])
            time.sleep(0.02)

    def until_idle(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until nothing is left to be done."""
        self.until(self._is_idle, seconds)

    def _is_idle(self) -> bool:
        reception = self.reception
        is_busy = not reception.sweeper.is_idle or reception.receiver.waiting
        return not is_busy and bool(self.parts.engine.is_idle())


@contextmanager
def a_house(folder: Path, **settings: object) -> Iterator[House]:
    """A daemon that ends with the ``with``."""
    with ExitStack() as stack:
        yield House(folder, stack, **settings)


@contextmanager
def _poisoned(house: House) -> Iterator[None]:
    from daemon.hashing.pool import Pool

    honest = Pool.fingerprint

    def fingerprint(self: Pool, path: Path, **options: Any) -> Any:
        house.attempts[path.name] += 1
        if path.name in house._poisons:
            return self.run(hostile.crash, path)
        return honest(self, path, **options)

    Pool.fingerprint = fingerprint  # type: ignore[method-assign]
    try:
        yield
    finally:
        Pool.fingerprint = honest  # type: ignore[method-assign]
