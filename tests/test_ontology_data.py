"""The shapes and axioms of the ontology at work: data shapes, inference, profiles, consistency."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import owlrl
import pyshacl
import pytest
from rdflib import OWL, RDF, RDFS, SH, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection

from ontology_files import ROOT, copy, shapes, style, terms, vocabulary, zg, zgc
from zonegraph.names import OWL as OWL_NS
from zonegraph.names import PREFIXES, XSD

w = Namespace("https://example.org/w/")


# Data shapes over a small world.


@cache
def world() -> Graph:
    return Graph().parse(ROOT / "tests/ontology_world/world.ttl") + vocabulary()


def findings(data: Graph) -> set[tuple[str, str]]:
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes(), meta_shacl=False)
    assert isinstance(report, Graph)
    found = set()
    for result in report.subjects(RDF.type, SH.ValidationResult):
        source = report.value(result, SH.sourceConstraint) or report.value(result, SH.sourceShape)
        found.add((str(report.value(result, SH.focusNode)), str(source).split("#")[-1]))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("graph", [shapes(), style()], ids=["data", "style"])
def test_shapes_are_well_formed(graph: Graph) -> None:
    _, report, text = pyshacl.validate(Graph(), shacl_graph=graph, meta_shacl=True)
    assert isinstance(report, Graph), text


def test_shapes_accept_the_small_world() -> None:
    assert findings(world()) == set()


@pytest.mark.parametrize(
    ("focus", "predicate", "value", "shape"),
    [
        (w.integration, zg.integrates, w.zone, "AdministrativeIntegration-integrates"),
        (w.integration, URIRef(PREFIXES["prov"] + "wasDerivedFrom"), None, "Claim-wasDerivedFrom"),
        (w.gdp, zg.value, Literal("11340000000.0", datatype=URIRef(XSD + "decimal")), "Arithmetic-scale"),
        (w.gdp, zg.period, None, "Observation-period"),
        (w.gdp, zg.unit, zgc["indicator-gdp"], "QuantityClaim-unit"),
        (w.plan, zg.horizon, None, "FutureClaim-when"),
        (w.t2011, zg.earliest, Literal("2011-02-01", datatype=URIRef(XSD + "date")), "TimeExtent-earliest"),
        (w.t2011, zg.latest, Literal("2011-01", datatype=URIRef(XSD + "gYearMonth")), "TimeExtent-latest"),
        (w.selector, URIRef(PREFIXES["oa"] + "end"), Literal(2), "TextPositionSelector-start"),
        (w.rank, zg.rank, Literal(220), "Ranking-rank"),
        (w.share, zg.whole, None, "Share-whole"),
        (w.call1, zg.order, Literal(0), "ServiceCall-order"),
        (w.zone, RDFS.label, None, "Place-label"),
    ],
)
def test_shapes_refuse(focus: URIRef, predicate: URIRef, value: URIRef | Literal | None, shape: str) -> None:
    data = copy(world())
    data.remove((focus, predicate, None))
    if value is not None:
        data.add((focus, predicate, value))
    assert (str(focus), shape) in findings(data)


# Inference and profiles.


@pytest.mark.slow
def test_closure_has_no_error_and_draws_the_expected_conclusions() -> None:
    graph = copy(world())
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    assert not list(graph.objects(None, owlrl.Namespaces.ERRNS["error"]))
    expected = [
        (w.zone, zg.componentOf, w.unit),
        (w.unit, zg.hasComponent, w.district),
        (w.district, zg.locatedIn, w.region),
        (w.district, zg.administrativelyPartOf, w.region),
        (w.alliance, zg.hasMember, w.city),
        (w.city, zg.memberOf, w.alliance),
        (w.service, zg.servesPlace, w.country),
        (w.person, zg.holdsOfficeIn, w.unit),
        (w.share, zg.comparatorOf, w.gdp),
        (w.gdp, RDF.type, zg.Claim),
    ]
    assert [triple for triple in expected if triple not in graph] == []
    assert not [(s, o) for s, o in graph.subject_objects(OWL.sameAs) if s != o and {s, o} & {w.zone, w.district}]


def kinds_of_things() -> Graph:
    """The class axioms alone, which is all that a clash of kinds rests on."""
    graph = Graph()
    for predicate in (RDFS.subClassOf, OWL.disjointWith, OWL.members, RDF.first, RDF.rest):
        graph += vocabulary().triples((None, predicate, None))
    graph += vocabulary().triples((None, RDF.type, URIRef(OWL_NS + "AllDisjointClasses")))
    return graph


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("District", "HighTechZone"), ("Observation", "Target"), ("Forecast", "Observation"),
        ("Person", "Enterprise"), ("City", "Alliance"), ("Place", "Claim"),
    ],
)  # fmt: skip
def test_disjoint_kinds_clash(one: str, other: str) -> None:
    graph = kinds_of_things()
    for kind in (one, other):
        graph.add((w.x, RDF.type, zg[kind]))
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    assert list(graph.objects(None, owlrl.Namespaces.ERRNS["error"]))


def java_needed() -> str:
    java = shutil.which("java")
    if java is None:
        if os.environ.get("CI"):
            pytest.fail("java is needed to check the OWL profiles in CI")
        pytest.skip("java is not installed: the OWL profiles are not checked")
    return java


def declarations_first(graph: Graph) -> str:
    """N-Triples, declarations at the head: the OWL API of the jar types a property when it first meets it."""
    lines = graph.serialize(format="nt11").splitlines()
    declared = f"<{RDF.type}> <{OWL_NS}"
    return "\n".join(sorted(filter(None, lines), key=lambda line: (declared not in line, line)))


@pytest.mark.slow
def test_profiles_and_consistency(tmp_path: Path) -> None:
    java = java_needed()
    spec = find_spec("owlready2")
    assert spec is not None
    assert spec.origin is not None
    jars = Path(spec.origin).parent
    merged = tmp_path / "merged.ttl"
    merged.write_text(declarations_first(vocabulary()), encoding="utf-8")
    path = os.pathsep.join([str(jars / "hermit/HermiT.jar"), str(jars / "pellet/*")])
    program = ROOT / "tests/ontology_profile/ProfileCheck.java"
    command = [java, "-cp", path, str(program), str(merged)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert done.stdout.splitlines() == ["DL true", "RL true", "consistent true", "unsatisfiable 0"]


def test_disjointness_lists_name_declared_classes() -> None:
    graph = vocabulary()
    for node in graph.subjects(RDF.type, URIRef(OWL_NS + "AllDisjointClasses")):
        head = graph.value(node, OWL.members)
        assert head is not None
        members = list(Collection(graph, head))
        assert len(members) > 1
        assert set(members) <= terms(graph, OWL.Class)
