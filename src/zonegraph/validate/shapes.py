"""SHACL: the shapes of ``ontology/shapes/*.ttl`` on the graph, by pyshacl.

The union of all graphs goes into one rdflib graph: types come from the inferred graph, class trees and code lists
from the ontology's. Nothing is inferred here.

pyshacl evaluates the property shapes of a node shape for one focus node at a time, and parses a SPARQL constraint
anew for each. `hoisted` lets property shapes name the targets themselves, which makes it one call for all focus
nodes; SPARQL constraints go to the store (`zonegraph.validate.constraints`). Findings stay the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from zonegraph.errors import ValidationError, Where
from zonegraph.names import RDFS, SH, local_name
from zonegraph.validate.findings import Finding, Severity

if TYPE_CHECKING:
    import rdflib
    from rdflib.term import Node

_TARGETS: Final = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
_SEVERITY: Final = {
    SH + "Violation": Severity.VIOLATION,
    SH + "Warning": Severity.WARNING,
    SH + "Info": Severity.INFO,
}


def read_shapes(folder: Path) -> rdflib.Graph:
    """The shapes graph of a folder of Turtle files; raises `ValidationError` when it is empty or broken."""
    import rdflib  # noqa: PLC0415  (slow to import)

    graph = rdflib.Graph()
    for path in sorted(folder.glob("*.ttl")):
        try:
            graph.parse(path, format="turtle")
        except (SyntaxError, ValueError) as error:
            raise ValidationError("the shapes are not Turtle", where=Where(file=str(path)), hint=str(error)) from error
    if not len(graph):
        raise ValidationError("no shapes found", where=Where(file=str(folder)), hint="name the ontology's folder")
    return graph


def shape_names(shapes: rdflib.Graph) -> frozenset[str]:
    """The IRIs of the node shapes."""
    import rdflib  # noqa: PLC0415

    kind = rdflib.URIRef(SH + "NodeShape")
    return frozenset(str(s) for s in shapes.subjects(rdflib.RDF.type, kind) if isinstance(s, rdflib.URIRef))


def as_rdflib(quads: Iterable[ox.Quad]) -> rdflib.Graph:
    """The triples of the quads as an rdflib graph; lexical forms stay as they are."""
    import rdflib  # noqa: PLC0415

    graph = rdflib.Graph()
    terms: dict[object, Node] = {}

    def convert(term: object) -> Node:
        found = terms.get(term)
        if found is None:
            found = terms[term] = _as_rdflib_term(term)
        return found

    for quad in quads:
        graph.add((convert(quad.subject), convert(quad.predicate), convert(quad.object)))
    return graph


def _as_rdflib_term(term: object) -> Node:
    import rdflib  # noqa: PLC0415

    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    raise ValidationError(f"the shapes cannot be applied to {term}", hint="leave triple terms out of the data")


def run_shapes(data: rdflib.Graph, shapes: rdflib.Graph) -> list[Finding]:
    """Validate; raises `ValidationError` when the shapes themselves cannot be run."""
    import pyshacl  # noqa: PLC0415

    try:
        _, results, text = pyshacl.validate(data, shacl_graph=shapes, inplace=True, advanced=False, inference="none")
    except (pyshacl.errors.ShapeLoadError, pyshacl.errors.ConstraintLoadError) as error:
        raise ValidationError(f"a shape cannot be used: {error}", where=Where(file="shapes")) from error
    if not hasattr(results, "subjects"):
        raise ValidationError(f"the shapes cannot be run: {text}", where=Where(file="shapes"))
    return [_finding(results, shapes, node) for node in results.subjects(_sh("resultSeverity"))]


def hoisted(shapes: rdflib.Graph) -> rdflib.Graph:
    """A copy in which property shapes have the targets of the node shape that lists them.

    Node shapes that others refer to, or that are deactivated, stay as they are.
    """
    import rdflib  # noqa: PLC0415

    copy = rdflib.Graph()
    for triple in shapes:
        copy.add(triple)
    for shape in shapes.subjects(rdflib.RDF.type, _sh("NodeShape")):
        if (shape, _sh("deactivated"), None) in shapes or (None, None, shape) in shapes:
            continue
        targets = [(word, node) for word in _TARGETS for node in shapes.objects(shape, _sh(word))]
        for prop in list(copy.objects(shape, _sh("property"))):
            copy.remove((shape, _sh("property"), prop))
            for word, node in targets:
                copy.add((prop, _sh(word), node))
    return copy


def _sh(name: str) -> Node:
    import rdflib  # noqa: PLC0415

    return rdflib.URIRef(SH + name)


def _finding(results: rdflib.Graph, shapes: rdflib.Graph, node: Node) -> Finding:
    source = results.value(node, _sh("sourceShape"))
    value = results.value(node, _sh("value"))
    constraint = results.value(node, _sh("sourceConstraintComponent"))
    return Finding(
        rule=_rule(shapes, source),
        severity=_SEVERITY.get(str(results.value(node, _sh("resultSeverity"))), Severity.VIOLATION),
        focus=str(results.value(node, _sh("focusNode"))),
        path=_path(results.value(node, _sh("resultPath"))),
        value="" if value is None else str(value),
        message=_message(results, node),
        hint=_hint(shapes, source) or f"see {local_name(str(constraint))} of the shape",
    )


def _rule(shapes: rdflib.Graph, source: Node | None) -> str:
    """The shape's local name; for an anonymous property shape that of the node shape above it."""
    import rdflib  # noqa: PLC0415

    while source is not None and not isinstance(source, rdflib.URIRef):
        source = next(shapes.subjects(None, source), None)
    return local_name(str(source)) if source is not None else "shape"


def _path(path: Node | None) -> str:
    import rdflib  # noqa: PLC0415

    return str(path) if isinstance(path, rdflib.URIRef) else ""


def _message(results: rdflib.Graph, node: Node) -> str:
    """The English message where the shape has one, else the first in order of language."""
    messages = sorted(results.objects(node, _sh("resultMessage")), key=_by_language)
    return str(messages[0]).strip() if messages else ""


def _by_language(message: Node) -> tuple[bool, str, str]:
    language = getattr(message, "language", None) or ""
    return (language != "en", language, str(message))


def _hint(shapes: rdflib.Graph, source: Node | None) -> str:
    import rdflib  # noqa: PLC0415

    if source is None:
        return ""
    hints = [*shapes.objects(source, _sh("description")), *shapes.objects(source, rdflib.URIRef(RDFS + "comment"))]
    return str(min(hints, key=_by_language)) if hints else ""
