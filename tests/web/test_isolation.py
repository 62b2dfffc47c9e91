"""The second line: what a worker could do if a query got past the guard. Nothing."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from urllib.parse import quote

import pytest

from zonegraph.errors import QueryError
from zonegraph.web.backend import Limits, Task
from zonegraph.web.config import Config
from zonegraph.web.local import LocalBackend
from zonegraph.web.workers.counting import RowCounter

PROBE = """
import socket, json
from zonegraph.web.workers import isolation
how = {how}
try:
    socket.create_connection(("127.0.0.1", {port}), timeout=2)
    outcome = "connected"
except OSError as error:
    outcome = type(error).__name__
pair = socket.socketpair()
pair[0].send(b"x")
print(json.dumps([how, outcome, pair[1].recv(1).decode()]))
"""


@pytest.mark.parametrize("how", ["isolation.without_network()", "isolation._no_sockets()"])
def test_no_way_out(how):
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.1)
        text = PROBE.format(how=how, port=trap.getsockname()[1])
        done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
        used, outcome, own = json.loads(done.stdout)
        if not used:
            pytest.skip("this kernel has no system call filter")
        assert outcome in {"PermissionError", "OSError"}
        assert own == "x"
        with pytest.raises(TimeoutError):
            trap.accept()


@pytest.fixture(scope="module")
def backend(shared_store, tmp_path_factory):
    spool = tmp_path_factory.mktemp("spool")
    found = LocalBackend(Config().with_values({"store": shared_store, "spool": spool}))
    yield found
    found.close()


def test_a_query_past_the_guard_goes_nowhere(backend):
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.1)
        text = f"SELECT * {{ SERVICE <http://127.0.0.1:{trap.getsockname()[1]}/> {{ ?s ?p ?o }} }}"
        with pytest.raises(QueryError):
            backend.run(Task("query", Limits(5, 10, 10_000), text=text), backend.version())
        with pytest.raises(TimeoutError):
            trap.accept()


def test_an_update_cannot_be_asked_of_a_worker(backend):
    with pytest.raises(QueryError):
        backend.run(Task("query", Limits(5, 10, 1000), text="CLEAR ALL"), backend.version())
    handle = backend.nursery.fork("writer")
    assert handle.ready(10)
    backend.nursery.discard(handle)


def test_terms_in_terms_cannot_end_the_server(server):
    """What is deep enough to end a process that reads it is never read by the server's own."""
    nested = "TRIPLE(a:, a:, " * 150 + "?x{}" + ")" * 150
    steps = " ".join(f"BIND({nested.format(n)} AS ?x{n + 1})" for n in range(40))
    text = f"PREFIX a: <a:b> SELECT ?x40 {{ BIND(1 AS ?x0) {steps} }}"
    page = server.query(text, Accept="text/html")
    assert (page.status, "nest deeper" in page.text) == (422, True)
    assert server.query(text).body.count(b'"triple"') == 150 * 40
    shallow = "SELECT (TRIPLE(<a:b>, <a:b>, TRIPLE(<a:b>, <a:b>, 1)) AS ?t) {}"
    assert server.query(shallow, Accept="text/html").status == 200


def test_workers_that_die_while_they_start_are_not_missed(backend, monkeypatch):
    fork = backend.nursery.fork

    def stillborn():
        handle = fork()
        handle.kill()
        return handle

    monkeypatch.setattr(backend.nursery, "fork", stillborn)
    backend.warm()
    monkeypatch.undo()
    assert backend.run(Task("query", Limits(5, 10, 1000), text="ASK {}"), backend.version()).rows == 1


def test_service_to_an_allowed_host(run_server, shared_store, server):
    host = f"127.0.0.1:{server.port}"
    front = run_server(store=shared_store, service_hosts=host)
    inner = "?s a <https://w3id.org/zonegraph/ontology#District>"
    assert b"toutunhe" in front.query(f"SELECT * {{ SERVICE <http://{host}/sparql> {{ {inner} }} }}").body
    assert front.query(f"SELECT * {{ SERVICE <http://localhost:{server.port}/sparql> {{ {inner} }} }}").status == 403
    assert b"BasicFederatedQuery" in front.ask("/sparql", Accept="text/turtle").body


@pytest.mark.parametrize(
    ("form", "query", "rows"),
    [
        (form, query, rows)
        for form in ("json", "xml", "csv", "tsv")
        for query, rows in (
            ("SELECT * { VALUES ?x { 'a' 'b' '}},{\"x\":' 'c\\n\\r\\nd' '\"\"' '<result>' } }", 6),
            ("SELECT * { VALUES (?x ?y) { (1 UNDEF) (UNDEF UNDEF) (UNDEF 2) } }", 3),
            ("SELECT ?x { FILTER(false) }", 0),
            ("SELECT * {}", 1),
            ("SELECT (<<( <http://a/> <http://b/> 'c' )>> AS ?t) (1 AS ?u) {}", 1),
        )
        if not (query == "SELECT * {}" and form in {"csv", "tsv"})
    ],
)
def test_rows_are_counted_from_the_bytes(backend, form, query, rows):
    answer = backend.run(Task("query", Limits(5, 100, 100_000), text=query, format=form), backend.version())
    assert answer.rows == rows
    data = answer.body.data()
    for size in (1, 2, 3, 7, 64):
        counter = RowCounter(form)
        for start in range(0, len(data), size):
            counter.feed(data[start : start + size])
        assert counter.rows(data[-40:]) == rows


def test_settings(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('[serve]\ntimeout = 3\nmax-rows = 7\nservice-hosts = ["A.example"]\n')
    found = Config.load(
        {"timeout": None, "port": 1}, file=file, environ={"ZONEGRAPH_TIMEOUT": "4", "ZONEGRAPH_STORE": "x"}
    )
    assert (found.timeout, found.max_rows, found.port, str(found.store)) == (4.0, 7, 1, "x")
    assert found.service_hosts == ("a.example",)


@pytest.mark.parametrize(
    "values", [{"timeout": "fast"}, {"nonsense": 1}, {"workers": 0}, {"port": 70000}, {"writable": "perhaps"}]
)
def test_wrong_settings(values):
    from zonegraph.errors import UsageError

    with pytest.raises(UsageError):
        Config().with_values(values)


@pytest.mark.parametrize("content", [None, "", "short", b"\xff\xff"])
def test_wrong_tokens(tmp_path, content):
    from zonegraph.errors import UsageError

    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UsageError):
        Config(writable=True, token_file=file).token()
    with pytest.raises(UsageError):
        Config(writable=True).token()


def test_quoted_query_is_kept_apart(server):
    """Header injection by way of a redirect."""
    reply = server.ask("/graph/" + quote("x\r\nSet-Cookie: a=b"))
    assert "Set-Cookie" not in reply.headers
