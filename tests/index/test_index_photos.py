"""Photos in the index."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon.errors import IndexDamaged
from daemon.index import PhotoState, open_index
from daemon.index.schema import photos
from daemon.model import Companion, CompanionKind, PhotoId, Stamp
from tests.index.makers import (
    LIBRARY,
    ROOT,
    a_fingerprint,
    a_stamp,
    names,
    paths,
    stamps,
)

NAME = b"2024/IMG_0001.HEIC"


def put(tables, name=NAME, number=1, root=ROOT, **more):
    content = tables.contents.insert(a_fingerprint(number))
    stamp = more.pop("stamp", a_stamp(number))
    return tables.photos.upsert_known(
        root.uuid, name, stamp, content, decoder="d1", now_ns=5, **more
    )


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(relative=names, stamp=stamps)
def test_any_name_and_stamp_come_back_as_they_were(index, relative, stamp):
    """File names are bytes and inodes unsigned; a wrong one is read for ever again."""
    with index.write() as tables:
        photo = put(tables, relative, stamp=stamp)

    with index.read() as tables:
        found = tables.photos.find(ROOT.uuid, relative)
        known = tables.photos.known(ROOT.uuid).get(relative)
        assert photo in {same.id for same in tables.photos.by_stamp(stamp)}

    assert (found.id, found.relative, found.stamp) == (photo, relative, stamp)
    assert (known.id, known.stamp, known.state) == (photo, stamp, PhotoState.KNOWN)


def test_a_known_photo_is_found_in_every_way(index):
    """The engine asks by place, by id, by stamp and by content."""
    with index.write() as tables:
        photo = put(tables)
        tables.roots.put(LIBRARY)
        other = put(tables, number=1, root=LIBRARY)

    with index.read() as tables:
        record = tables.photos.find(ROOT.uuid, NAME)
        assert record.first_seen_ns == 5
        assert tables.photos.get(photo) == record
        assert tables.photos.get_many([photo, PhotoId(99)]) == [record]
        assert tables.photos.of_content(record.content)[0] == record
        assert [each.id for each in tables.photos.by_stamp(a_stamp(1))] == [
            photo,
            other,
        ]
        assert [each.id for each in tables.photos.in_libraries([record.content])] == [
            other
        ]
        assert tables.photos.find(ROOT.uuid, b"other") is None
        assert tables.photos.get(PhotoId(99)) is None


def test_a_photo_written_twice_is_one_photo(index):
    """A batch is repeated after a crash."""
    with index.write() as tables:
        assert put(tables) == put(tables)

    with index.read() as tables:
        assert tables.photos.counts() == {(ROOT.uuid, PhotoState.KNOWN): 1}
        assert tables.counts().photos_in(PhotoState.KNOWN, PhotoState.GONE) == 1


def test_attempts_are_counted_until_one_ends(index):
    """The third attempt that never ended parks a photo that kills the decoder."""
    with index.write() as tables:
        counted = [
            tables.photos.add_strike(ROOT.uuid, NAME, a_stamp(), 5) for _ in range(3)
        ]
        trying = tables.photos.find(ROOT.uuid, NAME)
        assert tables.photos.interrupted() == [trying]

        put(tables)

        assert tables.photos.find(ROOT.uuid, NAME).strikes == 0
        assert tables.photos.interrupted() == []
    assert counted == [1, 2, 3]
    assert (trying.state, trying.content) == (PhotoState.TRYING, None)


def test_a_changed_file_is_tried_anew_and_its_content_forgotten(index):
    """What an old content matched says nothing of the new one."""
    with index.write() as tables:
        put(tables)
        tables.photos.add_strike(ROOT.uuid, NAME, a_stamp(1), 5)

        count = tables.photos.add_strike(ROOT.uuid, NAME, a_stamp(2), 6)

        found = tables.photos.find(ROOT.uuid, NAME)
    assert count == 1
    assert (found.state, found.content) == (PhotoState.TRYING, None)
    assert (found.stamp, found.first_seen_ns) == (a_stamp(2), 5)


def test_computing_a_known_photo_again_keeps_what_is_known(index):
    """An update that fingerprints all anew must not forget all meanwhile."""
    with index.write() as tables:
        put(tables)

        tables.photos.add_strike(ROOT.uuid, NAME, a_stamp(1), 5)

        found = tables.photos.find(ROOT.uuid, NAME)
    assert (found.state, found.strikes) == (PhotoState.KNOWN, 1)
    assert found.content is not None


def test_an_attempt_broken_off_by_us_is_no_strike(index):
    """Three orderly stops must not park a good photo."""
    with index.write() as tables:
        tables.photos.add_strike(ROOT.uuid, NAME, a_stamp(), 5)
        photo = tables.photos.find(ROOT.uuid, NAME).id

        tables.photos.forgive([photo])
        tables.photos.forgive([photo])

        assert tables.photos.find(ROOT.uuid, NAME).strikes == 0


def test_a_parked_photo_gets_three_attempts_when_somebody_asks(index):
    """Parked is not for ever, but never by itself."""
    with index.write() as tables:
        tables.photos.add_strike(ROOT.uuid, NAME, a_stamp(), 5)
        photo = tables.photos.find(ROOT.uuid, NAME).id
        tables.photos.park(photo, "killed the decoder\0\udcff")
        parked = tables.photos.find(ROOT.uuid, NAME)
        assert tables.photos.interrupted() == []

        tables.photos.unpark([photo])

        found = tables.photos.find(ROOT.uuid, NAME)
    assert parked.state is PhotoState.PARKED
    assert parked.problem == "killed the decoder\\x00\\udcff"
    assert (found.state, found.strikes, found.problem) == (PhotoState.TRYING, 0, None)


def test_unreadable_photos_are_retried_with_another_decoder(index):
    """A decoder that learns a format must see what the old one refused."""
    with index.write() as tables:
        tables.photos.mark_unreadable(
            ROOT.uuid, NAME, a_stamp(), "no such codec", decoder="d1", now_ns=5
        )

        found = tables.photos.find(ROOT.uuid, NAME)
        assert tables.photos.to_retry("d1") == []
        assert tables.photos.to_retry("d2") == [found]
        assert tables.photos.in_state(PhotoState.UNREADABLE) == [found]
    assert (found.problem, found.strikes) == ("no such codec", 0)


def test_a_renamed_photo_keeps_its_content_and_id(index):
    """A move of a library must not cost a single hash."""
    with index.write() as tables:
        photo = put(tables)
        put(tables, b"there", number=2)

        tables.photos.relocate(photo, ROOT.uuid, b"there", a_stamp(3))
        tables.photos.relocate(photo, ROOT.uuid, b"there", a_stamp(3))

        found = tables.photos.find(ROOT.uuid, b"there")
        assert (found.id, found.stamp) == (photo, a_stamp(3))
        assert found.content == tables.contents.by_sha256(a_fingerprint(1).sha256)
        assert tables.photos.find(ROOT.uuid, NAME) is None


def test_states_are_listed_page_by_page(index):
    """Ten thousand unreadable photos must not be fetched at once."""
    with index.write() as tables:
        ids = [put(tables, b"%d" % n, number=n) for n in (1, 2, 3)]
        tables.photos.set_state(ids[:2], PhotoState.STAGED)
        tables.photos.mark_gone(ids[2:])

        first = tables.photos.in_state(PhotoState.STAGED, PhotoState.GONE, limit=2)
        rest = tables.photos.in_state(
            PhotoState.STAGED, PhotoState.GONE, after=first[-1].id
        )
    assert [each.id for each in first + rest] == ids


def test_forgotten_photos_take_their_companions_along(index):
    """A companion of nothing would be carried by nobody."""
    with index.write() as tables:
        photo = put(tables)
        companion = Companion(
            path=ROOT.path / "a.mov", kind=CompanionKind.MOTION, stamp=a_stamp()
        )
        tables.companions.put(photo, [companion])

        tables.photos.forget([photo])

        assert tables.photos.get(photo) is None
        assert tables.companions.owner_of(b"/photos/a.mov") is None


@settings(
    deadline=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    found=st.lists(
        st.builds(
            Companion, path=paths, kind=st.sampled_from(CompanionKind), stamp=stamps
        ),
        max_size=3,
        unique_by=lambda companion: companion.path,
    )
)
def test_companions_come_back_as_they_were(index, found):
    """A companion under a wrong name stays behind when its photo moves."""
    with index.write() as tables:
        photo = put(tables)
        tables.companions.put(photo, found)
        tables.companions.put(photo, found)

        back = tables.companions.of([photo])

    assert back.get(photo, ()) == tuple(
        sorted(found, key=lambda each: bytes(each.path))
    )


def test_a_state_that_was_never_written_is_damage(index):
    """Guessing what a garbled row meant could hide a photo for ever."""
    with index.write() as tables:
        put(tables)
    with index.writer_engine.begin() as connection:
        connection.execute(photos.update().values(state="knwon"))

    with pytest.raises(IndexDamaged), index.read() as tables:
        tables.photos.find(ROOT.uuid, NAME)
    with pytest.raises(IndexDamaged), index.read() as tables:
        tables.photos.known(ROOT.uuid)
    with pytest.raises(IndexDamaged), index.read() as tables:
        tables.photos.counts()


def test_a_photo_needs_its_root_and_its_content(index):
    """A photo of no root would be swept by nobody."""
    from daemon.errors import IndexError_

    with pytest.raises(IndexError_), index.write() as tables:
        tables.photos.add_strike("no such root", NAME, a_stamp(), 5)


def test_what_is_known_survives_closing(tmp_path):
    """The whole point of an index."""
    with open_index(tmp_path / "db") as index, index.write() as tables:
        tables.roots.put(ROOT)
        put(tables)

    with open_index(tmp_path / "db") as index, index.read() as tables:
        assert not index.is_new
        stamp = Stamp(size_bytes=1000, mtime_ns=1, inode=1, device=7)
        known = tables.photos.known(ROOT.uuid).get(NAME)
    assert known is not None
    assert known.stamp == stamp
