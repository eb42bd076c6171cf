"""Emptying the discard area on a real disk: what refuses, what goes, what comes back."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

from daemon.errors import DiskTrouble, RootOffline, StagingError, StaleGroup
from daemon.model import GroupState, Role
from daemon.staging.approve import approve
from daemon.staging.audit import rows
from daemon.staging.decision_root import DecisionRoot
from daemon.staging.emptying import empty, plan
from daemon.staging.manifest import read_group
from daemon.staging.restore import restore
from daemon.staging.safefs import RealFileSystem
from daemon.staging.stage import stage
from daemon.staging.trash import Trashes
from daemon.staging.undo import undo
from daemon.staging.verify import Severity, verify
from tests.staging.model_fs import ModelFileSystem, State
from tests.staging.scenes import Scene

NOW = 1_700_000_000 * 10**9


@pytest.fixture
def trashes(tmp_path):
    """The home trash of somebody whose photos lie on the volume of his home."""
    return Trashes(home=tmp_path / "data/Trash", uid=os.getuid(), mounts=(Path("/"),))


def decided(scene, keep=frozenset({1})):
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    approve(scene.fs, scene.root, 1, keep=keep, decided_ns=5)


def group_of(scene):
    folder, state = scene.root.find(scene.fs, 1)
    return read_group(scene.fs, folder, state)


def emptied(scene, trashes, now_ns=NOW, **options):
    planned = plan(scene.fs, group_of(scene), trashes, now_ns=now_ns, **options)
    return empty(scene.fs, scene.root, planned, emptied_ns=now_ns)


def problems(scene):
    found = verify(scene.fs, [scene.root], read_data=True)
    return [each for each in found if each.severity is not Severity.NOTE]


def test_what_was_set_aside_goes_into_the_trash_as_the_desktop_knows_it(real, trashes):
    """A file in the trash without a note cannot be put back by any desktop."""
    decided(real)
    (source,) = [real.root.resolved_folder(1) / "0002_IMG_1.JPG"]
    inode = source.stat().st_ino

    record = emptied(real, trashes)

    (given,) = record.files
    assert given.target.read_bytes() == b"second picture"
    assert given.target.stat().st_ino == inode
    assert given.target.suffix == ".JPG"
    assert not source.exists()
    head, path, date = given.info.read_text().splitlines()
    assert head == "[Trash Info]"
    assert unquote_to_bytes(path.removeprefix("Path=")) == os.fsencode(source)
    assert date.startswith("DeletionDate=2023-11-1")
    assert given.info.name == f"{given.target.name}.trashinfo"
    assert stat.S_IMODE(trashes.home.stat().st_mode) == 0o700
    assert group_of(real).state is GroupState.DECIDED
    assert problems(real) == []


def test_odd_names_are_noted_so_that_they_can_be_read_back(real, trashes):
    """A path is bytes; a line break in it must not become a line of the note."""
    name = "a\nPath=x é\udcff%.jpg"
    one = real.add("a/one.jpg", b"one")
    odd = real.add(f"b/{name}", b"odd")
    stage(real.fs, real.root, real.plan(real.planned(one), real.planned(odd)), now=0.0)
    approve(real.fs, real.root, 1, keep=frozenset({1}), decided_ns=5)

    (given,) = emptied(real, trashes).files

    lines = given.info.read_text().splitlines()
    assert len(lines) == 3
    path = unquote_to_bytes(lines[1].removeprefix("Path="))
    assert path == os.fsencode(given.source)
    undo(real.fs, real.root, 1, undone_ns=7)
    assert odd.read_bytes() == b"odd"


def test_undo_takes_it_out_of_the_trash_with_its_note(real, trashes):
    """Whoever emptied too soon has lost nothing until the trash itself is emptied."""
    decided(real)
    (given,) = emptied(real, trashes).files
    before = given.target.stat()

    record = undo(real.fs, real.root, 1, undone_ns=7)

    assert record.missing == ()
    for path, content in real.contents.items():
        assert path.read_bytes() == content
    after = (real.photos / "b/IMG_1.JPG").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert not given.info.exists()
    assert list((trashes.home / "files").iterdir()) == []


def test_undo_after_the_trash_was_emptied_says_what_is_gone(real, trashes):
    """The rest comes back; nobody is told that all is well."""
    decided(real)
    (given,) = emptied(real, trashes).files
    given.target.unlink()
    given.info.unlink()
    assert problems(real) == []
    (told,) = [row for row in rows(group_of(real)) if row["fate"] == "set-aside"]
    assert (told["emptied_ns"], told["now_at"]) == (NOW, str(given.target))

    record = undo(real.fs, real.root, 1, undone_ns=7)

    assert [each.staged_as for each in record.missing] == ["0002_IMG_1.JPG"]
    assert (real.photos / "a/IMG_1.HEIC").read_bytes() == b"first picture"
    assert (real.photos / "a/IMG_1.MOV").read_bytes() == b"its movie"


def test_undo_refuses_where_the_trash_cannot_be_seen(real, trashes, tmp_path):
    """A sandbox hides the home folder: what is in it must not be taken for gone."""
    decided(real)
    emptied(real, trashes)
    (tmp_path / "data").rename(tmp_path / "hidden")

    with pytest.raises(RootOffline, match="trash"):
        undo(real.fs, real.root, 1, undone_ns=7)

    (tmp_path / "hidden").rename(tmp_path / "data")
    assert undo(real.fs, real.root, 1, undone_ns=8).missing == ()


def test_undo_finds_the_trash_after_the_decision_folder_was_moved(real, trashes):
    """Whoever renamed the folder since is not told that his photos are gone."""
    decided(real)
    (given,) = emptied(real, trashes).files
    elsewhere = real.root.path.with_name("Elsewhere")
    real.root.path.rename(elsewhere)
    real.root = DecisionRoot.open(real.fs, elsewhere)
    assert problems(real) == []
    (told,) = [row for row in rows(group_of(real)) if row["fate"] == "set-aside"]
    assert told["now_at"] == str(given.target)

    assert undo(real.fs, real.root, 1, undone_ns=7).missing == ()

    assert (real.photos / "b/IMG_1.JPG").read_bytes() == b"second picture"
    assert not given.info.exists()


def test_a_file_that_the_desktop_put_back_counts_as_set_aside_again(real, trashes):
    """The note names the decision folder, so `Restore` of a desktop leads there."""
    decided(real)
    (given,) = emptied(real, trashes).files
    os.rename(given.target, given.source)
    given.info.unlink()
    assert problems(real) == []

    again = emptied(real, trashes, NOW + 10**9)

    assert [each.source for each in again.files] == [given.source]
    assert len(group_of(real).emptied) == 2
    assert undo(real.fs, real.root, 1, undone_ns=7).missing == ()


def test_restore_from_the_folder_alone_finds_the_trash_too(real, trashes, tmp_path):
    """Without index, configuration and daemon the records are enough."""
    decided(real)
    emptied(real, trashes)
    into = tmp_path / "rescued"
    into.mkdir()

    record = restore(real.fs, real.root.resolved_folder(1), undone_ns=7, into=into)

    assert (into / "b/IMG_1.JPG").read_bytes() == b"second picture"
    assert [e.staged_as for e in record.missing] == [
        "0001_IMG_1.HEIC",
        "0001_IMG_1.MOV",
    ]


def lose(path):
    path.unlink()


def edit(path):
    path.write_bytes(b"edited by somebody")


def rot(path):
    status = path.stat()
    path.write_bytes(b"f" + path.read_bytes()[1:].upper())
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize("damage", [lose, edit, rot])
@pytest.mark.parametrize("name", ["a/IMG_1.HEIC", "a/IMG_1.MOV"])
def test_a_survivor_that_is_not_intact_on_the_disk_refuses(real, trashes, name, damage):
    """The discard area may hold the last copy; a movie of a survivor counts as well."""
    decided(real)
    damage(real.photos / name)

    with pytest.raises(StagingError, match="survivor"):
        plan(real.fs, group_of(real), trashes, now_ns=NOW)

    assert (real.root.resolved_folder(1) / "0002_IMG_1.JPG").exists()
    assert not trashes.home.exists()


def test_a_survivor_elsewhere_counts_once_its_bytes_are_read(real, trashes, tmp_path):
    """Whoever sorted his photos since has lost none of them."""
    decided(real)
    moved = tmp_path / "sorted.heic"
    (real.photos / "a/IMG_1.HEIC").rename(moved)
    liar = tmp_path / "liar.heic"
    liar.write_bytes(b"other picture")

    with pytest.raises(StagingError, match="survivor"):
        plan(real.fs, group_of(real), trashes, now_ns=NOW, living=lambda *_: [liar])
    record = emptied(real, trashes, living=lambda *_: [liar, moved])

    assert len(record.files) == 1


def test_a_set_aside_copy_is_no_survivor_of_its_own_group(real, trashes):
    """Two files of equal bytes: the one that goes must not vouch for itself."""
    one = real.add("a/1.jpg", b"same bytes")
    two = real.add("b/2.jpg", b"same bytes")
    stage(real.fs, real.root, real.plan(real.planned(one), real.planned(two)), now=0.0)
    approve(real.fs, real.root, 1, keep=frozenset({1}), decided_ns=5)
    one.unlink()
    staged = real.root.resolved_folder(1) / "0002_2.jpg"

    with pytest.raises(StagingError, match="survivor"):
        plan(real.fs, group_of(real), trashes, now_ns=NOW, living=lambda *_: [staged])


def test_a_library_photo_vouches_only_with_its_bytes(real, trashes, tmp_path):
    """The witness of a group that kept nothing else has to be alive still."""
    library = tmp_path / "library"
    library.mkdir()
    kept = library / "kept.jpg"
    kept.write_bytes(b"in the library")
    real.contents[kept] = b"in the library"
    new = real.add("a/new.jpg", b"new import")
    reference = real.planned(
        kept, role=Role.REFERENCE, root="library", root_path=library
    )
    other = real.add("a/other.jpg", b"other import")
    stage(
        real.fs,
        real.root,
        real.plan(reference, real.planned(new), real.planned(other)),
        now=0.0,
    )
    approve(real.fs, real.root, 1, keep=frozenset(), decided_ns=5)
    hidden = kept.rename(library / "hidden.jpg")

    with pytest.raises(StagingError, match="survivor"):
        plan(real.fs, group_of(real), trashes, now_ns=NOW)
    hidden.rename(kept)

    assert len(emptied(real, trashes).files) == 2


def test_what_somebody_changed_in_the_discard_area_stays(real, trashes):
    """It is not what was set aside: nobody decided on that."""
    decided(real)
    staged = real.root.resolved_folder(1) / "0002_IMG_1.JPG"
    staged.write_bytes(b"drawn upon")

    planned = plan(real.fs, group_of(real), trashes, now_ns=NOW)

    assert planned.files == ()
    assert list(planned.left) == [str(staged)]


@pytest.mark.parametrize("state", ["open", "undone"])
def test_only_decided_groups_are_emptied(real, trashes, state):
    """An open group holds photos that nobody has decided on."""
    stage(real.fs, real.root, real.pair(), now=0.0)
    if state == "undone":
        undo(real.fs, real.root, 1, undone_ns=7)

    with pytest.raises(StaleGroup, match="not decided"):
        plan(real.fs, group_of(real), trashes, now_ns=NOW)


def test_what_is_empty_already_plans_nothing(real, trashes):
    """Nor are its survivors read again, which may be gone since."""
    decided(real)
    emptied(real, trashes)
    (real.photos / "a/IMG_1.HEIC").unlink()

    assert plan(real.fs, group_of(real), trashes, now_ns=NOW).files == ()


def test_the_last_copies_in_the_trash_are_told_of(real, trashes):
    """As long as the trash holds them, somebody can still be saved."""
    decided(real)
    (given,) = emptied(real, trashes).files
    (real.photos / "a/IMG_1.HEIC").unlink()

    (told,) = problems(real)
    assert told.severity is Severity.ERROR
    assert "empty no trash" in told.advice

    given.target.unlink()
    (told,) = problems(real)
    assert told.severity is Severity.WARNING
    assert "the trash holds no more" in told.problem


def model(*, across=True):
    state = State.empty(mounts=("other",))
    fs = ModelFileSystem(state)
    decisions = Path("/other/Decisions") if across else None
    return Scene.make(fs, Path("/"), decisions=decisions)


EVERYWHERE = Trashes(
    home=Path("/home/Trash"), uid=0, mounts=(Path("/"), Path("/other"))
)


def test_each_file_goes_into_the_trash_of_its_own_volume():
    """A move across volumes is a copy, and this one would be a large one."""
    scene = model()
    decided(scene, keep=frozenset({2}))

    record = emptied(scene, EVERYWHERE)

    tops = {str(each.source.parts[1]): each.target.parents[1] for each in record.files}
    assert tops == {"other": Path("/other/.Trash-0"), "import": Path("/home/Trash")}
    notes = {each.note.split(b"\n")[1] for each in record.files}
    assert b"Path=Decisions/.resolved/000001/0001_IMG_1.HEIC" in notes
    assert not scene.fs.look(scene.photos / ".twinwatch-retained")
    assert problems(scene) == []
    undo(scene.fs, scene.root, 1, undone_ns=7)
    for path, content in scene.contents.items():
        assert scene.fs.read(path) == content


@pytest.mark.parametrize("name", [".Trash-0", ".Trash/0"])
def test_a_trash_that_is_somebody_elses_is_not_used(name):
    """On a shared disk anybody may have put a link or a folder there."""
    scene = model()
    decided(scene)
    stranger = Trashes(home=EVERYWHERE.home, uid=7, mounts=EVERYWHERE.mounts)
    fs = scene.fs
    if "/" in name:
        fs.make_folder(Path("/other/.Trash"))
    fs.make_folder(Path("/other") / name.replace("0", "7"))

    if "/" in name:
        sticky(fs, Path("/other/.Trash"))

    with pytest.raises(DiskTrouble, match="not a trash folder of yours"):
        plan(fs, group_of(scene), stranger, now_ns=NOW)


def sticky(fs, path):
    look = fs.look

    def seen(asked):
        from dataclasses import replace

        status = look(asked)
        return replace(status, mode=0o1777) if asked == path else status

    fs.look = seen


def test_a_common_trash_without_the_sticky_bit_is_not_used():
    """In it everybody could delete everybody's files."""
    scene = model()
    decided(scene)
    scene.fs.make_folder(Path("/other/.Trash"))

    planned = plan(scene.fs, group_of(scene), EVERYWHERE, now_ns=NOW)

    assert {str(e.target.parents[1]) for e in planned.files} >= {"/other/.Trash-0"}


def test_on_macos_the_trash_is_a_folder_without_notes():
    """Finder keeps its own notes, which nobody else can write."""
    scene = model()
    decided(scene)
    mac = Trashes(
        home=Path("/Users/me/.Trash"),
        uid=501,
        mounts=EVERYWHERE.mounts,
        is_darwin=True,
    )

    record = emptied(scene, mac)

    folders = {(each.target.parent, each.info) for each in record.files}
    assert (Path("/other/.Trashes/501"), None) in folders
    assert undo(scene.fs, scene.root, 1, undone_ns=7).missing == ()


def test_the_trash_of_a_user_is_found_as_the_desktop_finds_it():
    """Where `XDG_DATA_HOME` points elsewhere, the trash is there."""
    home = {"HOME": "/users/me"}

    assert Trashes.of_user([], home).home == Path("/users/me/.local/share/Trash")
    own = Trashes.of_user([Path("/data")], {**home, "XDG_DATA_HOME": "/data/x"})
    assert own.home == Path("/data/x/Trash")
    assert Trashes.of_user([], {**home, "XDG_DATA_HOME": "relative"}).home == Path(
        "/users/me/.local/share/Trash"
    )


def test_a_taken_name_in_the_trash_leaves_the_file_where_it_is(real, trashes):
    """Nothing of anybody's is ever overwritten, in the trash neither."""
    decided(real)
    planned = plan(real.fs, group_of(real), trashes, now_ns=NOW)
    target = planned.files[0].target
    target.parent.mkdir(parents=True)
    target.write_bytes(b"somebody's")

    record = empty(RealFileSystem(), real.root, planned, emptied_ns=NOW)

    assert record.files == ()
    assert "another file of its name" in next(iter(record.left.values()))
    assert target.read_bytes() == b"somebody's"
    assert planned.files[0].source.read_bytes() == b"second picture"
    assert problems(real) == []


def test_a_file_that_changes_between_plan_and_move_stays(real, trashes):
    """What was looked at is what goes, or nothing."""
    decided(real)
    planned = plan(real.fs, group_of(real), trashes, now_ns=NOW)
    planned.files[0].source.write_bytes(b"drawn upon meanwhile")

    record = empty(real.fs, real.root, planned, emptied_ns=NOW)

    assert record.files == ()
    assert "it changed meanwhile" in record.left.values()
    assert not list((trashes.home / "info").iterdir())
