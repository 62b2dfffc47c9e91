"""Updates and graph store writes: allowed by token only, atomic, durable, visible, versioned."""

from __future__ import annotations

import gzip
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import psutil
import pytest

from conftest import TOKEN, WORLD, free_port, publish, start, until
from zonegraph.search import INDEX_NAME, NameSearch, build_index
from zonegraph.store import StoreDir
from zonegraph.web.config import Config

pytestmark = pytest.mark.slow

AUTH = {"Authorization": f"Bearer {TOKEN}"}
GRAPH = "/data?graph=" + quote("http://example.org/g", safe="")


def count(server) -> int:
    reply = server.query("SELECT (COUNT(*) AS ?n) { GRAPH <http://g/> { ?s ?p ?o } }")
    return int(json.loads(reply.body)["results"]["bindings"][0]["n"]["value"])


@pytest.fixture(scope="module")
def writer(tmp_path_factory):
    """A server that writes, for all tests of the module."""
    folder = tmp_path_factory.mktemp("writing")
    (folder / "token").write_text(TOKEN)
    publish(folder / "store", WORLD.read_bytes())
    values = {"store": folder / "store", "spool": folder, "workers": 2, "token_file": folder / "token"}
    running = start(Config().with_values({**values, "writable": True}), folder)
    yield running
    running.stop()


@pytest.fixture
def store(writer):
    """Its store directory; each test begins with the small world and nothing after it."""
    directory = StoreDir.from_path(writer.config.store)
    first = directory.versions()[0]
    directory.rollback(first.id)
    for version in directory.versions()[1:]:
        shutil.rmtree(version.path)
    return writer.config.store


@pytest.fixture
def writable(writer, store):
    return writer


def test_the_token_is_needed(writable):
    text = "INSERT DATA { GRAPH <http://g/> { <http://a/> <http://b/> 1 } }"
    for header in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}, {"Authorization": "Bearer"},  # noqa: E501
                   {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": "Bearer é"}):  # fmt: skip
        reply = writable.ask("/sparql", method="POST", body=text.encode(), Content_Type="application/sparql-update",
                             **{k: v.encode().decode("latin-1") for k, v in header.items()})  # fmt: skip
        assert reply.status == 401
        assert reply["WWW-Authenticate"].startswith("Bearer")
    assert writable.ask(GRAPH, method="PUT", body=b"", Content_Type="text/turtle").status == 401
    assert count(writable) == 0


def test_each_write_is_a_version_visible_to_the_next_read(writable, store):
    before = StoreDir.from_path(store).current()
    for number in range(3):
        reply = writable.update(f"INSERT DATA {{ GRAPH <http://g/> {{ <http://a/{number}> <http://b/> {number} }} }}")
        assert reply.status == 204
        assert count(writable) == number + 1
    after = StoreDir.from_path(store).current()
    assert after.id != before.id
    assert after.quads == before.quads + 3
    assert after.graphs["http://g/"] == 3
    assert [entry["action"] for entry in StoreDir.from_path(store).history()][-3:] == ["write"] * 3
    StoreDir.from_path(store).rollback(before.id)
    assert count(writable) == 0


def test_what_a_write_removes_is_gone_not_unknown(writable):
    thing = "https://w3id.org/zonegraph/id/zone/fleeting"
    data = f"GRAPH <http://g/> {{ <{thing}> <http://www.w3.org/2000/01/rdf-schema#label> 'x' }}"
    assert writable.ask("/id/zone/fleeting").status == 404
    assert writable.update(f"INSERT DATA {{ {data} }}").status == 204
    assert writable.ask("/id/zone/fleeting").status == 303
    assert writable.update(f"DELETE DATA {{ {data} }}").status == 204
    assert writable.ask("/id/zone/fleeting").status == 410
    assert writable.ask("/doc/zone/fleeting").status == 410
    assert writable.ask("/id/zone/never").status == 404


def test_the_index_of_names_follows(writable, store):
    directory = StoreDir.from_path(store)
    parent = directory.current()
    build_index(parent.open(), parent.path / INDEX_NAME)
    zone = "https://w3id.org/zonegraph/id/zone/urumqi-etdz"
    before = (parent.path / INDEX_NAME).read_bytes()
    label = f"<{zone}> <http://www.w3.org/2004/02/skos/core#altLabel> 'Nowhere Park'@en"
    assert writable.update(f"INSERT DATA {{ GRAPH <http://g/> {{ {label} }} }}").status == 204
    after = directory.current()
    assert [hit.iri for hit in NameSearch(after.path / INDEX_NAME).find("nowhere park")] == [zone]
    assert (parent.path / INDEX_NAME).read_bytes() == before
    (parent.path / INDEX_NAME).unlink()


def test_a_failing_update_changes_nothing(writable, store):
    before = StoreDir.from_path(store).current_id()
    for text in (
        "INSERT DATA { GRAPH <http://g/> { <http://a/> <http://b/> 1 } } ; nonsense",
        "INSERT DATA { GRAPH <http://g/> { <http://a/> <http://b/> 1 } } ; CREATE GRAPH <http://g/>",
        "INSERT DATA { GRAPH <http://g/> { <http://a/> <http://b/> 1 } } ; LOAD <http://127.0.0.1:1/>",
        "LOAD <file:///etc/passwd>",
        "SELECT * {}",
    ):
        assert 400 <= writable.update(text).status < 500, text
    assert StoreDir.from_path(store).current_id() == before
    assert count(writable) == 0


def test_a_bad_payload_leaves_the_graph(writable):
    good = b"<http://a/> <http://b/> 1 ."
    assert writable.ask(GRAPH, method="PUT", body=good, Content_Type="text/turtle", **AUTH).status == 201
    for body, media_type, status in (
        (b"<http://a/> <http://b/> .", "text/turtle", 400),
        (b"{}", "application/json", 415),
        (good, "", 415),
        (b"\x00", "application/rdf+xml", 400),
        (b"<http://a/> <http://b/> 1 <http://other/> .", "application/n-quads", 400),
        (b"not gzip", "text/turtle", 400),
    ):
        extra = {"Content-Encoding": "gzip"} if body == b"not gzip" else {}
        reply = writable.ask(GRAPH, method="PUT", body=body, Content_Type=media_type, **AUTH, **extra)
        assert reply.status == status, (body, reply)
        assert reply["Content-Type"] == "application/problem+json"
    assert b"<http://a/> <http://b/> 1" in writable.ask(GRAPH, Accept="text/turtle").body


def test_conditions(writable):
    def put(body: bytes, **headers: str) -> int:
        return writable.ask(GRAPH, method="PUT", body=body, Content_Type="text/turtle", **AUTH, **headers).status

    assert put(b"<http://a/> <http://b/> 1 .", If_Match="*") == 412
    assert put(b"<http://a/> <http://b/> 1 .", If_None_Match="*") == 201
    assert put(b"<http://a/> <http://b/> 2 .", If_None_Match="*") == 412
    tag = writable.ask(GRAPH, Accept="text/turtle")["ETag"]
    assert put(b"<http://a/> <http://b/> 3 .", If_Match=tag) == 204
    assert put(b"<http://a/> <http://b/> 4 .", If_Match=tag) == 412
    assert b" 3 " in writable.ask(GRAPH, Accept="text/turtle").body
    assert put(b"<http://a/> <http://b/> 5 .", If_Match="W/" + writable.ask(GRAPH)["ETag"]) == 412


def test_an_update_hears_conditions(writable):
    def update(value: int, **headers: str):
        text = f"INSERT DATA {{ GRAPH <http://g/> {{ <http://a/> <http://b/> {value} }} }}"
        kind = "application/sparql-update"
        return writable.ask("/sparql", method="POST", body=text.encode(), Content_Type=kind, **AUTH, **headers)

    tag = update(1)["ETag"]
    assert [update(2, If_Match=tag).status, update(3, If_Match=tag).status, count(writable)] == [204, 412, 2]
    assert [update(4, If_Match='"other"').status, update(5, If_Match="*").status, count(writable)] == [412, 204, 3]


def test_packed_bodies_are_read_whole(writable):
    def send(path: str, method: str, kind: str, body: bytes, encoding: str = "gzip"):
        sent = {"Content_Type": kind, "Content_Encoding": encoding, **AUTH}
        return writable.ask(path, method=method, body=body, **sent).status

    members = b"".join(gzip.compress(b"<http://a/> <http://b/> %d ." % number) for number in (1, 2))
    assert send(GRAPH, "PUT", "text/turtle", members) == 201
    assert writable.ask(GRAPH, Accept="application/n-triples").body.count(b"\n") == 2
    assert send(GRAPH, "PUT", "text/turtle", b"\xef\xbb\xbf<http://a/> <http://b/> 3 .", "identity") == 204
    for body in (members[:-3], b"", b"plain"):
        assert send(GRAPH, "PUT", "text/turtle", body) == 400
    assert send("/sparql", "POST", "application/sparql-query", gzip.compress(b"ASK {}"), "x-gzip") == 200
    assert send("/sparql", "POST", "application/sparql-query", b"ASK {}", "br") == 415


def test_openapi_names_what_can_be_written(writable):
    paths = json.loads(writable.ask("/openapi.json").body)["paths"]
    assert {"get", "put", "post", "delete"} <= set(paths["/data"])
    assert "application/sparql-update" in paths["/sparql"]["post"]["requestBody"]["content"]


def test_which_graph_must_be_clear(writable):
    for path in ("/data?graph=relative", "/data?graph=", "/data?graph=http://a/&default", "/data?default&default=1&graph=x",  # noqa: E501
                 "/data/x?graph=http://a/"):  # fmt: skip
        assert writable.ask(path).status == 400, path
        assert writable.ask(path, method="PUT", body=b"", Content_Type="text/turtle", **AUTH).status == 400
    assert writable.ask("/data", method="PUT", body=b"", Content_Type="text/turtle", **AUTH).status == 400
    assert writable.ask("/data", method="DELETE", **AUTH).status == 400
    assert writable.ask("/data", method="PATCH", body=b"", **AUTH).status == 405
    assert writable.ask("/data?graph=http://none/").status == 404
    assert writable.ask("/data?graph=http://none/", method="DELETE", **AUTH).status == 404


def test_writers_at_once_lose_nothing(writable):
    def insert(number: int) -> int:
        return writable.update(f"INSERT DATA {{ GRAPH <http://g/> {{ <http://a/{number}> <http://b/> 1 }} }}").status

    with ThreadPoolExecutor(6) as clients:
        assert set(clients.map(insert, range(8))) == {204}
    assert count(writable) == 8


def test_a_build_and_a_write_do_not_clash(writable, store):
    store_dir = StoreDir.from_path(store)
    with ThreadPoolExecutor(1) as client:
        with store_dir.lock():
            waiting = client.submit(writable.update, "INSERT DATA { GRAPH <http://g/> { <http://a/> <http://b/> 1 } }")
            assert not until(waiting.done, 0.3)
        assert waiting.result(30).status == 204
    publish(store, WORLD.read_bytes())
    assert count(writable) == 0


@pytest.mark.parametrize("round_", range(2))
def test_kill_9_loses_nothing_that_was_acknowledged(run_server, tmp_path, round_):
    store = tmp_path / "store"
    publish(store, WORLD.read_bytes())
    server = run_server(store=store, writable=True, processes=1)
    acknowledged: list[int] = []

    def insert() -> None:
        for number in range(1000):
            reply = server.update(f"INSERT DATA {{ GRAPH <http://g/> {{ <http://a/{number}> <http://b/> {number} }} }}")
            if reply.status == 204:
                acknowledged.append(number)

    with ThreadPoolExecutor(1) as client:
        waiting = client.submit(insert)
        assert until(lambda: len(acknowledged) > 2 + 2 * round_, 60)
        everyone = [psutil.Process(server.process.pid), *psutil.Process(server.process.pid).children(recursive=True)]
        for process in everyone:
            process.kill()
        assert waiting.exception(30) is not None
    again = run_server(store=store, writable=True, port=free_port())
    reply = again.query("SELECT ?o { GRAPH <http://g/> { ?s ?p ?o } } ORDER BY ?o", Accept="text/csv")
    found = [int(value) for value in reply.text.split()[1:]]
    assert found[: len(acknowledged)] == acknowledged
    assert len(found) <= len(acknowledged) + 1
    assert again.update("INSERT DATA { GRAPH <http://g/> { <http://z/> <http://b/> 1 } }").status == 204


def test_an_update_that_never_ends_is_stopped(run_server, store):
    server = run_server(store=store, writable=True, write_seconds=1.5)
    text = "INSERT { GRAPH <http://g/> { ?a ?b ?r } } WHERE { GRAPH ?w { ?a ?b ?c } GRAPH ?x { ?d ?e ?f } GRAPH ?y { ?g ?h ?i } GRAPH ?z { ?j ?k ?l . ?m ?n ?o . ?p ?q ?r } }"  # noqa: E501
    assert server.update(text).status in {504, 507}
    assert count(server) == 0
    assert server.update("INSERT DATA { GRAPH <http://g/> { <http://a/> <http://b/> 1 } }").status == 204
    assert not list((store / "work").glob("*"))
