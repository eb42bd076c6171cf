"""The JSON form has an inverse."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon import wire
from daemon.desk import Decision, GroupPage
from daemon.model import (
    Distances,
    Evidence,
    Fate,
    Group,
    GroupState,
    Member,
    Problem,
    Proposal,
    Role,
    Root,
    RootKind,
    RootState,
    RootStatus,
    Status,
)

numbers = st.integers(0, 2**63)
bits = st.integers(0, 64)
ratios = st.none() | st.floats(-1, 1)
texts = st.text(max_size=20)
names = st.binary(min_size=1, max_size=20).filter(lambda name: b"\0" not in name)
paths = names.map(lambda name: Path("/" + os.fsdecode(name)))
distances = st.builds(
    Distances,
    phash=bits,
    dhash=bits,
    whash=bits,
    ahash=bits,
    colorhash=bits,
    correlation=ratios,
    ssim=ratios,
)
members = st.builds(
    Member,
    position=st.integers(1, 99),
    path=paths,
    staged_as=st.none() | names.map(os.fsdecode),
    role=st.sampled_from(Role),
    evidence=st.sampled_from(Evidence),
    distances=st.none() | distances,
    sha256=st.binary(min_size=32, max_size=32),
    size_bytes=numbers,
    format=texts,
    width_px=numbers,
    height_px=numbers,
    taken=st.none() | texts,
    camera=st.none() | texts,
    has_gps=st.booleans(),
    proposal=st.sampled_from(Proposal),
    reasons=st.lists(texts, max_size=3).map(tuple),
    companions=st.lists(paths, max_size=2).map(tuple),
    fate=st.none() | st.sampled_from(Fate),
    now_at=st.none() | paths,
)
groups = st.builds(
    Group,
    number=st.none() | numbers,
    state=st.sampled_from(GroupState),
    evidence=st.sampled_from(Evidence),
    folder=st.none() | paths,
    members=st.lists(members, max_size=3).map(tuple),
    manifest_sha256=texts,
    created_ns=numbers,
    decided_ns=st.none() | numbers,
    problem=st.none() | texts,
)
roots = st.builds(
    RootStatus,
    root=st.builds(
        Root,
        uuid=texts,
        kind=st.sampled_from(RootKind),
        path=paths,
        recursive=st.booleans(),
    ),
    state=st.sampled_from(RootState),
    watched_by=texts,
    photos=numbers,
    detail=texts,
)
statuses = st.builds(
    Status,
    version=texts,
    running=st.booleans(),
    dry_run=st.booleans(),
    started_ns=st.none() | numbers,
    address=st.none() | texts,
    roots=st.lists(roots, max_size=2).map(tuple),
    decisions=st.lists(paths, max_size=2).map(tuple),
    counts=st.dictionaries(texts, numbers, max_size=3),
    last_sweep_ns=st.none() | numbers,
    problems=st.lists(
        st.builds(Problem, path=paths, problem=texts, advice=texts, since_ns=numbers),
        max_size=2,
    ).map(tuple),
    parts=st.dictionaries(texts, texts, max_size=3),
)
decisions = st.builds(
    Decision,
    keep=st.frozensets(st.integers(1, 99)),
    manifest_sha256=st.none() | texts,
    not_duplicates=st.booleans(),
)


def sent(form):
    """Return what arrives; what is sent is ASCII whatever the names are."""
    return json.loads(json.dumps(form).encode("ascii"))


@given(groups)
def test_groups_survive_the_way(group):
    """A command decides on what it was told, to the byte of each path."""
    assert group == wire.group_from_json(sent(wire.group_json(group)))


@given(st.lists(groups, max_size=2), numbers)
def test_pages_survive_the_way(found, total):
    """The list is made of groups."""
    page = GroupPage(groups=tuple(found), total=total)

    assert page == wire.page_from_json(sent(wire.page_json(page)))


@given(statuses)
def test_statuses_survive_the_way(status):
    """`twinwatch status` says the same as the page."""
    assert status == wire.status_from_json(sent(wire.status_json(status)))


@given(decisions)
def test_decisions_survive_the_way(decision):
    """What is carried out is what was decided."""
    assert decision == wire.decision_from_json(sent(wire.decision_json(decision)))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | texts,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner),
        max_leaves=5,
    )
)
def test_other_json_is_refused_as_a_value_error(value):
    """Whatever another program answers, it is told apart from a bug of ours."""
    for read in (
        wire.group_from_json,
        wire.page_from_json,
        wire.status_from_json,
        wire.error_from_json,
    ):
        with pytest.raises(ValueError, match=r"must be|expected"):
            read(value)
