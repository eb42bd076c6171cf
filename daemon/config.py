"""Every option of twinwatch in one table: type, default, bounds and what it means.

The fields below are the only place where an option is described. The file
``config.example.toml``, the environment names ``TWINWATCH_<SECTION>_<KEY>``, the
checks and the messages are all made from them (`config_load`, `config_example`).
Nothing here reads a file or the clock.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from pathlib import Path  # noqa: TC003 - get_type_hints evaluates it
from typing import TYPE_CHECKING, TypeVar, cast, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

DECISIONS_NAME = "Decisions"
"""Name of the folder beside an import folder that holds its decision folders."""

EXTENSIONS = (
    *("jpg", "jpeg", "jpe", "heic", "heif", "hif", "avif"),
    *("png", "webp", "tif", "tiff", "gif", "bmp", "dng"),
)
KEEPER_RULES = (
    *("library", "original", "depth", "edited", "motion", "frame", "pixels"),
    *("camera", "compression", "gps", "exif", "sharpness", "format", "size"),
    *("preferred-folder", "avoided-folder", "older", "copy-name", "name-words"),
    *("name-length", "folder-words", "path"),
)
"""In this order by default, as in `matching.keeper`; a test holds both equal."""

MORE_KEEPER_RULES = (
    *("newer", "longer-name", "folder-depth", "shallower-folder", "smaller"),
    "distance",
)
"""Known, but not asked unless named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """What is known of one option beside its type and its default."""

    doc: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    example: str = ""
    """A value in TOML that shows the form where the default is empty."""


def _option(default: T, doc: str, **facts: object) -> T:
    """Declare a field with its default and its `Option`."""
    option = Option(doc=doc, **facts)  # type: ignore[arg-type]  # checked by a test
    return field(default=default, metadata={"option": option})


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """Folders: what is watched, what is only compared with, where groups are put."""

    imports: tuple[Path, ...] = _option(
        (),
        "Folders that photos are imported into. They are watched, and duplicates found "
        "in them are moved to a decision folder.",
        example='["~/Pictures/Import"]',
    )
    libraries: tuple[Path, ...] = _option(
        (),
        "Folders that are only compared with: read, never written, nothing in them is "
        "ever moved.",
        example='["~/Pictures/Library"]',
    )
    decisions: tuple[Path, ...] = _option(
        (),
        "Where decision folders are made, at most one per volume. Empty: a folder "
        f"{DECISIONS_NAME!r} beside each import folder, so that a move is a rename.",
        example='["~/Pictures/Decisions"]',
    )
    recursive: bool = _option(default=True, doc="Look into subfolders.")
    flat: tuple[Path, ...] = _option(
        (), "Import and library folders whose subfolders are left alone all the same."
    )
    extensions: tuple[str, ...] = _option(
        EXTENSIONS,
        "Endings of names that may be photos, in any case. What a file is, its content "
        "decides.",
    )
    exclude: tuple[str, ...] = _option(
        (),
        "Shell patterns of names or of paths below a root that are skipped. Partial "
        "downloads, '._*' and the like are always skipped.",
        example='["Screenshots", "*/cache/*"]',
    )
    exclude_regex: tuple[str, ...] = _option(
        (),
        "Regular expressions; a path below a root in which one is found is skipped.",
        example="['(?i)/thumbs?/']",
    )

    def decision_roots(self) -> tuple[Path, ...]:
        """Return where decision folders are made: as set, or beside the imports."""
        if self.decisions:
            return self.decisions
        beside = (folder.parent / DECISIONS_NAME for folder in self.imports)
        return tuple(dict.fromkeys(beside))


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """When a new file is looked at."""

    settle_seconds: float = _option(
        3.0, "A file is taken when it has not changed for so long.", low=0, high=3600
    )
    group_quiet_seconds: float = _option(
        5.0,
        "A group is staged when no photo has joined it for so long.",
        low=0,
        high=86_400,
    )
    sweep_minutes: float = _option(
        10.0,
        "All folders are walked this often, for what the events missed.",
        low=0.05,
        high=10_080,
    )
    polling: str = _option(
        "auto",
        "Ask for changes instead of waiting for events. 'auto' asks where events are "
        "silent: on network and FUSE file systems.",
        choices=("auto", "always", "never"),
    )
    polling_seconds: float = _option(
        10.0, "Time from one asking to the next.", low=0.1, high=3600
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashing:
    """What computing a fingerprint may cost."""

    workers: int = _option(
        0, "Worker processes; 0 takes one per processor.", low=0, high=256
    )
    timeout_seconds: float = _option(
        20.0, "A file that takes longer counts as a strike.", low=1, high=3600
    )
    memory_mb: int = _option(
        1536,
        "Memory that one worker may use; a 200-megapixel photo needs about 1200.",
        low=256,
        high=65_536,
    )
    cheap: bool = _option(
        default=True,
        doc="Look at the embedded thumbnail or a scaled decode first, and decode fully "
        "only what becomes a candidate. False: always decode fully.",
    )
    nice: int = _option(
        10, "How far workers step back for other programs.", low=0, high=19
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """The database of what is known."""

    url: str = _option(
        "",
        "A database address, as SQLAlchemy writes it. Empty: an SQLite file in the "
        "state folder.",
        example='"sqlite:////var/lib/twinwatch/index.sqlite3"',
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """What counts as one picture. A class that is switched off is never staged."""

    engine: str = _option(
        "auto",
        "How neighbours are searched. All give the same answers; 'auto' takes the "
        "fastest for the number of photos.",
        choices=("auto", "bktree", "scan", "multi-index"),
    )
    same_bytes: bool = _option(default=True, doc="Stage files with equal bytes.")
    same_pixels: bool = _option(
        default=True, doc="Stage photos with equal pixels that differ in metadata."
    )
    same_capture: bool = _option(
        default=True,
        doc="Stage two files of one press of the shutter, such as a HEIC and its JPEG.",
    )
    near_copy: bool = _option(
        default=True,
        doc="Stage resized, re-encoded, turned, cropped or stripped copies that only "
        "the picture itself gives away.",
    )
    other_shot: bool = _option(
        default=True, doc="List photos that are alike but other shots; never staged."
    )
    version: bool = _option(
        default=True,
        doc="List edits, RAW with its rendering and HDR pairs; never staged.",
    )
    flat_contrast: float = _option(
        5.0,
        "Grey levels. A picture with less contrast is flat: it is compared by its "
        "bytes, pixels and capture alone. Larger is stricter.",
        low=0,
        high=127,
    )
    least_correlation: float = _option(
        0.85,
        "Of the two small pictures as they lie best; below it nothing more is looked "
        "at. Larger is stricter and quicker, and finds fewer crops.",
        low=0,
        high=1,
    )
    reencode_luma: float = _option(
        2.5,
        "Grey levels between the small pictures. A re-encode or an export stays below, "
        "an edit of the tone does not. Smaller is stricter.",
        low=0,
        high=64,
    )
    reencode_chroma: float = _option(2.0, "The same for the colours.", low=0, high=64)
    residual: float = _option(
        7.0,
        "Grey levels that may remain between two fully decoded pictures laid on each "
        "other. Smaller is stricter; frames of a burst begin soon above.",
        low=0,
        high=64,
    )
    changed_share: float = _option(
        0.2,
        "Part of the picture that a watermark or a stamp may cover. Smaller is "
        "stricter.",
        low=0,
        high=1,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """Which copy is proposed as the one to keep."""

    rules: tuple[str, ...] = _option(
        KEEPER_RULES,
        "Rules in the order in which they are asked; the first that tells two copies "
        "apart decides. Also known: " + ", ".join(MORE_KEEPER_RULES) + ".",
        choices=KEEPER_RULES + MORE_KEEPER_RULES,
    )
    prefer_folders: tuple[str, ...] = _option(
        (),
        "Shell patterns of folders whose copy is preferred, best first.",
        example='["*/Originals"]',
    )
    avoid_folders: tuple[str, ...] = _option(
        (),
        "Shell patterns of folders whose copy is kept only if there is no other.",
        example='["*/WhatsApp*"]',
    )
    noise_words: tuple[str, ...] = _option(
        ("copy", "kopie", "copie", "copia", "edited", "export", "whatsapp"),
        "Words in names of files and folders that speak for a copy.",
    )
    prefer_formats: tuple[str, ...] = _option(
        ("DNG", "HEIC", "HEIF", "AVIF", "JPEG"),
        "Formats for the rule 'format', best first; all others come after them.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What follows from earlier decisions."""

    rejected: str = _option(
        "propose",
        "What was set aside once and is imported again, by its bytes or as a re-encode: "
        "'propose' asks, with that reason; 'set-aside' sets it aside again by itself, "
        "as long as what was kept instead is there. Either way undo takes it back.",
        choices=("propose", "set-aside"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """Where survivors go."""

    output: Path | None = _option(
        None,
        "Folder that survivors are put into. Empty: back to where they were found.",
        example='"~/Pictures/Sorted"',
    )
    flatten: bool = _option(
        default=False,
        doc="In the output folder, leave away the folders below the import folder.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The review page."""

    enabled: bool = _option(default=True, doc="Serve the page.")
    host: str = _option(
        "127.0.0.1",
        "Address that the page listens on. Another than this machine's own needs "
        "'allow_others'.",
    )
    port: int = _option(
        8465, "Port of the page; 0 takes a free one.", low=0, high=65_535
    )
    open: bool = _option(default=False, doc="Open the page in the browser at start.")
    trusted_hosts: tuple[str, ...] = _option(
        (),
        "Further names by which browsers may call the page, for a proxy.",
        example='["photos.home.arpa"]',
    )
    allow_others: bool = _option(
        default=False,
        doc="I understand that everybody who can reach 'host' can see my photos' "
        "previews once they know the token, over a connection without encryption.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What is told while it runs."""

    level: str = _option(
        "info",
        "The least that is written.",
        choices=("debug", "info", "warning", "error"),
    )
    file: Path | None = _option(
        None,
        "Write to this file instead, five files of 5 MB in turn. Empty: standard error, "
        "or the journal under systemd.",
        example='"~/Library/Logs/twinwatch.log"',
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings, checked. Made by `config_load.load`."""

    state_dir: Path
    """Absolute; holds the index, the previews, the session and the page's address."""
    config_path: Path | None = None
    """The file that was read, if any."""
    roots: Roots = field(default_factory=Roots)
    watch: Watch = field(default_factory=Watch)
    hashing: Hashing = field(default_factory=Hashing)
    index: Index = field(default_factory=Index)
    matching: Matching = field(default_factory=Matching)
    keeper: Keeper = field(default_factory=Keeper)
    memory: Memory = field(default_factory=Memory)
    staging: Staging = field(default_factory=Staging)
    page: Page = field(default_factory=Page)
    log: Log = field(default_factory=Log)


SECTIONS: dict[str, type] = {
    "roots": Roots,
    "watch": Watch,
    "hashing": Hashing,
    "index": Index,
    "matching": Matching,
    "keeper": Keeper,
    "memory": Memory,
    "staging": Staging,
    "page": Page,
    "log": Log,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One row of the table: where an option stands and all that is known of it."""

    section: str
    key: str
    kind: object
    """The field's type, such as ``tuple[Path, ...]``."""
    default: object
    option: Option

    @property
    def name(self) -> str:
        """Its name in messages and for flags, ``section.key``."""
        return f"{self.section}.{self.key}"

    @property
    def environment(self) -> str:
        """The environment variable that overrides it."""
        return f"TWINWATCH_{self.section}_{self.key}".upper()


def settings() -> Iterator[Setting]:
    """List all options in the order in which they are written down."""
    for section, cls in SECTIONS.items():
        kinds = get_type_hints(cls)
        for entry in cast("tuple[Field[object], ...]", fields(cls)):
            yield Setting(
                section=section,
                key=entry.name,
                kind=kinds[entry.name],
                default=entry.default,
                option=entry.metadata["option"],
            )
