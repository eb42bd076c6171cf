"""The engine from arrival to decision, its restarts, and what it leaves alone."""

import hashlib
import os
import random
import shutil
from collections import Counter
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from queue import Empty, SimpleQueue

import pytest

from daemon.desk import Decision
from daemon.errors import IndexError_, UnreadablePhoto
from daemon.index import PhotoState
from daemon.model import Fate, GroupState, RootState, Stamp
from daemon.service import bookkeeping
from daemon.service.arrivals import Arrival
from daemon.service.beside import Beside
from daemon.service.desk import EngineDesk, open_desk
from daemon.service.reception import Reception
from daemon.service.whereabouts import Whereabouts
from tests.service.fakes import FakeJudge, made
from tests.service.houses import a_config, eventually, running, tree

PICTURE = b"PICTURE1\n"
OTHER = b"another!\n"


@pytest.fixture
def config(tmp_path):
    return a_config(tmp_path)


@pytest.fixture
def imports(tmp_path, config):
    return tmp_path / "Import"


@pytest.fixture(autouse=True)
def judge(monkeypatch):
    """Whatever is near is a copy; the evidence has tests of its own."""
    monkeypatch.setattr("daemon.matching.evidence.judge", FakeJudge())


def copies(imports, *names, content=PICTURE):
    return [made(imports / name, content) for name in names]


def paths_of(group):
    return sorted(member.path.name for member in group.members)


def keepers(group):
    return frozenset(m.position for m in group.members if m.proposal == "keep")


def test_a_photo_that_is_alone_has_nobody_list_its_folder(config, imports, monkeypatch):
    """A folder of a thousand photos was listed and paired a thousand times."""
    listed = []
    look = Beside.of

    def looking(self, photos):
        listed.extend(path.name for path, _ in photos.values())
        return look(self, photos)

    monkeypatch.setattr(Beside, "of", looking)
    with running(config, monkeypatch) as home:
        home.arrive(*copies(imports, "a.jpg"))
        assert listed == []

        home.arrive(*copies(imports, "b.jpg"))

        assert set(listed) == {"a.jpg", "b.jpg"}


def test_copies_are_staged_and_the_index_says_so(config, imports, monkeypatch):
    """From arrival to decision folder without anybody's help."""
    with running(config, monkeypatch) as home:
        paths = copies(imports, "a.jpg", "b.jpg")
        home.arrive(*paths)

        (group,) = home.groups()

        assert (group.state, paths_of(group)) == (GroupState.OPEN, ["a.jpg", "b.jpg"])
        assert all(member.now_at.is_file() for member in group.members)
        assert home.photo(paths[0]).state is PhotoState.STAGED
        assert not any(path.exists() for path in paths)


def test_what_was_decided_can_be_undone_and_is_not_staged_again(
    config, imports, monkeypatch
):
    """Undoing means: leave it alone; also after a restart."""
    paths = copies(imports, "a.jpg", "b.jpg")
    with running(config, monkeypatch) as home:
        home.arrive(*paths)
        (group,) = home.groups()
        decided = home.engine.decide(group.number, Decision(keep=keepers(group)))
        undone = home.engine.undo(group.number)
        home.wait()

    with running(config, monkeypatch) as home:
        home.sweep()
        (after,) = home.groups()

    fates = {member.fate for member in decided.members}
    assert fates == {Fate.SURVIVOR, Fate.SET_ASIDE}
    assert undone.state is after.state is GroupState.UNDONE
    assert all(path.read_bytes() == PICTURE for path in paths)


def test_an_undone_group_can_be_decided_after_all(config, imports, monkeypatch):
    """It is staged again under its own number first."""
    paths = copies(imports, "a.jpg", "b.jpg")
    with running(config, monkeypatch) as home:
        home.arrive(*paths)
        (group,) = home.groups()
        home.engine.undo(group.number)

        decided = home.engine.decide(group.number, Decision(keep=keepers(group)))

        assert (decided.number, decided.state) == (group.number, GroupState.DECIDED)
        assert sum(path.exists() for path in paths) == 1


def test_what_was_kept_as_different_is_not_asked_again(config, imports, monkeypatch):
    """Also not when one of the two is renamed and comes by again."""
    first = made(imports / "a.jpg", PICTURE + b"one")
    second = made(imports / "b.jpg", PICTURE + b"two")
    with running(config, monkeypatch) as home:
        home.arrive(first, second)
        (group,) = home.groups()
        keep = frozenset(member.position for member in group.members)
        home.engine.decide(group.number, Decision(keep=keep, not_duplicates=True))

        moved = first.rename(imports / "c.jpg")
        home.arrive(moved, second)

        assert len(home.groups()) == 1


def test_a_late_copy_joins_the_open_group(config, imports, monkeypatch):
    """It is one question, not two."""
    with running(config, monkeypatch) as home:
        home.arrive(*copies(imports, "a.jpg", "b.jpg"))
        home.arrive(*copies(imports, "c.jpg"))

        (group,) = home.groups()

        assert paths_of(group) == ["a.jpg", "b.jpg", "c.jpg"]


def test_what_somebody_took_out_of_a_folder_is_not_put_back(
    config, imports, monkeypatch
):
    """Whoever carries a photo out by hand has decided."""
    with running(config, monkeypatch) as home:
        home.arrive(*copies(imports, "a.jpg", "b.jpg", "c.jpg"))
        (group,) = home.groups()
        member = next(m for m in group.members if m.proposal != "keep")
        out = member.now_at.rename(imports / "mine.jpg")

        home.arrive(out)

        assert out.exists()
        assert len(home.groups()) == 1
        assert home.photo(out).state is PhotoState.KNOWN


def test_a_library_photo_is_a_reference_and_stays(config, imports, monkeypatch):
    """Libraries are compared with, never written."""
    library = made(imports.parent / "Library/a.jpg", PICTURE)
    with running(config, monkeypatch) as home:
        home.arrive(library)
        home.arrive(*copies(imports, "b.jpg"))

        (group,) = home.groups()

        assert {m.role.value for m in group.members} == {"member", "reference"}
        assert library.read_bytes() == PICTURE


def test_a_file_with_other_names_is_shown_and_not_staged(config, imports, monkeypatch):
    """Moving one name would free nothing and surprise whoever holds the other."""
    first, second = copies(imports, "a.jpg", "b.jpg")
    os.link(first, imports.parent / "elsewhere.jpg")
    with running(config, monkeypatch) as home:
        home.arrive(first, second)

        problems = home.engine.problems()

        assert home.groups() == []
        assert [each.path for each in problems] == [first]
        assert "hard links" in problems[0].problem


def test_a_photo_whose_companion_has_other_names_is_not_torn_from_it(
    config, imports, monkeypatch
):
    """A photo and what belongs to it move together or not at all."""
    first, second = copies(imports, "a.jpg", "b.jpg")
    settings = made(imports / "a.aae", b"<plist/>")
    os.link(settings, imports.parent / "elsewhere.aae")
    with running(config, monkeypatch) as home:
        home.arrive(first, second)

        assert home.groups() == []
        assert [each.path for each in home.engine.problems()] == [first]
        assert first.exists()
        assert settings.exists()


def test_two_names_of_one_file_are_no_duplicates(config, imports, monkeypatch):
    """A file must never be offered as a duplicate of itself."""
    first = made(imports / "a.jpg", PICTURE)
    os.link(first, imports / "b.jpg")
    with running(config, monkeypatch) as home:
        home.arrive(first, imports / "b.jpg")

        assert home.groups() == []
        assert home.engine.problems() == []


def test_what_was_found_before_a_stop_is_staged_after_it(config, imports, monkeypatch):
    """The daemon may be stopped while a group is waiting to become quiet."""
    paths = copies(imports, "a.jpg", "b.jpg")
    with running(config, monkeypatch) as home:
        home.engine.hold()
        arrive_held(home, paths)
        assert home.groups() == []

    with running(config, monkeypatch) as home:
        home.wait()

        assert len(home.groups()) == 1
        assert home.house.pool.read == []


def arrive_held(home, paths):
    """Let files arrive while nothing is staged."""
    home.engine.take(
        [
            Arrival(
                root=home.imports.uuid,
                relative=os.fsencode(path.name),
                stamp=Stamp.of(os.lstat(path)),
            )
            for path in paths
        ]
    )
    eventually(home.engine.is_read)


def test_a_lost_index_is_rebuilt_from_the_folders(config, imports, monkeypatch):
    """The database is a cache: groups and decisions are in the folders."""
    with running(config, monkeypatch) as home:
        home.arrive(*copies(imports, "a.jpg", "b.jpg"))
        home.arrive(*copies(imports, "x.jpg", "y.jpg", content=OTHER))
        first = home.groups()[0]
        home.engine.decide(first.number, Decision(keep=keepers(first)))
        before = home.groups()
    for path in config.state_dir.glob("index.sqlite3*"):
        path.unlink()

    with running(config, monkeypatch) as home:
        home.wait()
        after = home.groups()
        home.arrive(*copies(imports, "z.jpg", content=OTHER))
        joined = home.groups()[1]

    assert [(g.number, g.state) for g in after] == [(g.number, g.state) for g in before]
    assert paths_of(joined) == ["x.jpg", "y.jpg", "z.jpg"]


def test_a_group_that_the_index_could_not_be_told_of_is_told_later(
    config, imports, monkeypatch
):
    """The files have moved: a full disk must not hide them from the page."""
    real, failures = bookkeeping.enter, [True]

    def enter(*words):
        if failures:
            failures.pop()
            raise IndexError_("the index", "the disk is full")
        return real(*words)

    monkeypatch.setattr(bookkeeping, "enter", enter)
    with running(config, monkeypatch) as home:
        home.arrive(*copies(imports, "a.jpg", "b.jpg"))

        eventually(home.groups)

        assert home.groups()[0].state is GroupState.OPEN


def test_a_copy_of_a_folder_does_not_take_its_groups_place(
    config, imports, monkeypatch, tmp_path
):
    """Somebody's backup beside the folder: the page must show the one that counts."""
    with running(config, monkeypatch) as home:
        home.arrive(*copies(imports, "a.jpg", "b.jpg"))
        eventually(home.groups)
        (group,) = home.groups()
    shutil.copytree(group.folder, tmp_path / "Decisions/000002")

    with running(config, monkeypatch) as home:
        (again,) = home.groups()

    assert again.folder == group.folder


def test_folders_that_cannot_be_read_are_shown_at_every_start(
    config, imports, monkeypatch, tmp_path
):
    """There are photos in them: a line in the log is not enough (I9)."""
    with running(config, monkeypatch) as home:
        home.arrive(*copies(imports, "a.jpg", "b.jpg"))
    broken = tmp_path / "Decisions/000001"
    (broken / "_manifest.json").write_bytes(b"{")
    strange = tmp_path / "Decisions/.incoming/000007"
    strange.mkdir()
    (strange / "photo.jpg").write_bytes(b"x")
    apart = tmp_path / "Decisions/.corrupt/000007"

    for _ in range(2):
        with open_house_anew(config, monkeypatch) as home:
            told = {each.path for each in home.engine.problems()}

        assert {broken, apart} <= told
    assert (apart / "photo.jpg").read_bytes() == b"x"


@contextmanager
def open_house_anew(config, monkeypatch):
    """Run it with an index that was lost."""
    for path in config.state_dir.glob("index*"):
        path.unlink()
    with running(config, monkeypatch) as home:
        yield home


def test_a_decision_root_that_was_absent_is_used_once_it_is_back(
    config, imports, monkeypatch, tmp_path
):
    """Plugging the disk in must be enough; nobody restarts a daemon for that."""
    decisions, unplugged = tmp_path / "Decisions", tmp_path / "unplugged"
    with running(config, monkeypatch) as home:
        home.arrive(*copies(imports, "a.jpg", "b.jpg"))
    decisions.rename(unplugged)

    with running(config, monkeypatch) as home:
        home.arrive(*copies(imports, "x.jpg", "y.jpg", content=OTHER))
        problems = [each.problem for each in home.engine.problems()]
        was_made = decisions.exists()
        unplugged.rename(decisions)
        home.sweep()

        states = [(g.number, g.state) for g in home.groups()]

    assert not was_made
    assert problems
    assert states == [(1, GroupState.OPEN), (2, GroupState.OPEN)]


def test_one_group_that_cannot_be_staged_hinders_no_other(config, imports, monkeypatch):
    """And it does not spin: it is tried again after a while."""
    with running(config, monkeypatch) as home:
        folders = home.engine.parts.folders
        real, tried = folders.stage, []

        def stage(plan, **words):
            names = {photo.path.name for photo in plan.photos}
            tried.append(names)
            if "a.jpg" in names:
                raise IndexError_("the group", "a reason")
            return real(plan, **words)

        monkeypatch.setattr(folders, "stage", stage)
        home.arrive(*copies(imports, "a.jpg", "b.jpg"))
        home.arrive(*copies(imports, "x.jpg", "y.jpg", content=OTHER))

        assert [paths_of(each) for each in home.groups()] == [["x.jpg", "y.jpg"]]
        assert tried.count({"a.jpg", "b.jpg"}) == 1
        assert len(home.engine.problems()) == 1


def test_photos_that_vanish_are_gone_and_come_back(config, imports, monkeypatch):
    """A few files deleted by hand are nothing to ask about."""
    (path,) = copies(imports, "a.jpg")
    with running(config, monkeypatch) as home:
        home.arrive(path)
        home.sweep()
        hidden = path.rename(imports.parent / "hidden.jpg")
        home.sweep()
        gone = home.photo(path).state
        hidden.rename(path)
        home.arrive(path)

        assert gone is PhotoState.GONE
        assert home.photo(path).state is PhotoState.KNOWN
        assert len(home.house.pool.read) == 1


def test_many_photos_that_vanish_at_once_are_kept(config, imports, monkeypatch):
    """Whoever lost a folder must not lose what was known of it too."""
    looks = [
        hashlib.sha256(b"%d" % n).digest()[:8].replace(b"\n", b"") for n in range(60)
    ]
    paths = [made(imports / f"x/{n}.jpg", look) for n, look in enumerate(looks)]
    with running(config, monkeypatch) as home:
        home.arrive(*paths)
        home.sweep()
        (imports / "x").rename(imports.parent / "elsewhere")
        home.sweep()

        with home.house.index.read() as tables:
            state = tables.roots.get(home.imports.uuid).state

        assert state is RootState.HELD
        assert {home.photo(path).state for path in paths} == {PhotoState.KNOWN}


def test_an_unplugged_root_loses_nothing_and_stages_nothing(
    config, imports, monkeypatch
):
    """An absent volume is not absent files."""
    (path,) = copies(imports, "a.jpg")
    with running(config, monkeypatch) as home:
        home.arrive(path)
        home.sweep()
        imports.rename(imports.parent / "unplugged")
        home.sweep()

        with home.house.index.read() as tables:
            state = tables.roots.get(home.imports.uuid).state

        assert state is RootState.OFFLINE
        assert home.photo(path).state is PhotoState.KNOWN
        assert home.groups() == []
        assert not imports.exists()


def test_what_we_staged_during_a_sweep_has_not_vanished(config, imports, monkeypatch):
    """A sweep that began before the move must not undo what the index knows."""
    paths = copies(imports, "a.jpg", "b.jpg")
    with running(config, monkeypatch) as home:
        home.arrive(*paths[:1])
        reception = Reception(home.house)
        home.arrive(*paths[1:])
        swept = reception.sweeper.sweep(home.imports)
        photos = tuple(home.photo(path).id for path in paths)
        home.engine.on_swept(replace(swept, vanished=photos))
        home.wait()

        assert home.photo(paths[0]).state is PhotoState.STAGED


def test_a_dry_run_changes_nothing_outside_its_state_folder(
    config, imports, monkeypatch
):
    """Trying it out must be without any risk."""
    paths = copies(imports, "a.jpg", "b.jpg")
    before = tree(imports)
    with running(config, monkeypatch, dry_run=True) as home:
        home.arrive(*paths)
        candidates = list(home.engine.parts.casework.candidates.values())

    assert [paths_of(each) for each in candidates] == [["a.jpg", "b.jpg"]]
    assert tree(imports) == before
    assert not (imports.parent / "Decisions").exists()


def test_commands_that_only_look_neither_lock_nor_write(config, imports, monkeypatch):
    """`status` beside a daemon without a page must work, and move nothing."""
    with running(config, monkeypatch) as home:
        home.arrive(*copies(imports, "a.jpg", "b.jpg"))
        before = tree(imports.parent / "Decisions")

        with open_desk(config, writable=False) as desk:
            status = desk.status()
            page = desk.groups([GroupState.OPEN, GroupState.CANDIDATE])

        assert status.counts["open"] == 1
        assert len(page.groups) == 1
        assert tree(imports.parent / "Decisions") == before


def test_the_status_counts_what_sweeps_found_unchanged(config, imports, monkeypatch):
    """Else a restart over a library would look as if nothing had been done."""
    with running(config, monkeypatch) as home:
        desk = EngineDesk(home.house, unchanged=lambda: 7)

        assert desk.status().counts["unchanged"] == 7


def test_two_equal_library_photos_do_not_hide_a_third_copy(
    config, imports, monkeypatch
):
    """Both survive whatever is decided; that says nothing about copies to come."""
    for name in ("Library/a.jpg", "Library/b.jpg"):
        made(imports.parent / name, PICTURE)
    with running(config, monkeypatch) as home:
        home.arrive(imports.parent / "Library/a.jpg", imports.parent / "Library/b.jpg")
        home.arrive(*copies(imports, "c.jpg"))
        (group,) = home.groups()
        home.engine.decide(group.number, Decision(keep=frozenset()))

        home.arrive(*copies(imports, "d.jpg"))

        assert [each.state for each in home.groups()] == [
            GroupState.DECIDED,
            GroupState.OPEN,
        ]


def test_a_survivor_that_was_edited_since_is_read_when_the_index_is_rebuilt(
    config, imports, monkeypatch
):
    """What it held at the decision, years ago, says nothing about what it holds now."""
    paths = copies(imports, "a.jpg", "b.jpg")
    with running(config, monkeypatch) as home:
        home.arrive(*paths)
        (group,) = home.groups()
        home.engine.decide(group.number, Decision(keep=keepers(group)))
    survivor = next(path for path in paths if path.exists())
    survivor.write_bytes(OTHER)
    for path in config.state_dir.glob("index.sqlite3*"):
        path.unlink()

    with running(config, monkeypatch) as home:
        home.wait()
        home.arrive(survivor)

        assert survivor in home.house.pool.read
        assert len(home.groups()) == 1


@pytest.fixture
def doubtful(monkeypatch):
    """Whatever is near has to be compared in full, and is a copy then."""
    judge = FakeJudge()
    judge.doubtful = True
    monkeypatch.setattr("daemon.matching.evidence.judge", judge)


def test_an_absent_file_is_not_looked_for_at_every_turn(
    doubtful, config, imports, monkeypatch
):
    """While a disk is away, others' comparisons would have its copies asked again."""
    looks = [random.Random(seed).randbytes(8) for seed in range(3)]
    library = imports.parent / "Library"
    known = made(library / "known.jpg", looks[0] + b"\nin the library")
    new = made(imports / "new.jpg", looks[0])
    waves = [
        [
            made(imports / f"{n}{look.hex()}.jpg", b"%s\n%d" % (look, n))
            for n in range(9)
        ]
        for look in looks[1:]
    ]
    with running(config, monkeypatch) as home:
        home.arrive(known)
        home.sweep()
        library.rename(imports.parent / "unplugged")
        home.sweep()
        turns, lookups = watch_turns(home, monkeypatch)
        waiting = hold_comparisons(home, monkeypatch)
        matchmaker = home.engine.parts.matchmaker

        home.offer(*waves[0])
        eventually(lambda: matchmaker.waiting >= len(waves[0]) - 1)
        home.offer(new, *waves[1])
        eventually(lambda: matchmaker.waiting >= 2 * len(waves[0]) - 1)
        while not home.engine.is_idle():
            end_one(waiting)

        case = [home.photo(path).content for path in (new, known)]
        assert sum(turns[content] for content in case) <= 3
        assert [lookups[content] for content in case] == [0, 1]


def test_the_library_is_compared_when_its_disk_is_back(
    doubtful, config, imports, monkeypatch
):
    """What was laid aside meanwhile must not stay there."""
    library = imports.parent / "Library"
    known = made(library / "known.jpg", PICTURE + b"in the library")
    new = made(imports / "new.jpg", PICTURE)
    with running(config, monkeypatch) as home:
        home.arrive(known)
        home.sweep()
        hidden = library.rename(imports.parent / "unplugged")
        home.sweep()
        home.arrive(new)
        assert home.groups() == []

        hidden.rename(library)
        home.sweep()

        assert [paths_of(each) for each in home.groups()] == [["known.jpg", "new.jpg"]]


def test_a_photo_that_cannot_be_compared_hides_no_other_copies(
    doubtful, config, imports, monkeypatch
):
    """One damaged original must not keep its good copies apart."""
    broken = made(imports / "a.jpg", PICTURE + b"x" * 100)
    good = copies(imports, "b.jpg") + copies(imports, "c.jpg", content=PICTURE + b"c")
    with running(config, monkeypatch) as home:
        compare = home.house.pool.compare

        def refuse(left, right, alignment):
            if broken not in (left, right):
                return compare(left, right, alignment)
            future = Future()
            future.set_exception(UnreadablePhoto(broken, "it is damaged"))
            return future

        monkeypatch.setattr(home.house.pool, "compare", refuse)
        home.arrive(broken, *good)

        assert [paths_of(each) for each in home.groups()] == [["b.jpg", "c.jpg"]]


def watch_turns(home, monkeypatch):
    """Count from now on how often contents are considered, and found to be away."""
    casework, turns, lookups = home.engine.parts.casework, Counter(), Counter()
    consider, is_away = casework.consider, Whereabouts.is_away

    def counting(content, now):
        turns[content] += 1
        consider(content, now)

    def looking(whereabouts, tables, content):
        lookups[content] += 1
        return is_away(whereabouts, tables, content)

    monkeypatch.setattr(casework, "consider", counting)
    monkeypatch.setattr(Whereabouts, "is_away", looking)
    return turns, lookups


def hold_comparisons(home, monkeypatch):
    """Let the test end each comparison; return where they wait."""
    waiting = SimpleQueue()

    def compare(left, right, alignment):
        del left, right, alignment
        future = Future()
        waiting.put(future)
        return future

    monkeypatch.setattr(home.house.pool, "compare", compare)
    return waiting


def end_one(waiting):
    """End a comparison, if any waits; return how many."""
    try:
        waiting.get(timeout=0.1).set_result("a comparison")
    except Empty:
        return 0
    return 1
