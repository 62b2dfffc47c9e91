"""What the tests of the ontology share: its files, read once, and a few looks at them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from opencc import OpenCC
from rdflib import OWL, RDF, Graph, Namespace, URIRef
from rdflib.term import Node

from zonegraph.names import PREFIXES, ZG, ZGC

ROOT = Path(__file__).parents[1]
ONTOLOGY = ROOT / "ontology"
FILES = sorted(ONTOLOGY.rglob("*.ttl"))
MODULES = [f for f in FILES if f.parent == ONTOLOGY and f.stem not in {"style", "exceptions"}]
CODES = sorted((ONTOLOGY / "codes").glob("*.ttl"))
SHAPES = sorted((ONTOLOGY / "shapes").glob("*.ttl"))
HERE = URIRef("https://w3id.org/zonegraph/ontology")
PROPERTY_KINDS = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
BUILT_IN = tuple(PREFIXES[p] for p in ("rdf", "rdfs", "owl", "xsd", "sh"))
zg, zgc = Namespace(ZG), Namespace(ZGC)


def read(files: Iterable[Path]) -> Graph:
    """One graph of all the files."""
    graph = Graph()
    for file in files:
        graph.parse(file)
    return graph


@cache
def vocabulary() -> Graph:
    """Modules and code lists: what the store holds as the ontology, without shapes."""
    return read([*MODULES, *CODES])


@cache
def everything() -> Graph:
    """Every file, with shapes, style and exceptions."""
    return read(FILES)


@cache
def shapes() -> Graph:
    """The shapes of the data."""
    return read(SHAPES)


@cache
def style() -> Graph:
    """The shapes of the ontology itself."""
    return Graph().parse(ONTOLOGY / "style.ttl")


def copy(graph: Graph) -> Graph:
    """A graph that may be changed."""
    return Graph() + graph


def terms(graph: Graph, *kinds: URIRef) -> set[URIRef]:
    """The named members of the kinds."""
    return {s for kind in kinds for s in graph.subjects(RDF.type, kind) if isinstance(s, URIRef)}


def foreign(nodes: Iterable[Node]) -> set[Node]:
    """The nodes outside the vocabularies that every engine knows."""
    return {n for n in nodes if not str(n).startswith(BUILT_IN)}


@cache
def _folder() -> OpenCC:
    return OpenCC("t2s")


def fold(text: str) -> str:
    """A name without script, blanks and case."""
    return "".join(_folder().convert(unicodedata.normalize("NFC", text)).split()).casefold()
