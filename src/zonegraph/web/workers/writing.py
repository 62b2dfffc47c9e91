"""The writer process: a copy of the current version, one change, counts. It publishes nothing.

The index of names is made anew where the version has one. The process may be killed at any moment: what it leaves lies
in the staging directory and is swept away.
"""

from __future__ import annotations

import os
import socket
from collections import Counter
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from zonegraph.errors import ZonegraphError
from zonegraph.search import build_index
from zonegraph.store import RDF_FORMATS, ChangedCopy
from zonegraph.web.workers import isolation
from zonegraph.web.workers.messages import receive, send

Head = dict[str, Any]


class ChangeRefusedError(Exception):
    """The change cannot be made; ``code`` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def run(sock: socket.socket, memory: int) -> None:
    """Make one change and end."""
    isolation.die_with_parent()
    isolation.reset_signals()
    isolation.no_core_dumps()
    isolation.limit_memory(2 * memory)
    try:
        task, payload, _ = receive(sock)
        isolation.alarm(float(task["seconds"]))
        send(sock, _answer(task, payload))
    finally:
        os._exit(0)


def _answer(task: Head, payload: bytes) -> Head:
    try:
        return _change(task, payload)
    except ChangeRefusedError as error:
        return {"error": error.code, "message": str(error)}
    except SyntaxError as error:
        return {"error": "syntax", "message": error.msg}
    except (ValueError, RuntimeError, TypeError, MemoryError) as error:
        return {"error": "change", "message": str(error)}
    except (OSError, ZonegraphError) as error:
        return {"error": "storage", "message": str(error)}


def _change(task: Head, payload: bytes) -> Head:
    copy = ChangedCopy(Path(task["source"]), Path(task["target"]))
    existed = True
    if task["op"] == "update":
        copy.store.update(task["text"], base_iri=task["base"])
    else:
        existed = _graph_store(copy.store, task, payload)
    changed = copy.finish()
    if task["index"]:
        build_index(changed, Path(task["index"]))
    graphs = count_graphs(copy.store)
    return {"graphs": graphs, "quads": sum(graphs.values()) if copy.merged else len(copy.store), "existed": existed}


def _graph_store(store: ox.Store, task: Head, payload: bytes) -> bool:
    graph = ox.NamedNode(task["graph"]) if task["graph"] else ox.DefaultGraph()
    existed = not isinstance(graph, ox.NamedNode) or store.contains_named_graph(graph)
    if task["action"] == "delete":
        if not existed:
            raise ChangeRefusedError("no-graph", f"there is no graph {task['graph']}")
        store.remove_graph(graph)
        return True
    quads = [quad for part in _parts(task, payload) for quad in _read(part, task["base"], graph)]
    if task["action"] == "put":
        store.clear_graph(graph) if existed else None
    if isinstance(graph, ox.NamedNode):
        store.add_graph(graph)
    store.extend(quads)
    return existed


def _parts(task: Head, payload: bytes) -> list[tuple[str, bytes]]:
    parts, start = [], 0
    for form, size in task["parts"]:
        parts.append((form, payload[start : start + size]))
        start += size
    return parts


def _read(part: tuple[str, bytes], base: str, graph: ox.NamedNode | ox.DefaultGraph) -> list[ox.Quad]:
    """The triples of one document, in the graph; blank nodes get names of their own."""
    name, data = part
    form = RDF_FORMATS[name].engine if name in RDF_FORMATS else ox.RdfFormat.N3
    parsed = list(ox.parse(data, format=form, base_iri=base, rename_blank_nodes=True))
    if any(isinstance(quad.graph_name, ox.NamedNode) for quad in parsed):
        raise ChangeRefusedError("named-graphs", "the document names graphs of its own")
    return [ox.Quad(quad.subject, quad.predicate, quad.object, graph) for quad in parsed]


def count_graphs(store: ox.Store) -> dict[str, int]:
    """Quads in each named graph, empty ones too."""
    counts: Counter[str] = Counter()
    for graph in store.named_graphs():
        counts[graph.value] = 0
    for row in store.query("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"):  # type: ignore[union-attr]
        counts[row["g"].value] = int(row["n"].value)
    return dict(sorted(counts.items()))
