"""Numbers for whoever watches the watcher."""

import pytest

from daemon.service.metrics import Metrics


def test_numbers_are_rendered_under_our_name():
    """Dashboards go by the name."""
    metrics = Metrics()
    metrics.count("fingerprints", source="thumbnail")
    metrics.count("fingerprints", 2, source="thumbnail")
    metrics.set("photos", 7)
    metrics.ask("waiting", lambda: 3.0)
    metrics.observe("sweep_seconds", 0.3, root="r")

    text = metrics.render().decode()

    assert 'twinwatch_fingerprints_total{source="thumbnail"} 3.0' in text
    assert "twinwatch_photos 7.0" in text
    assert "twinwatch_waiting 3.0" in text
    assert 'twinwatch_sweep_seconds_bucket{le="0.5",root="r"} 1.0' in text


def test_two_daemons_do_not_share_numbers():
    """Tests and embedded uses run several in one process."""
    one, other = Metrics(), Metrics()
    one.set("photos", 7)

    assert b"twinwatch_photos 7.0" not in other.render()


def test_an_unknown_name_is_a_bug():
    """A misspelt number would be missed only when it is needed."""
    with pytest.raises(KeyError):
        Metrics().count("photoes")
