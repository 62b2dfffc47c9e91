"""VoID statistics of a version: what classes and properties there are, how often, and how they meet.

Pure but for the ``select`` it is given. Works from a handful of grouping queries without OPTIONAL.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import pyoxigraph as ox

from zonegraph.names import BASE, PREFIXES

VOID: Final = PREFIXES["void"]
VOIDEXT: Final = "http://ldf.fi/void-ext#"
XSD: Final = PREFIXES["xsd"]
Rows = list[dict[str, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]]
Select = Callable[[str], Rows]

TOTALS: Final = {
    "triples": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "distinctSubjects": "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
    "properties": "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
    "classes": "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }",
}
CLASSES: Final = "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c } GROUP BY ?c ORDER BY ?c"
PROPERTIES: Final = "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p ORDER BY ?p"
USES: Final = "SELECT ?c ?p (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o } GROUP BY ?c ?p ORDER BY ?c ?p"
DATATYPES: Final = (
    "SELECT ?c ?p ?d (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o . FILTER(isLiteral(?o)) BIND(DATATYPE(?o) AS ?d) } "
    "GROUP BY ?c ?p ?d ORDER BY ?c ?p ?d"
)


#: The graph as a ``void:Dataset``: the same name on every server, so that a build can prepare its description.
DATASET: Final = BASE + "void#dataset"


def statistics(select: Select, dataset: str = DATASET) -> list[ox.Triple]:
    """The triples that describe the graph as a ``void:Dataset``; nodes are named, never blank."""
    return [*_totals(select, dataset), *_partitions(select, dataset)]


def _totals(select: Select, dataset: str) -> Iterator[ox.Triple]:
    for name, text in TOTALS.items():
        for row in select(text):
            yield _triple(dataset, VOID + name, row["n"])


def _partitions(select: Select, dataset: str) -> Iterator[ox.Triple]:
    for row in select(CLASSES):
        node = _node(dataset, row["c"])
        yield _triple(dataset, VOID + "classPartition", ox.NamedNode(node))
        yield _triple(node, VOID + "class", row["c"])
        yield _triple(node, VOID + "entities", row["n"])
    for row in select(PROPERTIES):
        yield from _property(dataset, dataset, row)
    for row in select(USES):
        yield from _property(dataset, _node(dataset, row["c"]), row)
    for row in select(DATATYPES):
        yield from _ends(dataset, row, VOIDEXT + "datatypePartition", VOIDEXT + "datatype")


def _property(dataset: str, parent: str, row: Mapping[str, ox.NamedNode | object]) -> Iterator[ox.Triple]:
    node = _node(dataset, parent, row["p"])
    yield _triple(parent, VOID + "propertyPartition", ox.NamedNode(node))
    yield _triple(node, VOID + "property", row["p"])
    yield _triple(node, VOID + "triples", row["n"])


def _ends(dataset: str, row: Mapping[str, object], link: str, names: str) -> Iterator[ox.Triple]:
    parent = _node(dataset, _node(dataset, row["c"]), row["p"])
    node = _node(dataset, parent, row["d"], link)
    yield _triple(parent, link, ox.NamedNode(node))
    yield _triple(node, names, row["d"])
    yield _triple(node, VOID + "triples", row["n"])


def _node(dataset: str, *parts: object) -> str:
    """A name for a partition that is the same in every version."""
    digest = hashlib.sha256("\n".join(str(part) for part in parts).encode("utf-8")).hexdigest()
    return f"{dataset}-{digest[:16]}"


def _triple(subject: str, predicate: str, value: object) -> ox.Triple:
    if isinstance(value, ox.NamedNode | ox.Literal):
        return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), value)
    raise TypeError(f"not a term of a statistic: {value!r}")
