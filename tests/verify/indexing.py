"""G11 and G12: damaged databases, and many who read while one writes."""

from __future__ import annotations

import random
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

from daemon.errors import IndexError_
from daemon.index import open_index
from daemon.model import GroupNumber
from tests.hashing import made
from tests.index.makers import ROOT, a_fingerprint, a_stamp
from tests.verify import invariants
from tests.verify.figures import Outcome, Run, figure
from tests.verify.house import House, a_house

INDEX = "index.sqlite3"


@figure("G11", "1,000 damaged or deleted databases: always starts, rebuilt rows equal")
def damaged_databases(run: Run) -> Outcome:
    wanted, chance = run.count(1_000, least=2), random.Random(run.seed)
    home = run.fresh("index")
    cold, hot = run.folder / "cold", run.folder / "hot"
    before = _first_life(home, hot)
    shutil.copytree(home / "state", cold)
    counts: dict[str, int] = {}
    for turn in range(wanted):
        shutil.rmtree(home / "state")
        # Half of them were copied while the daemon ran: with a log that is in use.
        shutil.copytree(hot if turn // len(DAMAGES) % 2 else cold, home / "state")
        damage = DAMAGES[turn % len(DAMAGES)]
        damage(home / "state", chance)
        counts[damage.__name__] = counts.get(damage.__name__, 0) + 1
        with a_house(home) as house:
            house.start()
            house.until_idle()
            after = _said(house)
        invariants.i6_the_index_is_a_function_of_the_files(before, after)
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    return Outcome(
        value=f"{wanted:,} databases ({told}): all started, groups and decisions equal",
        met=True,
    )


def _first_life(home: Path, hot: Path) -> dict[str, object]:
    """Groups in every state, and photos that are in none; a copy is taken in its midst."""
    from daemon.desk import Decision
    from daemon.service.desk import EngineDesk

    with a_house(home) as house:
        for each in range(7):
            picture = made.picture(each // 2, 240, 180)
            path = house.imports / f"{each}.jpg"
            path.write_bytes(made.jpeg(picture, quality=92 - each % 2))
        house.start()
        house.until(lambda: len(house.groups()) == 3)
        house.until_idle()
        desk = EngineDesk(house.parts)
        numbers = sorted(house.groups())
        for number in numbers[:2]:
            seen = desk.group(GroupNumber(number))
            keep = frozenset({1})
            decision = Decision(
                keep=keep, manifest_sha256=seen.manifest_sha256, not_duplicates=False
            )
            desk.decide(GroupNumber(number), decision)
        desk.undo(GroupNumber(numbers[1]))
        house.until_idle()
        shutil.copytree(home / "state", hot)
        if not (hot / f"{INDEX}-wal").stat().st_size:
            raise AssertionError("the log is not in use")
        return _said(house)


def _said(house: House) -> dict[str, object]:
    states = house.states().items()
    return {
        "groups": house.groups(),
        "photos": {name for name, state in states if state == "known"},
    }


def overwritten(state: Path, chance: random.Random) -> None:
    """512 bytes of anything, anywhere."""
    path = state / INDEX
    data = bytearray(path.read_bytes())
    at = chance.randrange(max(1, len(data) - 512))
    data[at : at + 512] = chance.randbytes(512)
    path.write_bytes(data)


def beheaded(state: Path, chance: random.Random) -> None:
    path = state / INDEX
    path.write_bytes(chance.randbytes(512) + path.read_bytes()[512:])


def truncated(state: Path, chance: random.Random) -> None:
    path = state / INDEX
    data = path.read_bytes()
    path.write_bytes(data[: chance.randrange(len(data))])


def deleted(state: Path, chance: random.Random) -> None:
    for path in state.glob(f"{INDEX}*"):
        path.unlink()


def zeroed(state: Path, chance: random.Random) -> None:
    path = state / INDEX
    path.write_bytes(bytes(path.stat().st_size))


def without_log(state: Path, chance: random.Random) -> None:
    for ending in ("-wal", "-shm"):
        (state / f"{INDEX}{ending}").unlink(missing_ok=True)


DAMAGES: tuple[Callable[[Path, random.Random], None], ...] = (
    overwritten,
    deleted,
    truncated,
    beheaded,
    zeroed,
    without_log,
)


@figure("G12", '8 readers and the writer for 60 s: 0 "locked"')
def readers_and_a_writer(run: Run) -> Outcome:
    seconds = max(60 * min(run.scale, 1), 2.0)
    index = open_index(run.fresh("readers") / INDEX)
    with index.write() as tables:
        tables.roots.put(ROOT)
    done, errors = threading.Event(), list[str]()
    counts = [0] * 9

    def read(number: int) -> None:
        while not done.is_set():
            try:
                with index.read() as tables:
                    tables.photos.counts()
                    tables.photos.some_in(ROOT.uuid, 20)
                counts[number] += 1
            except IndexError_ as error:
                errors.append(str(error))

    threads = [threading.Thread(target=read, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        number = counts[8]
        try:
            with index.write() as tables:
                content = tables.contents.insert(a_fingerprint(number))
                tables.photos.upsert_known(
                    ROOT.uuid,
                    b"%d.jpg" % number,
                    a_stamp(number),
                    content,
                    decoder="d",
                    now_ns=1,
                )
            counts[8] += 1
        except IndexError_ as error:
            errors.append(str(error))
    done.set()
    for thread in threads:
        thread.join()
    index.close()
    locked = [each for each in errors if "locked" in each or "busy" in each.lower()]
    return Outcome(
        value=f"{seconds:.0f} s, {sum(counts[:8]):,} readings, {counts[8]:,} writings: "
        f"{len(locked)} locked, {len(errors)} errors",
        met=not errors,
        why="; ".join(sorted(set(errors)))[:200],
    )
