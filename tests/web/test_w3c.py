"""The W3C's own tests of protocol, graph store, service description and result formats, over real HTTP."""

from __future__ import annotations

import csv
import io
import json
import urllib.parse
from pathlib import Path

import pyoxigraph as ox
import pytest
from w3c import MF, QT, RDFS, SUITES, UT, HttpStep, Manifest, same_graph, send, status_fits, steps, suite

from conftest import TOKEN, publish

pytestmark = pytest.mark.slow

TOKEN_HEADER = {"Authorization": f"Bearer {TOKEN}"}
TABULAR = (
    "application/sparql-results+xml",
    "application/sparql-results+json",
    "text/csv",
    "text/tab-separated-values",
)
RDF_TYPES = ("text/turtle", "application/rdf+xml", "application/n-triples")
SD = "http://www.w3.org/ns/sparql-service-description#"


def names(folder: str, *files: str) -> list[str]:
    """The local names of all tests of a suite, for parametrisation; one that skips where the suite is absent."""
    paths = [SUITES / folder / file for file in files]
    if not all(path.is_file() for path in paths):
        return ["absent"]
    return [f"{path.name}#{t.value.rpartition('#')[2]}" for path in paths for t in Manifest.load(path).tests()]


def find(folder: str, name: str) -> tuple[Manifest, object]:
    path = suite(folder)
    file, _, local = name.partition("#")
    manifest = Manifest.load(path / file)
    return manifest, next(t for t in manifest.tests() if t.value.endswith(f"#{local}"))


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A writable server on a graph with nothing in it, shared by the module; tests put in what they need."""
    from conftest import start
    from zonegraph.web.config import Config

    folder = tmp_path_factory.mktemp("w3c")
    (folder / "token").write_text(TOKEN)
    publish(folder / "store", b"")
    config = Config().with_values(
        {"store": folder / "store", "spool": folder, "writable": True, "token_file": folder / "token", "workers": 2}
    )
    running = start(config, folder)
    yield running
    running.stop()


@pytest.fixture
def blank(empty):
    assert empty.update("CLEAR ALL ; DROP ALL").status == 204
    return empty


@pytest.mark.parametrize("name", names("protocol", "manifest.ttl"))
def test_protocol(blank, name):
    manifest, test = find("protocol", name)
    for data in manifest.objects(test, UT + "graphData"):
        _load(blank, manifest.file(manifest.one(data, UT + "graph")), manifest.text(data, RDFS + "label"))
    for step in steps(manifest, test):
        path = "/sparql" + step.path.removeprefix("/sparql/")
        answer = send(blank.port, step, path, TOKEN_HEADER)
        assert status_fits(answer.status, step.expected.statuses), answer
        _check_format(step, answer.headers.get("content-type", "").split(";")[0], answer.body)


def _load(server, path: Path, graph: str) -> None:
    target = "/data?graph=" + urllib.parse.quote(graph, safe="")
    put = server.ask(target, method="PUT", body=path.read_bytes(), Content_Type="application/n-triples", **TOKEN_HEADER)
    assert put.status == 201


def _check_format(step: HttpStep, media_type: str, body: bytes) -> None:
    expected = step.expected
    if expected.format == "boolean":
        assert media_type in TABULAR[:2]
        if expected.boolean:
            form = ox.QueryResultsFormat.from_media_type(media_type)
            assert bool(ox.parse_query_results(body, format=form)) is (expected.boolean == "true")
    elif expected.format == "tabular":
        assert media_type in TABULAR
    elif expected.format == "RDF":
        assert media_type in RDF_TYPES


@pytest.mark.parametrize("name", names("graph-store-protocol", "manifest-direct.ttl", "manifest-indirect.ttl"))
def test_graph_store(blank, name):
    manifest, test = find("graph-store-protocol", name)
    variables: dict[str, str] = {}
    for step in steps(manifest, test):
        path = step.path
        for variable, value in variables.items():
            path = path.replace(variable, value)
        answer = send(blank.port, step, "/data" + path.removeprefix("/gsp"), TOKEN_HEADER)
        assert status_fits(answer.status, step.expected.statuses), (step.method, path, answer)
        if step.expected.location:
            variables[step.expected.location] = answer.headers["location"]
        if step.expected.content_type:
            assert answer.headers["content-type"] == step.expected.content_type
        if step.expected.body is not None:
            assert same_graph(answer.body, step.expected.body.encode(), "http://www.example/gsp")


def _description(server) -> tuple[ox.Store, str]:
    reply = server.ask("/sparql", Accept="text/turtle")
    assert reply.status == 200
    store = ox.Store()
    store.load(reply.body, format=ox.RdfFormat.TURTLE)
    return store, reply["Content-Type"]


def test_description_returns_rdf(server):
    suite("service-description")
    for media_type in ("text/turtle", "application/rdf+xml", "application/ld+json", "application/n-triples"):
        reply = server.ask("/sparql", Accept=media_type)
        assert reply.status == 200
        assert reply["Content-Type"].startswith(media_type)
        assert list(ox.parse(reply.body, format=ox.RdfFormat.from_media_type(media_type)))


def test_description_has_endpoint_triple(server):
    suite("service-description")
    store, _ = _description(server)
    endpoint = ox.NamedNode(f"{server.url}/sparql")
    assert list(store.quads_for_pattern(None, ox.NamedNode(SD + "endpoint"), endpoint))


def test_description_conforms_to_schema(server):
    suite("service-description")
    store, _ = _description(server)
    ask = lambda body: bool(store.query(f"PREFIX sd: <{SD}> ASK {{ {body} }}"))  # noqa: E731
    assert ask(
        "?service a sd:Service ; sd:endpoint ?e ; sd:defaultDataset ?d . ?d a sd:Dataset ; sd:defaultGraph ?g . ?g a sd:Graph"  # noqa: E501
    )
    assert ask("?service sd:supportedLanguage ?l ; sd:resultFormat ?f")
    assert not ask("?d sd:namedGraph ?n . FILTER NOT EXISTS { ?n sd:name ?name }")
    assert not ask("?s sd:defaultDataset ?d . FILTER NOT EXISTS { ?d sd:defaultGraph ?g }")
    assert not ask("?s sd:feature ?f . FILTER(isLiteral(?f))")
    features = {row["f"].value.removeprefix(SD) for row in store.query(f"SELECT ?f {{ ?s <{SD}feature> ?f }}")}
    assert features <= {
        "DereferencesURIs",
        "UnionDefaultGraph",
        "RequiresDataset",
        "EmptyGraphs",
        "BasicFederatedQuery",
    }


@pytest.mark.parametrize("name", names("csv-tsv-res", "manifest.ttl"))
def test_csv_and_tsv(blank, name):
    manifest, test = find("csv-tsv-res", name)
    query, data, result = _evaluation(manifest, test)
    _put_default(blank, data)
    media_type = "text/csv" if result.suffix == ".csv" else "text/tab-separated-values"
    reply = blank.query(query.read_text(), Accept=media_type)
    assert reply["Content-Type"] == f"{media_type}; charset=utf-8"
    expected = result.read_text()
    if result.suffix == ".csv":
        assert _csv_rows(reply.text) == _csv_rows(expected)
    else:
        form = ox.QueryResultsFormat.TSV
        assert _solutions(reply.body, form) == _solutions(expected.encode(), form)


def _evaluation(manifest: Manifest, test: object) -> tuple[Path, Path, Path]:
    action = manifest.one(test, MF + "action")
    query, data = (manifest.file(manifest.one(action, QT + part)) for part in ("query", "data"))
    return query, data, manifest.file(manifest.one(test, MF + "result"))


def _put_default(server, data: Path) -> None:
    put = server.ask("/data?default", method="PUT", body=data.read_bytes(), Content_Type="text/turtle", **TOKEN_HEADER)
    assert put.status == 204


def _csv_rows(text: str) -> list[tuple[tuple[str, str], ...]]:
    return sorted(tuple(sorted((k, _cell(v)) for k, v in row.items())) for row in csv.DictReader(io.StringIO(text)))


def _cell(value: str) -> str:
    if value.startswith("_:"):
        return "_:"
    try:
        return str(float(value))
    except ValueError:
        return value


def _solutions(data: bytes, form: ox.QueryResultsFormat) -> list[tuple[tuple[str, str], ...]]:
    found = ox.parse_query_results(data, format=form)
    names = sorted(v.value for v in found.variables)
    return sorted(tuple((n, _value(row[n])) for n in names) for row in found)


def _value(term: object) -> str:
    # the engine keeps numbers by value: 1.0E6 comes back as 1000000, a negativeInteger as an integer
    if isinstance(term, ox.BlankNode):
        return "_:"
    if isinstance(term, ox.Literal) and term.datatype.value.endswith(("#double", "#decimal", "nteger")):
        return str(float(term.value))
    return str(term)


@pytest.mark.parametrize("name", names("json-res", "manifest.ttl"))
def test_json(blank, name):
    manifest, test = find("json-res", name)
    query, data, result = _evaluation(manifest, test)
    _put_default(blank, data)
    reply = blank.query(query.read_text(), Accept="application/sparql-results+json")
    found, expected = json.loads(reply.body), json.loads(result.read_text())
    if "boolean" in expected:
        assert found["boolean"] is expected["boolean"]
        return
    assert sorted(found["head"]["vars"]) == sorted(expected["head"]["vars"])
    form = ox.QueryResultsFormat.JSON
    assert _solutions(reply.body, form) == _solutions(result.read_bytes(), form)


def test_all_tests_are_there():
    suite("protocol")
    assert len(names("protocol", "manifest.ttl")) == 34
    assert len(names("graph-store-protocol", "manifest-direct.ttl", "manifest-indirect.ttl")) == 13
    assert len(names("csv-tsv-res", "manifest.ttl")) == 6
    assert len(names("json-res", "manifest.ttl")) == 4
