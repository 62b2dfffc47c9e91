"""Other people's clients and servers: they must find nothing odd here, and answers must agree."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from rdflib import URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, GET, JSON, POST, POSTDIRECTLY, TURTLE, XML, SPARQLWrapper

from conftest import TOKEN, WORLD, Reply, Server, free_port, pause, publish, until

pytestmark = pytest.mark.slow

OXIGRAPH = Path(sys.executable).with_name("oxigraph")
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"


@pytest.fixture(scope="module")
def peer(tmp_path_factory):
    """A real ``oxigraph serve`` with the small world, writable, default graph as union."""
    folder = tmp_path_factory.mktemp("oxigraph")
    store = ox.Store(str(folder / "data"))
    store.load(WORLD.read_bytes(), format=ox.RdfFormat.TRIG)
    store.flush()
    del store
    port = free_port()
    command = [
        str(OXIGRAPH),
        "serve",
        "--location",
        str(folder / "data"),
        "--bind",
        f"127.0.0.1:{port}",
        "--union-default-graph",
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    from zonegraph.web.config import Config

    running = Server(Config(port=port), process, folder / "log")

    def up() -> bool:
        try:
            return running.ask("/query?query=" + quote("ASK {}"), timeout=2).status == 200
        except OSError:
            pause()
            return False

    assert until(up)
    yield running
    running.stop()


def test_sparqlwrapper(server):
    for method, way in ((GET, None), (POST, None), (POST, POSTDIRECTLY)):
        client = SPARQLWrapper(f"{server.url}/sparql")
        client.setMethod(method)
        if way:
            client.setRequestMethod(way)
        client.setQuery(COUNT)
        client.setReturnFormat(JSON)
        assert client.queryAndConvert()["results"]["bindings"][0]["n"]["value"] == "48"
        client.setReturnFormat(XML)
        assert "48" in client.queryAndConvert().toxml()
        client.setReturnFormat(CSV)
        assert b"48" in client.queryAndConvert()
    client.setQuery("CONSTRUCT WHERE { ?s ?p ?o }")
    client.setReturnFormat(TURTLE)
    assert b"zg:Observation" in client.queryAndConvert()


def test_sparqlwrapper_update(run_server, store):
    writable = run_server(store=store, writable=True)
    client = SPARQLWrapper(f"{writable.url}/sparql")
    client.addCustomHttpHeader("Authorization", f"Bearer {TOKEN}")
    client.setMethod(POST)
    client.setQuery("INSERT DATA { GRAPH <http://g/> { <http://a/> <http://b/> 1 } }")
    client.query()
    assert b'"49"' in writable.query(COUNT).body


def test_rdflib_store(server):
    remote = SPARQLStore(f"{server.url}/sparql")
    zone = URIRef("https://w3id.org/zonegraph/id/zone/urumqi-etdz")
    assert len(list(remote.triples((zone, None, None)))) == 4
    assert bool(remote.query("ASK { ?s ?p ?o }"))


def test_federated_query_from_oxigraph(server, peer):
    text = f"SELECT ?label {{ SERVICE <{server.url}/sparql> {{ ?zone a <https://w3id.org/zonegraph/ontology#District> ; <http://www.w3.org/2000/01/rdf-schema#label> ?label }} }}"  # noqa: E501
    reply = peer.ask("/query?query=" + quote(text), Accept="application/sparql-results+json")
    assert reply.status == 200
    assert "头屯河区" in reply.text


QUERIES = [
    "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o",
    COUNT,
    "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g",
    "SELECT * FROM NAMED <https://w3id.org/zonegraph/graph/registry> { GRAPH ?g { ?s ?p ?o } } ORDER BY ?s ?p ?o",
    "SELECT * { VALUES (?a ?b) { (1 UNDEF) (UNDEF 'x\"y\\n') ('<&>' 'é\\t'@fr) } }",
    "SELECT ?nothing { FILTER(false) }",
    "SELECT * {}",
    "ASK { ?s ?p ?o }",
    "ASK { FILTER(false) }",
    "CONSTRUCT { ?o ?p ?s } WHERE { ?s ?p ?o FILTER(isIRI(?o)) }",
    "DESCRIBE <https://w3id.org/zonegraph/id/zone/urumqi-etdz>",
    "SELECT (<<( <http://a/> <http://b/> 'c' )>> AS ?t) {}",
    "SELECT ?x { BIND(<relative> AS ?ignored) BIND(1/0 AS ?x) }",
]
TABLES = ["application/sparql-results+json", "application/sparql-results+xml", "text/csv", "text/tab-separated-values"]
GRAPHS = ["text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"]


@pytest.mark.parametrize("text", QUERIES)
def test_answers_agree_with_oxigraph(server, peer, text):
    kinds = GRAPHS if text.startswith(("CONSTRUCT", "DESCRIBE")) else TABLES
    for accept in [*TABLES, *GRAPHS]:
        ours = server.query(text, Accept=accept)
        theirs = peer.ask(
            "/query", method="POST", body=text.encode(), Content_Type="application/sparql-query", Accept=accept
        )
        assert ours.status == theirs.status == (200 if accept in kinds else 406), accept
        if ours.status == 200:
            assert ours["Content-Type"].split(";")[0] == theirs["Content-Type"].split(";")[0]
            assert canonical(ours) == canonical(theirs), accept


def canonical(reply: Reply) -> list[str]:
    media_type = reply["Content-Type"].split(";")[0]
    if media_type in GRAPHS:
        return sorted(
            {str(quad.triple) for quad in ox.parse(reply.body, format=ox.RdfFormat.from_media_type(media_type))}
        )
    if media_type.endswith(("csv", "values")):
        return sorted(reply.text.splitlines())
    found = ox.parse_query_results(reply.body, format=ox.QueryResultsFormat.from_media_type(media_type))
    if isinstance(found, ox.QueryBoolean):
        return [str(bool(found))]
    names = [v.value for v in found.variables]
    return sorted(str([(n, str(row[n])) for n in names if row[n] is not None]) for row in found)


@pytest.mark.parametrize(
    "text", ["ASK {", "SELECT * { SERVICE", "SELECT ?x", "PREFIX a: b", "SELECT * { ?s undeclared:x ?o }"]
)
def test_syntax_errors_agree(server, peer, text):
    theirs = peer.ask("/query", method="POST", body=text.encode(), Content_Type="application/sparql-query")
    ours = server.query(text)
    assert theirs.status == 400
    assert ours.status in {400, 403}


class TestRemote:
    """The same pages and policy before a real ``oxigraph serve``."""

    @pytest.fixture
    def front(self, run_server, peer):
        return run_server(remote=f"{peer.url}/query", timeout=3, max_rows=3000, max_bytes=400_000)

    def test_answers(self, front, server):
        for text in QUERIES[:3] + QUERIES[5:12]:
            kinds = GRAPHS if text.startswith(("CONSTRUCT", "DESCRIBE")) else TABLES
            for accept in kinds:
                ours, local = front.query(text, Accept=accept), server.query(text, Accept=accept)
                assert (ours.status, ours["Content-Type"]) == (200, local["Content-Type"]), (text, accept, ours)
                assert canonical(ours) == canonical(local), (text, accept)

    def test_policy(self, front):
        cross = "{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o . ?p ?q ?r }"
        assert front.query("SELECT * { SERVICE <http://127.0.0.1:1/> {} }").status == 403
        assert front.query("ASK {").status == 400
        assert front.query(f"SELECT (COUNT(*) AS ?n) {cross}").status == 504
        assert front.query(f"SELECT * {cross}").status == 422
        assert front.update("CLEAR ALL").status == 403
        assert front.query("ASK {}").status == 200

    def test_pages(self, front):
        reply = front.ask("/doc/zone/urumqi-etdz", Accept="text/turtle")
        assert reply.status == 200
        assert b"zgi:observation" in reply.body
        assert front.ask("/doc/zone/withdrawn").status == 410
        assert front.ask("/doc/zone/none").status == 404
        assert front.ask("/id/zone/urumqi-etdz").status == 303
        assert b"sd:namedGraph" in front.ask("/sparql", Accept="text/turtle").body
        assert front.ask("/data?graph=" + quote("https://w3id.org/zonegraph/graph/registry", safe="")).status == 200
        assert len(front.ask("/data").body.splitlines()) == 48
        assert front.ask("/health/ready").status == 200

    def test_a_repeat_is_named_by_its_bytes(self, front):
        first = front.query("ASK {}")
        assert first["ETag"]
        assert front.query("ASK {}", If_None_Match=first["ETag"]).status == 304

    def test_no_service(self, run_server):
        front = run_server(remote=f"http://127.0.0.1:{free_port()}/query")
        reply = front.query("ASK {}")
        assert reply.status == 502
        assert json.loads(reply.body)["detail"]
        assert front.ask("/health/live").status == 200
        assert front.ask("/health/ready").status == 503


def test_openapi_is_true(server):
    """Generated requests from the published description meet only answers that it announces."""
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, settings

    schema = schemathesis.openapi.from_dict(json.loads(server.ask("/openapi.json").body))
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=8,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
            derandomize=True,
        )
        @given(case=operation.as_strategy())
        def check(case):
            response = case.call(base_url=server.url)
            assert response.status_code < 500, response.text
            announced = {str(code) for code in case.operation.definition.raw["responses"]}
            assert str(response.status_code) in announced, (case.operation.label, response.status_code, response.text)

        check()


def test_world_is_unchanged(server, shared_store, tmp_path):
    assert publish(tmp_path / "again", WORLD.read_bytes()) == (shared_store / "current").read_text().strip()
