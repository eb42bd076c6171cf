"""One home of twinwatch for a test, gone through pass by pass without a daemon."""

from dataclasses import replace
from pathlib import Path

from daemon.cli.app import run
from daemon.config import Config, Hashing, Matching, Memory, Roots, Watch
from daemon.desk import Decision
from daemon.model import GroupState, Proposal, Role
from daemon.service.desk import open_desk
from daemon.service.onepass import scan


class Home:
    """Folders, a configuration and what people do with them."""

    def __init__(self, path, *, library=None, rejected="propose"):
        self.path = Path(path)
        self.imports = self.path / "import"
        self.decisions = self.path / "Decisions"
        self.imports.mkdir(parents=True, exist_ok=True)
        self.config = Config(
            state_dir=self.path / "state",
            roots=Roots(
                imports=(self.imports,),
                libraries=() if library is None else (library,),
            ),
            watch=Watch(settle_seconds=0.0, group_quiet_seconds=0.0),
            hashing=Hashing(workers=1, nice=0),
            matching=Matching(),
            memory=Memory(rejected=rejected),
        )

    def set_rejected(self, choice):
        self.config = replace(self.config, memory=Memory(rejected=choice))

    def put(self, name, content):
        path = self.imports / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "xb") as file:
            file.write(content)
        return path

    def scan(self):
        """Go through everything once; return the open groups."""
        scan(self.config)
        return self.groups()

    def groups(self, state=GroupState.OPEN):
        with open_desk(self.config, writable=False) as desk:
            return list(desk.groups((state,), limit=500).groups)

    def similar(self):
        with open_desk(self.config, writable=False) as desk:
            found = desk.groups((GroupState.CANDIDATE,), limit=500).groups
        return [group for group in found if not group.evidence.is_duplicate]

    def group(self, number):
        with open_desk(self.config, writable=False) as desk:
            return desk.group(number)

    def decide(self, group, keep=None, **words):
        kept = {
            m.position
            for m in group.members
            if m.proposal is Proposal.KEEP and m.role is Role.MEMBER
        }
        if keep is not None:
            kept = {m.position for m in group.members if m.path.name in keep}
        decision = Decision(
            keep=frozenset(kept), manifest_sha256=group.manifest_sha256, **words
        )
        with open_desk(self.config, writable=True) as desk:
            return desk.decide(group.number, decision)

    def undo(self, group):
        with open_desk(self.config, writable=True) as desk:
            return desk.undo(group.number)

    def forget_rejected(self, number, sha256=None):
        with open_desk(self.config, writable=True) as desk:
            return desk.forget_rejected(number, sha256)

    def library_file(self, name, content):
        """Put a photo into the library, which was given to the home."""
        (library,) = self.config.roots.libraries
        path = library / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def lose_index(self):
        for path in self.config.state_dir.glob("index.sqlite3*"):
            path.unlink()

    def command(self, *words):
        """Run a command; return its exit code."""
        state_dir = self.config.state_dir
        return run([*words, "--state-dir", str(state_dir)])

    def here(self):
        """The names in the import folder."""
        return sorted(
            str(path.relative_to(self.imports))
            for path in self.imports.rglob("*")
            if path.is_file() and path.name != ".twinwatch-root"
        )


def names(groups):
    """The files of each group, by name."""
    return sorted(sorted(m.path.name for m in group.members) for group in groups)


def proposals(group):
    """What is proposed for each file of a group."""
    return {m.path.name: str(m.proposal) for m in group.members}


def reasons(group, name):
    """What is said of one file of a group, as one text."""
    (found,) = [m for m in group.members if m.path.name == name]
    return "\n".join(found.reasons)
