"""A query answered in the event loop is the same, byte for byte, as the one that Flask answers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from conftest import until
from zonegraph.web.app import create_app
from zonegraph.web.config import Config
from zonegraph.web.edge import Edge
from zonegraph.web.http import last_modified
from zonegraph.web.local import LocalBackend

SELECT = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 5"
MANY = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 2000"
QUERIES = (
    SELECT,
    MANY,
    "ASK { ?s ?p ?o }",
    "ASK {}",
    "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 3",
    "CONSTRUCT { [] <http://x/p> ?o } WHERE { SELECT ?o { ?s ?p ?o } ORDER BY ?o LIMIT 1 }",
    "DESCRIBE <https://w3id.org/zonegraph/id/zone/urumqi-etdz>",
    "SELECT * { BIND(NOW() AS ?x) FILTER(!BOUND(?x)) }",
    "SELECT * FROM <http://none/> { ?s ?p ?o }",
    "SELECT (\"\\u00e4\\n\" AS ?x) {}",
    "# comment\nPREFIX x: <http://x/> SELECT * { x:a ?p ?o }",
    "SELECT * { SERVICE <http://x/> { ?s ?p ?o } }",
    "INSERT DATA { <http://a/> <http://b/> 1 }",
    "SELECT * {",
    "SELECT * { FILTER(" + "(" * 300,
    "nonsense",
    "",
    "SELECT * { ?a ?b ?c . ?d ?e ?f }",
)  # fmt: skip
ACCEPTS = (
    None, "", "*/*", "application/sparql-results+json", "application/json", "text/csv", "text/turtle;q=0.5, text/csv",
    "text/html", "application/ld+json", "application/n-quads", "image/png", "text/turtle", ",;=",
)  # fmt: skip
HEADERS: tuple[tuple[tuple[bytes, bytes], ...], ...] = (
    (),
    ((b"accept-encoding", b"gzip"),),
    ((b"accept-encoding", b"gzip;q=0, br"),),
    ((b"accept-encoding", b"*"),),
    ((b"origin", b"http://other/"),),
    ((b"if-none-match", b'"x"'),),
    ((b"if-none-match", b"*"),),
    ((b"range", b"bytes=0-3"),),
    ((b"cookie", b"a=b"),),
    ((b"authorization", b"Bearer x"),),
    ((b"accept", b"text/csv"), (b"accept", b"text/turtle")),
    ((b"x-odd", b"1"),),
)
HOSTS = (b"x", b"x:80", b"X:8080", b"[::1]:80", b"a b", b"", b'"><script>')
PARAMETERS = (
    "&format=csv", "&format=exe", "&format=ttl", "&timeout=3", "&timeout=no", "&version=1.2", "&version=7",
    "&default-graph-uri=http://none/", "&default-graph-uri=x", "&named-graph-uri=http://none/", "&query=ASK%7B%7D",
    "&update=x", "&using-graph-uri=http://none/", "&a=b", "&x=%FF", "&format=csv&format=tsv",
)  # fmt: skip

#: The engine names blank nodes at random.
_BLANK = re.compile(rb"(?:_:)?[0-9a-f]{26,32}")
Message = dict[str, Any]
Headers = list[tuple[bytes, bytes]]


class Asker:
    """Two edges over one backend: with the direct way, and without."""

    def __init__(self, backend: LocalBackend, config: Config) -> None:
        self.edges = [Edge(create_app(backend, config), config) for _ in range(2)]
        self.edges[1]._direct._backend = None
        self.loop = asyncio.new_event_loop()

    def both(self, method: str, query: str, headers: Headers, body: bytes = b"") -> list[tuple[int, Headers, bytes]]:
        """The answers of both ways, each asked for twice: new, and known."""
        found = []
        for edge in self.edges:
            edge._fast._kept.clear()
            answers = [self.loop.run_until_complete(_asked(edge, method, query, headers, body)) for _ in range(2)]
            found += [_comparable(*answer) for answer in answers]
            assert not edge._direct._waiting
            assert edge._direct._places == 2
        return found

    def close(self) -> None:
        """End both."""
        for edge in self.edges:
            edge.close()
        self.loop.close()


async def _asked(edge: Edge, method: str, query: str, headers: Headers, body: bytes) -> tuple[int, Headers, bytes]:
    scope = {
        "type": "http", "method": method, "path": "/sparql", "raw_path": b"/sparql", "query_string": query.encode(),
        "headers": headers, "http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", 80), "client": None,
    }  # fmt: skip
    sent: list[Message] = []
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    if method in {"GET", "HEAD", "OPTIONS"}:
        waiting.clear()

    async def receive() -> Message:
        return waiting.pop() if waiting else await asyncio.Event().wait()  # type: ignore[return-value]

    async def send(message: Message) -> None:
        sent.append(message)

    await edge(scope, receive, send)
    return sent[0]["status"], sent[0]["headers"], b"".join(message["body"] for message in sent[1:])


def _comparable(status: int, headers: Headers, body: bytes) -> tuple[int, Headers, bytes]:
    """Without the request's id; random names of blank nodes, whose length varies, made equal."""
    named = _BLANK.sub(b"_:x", body)
    varying = {b"x-request-id"} | ({b"content-length"} if named != body else set())
    return status, sorted((name, value) for name, value in headers if name not in varying), named


@pytest.fixture(scope="module")
def asker(shared_store: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    spool = tmp_path_factory.mktemp("direct")
    config = Config().with_values(
        {"store": shared_store, "spool": spool, "workers": 1, "reserve": 1, "max_rows": 2200, "lane_seconds": 0.2}
    )
    backend = LocalBackend(config)
    backend.warm()
    # a version has no Last-Modified in its first second
    assert until(lambda: last_modified(backend.version()) is not None)
    found = Asker(backend, config)
    yield found
    found.close()
    backend.close()


def same(answers: list[tuple[int, Headers, bytes]]) -> tuple[int, Headers, bytes]:
    """The one answer that all four are."""
    for other in answers[1:]:
        assert other == answers[0]
    return answers[0]


def head(accept: str | None, *more: tuple[bytes, bytes], host: bytes = b"x") -> Headers:
    return [(b"host", host), *([(b"accept", accept.encode())] if accept is not None else []), *more]


#: Every text and every header, most of them together.
PAIRS = [(t, a) for i, t in enumerate(QUERIES) for j, a in enumerate(ACCEPTS) if i in {0, 4} or (i + j) % 3 == 0]


@pytest.mark.parametrize(("text", "accept"), PAIRS)
def test_get(asker, text, accept):
    same(asker.both("GET", "query=" + quote(text), head(accept)))


@pytest.mark.parametrize("text", [SELECT, MANY, "SELECT * {", QUERIES[-1]])
@pytest.mark.parametrize("more", HEADERS)
def test_headers(asker, text, more):
    same(asker.both("GET", "query=" + quote(text), head(None, *more)))


@pytest.mark.parametrize("host", HOSTS)
def test_hosts(asker, host):
    same(asker.both("GET", "query=" + quote(SELECT), head(None, host=host)))


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_parameters(asker, parameters):
    same(asker.both("GET", "query=" + quote(SELECT) + parameters, head(None)))


@pytest.mark.parametrize("kind", ["application/sparql-query", "application/x-www-form-urlencoded", "text/plain", ""])
@pytest.mark.parametrize("text", [SELECT, MANY, "SELECT * {", "ASK {}"])
def test_post(asker, kind, text):
    body = urlencode({"query": text}).encode() if kind.endswith("urlencoded") else text.encode()
    more = [(b"content-length", str(len(body)).encode()), *([(b"content-type", kind.encode())] if kind else [])]
    same(asker.both("POST", "", head("*/*", *more), body))


@pytest.mark.parametrize("method", ["HEAD", "PUT", "OPTIONS"])
def test_other_methods(asker, method):
    same(asker.both(method, "query=" + quote(SELECT), head(None)))


def test_most_queries_go_the_direct_way(asker):
    edge, seen = asker.edges[0], []
    edge._flask, kept = lambda variables: seen.append(variables) or kept(variables), edge._flask
    try:
        for number in range(20):
            same(
                asker.both("GET", "query=" + quote(f"SELECT ?o {{ ?s ?p{number} ?o }} ORDER BY ?o LIMIT 1"), head(None))
            )
    finally:
        edge._flask = kept
    assert seen == []


def test_a_query_that_outlasts_the_fast_lane_is_evaluated_once(asker):
    backend = asker.edges[0]._direct._backend
    before = backend.pool.killed
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n0 ?o }"
    answers = asker.both("GET", "timeout=0.3&query=" + quote(slow), head(None))
    assert same(answers)[0] == 504
    # four requests, four runs
    assert backend.pool.killed - before == 4
    assert backend.pool.places.running == 0
