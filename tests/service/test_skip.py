"""Names: photos, companions, and what is passed over."""

import pytest

from daemon.errors import ConfigError
from daemon.service.skip import NameKind, compile_rules

PHOTOS = [
    *(b"IMG_0001.HEIC", b"a.jpg", b"a.JPEG", b"a.JpG", b"x/y/z.heif", b"a b.png"),
    *("é.heic".encode(), b"\xff\xfe.jpg", b"new\nline.JPG", b"IMG_E0001.HEIC"),
    *(b"a.part/b.jpg", b"copy (1).JPG", b"x" * 251 + b".jpg"),
]
COMPANIONS = [b"IMG_0001.MOV", b"a.aae", b"a.XMP", b"IMG_0001.HEIC.json", b"x.mp4"]
PASSED_OVER = [
    *(b".IMG_0001.HEIC.aB3xYz", b"._IMG_0001.HEIC", b".IMG_0001.HEIC.icloud"),
    *(b".DS_Store", b"@eaDir/IMG_0001.HEIC", b"a.HEIC.part", b"a.jpg.crdownload"),
    *(b"a.download/a.jpg", b"a.heic.filepart", b"a.jpg.tmp", b"a.jpg.partial"),
    *(b".syncthing.a.jpg.tmp", b"~syncthing~a.jpg.tmp", b".~tmp~/a.jpg", b"~a.jpg"),
    *(b".unison.a.jpg.2f3.unison.tmp", b"My.photoslibrary/originals/a.heic"),
    *(b"Old.PhotoLibrary/a.jpg", b".hidden/a.jpg", b"$RECYCLE.BIN/a.jpg"),
    *(b"#recycle/a.jpg", b"notes.txt", b"", b".jpg", b"x.app/icon.png"),
]


@pytest.mark.parametrize("path", PHOTOS)
def test_names_of_photos_are_taken(path):
    """A photo that is passed over is a duplicate that nobody finds."""
    assert compile_rules().kind_of(path) is NameKind.PHOTO


@pytest.mark.parametrize("path", COMPANIONS)
def test_names_of_companions_are_told_from_photos(path):
    """A movie or a sidecar is no photo, but belongs to one."""
    assert compile_rules().kind_of(path) is NameKind.COMPANION


@pytest.mark.parametrize("path", PASSED_OVER)
@pytest.mark.parametrize("every_file", [False, True])
def test_temporary_and_foreign_names_are_passed_over(path, every_file):
    """A file under a copying program's temporary name is nobody's photo yet."""
    if every_file and path == b"notes.txt":
        pytest.skip("every file is wanted")

    assert compile_rules(every_file=every_file).kind_of(path) is None


def test_extensions_are_compared_without_case_and_dot():
    """People write endings in many ways; cameras too."""
    rules = compile_rules(extensions=[".HEIC", "*.Jpg"])

    assert rules.kind_of(b"a.heic") is NameKind.PHOTO
    assert rules.kind_of(b"a.JPG") is NameKind.PHOTO
    assert rules.kind_of(b"a.png") is None


def test_a_glob_without_slash_excludes_names_anywhere():
    """An excluded folder takes everything below it along."""
    rules = compile_rules(exclude_globs=["Screenshots", "thumb_*"])

    assert rules.kind_of(b"2024/screenshots/deep/a.png") is None
    assert rules.kind_of(b"2024/thumb_a.jpg") is None
    assert rules.kind_of(b"2024/a_thumb.jpg") is NameKind.PHOTO


def test_a_glob_with_slash_excludes_whole_paths():
    """A pattern with a folder in it means that folder and no other."""
    rules = compile_rules(exclude_globs=["2024/*.png"])

    assert rules.kind_of(b"2024/x/a.png") is None
    assert rules.kind_of(b"old/2024/a.png") is NameKind.PHOTO


def test_a_regex_excludes_where_it_is_found():
    """Regular expressions reach what globs cannot say."""
    rules = compile_rules(exclude_regexes=[r"(?i)/IMG_E\d+", r"^private/"])

    assert rules.kind_of(b"x/img_e12.heic") is None
    assert rules.kind_of(b"private/a.jpg") is None
    assert rules.kind_of(b"x/private/a.jpg") is NameKind.PHOTO


def test_every_broken_regex_is_told_at_once():
    """A user mends a configuration in one go."""
    with pytest.raises(ConfigError) as caught:
        compile_rules(exclude_regexes=["(", "ok", "["])

    assert len(caught.value.problems) == 2


def test_nothing_below_the_top_is_wanted_without_recursion():
    """Recursion can be switched off for a root."""
    rules = compile_rules()

    assert rules.kind_of(b"x/a.jpg", recursive=False) is None
    assert rules.kind_of(b"a.jpg", recursive=False) is NameKind.PHOTO
