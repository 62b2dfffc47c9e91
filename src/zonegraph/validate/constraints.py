"""SPARQL constraints of SHACL (section 5), run in the store: ``$this`` is bound before evaluation.

Those of node shapes with ``sh:targetClass`` are run here; all others stay with pyshacl.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from zonegraph.errors import ValidationError, Where
from zonegraph.names import RDFS, SH, local_name
from zonegraph.validate.findings import Finding, Severity

if TYPE_CHECKING:
    import rdflib
    from rdflib.term import Node

_THIS: Final = ox.Variable("this")


@dataclass(frozen=True, slots=True)
class Constraint:
    """One SPARQL constraint of one node shape."""

    shape: str
    classes: tuple[str, ...]
    severity: Severity
    message: str
    query: str


def run_constraints(store: ox.Store, shapes: rdflib.Graph) -> list[Finding]:
    """Findings of the SPARQL constraints in a merged store; raises `ValidationError` when one is not legal SPARQL."""
    return [finding for node in _runnable(shapes) for finding in _run(store, _read(shapes, *node))]


def without_constraints(shapes: rdflib.Graph) -> rdflib.Graph:
    """The shapes without the constraints that `run_constraints` runs; the graph given is changed."""
    for shape, constraint in list(_runnable(shapes)):
        shapes.remove((shape, _iri("sparql"), constraint))
    return shapes


def _iri(name: str) -> Node:
    import rdflib  # noqa: PLC0415  (slow to import)

    return rdflib.URIRef(SH + name)


def _runnable(shapes: rdflib.Graph) -> Iterator[tuple[Node, Node]]:
    others = ("targetNode", "targetSubjectsOf", "targetObjectsOf", "path", "deactivated")
    for shape, constraint in sorted(shapes.subject_objects(_iri("sparql"))):
        query = str(shapes.value(constraint, _iri("select")) or "")
        special = not query or "$PATH" in query or any((shape, _iri(word), None) in shapes for word in others)
        if not special and (shape, _iri("targetClass"), None) in shapes:
            yield shape, constraint


def _read(shapes: rdflib.Graph, shape: Node, constraint: Node) -> Constraint:
    declared = "".join(
        f"PREFIX {shapes.value(node, _iri('prefix'))}: <{shapes.value(node, _iri('namespace'))}>\n"
        for owner in sorted(shapes.objects(constraint, _iri("prefixes")), key=str)
        for node in sorted(shapes.objects(owner, _iri("declare")), key=str)
    )
    severity = shapes.value(shape, _iri("severity")) or shapes.value(constraint, _iri("severity"))
    messages = sorted(shapes.objects(constraint, _iri("message")), key=lambda m: getattr(m, "language", "") != "en")
    return Constraint(
        shape=local_name(str(shape)),
        classes=tuple(sorted(str(c) for c in shapes.objects(shape, _iri("targetClass")))),
        severity=Severity(local_name(str(severity)).lower()) if severity else Severity.VIOLATION,
        message=str(messages[0]) if messages else "",
        query=declared + str(shapes.value(constraint, _iri("select"))),
    )


def _run(store: ox.Store, constraint: Constraint) -> Iterator[Finding]:
    for focus in _focus_nodes(store, constraint.classes):
        for row in _select(store, constraint, focus):
            yield Finding(
                rule=constraint.shape,
                severity=constraint.severity,
                focus=focus.value,
                path=row.get("path", ""),
                value=row.get("value", ""),
                message=row.get("message", constraint.message),
                hint="see the SPARQL constraint of the shape",
            )


def _focus_nodes(store: ox.Store, classes: tuple[str, ...]) -> list[ox.NamedNode]:
    values = " ".join(f"<{cls}>" for cls in classes)
    query = f"SELECT DISTINCT ?this {{ VALUES ?cls {{ {values} }} ?kind <{RDFS}subClassOf>* ?cls . ?this a ?kind }}"
    solutions = store.query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    nodes = (solution["this"] for solution in solutions)
    return sorted((n for n in nodes if isinstance(n, ox.NamedNode)), key=lambda n: n.value)


def _select(store: ox.Store, constraint: Constraint, focus: ox.NamedNode) -> Iterator[dict[str, str]]:
    try:
        solutions = store.query(constraint.query, substitutions={_THIS: focus})
    except (SyntaxError, RuntimeError) as error:
        raise ValidationError(
            f"a SPARQL constraint cannot be run: {error}", where=Where(file="shapes", id=constraint.shape)
        ) from error
    if not isinstance(solutions, ox.QuerySolutions):
        raise ValidationError("a SPARQL constraint is no SELECT", where=Where(file="shapes", id=constraint.shape))
    names = [variable.value for variable in solutions.variables]
    for solution in solutions:
        terms = ((name, solution[name]) for name in names)
        yield {name: term.value for name, term in terms if isinstance(term, ox.NamedNode | ox.Literal)}
