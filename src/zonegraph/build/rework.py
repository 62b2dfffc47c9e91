"""Single stages on what is published already: infer anew, validate."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from zonegraph.build.stages import Describe, Draw, Index, closure_cache
from zonegraph.errors import UsageError
from zonegraph.names import GRAPH_INFERRED
from zonegraph.reason import Triple, infer_store
from zonegraph.reason.reference import owlrl_closure
from zonegraph.resources import data_dir
from zonegraph.store import StoreDir, Version, VersionWriter, named_quads
from zonegraph.validate import Report, clash_finding, read_exceptions
from zonegraph.validate import validate as run_validation


def copy_version(store: StoreDir) -> tuple[Version, VersionWriter]:
    """A version in the making that starts as the current one; call with the lock held."""
    current = store.current()
    writer = VersionWriter(store)
    writer.store.bulk_extend(current.open().quads())
    return current, writer


def finish(store: StoreDir, writer: VersionWriter, current: Version, **extra: Any) -> Version:
    """Index, describe, draw, adopt and publish a reworked copy."""
    again: dict[str, Any] = {**Index()(writer), **Describe()(writer), **Draw(data_dir("queries"))(writer)}
    kept = {k: v for k, v in current.extra.items() if k != "inputs"}
    version = writer.finish({**kept, **again, **extra})
    store.publish(version)
    return version


def infer_again(store: StoreDir, reasoner: str) -> tuple[Version, int, float]:
    """Replace the inferred graph of the current version; says how many triples and how many seconds."""
    with store.lock():
        current, writer = copy_version(store)
        with writer:
            started = time.perf_counter()
            count = _infer(store, writer.store, reasoner)
            seconds = time.perf_counter() - started
            return finish(store, writer, current, inferred=count), count, seconds


def _infer(store: StoreDir, raw: ox.Store, reasoner: str) -> int:
    if reasoner == "rules":
        return len(infer_store(raw, cache_dir=closure_cache(store.path)).triples)
    if reasoner != "owlrl":
        raise UsageError(f"no reasoner is called {reasoner!r}", hint="use rules or owlrl")
    graph = ox.NamedNode(GRAPH_INFERRED)
    raw.remove_graph(graph)
    triples: list[Triple] = owlrl_closure(raw)
    text = "".join(f"{s} {p} {o} .\n" for s, p, o in triples)
    raw.load(text.encode("utf-8"), format=ox.RdfFormat.N_TRIPLES, to_graph=graph)
    return len(triples)


def validate_store(store: StoreDir, ontology: Path, queries: Path) -> Report:
    """Shapes, checks and contradictions on the current version, less what the exceptions explain."""
    # a copy without the merged default graph: checks ask for named graphs and for their union
    raw = ox.Store()
    raw.bulk_extend(store.current().open().quads())
    result = infer_store(raw, cache_dir=closure_cache(store.path))
    clashes = [clash_finding(clash.rule, clash.focus, clash.axiom, clash.triples) for clash in result.findings]
    exceptions = read_exceptions(queries / "checks" / "exceptions.toml")
    return run_validation(raw, ontology, queries, exceptions, clashes=clashes)


def graph_size(raw: ox.Store) -> int:
    """Quads in named graphs."""
    return sum(1 for _ in named_quads(raw))
