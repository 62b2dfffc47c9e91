"""The rules of the projection, on the small world and on worlds made for one rule."""

from __future__ import annotations

from typing import Any

import pytest

from zonegraph.errors import ExportError, QueryRefusedError, QuerySyntaxError, UsageError
from zonegraph.graph import ExportOptions, export_graph, profile_names
from zonegraph.graph.export import opened
from zonegraph.graph.model import Edge, Node
from zonegraph.graph.project import Counts, Projection
from zonegraph.names import PREFIXES as NAMES

from .graph_tools import Source, as_bytes, load

PREFIXES = """
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix zg: <https://w3id.org/zonegraph/ontology#> . @prefix zgg: <https://w3id.org/zonegraph/graph/> .
@base <https://w3id.org/zonegraph/id/> .
"""


def project(store: Source, **options: Any) -> tuple[dict[str, Node], list[Edge], Counts]:
    asked = ExportOptions(**options)
    with opened(store, asked, None) as prepared:
        graph, counts = Projection(prepared, asked).run()
        return {node.id: node for node in graph.nodes()}, list(graph.edges()), counts


@pytest.fixture(scope="module")
def domain(world: Source) -> tuple[dict[str, Node], list[Edge], Counts]:
    return project(world)


def between(edges: list[Edge], source: str, target: str) -> list[Edge]:
    return [edge for edge in edges if (edge.source, edge.target) == (source, target)]


def test_only_things_are_nodes(domain) -> None:
    nodes, _, _ = domain
    assert not [
        key for key in nodes if key.startswith(("zgi:doc", "zgi:span", "zgi:time", "zgi:observation", "zgc:", "zg:"))
    ]


def test_the_most_specific_type_is_the_kind(domain) -> None:
    node = domain[0]["zgi:zone.south"]
    assert node.kind == "HighTechZone"
    assert node.attributes["kinds"] == ("DevelopmentZone", "HighTechZone", "Place", "TerritorialUnit")
    assert node.attributes["kind_label"] == "高新区"


def test_an_event_with_two_participants_is_an_edge_in_reading_order(domain) -> None:
    (holding,) = between(domain[1], "zgi:person.li", "zgi:zone.north")
    assert (holding.kind, holding.label) == ("OfficeHolding", "任职")
    assert holding.attributes["attestedAt"] == "2011-01-02"
    assert holding.spells == ()
    assert (holding.attributes["source_role"], holding.attributes["target_role"]) == ("person", "officeIn")


def test_a_code_names_the_relation_so_that_parallels_stay_apart(domain) -> None:
    found = between(domain[1], "zgi:firm.windmill", "zgi:zone.north")
    assert [edge.kind for edge in found] == ["attracted", "attracted", "listed"]
    assert len({edge.id for edge in found}) == 3
    assert [edge.attributes["agreedAmount"] for edge in found[:2]] == [500000000, 700000000]


def test_an_event_with_more_participants_stays_a_node(domain) -> None:
    nodes, edges, counts = domain
    merger = nodes["zgi:administrative-integration.1"]
    assert merger.kind == "AdministrativeIntegration"
    assert (merger.attributes["start"], merger.attributes["when"]) == ("2011-01-02", ("2011-01-02",))
    roles = sorted((edge.kind, edge.target) for edge in edges if edge.source == merger.id)
    assert roles == [
        ("ParticipantOutcome", "zgi:district.river"),
        ("ParticipantOutcome", "zgi:zone.north"),
        ("establishesUnit", "zgi:unit.north-river"),
        ("integrates", "zgi:district.river"),
        ("integrates", "zgi:zone.north"),
    ]
    assert (counts.events.collapsed, counts.events.kept, counts.events.noted, counts.events.skipped) == (11, 3, 0, 1)


def test_the_outcome_of_a_merger_hangs_between_merger_and_party(domain) -> None:
    found = {e.target: e for e in domain[1] if e.kind == "ParticipantOutcome"}
    assert found["zgi:zone.north"].attributes["fate"] == "continues-nominally"
    assert found["zgi:zone.north"].attributes["fate_label"] == "名义保留"
    assert found["zgi:district.river"].attributes["basis"] == "implied"


def test_an_event_with_one_participant_is_a_node_beside_it_with_all_that_is_known(domain) -> None:
    (role,) = [edge for edge in domain[1] if edge.target == "zgi:zone.north" and edge.kind == "established"]
    event = domain[0][role.source]
    assert (event.kind, event.label) == ("Establishment", "设立北岭开发区 1994")
    assert role.attributes.keys() >= {"iri", "event_iri"}


CLAIMS = """
zgg:ontology {
  zg:Claim a owl:Class . zg:QuantityClaim rdfs:subClassOf zg:Claim . zg:Signing rdfs:subClassOf zg:Claim . }
zgg:registry {
  <zone/a> a zg:Zone . <zone/b> a zg:Zone . <zone/c> a zg:Zone .
  <observation/1> a zg:QuantityClaim ; rdfs:label "5亿元"@zh-hans ; zg:hasComparator <comparator/1> .
  <comparator/1> a zg:QuantityClaim .
  <signing/1> a zg:Signing ; zg:party <zone/a>, <zone/b> ; zg:agreedAmount <observation/1> ; zg:occasion <signing/2> .
  <signing/2> a zg:Signing ; zg:party <zone/c> ; rdfs:label "签约"@zh-hans .
}
"""


def test_links_between_claims_are_remarks_or_counted() -> None:
    _, edges, counts = project(load(PREFIXES + CLAIMS))
    assert (counts.events.collapsed, counts.events.kept, counts.events.skipped) == (0, 2, 0)
    assert (counts.events.noted, counts.events.unlinked) == (1, 1)
    assert {(e.source, e.kind, e.target) for e in edges if e.kind != "party"} == {
        ("zgi:signing.1", "occasion", "zgi:signing.2")
    }
    nodes, _, _ = project(load(PREFIXES + CLAIMS))
    assert nodes["zgi:signing.1"].attributes["agreedAmount"] == ("5亿元",)


def test_a_remark_stands_on_a_collapsed_event_too() -> None:
    text = CLAIMS.replace("; zg:occasion <signing/2> .", ".")
    _, edges, counts = project(load(PREFIXES + text))
    (signing,) = [edge for edge in edges if edge.kind == "Signing"]
    assert signing.attributes["agreedAmount"] == ("5亿元",)
    assert (counts.events.collapsed, counts.events.noted) == (1, 1)


def test_stops_keep_their_order_and_two_stops_make_a_directed_edge(domain) -> None:
    calls = {edge.target: edge.attributes["order"] for edge in domain[1] if edge.kind == "hasCall"}
    assert calls == {"zgi:zone.south": 1, "zgi:place.nowhere": 2, "zgi:place.tashan": 3, "zgi:place.ludwig": 4}
    (short,) = between(domain[1], "zgi:zone.north", "zgi:place.tashan")
    assert "symmetric" not in short.attributes


def test_a_stated_relation_comes_once_with_its_evidence(domain) -> None:
    (stated,) = between(domain[1], "zgi:district.river", "zgi:place.nowhere")
    assert stated.attributes["event_iri"].endswith("/statement/1")
    assert stated.attributes["prov_span"] == ("https://w3id.org/zonegraph/id/span/d1/0-5",)
    assert stated.attributes["prov_date"] == ("2018-12",)
    (plain,) = between(domain[1], "zgi:zone.north", "zgi:place.nowhere")
    assert plain.attributes["graph"] == ("https://w3id.org/zonegraph/graph/doc/d1",)
    assert plain.attributes["prov_source"] == ("https://w3id.org/zonegraph/id/doc/d1",)


def test_symmetric_relations_come_once_and_say_so(domain) -> None:
    (edge,) = [edge for edge in domain[1] if edge.kind == "adjacentTo"]
    assert (edge.source, edge.target, edge.attributes["symmetric"]) == ("zgi:district.river", "zgi:zone.north", True)
    (agreement,) = [edge for edge in domain[1] if edge.kind == "CooperationAgreement"]
    assert agreement.attributes["symmetric"] is True


def test_inferred_triples_add_types_but_no_edges(domain) -> None:
    assert "hasMember" not in {edge.kind for edge in domain[1]}
    assert sum(edge.kind == "AllianceMembership" for edge in domain[1]) == 2


def test_numbers_never_overlap_and_rivals_are_kept(domain) -> None:
    north = domain[0]["zgi:zone.north"]
    assert [(t.start, t.value) for t in north.series["gdp__cny"]] == [
        ("2010-01-01", 11300000000),
        ("2012-01-01", 23456789012.5),
    ]
    assert north.attributes["gdp__cny_latest"] == 23456789012.5
    assert len(north.attributes["gdp__cny_alt"]) == 2
    assert north.series["gdp__cny__Target"][0].value == 100000000000
    assert domain[2].alternatives == 2


def test_names_used_in_texts_are_other_names(domain) -> None:
    assert domain[0]["zgi:zone.north"].attributes["alt"] == ("北岭",)


def test_outside_addresses_are_attributes(domain) -> None:
    assert domain[0]["zgi:zone.north"].attributes["sameAs"] == "https://example.org/things/Q1"


def test_labels_follow_the_asked_languages(world: Source) -> None:
    nodes, edges, _ = project(world, languages=("en",))
    assert nodes["zgi:zone.north"].label == "North Ridge Zone"
    assert nodes["zgi:zone.south"].label == "南湾高新区"
    assert {edge.label for edge in edges if edge.kind == "attracted"} == {"attracted"}
    assert project(world, languages=("zh-Hant",))[0]["zgi:zone.north"].label == "北嶺開發區"


def test_events_profile_keeps_every_claim(world: Source) -> None:
    nodes, edges, counts = project(world, profile="events")
    assert "zgi:firm-relation.1" in nodes
    assert nodes["zgi:firm-relation.1"].attributes["start"] == "2010-01-01"
    assert {e.kind for e in edges if e.source == "zgi:firm-relation.1"} == {"firm", "zone"}
    assert counts.events.collapsed == 0


def test_raw_profile_has_every_resource_and_triple(world: Source) -> None:
    nodes, edges, _ = project(world, profile="raw")
    things = {str(q.subject) for q in world.raw} | {str(q.object) for q in world.raw if str(q.object).startswith("<")}
    assert len(nodes) == len(things)
    triples = {q.triple for q in world.raw if str(q.object).startswith("<")}
    asymmetric = {(str(t.subject), str(t.predicate), str(t.object)) for t in triples}
    assert len(edges) == len(asymmetric)


def test_a_slice_has_the_neighbours_of_its_center(world: Source) -> None:
    nodes, edges, counts = project(world, center="https://w3id.org/zonegraph/id/firm/windmill", hops=1)
    assert set(nodes) == {"zgi:firm.windmill", "zgi:zone.north"}
    assert len(edges) == 3
    assert counts.left_out.nodes == 13
    assert len(project(world, center="firm/windmill", hops=0)[0]) == 1
    assert len(project(world, center="zgi:firm.windmill", hops=2)[0]) > 5


def test_kinds_of_nodes_include_what_lies_below(world: Source) -> None:
    nodes, edges, _ = project(world, kinds=("DevelopmentZone", "Enterprise"))
    assert {node.kind for node in nodes.values()} == {"DevelopmentZone", "HighTechZone", "Enterprise"}
    assert {edge.kind for edge in edges} == {"attracted", "listed", "CooperationAgreement"}


def test_kinds_of_edges_keep_their_ends(world: Source) -> None:
    nodes, edges, _ = project(world, kinds=("attracted",))
    assert len(edges) == 3
    assert len(nodes) == 4


def test_kinds_of_nodes_and_edges_together_give_both(world: Source) -> None:
    nodes, edges, _ = project(world, kinds=("Person", "attracted"))
    assert {edge.kind for edge in edges} == {"attracted"}
    ends = {key for edge in edges for key in (edge.source, edge.target)}
    assert set(nodes) == ends | {"zgi:person.li"}


def test_a_kind_of_kept_events_keeps_their_roles(world: Source) -> None:
    _, edges, _ = project(world, kinds=("AdministrativeIntegration", "attracted"))
    assert {"attracted", "integrates"} <= {edge.kind for edge in edges}


def test_as_of_gives_the_graph_of_one_day(world: Source) -> None:
    nodes, edges, _ = project(world, as_of="2012-06-30")
    assert [e.attributes["when"] for e in edges if e.source == "zgi:firm.windmill" and e.kind == "attracted"] == [
        ("2012",)
    ]
    assert all(edge.spells == () for edge in edges)
    assert nodes["zgi:zone.north"].attributes["gdp__cny"] == 23456789012.5
    assert "zgi:administrative-integration.1" not in nodes
    assert all(not node.series for node in nodes.values())


def test_max_nodes_keeps_the_most_connected_and_says_what_went(world: Source) -> None:
    nodes, _, counts = project(world, max_nodes=3)
    assert "zgi:zone.north" in nodes
    assert len(nodes) == 3
    assert counts.left_out.nodes == 12
    assert sum(counts.left_out.kinds.values()) == 12
    assert "at most 3 nodes" in counts.left_out.reason


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"center": "zone/atlantis"}, "no node"),
        ({"kinds": ("Enterprize",)}, "Enterprise"),
        ({"profile": "nothing"}, "domain, events, raw"),
    ],
)
def test_wrong_slices_are_refused_in_words(world: Source, options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        project(world, **options)


@pytest.mark.parametrize(
    "options",
    [
        {"hops": 2},
        {"center": "x", "hops": -1},
        {"max_nodes": 0},
        {"as_of": "2018-06"},
        {"as_of": "2018-02-30"},
        {"languages": ("z h",)},
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        ExportOptions(**options)


def test_a_dangling_edge_is_counted_and_never_written() -> None:
    store = load(
        PREFIXES
        + "zgg:registry { <zone/a> a zg:Zone ; zg:near <zone/b> . <zone/b> a zg:Zone ; zg:near <zone/ghost> . }"
    )
    nodes, edges, counts = project(store, profile="domain")
    assert [(e.source, e.target) for e in edges] == [("zgi:zone.a", "zgi:zone.b")]
    assert nodes["zgi:zone.b"].attributes["near"] == "https://w3id.org/zonegraph/id/zone/ghost"
    assert counts.dangling == 0


def test_a_blank_node_is_refused_in_domain_and_allowed_in_raw() -> None:
    store = load(PREFIXES + 'zgg:registry { _:b a zg:Zone ; rdfs:label "无名" . }')
    with pytest.raises(ExportError, match="blank node"):
        project(store)
    assert len(project(store, profile="raw")[0]) == 2


def test_two_things_never_share_an_id() -> None:
    iris = ("zone/a.b", "zone/a/b", "zone/a%20b", "https://example.org/a%20b")
    text = "zgg:registry { " + " ".join(f"<{iri}> a zg:Zone ." for iri in iris) + " }"
    nodes, _, _ = project(load(PREFIXES + text))
    assert len(nodes) == 4
    assert "zgi:zone.a.b" in nodes


def test_an_unknown_term_of_tomorrow_is_exported_without_a_line_of_python() -> None:
    text = """
    zgg:ontology { zg:Claim a owl:Class .
      zg:Leasing a owl:Class ; rdfs:subClassOf zg:Claim ; rdfs:label "租赁"@zh-hans ;
      zg:labelTemplate "{tenant} {landlord}" . }
    zgg:registry { <firm/x> a zg:Tenant . <zone/y> a zg:Yard .
      <leasing/1> a zg:Leasing ; zg:landlord <zone/y> ; zg:tenant <firm/x> . }
    """
    _, (edge,), counts = project(load(PREFIXES + text))
    assert (edge.source, edge.kind, edge.label, edge.target) == ("zgi:firm.x", "Leasing", "租赁", "zgi:zone.y")
    assert counts.events.collapsed == 1


def test_adding_a_folder_adds_a_profile(world: Source, tmp_path) -> None:
    folder = tmp_path / "zones"
    folder.mkdir()
    (folder / "nodes.rq").write_text("SELECT ?node ?kind { ?node a zg:HighTechZone . BIND(zg:HighTechZone AS ?kind) }")
    (folder / "edges.rq").write_text("SELECT ?source ?kind ?target { ?source ?kind ?target . FILTER(false) }")
    assert profile_names(tmp_path) == ("zones",)
    for options in ({"profile": "zones", "profiles": tmp_path}, {"profile": str(folder)}):
        nodes, edges, _ = project(world, **options)
        assert [node.label for node in nodes.values()] == ["南湾高新区"]
        assert edges == []


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("nodes.rq", "SELECT ?node { ?node a ?kind }", ExportError),
        ("nodes.rq", "SELECT ?node ?kind ?color { ?node a ?kind }", ExportError),
        ("nodes.rq", "SELECT ?node ?kind { ?node a", QuerySyntaxError),
        ("nodes.rq", "SELECT ?node ?kind { SERVICE <http://localhost:9/> { ?node a ?kind } }", QueryRefusedError),
        ("colours.rq", "SELECT ?node { ?node a ?kind }", UsageError),
    ],
)
def test_a_bad_profile_is_refused_by_file_name(
    world: Source, tmp_path, name: str, text: str, error: type[Exception]
) -> None:
    (tmp_path / "nodes.rq").write_text("SELECT ?node ?kind { ?node a ?kind }")
    (tmp_path / "edges.rq").write_text("SELECT ?source ?kind ?target { ?source ?kind ?target }")
    (tmp_path / name).write_text(text)
    with pytest.raises(error, match=name.replace(".", r"\.")):
        project(world, profile=str(tmp_path))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("uses.rq", 'SELECT ?name ?use { VALUES (?name ?use) { (zg:area "colour") } }', "knows no use 'colour'"),
        ("means.rq", 'SELECT ?kind ?role { VALUES (?kind ?role) { (zg:Zone "ghost") } }', "knows no role 'ghost'"),
    ],
)
def test_a_word_that_nobody_knows_is_refused(world: Source, tmp_path, name: str, text: str, words: str) -> None:
    (tmp_path / "nodes.rq").write_text("SELECT ?node ?kind { ?node a ?kind }")
    (tmp_path / "edges.rq").write_text("SELECT ?source ?kind ?target { ?source ?kind ?target . FILTER(false) }")
    (tmp_path / name).write_text(text)
    with pytest.raises(ExportError, match=words):
        project(world, profile=str(tmp_path))


def test_parts_of_any_kind_meet_in_one_node(tmp_path) -> None:
    """A profile may tell facts part by part, in any order, of claims that it does not list among its nodes."""
    store = load(
        PREFIXES
        + """zgg:registry {
        <zone/a> a zg:Zone ; zg:area 5 ; rdfs:label "甲"@zh-hans , "A\\"\\t\\\\"@en . <zone/b> a zg:Zone .
        <claim/1> zg:from <zone/a> ; zg:to <zone/b> ; zg:page 7 ; zg:seen <doc/1> . }"""
    )
    parts = {
        "nodes": "SELECT ?node ?kind ?start { ?node a zg:Zone BIND(zg:Zone AS ?kind) BIND('2018' AS ?start) }",
        "attributes": "SELECT ?node ?name ?value { ?node ?name ?value FILTER(isNumeric(?value)) }",
        "edges": "SELECT ?source ?kind ?target ?event { ?event zg:from ?source ; zg:to ?target BIND(zg:by AS ?kind) }",
        "provenance": "SELECT ?event ?source { ?event zg:seen ?source }",
    }
    for name, text in parts.items():
        (tmp_path / f"{name}.rq").write_text(text)
    nodes, (edge,), _ = project(store, profile=str(tmp_path))
    node = nodes["zgi:zone.a"]
    assert (node.label, node.attributes["label_en"], node.attributes["area"]) == ("甲", 'A"\t\\', 5)
    assert (node.attributes["start"], "end" in node.attributes) == ("2018-01-01", False)
    assert (edge.attributes["page"], edge.attributes["prov_source"]) == (7, ("https://w3id.org/zonegraph/id/doc/1",))


class SelectOnly:
    """The same store as something that only answers a SELECT with terms."""

    def __init__(self, store: Source) -> None:
        self._raw = store.raw

    def select(self, text: str) -> list[dict[str, Any]]:
        found = self._raw.query(text, use_default_graph_as_union=True, prefixes=dict(NAMES))
        names = [variable.value for variable in found.variables]
        return [{name: row[name] for name in names if row[name] is not None} for row in found]


@pytest.mark.parametrize("profile", ["domain", "events", "raw"])
def test_a_store_that_answers_with_terms_gives_the_same_bytes(world: Source, profile: str) -> None:
    assert as_bytes(SelectOnly(world), "gexf", profile=profile) == as_bytes(world, "gexf", profile=profile)


def test_links_from_a_kept_claim_to_an_amount_are_told_in_the_events_profile_too() -> None:
    nodes, _, counts = project(load(PREFIXES + CLAIMS), profile="events")
    assert nodes["zgi:signing.1"].attributes["agreedAmount"] == ("5亿元",)
    assert counts.events.noted == 1


def test_the_shipped_profiles() -> None:
    assert profile_names() == ("domain", "events", "raw")


def test_a_limit_on_edges_refuses_and_does_not_cut(world: Source, tmp_path) -> None:
    with pytest.raises(ExportError) as caught:
        export_graph(world, "gexf", ExportOptions(max_edges=5), tmp_path / "g.gexf")
    assert caught.value.code == "export-too-large"
    assert list(tmp_path.iterdir()) == []
