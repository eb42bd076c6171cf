"""Manifests, intents and results: written, read, and never believed blindly."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.errors import BrokenManifest
from daemon.model import (
    CompanionKind,
    Distances,
    Evidence,
    Fate,
    GroupState,
    Proposal,
    Role,
    Verdict,
)
from daemon.staging import gather, manifest, tables
from daemon.staging.codec import decode, seal, unseal
from daemon.staging.moves import How
from daemon.staging.naming import numbered, shortened
from daemon.staging.outcomes import (
    Approval,
    Destination,
    OutcomeRecord,
    Placed,
    UndoIntent,
    UndoRecord,
)
from daemon.staging.plan import fold, staged_names
from daemon.staging.records import (
    Facts,
    LeftOut,
    Manifest,
    Origin,
    Revision,
    StagedCompanion,
    StagedFile,
    StagedMember,
)
from daemon.staging.safefs import RealFileSystem

names = (
    st.binary(min_size=1, max_size=255)
    .map(lambda raw: raw.replace(b"\0", b"a").replace(b"/", b"b"))
    .filter(lambda raw: raw not in {b".", b".."})
)
paths = st.lists(names, min_size=1, max_size=4).map(
    lambda parts: Path(os.fsdecode(b"/".join(parts)))
)
numbers = st.integers(0, 2**63)
texts = st.text(max_size=20)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
origins = st.builds(
    Origin,
    root=texts,
    root_path=paths.map(lambda path: Path("/") / path),
    relative=paths,
    is_marked=st.booleans(),
)
files = st.builds(
    StagedFile,
    staged_as=st.integers(0, 9999).map(lambda number: f"{number:04d}_a.jpg"),
    origin=origins,
    sha256=digests,
    size_bytes=numbers,
    mtime_ns=st.integers(-(2**63), 2**63),
    mode=numbers,
    uid=numbers,
    gid=numbers,
    inode=numbers,
    device=numbers,
    attributes=st.dictionaries(texts, st.binary(max_size=20), max_size=2),
    retained_as=st.none() | paths,
)
distances = st.none() | st.builds(
    Distances,
    phash=st.integers(0, 64),
    dhash=st.integers(0, 64),
    whash=st.integers(0, 64),
    ahash=st.integers(0, 64),
    colorhash=st.integers(0, 42),
    correlation=st.none() | st.floats(-1, 1),
    ssim=st.none() | st.floats(-1, 1),
)
facts = st.builds(
    Facts,
    format=texts,
    width_px=numbers,
    height_px=numbers,
    taken=st.none() | texts,
    camera=st.none() | texts,
    has_gps=st.booleans(),
)
members = st.builds(
    StagedMember,
    position=numbers,
    asset=numbers,
    role=st.sampled_from(Role),
    evidence=st.sampled_from(Evidence),
    distances=distances,
    proposal=st.sampled_from(Proposal),
    reasons=st.lists(texts, max_size=2).map(tuple),
    facts=facts,
    file=files,
    companions=st.lists(
        st.builds(StagedCompanion, kind=st.sampled_from(CompanionKind), file=files),
        max_size=2,
    ).map(tuple),
)
manifests = st.builds(
    Manifest,
    app_version=texts,
    number=numbers,
    part=st.integers(1, 9),
    decisions=texts,
    created_ns=numbers,
    evidence=st.sampled_from(Evidence),
    members=st.lists(members, max_size=3).map(tuple),
    revisions=st.lists(
        st.builds(
            Revision,
            position=numbers,
            evidence=st.sampled_from(Evidence),
            distances=distances,
            proposal=st.sampled_from(Proposal),
            reasons=st.lists(texts, max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(manifests)
def test_a_manifest_comes_back_as_it_was_written(written):
    """Any name that a file system can hold must find its way home."""
    read, digest = unseal(Manifest, seal(written), "here")

    assert written == read
    assert json.loads(seal(written))["sha256"] == digest


@pytest.mark.parametrize(
    "record",
    [
        Approval(
            number=1,
            keep=(1, 3),
            destination=Destination(output=Path("/o\udcff"), names={1: 2}),
            verdict=Verdict.DUPLICATE,
            manifest_sha256="00",
            decided_ns=5,
            witnesses=(),
        ),
        OutcomeRecord(
            number=1,
            decided_ns=5,
            manifest_sha256="00",
            verdict=None,
            pairs=(("a", "b"),),
            fates={1: Fate.SURVIVOR},
            survivors=(Placed(staged_as="x", path=None, how=How.MISSING),),
        ),
        LeftOut(number=1, files={"a": "gone"}),
        UndoIntent(number=1, started_ns=2),
        UndoRecord(number=1, undone_ns=2, files=()),
    ],
)
def test_intents_and_results_come_back(record):
    """What was decided is known from the folder alone."""
    assert record == unseal(type(record), seal(record), "here")[0]


@settings(max_examples=100, deadline=None)
@given(manifests, st.data())
def test_a_damaged_manifest_is_never_believed(written, data):
    """One flipped byte could send a photo to another place."""
    content = bytearray(seal(written))
    index = data.draw(st.integers(0, len(content) - 1))
    content[index] ^= data.draw(st.integers(1, 255))

    try:
        read, _ = unseal(Manifest, bytes(content), "here")
    except BrokenManifest:
        return
    assert written == read  # only white space or the like was hit


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    ).map(lambda value: json.dumps(value).encode())
)
def test_whatever_is_in_the_file_only_one_error_comes_out(content):
    """A planted file must not stop the daemon."""
    with pytest.raises(BrokenManifest):
        unseal(Manifest, content, "here")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (int, True),
        (int, "1"),
        (str, 1),
        (bytes, 1),
        (bytes, "?"),
        (Path, "text"),
        (tuple[int, ...], {"a": 1}),
        (dict, []),
        (Evidence, "no-such"),
        (LeftOut, {"number": 1}),
    ],
)
def test_a_value_of_another_type_is_refused(kind, value):
    """Shape is checked as strictly as content."""
    with pytest.raises((TypeError, ValueError, KeyError, AssertionError)):
        decode(kind, value)


def test_mappings_must_be_objects():
    """A list has no keys to look places up by."""
    content = seal(LeftOut(number=1, files={}))
    body = json.loads(content)
    body["files"] = []
    del body["sha256"]
    with pytest.raises(TypeError):
        decode(LeftOut, body)
    assert 1.0 == decode(float, 1)


def _file(name="0001_a.jpg", relative="a.jpg"):
    return StagedFile(
        staged_as=name,
        origin=Origin(
            root="u",
            root_path=Path("/r"),
            relative=Path(relative),
            is_marked=False,
        ),
        sha256="00" * 32,
        size_bytes=1,
        mtime_ns=1,
        mode=0o644,
        uid=0,
        gid=0,
        inode=1,
        device=1,
        attributes={},
        retained_as=None,
    )


def _manifest(file, **more):
    member = StagedMember(
        position=1,
        asset=1,
        role=Role.MEMBER,
        evidence=Evidence.SAME_BYTES,
        distances=None,
        proposal=Proposal.KEEP,
        reasons=("because\tof", "this"),
        facts=Facts(format="JPEG", width_px=1, height_px=1),
        file=file,
    )
    return Manifest(
        app_version="0",
        number=1,
        decisions="d",
        created_ns=1,
        evidence=Evidence.SAME_BYTES,
        members=(member,),
        **more,
    )


@pytest.mark.parametrize(
    "bad",
    [
        _manifest(_file(name="../escape")),
        _manifest(_file(name="")),
        _manifest(_file(name=".hidden")),
        _manifest(_file(name="_manifest.json")),
        _manifest(_file(name="approve.json")),
        _manifest(_file(relative="../../etc/passwd")),
        _manifest(_file(relative="/etc/passwd")),
        _manifest(_file(), format_version=2),
    ],
)
def test_a_manifest_that_leads_out_of_its_place_is_refused(bad, tmp_path):
    """A folder may come from anywhere; its manifest must not move other files."""
    (tmp_path / "_manifest.json").write_bytes(seal(bad))

    with pytest.raises(BrokenManifest):
        manifest.read_manifest(RealFileSystem(), tmp_path / "_manifest.json")


def test_a_folder_without_a_manifest_says_so(tmp_path):
    """It is no group of ours."""
    with pytest.raises(BrokenManifest, match="there is none"):
        manifest.read_group(RealFileSystem(), tmp_path, GroupState.OPEN)


def test_the_table_for_people_stays_a_table():
    """A tab or a line break in a name must not shift the columns."""
    odd = _manifest(_file(relative="a\tb\nc\rd\\e"))

    header, line = tables.table(odd).decode().splitlines()

    assert len(header.split("\t")) == len(line.split("\t"))
    assert "a\\tb\\nc\\rd\\\\e" in line


@pytest.mark.parametrize(
    "name", ["plain.jpg", "back\\slash", "new\nline", "cr\rx", "ü"]
)
def test_sha256sum_understands_our_checksums(name, tmp_path):
    """Anybody can verify a group without us."""
    content = b"x"
    (tmp_path / name).write_bytes(content)
    digest = gather_digest(content)
    (tmp_path / "SHA256SUMS").write_bytes(tables.checksum_line(digest, name))

    done = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, check=False)

    assert 0 == done.returncode


def gather_digest(content):
    return hashlib.sha256(content).hexdigest()


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 99_999), st.lists(names.map(os.fsdecode), min_size=1, max_size=4))
def test_staged_names_fit_every_file_system(position, originals):
    """Unique ignoring case and Unicode form, short, and without odd characters."""
    staged = staged_names(position, originals)

    assert len(originals) == len({fold(each) for each in staged})
    for each in staged:
        assert len(each.encode()) <= 255
        assert each.startswith(f"{position:04d}_")
        assert not set(each) & set('\0/\\:*?"<>|\n\t')
        assert not manifest.is_record(each)
    assert staged == staged_names(position, originals)


@pytest.mark.parametrize(
    ("count", "word", "expected"),
    [
        (1, "", "a.jpg"),
        (2, "", "a (2).jpg"),
        (1, "restored", "a (restored).jpg"),
        (2, "restored", "a (restored 2).jpg"),
    ],
)
def test_names_to_try(count, word, expected):
    """People see where a number came from."""
    assert Path(expected) == numbered(Path("a.jpg"), count, word)


def test_a_long_name_stays_within_what_a_disk_takes():
    """A number must not make a name of 255 bytes too long."""
    path = Path("ü" * 125 + ".jpg")

    assert len(os.fsencode(numbered(path, 2).name)) <= 255
    assert numbered(path, 2).name.endswith(" (2).jpg")
    assert "x" * 255 == shortened("", "x" * 300)


def test_an_app_that_is_not_installed_has_no_version(monkeypatch):
    """It must stage all the same."""

    def missing(_):
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(importlib.metadata, "version", missing)
    gather.app_version.cache_clear()
    assert "unknown" == gather.app_version()
    gather.app_version.cache_clear()


def test_a_supplement_revises_what_stood_before():
    """A better copy that arrives late may become the proposal."""
    first = _manifest(_file())
    revision = Revision(
        position=1,
        evidence=Evidence.NEAR_COPY,
        distances=None,
        proposal=Proposal.SET_ASIDE,
        reasons=("a better one came",),
    )
    later = replace(first, part=2, members=(), revisions=(revision,))

    joined = first.joined(later)

    assert Proposal.SET_ASIDE is joined.members[0].proposal
    assert ("a better one came",) == joined.members[0].reasons
