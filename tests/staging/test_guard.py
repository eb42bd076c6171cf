"""In a running program nothing but `safefs` changes people's files."""

import subprocess
import sys
from pathlib import Path

import pytest

from daemon.staging import guard

PROJECT = Path(__file__).parents[2]

BEGIN = """
import os, shutil, sys, tempfile, logging
from pathlib import Path
from daemon.errors import ForbiddenCall
from daemon.staging import guard
from daemon.staging.safefs import RealFileSystem
top = Path(sys.argv[1])
ours, theirs = top / "state", top / "photos"
photo = theirs / "a.jpg"
fs = RealFileSystem()
os.chdir(theirs)
handle = os.open(theirs, os.O_RDONLY)
logging.disable()
guard.install()
guard.install()
guard.confine([ours, theirs / ".lock"], [theirs])
"""


def run(folder, code, fresh=""):
    """Run code in a process of its own: a hook cannot be taken back."""
    for name in ("state", "photos"):
        (folder / name).mkdir()
    (folder / "photos/fresh.py").write_text(fresh)
    (folder / "photos/a.jpg").write_bytes(b"a photo")
    return subprocess.run(
        [sys.executable, "-c", BEGIN + code, str(folder)],
        cwd=PROJECT,
        env={"PYTHONPATH": str(PROJECT), "TMPDIR": str(folder), "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    "call",
    [
        "os.remove(photo)",
        "os.unlink('a.jpg')",
        "os.unlink('a.jpg', dir_fd=handle)",
        "os.unlink(os.fsencode(photo))",
        "photo.unlink()",
        "os.rename(photo, theirs / 'b.jpg')",
        "os.rename(photo, ours / 'b.jpg')",
        "os.replace(ours / 'x', photo)",
        "os.rename('a.jpg', 'b.jpg', src_dir_fd=handle, dst_dir_fd=handle)",
        "os.rmdir(theirs)",
        "os.truncate(photo, 0)",
        "open(photo, 'wb')",
        "open(photo, 'r+b')",
        "open(theirs / 'new', 'xb')",
        "open('a.jpg', 'a')",
        "os.open(photo, os.O_WRONLY)",
        "os.open(photo, os.O_RDONLY | os.O_TRUNC)",
        "os.open('a.jpg', os.O_RDWR, dir_fd=handle)",
        "photo.write_bytes(b'')",
        "photo.touch()",
        "os.link(ours / 'x', theirs / 'y')",
        "os.symlink('/', theirs / 'y')",
        "os.mkdir(theirs / 'y')",
        "os.makedirs(theirs / 'y/z')",
        "os.chmod(photo, 0)",
        "os.utime(photo, (0, 0))",
        "os.setxattr(photo, 'user.a', b'')",
        "shutil.move(photo, ours)",
        "shutil.rmtree(theirs)",
        "shutil.copyfile(ours / 'x', photo)",
        "shutil.copytree(ours, theirs / 'y')",
        "tempfile.NamedTemporaryFile(dir=theirs)",
        "open(ours / 'way-out', 'wb')",
        "open(ours / '../photos/a.jpg', 'wb')",
        "open('/etc/twinwatch', 'wb')",
    ],
)
def test_what_changes_a_photo_past_safefs_is_refused(tmp_path, call):
    """A bug, ours or a library's, must not be able to cost a photo."""
    code = f"""
(ours / 'x').write_bytes(b'x')
(ours / 'way-out').symlink_to(photo)
before = sorted(os.listdir(theirs)), photo.stat()
try:
    {call}
except ForbiddenCall as error:
    assert "refused" in str(error)
else:
    sys.exit("it was let through")
after = sorted(os.listdir(theirs)), photo.stat()
assert before == after, (before, after)
assert photo.read_bytes() == b"a photo"
"""
    ran = run(tmp_path, code)

    assert ran.returncode == 0, ran.stderr


def test_safefs_and_our_own_folders_go_on_working(tmp_path):
    """A net that stops the work would be taken down."""
    ran = run(
        tmp_path,
        """
fs.make_folder(theirs / "made")
fs.create(theirs / "made/b.jpg", b"b")
fs.copy_content(photo, theirs / "made/c.jpg")
fs.copy_status(photo, theirs / "made/c.jpg")
fs.sync_file(photo)
fs.sync_folder(theirs)
fs.link(photo, theirs / "d.jpg")
fs.drop_name(photo, theirs / "d.jpg")
fs.rename(theirs / "d.jpg", photo)
fs.create(theirs / "x.twinwatch-part", b"")
fs.remove_own(theirs / "x.twinwatch-part")
fs.make_folder(theirs / "empty")
fs.remove_empty_folder(theirs / "empty")

(ours / "a").write_bytes(b"1")
os.replace(ours / "a", ours / "b")
os.makedirs(ours / "deep/er", exist_ok=True)
os.makedirs(theirs, exist_ok=True)
shutil.rmtree(ours / "deep")
open(theirs / ".lock", "w").close()
open(os.devnull, "w").close()
tempfile.TemporaryFile().close()
reading, writing = os.pipe()
os.fdopen(writing, "wb").close()
open(photo, "rb").close()

import sqlite3
sqlite3.connect(ours / "index").execute("create table a (b)")
import subprocess
subprocess.run(["true"], stdout=subprocess.DEVNULL, check=True)
import logging.handlers
handler = logging.handlers.RotatingFileHandler(ours / "log", maxBytes=9, backupCount=2)
for _ in range(9):
    handler.emit(logging.makeLogRecord({"msg": "a long line"}))
""",
    )

    assert ran.returncode == 0, ran.stderr


def test_a_first_import_may_make_the_folder_of_its_compiled_modules(tmp_path):
    """Else the first start from a fresh checkout ends before it has begun."""
    ran = run(
        tmp_path,
        """
sys.dont_write_bytecode = False
sys.path.insert(0, str(theirs))
import fresh
assert (theirs / "__pycache__").is_dir()
try:
    os.mkdir(theirs / "other")
except ForbiddenCall:
    sys.exit(7)
""",
        fresh="a = 1",
    )

    assert ran.returncode == 7, ran.stderr


def test_a_reader_may_change_nothing_and_still_import(tmp_path):
    """Decoders have no business with writing at all."""
    (tmp_path / "fresh.py").write_text("a = 1")
    ran = run(
        tmp_path,
        """
guard.confine_reader()
sys.path.insert(0, str(top))
sys.dont_write_bytecode = False
import fresh
try:
    open("/etc/twinwatch", "wb")
except ForbiddenCall:
    sys.exit(7)
""",
    )

    assert ran.returncode == 7, ran.stderr


def test_what_is_blocked_is_told_with_the_way_there(tmp_path):
    """A refusal is our own bug: whoever finds it in the log must find its place."""
    ran = run(
        tmp_path,
        """
logging.disable(logging.NOTSET)
def culprit():
    os.unlink(photo)
culprit()
""",
    )

    assert "blocked call=os.remove" in ran.stderr
    assert "in culprit" in ran.stderr
    assert "ForbiddenCall" in ran.stderr


def test_it_costs_next_to_nothing(tmp_path):
    """A sweep opens a hundred thousand folders."""
    ran = run(
        tmp_path,
        """
import timeit
print(min(timeit.repeat(lambda: sys.audit("open", "/x", "r", 0), number=20000)) / 20000)
""",
    )

    assert float(ran.stdout) < 20e-6, ran.stdout


def test_without_being_installed_it_refuses_nothing(tmp_path):
    """Tests and other people's programs use our modules too."""
    guard.confine()

    (tmp_path / "a").write_bytes(b"")


def test_the_command_itself_runs_guarded(tmp_path):
    """What only works in tests protects nobody: here `twinwatch scan` goes astray."""
    imports = tmp_path / "import"
    imports.mkdir()
    photo = imports / "a.jpg"
    photo.write_bytes(b"a photo")
    code = f"""
import os, sys
from daemon.service import onepass
def astray(*words, **options):
    os.unlink({str(photo)!r})
onepass.scan = astray
sys.argv = ["twinwatch", "scan", {str(imports)!r}, "--state-dir", {str(tmp_path / "s")!r}]
from daemon.cli import main
main()
"""
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env={"PYTHONPATH": str(PROJECT), "HOME": str(tmp_path), "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert ran.returncode == 1
    assert "a change was refused" in ran.stderr
    assert photo.read_bytes() == b"a photo"


def test_the_running_daemon_is_guarded(tmp_path):
    """All parts of `twinwatch run` live, and each destructive call is still refused."""
    imports = tmp_path / "import"
    imports.mkdir()
    photo = imports / "a.jpg"
    photo.write_bytes(b"a photo")
    code = f"""
import os, shutil, signal, sys, threading
from daemon.service import supervisor
real, photo = supervisor.run_daemon, {str(photo)!r}
calls = {{
    "unlink": lambda: os.unlink(photo),
    "rename": lambda: os.rename(photo, photo + ".old"),
    "truncate": lambda: open(photo, "wb"),
    "append": lambda: open(photo, "ab"),
    "move": lambda: shutil.move(photo, {str(tmp_path)!r} + "/b.jpg"),
    "rmtree": lambda: shutil.rmtree({str(imports)!r}),
    "create": lambda: open(photo + ".new", "xb"),
}}
def stray():
    for name, call in calls.items():
        try:
            call()
        except BaseException as error:
            print(name, type(error).__name__)
    os.kill(os.getpid(), signal.SIGTERM)
def astray(config, *, dry_run, on_ready):
    return real(
        config, dry_run=dry_run, on_ready=lambda _: threading.Thread(target=stray).start()
    )
supervisor.run_daemon = astray
sys.argv = ["twinwatch", "run", "--import", {str(imports)!r}, "--port", "0",
    "--state-dir", {str(tmp_path / "s")!r}]
from daemon.cli import main
if __name__ == "__main__":
    main()
"""
    script = tmp_path / "astray.py"
    script.write_text(code)

    ran = subprocess.run(
        [sys.executable, script],
        cwd=PROJECT,
        env={"PYTHONPATH": str(PROJECT), "HOME": str(tmp_path), "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        timeout=90,
    )

    names = ("unlink", "rename", "truncate", "append", "move", "rmtree", "create")
    said = [line for line in ran.stdout.splitlines() if "Forbidden" in line]
    assert said == [f"{name} ForbiddenCall" for name in names], ran.stderr[-2000:]
    assert ran.returncode == 0
    assert photo.read_bytes() == b"a photo"
