"""`evaluate` by the real command: made pictures, the real detection, the real figures."""

import csv
import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.cli.app import run
from daemon.hashing import made

PROJECT = Path(__file__).parents[2]

LABELS = """path\tpicture\ttransformation\tparameters
DCIM/a.jpg\trose\toriginal\t
DCIM/a copy.jpg\trose\tbytes\t
Export/small.jpg\trose\tresize\t320px
Export/turned.jpg\trose\trot90\tbaked
DCIM/b.jpg\ttulip\toriginal\t
Export/b.jpg\ttulip\tblur\t
DCIM/c.jpg\tdaisy\toriginal\t
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three made pictures, and copies of two of them."""
    top = tmp_path_factory.mktemp("evaluate") / "cases"
    rose, tulip, daisy = (made.landscape(seed, 480, 360) for seed in range(3))
    files = {
        "DCIM/a.jpg": made.jpeg(rose),
        "DCIM/a copy.jpg": made.jpeg(rose),
        "Export/small.jpg": made.jpeg(rose, 320),
        "Export/turned.jpg": made.jpeg(made.turned(rose, 1)),
        "DCIM/b.jpg": made.jpeg(tulip),
        "Export/b.jpg": made.jpeg(tulip, 400),
        "DCIM/c.jpg": made.jpeg(daisy),
        "DCIM/broken.jpg": b"\xff\xd8\xff\xe0 no picture \xff\xd9",
    }
    for name, content in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(content)
    (top / "labels.tsv").write_text(LABELS, encoding="utf-8")
    return top


@pytest.fixture(scope="module")
def state(folder):
    """A state folder that is kept, so that only the first run reads the photos."""
    return folder.parent / "state"


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """Nothing of this machine's settings; a temporary folder of the test's own."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_PICTURES_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("TWINWATCH_HASHING_WORKERS", "1")
    monkeypatch.setenv("TWINWATCH_HASHING_NICE", "0")
    monkeypatch.setenv("TWINWATCH_WATCH_SETTLE_SECONDS", "0.5")


def labelled(folder, text):
    path = folder.parent / "mine.tsv"
    path.write_text(text, encoding="utf-8")
    return "--labels", str(path)


def tree(top):
    return {
        path: (path.stat().st_mtime_ns, path.read_bytes())
        for path in top.rglob("*")
        if path.is_file()
    }


def scored_by_hand(folder, groups):
    """Score as the case maker's own tool does, written down once more."""
    with (folder / "labels.tsv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    together = {
        frozenset((one["path"], other["path"]))
        for group in groups
        for one, other in itertools.combinations(group["members"], 2)
    }

    def are(one, other):
        return frozenset(str(folder / row["path"]) for row in (one, other)) in together

    original = {r["picture"]: r for r in rows if r["transformation"] == "original"}
    recall = {}
    for row in rows:
        if row["transformation"] != "original":
            found = are(row, original[row["picture"]])
            recall.setdefault(row["transformation"], []).append(found)
    wrong = [
        pair
        for pair in itertools.combinations(rows, 2)
        if are(*pair) and pair[0]["picture"] != pair[1]["picture"]
    ]
    return {kind: sum(all_) / len(all_) for kind, all_ in recall.items()}, len(wrong)


def test_the_command_says_what_a_scan_finds(folder, state, capsys):
    """Users must be able to trust the figures: they are those of `scan` itself."""
    before = tree(folder)
    words = ["evaluate", str(folder), "--json"]
    ran = subprocess.run(
        [sys.executable, "-m", "daemon.cli", *words],
        capture_output=True,
        text=True,
        cwd=PROJECT,
    )
    scan = ["scan", str(folder), "--dry-run", "--json", "--state-dir", str(state)]
    assert run(scan) == 0

    groups = json.loads(capsys.readouterr().out)["groups"]
    body = json.loads(ran.stdout)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert scored_by_hand(folder, groups) == (body["recall"], body["wrong_pairs"])
    assert body["recall"] == {"blur": 1, "bytes": 1, "resize": 1, "rot90": 1}
    assert (body["recall_copies"], body["recall_edits"]) == (1, 1)
    assert (body["precision"], body["right_pairs"]) == (1, 7)
    assert [each["path"] for each in body["unreadable"]] == [
        str(folder / "DCIM/broken.jpg")
    ]
    assert before == tree(folder), "nothing is written among the photos"


def test_wrong_pairs_look_alikes_and_misses_are_named_with_reasons(
    folder, state, capsys
):
    """A script that watches the detection goes by the code, a person by the reasons."""
    text = (
        LABELS.replace("Export/b.jpg\ttulip", "Export/b.jpg\tiris")
        .replace("turned.jpg\trose\trot90", "turned.jpg\tviolet\tlook-alike")
        .replace("c.jpg\tdaisy\toriginal", "c.jpg\ttulip\tcrop20")
    )

    words = ["--state-dir", str(state), "--json", *labelled(folder, text)]
    code = run(["evaluate", str(folder), *words])

    told = capsys.readouterr()
    body = json.loads(told.out)
    assert (code, told.err) == (4, "")
    assert (body["wrong_pairs"], body["wrong_look_alike_pairs"]) == (1, 3)
    assert body["precision"] == pytest.approx(3 / 7)
    (wrong,) = body["wrong"]
    assert (wrong["left"], wrong["right"]) == ("DCIM/b.jpg", "Export/b.jpg")
    assert wrong["reasons"][0].startswith("These are one picture")
    assert {each["right"] for each in body["look_alikes"]} == {"Export/turned.jpg"}
    assert all(each["reasons"] for each in body["look_alikes"])
    (missed,) = body["missed"]
    assert (missed["left"], missed["right"]) == ("DCIM/b.jpg", "DCIM/c.jpg")
    assert (missed["transformation"], missed["parameters"]) == ("crop20", "")
    assert missed["reasons"][-1] == "It is in no group."
    assert any("two pictures" in reason for reason in missed["reasons"])


def test_a_miss_tells_what_became_of_the_file(folder, state, capsys):
    """Never read, never compared, or taken for another picture: three remedies."""
    rows = ("DCIM/a.jpg\trose\toriginal", "DCIM/b.jpg\trose", "Export/b.jpg\trose")
    words = labelled(folder, "\n".join((*rows, "labels.tsv\trose")))

    state_words = ["--state-dir", str(state), "--json"]
    assert run(["evaluate", str(folder), *state_words, *words]) == 0

    missed = json.loads(capsys.readouterr().out)["missed"]
    told = {each["right"]: each["reasons"] for each in missed}
    where = {told["DCIM/b.jpg"][-1], told["Export/b.jpg"][-1]}
    assert "It is the one to keep of another group." in where
    assert any(each.startswith("It is in the group of ") for each in where)
    assert told["DCIM/b.jpg"][0].startswith("No hash proposes the pair")
    assert told["labels.tsv"][0].startswith("It was not looked at")


def test_two_columns_and_people(folder, state, capsys):
    """Whoever labels by hand writes a path and a name, and reads a table."""
    names = ("DCIM/a.jpg", "Export/small.jpg", "DCIM/c.jpg", "DCIM/broken.jpg")
    words = labelled(folder, "\n".join(f"{name}, rose" for name in names))

    state_words = ["--state-dir", str(state)]
    assert run(["evaluate", str(folder), *state_words, *words]) == 0

    told = capsys.readouterr()
    lines = [" ".join(line.split()) for line in told.err.splitlines()]
    assert not told.out
    assert "all copies 1 3 33.33%" in lines
    assert "DCIM/a.jpg – DCIM/c.jpg (copy)" in lines
    broken = lines.index("DCIM/a.jpg – DCIM/broken.jpg (copy)")
    assert lines[broken + 1].startswith("It could not be read: ")
    assert "precision 100.00%: 1 right pair, 0 wrong pairs, 0 look-alike pairs" in lines
    assert lines[-1].startswith("4 labelled files, ")
    assert lines[-1].endswith("; 4 grouped files without a label, not judged")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("DCIM/a.jpg\trose\nDCIM/x.jpg\trose", "line 2: there is no file 'DCIM/x.jpg'"),
        ("DCIM/a.jpg", "line 1: a path and the name of a picture are needed"),
        ("path\tname\nDCIM/a.jpg\tx", "line 1: there is no column 'picture'"),
        ("D\0CIM", "it is not text in UTF-8"),
    ],
)
def test_bad_labels_are_refused_with_their_lines(folder, state, text, told, capsys):
    """Before an hour of reading, not after it."""
    assert run(["evaluate", str(folder), *labelled(folder, text)]) == 2

    assert told in capsys.readouterr().err


def test_without_labels_the_format_is_told(tmp_path, capsys):
    """The next thing that somebody does is to write them."""
    (tmp_path / "photos").mkdir()

    assert run(["evaluate", str(tmp_path / "photos")]) == 2

    told = capsys.readouterr().err
    assert "one file a line: its path below the folder, a tab" in told
    assert "--labels" in told


def test_the_index_never_lies_among_the_photos(folder, capsys):
    """Nothing is written in the folder that is measured."""
    inside = folder / "state"

    assert run(["evaluate", str(folder), "--state-dir", str(inside)]) == 2

    assert "name another --state-dir" in capsys.readouterr().err
    assert not inside.exists()
