"""From triples to their OWL 2 RL consequences.

What is returned is the *data-level* part of the closure: triples

* whose subject is an individual (not a class, property, datatype, axiom node or literal),
* whose predicate is a named property and not a word that states axioms,
* whose object is not a node of an axiom, and, after ``rdf:type``, not a class built into OWL or RDFS,
* that do not equate a term with itself or a literal with anything,
* and that were not given.

On that part the result equals owlrl's. Triples about individuals of the ontology graph (members of code lists)
belong to it. Axioms stated in the data are not used; each is a finding, for they belong in the ontology.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from zonegraph.names import GRAPH_INFERRED, GRAPH_ONTOLOGY
from zonegraph.reason.clashes import Clash, find_clashes
from zonegraph.reason.engine import saturate
from zonegraph.reason.rules import compile_rules
from zonegraph.reason.schema import Schema, close_schema
from zonegraph.reason.vocabulary import (
    AXIOM_PREDICATES,
    SAME,
    TYPE,
    Term,
    Triple,
    is_axiom,
    is_blank,
    is_builtin_class,
    is_literal,
)


@dataclass(frozen=True, slots=True)
class Inference:
    """New triples, sorted, and the contradictions found on the way."""

    triples: tuple[Triple, ...]
    findings: tuple[Clash, ...]

    def as_ntriples(self) -> str:
        """The new triples as N-Triples, one a line, sorted."""
        return "".join(f"{s} {p} {o} .\n" for s, p, o in self.triples)


def infer(data: Iterable[Triple], ontology: Iterable[Triple], *, cache_dir: Path | None = None) -> Inference:
    """The data-level consequences of the data under the ontology.

    Terms are strings in N-Triples syntax as pyoxigraph writes them (``str(term)``). ``cache_dir`` keeps the
    ontology's own closure between runs. Raises `OntologyError` for axioms that cannot be compiled.
    """
    stated = set(ontology)
    return infer_with(close_schema(stated, cache_dir), data, stated)


def infer_with(schema: Schema, data: Iterable[Triple], stated: Iterable[Triple] = ()) -> Inference:
    """As `infer`, under a schema that is closed already; ``stated`` are triples not to be returned."""
    facts_given, axioms_given = list[Triple](), list[Triple]()
    for triple in data:
        (axioms_given if _is_stray_axiom(triple, schema) else facts_given).append(triple)
    rules = compile_rules(schema)
    facts = saturate(rules, (*schema.facts, *facts_given), schema.elements)
    given = {*facts_given, *axioms_given, *stated}
    new = sorted(t for t in facts if t not in given and is_data_level(t, schema.elements))
    stray = tuple(Clash("schema-in-data", t[0], (t[1],), (t,)) for t in sorted(set(axioms_given)))
    return Inference(tuple(new), (*find_clashes(rules, facts), *stray))


def _is_stray_axiom(triple: Triple, schema: Schema) -> bool:
    equates = triple[1] == SAME and (triple[0] in schema.elements or triple[2] in schema.elements)
    return equates or is_axiom(triple)


def is_data_level(triple: Triple, elements: frozenset[Term]) -> bool:
    """Whether a triple speaks of an individual; ``elements`` are the terms of the schema."""
    subject, predicate, obj = triple
    if is_literal(subject) or subject in elements or is_blank(predicate) or predicate in AXIOM_PREDICATES:
        return False
    if predicate == TYPE:
        return not is_builtin_class(obj) and not (is_blank(obj) and obj in elements)
    if predicate == SAME:
        return subject != obj and not is_literal(obj) and obj not in elements
    return not (is_blank(obj) and obj in elements)


def infer_store(store: ox.Store, *, cache_dir: Path | None = None) -> Inference:
    """Infer from all graphs of a store and replace its graph of inferred triples.

    The graph of inferred triples is not read; the graph of derived claims is, so derive first when both are
    wanted. Raises `OntologyError` for axioms that cannot be compiled.
    """
    data, ontology = read_store(store)
    result = infer(data, ontology, cache_dir=cache_dir)
    graph = ox.NamedNode(GRAPH_INFERRED)
    store.remove_graph(graph)
    store.load(result.as_ntriples().encode(), format=ox.RdfFormat.N_TRIPLES, to_graph=graph)
    return result


def read_store(store: ox.Store) -> tuple[list[Triple], list[Triple]]:
    """The triples of all data graphs, and those of the ontology graph.

    The default graph is not read: it is empty, or a merged copy of the named graphs.
    """
    data, ontology = list[Triple](), list[Triple]()
    for quad in store.quads_for_pattern(None, None, None, None):
        name = quad.graph_name
        if isinstance(name, ox.NamedNode) and name.value != GRAPH_INFERRED:
            target = ontology if name.value == GRAPH_ONTOLOGY else data
            target.append((str(quad.subject), str(quad.predicate), str(quad.object)))
    return data, ontology
