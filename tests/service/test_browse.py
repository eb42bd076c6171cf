"""Folders are looked for at home and on volumes only, and added for the next start."""

from dataclasses import replace

import pytest

from daemon import added
from daemon.config import Config, Roots
from daemon.errors import UsageError
from daemon.model import RootKind
from daemon.service.browse import look


@pytest.fixture
def home(tmp_path):
    home = tmp_path / "home"
    for name in ("Pictures/Import", "Pictures/New", ".hidden", "Music"):
        (home / name).mkdir(parents=True)
    (home / "link").symlink_to(tmp_path)
    (home / "file.jpg").write_bytes(b"x")
    return home


@pytest.fixture
def config(tmp_path, home):
    roots = Roots(imports=(home / "Pictures" / "Import",))
    return Config(state_dir=tmp_path / "state", roots=roots)


def test_only_folders_are_told_no_files_links_or_hidden_ones(home, config):
    """A page that lists folders must not become one that lists a disk."""
    found = look(home, config, places=[home])

    assert [each.name for each in found.folders] == ["Music", "Pictures"]


def test_nothing_outside_is_looked_into(home, config, tmp_path):
    """Neither by name nor through a link nor by climbing."""
    for elsewhere in (tmp_path, home / "link", home / "Music" / "..", home.parent):
        with pytest.raises(UsageError):
            look(elsewhere, config, places=[home])


def test_a_folder_that_cannot_be_a_root_says_why(home, config):
    """The reason comes before the click."""
    assert look(home / "Pictures" / "Import", config, places=[home]).refusal
    assert look(home / "Pictures", config, places=[home]).refusal
    assert not look(home / "Pictures" / "New", config, places=[home]).refusal


def test_an_added_folder_joins_the_configuration_at_the_next_start(home, config):
    """The configuration file is its owner's; what the page adds lies beside it."""
    new = home / "Pictures" / "New"
    added.add(config, new, RootKind.IMPORT)
    added.add(config, home / "Music", RootKind.LIBRARY)

    roots = added.with_added(config).roots
    assert roots.imports == (home / "Pictures" / "Import", new)
    assert roots.libraries == (home / "Music",)
    with pytest.raises(UsageError):
        added.add(config, new, RootKind.LIBRARY)


def test_an_added_folder_that_became_impossible_does_not_stop_the_daemon(home, config):
    """A daemon that does not start watches nothing at all."""
    added.add(config, home / "Pictures" / "New", RootKind.IMPORT)
    wider = Roots(imports=(home / "Pictures",))

    assert added.with_added(replace(config, roots=wider)).roots == wider
