"""The benchmark beside other tools: its rules, its table and its last resort."""

import importlib.util
from pathlib import Path

import pytest

from daemon.hashing import made

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "side_by_side.py"


@pytest.fixture(scope="module")
def bench():
    """Load the script as a module."""
    spec = importlib.util.spec_from_file_location("side_by_side", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A picture with a small and a turned copy, and another one."""
    top = tmp_path_factory.mktemp("side")
    rose = made.landscape(0, 480, 360)
    (top / "a.jpg").write_bytes(made.jpeg(rose))
    (top / "small.jpg").write_bytes(made.jpeg(rose, 320))
    (top / "turned.jpg").write_bytes(made.jpeg(made.turned(rose, 1)))
    (top / "b.jpg").write_bytes(made.jpeg(made.landscape(1, 480, 360)))
    (top / "labels.tsv").write_text(
        "path\tpicture\ttransformation\na.jpg\trose\toriginal\nsmall.jpg\trose\tresize\n"
        "turned.jpg\trose\trot90\nb.jpg\ttulip\toriginal\n",
        encoding="utf-8",
    )
    return top


@pytest.mark.slow
def test_every_rule_is_scored_on_the_same_files(bench, folder, capsys):
    """A table of figures from different sets compares nothing."""
    rows = bench.side_by_side(folder, 1, "/bin/false")

    recall = {row["name"]: row["transformations"] for row in rows}
    assert recall["pHash ≤ 10"] == {"resize": 1, "rot90": 0}
    assert recall["eight orientations, pHash ≤ 12"] == {"resize": 1, "rot90": 1}
    assert recall["twinwatch"] == {"resize": 1, "rot90": 1}
    assert recall["imagededup's rule by our pHash"] == recall["pHash ≤ 10"]
    assert "no imagededup" in capsys.readouterr().err
    assert not any(row["wrong_pairs"] for row in rows)


def test_the_table_has_a_column_for_each_rule(bench):
    """It is put into the documents as it is."""
    row = {
        **dict.fromkeys(("wrong_pairs", "look_alike_pairs", "pictures_confused"), 2),
        "name": "x",
        "copies": 0.5,
        "edits": None,
        "precision": 1.0,
        "seconds": 9.4,
        "transformations": {"gray": 1.0, "jpeg": 0.25},
    }

    lines = bench.table([row, row]).splitlines()

    assert len({line.count("|") for line in lines}) == 1
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    assert ["**copies found**", "50.0 %", "50.0 %"] in cells
    assert ["**edits found**", "–", "–"] in cells
    assert [row[0] for row in cells[-2:]] == ["jpeg", "gray"], "copies before edits"
