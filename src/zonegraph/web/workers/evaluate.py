"""Evaluating one task on a read-only handle and serialising its answer under caps."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from zonegraph.names import PREFIXES
from zonegraph.store import RDF_FORMATS, dump_quads, dump_triples, named_quads
from zonegraph.web.workers.counting import CapReachedError, Few, RowCounter, Spool

#: Graphs up to this size come sorted, grouped and with only the prefixes they use.
PRETTY: Final = 20_000
if TYPE_CHECKING:
    from zonegraph.web.backend import Task

_TABLES: Final = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
_GRAPHS: Final = {name: form.engine for name, form in RDF_FORMATS.items()} | {"n3": ox.RdfFormat.N3}
_DUMPS: Final = {name: next((d for d in RDF_FORMATS.values() if d.engine == e), None) for name, e in _GRAPHS.items()}
Head = dict[str, Any]


class NotFoundError(Exception):
    """No such graph."""


def evaluate(store: ox.Store, task: Head, folder: Path) -> tuple[Head, Spool]:
    """Run a task; raises what the engine raises, `CapReachedError` or `NotFoundError`."""
    op = task["op"]
    if op == "check":
        return _check(task, folder)
    if op == "query":
        return _query(store, task, folder)
    if op == "graph":
        return _read_graph(store, task, folder)
    return _read_dataset(store, task, folder)


def small_answer(store: ox.Store, task: Task, max_rows: int, max_bytes: int) -> tuple[str, bytes, int]:
    """Kind, bytes and rows, the same bytes that `evaluate` gives; raises `CapReachedError` where they are not few.

    For queries that stream or are known to be small, on the default graph: nothing here can be stopped from outside.
    """
    results = store.query(task.text, base_iri=task.base)
    if isinstance(results, ox.QueryTriples):
        distinct = set(few_triples(results, max_rows, max_bytes))
        return "graph", pretty(distinct, task.format), len(distinct)
    if isinstance(results, ox.QueryBoolean):
        return "boolean", results.serialize(format=_TABLES[task.format]) or b"", 1
    few = Few(max_bytes)
    results.serialize(few, format=_TABLES[task.format])  # type: ignore[arg-type]
    data, counter = few.data(), RowCounter(task.format)
    counter.feed(data)
    return "bindings", data, counter.rows(data[-32:])


def few_triples(triples: Iterable[ox.Triple], max_rows: int, max_bytes: int) -> Iterator[ox.Triple]:
    """The triples; raises `CapReachedError` where they are more, or their objects longer."""
    size = 0
    for number, triple in enumerate(triples, 1):
        size += len(str(triple.object))
        if number > max_rows or size > max_bytes:
            raise CapReachedError("rows")
        yield triple


def _spool(task: Head, folder: Path, counter: RowCounter | None = None) -> Spool:
    return Spool(folder, task["bytes"], task["rows"], counter)


def _ask_engine(store: ox.Store, task: Head) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    default, named = task.get("default_graphs"), task.get("named_graphs")
    return store.query(
        task["text"],
        base_iri=task.get("base"),
        prefixes=PREFIXES if task.get("prefixes") else None,
        use_default_graph_as_union=bool(task.get("union")),
        default_graph=None if default is None else [ox.NamedNode(iri) for iri in default],
        named_graphs=None if named is None else [ox.NamedNode(iri) for iri in named],
    )


def _check(task: Head, folder: Path) -> tuple[Head, Spool]:
    """Syntax only: the engine reads the text over an empty store."""
    _ask_engine(ox.Store(), task)
    return {"kind": "boolean", "rows": 0}, _spool(task, folder)


def _query(store: ox.Store, task: Head, folder: Path) -> tuple[Head, Spool]:
    results = _ask_engine(store, task)
    name = task["format"]
    if isinstance(results, ox.QueryTriples):
        spool = _spool(task, folder)
        rows = _write_triples(results, name, spool, task["rows"])
        return {"kind": "graph", "rows": rows}, spool
    form = _TABLES.get(name)
    if form is None:
        raise ValueError(f"a table cannot be written as {name}")
    if isinstance(results, ox.QueryBoolean):
        spool = _spool(task, folder)
        spool.write(results.serialize(format=form) or b"")
        return {"kind": "boolean", "rows": 1}, spool
    spool = _spool(task, folder, RowCounter(name))
    results.serialize(spool, format=form)  # type: ignore[arg-type]
    return {"kind": "bindings", "rows": spool.rows}, spool


def _write_triples(triples: Iterator[ox.Triple], name: str, spool: Spool, max_rows: int) -> int:
    form = _GRAPHS.get(name)
    if form is None:
        raise ValueError(f"a graph cannot be written as {name}")
    first = list(itertools.islice(triples, min(PRETTY, max_rows) + 1))
    if len(first) > max_rows:
        raise CapReachedError("rows")
    if len(first) <= PRETTY:
        distinct = set(first)
        spool.write(pretty(distinct, name))
        return len(distinct)
    counter = itertools.count(1)
    ox.serialize(_counted(itertools.chain(first, triples), counter, max_rows), spool, form, prefixes=PREFIXES)  # type: ignore[arg-type]
    return next(counter) - 1


def _counted(triples: Iterator[ox.Triple], counter: Iterator[int], max_rows: int) -> Iterator[ox.Triple]:
    for triple in triples:
        if next(counter) > max_rows:
            raise CapReachedError("rows")
        yield triple


def pretty(triples: Collection[ox.Triple], name: str) -> bytes:
    """A small graph in a format by name: sorted, grouped, with the prefixes it uses, where the format has them."""
    dump = _DUMPS.get(name)
    if dump is None:
        return ox.serialize(triples, format=_GRAPHS[name], prefixes=PREFIXES) or b""
    if dump.has_graphs:
        return dump_quads((ox.Quad(t.subject, t.predicate, t.object) for t in triples), dump)
    return dump_triples(triples, dump)


def _read_graph(store: ox.Store, task: Head, folder: Path) -> tuple[Head, Spool]:
    iri = task["graph"]
    graph = ox.NamedNode(iri) if iri else ox.DefaultGraph()
    if isinstance(graph, ox.NamedNode) and not store.contains_named_graph(graph):
        raise NotFoundError(iri)
    spool = _spool(task, folder)
    quads = list(itertools.islice(store.quads_for_pattern(None, None, None, graph), PRETTY + 1))
    if len(quads) <= PRETTY:
        spool.write(pretty([quad.triple for quad in quads], task["format"]))
        return {"kind": "graph", "rows": len(quads)}, spool
    del quads
    store.dump(spool, _GRAPHS[task["format"]], from_graph=graph, prefixes=PREFIXES)  # type: ignore[arg-type]
    return {"kind": "graph", "rows": 0}, spool


def _read_dataset(store: ox.Store, task: Head, folder: Path) -> tuple[Head, Spool]:
    spool = _spool(task, folder)
    if task.get("merged"):
        ox.serialize(named_quads(store), spool, _GRAPHS[task["format"]], prefixes=PREFIXES)  # type: ignore[arg-type]
    else:
        store.dump(spool, _GRAPHS[task["format"]], prefixes=PREFIXES)  # type: ignore[arg-type]
    return {"kind": "dataset", "rows": len(store)}, spool
