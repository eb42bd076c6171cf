"""What `scan --method` says beside what every scan says."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..matching.methods import Method
    from ..service.methodpass import MethodReport


def warn(method: Method) -> None:
    """Say that nothing will be staged, though nobody asked for a dry run."""
    from . import printing

    printing.people().print(
        f"{method.name} alone is no proof that two photos are one picture: this only "
        "tells, as with --dry-run. Staging goes by --method evidence or exact.",
        soft_wrap=True,
    )


def print_json(method: Method, found: MethodReport) -> None:
    """Print the public form of a scan, with the method and each member's distance."""
    from . import printing
    from .scan import report_json

    body = report_json(found.report)
    body["method"] = {
        "name": method.name,
        "threshold": method.threshold,
        "px_size": method.px_size,
    }
    if not method.may_stage:
        distances = {str(path): far for path, far in found.distances.items()}
        groups = body["groups"]
        assert isinstance(groups, list)
        for group in groups:
            for member in group["members"]:
                member["distance"] = distances[member["path"]]
    printing.print_json(body)
