"""JSON-LD with short names: every document carries the context that is also published at ``/context.jsonld``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

import pyoxigraph as ox

from zonegraph.names import PREFIXES, RDF, XSD, compact

_TYPE: Final = RDF + "type"
Node = dict[str, Any]


def context() -> str:
    """The published context."""
    return json.dumps({"@context": PREFIXES}, ensure_ascii=False, indent=1)


def document(triples: Iterable[ox.Triple]) -> bytes:
    """Triples as compacted JSON-LD, in the order given, one object a subject."""
    nodes: dict[str, Node] = {}
    for triple in triples:
        node = nodes.setdefault(_name(triple.subject), {"@id": _name(triple.subject)})
        _add(node, triple)
    whole = {"@context": PREFIXES, "@graph": list(nodes.values())}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode("utf-8")


def _add(node: Node, triple: ox.Triple) -> None:
    if triple.predicate.value == _TYPE and isinstance(triple.object, ox.NamedNode):
        node.setdefault("@type", []).append(_name(triple.object))
    else:
        node.setdefault(_name(triple.predicate), []).append(_value(triple.object))


def _name(term: object) -> str:
    return compact(term.value) if isinstance(term, ox.NamedNode) else str(term)


def _value(term: object) -> Node:
    if not isinstance(term, ox.Literal):
        return {"@id": _name(term)}
    if term.language:
        return {"@value": term.value, "@language": term.language}
    if term.datatype.value == XSD + "string":
        return {"@value": term.value}
    return {"@value": term.value, "@type": _name(term.datatype)}
