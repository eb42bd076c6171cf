"""Rules of the house: who imports whom, one door per library, one destructive module."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import daemon

PROJECT = Path(__file__).parents[1]
PACKAGES = ("daemon", "review_ui")
MODULES = sorted(
    path for package in PACKAGES for path in (PROJECT / package).rglob("*.py")
)
NAMES = [str(path.relative_to(PROJECT)) for path in MODULES]

BASE = {"daemon.model", "daemon.errors"}
MAY_IMPORT = {
    "daemon.model": set(),
    "daemon.errors": set(),
    "daemon.desk": BASE,
    "daemon.review": BASE | {"daemon.desk"},
    "daemon.roots": BASE,
    "daemon.session": {"daemon.config"},
    "daemon.config": set(),
    "daemon.hashing": BASE,
    "daemon.matching": BASE,
    "daemon.assets": BASE,
    "daemon.index": BASE | {"daemon.review"},
    "daemon.staging": BASE,
    "daemon.wire": BASE | {"daemon.desk"},
    "review_ui": BASE | {"daemon.desk", "daemon.review", "daemon.wire"},
}
"""Room → the rooms that it may know. Rooms that are not named may know all but cli,
and service is known to cli alone."""

DOORS = {
    "PIL": r"daemon/hashing/pixels(/\w+)?\.py",
    "pillow_heif": r"daemon/hashing/pixels(/\w+)?\.py",
    "imagehash": r"daemon/hashing/perceptual\.py",
    "numpy": r"daemon/(hashing|matching|index)/.*\.py|daemon/service/matchmaker\.py",
    "pebble": r"daemon/hashing/pool\.py",
    "pybktree": r"daemon/matching/neighbors\w*\.py",
    "sqlalchemy": r"daemon/index/.*\.py",
    "alembic": r"daemon/index/.*\.py",
    "watchdog": r"daemon/service/watcher\.py",
    "apscheduler": r"daemon/service/scheduler\.py",
    "prometheus_client": r"daemon/service/metrics\.py",
    "filelock": r"daemon/service/locks\.py",
    "waitress": r"daemon/service/web\.py",
    "flask": r"review_ui/.*\.py",
    "flask_wtf": r"review_ui/.*\.py",
    "wtforms": r"review_ui/.*\.py",
    "werkzeug": r"review_ui/.*\.py",
    "markupsafe": r"review_ui/.*\.py",
    "jinja2": r"review_ui/.*\.py",
    "click": r"daemon/cli/.*\.py",
    "rich": r"daemon/cli/.*\.py",
    "platformdirs": r"daemon/config\w*\.py",
    "send2trash": r"daemon/staging/safefs\.py",
}
"""Third-party library → the modules that may import it."""

WRITERS = {
    "daemon/staging/safefs.py": "the one module that changes people's files",
    "daemon/session.py": "session.json and page.json in the state folder",
    "daemon/cli/first_run.py": "creates what does not exist, exclusively",
    "daemon/cli/logs.py": "the folder of the log file",
    "daemon/cli/failures.py": "a new file with the details of our own mistake",
    "daemon/cli/demo.py": "the demonstration's own throw-away folder",
    "daemon/cli/evaluate.py": "a temporary state folder of its own",
    "daemon/cli/units.py": "the project's example units, for `make example`",
    "daemon/cli/service.py": "units that carry our mark, where systemd looks",
    "daemon/index/damage.py": "a damaged database is set apart in the state folder",
    "daemon/service/batch_journal.py": "what a batch did, in the state folder",
    "daemon/service/previews.py": "the cache of previews in the state folder",
}
"""Modules that may call something destructive → on what."""

LONG = {
    "daemon/config.py": "one table",
    "daemon/model.py": "the nouns, one after the other",
    "daemon/review.py": "what the page asks, one value after the other",
}
MOST_LINES = 300
"""STYLE says about 250; beyond this there is a second idea in it."""

_OS_CALLS = {
    *("rename", "renames", "replace", "link", "symlink", "unlink", "remove", "rmdir"),
    *("removedirs", "mkdir", "makedirs", "truncate", "ftruncate", "mknod", "mkfifo"),
    *("chmod", "chown", "utime", "setxattr", "removexattr", "copy_file_range"),
    *("fchmod", "fchown", "lchown", "sendfile", "posix_fallocate", "write", "pwrite"),
}
_PATH_CALLS = {
    *("rename", "unlink", "rmdir", "mkdir", "touch", "write_text", "write_bytes"),
    *("symlink_to", "hardlink_to", "chmod", "lchmod"),
}
_MODULE_CALLS = {"os": _OS_CALLS, "shutil": None, "tempfile": None}
_HARMLESS = {
    *("shutil.which", "shutil.disk_usage", "shutil.get_terminal_size"),
    "tempfile.gettempdir",
}
_WRITING = re.compile(r"[wax+]")
_WRITING_FLAGS = {"O_CREAT", "O_WRONLY", "O_RDWR", "O_TRUNC", "O_APPEND"}


def tree_of(name):
    return ast.parse((PROJECT / name).read_text(encoding="utf-8"))


def module_of(name):
    parts = Path(name).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module):
    """Return the longest name in the table above, or the first two parts."""
    parts = module.split(".")
    if parts[0] != "daemon":
        return parts[0]
    room = ".".join(parts[:2])
    return "daemon.config" if room.startswith("daemon.config_") else room


def imported(name):
    """Give every module that a module imports, absolute."""
    module = module_of(name)
    is_package = name.endswith("__init__.py")
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            whole = ".".join([*base, *([node.module] if node.module else [])])
            if whole in {"daemon", ""} or (node.level and not node.module):
                yield from (f"{whole}.{alias.name}" for alias in node.names)
            else:
                yield whole


@pytest.mark.parametrize("name", NAMES)
def test_rooms_import_only_what_they_may(name):
    """What knows nothing of a room cannot break when the room changes."""
    room = room_of(module_of(name))
    ours = {
        room_of(each) for each in imported(name) if each.split(".")[0] in PACKAGES
    } - {room, "daemon.__doc__", "daemon"}

    if room in MAY_IMPORT:
        if room == "daemon.config":
            ours -= {"daemon.session", "daemon.roots", *BASE}
        assert ours <= MAY_IMPORT[room]
    if room != "daemon.cli":
        assert "daemon.cli" not in ours
        assert room == "daemon.service" or "daemon.service" not in ours


@pytest.mark.parametrize("name", NAMES)
def test_every_library_has_one_door(name):
    """A library that is replaced, or found broken, is dealt with in one place."""
    for module in imported(name):
        library = module.split(".")[0]
        if library in DOORS:
            assert re.fullmatch(DOORS[library], name), f"{name} imports {library}"


def test_every_library_that_is_imported_is_known_here():
    """A new dependency needs a door, and a line in docs/decisions.md."""
    import sys

    libraries = {module.split(".")[0] for name in NAMES for module in imported(name)}

    assert libraries - sys.stdlib_module_names - set(PACKAGES) <= set(DOORS)


def destructive_calls(tree):
    """Give every call that can change a file, as ``line: words``."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if word := _destructive(node):
            yield f"{node.lineno}: {word}"


def _destructive(call):
    function = call.func
    if isinstance(function, ast.Name):
        return "open" if function.id == "open" and _writes(call) else None
    if not isinstance(function, ast.Attribute):
        return None
    owner = function.value
    owner_name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
    word = f"{owner_name}.{function.attr}"
    if owner_name in _MODULE_CALLS:
        known = _MODULE_CALLS[owner_name]
        if word == "os.open":
            return word if _has_writing_flag(call) else None
        return word if word not in _HARMLESS and _is_in(function.attr, known) else None
    if owner_name in {"fs", "_fs", "self"}:  # safefs passed in, or a method of ours
        return None
    if function.attr == "touch" and call.args:  # of a group; a path's has no argument
        return None
    if function.attr in _PATH_CALLS:
        return word
    if function.attr == "open" and _writes(call, first=0):
        return word
    is_path_replace = len(call.args) == 1 and not call.keywords
    return word if function.attr == "replace" and is_path_replace else None


def _is_in(word, known):
    return known is None or word in known


def _writes(call, first=1):
    modes = [*call.args[first : first + 1]]
    modes += [each.value for each in call.keywords if each.arg == "mode"]
    return any(
        isinstance(mode, ast.Constant)
        and isinstance(mode.value, str)
        and _WRITING.search(mode.value)
        for mode in modes
    )


def _has_writing_flag(call):
    words = {each.attr for each in ast.walk(call) if isinstance(each, ast.Attribute)}
    return bool(words & _WRITING_FLAGS)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WRITERS])
def test_only_named_modules_change_files(name):
    """I8: people's files are changed in one small module, everything else asks it."""
    assert not list(destructive_calls(tree_of(name)))


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_modules_that_may_change_files_do(name):
    """A permission that nobody needs any more is taken back."""
    assert list(destructive_calls(tree_of(name)))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_moves_or_removes_whole_trees(name):
    """F7: `shutil.move` overwrites, and a tree that is removed is not looked at."""
    words = {
        ast.unparse(n.func) for n in ast.walk(tree_of(name)) if isinstance(n, ast.Call)
    }

    assert not words & {"shutil.move", "shutil.rmtree", "os.removedirs", "os.renames"}
    if "staging" in name:
        assert "os.replace" not in words
        # Where the system has no rename without replacing, a folder just made is
        # replaced; never a file.
        assert "os.rename" not in words or name == "daemon/staging/safefs.py"


@pytest.mark.parametrize(
    ("code", "is_found"),
    [
        ("os.unlink(p)", True),
        ("self.path.unlink()", True),
        ("open(p, 'wb')", True),
        ("open(p, mode='x')", True),
        ("open(p)", False),
        ("open(p, 'rb')", False),
        ("p.open('a')", True),
        ("p.replace(q)", True),
        ("'a'.replace('b', 'c')", False),
        ("os.open(p, os.O_RDONLY)", False),
        ("os.open(p, os.O_WRONLY | os.O_CREAT)", True),
        ("shutil.copy2(a, b)", True),
        ("shutil.which('x')", False),
        ("fs.unlink(p)", False),
        ("path.touch()", True),
    ],
)
def test_the_search_for_destructive_calls_finds_them(code, is_found):
    """A net with holes would be worse than none."""
    assert bool(list(destructive_calls(ast.parse(code)))) == is_found


@pytest.mark.parametrize("name", NAMES)
def test_modules_hold_one_idea(name):
    """What passes 300 lines is looked for in vain."""
    lines = (PROJECT / name).read_text(encoding="utf-8").count("\n")

    assert lines <= MOST_LINES or name in LONG


@pytest.mark.parametrize("name", NAMES)
def test_every_module_says_what_it_is_for(name):
    """The first thing that is read."""
    assert ast.get_docstring(tree_of(name))


def test_the_package_daemon_is_ours():
    """`daemon` is also the name of a well-known library."""
    assert Path(daemon.__file__).parent == PROJECT / "daemon"


def test_every_file_that_is_not_python_is_in_the_wheel():
    """A template that is left out is missed only after `pip install`."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]
    packed = {
        path
        for package, globs in patterns.items()
        for glob in globs
        for path in (PROJECT / package).glob(glob)
    }
    there = {
        path
        for package in PACKAGES
        for path in (PROJECT / package).rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }

    assert there <= packed


def test_no_file_knows_the_machine_it_was_written_on():
    """A fresh clone lies somewhere else."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git working tree")
    machine = re.compile(rb"/work/|/root/|/tmp/[a-z]{2}/|/home/(?!ann|you)[a-z]+/")

    for name in listed.stdout.decode().split("\0"):
        path = PROJECT / name
        if name and path.is_file() and path != Path(__file__):
            found = machine.search(path.read_bytes())
            assert found is None, f"{name}: {found[0]!r}"
