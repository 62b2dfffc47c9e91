"""Every node shape has a case that passes and one that fails at the nodes, paths and severities named beside it.

Only nodes named ``zgi:case-…`` are looked at; what stands around them need not be complete.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from zonegraph.errors import ValidationError
from zonegraph.names import RDFS, SH, ZGI, ZGS, expand, local_name
from zonegraph.resources import data_dir
from zonegraph.validate import Severity
from zonegraph.validate.constraints import run_constraints, without_constraints
from zonegraph.validate.shapes import as_rdflib, hoisted, read_shapes, run_shapes, shape_names

CASES = Path(__file__).parent / "shapes"
SHAPES = read_shapes(data_dir("ontology") / "shapes")
NAMES = sorted(local_name(iri) for iri in shape_names(SHAPES))


@cache
def terms() -> list[ox.Quad]:
    """Class trees and the types of codes."""
    wanted = {RDFS + "subClassOf", str(rdflib.RDF.type)}
    files = sorted(f for sub in (".", "codes") for f in (data_dir("ontology") / sub).glob("*.ttl"))
    quads = (q for f in files for q in ox.parse(path=str(f)))
    return [q for q in quads if q.predicate.value in wanted and isinstance(q.object, ox.NamedNode)]


def part(name: str) -> rdflib.Graph:
    """The shape with everything that it refers to."""
    found, todo = rdflib.Graph(), [rdflib.URIRef(ZGS + name)]
    seen = set(todo)
    while todo:
        for triple in SHAPES.triples((todo.pop(), None, None)):
            found.add(triple)
            if triple[2] not in seen and (triple[2], None, None) in SHAPES:
                seen.add(triple[2])
                todo.append(triple[2])
    return found


def run(name: str, case: str) -> set[tuple[str, str, str]]:
    quads = [*terms(), *ox.parse(path=str(CASES / f"{name}_{case}.ttl"))]
    found = run_shapes(as_rdflib(quads), part(name))
    return {(f.focus, f.path, str(f.severity)) for f in found if f.focus.startswith(ZGI + "case-")}


def test_no_orphans() -> None:
    ends = ("PASS.ttl", "XFAIL.ttl", "XFAIL.tsv")
    assert {path.name for path in CASES.iterdir()} == {f"{name}_{end}" for name in NAMES for end in ends}


@pytest.mark.parametrize("name", NAMES)
def test_pass(name: str) -> None:
    assert run(name, "PASS") == set()


@pytest.mark.parametrize("name", NAMES)
def test_fail(name: str) -> None:
    rows = (CASES / f"{name}_XFAIL.tsv").read_text(encoding="utf-8").splitlines()[1:]
    expected = {(expand(focus), expand(path), severity) for focus, path, severity in (r.split("\t") for r in rows)}
    assert expected
    assert run(name, "XFAIL") == expected


def test_lexical_forms_and_languages_survive() -> None:
    quads = ox.parse('<urn:s> <urn:p> "1.50"^^<urn:d> , "x"@zh-hant , _:b .', format=ox.RdfFormat.TURTLE)
    objects = {o.n3() for o in as_rdflib(quads).objects()}
    assert {'"1.50"^^<urn:d>', '"x"@zh-hant'} < objects


def test_folder_without_shapes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="no shapes"):
        read_shapes(tmp_path)


def test_broken_shapes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.ttl").write_text("zgs:", encoding="utf-8")
    with pytest.raises(ValidationError, match="not Turtle"):
        read_shapes(tmp_path)


def test_shape_that_cannot_be_used_is_refused() -> None:
    shapes = rdflib.Graph()
    shapes.parse(
        data=f"@prefix sh: <{SH}> . <urn:s> a sh:PropertyShape ; sh:targetNode <urn:n> ; sh:path <urn:p> ; "
        "sh:minCount 1 ; sh:minCount 2 .",
        format="turtle",
    )
    with pytest.raises(ValidationError, match="shape"):
        run_shapes(rdflib.Graph(), shapes)


def test_anonymous_property_shapes_are_named_by_the_shape_above() -> None:
    shapes, data = rdflib.Graph(), rdflib.Graph()
    shapes.parse(
        data=f"""@prefix sh: <{SH}> . <urn:x#S> a sh:NodeShape ; sh:targetNode <urn:n> ;
        sh:property [ sh:path <urn:p> ; sh:minCount 1 ; sh:severity sh:Warning ; sh:message "b"@zh-hans , "a"@en ;
          sh:description "say it"@en ] .""",
        format="turtle",
    )
    data.add((rdflib.URIRef("urn:n"), rdflib.URIRef("urn:q"), rdflib.Literal(1)))
    (found,) = run_shapes(data, shapes)
    assert (found.rule, found.severity, found.message, found.hint) == ("S", Severity.WARNING, "a", "say it")


# -- the fast way gives what pyshacl gives ------------------------------------------------------------


def everything(case: str) -> list[ox.Quad]:
    """The nodes of all cases, told apart by the shape's name."""
    text = ""
    for name in NAMES:
        store = ox.Store()
        store.load(path=str(CASES / f"{name}_{case}.ttl"), format=ox.RdfFormat.TURTLE)
        triples = ox.serialize((q.triple for q in store), format=ox.RdfFormat.N_TRIPLES).decode()
        text += triples.replace(ZGI + "case-", f"{ZGI}case-{name}-")
    return [*terms(), *ox.parse(text, format=ox.RdfFormat.N_TRIPLES)]


@pytest.mark.slow
@pytest.mark.parametrize("case", ["PASS", "XFAIL"])
def test_hoisting_and_constraints_in_the_store_change_nothing(case: str) -> None:
    quads = everything(case)
    store = ox.Store()
    store.extend(quads)
    data = as_rdflib(quads)
    plain = {(f.rule, f.focus, f.path, f.severity) for f in run_shapes(data, SHAPES)}
    core = run_shapes(data, without_constraints(hoisted(SHAPES)))
    fast = {(f.rule, f.focus, f.path, f.severity) for f in [*core, *run_constraints(store, SHAPES)]}
    assert fast == plain


def test_shapes_that_others_use_are_not_hoisted() -> None:
    shapes = rdflib.Graph()
    shapes.parse(
        data=f"@prefix sh: <{SH}> . <urn:a> a sh:NodeShape ; sh:targetNode <urn:n> ; sh:property <urn:p> ; "
        "sh:node <urn:b> . <urn:b> a sh:NodeShape ; sh:property <urn:q> .",
        format="turtle",
    )
    kept = set(hoisted(shapes).subject_objects(rdflib.URIRef(SH + "property")))
    assert kept == {(rdflib.URIRef("urn:b"), rdflib.URIRef("urn:q"))}


@pytest.mark.parametrize("query", ["SELECT", "ASK {}"])
def test_broken_constraints_are_refused(query: str) -> None:
    shapes, store = rdflib.Graph(), ox.Store()
    shapes.parse(
        data=f"@prefix sh: <{SH}> . <urn:a> a sh:NodeShape ; sh:targetClass <urn:C> ; sh:sparql <urn:s> . "
        f'<urn:s> sh:select "{query}" .',
        format="turtle",
    )
    store.update("INSERT DATA { <urn:n> a <urn:C> }")
    with pytest.raises(ValidationError, match="SPARQL constraint"):
        run_constraints(store, shapes)
