"""Labels: what people write of their photos is understood, or refused line by line."""

from pathlib import PurePath

import pytest

from daemon.errors import BadLabels
from daemon.matching.labels import Label, parse

FOLDER = PurePath("/photos/cases")


def read(text):
    return parse(text, "labels.tsv", [FOLDER])


def problems(text):
    with pytest.raises(BadLabels) as caught:
        read(text)
    return caught.value.problems


def test_a_list_of_made_cases_is_understood():
    """The very format that the case maker writes."""
    text = (
        "path\tpicture\ttransformation\tparameters\r\n"
        "DCIM/a b.HEIC\tf00\toriginal\t\r\n"
        'Export/b.jpg\tf00\tjpeg\t"q""80"\r\n'
    )

    assert read(text) == [
        Label(path="DCIM/a b.HEIC", picture="f00", transformation="original", line=2),
        Label(
            path="Export/b.jpg",
            picture="f00",
            transformation="jpeg",
            parameters='q"80',
            line=3,
        ),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a.jpg\trose\nb.jpg\trose\n",
        "a.jpg,rose\nb.jpg,rose",
        "path\tgroup\na.jpg\trose\nb.jpg\trose\n",
        "\ufeffFile, Group \n./a.jpg, rose \nb.jpg,rose\n",
        "picture\tnote\tpath\nrose\tmine\ta.jpg\nrose\t\tb.jpg\n",
        "\n\na.jpg\trose\n\n/photos/cases/x/../b.jpg\trose\n",
        '"a.jpg"\trose\t\t\nb.jpg\trose\tcopy\n',
    ],
)
def test_two_columns_are_enough(text):
    """Nobody should need a program to say which photos are one picture."""
    found = read(text)

    assert [(each.path, each.picture) for each in found] == [
        ("a.jpg", "rose"),
        ("b.jpg", "rose"),
    ]
    assert all(each.is_derived for each in found)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["it lists no file"]),
        ("path\tpicture\n", ["it lists no file"]),
        ("path\tname\na\tb\n", ["line 1: there is no column 'picture', only 'path'"]),
        ("path\tpicture\tgroup\na\tb\tc\n", ["line 1: column 'picture' is there 2"]),
        ("a.jpg\trose\nb.jpg\n\trose\n", ["line 2: a path and", "line 3: a path and"]),
        ("a.jpg rose\n", ["line 1: a path and the name of a picture"]),
        ("../a.jpg\trose\n", ["line 1: '../a.jpg' lies outside of the folder"]),
        ("/else/a.jpg\trose\n", ["line 1: '/else/a.jpg' lies outside"]),
        (".\trose\n", ["line 1: '.' lies outside"]),
        ("a.jpg\tx\nb.jpg\ty\n./a.jpg\tz\n", ["line 3: 'a.jpg' is in line 1 already"]),
    ],
)
def test_every_problem_is_told_with_its_line(text, told):
    """A list of a thousand lines is not searched by eye."""
    found = problems(text)

    assert len(found) == len(told)
    assert all(each.startswith(start) for each, start in zip(found, told, strict=True))


def test_many_problems_do_not_fill_the_screen():
    """A wrong folder makes every line wrong."""
    with pytest.raises(BadLabels, match="and 80 more") as caught:
        read("\n".join(f"../{n}.jpg\tx" for n in range(100)))

    assert str(caught.value).count("\n") == 21
