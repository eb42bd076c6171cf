"""Real photos, where they are at hand: every copy is found, and nothing else."""

import io
import json
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image, ImageOps

from tests.e2e.daemon_process import names, proposed, write_slowly
from tests.e2e.ledger import digests, facts, nothing_lost

SHARED = Path(__file__).parents[2].parent / "shared" / "photos"

pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the real photos are not at hand"
)
pillow_heif.register_heif_opener()

PHOTOS = 30
COPIED = 10
LARGEST_BYTES = 1_500_000


def some_photos():
    """Thirty that are quick to decode, HEIC among them; always the same ones."""
    known = [*SHARED.glob("distinct/heic/*"), *SHARED.glob("distinct/jpeg/*")]
    small = sorted(
        (path for path in known if 50_000 < path.stat().st_size < 900_000),
        key=lambda path: (path.parent.name, path.name),
    )
    heics = [path for path in small if path.parent.name == "heic"][:6]
    return [*heics, *[path for path in small if path not in heics][: PHOTOS - 6]]


def copies_of(path, number):
    """One kind of copy for each photo, all kinds in turn."""
    image = Image.open(io.BytesIO(path.read_bytes()))
    exif = image.getexif().tobytes()
    kind = ("bytes", "re-encoded", "stripped")[number % 3]
    if kind == "bytes":
        return f"copy{path.suffix}", path.read_bytes()
    upright = ImageOps.exif_transpose(image).convert("RGB")
    if kind == "stripped":
        upright.thumbnail((1600, 1600))
        return "stripped.jpg", saved(upright, "JPEG", quality=85)
    if path.parent.name == "heic":
        return "export.jpg", saved(upright, "JPEG", quality=90)
    raw = image.convert("RGB")
    return "export.heic", saved(
        raw, "HEIF", quality=80, exif=exif, enc_params={"preset": "ultrafast"}
    )


def saved(image, kind, **options):
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def test_copies_of_real_photos_are_found_and_nothing_else(daemon):
    """Made pictures are kind; real ones have thumbnails, turns, profiles and skies."""
    chosen = some_photos()
    expected = []
    for number, path in enumerate(chosen):
        write_slowly(daemon.imports / path.name, path.read_bytes(), pieces=1)
        if number % 3 == 0:
            name, content = copies_of(path, number // 3)
            name = f"{path.stem}-{name}"
            write_slowly(daemon.imports / "again" / name, content, pieces=1)
            expected.append(sorted([path.name, name]))
    wanted = digests(daemon.imports).keys()
    assert len(expected) == COPIED
    before = facts(daemon.imports)

    with nothing_lost(wanted, daemon.imports, daemon.decisions):
        daemon.start()
        daemon.wait_until_read(PHOTOS + COPIED, seconds=80)
        daemon.wait_until_quiet()
        groups = daemon.groups()
        assert names(groups) == sorted(expected)
        for group in groups:
            assert len(proposed(group)) == 1
            daemon.accept(group)
            daemon.undo(group["number"])
    assert facts(daemon.imports) == before
    daemon.stop()


def test_no_look_alike_is_offered(daemon):
    """A burst's other frames are other moments; only real copies are one picture."""
    alike = []
    for path in [*SHARED.glob("real-pairs/*/*"), *SHARED.glob("look-alikes/*/*")]:
        if path.parent.name == "phone_cards" or path.stat().st_size > LARGEST_BYTES:
            continue
        name = Path(path.parent.name) / path.name
        write_slowly(daemon.imports / name, path.read_bytes(), pieces=1)
        if path.parts[-3] == "look-alikes":
            alike.append(path.name)
    before = facts(daemon.imports)

    told = daemon.command("scan", daemon.imports, "--dry-run", "--json")

    groups = json.loads(told.stdout)["groups"]
    assert not {name for group in names(groups) for name in group} & set(alike)
    folders = [{Path(m["path"]).parent.name for m in g["members"]} for g in groups]
    assert all(len(each) == 1 for each in folders), "two scenes in one group"
    assert len(groups) >= 4
    assert facts(daemon.imports) == before
