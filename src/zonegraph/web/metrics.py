"""Prometheus metrics over all server processes.

With ``PROMETHEUS_MULTIPROC_DIR`` set (`serve` does so) the client library keeps figures in shared files, and any
process can answer for all.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections import Counter as TallyCounter
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"
_MAX_NOTED: Final = 10_000
_SECONDS: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)


class Outcome(NamedTuple):
    """What one query came to."""

    outcome: str
    seconds: float
    rows: int
    size: int


class Metrics:
    """Counters and histograms of one process; `expose` speaks for all of them."""

    def __init__(self) -> None:
        if os.environ.get(SHARED):
            # the library decides this at import, which happened before `serve` named the folder
            values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
            forget_dead(Path(os.environ[SHARED]))
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "zonegraph_requests", "HTTP requests by route, method and status", ["route", "method", "status"],
            registry=self._registry,
        )  # fmt: skip
        self._queries = Counter(
            "zonegraph_queries", "Queries and updates by outcome", ["outcome"], registry=self._registry
        )
        self._seconds = Histogram(
            "zonegraph_query_seconds", "Time to answer a query", buckets=_SECONDS, registry=self._registry
        )
        self._rows = Counter("zonegraph_rows", "Rows and triples sent", registry=self._registry)
        self._bytes = Counter("zonegraph_bytes", "Bytes of answers", registry=self._registry)
        self._gauges: dict[str, Gauge] = {}
        self._noted: deque[tuple[str, str, int, Outcome | None]] = deque()
        # looking up a child by its labels costs more than counting
        self._by_labels: dict[tuple[str, ...], Counter] = {}

    def note(self, route: str, method: str, status: int, query: Outcome | None) -> None:
        """Remember a request, and the query that it was, for `settle`: to count at once costs too much."""
        self._noted.append((route, method, status, query))
        if len(self._noted) >= _MAX_NOTED:
            self.settle()

    def settle(self) -> None:
        """Count what was noted; `expose` does so, and the server once a second."""
        requests: TallyCounter[tuple[str, str, int]] = TallyCounter()
        outcomes: TallyCounter[str] = TallyCounter()
        rows = size = 0
        with contextlib.suppress(IndexError):
            while True:
                route, method, status, query = self._noted.popleft()
                requests[route, method, status] += 1
                if query is not None:
                    outcomes[query.outcome] += 1
                    self._seconds.observe(query.seconds)
                    rows, size = rows + query.rows, size + query.size
        for (route, method, status), number in requests.items():
            self._child(self._requests, route, method, str(status)).inc(number)
        for outcome, number in outcomes.items():
            self._child(self._queries, outcome).inc(number)
        self._rows.inc(rows)
        self._bytes.inc(size)

    def request(self, route: str, method: str, status: int) -> None:
        """Count one request."""
        self._child(self._requests, route, method, str(status)).inc()

    def _child(self, counter: Counter, *labels: str) -> Counter:
        child = self._by_labels.get(labels)
        if child is None:
            child = self._by_labels[labels] = counter.labels(*labels)
        return child

    def query(self, outcome: str, seconds: float, rows: int, size: int) -> None:
        """Count one query."""
        self._child(self._queries, outcome).inc()
        self._seconds.observe(seconds)
        self._rows.inc(rows)
        self._bytes.inc(size)

    def set_gauges(self, values: Mapping[str, float]) -> None:
        """Figures of this moment."""
        for name, value in values.items():
            gauge = self._gauges.get(name)
            if gauge is None:
                gauge = self._gauges[name] = Gauge(
                    f"zonegraph_workers_{name}", f"Query workers: {name}", registry=self._registry,
                    multiprocess_mode="livesum",
                )  # fmt: skip
            gauge.set(value)

    def expose(self) -> bytes:
        """The text format."""
        self.settle()
        if not os.environ.get(SHARED):
            return generate_latest(self._registry)
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]
        return generate_latest(everyone)


def forget_dead(folder: Path) -> None:
    """Drop the momentary figures of processes that have ended."""
    for path in folder.glob("gauge_live*.db"):
        found = re.search(r"_(\d+)\.db$", path.name)
        if found and not Path("/proc", found[1]).exists():
            path.unlink(missing_ok=True)
