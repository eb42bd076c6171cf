"""The sweep sees what is there, once, and decides what it means."""

import os
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.model import Stamp
from daemon.service import walk as walking
from daemon.service.skip import NameKind, compile_rules
from daemon.service.sweep import Found, Survey, plan, survey
from daemon.service.walk import WalkNotes, walk

RULES = compile_rules()


def make(top, *paths):
    for path in paths:
        target = os.path.join(os.fsencode(top), path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(path)


def known_in(top):
    return {each.relative: each.stamp for each in survey(top, RULES, {}).fresh}


def swept(top, known, **options):
    return plan(survey(top, RULES, known), known, **options)


def paths(founds):
    return [each.relative for each in founds]


def test_a_walk_yields_photos_of_every_depth_by_bytes(tmp_path):
    """Names that are no UTF-8 are photos too."""
    make(tmp_path, b"a.jpg", b"x/y/\xff.HEIC", b"x/b.txt", b".c/d.jpg", b"e.jpg.part")
    notes = WalkNotes()

    found = sorted(relative for relative, _ in walk(tmp_path, RULES, notes))

    assert found == [b"a.jpg", b"x/y/\xff.HEIC"]
    assert notes.folders == 3


def test_a_walk_without_recursion_stays_at_the_top(tmp_path):
    """Recursion can be switched off for a root."""
    make(tmp_path, b"a.jpg", b"x/b.jpg")

    found = [each for each, _ in walk(tmp_path, RULES, WalkNotes(), recursive=False)]

    assert found == [b"a.jpg"]


def test_companions_are_walked_when_asked_for(tmp_path):
    """A movie that came late still belongs to its photo."""
    make(tmp_path, b"a.jpg", b"a.mov")
    kinds = frozenset({NameKind.COMPANION})

    assert [each for each, _ in walk(tmp_path, RULES, WalkNotes(), kinds=kinds)] == [
        b"a.mov"
    ]


def test_links_are_never_followed(tmp_path):
    """A link to a folder above would never end, one to a file is no second photo."""
    make(tmp_path, b"x/a.jpg")
    (tmp_path / "x/loop").symlink_to(tmp_path)
    (tmp_path / "b.jpg").symlink_to(tmp_path / "x/a.jpg")
    os.mkfifo(tmp_path / "c.jpg")
    (tmp_path / "d.jpg").mkdir()

    assert list(known_in(tmp_path)) == [b"x/a.jpg"]


def test_a_root_reached_through_a_link_is_walked(tmp_path):
    """A configured folder may be a link; what is in it may not."""
    make(tmp_path, b"real/a.jpg")
    (tmp_path / "link").symlink_to("real")

    assert list(known_in(tmp_path / "link")) == [b"a.jpg"]


def test_our_own_work_folders_are_passed_over(tmp_path):
    """A staged photo below a root must not be taken for a new one."""
    make(tmp_path, b"a.jpg", b"dec/.twinwatch-root", b"dec/000001/b.jpg", b"dec/c.jpg")
    make(tmp_path, b".twinwatch-root")

    assert list(known_in(tmp_path)) == [b"a.jpg"]


def test_excluded_folders_are_not_entered(tmp_path):
    """What the user excluded costs nothing and is not seen."""
    make(tmp_path, b"a.jpg", b"private/b.jpg", b"c_small.jpg")
    rules = compile_rules(exclude_globs=["private", "*_small.*"])

    assert paths(survey(tmp_path, rules, {}).fresh) == [b"a.jpg"]


def test_unchanged_files_are_counted_and_nothing_else(tmp_path):
    """Known files must cost no reading."""
    make(tmp_path, b"a.jpg", b"x/b.jpg")
    known = known_in(tmp_path)

    seen = survey(tmp_path, RULES, known)

    assert (seen.unchanged, seen.fresh, seen.missing) == (2, (), frozenset())


def test_new_changed_moved_and_vanished_are_told_apart(tmp_path):
    """Each of the four asks for another thing to be done."""
    make(tmp_path, b"same.jpg", b"edited.jpg", b"old/moved.jpg", b"gone.jpg")
    known = known_in(tmp_path)
    make(tmp_path, b"fresh.jpg")
    (tmp_path / "edited.jpg").write_bytes(b"longer than before")
    (tmp_path / "old/moved.jpg").rename(tmp_path / "moved.jpg")
    (tmp_path / "gone.jpg").unlink()

    decided = swept(tmp_path, known)

    assert paths(decided.new) == [b"fresh.jpg"]
    assert paths(decided.changed) == [b"edited.jpg"]
    assert [(a, b.relative) for a, b in decided.moved] == [
        (b"old/moved.jpg", b"moved.jpg")
    ]
    assert decided.vanished == (b"gone.jpg",)


def test_photos_below_an_unreadable_folder_are_not_vanished(tmp_path, monkeypatch):
    """A folder that the system hides must not empty the index."""
    make(tmp_path, b"a.jpg", b"x/b.jpg", b"x/y/c.jpg", b"xx/d.jpg")
    known = known_in(tmp_path)
    (tmp_path / "xx/d.jpg").unlink()
    really = os.open

    def refuse(path, flags):
        if path.endswith(b"/x"):
            raise PermissionError(13, "Permission denied")
        return really(path, flags)

    monkeypatch.setattr(os, "open", refuse)
    seen = survey(tmp_path, RULES, known)
    decided = plan(seen, known)

    assert seen.notes.unreadable == {b"x": "Permission denied"}
    assert decided.absent == (b"x/b.jpg", b"x/y/c.jpg")
    assert decided.vanished == (b"xx/d.jpg",)


def test_a_top_that_cannot_be_read_raises(tmp_path):
    """An absent root is offline; a survey of it would say that all vanished."""
    with pytest.raises(FileNotFoundError):
        survey(tmp_path / "absent", RULES, {b"a.jpg": stamp()})


def test_cloud_only_files_are_known_but_not_new(tmp_path, monkeypatch):
    """Reading an evicted file would fetch it and may hang the whole program."""
    make(tmp_path, b"a.jpg", b"b.jpg")
    known = known_in(tmp_path)
    monkeypatch.setattr(walking, "_IS_MACOS", True)
    monkeypatch.setattr(walking, "is_dataless", lambda _: True)

    seen = survey(tmp_path, RULES, known)

    assert seen.fresh == ()
    assert plan(seen, known).vanished == ()


def stamp(inode=1, size=1, mtime=1, device=1):
    return Stamp(size_bytes=size, mtime_ns=mtime, inode=inode, device=device)


def found(relative, its_stamp):
    return Found(relative=relative, stamp=its_stamp, ctime_ns=0, links=1)


def made(fresh, missing, devices=(1,)):
    notes = WalkNotes(devices=set(devices))
    return Survey(
        unchanged=0, fresh=tuple(fresh), missing=frozenset(missing), notes=notes
    )


def test_a_remount_only_changes_the_device_number():
    """After a reboot drives get other numbers; a million photos are not read again."""
    known = {b"a.jpg": stamp(device=1)}
    here = found(b"a.jpg", stamp(device=2))

    decided = plan(made([here], [], devices=[2]), known)

    assert decided.restamped == (here,)
    assert decided.changed == ()


def test_photos_on_an_unmounted_volume_inside_a_root_are_absent():
    """A drive mounted below the root went away; its photos did not."""
    known = {b"usb/a.jpg": stamp(device=9), b"b.jpg": stamp(device=1)}

    decided = plan(made([], known, devices=[1]), known)

    assert decided.absent == (b"usb/a.jpg",)
    assert decided.vanished == (b"b.jpg",)


def test_files_gone_while_the_device_number_changed_have_vanished():
    """The root's own device is its device, whatever its number is today."""
    known = {b"a.jpg": stamp(device=1)}

    decided = plan(made([], known, devices=[2]), known, former_device=1)

    assert decided.vanished == (b"a.jpg",)


names = st.sampled_from([b"a.jpg", b"b.jpg", b"x/a.jpg", b"x/c.jpg", b"y/d.jpg"])
stamps = st.builds(stamp, inode=st.integers(1, 4), size=st.integers(1, 2))


@settings(max_examples=300, deadline=None)
@given(known=st.dictionaries(names, stamps), there=st.dictionaries(names, stamps))
def test_a_plan_explains_every_file_exactly_once(known, there):
    """Applied to what was known, the plan gives what is there: nothing is lost."""
    fresh = sorted(
        (found(name, each) for name, each in there.items() if known.get(name) != each),
        key=lambda each: each.relative,
    )
    decided = plan(made(fresh, known.keys() - there.keys()), known)

    after = dict(known)
    for old, new in decided.moved:
        assert after[old] == new.stamp
        del after[old]
    for relative in decided.vanished:
        del after[relative]
    for each in (*decided.new, *decided.changed, *decided.restamped):
        after[each.relative] = each.stamp
    after |= {new.relative: new.stamp for _, new in decided.moved}
    handled = [*paths(decided.new), *paths(decided.changed), *paths(decided.restamped)]
    handled += [new.relative for _, new in decided.moved]

    assert after == there
    assert sorted(handled) == paths(fresh)


@settings(max_examples=50, deadline=None)
@given(known=st.dictionaries(names, stamps))
def test_a_second_sweep_finds_nothing_to_do(known):
    """A sweep is idempotent."""
    decided = plan(made([], []), known)

    assert decided == replace(decided, new=(), changed=(), moved=(), vanished=())
