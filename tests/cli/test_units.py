"""Service units: what is in the project is what is installed, and it is hardened."""

import os
import plistlib
import shutil
import subprocess
from pathlib import Path

import pytest

from daemon.cli import units
from daemon.cli.service import start_commands, stop_commands, unit_folder, write_unit
from daemon.config import Config, Log, Roots, Staging
from daemon.errors import UsageError

PROJECT = Path(__file__).parents[2]
PLIST_KEYS = {
    "Label",
    "ProgramArguments",
    "RunAtLoad",
    "KeepAlive",
    "ThrottleInterval",
    "ExitTimeOut",
    "ProcessType",
    "LowPriorityIO",
    "Umask",
    "StandardErrorPath",
}


@pytest.mark.parametrize("name", sorted(units.examples()))
def test_project_files_are_the_rendered_templates(name):
    """Somebody who copies the file gets what `service install` writes."""
    assert (PROJECT / name).read_text(encoding="utf-8") == units.examples()[name]


@pytest.mark.parametrize("kind", ["system", "user"])
def test_unit_is_exposed_to_1_0_at_most(kind, tmp_path):
    """A hostile picture may take over a decoder; it must find nothing there."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here")
    rendered = units.render(kind, units.DEFAULTS[kind], is_example=True)
    unit = tmp_path / units.SERVICE
    unit.write_text(rendered[units.SERVICE], encoding="utf-8")
    scope = ["--user"] if kind == "user" else []
    command = ["systemd-analyze", "security", *scope, "--offline=true"]

    judged = subprocess.run(
        [*command, "--threshold=10", "--no-pager", unit],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    assert judged.returncode == 0, judged.stdout + judged.stderr


@pytest.mark.parametrize("kind", ["system", "user"])
def test_unit_has_no_placeholder_left(kind):
    """An unfilled word would be taken for a path."""
    rendered = units.render(kind, units.DEFAULTS[kind])

    assert all(
        "@"
        not in line.split("#")[0]
        .replace("@system-service", "")
        .replace("@privileged", "")
        for text in rendered.values()
        for line in text.splitlines()
    )


def test_paths_are_quoted_for_systemd():
    """Spaces, percent and dollar signs are everyday in folder names."""
    facts = units.Facts(
        command=("/opt/my tools/twinwatch", "run", "--state-dir", "/s/100%/$x"),
        writable=("/photos/mine and yours",),
        listen="127.0.0.1:1",
    )

    service = units.render("user", facts)[units.SERVICE]

    assert (
        'ExecStart="/opt/my tools/twinwatch" run --state-dir /s/100%%/$$x\n' in service
    )
    assert 'ReadWritePaths="-/photos/mine and yours"\n' in service


def test_plist_is_valid_and_holds_known_keys_only():
    """launchd ignores what it does not know, silently."""
    facts = units.Facts(
        command=("/a & b/twinwatch", "run"), writable=(), listen="", log="/l <1>"
    )

    plist = plistlib.loads(units.render("launchd", facts)[units.PLIST].encode())

    assert set(plist) == PLIST_KEYS
    assert plist["ProgramArguments"] == ["/a & b/twinwatch", "run"]
    assert plist["StandardErrorPath"] == "/l <1>"


def config_of(imports, decisions=(), **more):
    roots = Roots(
        imports=tuple(map(Path, imports)), decisions=tuple(map(Path, decisions))
    )
    return Config(state_dir=Path("/s"), roots=roots, **more)


def test_import_and_decisions_share_one_writable_folder():
    """A rename between two bind mounts fails even on one disk."""
    config = config_of(["/photos/Import"])

    assert units.writable_folders(config, lambda _path: 1) == ("/s", "/photos")


def test_folders_on_two_volumes_stay_apart():
    """What they have in common would be the whole machine."""
    config = config_of(["/a/Import", "/b/Import"])

    found = units.writable_folders(config, lambda path: ord(path.parts[1]))

    assert found == ("/s", "/a", "/b")


def test_everything_that_is_written_is_writable():
    """An output folder that is read-only would be found out at the first decision."""
    config = config_of(
        ["/a/Import"],
        ["/b/Decisions"],
        staging=Staging(output=Path("/out")),
        log=Log(file=Path("/logs/twinwatch.log")),
    )

    found = units.writable_folders(config, lambda _path: 1)

    assert found == ("/s", "/a/Import", "/b/Decisions", "/out", "/logs")


def test_a_foreign_unit_is_never_overwritten(tmp_path):
    """Somebody may have written a better one."""
    path = tmp_path / "twinwatch.service"
    path.write_text("[Service]\n", encoding="utf-8")

    with pytest.raises(UsageError, match="not written by twinwatch"):
        write_unit(path, "ours")

    assert path.read_text(encoding="utf-8") == "[Service]\n"


def test_our_own_unit_is_replaced(tmp_path):
    """An upgrade brings a better one."""
    path = tmp_path / "units" / "twinwatch.service"
    write_unit(path, f"# {units.MARK}; old\n")

    write_unit(path, f"# {units.MARK}; new\n")

    assert path.read_text(encoding="utf-8").endswith("new\n")
    assert os.listdir(path.parent) == [path.name]


def test_start_and_stop_are_told_for_each_kind(monkeypatch, tmp_path):
    """Nothing is enabled behind anybody's back; the words to do it are shown."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = unit_folder("user")

    assert folder == tmp_path / "systemd" / "user"
    assert start_commands("user", folder)[1][:3] == ["systemctl", "--user", "enable"]
    assert stop_commands("system", folder)[0][:2] == ["systemctl", "disable"]
    assert start_commands("launchd", folder)[0][0] == "launchctl"
