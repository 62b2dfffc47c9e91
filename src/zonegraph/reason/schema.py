"""The closure of the ontology itself: computed once by owlrl, kept by the digest of the axioms.

Only axioms go in (no labels, no definitions, no code lists' members), so the cost depends on the number of
classes and properties alone. See OWL 2 Profiles, section 4.3, table 9 (the ``scm-`` rules).
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from zonegraph.errors import OntologyError, Where
from zonegraph.reason.vocabulary import (
    AXIOM_PREDICATES,
    SAME,
    SCHEMA_RELATIONS,
    SCHEMA_TYPES,
    SUB_PROPERTY,
    TYPE,
    Term,
    Triple,
    is_axiom,
    is_blank,
    is_literal,
    is_reserved,
)

#: Raised by one whenever a cached closure would no longer be what this module computes.
_FORMAT: Final = 1

# rdflib renames blank nodes at random: they pass through owlrl under names.
_AXIOM_NODE: Final = "urn:zonegraph:axiom:"
_BLANK: Final = re.compile(r"(?<![^\s])_:c14n(\d+)(?=\s)")
_NAMED: Final = re.compile(rf"<{_AXIOM_NODE}(\d+)>")


@dataclass(frozen=True, slots=True)
class Schema:
    """A closed ontology: its axioms, the elements they speak of, and its facts about individuals."""

    axioms: frozenset[Triple]
    elements: frozenset[Term]
    facts: tuple[Triple, ...]
    digest: str


def close_schema(ontology: Iterable[Triple], cache_dir: Path | None = None) -> Schema:
    """Close an ontology under the schema rules of OWL 2 RL.

    ``ontology`` holds axioms, annotations and individuals (code lists) alike. ``cache_dir`` keeps closures as
    ``schema-<digest>.nt``; without it the closure is computed anew. Raises `OntologyError` when the axioms are
    not RDF or give ``rdf:type`` itself a meaning.
    """
    triples = set(ontology)
    elements = _elements(triples)
    axioms, facts = set[Triple](), list[Triple]()
    for triple in triples:
        if is_axiom(triple) or _equates(triple, elements):
            axioms.add(triple)
        elif triple[0] not in elements:
            facts.append(triple)
    _refuse_type_axioms(axioms)
    lines = _canonical(axioms)
    digest = hashlib.sha256(f"{_FORMAT} {version('owlrl')}\n{lines}".encode()).hexdigest()[:16]
    closed = _cached(lines, digest, cache_dir)
    return Schema(frozenset(closed), elements | _elements(closed), tuple(sorted(facts)), digest)


def _refuse_type_axioms(axioms: Iterable[Triple]) -> None:
    for subject, predicate, obj in axioms:
        if (subject == TYPE and predicate != TYPE) or (obj == TYPE and predicate != SUB_PROPERTY):
            raise OntologyError(
                f"rdf:type must not take part in an axiom with {predicate}",
                where=Where(file="ontology"),
                hint="OWL 2 reserves rdf:type; use an own property",
            )


def _equates(triple: Triple, elements: frozenset[Term]) -> bool:
    return triple[1] == SAME and triple[0] in elements and triple[2] in elements


def _elements(triples: Iterable[Triple]) -> frozenset[Term]:
    """The classes, properties, datatypes and axiom nodes that the triples declare or use as such."""
    found = set[Term]()
    for subject, predicate, obj in triples:
        if predicate == TYPE:
            if obj in SCHEMA_TYPES:
                found.add(subject)
        elif predicate in AXIOM_PREDICATES:
            if is_blank(subject) or predicate in SCHEMA_RELATIONS:
                found.add(subject)
            if is_blank(obj) or (predicate in SCHEMA_RELATIONS and not is_literal(obj)):
                found.add(obj)
    return frozenset(found)


def _canonical(axioms: Iterable[Triple]) -> str:
    """The axioms as sorted N-Triples whose blank node labels depend on the axioms alone (RDFC-1.0)."""
    text = "".join(f"{s} {p} {o} .\n" for s, p, o in axioms)
    try:
        dataset = ox.Dataset(ox.parse(text, format=ox.RdfFormat.N_TRIPLES))
    except SyntaxError as error:
        raise OntologyError(f"an axiom is not RDF: {error}", where=Where(file="ontology")) from error
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return "".join(sorted(f"{q.subject} {q.predicate} {q.object} .\n" for q in dataset))


def _cached(lines: str, digest: str, cache_dir: Path | None) -> set[Triple]:
    if cache_dir is None:
        return _owlrl(lines)
    path = cache_dir / f"schema-{digest}.nt"
    if path.is_file():
        return _parse(path.read_text(encoding="utf-8"))
    closed = _owlrl(lines)
    _write(path, "".join(sorted(f"{s} {p} {o} .\n" for s, p, o in closed)))
    return closed


def _write(path: Path, text: str) -> None:
    """Write whole or not at all: another process may read the same cache."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".schema-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(path)


def _parse(text: str) -> set[Triple]:
    return {(str(q.subject), str(q.predicate), str(q.object)) for q in ox.parse(text, format=ox.RdfFormat.N_TRIPLES)}


def _owlrl(lines: str) -> set[Triple]:
    """The axioms and what owlrl adds to them, without what holds of every ontology."""
    import owlrl  # noqa: PLC0415  (half a second of imports, needed only when nothing is cached)
    import rdflib  # noqa: PLC0415

    graph = rdflib.Graph()
    graph.parse(data=_BLANK.sub(r"<" + _AXIOM_NODE + r"\1>", lines), format="nt")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    for subject in [s for s in graph.subjects(unique=True) if isinstance(s, rdflib.Literal)]:
        graph.remove((subject, None, None))
    closed = _parse(_NAMED.sub(r"_:axiom\1", graph.serialize(format="nt")))
    return {triple for triple in closed if _is_informative(triple)}


def _is_informative(triple: Triple) -> bool:
    subject, predicate, obj = triple
    if subject == obj and (predicate == SAME or predicate in SCHEMA_RELATIONS):
        return False
    return not is_reserved(subject) or is_blank(obj)
