"""What the web needs of the graph: a version to name answers by, and tasks run elsewhere under caps.

`LocalBackend` runs them in worker processes on the embedded store, `RemoteBackend` at a SPARQL service.
"""

from __future__ import annotations

import io
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Final, Protocol

import pyoxigraph as ox

from zonegraph.errors import QueryLimitError
from zonegraph.web.negotiate import Kind

CHUNK: Final = 64 * 1024
#: How deep triple terms may stand in each other in a table that the server itself reads.
MAX_DEPTH: Final = 100
#: How a term of such depth ends in JSON, where the object comes last.
_TOO_DEEP: Final = b"}" * (2 * MAX_DEPTH)
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Row = dict[str, Term]


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """The state of the graph that a request is answered from. ``stable`` is false where it may change unseen."""

    id: str
    digest: str
    created: str
    quads: int = 0
    graphs: Mapping[str, int] = field(default_factory=dict)
    path: str = ""
    stable: bool = True


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on one evaluation: seconds, rows (or triples), bytes of answer."""

    seconds: float
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to evaluate. ``op``: query, check (syntax only), graph (read one graph) or dataset (all graphs).

    ``default_graphs``/``named_graphs`` None: not given. ``graph`` empty: the default graph. ``key`` recognises a
    task that was slow before.
    """

    op: str
    limits: Limits
    text: str = ""
    format: str = "json"
    base: str | None = None
    union: bool = True
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    graph: str = ""
    prefixes: bool = False
    key: str = ""


class Body:
    """The bytes of an answer, complete: in memory, or in an unlinked ``file``. Close it when done."""

    def __init__(self, data: bytes = b"", file: BinaryIO | None = None, on_close: Callable[[], None] | None = None):
        self._data = data
        self.file = file
        self._on_close = on_close
        self.length = os.fstat(file.fileno()).st_size if file else len(data)

    @property
    def in_memory(self) -> bool:
        """Whether `data` holds everything."""
        return self.file is None

    def data(self) -> bytes:
        """All bytes."""
        return self._data if self.file is None else b"".join(self.chunks())

    def chunks(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from ``start`` to before ``end``, piece by piece."""
        stop = self.length if end is None else min(end, self.length)
        source = self.file or io.BytesIO(self._data)
        while start < stop:
            chunk = _read_at(source, min(CHUNK, stop - start), start)
            if not chunk:
                raise OSError("the spooled answer ended early")
            start += len(chunk)
            yield chunk

    def close(self) -> None:
        """Give the disk space back."""
        if self.file is not None:
            self.file.close()
        if self._on_close is not None:
            self._on_close()
            self._on_close = None


def _read_at(source: BinaryIO, size: int, offset: int) -> bytes:
    if isinstance(source, io.BytesIO):
        return source.getvalue()[offset : offset + size]
    return os.pread(source.fileno(), size, offset)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a task gave: its kind, the serialised body, how many rows (or triples)."""

    kind: Kind
    body: Body
    rows: int
    seconds: float = 0.0


class Cancel:
    """Tells a running task that nobody waits any more; may fire before, during or after."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callback: Callable[[], None] | None = None
        self.fired = False

    def bind(self, callback: Callable[[], None] | None) -> None:
        """Call this on `fire`, at once when it fired already; after ``bind(None)`` nothing is called any more."""
        with self._lock:
            self._callback = callback
            if self.fired and callback is not None:
                callback()

    def fire(self) -> None:
        """The client has gone."""
        with self._lock:
            self.fired = True
            if self._callback is not None:
                self._callback()


class Writer(Protocol):
    """The one way to change the graph; only there with ``--writable``."""

    def update(self, text: str, base: str, expected: str | None = None) -> VersionInfo:
        """Apply a SPARQL update to the ``expected`` version; returns the version that holds it, durably."""
        ...

    def graph_store(self, change: GraphChange) -> tuple[VersionInfo, bool]:
        """Apply a Graph Store operation; returns the version and whether the graph was there before."""
        ...


@dataclass(frozen=True, slots=True)
class Payload:
    """One RDF document of a Graph Store request."""

    data: bytes
    format: str


@dataclass(frozen=True, slots=True)
class GraphChange:
    """``put``, ``post`` or ``delete`` on one graph; ``graph`` empty means the default graph.

    ``expected`` is the version a condition was checked against: another one by now means 412.
    """

    action: str
    graph: str
    base: str
    payloads: tuple[Payload, ...] = ()
    expected: str | None = None


class Backend(Protocol):
    """A graph that can be asked."""

    @property
    def writer(self) -> Writer | None:
        """How to change it, if at all."""
        ...

    def version(self) -> VersionInfo:
        """The version that is served now; raises `StoreMissingError` before the first build."""
        ...

    def run(self, task: Task, version: VersionInfo, cancel: Cancel | None = None) -> Answer:
        """Evaluate under the task's limits; raises the errors of `zonegraph.errors`."""
        ...

    def knew(self, version: VersionInfo, iris: Iterable[str]) -> bool:
        """Whether the graph described one of these before this version, as far as is known."""
        ...

    def healthy(self) -> bool:
        """Whether a task would find a worker or a service."""
        ...

    def gauges(self) -> Mapping[str, float]:
        """Figures for the metrics: workers, busy, waiting."""
        ...

    def close(self) -> None:
        """Stop everything that runs."""
        ...


def read_table(data: bytes) -> ox.QuerySolutions | ox.QueryBoolean:
    """Read a table or truth value in JSON into this process.

    Raises `QueryLimitError` where triple terms stand in each other so deep that reading them could end the process.
    """
    if _TOO_DEEP in data:
        raise QueryLimitError(
            f"triple terms nest deeper than {MAX_DEPTH}",
            hint="flatten them, or ask for a plain format",
            code="limit-depth",
        )
    return ox.parse_query_results(data, format=ox.QueryResultsFormat.JSON)


def select(
    backend: Backend,
    text: str,
    limits: Limits,
    bindings: Mapping[str, Term] | None = None,
    *,
    version: VersionInfo | None = None,
) -> list[Row]:
    """The rows of a fixed SELECT of the product; ``$name`` in the text is replaced by a term."""
    task = Task("query", limits, text=bound(text, bindings or {}), prefixes=True)
    answer = backend.run(task, version or backend.version())
    try:
        solutions = read_table(answer.body.data())
    finally:
        answer.body.close()
    if not isinstance(solutions, ox.QuerySolutions):
        return []
    names = [variable.value for variable in solutions.variables]
    return [{name: term for name in names if (term := row[name]) is not None} for row in solutions]


def bound(text: str, bindings: Mapping[str, Term]) -> str:
    """A query with each ``$name`` replaced by its term in N-Triples form, in one pass, so no term is read again."""
    return re.sub(r"\$(\w+)", lambda m: str(bindings[m[1]]) if m[1] in bindings else m[0], text)
