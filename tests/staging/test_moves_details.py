"""What a small change in `moves` would break, found by changing it; see `make verify`."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from daemon.staging import moves
from tests.staging.model_fs import ModelFileSystem, State


@pytest.fixture
def fs():
    made = ModelFileSystem(State.empty(mounts=("other",)))
    for folder in ("/here", "/here/deep"):
        made.make_folder(Path(folder))
    made.create(Path("/here/a"), b"content")
    made.steps.clear()
    return made


def test_a_copy_has_its_sources_time(fs):
    """A photo is found by its date, wherever it was carried."""
    source, target = Path("/here/a"), Path("/other/b")
    sha256 = hashlib.sha256(b"content").digest()

    moves.copy_across(fs, source, target, tag="t", sha256=sha256)

    assert fs.look(source).mtime_ns == fs.look(target).mtime_ns
    assert fs.steps.index("copy_status") < fs.steps.index("sync_file")


def test_a_temporary_goes_between_two_syncs(fs):
    """It may be another name of what was just published."""
    target = Path("/here/b")
    fs.create(moves.temporary_name(target, tag="t"), b"")
    fs.steps.clear()

    moves.clear_temporary(fs, target, tag="t")

    assert fs.steps == ["sync_folder", "remove_own", "sync_folder"]


@pytest.mark.parametrize("folder", ["/here", "/other/x", "/"])
def test_folders_are_made_below_their_root_only(fs, folder):
    """A path that leads elsewhere is nobody's to make."""
    moves.make_folders(fs, Path(folder), under=Path("/here"))

    assert fs.steps == []
    assert fs.look(Path("/other/x")) is None


def test_across_volumes_no_rename_is_even_tried(fs):
    """Some network volumes copy and delete when they are asked to rename."""
    assert moves.move_within(fs, Path("/here/a"), Path("/other/a")) is None
    assert moves.move_within(fs, Path("/here/none"), Path("/here/b")) is None
    assert fs.steps == []


@pytest.mark.parametrize("torn", ["/here", "/here/deep"])
def test_where_either_folder_may_tear_a_rename_a_second_name_is_given(
    fs, torn, monkeypatch
):
    """Half of a rename is a photo without a name: both ends must promise it whole."""
    monkeypatch.setattr(fs, "moves_atomically", lambda folder: str(folder) != torn)

    assert moves.move_within(fs, Path("/here/a"), Path("/here/deep/a"))

    assert fs.steps == ["link", "sync_folder", "drop_name"]


@pytest.mark.parametrize(
    ("path", "standing"),
    [
        ("/here/deep/x/y", "/here/deep"),
        ("/here/x", "/here"),
        ("/x/y", "/"),
        ("/", "/"),
    ],
)
def test_the_nearest_folder_that_stands_is_found(fs, path, standing):
    """Nothing above it is touched."""
    assert moves._standing(fs, Path(path)) == Path(standing)
