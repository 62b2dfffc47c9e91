"""owlrl as the reference: the same data-level closure, by the reasoner that the rules are measured against."""

from __future__ import annotations

import pyoxigraph as ox

from zonegraph.reason.infer import is_data_level, read_store
from zonegraph.reason.schema import close_schema
from zonegraph.reason.vocabulary import Triple


def owlrl_closure(store: ox.Store) -> list[Triple]:
    """What owlrl infers from all graphs of a store, on the level of data, sorted; minutes where rules take moments."""
    import owlrl  # noqa: PLC0415  (heavy, and needed for comparison only)
    import rdflib  # noqa: PLC0415

    data, ontology = read_store(store)
    graph = rdflib.Graph()
    graph.parse(data="".join(f"{s} {p} {o} .\n" for s, p, o in [*data, *ontology]), format="nt")
    owlrl.OWLRL_Semantics(graph, False, False).closure()
    # owlrl writes literals as subjects, which N-Triples cannot hold
    for subject in [s for s in graph.subjects(unique=True) if isinstance(s, rdflib.Literal)]:
        graph.remove((subject, None, None))
    parsed = ox.parse(graph.serialize(format="nt"), format=ox.RdfFormat.N_TRIPLES)
    closed = {(str(q.subject), str(q.predicate), str(q.object)) for q in parsed}
    elements = close_schema(ontology).elements
    named = {t for t in closed if "_:" not in (t[0][:2], t[2][:2])}
    return sorted({t for t in named if is_data_level(t, elements)} - {*data, *ontology})
