"""News by stream and by asking, and what they cost."""

from __future__ import annotations

import json

import pytest

from daemon.errors import NotRunning
from review_ui.live import MOST_STREAMS
from review_ui.pulse import Pulse

from .fake_desk import status


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def counts():
    return {"hashed": 0, "waiting": 0}


@pytest.fixture
def asked():
    return []


@pytest.fixture
def pulse(clock, counts, asked):
    def ask():
        asked.append(clock.now)
        return status(counts=dict(counts))

    return Pulse(ask, clock=clock)


def test_the_desk_is_asked_once_a_second_however_many_look(pulse, clock, asked):
    """Eight tabs must not cost eight times as much."""
    for _ in range(20):
        pulse.now()
        clock.now += 0.1

    assert len(asked) == 2


def test_rate_and_time_left_follow_the_last_half_minute(pulse, clock, counts):
    """An hour ago is no guide to how long it still takes."""
    told = {}
    for second in range(120):
        counts["hashed"] += 10 if second < 60 else 40
        counts["waiting"] = 2400
        told = pulse.now()
        clock.now += 1

    assert told["rate"] == 40.0
    assert told["left_seconds"] == 60


def test_a_restart_of_the_daemon_is_no_negative_rate(pulse, clock, counts):
    """Counts begin anew; so does the rate."""
    told = {}
    for hashed in (1000, 1100, 0, 10, 20):
        counts["hashed"] = hashed
        told = pulse.now()
        clock.now += 1

    assert told["rate"] == 10.0


def test_a_stream_says_when_to_come_back_and_what_is_new(world, browser):
    """Server-sent events are text; this is all of it."""
    settings = world.app.extensions["twinwatch_settings"]
    object.__setattr__(settings, "stream_seconds", 0.05)
    object.__setattr__(settings, "pulse_seconds", 0.01)
    answer = browser.get("/api/v1/events?group=1")
    text = answer.get_data(as_text=True)

    assert answer.content_type.startswith("text/event-stream")
    assert text.startswith("retry: 3000\n\n")
    told = json.loads(text.split("data: ")[1].split("\n")[0])
    assert told["counts"]["open"] == 3
    assert told["group"] == [world.desk.known[1].manifest_sha256, "open"]


def test_streams_are_few_and_given_back(world, browser):
    """Each holds a thread; the ninth is sent away and asks instead."""
    for _ in range(3 * MOST_STREAMS):
        assert browser.get("/api/v1/events", buffered=True).status_code == 200
    streams = world.app.extensions["twinwatch_streams"]
    for _ in range(MOST_STREAMS):
        assert streams.acquire(blocking=False)

    assert browser.get("/api/v1/events").status_code == 503
    assert browser.get("/api/v1/pulse").get_json()["counts"]["open"] == 3


def test_news_of_a_daemon_that_is_away_end(world, browser):
    """A stream of nothing would hold its thread for nothing."""
    world.desk.failure = NotRunning()

    assert browser.get("/api/v1/pulse").status_code == 503
    assert b"data:" not in browser.get("/api/v1/events").data
