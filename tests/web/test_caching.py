"""Validators, compression, kept answers and ranges."""

from __future__ import annotations

import gzip
from urllib.parse import quote

import pytest

from conftest import WORLD, publish

pytestmark = pytest.mark.slow

SELECT = "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o"
PATH = "/sparql?query=" + quote(SELECT)


def test_a_repeat_is_304_without_a_worker(server):
    first = server.ask(PATH)
    tag = first["ETag"]
    assert tag.startswith('"')
    for condition in (tag, f"W/{tag}", f'"other", {tag}'):
        again = server.ask(PATH, If_None_Match=condition)
        assert (again.status, again.body, again["ETag"]) == (304, b"", tag)
        assert again["Cache-Control"] == first["Cache-Control"]
        assert again["Vary"] == first["Vary"]
    assert server.ask(PATH, If_None_Match='"x"').status == 200
    posted = server.ask(
        "/sparql", method="POST", body=SELECT.encode(), Content_Type="application/sparql-query", If_None_Match=tag
    )
    assert posted.status == 304


def test_the_tag_names_query_dataset_format_and_encoding(server):
    base = server.ask(PATH)["ETag"]
    assert server.ask("/sparql?query=" + quote(SELECT.replace(" ", "  \n") + "# x"))["ETag"] == base
    others = [
        server.ask(PATH, Accept="text/csv")["ETag"],
        server.ask(PATH, Accept="application/json")["ETag"],
        server.ask(PATH + "&default-graph-uri=http://a/")["ETag"],
        server.ask(PATH, Accept_Encoding="gzip")["ETag"],
        server.ask("/sparql?query=" + quote(SELECT + " LIMIT 3"))["ETag"],
    ]
    assert len({base, *others}) == 6


def test_gzip(server):
    plain = server.ask(PATH)
    packed = server.ask(PATH, Accept_Encoding="br, gzip;q=0.5")
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert "Accept-Encoding" in packed["Vary"]
    assert server.ask(PATH, Accept_Encoding="gzip;q=0")["Content-Encoding"] == ""
    assert server.ask(PATH, Accept_Encoding="gzip", If_None_Match=packed["ETag"]).status == 304
    assert server.ask("/sparql?query=ASK%7B%7D", Accept_Encoding="gzip")["Content-Encoding"] == ""


def test_last_modified(server):
    first = server.ask(PATH)
    assert server.ask(PATH, If_Modified_Since=first["Last-Modified"]).status == 304
    assert server.ask(PATH, If_Modified_Since="Mon, 01 Jan 2001 00:00:00 GMT").status == 200
    both = server.ask(PATH, If_Modified_Since=first["Last-Modified"], If_None_Match='"x"')
    assert both.status == 200


@pytest.mark.parametrize(
    "text", ["SELECT (NOW() AS ?n) {}", "SELECT (UUID() AS ?n) {}", "CONSTRUCT { [] ?p ?o } { ?s ?p ?o }"]
)
def test_what_changes_by_itself_is_not_kept(server, text):
    reply = server.query(text)
    assert reply["ETag"] == ""
    assert reply["Cache-Control"] == "no-store"


def test_errors_are_not_kept(server):
    assert server.ask("/sparql?query=ASK%7B")["Cache-Control"] == "no-store"


def test_head_is_get_without_a_body(server):
    for path in (
        PATH,
        "/sparql",
        "/data",
        "/data?default",
        "/doc/zone/urumqi-etdz.ttl",
        "/.well-known/void",
        "/health/live",
    ):
        whole, head = server.ask(path), server.ask(path, method="HEAD")
        assert (head.status, head.body) == (whole.status, b"")
        for name in ("Content-Type", "ETag", "Vary", "Link", "Content-Length"):
            assert head[name] == whole[name], (path, name)


def test_head_of_a_query_not_asked_before(server):
    head = server.ask("/sparql?query=" + quote("SELECT ?never { ?never ?asked ?before }"), method="HEAD")
    assert head.status == 200
    assert head["Content-Type"] == "application/sparql-results+json"
    assert head["ETag"]
    assert "Content-Length" not in head.headers
    assert server.ask("/sparql?query=ASK%7B", method="HEAD").status == 400


def test_range_on_dumps(server):
    whole = server.ask("/data")
    assert whole["Accept-Ranges"] == "bytes"
    size = len(whole.body)
    for header, expected in (
        ("bytes=0-9", whole.body[:10]),
        ("bytes=10-", whole.body[10:]),
        ("bytes=-5", whole.body[-5:]),
        (f"bytes=5-{size * 2}", whole.body[5:]),
    ):
        part = server.ask("/data", Range=header, If_Range=whole["ETag"])
        assert (part.status, part.body) == (206, expected)
        assert part["Content-Range"].startswith("bytes ")
        assert part["Content-Range"].endswith(f"/{size}")
    assert server.ask("/data", Range=f"bytes={size}-").status == 416
    assert server.ask("/data", Range="bytes=0-9", If_Range='"other"').status == 200
    assert server.ask("/data", Range="lines=0-9").status == 200
    assert server.ask("/data", Range="BYTES=0-9").body == whole.body[:10]
    digits = "9" * 5000
    for header in (f"bytes=0-{digits}", f"bytes={digits}-", f"bytes=-{digits}", "bytes=-", "bytes="):
        assert server.ask("/data", Range=header).body == whole.body, header[:20]
    assert server.ask("/data", Range="bytes=0-4,6-9").status == 200


def test_cors(server):
    reply = server.ask(PATH, Origin="https://elsewhere.example")
    assert reply["Access-Control-Allow-Origin"] == "*"
    assert {"ETag", "Link", "Content-Location"} <= set(
        reply["Access-Control-Expose-Headers"].replace(" ", "").split(",")
    )
    for path in ("/sparql", "/data"):
        preflight = server.ask(path, method="OPTIONS", Origin="https://x", Access_Control_Request_Method="POST")
        assert preflight.status == 204
        assert "POST" in preflight["Access-Control-Allow-Methods"]
        assert int(preflight["Access-Control-Max-Age"]) > 0
        asked = set(preflight["Access-Control-Allow-Headers"].split(", "))
        assert {"If-Match", "If-None-Match", "If-Range", "Content-Encoding"} <= asked
    for method in ("PUT", "PATCH", "BREW"):
        refused = server.ask("/sparql", method=method, body=b"")
        assert (refused.status, refused["Allow"]) == (405, "GET, HEAD, POST, QUERY, OPTIONS")


def test_a_new_version_is_served_at_once_and_without_a_gap(run_server, store):
    server = run_server(store=store)
    count = "/sparql?query=" + quote("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    first = server.ask(count)
    more = WORLD.read_bytes()
    for number in range(5):
        more += f"<http://new/> {{ <http://a/{number}> <http://b/> {number} . }}\n".encode()
        publish(store, more)
        reply = server.ask(count, If_None_Match=first["ETag"])
        assert reply.status == 200
        assert f'"{49 + number}"' in reply.text
        assert reply["ETag"] != first["ETag"]


def test_hot_swap_under_load(run_server, store):
    from concurrent.futures import ThreadPoolExecutor

    server = run_server(store=store)
    stop = []

    def ask(number: int) -> set[int]:
        seen = set()
        while not stop:
            seen.add(server.query(f"SELECT (COUNT(*) AS ?n{number}) {{ ?s ?p ?o }} # {len(seen)}").status)
        return seen

    with ThreadPoolExecutor(4) as clients:
        waiting = [clients.submit(ask, n) for n in range(4)]
        for number in range(6):
            publish(store, WORLD.read_bytes() + f"<http://n/> {{ <http://a/> <http://b/> {number} }}".encode())
        stop.append(True)
        assert set().union(*(w.result() for w in waiting)) == {200}
