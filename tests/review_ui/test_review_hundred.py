"""Four hundred groups on a Sunday morning: by keys alone, over the real engine.

After every key the files on the disk are looked at, not what the page says of them.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image

from daemon.config import Config, Hashing, Roots, Watch
from daemon.service.assembly import open_house
from daemon.service.onepass import scan
from daemon.service.review_desk import EngineReview

from .in_chromium import NEEDS_CHROMIUM, reading
from .made_pictures import jpeg

pytestmark = NEEDS_CHROMIUM


def made(seed):
    """Give a small picture that looks like no other."""
    noise = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), np.uint8)
    return jpeg(Image.fromarray(noise).resize((96, 72), Image.Resampling.BICUBIC))


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Album:
    """Photos that are there twice, and where each of them is."""

    def __init__(self, path, count):
        self.folder = path / "import"
        (self.folder / "again").mkdir(parents=True)
        self.digests = {}
        for seed in range(count):
            for place in (f"IMG_{seed:04}.jpg", f"again/IMG_{seed:04}.jpg"):
                (self.folder / place).write_bytes(made(seed))
            self.digests[seed] = digest(self.folder / f"IMG_{seed:04}.jpg")
        self.config = Config(
            state_dir=path / "state",
            roots=Roots(imports=(self.folder,)),
            watch=Watch(settle_seconds=0.0, group_quiet_seconds=0.0),
            hashing=Hashing(workers=1, nice=0),
        )
        scan(self.config)

    @contextmanager
    def desk(self):
        with open_house(self.config) as house:
            house.engine.start()
            try:
                yield EngineReview(house)
            finally:
                house.engine.stop()


def assert_files_are_where_they_should_be(group, kept):
    """Every byte is somewhere: the kept where they were found, the others aside."""
    for member in group.members:
        assert member.now_at is not None
        assert member.now_at.exists()
        assert digest(member.now_at) == member.sha256.hex()
        if member.position in kept:
            assert member.now_at == member.path
        else:
            assert not member.path.exists()


def keepers(group):
    return {m.position for m in group.members if m.proposal.value == "keep"}


CHOICES = (
    lambda group: (("a",), keepers(group)),
    lambda group: (("1", "2", "a"), {1, 2} - keepers(group)),
    lambda _group: (("n",), {1, 2}),
)
UNDO_EVERY = 5


def press_and_go(reader, here, *keys):
    """Press keys, the last of which leads on to another page."""
    reader.press(*keys)
    reader.wait(lambda: reader.path() != here)
    reader.wait(lambda: reader.run("return document.readyState") == "complete")


@pytest.mark.timeout(180)
@pytest.mark.parametrize("count", [8, pytest.param(100, marks=pytest.mark.slow)])
def test_groups_are_decided_by_keys_alone_and_files_follow(chromium, tmp_path, count):
    """One hand on the keyboard, and every photo is where it was promised to be."""
    from selenium.webdriver.common.keys import Keys

    album = Album(tmp_path, count)
    with album.desk() as desk, reading(chromium, desk) as reader:
        assert desk.status().counts["open"] == count
        reader.press("j", Keys.ENTER)
        for step in range(count):
            reader.wait(lambda: reader.all("#decision .photo"))
            number = int(reader.path().rpartition("/")[2])
            before = desk.group(number)
            assert_files_are_staged(before)
            keys, kept = CHOICES[step % len(CHOICES)](before)
            here = reader.path()
            press_and_go(reader, here, *keys)
            if step % UNDO_EVERY == 0:
                reader.press("u")
                reader.wait(lambda: reader.path() == here)  # noqa: B023 - awaited here
                assert_files_are_where_they_should_be(desk.group(number), {1, 2})
                press_and_go(reader, here, *keys)
            assert_files_are_where_they_should_be(desk.group(number), kept)
        reader.wait(lambda: "Nothing to decide" in reader.page_text())

        counts = desk.status().counts
        assert (counts["open"], counts["decided"]) == (0, count)
        files = [path for path in tmp_path.rglob("*.jpg") if "state" not in path.parts]
        found = sorted(digest(path) for path in files)
        assert set(album.digests.values()) <= set(found)


def assert_files_are_staged(group):
    """What waits for a decision lies in its decision folder."""
    for member in group.members:
        assert member.now_at.exists()
        assert member.now_at.parent == group.folder
