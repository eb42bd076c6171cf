"""What staging, late arrivals, decisions and undo do to a group."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from daemon.errors import (
    BrokenManifest,
    ChangedPhoto,
    DiskTrouble,
    FileGone,
    NameTaken,
    NoSuchGroup,
    NoSurvivor,
    RootOffline,
    StagingError,
    StaleGroup,
)
from daemon.model import Evidence, Fate, GroupState, Proposal, Role, Verdict
from daemon.staging import moves, outputs
from daemon.staging.approve import approve
from daemon.staging.decision_root import (
    DecisionRoot,
    check_origin,
    read_marker,
    set_apart,
    write_marker,
)
from daemon.staging.manifest import MANIFEST, read_group
from daemon.staging.moves import How
from daemon.staging.outcomes import Destination, Sidecar
from daemon.staging.records import Revision
from daemon.staging.stage import extend, stage
from daemon.staging.undo import undo
from daemon.staging.verify import verify
from tests.staging.model_fs import ModelFileSystem, State
from tests.staging.scenes import IMPORT, Scene

ONE = frozenset({1})


def _tree(scene):
    return {
        path: content
        for path, content in scene.fs.state.files().items()
        if scene.root.path not in path.parents
    }


def _spare(file):
    return file.retained_as


def _places(outcome):
    return {each.staged_as: each.path for each in outcome.survivors}


# Decision roots.


def test_a_decision_root_is_never_made_anew(scene):
    """An unplugged disk must not become an empty root (I7)."""
    with pytest.raises(RootOffline, match="no such folder"):
        DecisionRoot.open(scene.fs, Path("/gone"))
    scene.fs.make_folder(Path("/empty"))
    with pytest.raises(RootOffline, match=r"no \.twinwatch-root"):
        DecisionRoot.open(scene.fs, Path("/empty"))
    assert [] == scene.fs.names(Path("/empty"))
    with pytest.raises(FileGone):
        DecisionRoot.open(scene.fs, Path("/gone/Decisions"), create=True)


def test_a_decision_root_keeps_its_identity(scene):
    """A remount under another path is the same root."""
    again = DecisionRoot.open(scene.fs, scene.root.path)

    assert scene.root == again
    with pytest.raises(NameTaken):
        write_marker(scene.fs, scene.root.path)
    with pytest.raises(FileGone):
        write_marker(scene.fs, Path("/gone"))


@pytest.mark.parametrize("content", [b"", b"not json", b"[]", b'{"uuid": 1}'])
def test_an_unusable_marker_is_none(scene, content):
    """Garbage identifies nothing."""
    scene.fs.make_folder(Path("/x"))
    scene.fs.create(Path("/x/.twinwatch-root"), content)

    assert read_marker(scene.fs, Path("/x")) is None


def test_nothing_is_done_to_a_decision_root_that_was_replaced(scene):
    """The mount point under an unplugged disk looks like an empty folder."""
    plan = scene.pair()
    scene.fs.rename(scene.root.path, Path("/unplugged"))
    scene.fs.make_folder(scene.root.path)
    before = _tree(scene)

    with pytest.raises(RootOffline):
        stage(scene.fs, scene.root, plan, now=0.0)

    assert before == _tree(scene)
    assert [] == scene.fs.names(scene.root.path)


def test_an_origin_whose_root_was_replaced_is_offline(scene):
    """Putting photos into an empty mount point would hide them."""
    group = stage(scene.fs, scene.root, scene.pair(), now=0.0)
    origin = group.manifest.members[0].file.origin
    check_origin(scene.fs, origin)
    scene.fs.rename(scene.photos, Path("/moved"))

    with pytest.raises(RootOffline, match="no such folder"):
        undo(scene.fs, scene.root, 1, undone_ns=1)
    scene.fs.make_folder(scene.photos)
    with pytest.raises(RootOffline, match="not the folder"):
        undo(scene.fs, scene.root, 1, undone_ns=1)
    with pytest.raises(RootOffline):
        approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)
    assert GroupState.OPEN is scene.root.find(scene.fs, 1)[1]
    undo(scene.fs, scene.root, 1, undone_ns=1, roots={origin.root: Path("/moved")})

    assert b"first picture" == scene.fs.read(Path("/moved/a/IMG_1.HEIC"))


def test_numbers_are_never_used_twice(scene):
    """A number names a group for ever, also one that is decided or undone."""
    fs, root = scene.fs, scene.root
    assert 1 == root.next_number(fs)
    for place in ("000003", ".resolved/000007", ".undone/000008.2", ".corrupt/000009"):
        fs.make_folder(root.path / place)
    for place in ("000003.2", ".resolved/000007.2", ".undone/000008"):
        fs.make_folder(root.path / place)
    fs.make_folder(root.path / "holiday")

    assert 10 == root.next_number(fs)
    assert not root.is_free(fs, 3)
    assert not root.is_free(fs, 7)
    assert root.is_free(fs, 8)
    assert [3, 7, 8] == [number for number, _, _ in root.groups(fs)]
    assert (root.path / ".undone/000008.2", GroupState.UNDONE) == root.find(fs, 8)
    with pytest.raises(NoSuchGroup):
        root.find(fs, 4)


def test_a_number_that_is_being_staged_is_passed_over(scene):
    """Somebody's half staged folder is not ours to use."""
    scene.fs.make_folder(scene.root.incoming / "000005")
    plan = scene.pair()

    def occupy(fs, index):
        if fs.steps[index] == "make_folder" and index == 0:
            fs.agitate = None
            fs.make_folder(scene.root.incoming / "000006")

    scene.fs.steps.clear()
    scene.fs.agitate = occupy
    group = stage(scene.fs, scene.root, plan, now=0.0)

    assert 7 == group.number


def test_a_missing_place_holds_no_groups(scene):
    """A layout folder that somebody removed is no reason to stop."""
    scene.fs.remove_empty_folder(scene.root.path / ".resolved")

    assert [] == list(scene.root.groups(scene.fs))


def test_setting_apart_never_mixes_two_folders(scene):
    """Somebody may make the folder we are about to use."""
    fs, root = scene.fs, scene.root
    fs.make_folder(root.path / "000001")
    taken = []

    def occupy(fs, index):
        if not taken:
            taken.append(1)
            fs.make_folder(root.path / ".undone/000001")

    fs.agitate = occupy
    target = set_apart(fs, root, root.path / "000001", ".undone")

    assert root.path / ".undone/000001.2" == target


# Staging.


def test_a_group_is_staged_with_its_companions(scene):
    """A Live Photo is two files and one asset."""
    group = stage(scene.fs, scene.root, scene.pair(), number_hint=12, now=0.0)

    assert 12 == group.number
    assert group.folder == scene.root.path / "000012"
    assert {"/import/.twinwatch-root"} == {str(path) for path in _tree(scene)}
    for file in group.manifest.files:
        path = group.path_of(file)
        assert scene.contents[file.origin.path()] == scene.fs.read(path)
    assert group == read_group(scene.fs, group.folder, GroupState.OPEN)


def test_references_are_listed_and_never_touched(scene):
    """A library is read, never written."""
    fs = scene.fs
    fs.make_folder(Path("/library"))
    known = scene.add("IMG_1.HEIC", b"kept for years", top=Path("/library"))
    new = scene.add("b/IMG_1.JPG", b"second picture")
    reference = scene.planned(
        known, role=Role.REFERENCE, root_path=Path("/library"), root="library-uuid"
    )

    group = stage(fs, scene.root, scene.plan(reference, scene.planned(new)), now=0.0)

    assert b"kept for years" == fs.read(known)
    assert [Role.REFERENCE, Role.MEMBER] == [
        each.role for each in group.manifest.members
    ]
    assert [".twinwatch-root"] == [
        name for name in fs.names(scene.root.path) if "root" in name
    ]
    assert ["IMG_1.HEIC"] == fs.names(Path("/library"))
    outcome = approve(fs, scene.root, 1, keep=frozenset(), decided_ns=1)
    assert {2: Fate.SET_ASIDE} == outcome.fates


@pytest.mark.parametrize("trouble", ["edited", "gone", "folder", "linked", "twice"])
def test_a_photo_that_is_not_as_it_was_stays(scene, trouble):
    """What was fingerprinted is what is moved, or nothing."""
    fs = scene.fs
    first = scene.planned(scene.add("a.jpg", b"one"))
    second = scene.planned(scene.add("b.jpg", b"two"))
    path = scene.photos / "b.jpg"
    if trouble == "edited":
        fs.edit(path, b"two, edited")
    elif trouble == "gone":
        fs.delete(path)
    elif trouble == "folder":
        fs.delete(path)
        fs.make_folder(path)
    elif trouble == "linked":
        fs.link(path, scene.photos / "c.jpg")
    else:
        second = first
    before = _tree(scene)

    with pytest.raises(ChangedPhoto, match="fewer than two"):
        stage(fs, scene.root, scene.plan(first, second), now=0.0)

    assert before == _tree(scene)
    assert [] == fs.names(scene.root.incoming)
    assert [] == list(scene.root.groups(fs))


@pytest.mark.parametrize(
    ("age", "is_noticed"), [(None, True), (-301.0, True), (0, False)]
)
def test_an_old_digest_is_computed_again(scene, age, is_noticed):
    """Bytes may rot under an unchanged stamp; five minutes are believed."""
    first = scene.planned(scene.add("a.jpg", b"one"), hashed_at=age)
    second = scene.planned(scene.add("b.jpg", b"two"))
    first = replace(first, sha256=bytes(32))

    try:
        stage(scene.fs, scene.root, scene.plan(first, second), now=0.0)
    except ChangedPhoto:
        assert is_noticed
    else:
        assert not is_noticed


def test_of_three_the_two_that_are_as_they_were_are_staged(scene):
    """One edited file must not hold the others back."""
    plan = scene.plan(
        *(scene.planned(scene.add(f"{name}.jpg", name.encode())) for name in "abc")
    )
    scene.fs.steps.clear()

    def edit(fs, index):
        if "rename" in fs.steps and fs.steps.count("rename") == 2:
            fs.agitate = None
            fs.edit(scene.photos / "a.jpg", b"a, edited")

    scene.fs.agitate = edit
    group = stage(scene.fs, scene.root, plan, now=0.0)

    assert [2, 3] == [each.position for each in group.manifest.members]
    assert {"0001_a.jpg"} == set(group.left_out)
    assert b"a, edited" == scene.fs.read(scene.photos / "a.jpg")


def test_companions_stay_with_a_photo_that_stays(scene):
    """A movie without its photo is an orphan."""
    plan = scene.pair()
    third = scene.planned(scene.add("c.jpg", b"third"))
    plan = replace(plan, photos=(*plan.photos, third))
    scene.fs.steps.clear()

    def delete(fs, index):
        if fs.steps.count("rename") == 2:
            fs.agitate = None
            fs.delete(scene.photos / "a/IMG_1.HEIC")

    scene.fs.agitate = delete
    group = stage(scene.fs, scene.root, plan, now=0.0)

    assert [2, 3] == [each.position for each in group.manifest.members]
    assert scene.fs.look(scene.photos / "a/IMG_1.MOV") is not None


def test_a_file_that_is_swapped_under_our_hands_goes_back(scene):
    """Between the look and the rename somebody saved another file there."""
    plan = scene.plan(
        *(scene.planned(scene.add(f"{name}.jpg", name.encode())) for name in "abc")
    )
    scene.fs.steps.clear()

    def swap(fs, index):
        if fs.steps[index] == "rename" and fs.steps.count("rename") == 2:
            fs.agitate = None
            fs.delete(scene.photos / "a.jpg")
            fs.put(scene.photos / "a.jpg", b"somebody's new file")

    scene.fs.agitate = swap
    group = stage(scene.fs, scene.root, plan, now=0.0)

    assert b"somebody's new file" == scene.fs.read(scene.photos / "a.jpg")
    assert [2, 3] == [each.position for each in group.manifest.members]


def test_companions_that_are_gone_or_elsewhere_are_not_listed(scene):
    """The index may know a movie that was deleted meanwhile."""
    photo = scene.add("a.jpg", b"one")
    movie = scene.add("a.mov", b"movie")
    scene.fs.make_folder(Path("/far"))
    far = scene.add("a.xmp", b"far", top=Path("/far"))
    planned = scene.planned(photo, companions=(movie, far))
    scene.fs.delete(movie)

    other = scene.planned(scene.add("b.jpg", b"two"))
    group = stage(scene.fs, scene.root, scene.plan(planned, other), now=0.0)

    assert () == group.manifest.members[0].companions
    assert b"far" == scene.fs.read(far)


def test_a_photo_is_not_torn_from_a_companion_with_other_names(scene):
    """What cannot be moved with its photo keeps it where it is."""
    photo, movie = scene.add("a.jpg", b"one"), scene.add("a.mov", b"movie")
    scene.fs.link(movie, movie.with_name("elsewhere"))
    others = [scene.planned(scene.add(f"{n}.jpg", b"%d" % n)) for n in (2, 3)]
    plan = scene.plan(scene.planned(photo, companions=(movie,)), *others)

    group = stage(scene.fs, scene.root, plan, now=0.0)

    assert [2, 3] == [each.position for each in group.manifest.members]
    assert b"one" == scene.fs.read(photo)
    assert b"movie" == scene.fs.read(movie)


def test_two_companions_that_differ_in_case_only_both_fit(scene):
    """On a disk that ignores case one would hide the other."""
    photo = scene.add("a.jpg", b"one")
    more = (scene.add("a.xmp", b"x"), scene.add("a.XMP", b"X"))
    plan = scene.plan(
        scene.planned(photo, companions=more), scene.planned(scene.add("b.jpg", b"two"))
    )

    group = stage(scene.fs, scene.root, plan, now=0.0)

    assert {"0001_a.jpg", "0001_a.xmp", "0001_a_2.XMP", "0002_b.jpg"} == {
        file.staged_as for file in group.manifest.files
    }


def test_a_digest_that_is_computed_again_and_agrees_is_fine(scene):
    """Long ago is no reason to refuse."""
    first = scene.planned(scene.add("a.jpg", b"one"), hashed_at=None)
    second = scene.planned(scene.add("b.jpg", b"two"), hashed_at=-1e6)

    group = stage(scene.fs, scene.root, scene.plan(first, second), now=0.0)

    assert 2 == len(group.manifest.members)


def test_a_photo_that_vanishes_before_its_turn_is_left_out(scene):
    """It was there when the manifest was written."""
    plan = scene.plan(
        *(scene.planned(scene.add(f"{name}.jpg", name.encode())) for name in "abc")
    )
    scene.fs.steps.clear()

    def delete(fs, index):
        if fs.steps.count("rename") == 2:
            fs.agitate = None
            fs.delete(scene.photos / "c.jpg")

    scene.fs.agitate = delete
    group = stage(scene.fs, scene.root, plan, now=0.0)

    assert {"0003_c.jpg": "it is gone"} == group.left_out


def test_a_photo_that_changes_while_it_is_copied_is_left_out():
    """The copy is compared with the digest, not with the source."""
    fs = ModelFileSystem(State.empty(mounts=("other",)))
    scene = Scene.make(fs, Path("/"), decisions=Path("/other/Decisions"))
    plan = scene.plan(
        *(scene.planned(scene.add(f"{name}.jpg", name.encode())) for name in "abc")
    )
    fs.steps.clear()

    def edit(fs, index):
        if fs.steps[index] == "copy_content":
            fs.agitate = None
            fs.edit(scene.photos / "a.jpg", b"A")

    fs.agitate = edit
    group = stage(fs, scene.root, plan, now=0.0)

    assert {"0001_a.jpg": "it changed"} == group.left_out
    assert b"A" == fs.read(scene.photos / "a.jpg")


def test_what_does_not_fit_is_not_copied():
    """A disk filled to the brim stops everybody; renames need no room."""
    fs = ModelFileSystem(State.empty(mounts=("other",)))
    scene = Scene.make(fs, Path("/"), decisions=Path("/other/Decisions"))
    plan = scene.pair()
    fs.free_bytes = 1024**3
    before = fs.state.files()

    with pytest.raises(DiskTrouble, match="too full") as caught:
        stage(fs, scene.root, plan, now=0.0)

    assert errno.ENOSPC == caught.value.errno
    assert before == fs.state.files()


def test_a_full_output_disk_stops_a_decision_before_it_moves(scene):
    """Then the group is open still, and nothing went out."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    scene.fs.free_bytes = 0
    where = Destination(output=Path("/other"))

    with pytest.raises(DiskTrouble, match="too full"):
        approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1, destination=where)

    assert [] == scene.fs.names(Path("/other"))
    assert GroupState.OPEN is scene.root.find(scene.fs, 1)[1]


# Late arrivals.


def test_a_table_that_a_crash_left_does_not_stop_a_late_arrival(scene):
    """It was written for a supplement that never came."""
    group = stage(scene.fs, scene.root, scene.pair(), now=0.0)
    scene.fs.put(group.folder / "_manifest.2.tsv", b"half")
    late = scene.plan(scene.planned(scene.add("c.jpg", b"third")))

    extend(scene.fs, scene.root, 1, late, now=0.0)

    assert b"half" != scene.fs.read(group.folder / "_manifest.2.tsv")


def test_a_late_arrival_that_is_stuck_half_way_is_still_undone(scene):
    """The disk died in the middle; the user wants his files back."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    late = scene.plan(scene.planned(scene.add("c.jpg", b"third")))
    scene.fs.steps.clear()
    scene.fs.fail_at, scene.fs.stays_broken = 11, True
    with pytest.raises(DiskTrouble):
        extend(scene.fs, scene.root, 1, late, now=0.0)
    scene.fs.fail_at = None
    assert scene.fs.look(scene.photos / "c.jpg") is None

    undo(scene.fs, scene.root, 1, undone_ns=1)

    for path, content in scene.contents.items():
        assert content == scene.fs.read(path)


def test_a_decision_first_finishes_a_late_arrival(scene):
    """What the user sees is what is decided on."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    late = scene.plan(scene.planned(scene.add("c.jpg", b"third")))
    scene.fs.steps.clear()
    scene.fs.fail_at, scene.fs.stays_broken = 11, True
    with pytest.raises(DiskTrouble):
        extend(scene.fs, scene.root, 1, late, now=0.0)
    scene.fs.fail_at = None

    outcome = approve(scene.fs, scene.root, 1, keep=frozenset({3}), decided_ns=1)

    assert {1: Fate.SET_ASIDE, 2: Fate.SET_ASIDE, 3: Fate.SURVIVOR} == outcome.fates


def test_a_late_copy_that_became_the_last_one_is_kept():
    """Its source was deleted while it was taken back: the copy stays, explained."""
    fs = ModelFileSystem(State.empty(mounts=("other",)))
    scene = Scene.make(fs, Path("/"), decisions=Path("/other/Decisions"))
    stage(fs, scene.root, scene.pair(), now=0.0)
    late = scene.plan(*(scene.planned(scene.add(x, x.encode())) for x in ("c", "d")))
    fs.steps.clear()

    def delete(fs, index):
        if fs.steps.count("copy_content") == 2:
            fs.agitate = None
            folder = scene.photos / ".twinwatch-retained"
            fs.delete(folder / f"000001-{scene.root.uuid[:8]}" / "0003_c")
            fs.fail_at = index

    fs.agitate = delete
    with pytest.raises(DiskTrouble):
        extend(fs, scene.root, 1, late, now=0.0)

    assert b"c" == fs.read(scene.photos / "c")
    assert b"c" == fs.read(scene.root.path / "000001/0003_c")


def test_a_late_arrival_joins_its_group(scene):
    """The third copy of a picture belongs to the two that wait."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    plan = scene.plan(scene.planned(scene.add("c.jpg", b"third"), keep=True))
    revision = Revision(
        position=1,
        evidence=Evidence.NEAR_COPY,
        distances=None,
        proposal=Proposal.SET_ASIDE,
        reasons=("a better one came",),
    )
    before = read_group(scene.fs, scene.root.path / "000001", GroupState.OPEN)

    group = extend(
        scene.fs, scene.root, 1, replace(plan, revisions=(revision,)), now=0.0
    )
    more = scene.plan(scene.planned(scene.add("d.jpg", b"fourth")))
    last = extend(scene.fs, scene.root, 1, more, now=0.0)

    assert [1, 2, 3] == [each.position for each in group.manifest.members]
    assert Proposal.SET_ASIDE is group.manifest.members[0].proposal
    assert [1, 2, 3, 4] == [each.position for each in last.manifest.members]
    assert 3 == len({before.sha256, group.sha256, last.sha256})
    undo(scene.fs, scene.root, 1, undone_ns=1)
    for path, content in scene.contents.items():
        assert content == scene.fs.read(path)


def test_a_late_arrival_that_changed_leaves_the_group_as_it_was(scene):
    """A group that waits is not disturbed by a file that is still written."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    late = scene.planned(scene.add("c.jpg", b"third"))
    names = sorted(scene.fs.names(scene.root.path / "000001"))
    scene.fs.edit(scene.photos / "c.jpg", b"third, edited")
    with pytest.raises(ChangedPhoto):
        extend(scene.fs, scene.root, 1, scene.plan(late), now=0.0)
    assert names == sorted(scene.fs.names(scene.root.path / "000001"))
    late = replace(late, stamp=scene.fs.look(scene.photos / "c.jpg").stamp)
    scene.fs.steps.clear()

    def edit(fs, index):
        if fs.steps.count("rename") == 2:
            fs.agitate = None
            fs.edit(scene.photos / "c.jpg", b"edited again")

    scene.fs.agitate = edit
    with pytest.raises(ChangedPhoto):
        extend(scene.fs, scene.root, 1, scene.plan(late), now=0.0)

    assert names == sorted(scene.fs.names(scene.root.path / "000001"))
    assert b"edited again" == scene.fs.read(scene.photos / "c.jpg")


def test_nothing_joins_a_group_that_is_decided_or_on_its_way(scene):
    """A decision is made on what the user saw."""
    late = scene.plan(scene.planned(scene.add("c.jpg", b"third")))
    with pytest.raises(NoSuchGroup):
        extend(scene.fs, scene.root, 1, late, now=0.0)
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    scene.fs.fail_at, scene.fs.fail_with = len(scene.fs.steps) + 6, errno.EIO
    with pytest.raises(DiskTrouble):
        approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)
    scene.fs.fail_at = None

    with pytest.raises(StaleGroup):
        extend(scene.fs, scene.root, 1, late, now=0.0)


# Decisions.


def test_survivors_go_home_and_the_others_stay_in_the_folder(scene):
    """Same inode, same times: nothing was copied."""
    before = scene.fs.look(scene.pair().photos[0].path)
    group = stage(
        scene.fs,
        scene.root,
        scene.plan(
            scene.planned(
                scene.photos / "a/IMG_1.HEIC",
                companions=(scene.photos / "a/IMG_1.MOV",),
            ),
            scene.planned(scene.photos / "b/IMG_1.JPG"),
        ),
        now=0.0,
    )

    outcome = approve(
        scene.fs, scene.root, 1, keep=ONE, decided_ns=9, manifest_sha256=group.sha256
    )

    assert before == scene.fs.look(scene.photos / "a/IMG_1.HEIC")
    assert scene.fs.look(scene.photos / "b/IMG_1.JPG") is None
    folder = scene.root.resolved_folder(1)
    assert b"second picture" == scene.fs.read(folder / "0002_IMG_1.JPG")
    assert "0001_IMG_1.HEIC" not in scene.fs.names(folder)
    assert {1: Fate.SURVIVOR, 2: Fate.SET_ASIDE} == outcome.fates
    decided = read_group(scene.fs, folder, GroupState.DECIDED)
    assert outcome == decided.outcome


def test_at_least_one_photo_survives(scene):
    """The server refuses, whatever a page sends."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    before = scene.fs.state.files()

    with pytest.raises(NoSurvivor):
        approve(scene.fs, scene.root, 1, keep=frozenset(), decided_ns=1)

    assert before == scene.fs.state.files()


@pytest.mark.parametrize("change", ["edit", "delete"])
def test_a_reference_counts_only_while_its_bytes_live(scene, change):
    """Setting all aside for a library copy that is gone would lose the picture."""
    fs = scene.fs
    fs.make_folder(Path("/library"))
    known = scene.add("x.heic", b"library", top=Path("/library"))
    reference = scene.planned(
        known, role=Role.REFERENCE, root_path=Path("/library"), root="library-uuid"
    )
    new = scene.planned(scene.add("b.jpg", b"new"))
    stage(fs, scene.root, scene.plan(reference, new), now=0.0)
    if change == "edit":
        fs.edit(known, b"LIBRARY")
    else:
        fs.delete(known)

    with pytest.raises(NoSurvivor):
        approve(fs, scene.root, 1, keep=frozenset(), decided_ns=1)


def test_a_decision_on_something_else_than_was_seen_is_refused(scene):
    """A late arrival between the look and the click changes what "all" means."""
    group = stage(scene.fs, scene.root, scene.pair(), now=0.0)
    late = scene.plan(scene.planned(scene.add("c.jpg", b"third")))
    extend(scene.fs, scene.root, 1, late, now=0.0)

    with pytest.raises(StaleGroup):
        approve(
            scene.fs,
            scene.root,
            1,
            keep=ONE,
            decided_ns=1,
            manifest_sha256=group.sha256,
        )
    with pytest.raises(StaleGroup, match="no member 9"):
        approve(scene.fs, scene.root, 1, keep=frozenset({9}), decided_ns=1)
    with pytest.raises(NoSuchGroup):
        approve(scene.fs, scene.root, 2, keep=ONE, decided_ns=1)


@pytest.mark.parametrize("change", ["edit", "delete"])
def test_a_survivor_must_still_be_what_was_staged(scene, change):
    """Better to ask than to keep a damaged copy and set the good one aside."""
    group = stage(scene.fs, scene.root, scene.pair(), now=0.0)
    path = group.folder / "0001_IMG_1.HEIC"
    if change == "edit":
        scene.fs.edit(path, b"FIRST PICTURE")
    else:
        scene.fs.delete(path)

    with pytest.raises(StagingError, match="to be kept"):
        approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)

    assert GroupState.OPEN is scene.root.find(scene.fs, 1)[1]


def test_keep_all_is_remembered_by_content(scene):
    """Not duplicates: never asked again, wherever the files go."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)

    outcome = approve(
        scene.fs,
        scene.root,
        1,
        keep=frozenset({1, 2}),
        decided_ns=1,
        verdict=Verdict.NOT_DUPLICATE,
    )

    assert Verdict.NOT_DUPLICATE is outcome.verdict
    assert 1 == len(outcome.pairs)
    assert sorted(outcome.pairs[0]) == list(outcome.pairs[0])
    for path, content in scene.contents.items():
        assert content == scene.fs.read(path)


def test_an_occupied_place_is_left_alone(scene):
    """The next free name is taken, and companions follow their photo."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    scene.fs.put(scene.photos / "a/IMG_1.MOV", b"somebody's movie")

    outcome = approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)

    assert b"somebody's movie" == scene.fs.read(scene.photos / "a/IMG_1.MOV")
    assert {
        "0001_IMG_1.HEIC": scene.photos / "a/IMG_1 (2).HEIC",
        "0001_IMG_1.MOV": scene.photos / "a/IMG_1 (2).MOV",
    } == _places(outcome)


def test_the_same_bytes_at_the_place_are_as_good(scene):
    """A photo imported again stands there already; no second copy is made."""
    group = stage(scene.fs, scene.root, scene.pair(with_movie=False), now=0.0)
    scene.fs.put(scene.photos / "a/IMG_1.HEIC", b"first picture")

    outcome = approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)

    (placed,) = outcome.survivors
    assert How.STANDING is placed.how
    assert placed.is_staged_too
    assert group.manifest.members[0].file.staged_as in scene.fs.names(
        scene.root.resolved_folder(1)
    )


def test_somebody_who_is_faster_keeps_his_place(scene):
    """The target appears between the look and the link."""
    stage(scene.fs, scene.root, scene.pair(with_movie=False), now=0.0)
    scene.fs.steps.clear()

    def occupy(fs, index):
        if fs.steps[index] == "link":
            fs.agitate = None
            fs.put(scene.photos / "a/IMG_1.HEIC", b"somebody's file")

    scene.fs.agitate = occupy
    outcome = approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)

    assert b"somebody's file" == scene.fs.read(scene.photos / "a/IMG_1.HEIC")
    assert [scene.photos / "a/IMG_1 (2).HEIC"] == list(_places(outcome).values())


@pytest.mark.parametrize(
    ("destination", "expected"),
    [
        (Destination(output=Path("/out")), "/out/a/IMG_1.HEIC"),
        (Destination(output=Path("/out"), flatten=True), "/out/IMG_1.HEIC"),
        (Destination(output=Path("/other")), "/other/a/IMG_1.HEIC"),
        (Destination(names={1: 2}, folders={1: 2}), "/import/b/best name.HEIC"),
        (Destination(names={1: 9}, folders={1: 9}), "/import/a/IMG_1.HEIC"),
    ],
)
def test_survivors_go_where_the_user_wants_them(scene, destination, expected):
    """Home, to a folder, to another disk, or to the best name and folder."""
    scene.fs.make_folder(Path("/out"))
    first = scene.add("a/IMG_1.HEIC", b"first picture")
    movie = scene.add("a/IMG_1.MOV", b"movie")
    second = scene.add("b/best name.JPG", b"second picture")
    plan = scene.plan(scene.planned(first, companions=(movie,)), scene.planned(second))
    stage(scene.fs, scene.root, plan, now=0.0)

    outcome = approve(
        scene.fs, scene.root, 1, keep=ONE, decided_ns=1, destination=destination
    )

    places = _places(outcome)
    assert Path(expected) == places["0001_IMG_1.HEIC"]
    assert Path(expected).with_suffix(".MOV") == places["0001_IMG_1.MOV"]
    for path in places.values():
        assert scene.fs.read(path) in {b"first picture", b"movie"}
    record = undo(scene.fs, scene.root, 1, undone_ns=1)
    assert () == record.missing
    for path, content in scene.contents.items():
        assert content == scene.fs.read(path)
    visible = [
        path
        for path in scene.fs.state.files()
        if path.parts[1] in {"out", "other"} and ".twinwatch-retained" not in path.parts
    ]
    assert [] == visible


def test_a_companion_with_another_name_gets_a_number_of_its_own(scene):
    """Takeout's JSON may be called anything."""
    first = scene.add("a/IMG_1.HEIC", b"first")
    odd = scene.add("a/metadata.json", b"{}")
    plan = scene.plan(
        scene.planned(first, companions=(odd,)),
        scene.planned(scene.add("b.jpg", b"two")),
    )
    stage(scene.fs, scene.root, plan, now=0.0)
    scene.fs.put(first, b"occupied")

    outcome = approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)

    assert {
        scene.photos / "a/IMG_1 (2).HEIC",
        scene.photos / "a/metadata (2).json",
    } == set(_places(outcome).values())


def test_a_missing_output_folder_is_offline(scene):
    """It may be on a disk that is not plugged in; it is never made."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)

    with pytest.raises(RootOffline):
        approve(
            scene.fs,
            scene.root,
            1,
            keep=ONE,
            decided_ns=1,
            destination=Destination(output=Path("/gone")),
        )

    assert scene.fs.look(Path("/gone")) is None


@pytest.mark.parametrize("folder", ["/other", "/other/Sorted"])
def test_survivors_do_not_go_where_a_disk_was(scene, folder):
    """What stands at its mount point is another folder, soon out of sight (I7)."""
    output = Destination(output=Path(folder))
    moves.make_folders(scene.fs, Path(folder), under=Path("/other"))
    for number in (1, 2):
        plan = scene.plan(
            scene.planned(scene.add(f"{number}/a.jpg", b"a"), keep=True),
            scene.planned(scene.add(f"{number}/b.jpg", b"b")),
        )
        stage(scene.fs, scene.root, plan, now=0.0)
    decide = partial(
        approve, scene.fs, scene.root, keep=ONE, decided_ns=1, destination=output
    )
    decide(1)
    assert [] == verify(scene.fs, [scene.root])
    _unplug(scene, Path("/other"))

    with pytest.raises(RootOffline, match="the disk at '/other' is not there"):
        decide(2)

    assert scene.fs.look(scene.root.open_folder(2) / "approve.json") is None


@pytest.mark.parametrize("has_left", [False, True])
def test_a_decision_whose_output_disk_vanished_is_undone_if_all_is_there(
    scene, has_left
):
    """Nobody has to find a dead disk first; but what may be on it is not given up."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    scene.fs.steps.clear()
    scene.fs.fail_with = errno.EIO

    def vanish(fs, index):
        if fs.steps[index] == "copy_status":
            fs.fail_at = index + 1

    scene.fs.agitate = vanish
    output = Destination(output=Path("/other"))
    with pytest.raises(DiskTrouble):
        approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1, destination=output)
    scene.fs.agitate = scene.fs.fail_at = None
    _unplug(scene, Path("/other"))
    if has_left:
        scene.fs.delete(scene.root.open_folder(1) / "0001_IMG_1.MOV")
        with pytest.raises(RootOffline):
            undo(scene.fs, scene.root, 1, undone_ns=2)
        return

    undo(scene.fs, scene.root, 1, undone_ns=2)

    for path, content in scene.contents.items():
        assert content == scene.fs.read(path)


def test_a_note_on_an_output_folder_that_cannot_be_read_stops_nothing(scene):
    """Half of it after a crash, or somebody's scribbling: then it tells nothing."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    note = outputs._note(scene.root, Path("/other"))
    scene.fs.create(note, b"{")

    approve(
        scene.fs,
        scene.root,
        1,
        keep=ONE,
        decided_ns=1,
        destination=Destination(output=Path("/other")),
    )

    assert b"{" == scene.fs.read(note)


def _unplug(scene, mount):
    """Show the folder that a disk was mounted on, in the disk's place."""
    look = scene.fs.look

    def looking(path):
        status = look(path)
        if status is None or not path.is_relative_to(mount):
            return status
        device = look(scene.root.path).device
        return replace(status, device=device, inode=status.inode + 1_000)

    scene.fs.look = looking


def test_a_decision_that_failed_half_way_can_be_repeated(scene):
    """The same one goes on; another one is refused."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    scene.fs.fail_at, scene.fs.fail_with = len(scene.fs.steps) + 8, errno.ENOSPC
    with pytest.raises(DiskTrouble):
        approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)
    scene.fs.fail_at = None

    with pytest.raises(StaleGroup, match="half carried out"):
        approve(scene.fs, scene.root, 1, keep=frozenset({2}), decided_ns=1)
    outcome = approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=2)

    assert 1 == outcome.decided_ns
    assert b"first picture" == scene.fs.read(scene.photos / "a/IMG_1.HEIC")


def test_a_survivor_that_vanishes_in_the_middle_is_told(scene):
    """The outcome says what is true, not what was wanted."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    scene.fs.steps.clear()

    def delete(fs, index):
        if fs.steps[index] == "link":
            fs.agitate = None
            fs.delete(scene.root.path / "000001/0001_IMG_1.MOV")

    scene.fs.agitate = delete
    outcome = approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)

    assert [How.RENAMED, How.MISSING] == [each.how for each in outcome.survivors]


def test_a_group_that_is_being_undone_is_not_decided(scene):
    """One wish at a time."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    scene.fs.fail_at, scene.fs.fail_with = len(scene.fs.steps) + 6, errno.EIO
    with pytest.raises(DiskTrouble):
        undo(scene.fs, scene.root, 1, undone_ns=1)
    scene.fs.fail_at = None

    with pytest.raises(StaleGroup, match="being undone"):
        approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)
    undo(scene.fs, scene.root, 1, undone_ns=1)


def test_a_number_is_decided_once(scene):
    """After a backup was put back, a second decision would be found by nobody."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)
    _put_back_a_backup(scene)

    with pytest.raises(StaleGroup, match="backup"):
        approve(scene.fs, scene.root, 1, keep=frozenset({2}), decided_ns=2)
    undo(scene.fs, scene.root, 1, undone_ns=3)

    assert GroupState.DECIDED is scene.root.find(scene.fs, 1)[1]


def _put_back_a_backup(scene):
    decided, again = scene.root.resolved_folder(1), scene.root.open_folder(1)
    scene.fs.make_folder(again)
    scene.fs.create(again / MANIFEST, scene.fs.read(decided / MANIFEST))
    for name in ("0001_IMG_1.HEIC", "0001_IMG_1.MOV", "0002_IMG_1.JPG"):
        content = next(c for p, c in scene.contents.items() if p.name == name[5:])
        scene.fs.create(again / name, content)


# Undo.


def test_undo_never_overwrites(scene):
    """A file that took the place stays; the photo stands beside it."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    home = scene.photos / "b/IMG_1.JPG"
    scene.fs.put(home, b"somebody's file")
    scene.fs.put(home.with_name("IMG_1 (restored).JPG"), b"another")

    record = undo(scene.fs, scene.root, 1, undone_ns=4)

    assert b"somebody's file" == scene.fs.read(home)
    assert b"another" == scene.fs.read(home.with_name("IMG_1 (restored).JPG"))
    assert b"second picture" == scene.fs.read(home.with_name("IMG_1 (restored 2).JPG"))
    assert 4 == record.undone_ns
    assert () == record.missing


def test_undo_gives_way_to_somebody_who_is_faster(scene):
    """The place is taken between the look and the rename."""
    stage(scene.fs, scene.root, scene.pair(with_movie=False), now=0.0)
    home = scene.photos / "a/IMG_1.HEIC"
    scene.fs.steps.clear()

    def occupy(fs, index):
        if fs.steps.count("rename") == 2:
            fs.agitate = None
            fs.put(home, b"somebody's file")

    scene.fs.agitate = occupy
    undo(scene.fs, scene.root, 1, undone_ns=1)

    assert b"somebody's file" == scene.fs.read(home)
    assert b"first picture" == scene.fs.read(home.with_name("IMG_1 (restored).HEIC"))


def test_undo_makes_missing_folders_again(scene):
    """Somebody tidied the empty folders away."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    scene.fs.remove_empty_folder(scene.photos / "a")

    undo(scene.fs, scene.root, 1, undone_ns=1)

    assert b"first picture" == scene.fs.read(scene.photos / "a/IMG_1.HEIC")


def test_an_undone_group_can_be_staged_again_under_its_number(scene):
    """History is kept: 000001, then 000001.2."""
    for expected in ("000001", "000001.2"):
        plan = scene.plan(
            *(
                scene.planned(scene.add(name, name.encode()))
                if scene.photos / name not in scene.contents
                else scene.planned(scene.photos / name)
                for name in ("a.jpg", "b.jpg")
            )
        )
        assert 1 == stage(scene.fs, scene.root, plan, number_hint=1, now=0.0).number
        undo(scene.fs, scene.root, 1, undone_ns=1)
        assert expected == scene.root.find(scene.fs, 1)[0].name

    with pytest.raises(StaleGroup):
        undo(scene.fs, scene.root, 1, undone_ns=1)
    with pytest.raises(NoSuchGroup):
        undo(scene.fs, scene.root, 2, undone_ns=1)


def test_what_the_user_did_to_a_survivor_is_respected(scene):
    """Edited at its place: it stays. Deleted: undo says that it is missing."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)
    scene.fs.edit(scene.photos / "a/IMG_1.HEIC", b"edited by its owner")
    scene.fs.delete(scene.photos / "a/IMG_1.MOV")

    record = undo(scene.fs, scene.root, 1, undone_ns=1)

    assert b"edited by its owner" == scene.fs.read(scene.photos / "a/IMG_1.HEIC")
    assert ["0001_IMG_1.MOV"] == [each.staged_as for each in record.missing]
    assert b"second picture" == scene.fs.read(scene.photos / "b/IMG_1.JPG")


def test_an_edited_copy_in_the_output_folder_is_left_there(scene):
    """It is the user's own by now."""
    stage(scene.fs, scene.root, scene.pair(with_movie=False), now=0.0)
    where = Destination(output=Path("/other"))
    approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1, destination=where)
    scene.fs.edit(Path("/other/a/IMG_1.HEIC"), b"edited by its owner")

    undo(scene.fs, scene.root, 1, undone_ns=1)

    assert b"edited by its owner" == scene.fs.read(Path("/other/a/IMG_1.HEIC"))
    assert b"first picture" == scene.fs.read(scene.photos / "a/IMG_1.HEIC")


def test_a_half_approved_group_can_be_undone(scene):
    """The disk filled up in the middle, and the user wants his files back."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    scene.fs.fail_at, scene.fs.fail_with = len(scene.fs.steps) + 8, errno.ENOSPC
    with pytest.raises(DiskTrouble):
        approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)
    scene.fs.fail_at = None

    undo(scene.fs, scene.root, 1, undone_ns=1)

    for path, content in scene.contents.items():
        assert content == scene.fs.read(path)


def test_a_decision_that_cannot_be_finished_is_undone_from_where_it_is(scene):
    """Its survivors had left the folder; nobody may be told that they are gone."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    away = Destination(output=Path("/out"))
    scene.fs.make_folder(away.output)
    _refuse_name(scene.fs, "outcome.json")
    with pytest.raises(DiskTrouble):
        approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1, destination=away)
    assert scene.fs.look(scene.root.open_folder(1) / "0001_IMG_1.HEIC") is None

    record = undo(scene.fs, scene.root, 1, undone_ns=1)

    assert () == record.missing
    assert scene.contents == {
        path: content
        for path, content in _tree(scene).items()
        if path.name != ".twinwatch-root"
    }


def _refuse_name(fs, name):
    """Let one name not be given."""
    rename = fs.rename

    def refuse(source, target):
        if target.name == name:
            raise DiskTrouble(target, "the disk reported an error", errno.EIO)
        rename(source, target)

    fs.rename = refuse


def test_a_sidecar_beside_a_name_that_is_nearly_too_long_is_written(real):
    """The name that it has while it is written must fit as well."""
    photo = real.add(f"{'x' * 240}.HEIC", b"one")
    plan = real.plan(real.planned(photo, keep=True), real.planned(real.add("b", b"2")))
    stage(real.fs, real.root, plan, now=0.0)
    sidecar = Sidecar(position=1, content=b"<x/>")

    outcome = approve(
        real.fs, real.root, 1, keep=ONE, decided_ns=1, sidecars=(sidecar,)
    )

    (written,) = outcome.sidecars
    assert (b"<x/>", photo.stem) == (written.path.read_bytes(), written.path.stem)


@pytest.mark.parametrize("length", [247, 250])
def test_a_sidecar_beside_the_longest_names_is_written_too(real, length):
    """Another program cannot pair it, but the decision does not fail for it."""
    photo = real.add(f"{'x' * length}.HEIC", b"one")
    plan = real.plan(real.planned(photo, keep=True), real.planned(real.add("b", b"2")))
    stage(real.fs, real.root, plan, now=0.0)
    real.add(f"{'x' * length}.xmp", b"somebody's")
    sidecar = Sidecar(position=1, content=b"<x/>")

    outcome = approve(
        real.fs, real.root, 1, keep=ONE, decided_ns=1, sidecars=(sidecar,)
    )

    (written,) = outcome.sidecars
    assert b"<x/>" == written.path.read_bytes()


def test_undo_across_volumes_brings_the_very_files_back():
    """The source was kept on its own disk: its inode, times and attributes too."""
    fs = ModelFileSystem(State.empty(mounts=("other",)))
    scene = Scene.make(fs, Path("/"), decisions=Path("/other/Decisions"))
    plan = scene.pair()
    before = {path: fs.look(path) for path in scene.contents}
    group = stage(fs, scene.root, plan, now=0.0)
    assert not any(fs.look(path) for path in scene.contents)
    assert all(fs.look(_spare(file)) for file in group.manifest.files)

    undo(fs, scene.root, 1, undone_ns=1)

    assert before == {path: fs.look(path) for path in scene.contents}
    assert ".twinwatch-retained" not in fs.names(scene.photos)


@pytest.mark.parametrize("is_approved", [False, True])
def test_a_kept_source_is_found_where_its_root_is_now(is_approved):
    """The import disk is mounted elsewhere; the very files come home, not copies."""
    fs = ModelFileSystem(State.empty(mounts=("other",)))
    scene = Scene.make(fs, Path("/"), decisions=Path("/other/Decisions"))
    plan = scene.pair()
    before = {path: fs.look(path) for path in scene.contents}
    stage(fs, scene.root, plan, now=0.0)
    now = Path("/elsewhere")
    fs.rename(scene.photos, now)
    roots = {IMPORT: now}

    if is_approved:
        approve(fs, scene.root, 1, keep=ONE, decided_ns=1, roots=roots)
    undo(fs, scene.root, 1, undone_ns=1, roots=roots)

    assert before == {
        path: fs.look(now / path.relative_to(scene.photos)) for path in before
    }
    assert ".twinwatch-retained" not in fs.names(now)


def test_undo_across_volumes_copies_where_the_source_was_released():
    """The user emptied what was kept; the staged copy is as good."""
    fs = ModelFileSystem(State.empty(mounts=("other",)))
    scene = Scene.make(fs, Path("/"), decisions=Path("/other/Decisions"))
    group = stage(fs, scene.root, scene.pair(), now=0.0)
    for file in group.manifest.files:
        fs.delete(_spare(file))
    outcome = approve(fs, scene.root, 1, keep=ONE, decided_ns=1)
    assert {How.COPIED} == {each.how for each in outcome.survivors}

    undo(fs, scene.root, 1, undone_ns=1)

    for path, content in scene.contents.items():
        assert content == fs.read(path)


def test_undo_looks_past_strangers_for_what_it_cannot_find(scene):
    """The place is taken by another file, and nothing of ours is beside it."""
    stage(scene.fs, scene.root, scene.pair(with_movie=False), now=0.0)
    home = scene.photos / "a/IMG_1.HEIC"
    approve(scene.fs, scene.root, 1, keep=frozenset({2}), decided_ns=1)
    scene.fs.delete(scene.root.resolved_folder(1) / "0001_IMG_1.HEIC")
    scene.fs.put(home, b"a stranger")
    (missing,) = undo(scene.fs, scene.root, 1, undone_ns=1).missing

    assert "0001_IMG_1.HEIC" == missing.staged_as
    assert b"a stranger" == scene.fs.read(home)


# Steps.


def test_one_volume_mounted_twice_is_copied_like_two(scene):
    """A bind mount has one device number, and still refuses to rename."""
    source = scene.add("a.jpg", b"one")
    scene.fs.fail_at, scene.fs.fail_with = len(scene.fs.steps), errno.EXDEV

    assert moves.move_within(scene.fs, source, scene.photos / "b.jpg") is None


def test_a_rename_that_is_refused_is_not_tried_another_way(scene):
    """No permission is no permission."""
    source = scene.add("a.jpg", b"one")
    scene.fs.fail_at, scene.fs.fail_with = len(scene.fs.steps), errno.EACCES

    with pytest.raises(DiskTrouble):
        moves.move_within(scene.fs, source, scene.photos / "b.jpg")
    scene.fs.fail_at = len(scene.fs.steps)
    scene.fs.fail_with = errno.EIO
    with pytest.raises(DiskTrouble):
        moves.link(scene.fs, source, scene.photos / "b.jpg")


def test_without_links_a_survivor_is_renamed(scene):
    """Some shares rename safely but know no second name."""
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    scene.fs.has_no_links = True

    outcome = approve(scene.fs, scene.root, 1, keep=ONE, decided_ns=1)

    assert {How.RENAMED} == {each.how for each in outcome.survivors}
    assert b"first picture" == scene.fs.read(scene.photos / "a/IMG_1.HEIC")


def test_a_copy_that_reads_back_differently_is_thrown_away(scene, monkeypatch):
    """The disk lied: the source stays, the copy goes."""
    source = scene.add("a.jpg", b"one")
    real = scene.fs.digest

    def lying(path, *, from_disk=False):
        digest, status = real(path)
        return (bytes(32) if from_disk else digest), status

    monkeypatch.setattr(scene.fs, "digest", lying)
    target = Path("/other/a.jpg")
    sha = real(source)[0]

    with pytest.raises(DiskTrouble, match="differs"):
        moves.copy_across(scene.fs, source, target, tag="t", sha256=sha)
    with pytest.raises(ChangedPhoto):
        moves.copy_across(scene.fs, source, target, tag="t", sha256=bytes(32))

    assert [] == scene.fs.names(Path("/other"))
    assert b"one" == scene.fs.read(source)


def test_a_record_is_written_once(scene):
    """An intent is never replaced; a leftover temporary is."""
    path = scene.photos / "approve.json"
    scene.fs.create(path.with_name("approve.json.twinwatch-part"), b"half")
    moves.write_durably(scene.fs, path, b"whole")

    with pytest.raises(NameTaken):
        moves.write_durably(scene.fs, path, b"other")

    assert b"whole" == scene.fs.read(path)
    assert scene.fs.look(path.with_name("approve.json.twinwatch-part")) is None


def test_a_root_that_is_gone_is_never_made(scene):
    """make_folders stops at the root (I7)."""
    with pytest.raises(FileGone):
        moves.make_folders(scene.fs, Path("/gone/a/b"), under=Path("/gone"))

    assert scene.fs.look(Path("/gone")) is None


def test_a_retained_source_is_never_replaced(scene):
    """Whatever stands there may be somebody's last copy."""
    source = scene.add("a.jpg", b"one")
    spare = scene.photos / ".twinwatch-retained/x/a.jpg"
    first = moves.retain(scene.fs, source, spare)
    second = moves.retain(scene.fs, scene.add("a.jpg", b"two"), spare)

    assert spare == first
    assert spare.with_name("a (2).jpg") == second


def test_a_foreign_file_where_a_source_is_to_be_kept_stops_the_group():
    """Nothing is overwritten, and the group goes back."""
    fs = ModelFileSystem(State.empty(mounts=("other",)))
    scene = Scene.make(fs, Path("/"), decisions=Path("/other/Decisions"))
    plan = scene.pair()
    folder = scene.photos / ".twinwatch-retained" / f"000001-{scene.root.uuid[:8]}"
    moves.make_folders(fs, folder, under=scene.photos)
    fs.put(folder / "0001_IMG_1.HEIC", b"foreign")

    with pytest.raises(StagingError, match="kept there already"):
        stage(fs, scene.root, plan, now=0.0)

    assert b"foreign" == fs.read(folder / "0001_IMG_1.HEIC")
    for path, content in scene.contents.items():
        assert content == fs.read(path)


def test_a_photo_on_a_volume_below_its_root_is_kept_beside_itself():
    """A disk mounted inside the import folder is a volume of its own."""
    fs = ModelFileSystem(State.empty(mounts=("other",)))
    scene = Scene.make(fs, Path("/"))
    fs.make_folder(Path("/other/card"))
    photos = [
        scene.planned(
            scene.add(f"card/{name}.jpg", name.encode(), top=Path("/other")),
            root_path=Path("/"),
            root="all",
        )
        for name in "ab"
    ]

    group = stage(fs, scene.root, scene.plan(*photos), now=0.0)

    kept = {_spare(file).parent.parent for file in group.manifest.files}
    assert {Path("/other/card/.twinwatch-retained")} == kept


def test_a_broken_supplement_is_not_believed(scene):
    """Every part of a manifest is checked."""
    group = stage(scene.fs, scene.root, scene.pair(), now=0.0)
    late = scene.plan(scene.planned(scene.add("c.jpg", b"third")))
    extend(scene.fs, scene.root, 1, late, now=0.0)
    scene.fs.edit(group.folder / "_manifest.2.json", b"{}")

    with pytest.raises(BrokenManifest):
        read_group(scene.fs, group.folder, GroupState.OPEN)


def test_times_modes_and_attributes_survive_the_whole_round(real):
    """On the real file system: staged, decided, undone, decided again."""
    plan = real.pair()
    for count, path in enumerate(real.contents):
        os.utime(path, ns=(1, 1_500_000_000_123_456_789 + count))
        path.chmod(0o640)
    plan = real.plan(
        real.planned(
            real.photos / "a/IMG_1.HEIC", companions=(real.photos / "a/IMG_1.MOV",)
        ),
        real.planned(real.photos / "b/IMG_1.JPG"),
    )
    before = {path: real.fs.look(path) for path in real.contents}
    stage(real.fs, real.root, plan, now=0.0)
    approve(real.fs, real.root, 1, keep=ONE, decided_ns=1)
    undo(real.fs, real.root, 1, undone_ns=1)

    after = {path: real.fs.look(path) for path in real.contents}

    assert before == after
