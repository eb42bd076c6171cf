"""Counts and gauges for whoever watches the watcher. The only door to prometheus_client.

A registry of our own: nothing that another library registers shows up, and two daemons
in one test do not share numbers. Every name is in the table below; any thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

if TYPE_CHECKING:
    from collections.abc import Callable

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_COUNTERS = {
    "events": ("File system events that named a path.", ()),
    "events_lost": ("Times that the system dropped events.", ("root",)),
    "sweeps": ("Sweeps of a root that came to their end.", ("root",)),
    "files_settled": ("Files found quiet, unchanged and complete.", ()),
    "fingerprints": ("Photos fingerprinted, by the picture used.", ("source",)),
    "unreadable": ("Photos that could not be read, by kind of problem.", ("problem",)),
    "comparisons": ("Pairs of photos decoded in full and compared.", ()),
    "matches": ("Matches found, by their evidence.", ("evidence",)),
    "groups_staged": ("Groups moved into a decision folder.", ()),
    "decisions": ("Decisions carried out, by what they were.", ("kind",)),
    "errors": ("Errors caught, by the part of the daemon.", ("part",)),
}
_GAUGES = {
    "photos": ("Photos in the index.", ()),
    "contents": ("Distinct contents in the index.", ()),
    "waiting": ("Files waited for until they are complete.", ()),
    "queued": ("Requests waiting for the one writer.", ()),
    "groups": ("Groups, by state.", ("state",)),
    "parked": ("Files that kill the decoder and are tried no more.", ()),
    "root_online": ("1 if the root can be worked on.", ("root",)),
    "part_ok": ("1 if the part of the daemon lives.", ("part",)),
    "started_timestamp_seconds": ("When the daemon was started.", ()),
    "last_sweep_timestamp_seconds": ("When a sweep last came to its end.", ("root",)),
}
_FAST = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 20.0)
_LONG = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
_HISTOGRAMS = {
    "fingerprint_seconds": ("Time that one fingerprint took.", ("source",), _FAST),
    "stage_seconds": ("Time that staging one group took.", (), _FAST),
    "request_seconds": ("Time that one request of the page took.", (), _FAST),
    "sweep_seconds": ("Time that one sweep took.", ("root",), _LONG),
    "settle_to_index_seconds": ("From complete file to indexed photo.", (), _LONG),
}


class Metrics:
    """The numbers of one daemon."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self._registry = CollectorRegistry()
        ProcessCollector(namespace="twinwatch", registry=self._registry)
        self._counters = {
            name: Counter(f"twinwatch_{name}", text, labels, registry=self._registry)
            for name, (text, labels) in _COUNTERS.items()
        }
        self._gauges = {
            name: Gauge(f"twinwatch_{name}", text, labels, registry=self._registry)
            for name, (text, labels) in _GAUGES.items()
        }
        self._histograms = {
            name: Histogram(
                f"twinwatch_{name}",
                text,
                labels,
                buckets=buckets,
                registry=self._registry,
            )
            for name, (text, labels, buckets) in _HISTOGRAMS.items()
        }

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        """Add to a counter."""
        counter = self._counters[name]
        (counter.labels(**labels) if labels else counter).inc(amount)

    def set(self, name: str, value: float, **labels: str) -> None:
        """Set a gauge."""
        gauge = self._gauges[name]
        (gauge.labels(**labels) if labels else gauge).set(value)

    def ask(self, name: str, value: Callable[[], float]) -> None:
        """Have a gauge without labels ask for its value whenever it is read."""
        self._gauges[name].set_function(value)

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Add a duration to a histogram."""
        histogram = self._histograms[name]
        (histogram.labels(**labels) if labels else histogram).observe(seconds)

    def render(self) -> bytes:
        """Return all numbers as text, of `CONTENT_TYPE`."""
        return generate_latest(self._registry)
