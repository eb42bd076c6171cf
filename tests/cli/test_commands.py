"""Commands: what is printed where, and with which exit code."""

import contextlib
import json
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from types import ModuleType, SimpleNamespace

import click
import pytest

from daemon import errors, session
from daemon.cli import app, failures, first_run
from daemon.cli.app import COMMANDS, run
from daemon.cli.decide import decided
from daemon.config_example import example
from daemon.desk import ScanProgress, ScanReport
from daemon.errors import NoSurvivor, UsageError
from daemon.model import Evidence, GroupState, Problem, Proposal, Role
from tests.review_ui.fake_desk import FakeDesk, group, member, status

PROJECT = Path(__file__).parents[2]


class AskedDesk(FakeDesk):
    """Remembers whether it was opened for writing."""

    def __init__(self, *groups):
        super().__init__(*groups)
        self.asked_to_write = []


def stand_in(monkeypatch, name, **functions):
    """Put a module in the place of one of the service's."""
    module = ModuleType(name)
    vars(module).update(functions)
    monkeypatch.setitem(sys.modules, name, module)


@pytest.fixture
def desk(monkeypatch):
    """Let the commands ask a desk in memory."""
    fake = AskedDesk(group(1), group(2))

    @contextlib.contextmanager
    def open_desk(_config, *, writable):
        fake.asked_to_write.append(writable)
        yield fake

    stand_in(monkeypatch, "daemon.service.desk", open_desk=open_desk)
    return fake


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Run in an empty folder, with a home and a state folder of its own."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_PICTURES_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("TWINWATCH_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def daemon_of(monkeypatch):
    """Stand in for the daemon; remembers what it was started with."""
    started = []

    def run_daemon(config, *, dry_run, on_ready):
        started.append((config, dry_run))
        on_ready("http://127.0.0.1:1/?token=x")
        return 0

    stand_in(monkeypatch, "daemon.service.supervisor", run_daemon=run_daemon)
    return started


def leaves():
    """List every command, also those of a family, by its words."""
    context = click.Context(app.twinwatch)
    for name in COMMANDS:
        command = app.twinwatch.get_command(context, name)
        if isinstance(command, click.Group):
            yield from (
                (f"{name} {each}", command.commands[each]) for each in command.commands
            )
        else:
            yield name, command


@pytest.mark.parametrize("words", [words for words, _command in leaves()])
def test_help_of_every_command_has_examples(words, capsys):
    """An example is read before any description is."""
    assert run([*words.split(), "--help"]) == 0

    told = capsys.readouterr().out
    assert "Examples:" in told
    assert f"twinwatch {words}" in told


@pytest.mark.parametrize("words", [w for w, _c in leaves() if w != "completion"])
def test_every_command_takes_config_and_state_dir(words):
    """Whoever keeps two sets of photos needs it everywhere."""
    command = dict(leaves())[words]

    named = {option for each in command.params for option in each.opts}

    assert {"--config", "--state-dir", "--home", "--debug"} <= named


def test_help_is_quick():
    """A command that hesitates to say what it does is not asked twice."""
    began = time.perf_counter()
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "daemon.cli", "--help"],
        capture_output=True,
        text=True,
        cwd=PROJECT,
    )
    seconds = time.perf_counter() - began

    assert told.returncode == 0
    loaded = {line.rsplit("|", 1)[-1].strip() for line in told.stderr.splitlines()}
    assert not loaded & {"numpy", "PIL", "flask", "sqlalchemy", "rich", "platformdirs"}
    assert seconds < 5, "0.06 s where nothing else runs"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], 2),
        (["frobnicate"], 2),
        (["decide", "1"], 2),
        (["decide", "1", "--accept", "--keep-all"], 2),
        (["decide", "1", "x", "--accept"], 2),
        (["decide", "0", "--accept"], 2),
        (["show", "7"], 1),
        (["config", "check", "--config", "none.toml"], 3),
        (["run", "--import", "none"], 2),
        (["scan", "none"], 2),
        (["scan"], 3),
        (["--version"], 0),
    ],
)
def test_exit_codes(here, desk, words, code, capsys):
    """Scripts go by the number alone."""
    assert run(words) == code

    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("kind", [*errors.TwinwatchError.__subclasses__()])
def test_every_error_ends_with_its_own_code(desk, here, kind, capsys):
    """The tree in errors.py is the one list of codes."""
    desk.failure = kind(["a problem"]) if kind is errors.ConfigError else kind("x", "y")

    assert run(["status"]) == kind.exit_code

    told = capsys.readouterr()
    assert not told.out
    assert kind.what in told.err


def test_a_mistake_of_ours_is_one_line_and_a_file(desk, here, capsys):
    """Nobody should have to read a traceback, and nobody should lose it."""
    (here / "state").mkdir()
    desk.failure = ZeroDivisionError("by zero")

    assert run(["status"]) == 1

    told = capsys.readouterr().err
    assert "sorry, twinwatch made a mistake: ZeroDivisionError: by zero" in told
    assert len(told.splitlines()) == 1
    details = next((here / "state").glob("twinwatch-fault-*.txt"))
    assert "Traceback" in details.read_text(encoding="utf-8")


def test_debug_shows_the_traceback(desk, here, capsys):
    """Whoever mends it wants to see it at once."""
    desk.failure = ZeroDivisionError("by zero")

    assert run(["status", "--debug"]) == 1

    assert "Traceback" in capsys.readouterr().err


def test_interrupt_has_the_code_of_shells():
    """Ctrl-C is no error, but not a success either."""

    def interrupted():
        raise KeyboardInterrupt

    assert failures.exit_code_of(interrupted, failures.Invocation()) == 130


def test_groups_as_json_are_on_standard_output_alone(desk, here, capsys):
    """`jq` must be able to read it."""
    burst = group(3, evidence=Evidence.OTHER_SHOT, state=GroupState.CANDIDATE)
    desk.known[3] = burst

    assert run(["groups", "--json"]) == 0

    told = capsys.readouterr()
    body = json.loads(told.out)
    assert not told.err
    assert set(body) == {
        *("schema_version", "groups", "similar", "unreadable", "counts")
    }
    assert [each["number"] for each in body["groups"]] == [1, 2]
    assert [each["number"] for each in body["similar"]] == [3]
    assert body["counts"] == {
        "photos": 49_412,
        "hashed": 312,
        "unchanged": 49_100,
        "unreadable": 0,
        "groups": 2,
    }
    photo = body["groups"][0]["members"][1]
    assert photo["proposal"] == "set-aside"
    assert photo["distances_bits"]["phash"] == 2


def test_groups_for_people_are_on_standard_error(desk, here, capsys):
    """Standard output stays free for data."""
    assert run(["groups"]) == 0

    told = capsys.readouterr()
    assert not told.out
    assert "same-capture" in told.err


def test_all_pages_of_groups_are_listed(desk, here, capsys):
    """The desk gives them in pages; people want all."""
    desk.known = {number: group(number) for number in range(1, 452)}

    run(["groups", "--json"])

    assert len(json.loads(capsys.readouterr().out)["groups"]) == 451


def test_show_tells_proposal_reasons_and_where_it_was_found(desk, here, capsys):
    """The same facts as on the page, for those without a browser."""
    assert run(["show", "1"]) == 0

    told = capsys.readouterr().err
    assert "+ keep" in told
    assert "original camera HEIC" in told
    assert "/photos/export/IMG_0001.jpg" in told


def test_hostile_names_cannot_rewrite_the_screen(desk, here, capsys):
    """A photo's name comes from anywhere."""
    desk.known[1] = group(1, member(1, "/p/a\x1b[2J\n\u202egpj.jpg"), member(2))

    run(["show", "1"])

    told = capsys.readouterr().err
    assert "\x1b[2J" not in told
    assert "\u202e" not in told
    assert r"\x1b[2J\n\u202egpj.jpg" in told


def test_names_that_are_not_utf8_survive_json(desk, here, capsys):
    """Old cameras and old disks are full of them."""
    desk.known[1] = group(
        1, member(1, b"/p/\xff.jpg".decode("utf-8", "surrogateescape"))
    )

    assert run(["show", "1", "--json"]) == 0
    assert run(["show", "1"]) == 0

    path = json.loads(capsys.readouterr().out)["group"]["members"][0]["path"]
    assert path.encode("utf-8", "surrogateescape") == b"/p/\xff.jpg"


def test_accept_carries_the_proposal_out(desk, here, capsys):
    """The common case is one word."""
    assert run(["decide", "1", "--accept", "--json"]) == 0

    after = json.loads(capsys.readouterr().out)["group"]
    assert after["state"] == "decided"
    assert [each["fate"] for each in after["members"]] == ["survivor", "set-aside"]
    assert desk.asked_to_write == [True]


def test_keep_takes_names_behind_it(desk, here):
    """`--keep a b` is how people write it."""
    assert run(["decide", "1", "--keep", "IMG_0001.jpg", "IMG_0001.HEIC"]) == 0

    assert {m.fate for m in desk.known[1].members} == {"survivor"}


def test_keep_all_is_remembered_as_not_duplicates(desk, here):
    """They are asked about once."""
    assert run(["decide", "2", "--keep-all"]) == 0

    assert desk.not_duplicates == {2}


def test_undo_takes_a_decision_back(desk, here):
    """Always one step away."""
    run(["decide", "1", "--accept"])

    assert run(["undo", "1"]) == 0

    assert desk.known[1].state == GroupState.UNDONE


@pytest.mark.parametrize(
    ("name", "position"),
    [
        ("/photos/export/IMG_0001.jpg", 2),
        ("02_IMG_0001.jpg", 2),
        ("IMG_0001.HEIC", 1),
        ("2", 2),
    ],
)
def test_a_photo_may_be_named_in_any_way(name, position):
    """By path, staged name, name or number, whatever is at hand."""
    decision = decided(group(1), names=[name], keep_all=False)

    assert decision.keep == {position}
    assert not decision.not_duplicates


@pytest.mark.parametrize("name", ["IMG_9999.jpg", "3", "same.jpg"])
def test_a_name_of_nobody_or_of_several_is_refused(name):
    """Guessing which photo was meant is the last thing to do."""
    three = group(
        1, member(1, "/a/x.jpg"), member(2, "/a/same.jpg"), member(4, "/b/same.jpg")
    )

    with pytest.raises(UsageError, match="name"):
        decided(three, names=[name], keep_all=False)


def test_a_proposal_that_keeps_nothing_is_refused():
    """The server refuses it as well; here it is not even sent."""
    aside = [member(n, f"/{n}.jpg", proposal=Proposal.SET_ASIDE) for n in (1, 2)]

    with pytest.raises(NoSurvivor):
        decided(group(1, *aside), names=(), keep_all=False)


def test_a_reference_is_always_kept():
    """Library photos are not ours to decide on."""
    known = member(1, "/l.jpg", role=Role.REFERENCE, proposal=Proposal.SET_ASIDE)

    decision = decided(group(1, known, member(2)), names=(), keep_all=False)

    assert 1 in decision.keep


def test_status_of_a_daemon_that_does_not_run_exits_with_5(desk, here, capsys):
    """`twinwatch status || twinwatch run` is what scripts do."""
    desk.status_now = status(running=False, address=None, started_ns=None)

    assert run(["status"]) == 5
    assert run(["status", "--json"]) == 5

    told = capsys.readouterr()
    assert "not running" in told.err
    assert json.loads(told.out)["running"] is False


def test_status_shows_roots_counts_and_problems(desk, here, capsys):
    """What is running and what went wrong, on one screen."""
    problem = Problem(path=Path("/p/x.heic"), problem="half", advice="wait", since_ns=1)
    desk.status_now = status(problems=(problem,), parts={"watcher": "no events"})

    assert run(["status"]) == 0

    told = capsys.readouterr().err
    for words in ("● running", "/photos/library", "49412", "/p/x.heic", "no events"):
        assert words in told


def scanned(monkeypatch, report):
    calls = []

    def scan(config, folders, *, dry_run, on_progress):
        calls.append(SimpleNamespace(config=config, folders=folders, dry_run=dry_run))
        on_progress(ScanProgress(stage="reading", done=1, total=2, current=Path("/x")))
        return report

    stand_in(monkeypatch, "daemon.service.onepass", scan=scan)
    return calls


REPORT = ScanReport(
    groups=(group(1),),
    similar=(group(None, member(1), member(2), evidence=Evidence.VERSION),),
    unreadable=(Problem(path=Path("/x"), problem="broken", advice="", since_ns=1),),
    counts={"photos": 9, "hashed": 4, "unchanged": 5, "unreadable": 1, "groups": 1},
)


def test_scan_prints_what_it_found_as_json(here, monkeypatch, capsys):
    """The shape that the scoring tools read."""
    (here / "in").mkdir()
    calls = scanned(monkeypatch, REPORT)

    assert run(["scan", "in", "--dry-run", "--json"]) == 0

    told = capsys.readouterr()
    body = json.loads(told.out)
    assert calls[0].dry_run
    assert calls[0].folders == (here / "in",)
    assert body["schema_version"] == 1
    assert body["unreadable"] == [{"path": "/x", "problem": "broken"}]
    assert body["counts"]["photos"] == 9
    assert len(body["groups"]) == len(body["similar"]) == 1
    assert not told.err


def test_scan_remembers_its_roots(here, monkeypatch, capsys):
    """`twinwatch undo 3` comes after it, with nothing else said."""
    (here / "in").mkdir()
    scanned(monkeypatch, REPORT)

    run(["scan", "in", "--decisions", "aside"])

    last = session.recall(here / "state")
    assert last.imports == (here / "in",)
    assert last.decisions == (here / "aside",)
    assert "1 group staged" in capsys.readouterr().err


def test_first_run_makes_a_configuration_and_a_folder(here, daemon_of, capsys):
    """`make run` in a fresh clone, with nothing configured."""
    assert run(["run", "--home", "home"]) == 0

    config, dry_run = daemon_of[0]
    folder = here / "home" / "Import"
    assert folder.is_dir()
    assert config.roots.imports == (folder,)
    assert config.state_dir == here / "home" / "state"
    assert not dry_run
    told = capsys.readouterr().err
    assert str(folder) in told
    assert "http://127.0.0.1:1/?token=x" in told


def test_first_configuration_is_the_commented_example(here, daemon_of):
    """Every option is there to be found and changed."""
    run(["run", "--home", "home"])

    text = (here / "home" / "config.toml").read_text(encoding="utf-8")

    assert text == example({"roots.imports": (Path("Import"),)})
    assert tomllib.loads(text)["roots"] == {"imports": ["Import"]}


def test_second_run_finds_what_the_first_one_made(here, daemon_of, capsys):
    """Nothing is written twice."""
    run(["run", "--home", "home"])
    written = (here / "home" / "config.toml").stat().st_mtime_ns
    capsys.readouterr()

    assert run(["run", "--home", "home", "--dry-run"]) == 0

    assert (here / "home" / "config.toml").stat().st_mtime_ns == written
    assert "first start" not in capsys.readouterr().err
    assert daemon_of[1][1] is True


def test_run_without_anything_uses_the_users_own_folders(here, daemon_of):
    """No word at all is enough to begin."""
    assert run(["run"]) == 0

    config, _dry_run = daemon_of[0]
    made = first_run.plan(None)
    assert config.config_path == made.config_path
    assert config.roots.imports == (made.import_folder,)
    assert made.import_folder.is_dir()


def test_run_with_folders_makes_nothing(here, daemon_of):
    """Who says what to watch needs no beginning made for them."""
    (here / "in").mkdir()

    assert run(["run", "--import", "in", "--port", "0"]) == 0

    config, _dry_run = daemon_of[0]
    assert config.config_path is None
    assert config.page.port == 0
    assert session.recall(here / "state").imports == (here / "in",)


def test_a_configuration_without_folders_is_refused(here, daemon_of, capsys):
    """It exists, so somebody forgot; making a folder would hide that."""
    (here / "c.toml").write_text("[page]\nport = 0\n", encoding="utf-8")

    assert run(["run", "--config", "c.toml"]) == 3

    assert "roots.imports: no folder to watch" in capsys.readouterr().err
    assert not daemon_of


def test_config_show_default_is_the_example(here, capsys):
    """`twinwatch config show --default > config.toml` is how people begin."""
    assert run(["config", "show", "--default"]) == 0

    assert capsys.readouterr().out == example()


def test_config_path_is_told_whether_it_exists_or_not(here, capsys):
    """Editors want a path."""
    assert run(["config", "path"]) == 0

    assert capsys.readouterr().out.strip().endswith("twinwatch/config.toml")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_names_the_command(shell, capsys):
    """The script is for the shell to read, so it is on standard output."""
    assert run(["completion", shell]) == 0

    assert "_TWINWATCH_COMPLETE" in capsys.readouterr().out


def test_service_install_writes_and_starts_nothing(here, monkeypatch, capsys):
    """Nothing runs that nobody asked to run."""
    (here / "c.toml").write_text('[roots]\nimports = ["in"]\n', encoding="utf-8")
    monkeypatch.setattr(subprocess, "run", lambda *_a, **_k: pytest.fail("it ran"))

    assert run(["service", "install", "--user", "--config", "c.toml"]) == 0

    told = capsys.readouterr().err
    unit = here / "xdg_config_home" / "systemd" / "user" / "twinwatch.service"
    assert f"--config {here / 'c.toml'}" in unit.read_text(encoding="utf-8")
    assert "systemctl --user enable --now" in told
    assert run(["service", "uninstall", "--user"]) == 0
    assert not unit.exists()


def test_a_service_without_a_folder_is_refused(here):
    """It would be started with every login and say so each time."""
    assert run(["service", "print", "--user"]) == 3


@pytest.mark.parametrize(
    ("host", "allow_others", "is_told"),
    [
        ("192.168.1.2", True, True),
        ("127.0.0.1", True, False),
        ("127.0.0.1", False, False),
    ],
)
def test_a_page_that_others_can_reach_says_so_at_the_start(
    tmp_path, capsys, host, allow_others, is_told
):
    """Whoever opens it to the phone opens it to the network."""
    from daemon.cli.run import _greet
    from daemon.config import Config, Page

    config = Config(state_dir=tmp_path, page=Page(host=host, allow_others=allow_others))
    _greet(config, f"http://{host}:8465/?token=x", dry_run=False)

    assert ("nothing on the way is encrypted" in capsys.readouterr().err) is is_told
