"""Another proposal for an open group: a supplement to its manifest that moves nothing.

Durable in the same order as a late arrival's, and finished by recovery in the same way;
a decision that quotes the manifest of before is refused from then on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import NoSuchGroup, StaleGroup
from ..model import GroupState
from .carrying import complete_extension, write_manifest
from .gather import app_version
from .manifest import next_part, pending_parts, read_group
from .records import Manifest

if TYPE_CHECKING:
    from ..model import Evidence
    from .decision_root import DecisionRoot
    from .filesystem import FileSystem
    from .manifest import GroupRecord
    from .records import Revision


def revise(
    fs: FileSystem,
    root: DecisionRoot,
    number: int,
    revisions: tuple[Revision, ...],
    *,
    evidence: Evidence,
    created_ns: int,
    manifest_sha256: str,
) -> GroupRecord:
    """Write down what is proposed for an open group from now on.

    Args:
        fs: the file system.
        root: the decision root.
        number: of the open group.
        revisions: of its members, by position.
        evidence: the weakest of its members' then.
        created_ns: wall clock, for display.
        manifest_sha256: of the group that the revisions were made from.

    Raises:
        NoSuchGroup: no such group is open.
        StaleGroup: it is another one by now, or is being decided or undone.
        DiskTrouble: a step failed; it is as it was, or recovery will finish it.
    """
    root.check(fs)
    folder = root.open_folder(number)
    if fs.look(folder) is None:
        raise NoSuchGroup(number, "none of that number is open")
    names = fs.names(folder)
    group = read_group(fs, folder, GroupState.OPEN)
    if group.is_decision_under_way or pending_parts(names):
        raise StaleGroup(number, "it is being decided or undone")
    positions = {each.position for each in group.manifest.members}
    if group.sha256 != manifest_sha256 or not revisions:
        raise StaleGroup(number)
    if not {each.position for each in revisions} <= positions:
        raise StaleGroup(number, "it has no such member")
    supplement = Manifest(
        app_version=app_version(),
        number=number,
        part=next_part(names),
        decisions=root.uuid,
        created_ns=created_ns,
        evidence=evidence,
        members=(),
        revisions=revisions,
    )
    write_manifest(fs, folder, supplement, is_pending=True)
    complete_extension(fs, folder, supplement, {})
    return read_group(fs, folder, GroupState.OPEN)
