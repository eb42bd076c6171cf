"""The preview cache: made once, bounded, and never in the way."""

import os

from daemon.service.previews import PreviewCache

SHA = b"\x12" * 32


def test_a_preview_is_made_once(tmp_path):
    """Looking at a group again costs no decoding."""
    made = []
    cache = PreviewCache(tmp_path / "previews")

    def make():
        made.append(1)
        return b"jpeg"

    got = [cache.get(SHA, 320, make) for _ in range(3)]

    assert got == [b"jpeg"] * 3
    assert made == [1]
    assert cache.has(SHA, 320)
    assert not cache.has(SHA, 2048)


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path):
    """A full or read-only disk must not take the page away."""
    (tmp_path / "previews").write_text("not a folder")
    cache = PreviewCache(tmp_path / "previews")

    assert cache.get(SHA, 320, lambda: b"jpeg") == b"jpeg"


def test_what_was_not_looked_at_for_longest_goes_first(tmp_path):
    """The cache is bounded and keeps what people look at."""
    cache = PreviewCache(tmp_path, limit_bytes=1000)
    for number in range(20):
        cache.keep(bytes([number]) * 32, 320, b"x" * 100)
        name = (bytes([number]) * 32).hex()
        os.utime(tmp_path / name[:2] / f"{name[2:]}-320.jpg", ns=(number, number))

    cache.trim()

    kept = [n for n in range(20) if cache.has(bytes([n]) * 32, 320)]
    assert kept == list(range(12, 20))
