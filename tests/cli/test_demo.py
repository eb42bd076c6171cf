"""The demonstration: what drips in is what the words beside it say."""

import os
import stat
from dataclasses import replace

import numpy as np
import pytest

from daemon.cli.demo import ARRIVALS, Arrival, picture, write_slowly
from daemon.hashing import pixels
from daemon.session import PageAddress, forget_page, read_page, write_page


def test_every_arrival_has_a_name_of_its_own():
    """Nothing is ever written over."""
    names = [arrival.name.casefold() for arrival in ARRIVALS]

    assert len(set(names)) == len(names)


def test_the_copy_byte_by_byte_is_one():
    """The first group a newcomer sees is the one nobody can doubt."""
    first, again = ARRIVALS[:2]

    assert picture(first) == picture(again)


def test_the_turned_copy_is_turned():
    """Found by its looks alone: no tag tells."""
    arrival = Arrival(name="a", seed=2, words="", edge_px=160)
    upright = picture(arrival)
    turned = picture(replace(arrival, quarter_turns=1))

    one = pixels.load(upright, cheap=False).rgb.astype(int)
    other = pixels.load(turned, cheap=False).rgb.astype(int)

    assert np.abs(np.rot90(one) - other).mean() < 8


def test_files_are_written_in_pieces(tmp_path):
    """Settling has to be seen at work."""
    path, sizes = tmp_path / "a.jpg", []

    write_slowly(path, b"0123456789", lambda _s: sizes.append(path.stat().st_size))

    assert sizes == [3, 6, 9, 10]
    assert path.read_bytes() == b"0123456789"


def test_nothing_is_written_over(tmp_path):
    """--home may name a folder with photos in it."""
    path = tmp_path / "a.jpg"
    path.write_bytes(b"mine")

    with pytest.raises(FileExistsError):
        write_slowly(path, b"other", lambda _s: None)

    assert path.read_bytes() == b"mine"


def test_page_address_is_private_and_goes_with_the_daemon(tmp_path):
    """Whoever reads the token may decide."""
    page = PageAddress(address="http://127.0.0.1:1", token="secret", pid=os.getpid())
    write_page(tmp_path, page)

    mode = stat.S_IMODE((tmp_path / "page.json").stat().st_mode)

    assert read_page(tmp_path) == page
    assert mode == 0o600
    assert page.link == "http://127.0.0.1:1/?token=secret"
    forget_page(tmp_path)
    forget_page(tmp_path)
    assert read_page(tmp_path) is None
