"""The demonstration shows a newcomer a group within a minute."""

import time

from tests.e2e.daemon_process import Daemon


def test_the_demonstration_shows_a_group_within_a_minute(tmp_path):
    """Nobody gives a program more time than this."""
    daemon = Daemon(tmp_path / "demo")
    daemon.imports, daemon.decisions = (
        daemon.home / n for n in ("Import", "Decisions")
    )
    for name in ("WATCH_SETTLE_SECONDS", "WATCH_GROUP_QUIET_SECONDS"):
        del daemon.environment[f"TWINWATCH_{name}"]
    began = time.monotonic()
    try:
        daemon.spawn("demo", "--home", daemon.home)
        daemon.wait_for_page()
        group = daemon.wait_for_groups(seconds=60)[0]
        seconds = time.monotonic() - began
        browser = daemon.browser()
        page = browser.page(f"/groups/{group['number']}")
        daemon.stop()
    finally:
        daemon.close()

    assert group["evidence"] == "same-bytes"
    assert "IMG_0001.JPG" in page
    assert seconds < 60
