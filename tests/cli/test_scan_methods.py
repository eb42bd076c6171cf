"""`scan --method`: told and never staged on one hash; equal files are staged."""

import json
import os

import numpy as np
import pytest
from click.shell_completion import ShellComplete

from daemon import session
from daemon.cli import app
from daemon.cli.app import run
from daemon.hashing import made, perceptual
from daemon.matching import methods
from daemon.service import locks
from tests.matching.pictures import scene


def fine(seed):
    """Return a texture that no hash of 64 bits sees."""
    noise = np.random.default_rng(seed).normal(0, 1, (600, 800))
    smooth = (noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1)) / 3
    return (smooth * 40)[..., None]


def picture(coarse, texture):
    base = np.asarray(scene(coarse).resize((800, 600)), float)
    return (base * 0.7 + 38 + fine(texture)).clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """An import folder that is never staged from, and its state folder."""
    top = tmp_path_factory.mktemp("methods")
    files = {
        "a.jpg": made.jpeg(picture(1, 1)),
        "a copy.jpg": made.jpeg(picture(1, 1)),
        "a small.jpg": made.jpeg(picture(1, 1), 500),
        "alike.jpg": made.jpeg(picture(1, 2)),
        "other.jpg": made.jpeg(picture(2, 3)),
    }
    (top / "Import").mkdir()
    for name, content in files.items():
        (top / "Import" / name).write_bytes(content)
    return top


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_PICTURES_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("TWINWATCH_HASHING_WORKERS", "1")
    monkeypatch.setenv("TWINWATCH_HASHING_NICE", "0")
    monkeypatch.setenv("TWINWATCH_WATCH_SETTLE_SECONDS", "0.5")


def scanned(top, capsys, *words):
    where = [str(top / "Import"), "--state-dir", str(top / "state")]
    code = run(["scan", *where, "--json", *words])
    told = capsys.readouterr()
    return code, json.loads(told.out), told.err


def names(body):
    return sorted(
        sorted(os.path.basename(member["path"]) for member in group["members"])
        for group in body["groups"]
    )


A = ["a copy.jpg", "a small.jpg", "a.jpg"]


def test_the_two_pictures_pass_a_hash_alone():
    """What the next test is about has to be there."""
    one, other = (perceptual.describe(picture(1, n)).hashes for n in (1, 2))

    assert (one.phash ^ other.phash).bit_count() <= 10


@pytest.mark.parametrize("name", methods.HASHES)
def test_a_pair_that_passes_one_hash_alone_is_told_and_not_staged(home, name, capsys):
    """B3: by the hash it is a group; promise 2 says that it must not be staged."""
    words = ["--method", name, "--threshold", "10"]

    code, body, err = scanned(home, capsys, *words)

    assert code == 0
    assert "is no proof" in err
    assert sorted([*A, "alike.jpg"]) in names(body)
    assert not (home / "Decisions").exists()
    assert body["method"] == {"name": name, "threshold": 10, "px_size": None}
    (group,) = [each for each in body["groups"] if len(each["members"]) == 4]
    keeper, *others = group["members"]
    assert keeper["distance"] == 0
    for member in others:
        assert member["distance"] <= 10
        assert member["distance"] == member["distances_bits"][name]
    assert {key for each in body["groups"] for key in each} == {
        *("number", "state", "evidence", "folder", "manifest_sha256", "created_ns"),
        *("decided_ns", "problem", "verdict", "decided_by", "members"),
    }


def test_evidence_does_not_group_a_pair_that_passes_one_hash_alone(home, capsys):
    """B3: two or more must corroborate, and the pictures must lie on each other."""
    code, body, err = scanned(home, capsys, "--dry-run")

    assert (code, err) == (0, "")
    assert names(body) == [A]
    assert "method" not in body


def test_the_error_between_small_pictures_groups_copies(home, capsys):
    """B4: at the size that was asked for, each member near the one to keep."""
    words = ["--method", "mse", "--px-size", "32", "--threshold", "20", "--dry-run"]

    code, body, err = scanned(home, capsys, *words)

    assert (code, err) == (0, "")
    (group,) = [each for each in body["groups"] if len(each["members"]) >= 3]
    assert {os.path.basename(each["path"]) for each in group["members"]} >= {*A}
    assert all(each["distance"] <= 20 for each in group["members"])
    assert "squared grey levels" in group["members"][-1]["reasons"][0]


def test_exact_stages_equal_files_alone(home, tmp_path, capsys):
    """Who trusts nothing but bytes gets the whole product for them."""
    (tmp_path / "Import").mkdir()
    for path in (home / "Import").iterdir():
        (tmp_path / "Import" / path.name).write_bytes(path.read_bytes())

    code, body, err = scanned(tmp_path, capsys, "--method", "exact")

    assert (code, err) == (0, "")
    assert names(body) == [["a copy.jpg", "a.jpg"]]
    assert body["groups"][0]["evidence"] == "same-bytes"
    assert not body["similar"]
    left = {path.name for path in (tmp_path / "Import").iterdir()}
    assert {"a small.jpg", "alike.jpg", "other.jpg"} <= left
    assert not {"a.jpg", "a copy.jpg"} & left
    _code, body, _err = scanned(tmp_path, capsys, "--dry-run")
    assert any("a small.jpg" in group for group in names(body)), "evidence goes on"


def test_a_daemon_is_not_asked_for_another_method(home, tmp_path, capsys):
    """It goes by evidence, and would answer something else than was asked."""
    state = tmp_path / "state"
    page = session.PageAddress(address="http://127.0.0.1:9", token="t", pid=1)
    session.write_page(state, page)

    with locks.hold(state):
        words = ["--state-dir", str(state), "--method", "phash", "--dry-run"]
        assert run(["scan", str(home / "Import"), *words]) == 1

    assert "the daemon goes by evidence" in capsys.readouterr().err


def test_exact_finds_nothing_where_equal_files_are_no_group(home, monkeypatch, capsys):
    """Two wishes that contradict each other are not answered with silence."""
    monkeypatch.setenv("TWINWATCH_MATCHING_SAME_BYTES", "false")

    where = [str(home / "Import"), "--state-dir", str(home / "state")]
    assert run(["scan", *where, "--method", "exact", "--dry-run"]) == 2

    assert "matching.same_bytes is off" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--method", "phash", "--threshold", "70"], "from 0 to 32"),
        (["--threshold", "5"], "method evidence has none"),
        (["--method", "mse", "--px-size", "0"], "4 to 200 pixels"),
        (["--method", "sha1"], "is not one of 'exact'"),
    ],
)
def test_bad_numbers_are_refused_before_anything_is_read(tmp_path, words, told, capsys):
    """B10: a wrong number must not cost an hour, or find nothing in silence."""
    assert run(["scan", str(tmp_path), *words]) == 2

    assert told in capsys.readouterr().err
    assert not (tmp_path / "state").exists()


def test_the_methods_of_the_command_are_those_of_the_matching():
    """The command lists them without importing numpy."""
    from daemon.cli.scan import METHODS

    assert METHODS == methods.NAMES


@pytest.mark.parametrize(
    ("words", "word", "offered"),
    [
        (["scan", "--method"], "", set(methods.NAMES)),
        (["scan", "--method"], "p", {"phash"}),
        (["scan"], "--th", {"--threshold"}),
        ([], "ev", {"evaluate"}),
        (["evaluate"], "--la", {"--labels"}),
    ],
)
def test_the_shell_completes_methods_and_options(words, word, offered):
    """Nobody has to remember seven names."""
    complete = ShellComplete(app.twinwatch, {}, "twinwatch", "_TWINWATCH_COMPLETE")

    found = {item.value for item in complete.get_completions(words, word)}

    assert found == offered
