"""Things, documents and discovery, as a linked-data client meets them."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic
from signposting import find_signposting_http

from zonegraph.names import PREFIXES

ZONE = "https://w3id.org/zonegraph/id/zone/urumqi-etdz"
DOC = "/doc/zone/urumqi-etdz"


def links(reply) -> list[tuple[str, dict[str, str]]]:
    found = re.findall(r'<([^>]*)>((?:\s*;\s*[a-z-]+="[^"]*")*)', reply["Link"])
    return [(target, dict(re.findall(r'([a-z-]+)="([^"]*)"', rest))) for target, rest in found]


def relations(reply) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for target, attributes in links(reply):
        result.setdefault(attributes["rel"], []).append(target)
    return result


def test_a_thing_is_303_to_its_document(server):
    reply = server.ask("/id/zone/urumqi-etdz", Accept="text/turtle")
    assert (reply.status, reply.body) == (303, b"")
    assert reply["Location"] == f"{server.url}{DOC}"


def test_one_document_in_all_forms(server):
    graphs = []
    for ending, media_type, name in (
        ("ttl", "text/turtle", "turtle"),
        ("jsonld", "application/ld+json", "json-ld"),
        ("nt", "application/n-triples", "nt"),
        ("rdf", "application/rdf+xml", "xml"),
    ):
        fixed, negotiated = server.ask(f"{DOC}.{ending}"), server.ask(DOC, Accept=media_type)
        assert fixed.status == negotiated.status == 200
        assert fixed.body == negotiated.body
        assert negotiated["Content-Type"].split(";")[0] == media_type
        assert negotiated["Content-Location"] == f"{server.url}{DOC}.{ending}"
        assert fixed["Content-Location"] == ""
        graphs.append(rdflib.Graph().parse(data=fixed.body, format=name))
    assert all(isomorphic(graphs[0], graph) for graph in graphs[1:])
    page = server.ask(DOC, Accept="text/html,*/*;q=0.1")
    assert page["Content-Type"].startswith("text/html")
    assert server.ask(DOC, Accept="image/png").status == 406


@pytest.mark.parametrize("path", [DOC, "/ontology"])
def test_a_format_in_the_address_goes_before_accept(server, path):
    reply = server.ask(path + "?format=jsonld", Accept="text/turtle")
    assert reply["Content-Type"] == "application/ld+json"
    assert reply["Content-Location"] == f"{server.url}{path}.jsonld"
    assert server.ask(path + "?format=exe").status == 406


def test_the_description_follows_claims_and_spans(server):
    graph = rdflib.Graph().parse(data=server.ask(f"{DOC}.ttl").body, format="turtle")
    claim = rdflib.URIRef("https://w3id.org/zonegraph/id/observation/0123456789abcdef")
    span = rdflib.URIRef("https://w3id.org/zonegraph/id/span/000/258-266")
    oa = rdflib.Namespace(PREFIXES["oa"])
    assert (claim, rdflib.URIRef(PREFIXES["zg"] + "about"), rdflib.URIRef(ZONE)) in graph
    assert (claim, rdflib.URIRef(PREFIXES["prov"] + "wasDerivedFrom"), span) in graph
    assert (span, oa.hasSource, None) in graph
    assert (None, oa.exact, None) in graph
    assert (rdflib.URIRef(PREFIXES["zg"] + "EconomicTechnologicalDevelopmentZone"), None, None) not in graph


def test_the_document_of_a_claim(server):
    graph = rdflib.Graph().parse(data=server.ask("/doc/observation/0123456789abcdef.ttl").body, format="turtle")
    assert (None, rdflib.URIRef(PREFIXES["oa"] + "start"), None) in graph


def test_links_and_signposts(server):
    reply = server.ask(DOC, Accept="text/html")
    found = relations(reply)
    assert found["cite-as"] == [ZONE]
    assert found["canonical"] == [f"{server.url}{DOC}"]
    assert len(found["license"]) == 1
    assert found["type"] == ["https://w3id.org/zonegraph/ontology#EconomicTechnologicalDevelopmentZone"]
    assert {a["type"] for _, a in links(reply) if a["rel"] == "alternate"} == {
        "text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml", "text/html"
    }  # fmt: skip
    for target in found["alternate"]:
        path = target.removeprefix(server.url)
        assert server.ask(path).status == 200
    for target, attributes in links(reply):
        assert target.startswith("http")
        if attributes["rel"] == "describedby":
            described = server.ask(target.removeprefix(server.url))
            assert described["Content-Type"].startswith(attributes["type"])


def test_successor_withdrawal_and_nothing(server):
    replaced = server.ask("/doc/unit/toutunhe", Accept="text/turtle")
    assert replaced.status == 200
    assert relations(replaced)["successor-version"] == ["https://w3id.org/zonegraph/id/unit/urumqi-etdz-toutunhe"]
    for path, status in (("zone/withdrawn", 410), ("zone/none", 404), ("zone/urumqi-etdz/", 404), ("zone/%22%3E", 404)):
        for route in ("id", "doc"):
            reply = server.ask(f"/{route}/{path}", Accept="text/turtle")
            assert reply.status == status
            assert reply["Content-Type"] == "application/problem+json"


def test_labels_are_hostile_text(server):
    page = server.ask("/sparql?format=html&query=SELECT%20*%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
    echoed = server.ask("/sparql?format=html&query=SELECT%20(%22%3Cscript%3E%22%20AS%20%3Fx)%20%7B%7D").text
    assert "<script>" not in echoed
    assert "script-src" in server.ask("/sparql", Accept="text/html")["Content-Security-Policy"] or (
        "default-src 'self'" in server.ask("/sparql", Accept="text/html")["Content-Security-Policy"]
    )
    problem = server.ask("/doc/%3Cscript%3E", Accept="text/html")
    assert "<script>" not in problem.text


def test_json_ld_carries_the_published_context(server):
    document = json.loads(server.ask(f"{DOC}.jsonld").body)
    published = json.loads(server.ask("/context.jsonld").body)
    assert document["@context"] == published["@context"]
    assert "zgi:zone/urumqi-etdz" in {node["@id"] for node in document["@graph"]}


def test_vocabulary_and_codes(server):
    for path in ("/ontology", "/ontology.ttl", "/ontology/0.1.0"):
        reply = server.ask(path, Accept="text/turtle")
        assert reply.status == 200
        assert list(ox.parse(reply.body, format=ox.RdfFormat.TURTLE))
    assert server.ask("/ontology/9.9").status == 404
    assert server.ask("/code/unit-cny.ttl").status == 200
    assert server.ask("/code/unit").status == 200
    assert server.ask("/graph/registry")["Location"].startswith("/data?graph=https%3A")


@pytest.fixture(scope="module")
def description(server) -> ox.Store:
    store = ox.Store()
    for path in ("/sparql", "/.well-known/void"):
        store.load(server.ask(path, Accept="text/turtle").body, format=ox.RdfFormat.TURTLE)
    return store


def test_the_service_is_described_small_and_the_dataset_apart(server):
    service = server.ask("/sparql", Accept="text/turtle")
    dataset = server.ask("/.well-known/void", Accept="text/turtle")
    assert service.body.startswith(b"@prefix ")
    assert dataset.body.startswith(b"@prefix ")
    assert len(service.body) < 100_000
    assert b"classPartition" not in service.body
    assert b"SPARQLExecutable" not in dataset.body
    assert server.ask("/sparql", Accept="text/turtle", If_None_Match=service["ETag"]).status == 304
    assert server.ask("/.well-known/void", Accept="text/turtle", If_None_Match=dataset["ETag"]).status == 304


@pytest.mark.parametrize(
    "pattern",
    [
        "?s a sd:Service ; sd:endpoint ?e ; sd:supportedLanguage sd:SPARQL11Query , sd:SPARQLQuery ; sd:supportedVersion '1.2'",  # noqa: E501
        "?s sd:feature sd:UnionDefaultGraph ; sd:extensionFunction ?f",
        "?d sd:namedGraph [ sd:name <https://w3id.org/zonegraph/graph/registry> ; sd:graph [ void:triples 12 ] ]",
        "?d a void:Dataset , dcat:Dataset ; dcterms:license ?l ; dcterms:modified ?m ; void:dataDump ?u",
        "?d void:classPartition [ void:class zg:Observation ; void:entities 1 ; void:propertyPartition [ void:property zg:about ; void:triples 1 ] ]",  # noqa: E501
        "?d dcat:distribution [ a dcat:Distribution ; dcat:downloadURL ?u ; dcat:mediaType ?t ]",
        "[] sh:prefix 'zg' ; sh:namespace ?n",
        "?q a sh:SPARQLExecutable ; sh:select ?text ; rdfs:comment ?c ; sh:prefixes [ sh:declare [ sh:prefix ?p ] ]",
        "?d void:propertyPartition [ <http://ldf.fi/void-ext#objectClassPartition> [ void:class ?c ; void:triples ?n ] ]",  # noqa: E501
        "?x <http://ldf.fi/void-ext#datatypePartition> [ <http://ldf.fi/void-ext#datatype> ?t ]",
    ],
)
def test_description_has(description, pattern):
    prefixes = "".join(f"PREFIX {p}: <{n}>\n" for p, n in PREFIXES.items())
    assert bool(description.query(f"{prefixes}ASK {{ {pattern} }}")), pattern


def test_extension_functions_exist(server, description):
    sd = PREFIXES["sd"]
    rows = description.query(f"SELECT DISTINCT ?f {{ ?s <{sd}extensionFunction> ?f }}")
    for row in rows:
        # an unknown function is an error in the expression, and so is a missing argument: only a known one can work
        reply = server.query(f"SELECT (<{row['f'].value}>('x') AS ?y) {{}}")
        assert reply.status == 200
    point = "'POINT(1 1)'^^<http://www.opengis.net/ont/geosparql#wktLiteral>"
    inside = server.query(f"PREFIX geof: <{PREFIXES['geof']}> ASK {{ FILTER(geof:sfWithin({point}, {point})) }}")
    assert json.loads(inside.body)["boolean"] is True


def test_operation(server):
    assert json.loads(server.ask("/health/live").body) == {"status": "live"}
    ready = json.loads(server.ask("/health/ready").body)
    assert ready["status"] == "ready"
    text = server.ask("/metrics").text
    for name in (
        "zonegraph_requests_total",
        "zonegraph_queries_total",
        "zonegraph_query_seconds_bucket",
        "zonegraph_workers_running",
    ):
        assert name in text


def test_not_ready_without_a_store(run_server, tmp_path):
    server = run_server(store=tmp_path / "nothing")
    assert server.ask("/health/live").status == 200
    for path in ("/health/ready", "/sparql?query=ASK%7B%7D", "/data", "/doc/x"):
        reply = server.ask(path)
        assert reply.status == 503
        assert int(reply["Retry-After"]) > 0


def test_metrics_over_all_processes(run_server, shared_store):
    server = run_server(store=shared_store, processes=2)
    for number in range(40):
        assert server.ask(f"/sparql?query=ASK%7B%3Fs%20%3Fp%20{number}%7D").status == 200
    for _ in range(3):
        counts = re.findall(r'zonegraph_queries_total\{outcome="ok"\} (\d+)', server.ask("/metrics").text)
        assert sum(map(int, counts)) == 40


@pytest.mark.parametrize("path", ["/doc/zone/urumqi-etdz", "/id/zone/urumqi-etdz", "/doc/zone/urumqi-etdz.html"])
def test_signposting_as_its_own_library_reads_it(server, path):
    """FAIR Signposting level 1: a robot finds the thing, its kinds, its licence, its forms, and the whole."""
    found = find_signposting_http(server.url + path)
    assert str(found.citeAs.target) == "https://w3id.org/zonegraph/id/zone/urumqi-etdz"
    kind = "https://w3id.org/zonegraph/ontology#EconomicTechnologicalDevelopmentZone"
    assert kind in {str(found_kind.target) for found_kind in found.types}
    assert str(found.license.target).startswith("https://creativecommons.org/")
    forms = {str(form.type): str(form.target) for form in found.describedBy}
    assert {"text/turtle", "application/ld+json"} <= set(forms)
    for media_type, target in forms.items():
        reply = server.ask(target.removeprefix(server.url))
        assert (reply.status, reply["Content-Type"].split(";")[0]) == (200, media_type)
    whole = urlsplit(str(found.collection.target))
    assert server.ask(whole.path).status == 200
