"""Queries that the index itself shows to be small, answered in the server process.

A query of nothing but triple patterns can give, and cost, no more than the product of what each pattern matches.
That is counted first, on the index, and only while it stays small. A single look-up is not even counted: its answer
comes as the index is read, and reading stops where the answer is no longer small; where only its values are asked,
the engine is not needed at all. So no query can hold the event loop
up here, and everything else goes to a worker that can be killed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import orjson
import pyoxigraph as ox

from zonegraph.errors import ZonegraphError
from zonegraph.sparql.patterns import LookUp, Pattern, Reading
from zonegraph.store import ReadStore
from zonegraph.web.backend import Answer, Body, Task, VersionInfo
from zonegraph.web.negotiate import Kind
from zonegraph.web.workers.counting import CapReachedError
from zonegraph.web.workers.evaluate import few_triples, pretty, small_answer

#: Matches of one pattern, of all together, and bytes of the terms in the answer.
MAX_MATCHES: Final = 200
MAX_ROWS: Final = 1000
MAX_SIZE: Final = 64 * 1024
_DEFAULT: Final = ox.DefaultGraph()
_STRING: Final = ox.NamedNode("http://www.w3.org/2001/XMLSchema#string")


class PointReads:
    """A read-only handle on the current version. Opened in a thread; used by one thread."""

    def __init__(self) -> None:
        self._path = ""
        self._store: ox.Store | None = None
        self._opener: threading.Thread | None = None

    def open(self, path: str) -> None:
        """Open a version in the background, one at a time; until it is there, nothing is answered."""
        if self._opener is not None and self._opener.is_alive():
            return
        self._path, self._store = path, None
        self._opener = threading.Thread(target=self._open, args=(path,), daemon=True)
        self._opener.start()

    def _open(self, path: str) -> None:
        try:
            opened = ReadStore.open(Path(path))
        except (ZonegraphError, OSError):
            return  # pruned meanwhile; a worker will say so
        if opened.merged and path == self._path:
            self._store = opened.raw

    def answer(self, task: Task, reading: Reading, version: VersionInfo) -> Answer | None:
        """The answer to a small query on the default graph; None for everything else, errors included."""
        if not reading.patterns or not task.union or task.op != "query":
            return None
        if version.path != self._path:
            self.open(version.path)
        store = self._store
        if store is None or version.path != self._path:
            return None
        try:
            if not reading.streams and not _is_small(store, reading.patterns):
                return None
            kind, data, rows = _looked_up(store, task, reading) or small_answer(store, task, MAX_ROWS, MAX_SIZE)
        except (CapReachedError, SyntaxError, ValueError, OSError, RuntimeError):
            return None  # a worker meets the same error, and reports it
        return Answer(Kind(kind), Body(data), rows) if rows <= task.limits.rows else None


def _looked_up(store: ox.Store, task: Task, reading: Reading) -> tuple[str, bytes, int] | None:
    """The answer from the index alone, the same bytes as the engine's; None where the engine must be asked."""
    look_up = reading.look_up
    if look_up is None or (look_up.wanted is not None and task.format != "json"):
        return None
    subject, predicate, value = _as_terms(reading.patterns[0])
    found: Iterator[ox.Quad] = store.quads_for_pattern(subject, predicate, value, _DEFAULT)
    few = few_triples((quad.triple for quad in islice(found, look_up.limit)), MAX_ROWS, MAX_SIZE)
    if look_up.wanted is None:
        triples = set(few)
        return "graph", pretty(triples, task.format), len(triples)
    rows = [_row(look_up, triple) for triple in few]
    data = orjson.dumps({"head": {"vars": look_up.wanted}, "results": {"bindings": rows}})
    return "bindings", data, len(rows)


def _row(look_up: LookUp, triple: ox.Triple) -> dict[str, dict[str, str]]:
    """One row of SPARQL 1.1 Query Results JSON."""
    terms = {look_up.predicate: triple.predicate, look_up.object: triple.object}
    return {name: _as_json(terms[name]) for name in look_up.wanted or () if name in terms}


def _as_json(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> dict[str, str]:
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.Literal):
        form = {"type": "literal", "value": term.value}
        if term.language:
            return form | {"xml:lang": term.language} | ({"its:dir": term.direction.value} if term.direction else {})
        return form if term.datatype == _STRING else form | {"datatype": term.datatype.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    raise ValueError(term)


def _as_terms(pattern: Pattern) -> tuple[ox.NamedNode | None, ...]:
    return tuple([ox.NamedNode(iri) if iri is not None else None for iri in pattern])


def _is_small(store: ox.Store, patterns: Sequence[Pattern]) -> bool:
    rows, width = 1, 0
    for pattern in patterns:
        matches, size = _extent(store, pattern)
        # a pattern without matches makes the answer empty, not the work small: the engine may come to it last
        rows, width = rows * max(matches, 1), width + size
        if matches > MAX_MATCHES or rows > MAX_ROWS:
            return False
    return rows * width <= MAX_SIZE


def _extent(store: ox.Store, pattern: Pattern) -> tuple[int, int]:
    """How many triples match, one more than allowed at most, and the length of the longest object."""
    if pattern.subject is None and pattern.object is None:
        return MAX_MATCHES + 1, 0  # never a look-up, and not worth the walk
    subject, predicate, value = _as_terms(pattern)
    found = list(islice(store.quads_for_pattern(subject, predicate, value, _DEFAULT), MAX_MATCHES + 1))
    return len(found), max((len(str(quad.object)) + len(str(quad.subject)) for quad in found), default=0)
