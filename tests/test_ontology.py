"""The ontology and its code lists: syntax, names, header and style."""

from __future__ import annotations

import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pyoxigraph
import pyshacl
import pytest
from rdflib import OWL, RDF, RDFS, SH, SKOS, BNode, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, VANN
from rdflib.term import Node

from ontology_files import (
    CODES,
    FILES,
    HERE,
    ONTOLOGY,
    PROPERTY_KINDS,
    ROOT,
    copy,
    everything,
    fold,
    foreign,
    shapes,
    style,
    terms,
    vocabulary,
    zg,
    zgc,
)  # fmt: skip
from zonegraph.names import PREFIXES, XSD, ZG, ZGC

BIBO_STATUS = URIRef(PREFIXES["bibo"] + "status")


# Syntax and form.


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ONTOLOGY)))
def test_both_engines_read_the_same_number_of_triples(file: Path) -> None:
    triples = set(pyoxigraph.parse(path=str(file)))
    assert len(triples) == len(Graph().parse(file)) > 0


def test_files_are_canonical() -> None:
    tool = ROOT / ".venv/bin/turtlefmt"
    command = str(tool) if tool.exists() else shutil.which("turtlefmt")
    if command is None:
        pytest.skip("turtlefmt is not installed")
    done = subprocess.run([command, "--check", str(ONTOLOGY)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run: turtlefmt {ONTOLOGY}\n{done.stdout}{done.stderr}"


def test_nothing_is_imported() -> None:
    assert not list(everything().objects(None, OWL.imports))


def test_blank_nodes_are_lists_and_disjointness_only() -> None:
    for node in {n for n in everything().all_nodes() if isinstance(n, BNode)}:
        predicates = set(everything().predicates(node))
        assert predicates <= {RDF.first, RDF.rest, RDF.type, OWL.members}


# Terms.


def test_every_term_is_declared() -> None:
    graph = everything()
    declared = terms(graph, OWL.Class, OWL.Ontology, *PROPERTY_KINDS, SKOS.Concept, SKOS.ConceptScheme)
    pointing = [RDF.type, RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, OWL.inverseOf, OWL.disjointWith]
    pointing += [SH.path, SH["class"], SH.targetClass, SKOS.broader, SKOS.inScheme, zg.mintKey, zg.roleNode]
    used = foreign(graph.predicates())
    used |= foreign(o for p in pointing for o in graph.objects(None, p))
    used |= {o for o in graph.objects() if isinstance(o, URIRef) and str(o).startswith((ZG, ZGC))}
    assert used - declared == set()


def test_declared_ranges_are_legal_in_the_rule_profile() -> None:
    legal = {URIRef(XSD + name) for name in ("string", "decimal", "integer", "boolean", "dateTime")}
    classes = terms(vocabulary(), OWL.Class)
    for term in terms(vocabulary(), OWL.ObjectProperty):
        assert set(vocabulary().objects(term, RDFS.range)) <= classes
    for term in terms(vocabulary(), OWL.DatatypeProperty):
        assert set(vocabulary().objects(term, RDFS.range)) <= legal


def test_a_term_has_one_kind() -> None:
    kinds = [terms(vocabulary(), kind) for kind in (OWL.Class, *PROPERTY_KINDS)]
    assert sum(map(len, kinds)) == len(set().union(*kinds))


@pytest.mark.parametrize("kinds", [(OWL.Class,), PROPERTY_KINDS], ids=["classes", "properties"])
def test_names_do_not_collide_within_a_kind(kinds: tuple[URIRef, ...]) -> None:
    graph = vocabulary()
    names: dict[str, set[Node]] = defaultdict(set)
    for term in (t for t in terms(graph, *kinds) if str(t).startswith(ZG)):
        names[fold(term.removeprefix(ZG))].add(term)
        for name in (*graph.objects(term, RDFS.label), *graph.objects(term, zg.roleAlias)):
            names[fold(str(name))].add(term)
    assert {name: found for name, found in names.items() if len(found) > 1} == {}


@pytest.mark.parametrize("scheme", sorted(terms(vocabulary(), SKOS.ConceptScheme)), ids=lambda s: s.removeprefix(ZGC))
def test_names_do_not_collide_within_a_code_list(scheme: URIRef) -> None:
    graph = vocabulary()
    names: dict[str, set[Node]] = defaultdict(set)
    for code in graph.subjects(SKOS.inScheme, scheme):
        names[fold(str(code).removeprefix(f"{scheme}-"))].add(code)
        for kind in (SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel, SKOS.notation):
            for name in graph.objects(code, kind):
                names[fold(str(name))].add(code)
    assert {name: found for name, found in names.items() if len(found) > 1} == {}


def test_one_code_list_a_file_and_one_class_a_code_list() -> None:
    for file in CODES:
        graph = Graph().parse(file)
        assert terms(graph, SKOS.ConceptScheme) == {zgc[file.stem]}
        kinds = {kind for code in terms(graph, SKOS.Concept) for kind in graph.objects(code, RDF.type)}
        assert len(kinds - {SKOS.Concept}) == 1


@pytest.mark.parametrize(
    ("scheme", "text", "code"),
    [
        ("unit", "TEU（標箱）", "unit-teu"),
        ("unit", "個項目", "unit-project"),
        ("unit", "个百分点", "unit-percentage-point"),
        ("unit", "个国家和地区", "unit-country-or-region"),
        ("unit", "人民幣", "unit-cny"),
        ("indicator", "地区生产总值", "indicator-gdp"),
        ("indicator", "西行班列", "indicator-trains-westbound"),
        ("goods", "PVC 材料", "goods-pvc"),
    ],
)
def test_written_forms_lead_to_their_code(scheme: str, text: str, code: str) -> None:
    graph = vocabulary()
    kinds = (SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel)
    names = {fold(str(n)) for kind in kinds for n in graph.objects(zgc[code], kind)}
    assert fold(text) in names
    assert (zgc[code], SKOS.inScheme, zgc[scheme]) in graph


# Converter vocabulary.


def test_ordered_roles_say_their_node() -> None:
    graph = vocabulary()
    ordered = set(graph.subjects(zg.orderedRole, Literal(True)))
    assert ordered >= {zg.hasCall, zg.hasMembership}
    for role in ordered:
        assert len(list(graph.objects(role, zg.roleNode))) == 1
        assert len(list(graph.objects(role, RDFS.range))) == 1


def test_label_templates_name_roles() -> None:
    graph = vocabulary()
    local = {str(t).split("#")[-1] for t in terms(graph, *PROPERTY_KINDS)}
    for term, template in graph.subject_objects(zg.labelTemplate):
        used = {part.split("}")[0] for part in str(template).split("{")[1:]}
        assert used <= local, term


def test_every_claim_class_has_an_identifier_path_and_shapes() -> None:
    graph = everything()
    for cls in graph.transitive_subjects(RDFS.subClassOf, zg.Claim):
        line = set(graph.transitive_objects(cls, RDFS.subClassOf))
        assert any((up, zg.idPath, None) in graph for up in line), cls
        assert any((None, SH.targetClass, up) in graph for up in line), cls


def test_identity_keys_are_roles_of_the_class() -> None:
    graph = everything()
    for cls in set(graph.subjects(zg.mintKey, None)):
        targets = [
            s for up in graph.transitive_objects(cls, RDFS.subClassOf) for s in graph.subjects(SH.targetClass, up)
        ]
        paths = {p for s in targets for q in graph.objects(s, SH.property) for p in graph.objects(q, SH.path)}
        assert set(graph.objects(cls, zg.mintKey)) <= paths, cls


def test_integration_is_identified_by_its_participants_alone() -> None:
    assert set(vocabulary().objects(zg.AdministrativeIntegration, zg.mintKey)) == {zg.integrates}


def test_shapes_are_named_and_used() -> None:
    held = set(shapes().objects(None, SH.property))
    assert held == terms(shapes(), SH.PropertyShape)


# Header.


@pytest.mark.parametrize(
    "need",
    [
        DCTERMS.title, DCTERMS.description, DCTERMS.license, DCTERMS.creator, DCTERMS.created, DCTERMS.issued,
        DCTERMS.publisher, DCTERMS.contributor, DCTERMS.bibliographicCitation, OWL.versionIRI, OWL.versionInfo,
        VANN.preferredNamespacePrefix, VANN.preferredNamespaceUri, BIBO_STATUS,
    ],
)  # fmt: skip
def test_header_has(need: URIRef) -> None:
    assert list(vocabulary().objects(HERE, need))


def test_header_agrees_with_itself() -> None:
    graph = vocabulary()
    assert terms(graph, OWL.Ontology) == {HERE}
    version = str(graph.value(HERE, OWL.versionInfo))
    assert str(graph.value(HERE, OWL.versionIRI)) == f"{HERE}/{version}"
    assert str(graph.value(HERE, VANN.preferredNamespaceUri)) == ZG == PREFIXES["zg"]
    for text in (DCTERMS.title, DCTERMS.description):
        assert {"zh-hans", "en"} <= {t.language for t in graph.objects(HERE, text) if isinstance(t, Literal)}


# Style.


def style_findings(graph: Graph) -> set[str]:
    _, report, _ = pyshacl.validate(graph, shacl_graph=style())
    assert isinstance(report, Graph)
    sources = (*report.objects(None, SH.sourceShape), *report.objects(None, SH.sourceConstraint))
    return {str(s).split("#")[-1] for s in sources}


def test_style_is_kept() -> None:
    assert style_findings(everything()) == set()


def test_every_style_rule_stands_in_the_guide() -> None:
    guide = (ONTOLOGY / "STYLE.md").read_text(encoding="utf-8")
    rules = terms(style(), SH.PropertyShape, SH.SPARQLConstraint) | {
        s for s in terms(style(), SH.NodeShape) if (s, SH.pattern, None) in style()
    }
    missing = {str(r).split("#")[-1] for r in rules if f"`zgs:{str(r).split('#')[-1]}`" not in guide}
    assert missing == set()


def test_style_finds_what_breaks_it() -> None:
    graph = copy(everything())
    graph.remove((zg.Claim, SKOS.definition, None))
    graph.add((zg.Place, RDFS.label, Literal("spot", lang="en")))
    graph.remove((zg.basis, RDFS.isDefinedBy, None))
    graph.add((zg.bad_class, RDF.type, OWL.Class))
    graph.add((zg.BadProperty, RDF.type, OWL.ObjectProperty))
    graph.set((zg.Event, RDFS.isDefinedBy, URIRef("https://example.org/")))
    graph.remove((zgc["unit-cny"], SKOS.inScheme, None))
    graph.add((zgc["Bad_Code"], RDF.type, SKOS.Concept))
    graph.remove((zg.edtf, zg.exemptFrom, None))
    graph.add((zg.Mention, SKOS.definition, Literal("mention of a thing.", lang="en")))
    graph.remove((HERE, DCTERMS.license, None))
    assert style_findings(graph) >= {
        "StyleTerm-definition", "StyleTerm-label", "StyleTerm-home", "StyleClass", "StyleProperty",
        "StyleTerm-ownHome", "StyleCode-scheme", "StyleCode", "StyleCode-class", "StyleTerm-englishLabel",
        "StyleTerm-noCircle", "StyleHeader-license",
    }  # fmt: skip


def test_exceptions_are_needed() -> None:
    graph = copy(everything())
    graph.remove((None, zg.exemptFrom, None))
    _, report, _ = pyshacl.validate(graph, shacl_graph=style())
    assert isinstance(report, Graph)
    excused = set(Graph().parse(ONTOLOGY / "exceptions.ttl").subjects(zg.exemptFrom, None))
    assert set(report.objects(None, SH.value)) == excused


def test_the_shipped_closure_belongs_to_these_axioms(tmp_path):
    import pyoxigraph as ox

    from zonegraph.build.pipeline import vocabulary
    from zonegraph.build.stages import adopt_closures
    from zonegraph.plan import Sources
    from zonegraph.reason import close_schema
    from zonegraph.resources import data_dir

    lines = next(vocabulary(Sources.from_dirs(data_dir("ontology"), data_dir("seeds"))))
    quads = ox.parse("\n".join(lines).encode(), format=ox.RdfFormat.N_QUADS)
    adopt_closures(data_dir("ontology"), tmp_path)
    shipped = {path.name for path in tmp_path.iterdir()}
    close_schema([(str(q.subject), str(q.predicate), str(q.object)) for q in quads], tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == shipped, "run `make closure`"
