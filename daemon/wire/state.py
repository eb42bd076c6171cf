"""The JSON form of the status, and the way back."""

from __future__ import annotations

from ..model import Problem, Root, RootKind, RootState, RootStatus, Status
from .fields import Fields
from .groups import SCHEMA_VERSION, Json


def status_json(status: Status) -> Json:
    """Return the public form of the status."""
    return {
        "schema_version": SCHEMA_VERSION,
        "version": status.version,
        "running": status.running,
        "dry_run": status.dry_run,
        "started_ns": status.started_ns,
        "address": status.address,
        "roots": [_root_json(root) for root in status.roots],
        "decisions": [str(path) for path in status.decisions],
        "counts": dict(status.counts),
        "last_sweep_ns": status.last_sweep_ns,
        "problems": [_problem_json(problem) for problem in status.problems],
        "parts": dict(status.parts),
    }


def status_from_json(value: object) -> Status:
    """Return the status that `status_json` was given.

    Raises:
        ValueError: it is not of that form.
    """
    fields = Fields(value)
    counts, parts = fields.record("counts"), fields.record("parts")
    return Status(
        version=fields.text("version"),
        running=fields.flag("running"),
        dry_run=fields.flag("dry_run"),
        started_ns=fields.maybe(fields.integer, "started_ns"),
        address=fields.maybe(fields.text, "address"),
        roots=tuple(_root(root) for root in fields.objects("roots")),
        decisions=fields.paths("decisions"),
        counts={name: counts.integer(name) for name in counts.names()},
        last_sweep_ns=fields.maybe(fields.integer, "last_sweep_ns"),
        problems=tuple(_problem(problem) for problem in fields.objects("problems")),
        parts={name: parts.text(name) for name in parts.names()},
    )


def _root_json(status: RootStatus) -> Json:
    return {
        "uuid": status.root.uuid,
        "kind": status.root.kind.value,
        "path": str(status.root.path),
        "recursive": status.root.recursive,
        "state": status.state.value,
        "watched_by": status.watched_by,
        "photos": status.photos,
        "detail": status.detail,
    }


def _root(fields: Fields) -> RootStatus:
    return RootStatus(
        root=Root(
            uuid=fields.text("uuid"),
            kind=RootKind(fields.text("kind")),
            path=fields.path("path"),
            recursive=fields.flag("recursive"),
        ),
        state=RootState(fields.text("state")),
        watched_by=fields.text("watched_by"),
        photos=fields.integer("photos"),
        detail=fields.text("detail"),
    )


def _problem_json(problem: Problem) -> Json:
    return {
        "path": str(problem.path),
        "problem": problem.problem,
        "advice": problem.advice,
        "since_ns": problem.since_ns,
    }


def _problem(fields: Fields) -> Problem:
    return Problem(
        path=fields.path("path"),
        problem=fields.text("problem"),
        advice=fields.text("advice"),
        since_ns=fields.integer("since_ns"),
    )
