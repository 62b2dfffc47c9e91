"""VoID statistics of a version: what classes and properties there are, how often, and how they meet.

Pure but for the ``select`` it is given. How classes and properties meet is counted over what was stated, so that not
every superclass repeats the figures of its subclasses; totals, properties, datatypes and classes of objects are
counted over the union of all graphs. The union is a set: a triple in two graphs counts once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from zonegraph.names import BASE, GRAPH_INFERRED, GRAPH_ONTOLOGY, PREFIXES
from zonegraph.store import RDF_FORMATS, ReadStore, dump_quads

VOID: Final = PREFIXES["void"]
VOIDEXT: Final = "http://ldf.fi/void-ext#"
#: The file beside the data that holds the statistics, as N-Quads of the default graph.
VOID_NAME: Final = "void.nq"
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Rows = list[dict[str, Term]]
Select = Callable[[str], Rows]

_ALL: Final = "{ SELECT DISTINCT ?s ?p ?o { ?s ?p ?o } }"
_FILTER: Final = f"FILTER(?g NOT IN (<{GRAPH_INFERRED}>, <{GRAPH_ONTOLOGY}>))"
_STATED: Final = f"{{ SELECT DISTINCT ?s ?p ?o {{ GRAPH ?g {{ ?s ?p ?o }} {_FILTER} }} }}"


def _types(node: str) -> str:
    return f"{{ SELECT DISTINCT ?{node} ?c {{ GRAPH ?g {{ ?{node} a ?c }} {_FILTER} }} }}"


TOTALS: Final = {
    "triples": f"SELECT (COUNT(*) AS ?n) {{ {_ALL} }}",
    "distinctSubjects": "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
    "distinctObjects": "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }",
    "properties": "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
    "classes": "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }",
}
CLASSES: Final = f"SELECT ?c (COUNT(?s) AS ?n) {{ {_types('s')} }} GROUP BY ?c ORDER BY ?c"
PROPERTIES: Final = f"SELECT ?p (COUNT(*) AS ?n) {{ {_ALL} }} GROUP BY ?p ORDER BY ?p"
USES: Final = f"SELECT ?c ?p (COUNT(*) AS ?n) {{ {_types('s')} {_STATED} }} GROUP BY ?c ?p ORDER BY ?c ?p"
DATATYPES: Final = (
    f"SELECT ?p ?x (COUNT(*) AS ?n) {{ {_ALL} FILTER(isLiteral(?o)) BIND(DATATYPE(?o) AS ?x) }} "
    "GROUP BY ?p ?x ORDER BY ?p ?x"
)
OBJECTS: Final = f"SELECT ?p (?c AS ?x) (COUNT(*) AS ?n) {{ {_types('o')} {_ALL} }} GROUP BY ?p ?c ORDER BY ?p ?c"

#: Nodes of a description are named below this: the same names on every server, so that a build can prepare them.
NODES: Final = BASE + "void#"
DATASET: Final = NODES + "dataset"


def statistics(select: Select) -> list[ox.Triple]:
    """The triples that describe the graph as a ``void:Dataset``; nodes are named, never blank."""
    return [*_totals(select), *_partitions(select)]


def write_statistics(store: ReadStore, path: Path) -> int:
    """Count, and leave the result in a file for the server; returns how many triples."""
    triples = statistics(lambda text: [dict(row) for row in store.select(text)])
    quads = [ox.Quad(t.subject, t.predicate, t.object) for t in triples]
    path.write_bytes(dump_quads(quads, RDF_FORMATS["nquads"]))
    return len(quads)


def _totals(select: Select) -> Iterator[ox.Triple]:
    for name, text in TOTALS.items():
        for row in select(text):
            yield _triple(DATASET, VOID + name, row["n"])


def _partitions(select: Select) -> Iterator[ox.Triple]:
    for row in select(CLASSES):
        node = _node(row["c"])
        yield _triple(DATASET, VOID + "classPartition", ox.NamedNode(node))
        yield _triple(node, VOID + "class", row["c"])
        yield _triple(node, VOID + "entities", row["n"])
    for row in select(PROPERTIES):
        yield from _property(DATASET, _node(row["p"]), row)
    for row in select(USES):
        yield from _property(_node(row["c"]), _node(row["c"], row["p"]), row)
    for row in select(DATATYPES):
        yield from _ends(row, VOIDEXT + "datatypePartition", VOIDEXT + "datatype")
    for row in select(OBJECTS):
        yield from _ends(row, VOIDEXT + "objectClassPartition", VOID + "class")


def _property(parent: str, node: str, row: Mapping[str, Term]) -> Iterator[ox.Triple]:
    yield _triple(parent, VOID + "propertyPartition", ox.NamedNode(node))
    yield _triple(node, VOID + "property", row["p"])
    yield _triple(node, VOID + "triples", row["n"])


def _ends(row: Mapping[str, Term], link: str, names: str) -> Iterator[ox.Triple]:
    parent, node = _node(row["p"]), _node(row["p"], row["x"])
    yield _triple(parent, link, ox.NamedNode(node))
    yield _triple(node, names, row["x"])
    yield _triple(node, VOID + "triples", row["n"])


def _node(*terms: Term) -> str:
    """A name for a partition that is the same in every version, and says what it is of where that can be said."""
    return NODES + ".".join(_short(term) for term in terms)


def _short(term: Term) -> str:
    iri = term.value if isinstance(term, ox.NamedNode) else str(term)
    for prefix, namespace in PREFIXES.items():
        local = iri.removeprefix(namespace)
        if local != iri and local.replace("-", "").isalnum() and local.isascii():
            return f"{prefix}-{local}"
    return hashlib.sha256(iri.encode("utf-8")).hexdigest()[:16]


def _triple(subject: str, predicate: str, value: object) -> ox.Triple:
    if isinstance(value, ox.NamedNode | ox.Literal):
        return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), value)
    raise TypeError(f"not a term of a statistic: {value!r}")
