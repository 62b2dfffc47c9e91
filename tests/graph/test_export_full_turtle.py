"""The one Turtle file: whole for rdflib and pyoxigraph, declared for OWLAPI."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from .graph_tools import HERE, Source, as_bytes, load, missing, needs

OWL = "http://www.w3.org/2002/07/owl#"
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
DECLARED = {
    ox.NamedNode(OWL + name) for name in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")
} | {ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#Datatype")}


def canonical(triples: object) -> ox.Dataset:
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)  # type: ignore[attr-defined]
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def undeclaring(triples: object, known: set[ox.Triple]) -> list[ox.Triple]:
    """The triples without the declarations that the file adds."""
    return [t for t in triples if t in known or not (t.predicate == TYPE and t.object in DECLARED)]  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def turtle(world: Source) -> bytes:
    return as_bytes(world, "full")


def test_pyoxigraph_reads_the_same_triples(world: Source, turtle: bytes) -> None:
    known = {quad.triple for quad in world.raw}
    read = [quad.triple for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)]
    assert canonical(undeclaring(read, known)) == canonical(known)


def test_rdflib_reads_the_same_graph(turtle: bytes) -> None:
    read = rdflib.Graph().parse(data=turtle, format="turtle").serialize(format="nt", encoding="utf-8")
    by_rdflib = [quad.triple for quad in ox.parse(read, format=ox.RdfFormat.N_TRIPLES)]
    by_oxigraph = [quad.triple for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)]
    # rdflib writes "-1.0"^^xsd:decimal and the like as it read them, so the graphs can be compared as they are
    assert canonical(by_rdflib) == canonical(by_oxigraph)


def test_every_used_property_and_class_is_declared(turtle: bytes) -> None:
    read = [quad.triple for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)]
    declared = {t.subject.value for t in read if t.predicate == TYPE and t.object in DECLARED}
    used = {t.predicate.value for t in read} | {t.object.value for t in read if t.predicate == TYPE}
    built_in = (
        "http://www.w3.org/1999/02/22-rdf",
        "http://www.w3.org/2000/01/rdf-schema",
        "http://www.w3.org/2002/07/owl",
    )
    assert {iri for iri in used - declared if not iri.startswith(built_in)} == set()


def test_blank_nodes_get_the_same_names_every_time() -> None:
    text = (
        "@prefix zg: <https://w3id.org/zonegraph/ontology#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "<https://w3id.org/zonegraph/graph/ontology> { zg:A a owl:Class ; zg:note [ zg:order 1 ] , [ zg:order 2 ] . }"
    )
    assert as_bytes(load(text), "full") == as_bytes(load(text), "full")


def test_hostile_literals_survive() -> None:
    store = ox.Store()
    subject, predicate = (
        ox.NamedNode("https://w3id.org/zonegraph/id/x/y"),
        ox.NamedNode("https://w3id.org/zonegraph/ontology#note"),
    )
    for text in ('"^^<http://x>', "\x01\x7f\\", "a\nb\r\t", 'ends with "', "@en", "٣ שלום 🚄", "<b>&amp;</b>"):
        for literal in (
            ox.Literal(text),
            ox.Literal(text, language="zh-hans"),
            ox.Literal(text, datatype=ox.NamedNode("https://example.org/d t".replace(" ", ""))),
        ):
            store.add(ox.Quad(subject, predicate, literal, ox.NamedNode("https://w3id.org/zonegraph/graph/registry")))
    read = {quad.triple for quad in ox.parse(as_bytes(Source(store), "full"), format=ox.RdfFormat.TURTLE)}
    assert {quad.triple for quad in store} <= read


def test_owlapi_makes_no_unexpected_annotations(turtle: bytes, tmp_path: Path) -> None:
    java = needs("java")
    owlready2 = importlib.util.find_spec("owlready2")
    if owlready2 is None or owlready2.origin is None:
        missing("owlready2")
        return
    jars = Path(owlready2.origin).parent / "pellet"
    path = tmp_path / "full.ttl"
    path.write_bytes(turtle)
    call = [java, "-cp", f"{jars}/*", str(HERE / "ReadOntology.java"), str(path)]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    counts = dict(line.split("\t") for line in done.stdout.splitlines() if not line.startswith("undeclared"))
    assert "undeclared" not in done.stdout
    assert int(counts["ObjectPropertyAssertion"]) > 100
    assert int(counts["DataPropertyAssertion"]) > 40
    assert int(counts["ClassAssertion"]) > 60
