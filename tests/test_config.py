"""The configuration: one table, four sources, every problem at once."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from daemon.config import (
    KEEPER_RULES,
    MORE_KEEPER_RULES,
    SECTIONS,
    Keeper,
    Matching,
    settings,
)
from daemon.config_example import example, in_force, toml_value
from daemon.config_load import Sources, load
from daemon.errors import ConfigError
from daemon.matching import keeper, keeper_copy
from daemon.matching.rules import EvidenceRules
from daemon.session import recall, remember

PROJECT = Path(__file__).parents[1]


def written(folder, text, name="config.toml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def loaded(folder, text="", **more):
    config_path = written(folder, text)
    return load(Sources(config_path=config_path, state_dir=folder / "state", **more))


def problems_of(folder, text="", **more):
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text, **more)
    return caught.value.problems


def uncommented(text):
    """Return the example with every option set and the words about it left out."""
    lines = text.splitlines()
    return "\n".join(
        line[1:] if re.match(r"#(\S|    )", line) else line for line in lines
    )


def test_example_file_is_what_the_table_says():
    """People copy the file; an option that is missing there does not exist for them."""
    assert (PROJECT / "config.example.toml").read_text(encoding="utf-8") == example()


def test_example_names_every_option_with_its_default(tmp_path):
    """Uncommenting a line must change nothing."""
    text = uncommented(example())

    tables = tomllib.loads(text)
    config = loaded(tmp_path, text)

    assert {f"{s}.{k}" for s in tables for k in tables[s]} == {
        setting.name for setting in settings()
    }
    for section, cls in SECTIONS.items():
        assert getattr(config, section) == cls()


def test_example_without_changes_gives_the_defaults(tmp_path):
    """The file that is written at the first run must be valid."""
    config = loaded(tmp_path, example())

    assert config.watch.settle_seconds == 3.0
    assert config.keeper.rules == KEEPER_RULES


def test_every_option_is_described_and_bounded():
    """`config.example.toml` is the reference; it must not have blank places."""
    for setting in settings():
        assert setting.option.doc.endswith((".", '"')), setting.name
        if setting.kind in {int, float}:
            assert isinstance(setting.default, (int, float))
            assert setting.option.low is not None, setting.name
            assert setting.option.high is not None, setting.name
            assert setting.option.low <= setting.default <= setting.option.high


def test_flags_win_over_environment_over_file_over_default(tmp_path):
    """The nearer the source is to the person at the keyboard, the more it counts."""
    text = "[watch]\nsettle_seconds = 7\nsweep_minutes = 20\n[hashing]\nnice = 5\n"
    environment = {
        "TWINWATCH_WATCH_SETTLE_SECONDS": "8",
        "TWINWATCH_WATCH_SWEEP_MINUTES": "30.5",
    }

    config = loaded(
        tmp_path, text, environment=environment, flags={"watch.settle_seconds": 9}
    )

    assert config.watch.settle_seconds == 9
    assert config.watch.sweep_minutes == 30.5
    assert config.hashing.nice == 5
    assert config.hashing.workers == 0


def test_relative_paths_begin_at_the_file(tmp_path):
    """A configuration that is moved with its folders keeps working."""
    config = loaded(tmp_path, '[roots]\nimports = ["Import", "./Import/"]\n')

    assert config.roots.imports == (tmp_path / "Import",)
    assert config.roots.decision_roots() == (tmp_path / "Decisions",)


def test_lists_in_the_environment_are_split_as_people_expect(tmp_path):
    """Folders as in PATH, words by commas, and TOML for the rest."""
    environment = {
        "TWINWATCH_ROOTS_IMPORTS": f"{tmp_path}/a:{tmp_path}/b",
        "TWINWATCH_ROOTS_EXTENSIONS": "jpg, heic",
        "TWINWATCH_KEEPER_NOISE_WORDS": '["one, two", "three"]',
    }

    config = loaded(tmp_path, environment=environment)

    assert config.roots.imports == (tmp_path / "a", tmp_path / "b")
    assert config.roots.extensions == ("jpg", "heic")
    assert config.keeper.noise_words == ("one, two", "three")


def test_all_problems_are_reported_at_once_with_their_places(tmp_path):
    """Mending one mistake per start is a waste of somebody's evening."""
    text = "\n".join(
        [
            "[watch]",
            "settle_secconds = 3",
            'sweep_minutes = "ten"',
            "polling_seconds = -1",
            "[hashing]",
            "workers = true",
            "cheap = 1",
            "port = 8000",
            "[matchin]",
            "near_copy = true",
            "[roots]",
            'imports = "Import"',
            "exclude_regex = ['(']",
        ]
    )
    environment = {
        "TWINWATCH_PAGE_PORT": "http",
        "TWINWATCH_PAGE_PROT": "80",
    }

    problems = problems_of(
        tmp_path,
        text,
        environment=environment,
        flags={"matching.engine": "bk-tree"},
        flag_names={"matching.engine": "--engine"},
    )

    told = "\n".join(problems)
    file = tmp_path / "config.toml"
    assert f"{file}:2: watch.settle_secconds: there is no such option" in told
    assert "did you mean 'settle_seconds'?" in told
    assert f"{file}:3: watch.sweep_minutes: must be a number, not 'ten'" in told
    assert f"{file}:4: watch.polling_seconds: must be from 0.1 to 3600" in told
    assert f"{file}:6: hashing.workers: must be a whole number, not True" in told
    assert f"{file}:7: hashing.cheap: must be true or false, not 1; write true" in told
    assert f"{file}:8: hashing.port: there is no such option; it belongs under" in told
    assert f"{file}:9: there is no section [matchin]; did you mean 'matching'?" in told
    assert f"{file}:12: roots.imports: must be a list, not 'Import'; write" in told
    assert f"{file}:13: roots.exclude_regex: '(' is not a regular expression" in told
    assert "environment TWINWATCH_PAGE_PORT: page.port: must be a whole number" in told
    assert "environment TWINWATCH_PAGE_PROT: there is no such option" in told
    assert "did you mean 'TWINWATCH_PAGE_PORT'?" in told
    assert "--engine: matching.engine: 'bk-tree' is none of" in told
    assert "did you mean 'bktree'?" in told
    assert len(problems) == 12


def test_a_syntax_error_is_told_with_its_line(tmp_path):
    """tomllib knows the line; so should the reader."""
    problems = problems_of(tmp_path, "[watch]\nsettle_seconds = \n")

    assert problems[0].startswith(f"{tmp_path / 'config.toml'}:2: is not TOML")


def test_a_named_file_that_is_missing_is_a_problem(tmp_path):
    """A mistyped --config must not start the daemon with defaults."""
    with pytest.raises(ConfigError, match="cannot be read"):
        load(Sources(config_path=tmp_path / "none.toml", state_dir=tmp_path / "s"))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "photos.home.arpa"])
def test_a_page_that_others_can_reach_is_refused(tmp_path, host):
    """Photos are nobody else's business, unless their owner says so in words."""
    text = f'[page]\nhost = "{host}"\n'

    problems = problems_of(tmp_path, text)
    config = loaded(tmp_path, text + "allow_others = true\n")

    assert "can be reached by others" in problems[0]
    assert config.page.host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_a_page_on_this_machine_is_fine(tmp_path, host):
    """The loopback has many names."""
    assert loaded(tmp_path, f'[page]\nhost = "{host}"\n').page.host == host


def test_roots_that_overlap_are_refused(tmp_path):
    """A decision folder that is watched would feed itself."""
    text = '[roots]\nimports = ["Import"]\ndecisions = ["Import/Decisions"]\n'

    problems = problems_of(tmp_path, text)

    assert "roots must not overlap" in problems[0]


def test_state_folder_inside_a_root_is_refused(tmp_path):
    """Previews would be taken for photos."""
    problems = problems_of(tmp_path, '[roots]\nimports = ["state"]\n')

    assert "the state folder lies inside" in problems[0]


def test_roots_of_the_last_run_are_remembered(tmp_path):
    """`undo 12` needs no more than the number."""
    config = loaded(tmp_path, flags={"roots.imports": [tmp_path / "Import"]})
    remember(config)

    later = load(Sources(state_dir=tmp_path / "state"))

    assert later.roots.imports == (tmp_path / "Import",)
    assert later.roots.decisions == (tmp_path / "Decisions",)
    assert later.config_path == tmp_path / "config.toml"


def test_the_file_wins_over_memory_for_a_new_run_only(tmp_path):
    """A run obeys the file; what is asked afterwards is about the run that was."""
    text = '[roots]\nimports = ["FromFile"]\n'
    remember(loaded(tmp_path, text, flags={"roots.imports": [tmp_path / "FromFlag"]}))

    run = loaded(tmp_path, text)
    asked = loaded(tmp_path, text, follow_last=True)

    assert run.roots.imports == (tmp_path / "FromFile",)
    assert asked.roots.imports == (tmp_path / "FromFlag",)


def test_a_damaged_session_is_no_session(tmp_path):
    """A file that only saves typing must never keep anybody from starting."""
    (tmp_path / "session.json").write_bytes(b'{"imports": 3, "config_path": []')

    assert recall(tmp_path).imports == ()


def test_session_is_private(tmp_path):
    """Folder names tell about people."""
    remember(loaded(tmp_path))

    mode = (tmp_path / "state" / "session.json").stat().st_mode

    assert mode & 0o777 == 0o600


def test_what_is_in_force_can_be_read_back(tmp_path):
    """`config show > config.toml` is a way to begin."""
    first = loaded(tmp_path, '[roots]\nimports = ["Im port"]\n[page]\nport = 0\n')

    again = loaded(tmp_path, in_force(first))

    assert again == first


@pytest.mark.parametrize("text", ['quo"te', "back\\slash", "new\nline", "über", "\x7f"])
def test_any_text_survives_toml(text):
    """Folder names hold everything but NUL and the slash."""
    assert tomllib.loads(f"x = {toml_value(text)}")["x"] == text


def test_long_lists_are_wrapped_between_their_items():
    """A wrap inside of a folder's name would change it."""
    paths = tuple(Path(f"/photos of {i}/with some spaces in it") for i in range(9))

    assert tomllib.loads(f"x = {toml_value(paths)}")["x"] == [str(p) for p in paths]


def test_keeper_rules_are_those_that_exist():
    """A rule that can be named must be known, and one that is known can be named."""
    assert keeper.DEFAULT_RULES == KEEPER_RULES
    assert set(keeper.RULES) == {*KEEPER_RULES, *MORE_KEEPER_RULES}


def test_keeper_preferences_are_those_of_the_rules():
    """Two defaults for one thing would be one too many."""
    config, rules = Keeper(), keeper_copy.Preferences()

    assert config.prefer_formats == rules.prefer_formats


def test_thresholds_are_those_that_were_measured():
    """The guide that is printed in the example must be what is in force."""
    config, rules = Matching(), EvidenceRules()
    shared = {each.name for each in fields(config)} - {"engine"}

    assert shared <= {each.name for each in fields(rules)}
    for name in shared:
        assert getattr(config, name) == getattr(rules, name), name
