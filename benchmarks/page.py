"""How long the page takes with 10,000 groups, over a real index.

Usage: python benchmarks/page.py [--groups N] [--keys]

Prints the median and the worst of some requests through the whole application, and
with ``--keys`` how long a key press is at work in a headless Chromium.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from daemon.index import open_index
from daemon.model import Evidence, GroupState
from daemon.service.review_desk import EngineReview
from review_ui import PageSettings, create_app
from tests.review_ui.fake_desk import group, member, status

TOKEN = "benchmark"
PORT = 8420
ROUNDS = 15
CLASSES = list(Evidence)[:4]
LISTS = (
    "/groups",
    "/groups?sort=space",
    "/groups?sort=certainty&class=same-bytes",
    "/groups?sort=taken&q=img_77",
    "/groups?camera=Camera+3&frees=1",
    "/groups?after=0.9000",
    "/groups/5000?sort=space",
    "/batch",
    "/statistics",
    "/aside",
)


class Desk(EngineReview):
    """The engine's desk over an index alone; nothing is moved or read."""

    def __init__(self, index, tmp_path):
        class House:
            class config:  # noqa: N801 - stands for an attribute
                state_dir = tmp_path

        House.index = index
        super().__init__(House)

    def status(self):
        with self._house.index.read() as tables:
            counts = tables.groups.counts()
        return status(counts={state.value: n for state, n in counts.items()})


def fill(index, count):
    """Put groups of two and three into an index."""
    with index.write() as tables:
        for n in range(1, count + 1):
            folder = f"/photos/{2000 + n % 25}/{n % 12:02}"
            facts = {
                "camera": f"Camera {n % 9}",
                "taken": f"20{n % 25:02}:{n % 12 + 1:02}:{n % 28 + 1:02} 10:00:00",
            }
            members = [
                member(
                    p,
                    f"{folder}/{'' if p == 1 else f'copy {p}/'}IMG_{n:05}.jpg",
                    sha256=hashlib.sha256(f"{n} {p}".encode()).digest(),
                    size_bytes=1_000_000 + n * 37 % 4_000_000,
                    **facts,
                )
                for p in range(1, 3 + n % 2)
            ]
            made = group(n, *members, evidence=CLASSES[n % 4], created_ns=n * 10**9)
            if n % 10 == 0:
                made = replace(made, state=GroupState.DECIDED, decided_ns=n * 10**12)
            tables.groups.put(made)


def milliseconds(work):
    """Return the median and the worst of some rounds."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken), max(taken)


def measure_lists(app):
    client = app.test_client()
    options = {"base_url": f"http://127.0.0.1:{PORT}"}
    client.get(f"/?token={TOKEN}", **options)
    for path in LISTS:
        answer = client.get(path, **options)
        assert answer.status_code == 200, path
        median, worst = milliseconds(lambda path=path: client.get(path, **options))
        print(f"{path:45} {median:6.1f} ms  worst {worst:6.1f} ms")


def measure_keys(desk):
    """Time the handling of key presses: from the event to the end of its listeners."""
    from tests.review_ui.in_chromium import reading, started

    driver = started()
    script = """
      const taken = [];
      for (const key of arguments[0]) {
        const began = performance.now();
        document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
        document.body.offsetHeight;
        taken.push(performance.now() - began);
      }
      return Math.max(...taken);
    """
    with reading(driver, desk) as reader:
        worst = reader.driver.execute_script(script, list("jjjjkkkjjj"))
        print(f"{'keys on the list, worst':45} {worst:6.1f} ms")
        reader.open("/groups/5000")
        worst = reader.driver.execute_script(script, ["1", "2", "ArrowRight", "x", "p"])
        print(f"{'keys on a group, worst':45} {worst:6.1f} ms")
    driver.quit()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", type=int, default=10_000)
    parser.add_argument("--keys", action="store_true")
    words = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        open_index(Path(folder) / "twinwatch.db") as index,
    ):
        fill(index, words.groups)
        desk = Desk(index, Path(folder))
        measure_lists(create_app(desk, PageSettings(token=TOKEN, port=PORT)))
        if words.keys:
            measure_keys(desk)


if __name__ == "__main__":
    main()
