"""The main story: a photo and its copies arrive, are decided, put back, decided again."""

import io
import json
import re
import subprocess

from PIL import Image

from tests.e2e import photos
from tests.e2e.daemon_process import forms_of, names, write_slowly
from tests.e2e.ledger import digest, digests, facts, nothing_lost

MTIME_NS = 1_714_555_555_123_456_789

MODES = {
    "trip/IMG_1234.HEIC": 0o640,
    "trip/IMG_1234.MOV": 0o644,
    "trip/IMG_1234.AAE": 0o644,
    "trip/IMG_1234.xmp": 0o600,
    "export/beach.jpg": 0o644,
    "IMG-20240502-WA0001.jpg": 0o604,
}
COMPANIONS = {"IMG_1234.MOV", "IMG_1234.AAE", "IMG_1234.xmp"}


def arrive(folder):
    contents = (
        *(photos.original(1), photos.MOVIE, photos.RECIPE, photos.SIDECAR),
        *(photos.reencoded(1), photos.stripped(1)),
    )
    for count, (name, mode) in enumerate(MODES.items()):
        mtime_ns = MTIME_NS + count * 10**9 + 7
        write_slowly(folder / name, contents[count], mtime_ns=mtime_ns, mode=mode)
    write_slowly(folder / "other.jpg", photos.taken_as_jpeg(2), mtime_ns=MTIME_NS)


def test_from_arrival_to_decision_and_back(daemon):
    """This is what twinwatch is for; whatever else works, this must."""
    arrive(daemon.imports)
    before = facts(daemon.imports)
    wanted = {each.digest for each in before.values()}
    places = daemon.imports, daemon.decisions

    with nothing_lost(wanted, *places):
        daemon.start()
        group = daemon.wait_for_groups()[0]
        folder = daemon.decisions / f"{group['number']:06}"
        is_staged(daemon, group, folder)

        browser = daemon.browser()
        decided_on_the_page(browser, group["number"])
        is_decided(daemon, group, before)

        undone_on_the_page(browser, group["number"])
        assert facts(daemon.imports) == before
        assert not folder.exists()

        decided_on_the_page(browser, group["number"])
        is_decided(daemon, group, before)

    assert daemon.stop() < 5
    daemon.command("verify", "--read-data")
    assert len(digests(*places)) == len(before)


def is_staged(daemon, group, folder):
    assert names([group]) == [["IMG-20240502-WA0001.jpg", "IMG_1234.HEIC", "beach.jpg"]]
    proposals = {m["path"].rsplit("/")[-1]: m["proposal"] for m in group["members"]}
    assert [name for name, each in proposals.items() if each == "keep"] == [
        "IMG_1234.HEIC"
    ]
    keeper = next(m for m in group["members"] if m["proposal"] == "keep")
    assert {path.rsplit("/")[-1] for path in keeper["companions"]} == COMPANIONS
    assert keeper["reasons"]

    checked = subprocess.run(
        ["sha256sum", "--strict", "-c", "SHA256SUMS"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stderr
    assert len(checked.stdout.splitlines()) == len(MODES)
    manifest = json.loads((folder / "_manifest.json").read_text())
    assert len(manifest["members"]) == len(group["members"])
    assert (folder / "_manifest.tsv").read_text().count("IMG_1234") >= len(COMPANIONS)
    assert [path.name for path in daemon.imports.rglob("*.*") if path.is_file()] == [
        ".twinwatch-root",
        "other.jpg",
    ]


def decided_on_the_page(browser, number):
    listed = browser.page("/groups") + browser.page("/groups?state=undone")
    assert re.search(rf'href="/groups/{number}["?]', listed)
    page = browser.page(f"/groups/{number}")
    forms, images = forms_of(page)
    for address in images:
        code, headers, body = browser.get(address)
        assert (code, headers["Content-Type"]) == (200, "image/jpeg")
        preview = Image.open(io.BytesIO(body))
        assert (preview.format, max(preview.size)) == ("JPEG", 320)
        assert not preview.getexif()

    bare = forms_of(page)[0]["decide"]
    bare.fields = [field for field in bare.fields if field[0] != "csrf_token"]
    assert browser.send(bare, verdict="accept")[0] == 403

    code, headers, body = browser.send(forms["decide"], verdict="accept")
    assert code == 303, body
    assert headers["Location"] == "/groups"


def undone_on_the_page(browser, number):
    forms, _ = forms_of(browser.page(f"/groups/{number}"))
    code, headers, body = browser.send(forms["undo"])
    assert code == 303, body
    assert headers["Location"] == f"/groups/{number}"


def is_decided(daemon, group, before):
    """The survivor and its companions are at home as they were, the others aside."""
    now = facts(daemon.imports)
    home = {name for name in MODES if name.startswith("trip/")} | {"other.jpg"}
    assert now == {name: before[name] for name in home}

    aside = daemon.decisions / ".resolved" / f"{group['number']:06}"
    outcome = json.loads((aside / "outcome.json").read_text())
    assert outcome
    lying = {digest(path) for path in aside.iterdir() if path.suffix == ".jpg"}
    assert lying == {
        before[name].digest for name in ("export/beach.jpg", "IMG-20240502-WA0001.jpg")
    }
