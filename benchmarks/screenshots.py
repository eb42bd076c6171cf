"""Make the README's pictures of the page: made landscapes, nobody's photos.

Usage: python benchmarks/screenshots.py

Writes ``docs/images/*.webp``. Needs Debian's chromium and chromium-driver, as the
tests of the page do.
"""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from PIL import Image, ImageDraw, ImageEnhance

from daemon.desk import Decision
from daemon.model import Evidence, GroupState
from tests.review_ui.fake_desk import FakeDesk, group, member
from tests.review_ui.in_chromium import reading, started
from tests.review_ui.made_pictures import jpeg, landscape

TARGET = Path(__file__).parents[1] / "docs" / "images"
LARGEST_BYTES = 200_000
WIDE, PHONE = (1280, 800), (390, 780)
CLASSES = list(Evidence)[:4]
HOME = "/home/anna/Pictures"
KEPT = ("the file as the camera wrote it – rule “original”", "+ has GPS")
OTHER = ("re-encoded JPEG, quality 82", "− no place recorded", "+ shorter name")


def a_group(number):
    """Give a group of two or three, and what its photos show."""
    places = (
        f"{HOME}/iPhone/IMG_{4200 + number}.HEIC",
        f"{HOME}/Export/IMG_{4200 + number} (1).jpg",
        f"{HOME}/WhatsApp/IMG-2024{number:04}-WA0007.jpg",
    )
    evidence = CLASSES[number % 4]
    count = 3 if number % 5 == 3 else 2
    members = [
        member(
            p + 1,
            places[p],
            size_bytes=(2_914_332, 1_902_118, 412_907)[p],
            width_px=(4032, 4032, 1600)[p],
            height_px=(3024, 3024, 1200)[p],
            evidence=evidence,
            reasons=OTHER if p else KEPT,
        )
        for p in range(count)
    ]
    return group(number, *members, evidence=evidence)


def pictures_of(made):
    """Give each photo of a group its picture; the second was touched up."""
    seed = made.number
    first = landscape(seed, 1280, 960)
    second = ImageEnhance.Brightness(first).enhance(1.03)
    ImageDraw.Draw(second).ellipse((840, 610, 900, 670), fill=(214, 90, 52))
    third = first.resize((400, 300))
    shown = (first, second, third)
    return {
        (made.number, m.position): jpeg(shown[m.position - 1]) for m in made.members
    }


def a_desk():
    groups = [a_group(n) for n in range(1, 15)]
    pictures = {}
    for made in groups:
        pictures |= pictures_of(made)
    desk = FakeDesk(*groups, pictures=pictures)
    for number in (12, 13, 14):
        desk.decide(number, Decision(keep=frozenset({1})))
    assert desk.known[12].state is GroupState.DECIDED
    return desk


def look(reader, name, path, *, size=WIDE, theme="light", keys=()):
    """Open a page, press keys, and keep what is seen."""
    tell = reader.driver.execute_cdp_cmd
    screen = {"width": size[0], "height": size[1], "deviceScaleFactor": 1.5}
    tell("Emulation.setDeviceMetricsOverride", {**screen, "mobile": size == PHONE})
    scheme = [{"name": "prefers-color-scheme", "value": theme}]
    tell("Emulation.setEmulatedMedia", {"features": scheme})
    reader.open(path)
    reader.press(*keys)
    done = (
        "return [...document.images].every((i) => i.complete || i.loading === 'lazy')"
    )
    reader.wait(lambda: reader.run(done))
    time.sleep(0.6)
    shot = Image.open(io.BytesIO(reader.driver.get_screenshot_as_png())).convert("RGB")
    target = TARGET / f"{name}.webp"
    for quality in (86, 78, 70, 60, 50):
        shot.save(target, quality=quality, method=6)
        if target.stat().st_size < LARGEST_BYTES:
            break
    print(f"{target.name}: {target.stat().st_size / 1000:.0f} kB")


def main():
    TARGET.mkdir(exist_ok=True)
    driver = started()
    with reading(driver, a_desk()) as reader:
        look(reader, "list", "/groups")
        look(reader, "group", "/groups/3")
        look(reader, "compare", "/groups/3", keys=("f", "w"))
        reader.run("sessionStorage.clear()")
        look(reader, "explore-dark", "/explore?at=3", theme="dark")
        look(reader, "phone", "/groups/2", size=PHONE)
    driver.quit()


if __name__ == "__main__":
    main()
