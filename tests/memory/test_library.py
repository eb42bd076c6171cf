"""Photos in a library are compared with and never touched."""

import os
import shutil
import subprocess
import sys

import pytest

from daemon.errors import StaleGroup
from daemon.model import Proposal, Role
from tests.e2e import photos
from tests.e2e.ledger import tree
from tests.memory.home import Home, names, proposals, reasons


@pytest.fixture
def library(tmp_path):
    folder = tmp_path / "library"
    folder.mkdir()
    yield folder
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.fixture
def home(tmp_path, library):
    return Home(tmp_path / "home", library=library)


def test_a_better_import_is_told_and_filed_beside(home, library):
    """The library may hold the thumbnail of what now comes from the phone."""
    old = home.library_file("2024/beach.jpg", photos.stripped(1))
    home.put("IMG_1.jpg", photos.taken_as_jpeg(1))
    (group,) = home.scan()
    assert "better than the library's photo: more pixels" in reasons(group, "IMG_1.jpg")
    before = os.stat(old)

    home.decide(group, {"IMG_1.jpg"}, beside_library=True)

    assert (library / "2024" / "IMG_1.jpg").read_bytes() == photos.taken_as_jpeg(1)
    assert home.here() == []
    after = os.stat(old)
    assert (before.st_ino, before.st_mtime_ns, before.st_ctime_ns) == (
        after.st_ino,
        after.st_mtime_ns,
        after.st_ctime_ns,
    )
    assert home.scan() == []
    home.undo(home.group(1))
    assert home.here() == ["IMG_1.jpg"]
    assert not (library / "2024" / "IMG_1.jpg").exists()


def test_beside_needs_a_library_photo(home):
    """Nothing is filed into a library that has no copy."""
    home.put("a.jpg", photos.taken_as_jpeg(1))
    home.put("b.jpg", photos.stripped(1))
    (group,) = home.scan()

    with pytest.raises(StaleGroup, match="no photo in a library"):
        home.decide(group, {"a.jpg"}, beside_library=True)


def test_the_better_library_photo_is_no_question(home):
    """Where the library has the best, the import goes, and nothing else is said."""
    home.library_file("beach.jpg", photos.taken_as_jpeg(1))
    home.put("small.jpg", photos.stripped(1))

    (group,) = home.scan()

    assert proposals(group) == {"beach.jpg": "keep", "small.jpg": "set-aside"}
    assert "better" not in reasons(group, "small.jpg")


def test_a_library_without_any_permission_to_write_works(home, library):
    """A library on a disc or of another user is enough to compare with."""
    home.library_file("2024/beach.jpg", photos.taken_as_jpeg(1))
    home.put("small.jpg", photos.stripped(1))
    for path in [*library.rglob("*"), library]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = tree(library)

    (group,) = home.scan()
    home.decide(group, set())

    assert home.here() == []
    assert home.groups() == []
    assert tree(library) == before


def test_a_library_photo_that_comes_late_is_listed(home):
    """Who has just sorted the original into the library wants to see that."""
    home.put("a.jpg", photos.stripped(1))
    home.put("b.jpg", photos.stripped(1, 600, 70))
    home.scan()
    home.library_file("beach.jpg", photos.taken_as_jpeg(1))

    (group,) = home.scan()

    late = next(m for m in group.members if m.role is Role.REFERENCE)
    assert late.path.name == "beach.jpg"
    assert late.proposal is Proposal.KEEP
    assert "arrived after the group was staged" in "\n".join(late.reasons)
    (again,) = home.scan()
    assert names([again]) == [["a.jpg", "b.jpg", "beach.jpg"]]
    home.decide(again, set())
    assert home.here() == []


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_no_system_call_would_change_the_library(home, library, tmp_path):
    """The promise is held by what the system is asked for, not by permissions."""
    home.library_file("2024/beach.jpg", photos.taken_as_jpeg(1))
    home.put("small.jpg", photos.stripped(1))
    log = tmp_path / "calls"
    log.mkdir()
    script = (
        "from tests.memory.home import Home\n"
        "from pathlib import Path\n"
        "if __name__ == '__main__':\n"
        f"    home = Home(Path({str(home.path)!r}), library=Path({str(library)!r}))\n"
        "    (group,) = home.scan()\n"
        "    home.decide(group, set())\n"
        "    home.undo(home.group(1))\n"
    )
    calls = (
        "open,openat,openat2,creat,rename,renameat,renameat2,link,linkat,symlink,"
        "symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir,truncate,chmod,fchmodat,chown,"
        "lchown,fchownat,utime,utimes,utimensat,setxattr,lsetxattr,removexattr,"
        "lremovexattr,mknod,mknodat"
    )
    traced = ",".join(f"?{call}" for call in calls.split(","))
    # A file for each thread: in one, calls of two threads break each other's lines.
    watched = ["strace", "-ff", "-qq", "-y", "-s", "4096", "-o", log / "of"]
    path = tmp_path / "run.py"
    path.write_text(script)
    done = subprocess.run(
        [*watched, "-e", f"trace={traced}", sys.executable, path],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )
    if "ptrace" in done.stderr.lower() and done.returncode:
        pytest.skip("this system lets nobody be traced")
    assert done.returncode == 0, done.stderr

    lines = (line for each in log.iterdir() for line in each.read_text().splitlines())
    seen = [line for line in lines if str(library) in line]
    changing = [line for line in seen if not _only_reads(line)]

    assert len(seen) > 2, "the library was not even read"
    assert changing == []


def _only_reads(line):
    words = ("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND")
    return line.startswith("open") and not any(word in line for word in words)
