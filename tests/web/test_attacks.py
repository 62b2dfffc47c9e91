"""Hostile queries, clients and payloads: stopped, reported, and not noticed by others."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from conftest import TOKEN, Server, until

pytestmark = pytest.mark.slow

CROSS = "{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o . ?p ?q ?r . ?s ?t ?u }"
COUNT = f"SELECT (COUNT(*) AS ?total) {CROSS}"
SORT = f"SELECT * {CROSS} ORDER BY ?a ?u"
STREAM = f"SELECT * {CROSS}"
TRIPLES = f"CONSTRUCT {{ ?a ?b ?u }} {CROSS}"
POINT = "ASK { <https://w3id.org/zonegraph/id/zone/urumqi-etdz> ?p ?o }"


def command(process: psutil.Process) -> str:
    """The command line; empty for a process that has just ended."""
    try:
        return " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return ""


def alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def query_workers(server: Server) -> list[psutil.Process]:
    """The processes below the zygote."""
    found = psutil.Process(server.process.pid).children(recursive=True)
    zygotes = [p for p in found if "zonegraph.web.workers.zygote" in command(p)]
    parents = {p.pid for p in zygotes}
    return [p for p in zygotes if alive(p) and p.ppid() in parents]


def busy(server: Server) -> int:
    """Workers using the processor."""
    count = 0
    for process in query_workers(server):
        with contextlib.suppress(psutil.NoSuchProcess):
            count += process.status() == psutil.STATUS_RUNNING
    return count


def problem(reply) -> dict:
    assert reply["Content-Type"] == "application/problem+json", reply
    body = json.loads(reply.body)
    assert body["status"] == reply.status
    assert body["title"]
    assert body["detail"]
    return body


@pytest.fixture(scope="module")
def strict(shared_store, tmp_path_factory):
    from conftest import start
    from zonegraph.web.config import Config

    folder = tmp_path_factory.mktemp("strict")
    values = {
        "store": shared_store, "spool": folder, "workers": 2, "timeout": 0.6, "max_memory": 200,
        "max_rows": 1000, "max_bytes": 200_000, "query_log": folder / "query.log", "client_seconds": 2,
    }  # fmt: skip
    running = start(Config().with_values(values), folder)
    yield running
    running.stop()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (COUNT, {"limit-time"}),
        (SORT, {"limit-memory", "limit-time"}),
        (STREAM, {"limit-rows", "limit-bytes"}),
        (TRIPLES, {"limit-rows", "limit-bytes", "limit-time"}),
    ],
)
@pytest.mark.parametrize(
    "accept", ["*/*", "application/sparql-results+xml, text/turtle", "text/csv, application/n-triples"]
)
def test_caps_are_errors(strict, text, codes, accept):
    began = time.monotonic()
    reply = strict.query(text, Accept=accept)
    assert time.monotonic() - began < 6
    assert reply.status in {422, 504, 507}
    assert problem(reply)["type"].rpartition(":")[2] in codes
    assert until(lambda: busy(strict) == 0)


def test_a_page_is_never_cut(server):
    reply = server.query(STREAM, Accept="text/html")
    assert reply.status == 422
    assert "more than" in reply.text


def test_memory_is_capped_by_the_kernel(run_server, shared_store):
    server = run_server(store=shared_store, timeout=30, max_memory=100, max_rows=10**9, max_bytes=10**9)
    reply = server.query(SORT)
    assert reply.status == 507
    assert problem(reply)["type"].endswith("limit-memory")
    assert server.query(POINT).status == 200


def test_timeout_can_be_lowered_not_raised(strict):
    began = time.monotonic()
    reply = strict.ask("/sparql?timeout=0.2&query=" + quoted(COUNT))
    assert reply.status == 504
    assert time.monotonic() - began < 1.4
    assert "0.6 s" in problem(strict.ask("/sparql?timeout=9999&query=" + quoted(COUNT)))["detail"]
    assert strict.ask("/sparql?timeout=-1&query=" + quoted(COUNT)).status == 400
    assert strict.ask("/sparql?timeout=nan&query=" + quoted(POINT)).status == 400


def quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")


def test_others_do_not_notice(run_server, shared_store):
    server = run_server(store=shared_store, timeout=2, workers=2, reserve=2, queue=8)
    with ThreadPoolExecutor(12) as clients:
        hostile = [clients.submit(server.query, COUNT.replace("?total", f"?t{i}")) for i in range(8)]
        assert until(lambda: busy(server) >= 1)
        seen = []
        for _ in range(20):
            began = time.monotonic()
            assert server.query(POINT.replace("?o", f"?o{len(seen)}")).status == 200
            seen.append(time.monotonic() - began)
        assert sorted(seen)[10] < 1.5
        assert {f.result().status for f in hostile} <= {503, 504}
    assert until(lambda: busy(server) == 0)


def test_a_full_queue_is_503_with_retry_after(run_server, shared_store):
    server = run_server(store=shared_store, timeout=1, workers=1, reserve=1, queue=2)
    with ThreadPoolExecutor(16) as clients:
        replies = list(clients.map(server.query, [COUNT] * 16))
    statuses = [r.status for r in replies]
    assert 503 in statuses
    assert set(statuses) <= {503, 504}
    assert all(int(r["Retry-After"]) > 0 for r in replies if r.status == 503)
    assert server.query(POINT).status == 200


@pytest.mark.parametrize("waiting", [0, 2])
def test_a_leaving_client_ends_its_query(run_server, shared_store, waiting):
    server = run_server(store=shared_store, timeout=60)
    leave = server.connect()
    body = COUNT.encode()
    leave.sendall(
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: %d\r\n\r\n%s"
        % (len(body), body)
    )
    assert until(lambda: busy(server) == 1)
    leave.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n" * waiting)
    leave.close()
    assert until(lambda: busy(server) == 0, 5)
    assert server.query(POINT).status == 200
    assert b"Traceback" not in server.log.read_bytes()


def test_a_killed_worker_is_replaced_and_its_request_answered(run_server, shared_store):
    server = run_server(store=shared_store, timeout=60)
    with ThreadPoolExecutor(1) as client:
        waiting = client.submit(server.query, COUNT)
        assert until(lambda: busy(server) == 1)
        for worker in query_workers(server):
            worker.kill()
        assert problem(waiting.result(20))["type"].endswith("worker-died")
    assert server.query(POINT).status == 200


def test_a_killed_zygote_is_replaced(run_server, shared_store):
    server = run_server(store=shared_store)
    assert server.query(POINT).status == 200
    for process in psutil.Process(server.process.pid).children(recursive=True):
        if "zonegraph.web.workers.zygote" in command(process):
            process.kill()
    assert until(lambda: server.query(POINT + "#again").status == 200)


def test_a_killed_server_leaves_no_process(run_server, shared_store):
    server = run_server(store=shared_store, timeout=60)
    with ThreadPoolExecutor(1) as client:
        gone = client.submit(server.query, COUNT)
        assert until(lambda: busy(server) == 1)
        everyone = psutil.Process(server.process.pid).children(recursive=True)
        for process in [p for p in everyone if "zonegraph.web.workers.zygote" not in command(p)]:
            process.kill()
        server.process.kill()
        assert gone.exception(20) is not None
    assert until(lambda: not any(alive(p) for p in everyone))


def test_a_killed_server_process_is_replaced_and_waiting_clients_are_answered(run_server, shared_store):
    server = run_server(store=shared_store)
    kept = [p for p in psutil.Process(server.process.pid).children() if "spawn_main" in command(p)]
    assert len(kept) == 1
    for process in kept:
        process.kill()
    # the listening socket belongs to the watching process: nobody is refused, only delayed
    assert server.query(POINT, timeout=30).status == 200
    assert not alive(kept[0])


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://127.0.0.1:{port}/> { ?s ?p ?o } }",
        "SELECT * { service silent <http://127.0.0.1:{port}/> { ?s ?p ?o } }",
        "SELECT * { SERVICE ?x { ?s ?p ?o } }",
        "SELECT * { ?s ?p ?o MINUS { SERVICE <http://127.0.0.1:{port}/> { ?s ?p ?o } } }",
        "SELECT * { FILTER(1<2)SERVICE#>\n<http://127.0.0.1:{port}/> { ?s ?p ?o } }",
        "SELECT * { FILTER('a\\u0022'=?x) SERVICE <http://127.0.0.1:{port}/> { ?s ?p ?o } FILTER('b'='b') }",
        'SELECT * { FILTER("a\\u0022"=?x) SERVICE <http://127.0.0.1:{port}/> { ?s ?p ?o } FILTER("b"="b") }',
        "SELECT * { \\u0053ERVICE <http://127.0.0.1:{port}/> { ?s ?p ?o } }",
        "PREFIX x: <http://x/> SELECT * { ?s x:it\\'s ?o SERVICE <http://127.0.0.1:{port}/> { ?a x:b\\'c ?d } }",
        "SELECT * { # '\r SERVICE <http://127.0.0.1:{port}/> { ?s ?p ?o } # '\n }",
        "ASK { { SELECT * { SERVICE <http://127.0.0.1:{port}/> { ?s ?p ?o } } } }",
        "SELECT * { ?s ?p '''it's''' SERVICE <http://127.0.0.1:{port}/> { ?s ?p '''x''' } }",
        "SELECT * { FILTER EXISTS { SERVICE <http://127.0.0.1:{port}/> { ?s ?p ?o } } }",
    ],
)
def test_service_never_leaves(server, text):
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.2)
        reply = server.query(text.replace("{port}", str(trap.getsockname()[1])))
        assert reply.status in {400, 403}
        problem(reply)
        with pytest.raises(TimeoutError):
            trap.accept()


def test_words_that_look_like_service(server):
    for text in (
        'SELECT ("SERVICE" AS ?service) { } # SERVICE <http://x/> {}',
        "PREFIX service: <http://x/service#> SELECT ?service { ?service service:SERVICE <http://x/SERVICE> }",
        "SELECT * { ?s <http://x/service#SERVICE> '''SERVICE <http://x/> { }''' }",
        "PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> ASK { ?s a sd:Service }",
        "SELECT ?load { ?load ?p 'LOAD' }",
    ):
        assert server.query(text).status == 200, text


def test_a_worker_has_no_network(server):
    assert server.query(POINT).status == 200
    own = os.stat("/proc/self/ns/net").st_ino
    for worker in query_workers(server):
        cut = os.stat(f"/proc/{worker.pid}/ns/net").st_ino != own
        filtered = "Seccomp:\t2" in Path(f"/proc/{worker.pid}/status").read_text()
        assert cut or filtered


def test_slow_headers_and_bodies_hold_nothing_up(strict):
    sockets = [strict.connect() for _ in range(60)]
    for number, sock in enumerate(sockets):
        head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 100\r\n"
        sock.sendall(head[:30] if number % 2 else head + b"\r\nASK")
    assert strict.query(POINT).status == 200
    for number, sock in enumerate(sockets):
        sock.settimeout(10)
        answer = sock.recv(1000)
        assert answer == b"" if number % 2 else b" 408 " in answer
        sock.close()


def test_a_reader_that_does_not_read(run_server, shared_store):
    big = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    server = run_server(store=shared_store, client_seconds=1, timeout=20)
    stuck = server.connect()
    stuck.sendall(b"GET /sparql?query=" + quoted(big).encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert stuck.recv(100).startswith(b"HTTP/1.1 200")
    spool = server.config.spool
    assert until(lambda: not open_spools(server), 30), spool
    with pytest.raises((ConnectionError, http.client.IncompleteRead)):
        read_whole(stuck)
    stuck.close()


def read_whole(sock: socket.socket) -> None:
    """Read to the end of the connection, which comes before the end of the answer."""
    size = 0
    while piece := sock.recv(65536):
        size += len(piece)
    raise http.client.IncompleteRead(b"", size)


def open_spools(server: Server) -> list[str]:
    """Deleted files that server processes still hold: answers being sent."""
    held = []
    for process in psutil.Process(server.process.pid).children(recursive=True):
        for link in Path(f"/proc/{process.pid}/fd").iterdir():
            try:
                target = os.readlink(link)
            except OSError:
                continue
            if target.startswith(str(server.config.spool)):
                held.append(target)
    return held


def test_large_answers_are_whole_and_carry_their_length(run_server, shared_store):
    server = run_server(store=shared_store, timeout=30)
    text = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } LIMIT 30000"
    for accept in ("text/csv", "text/tab-separated-values", "application/sparql-results+json"):
        reply = server.query(text, Accept=accept)
        assert reply.status == 200
        assert int(reply["Content-Length"]) == len(reply.body) > 5_000_000
    packed = server.query(text, Accept="text/csv", Accept_Encoding="gzip")
    assert packed["Content-Encoding"] == "gzip"
    assert int(packed["Content-Length"]) == len(packed.body) < 2_500_000
    assert until(lambda: not open_spools(server))


@pytest.mark.parametrize("method", ["POST", "QUERY"])
def test_bodies_are_bounded(server, method):
    reply = server.ask("/sparql", method=method, body=b"#" * (3 * 1024 * 1024), Content_Type="application/sparql-query")
    assert reply.status == 413
    problem(reply)


def test_pathological_texts_are_quick(strict):
    limit = strict.config.max_query_bytes
    for text in (
        "SELECT * {" + "{" * 5000 + "}" * 5000 + "}",
        "SELECT * { FILTER(" + "(" * 20000 + "1" + ")" * 20000 + ") }",
        "a." * (limit // 2 - 10),
        "'''" + "\\'''" * (limit // 8),
        '"' * (limit - 10),
        "<" * (limit - 10),
        "ASK { ?s ?p " + "?x, " * 20000 + "?y }",
        "SELECT * { FILTER(" + "!" * 50000 + "?x) }",
        "SELECT * { ?s " + "^" * 3000 + "<http://x/p> ?o }",
        "SELECT * { ?s " + "(<http://x/p>/" * 150 + "<http://x/q>" + ")*" * 150 + " ?o }",
        "SELECT * { FILTER(1" + "+1" * 40000 + "=1) }",
        "SELECT * { FILTER(" + "-" * 60000 + "1 = 1) }",
    ):
        began = time.monotonic()
        reply = strict.query(text)
        assert time.monotonic() - began < strict.config.timeout + 4, text[:40]
        assert reply.status in {200, 400, 422, 500, 504, 507}, text[:40]
    assert strict.query(POINT).status == 200


def test_malformed_requests(server):
    host = b"Host: x\r\n"
    for raw in (
        b"GET /sparql?query=%FF%FE HTTP/1.1\r\n" + host,
        b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: a\r\nHost: b\r\n",
        b'GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: evil\\"><script>\r\n',
        b"GET /sparql?" + b"a=1&" * 5000 + b" HTTP/1.1\r\n" + host,
        b"POST /sparql HTTP/1.1\r\n"
        + host
        + b"Content-Type: application/sparql-query; charset=utf-16\r\nContent-Length: 2\r\n",
        b"POST /sparql HTTP/1.1\r\n" + host + b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 2\r\n",
        b"BREW /sparql HTTP/1.1\r\n" + host,
        b"PUT /sparql?query=ASK%7B%7D HTTP/1.1\r\n" + host,
        b"GET /doc/%00%0d%0aSet-Cookie:x HTTP/1.1\r\n" + host,
        b"GET /data?graph=relative HTTP/1.1\r\n" + host,
        b"GET /data?graph=http://a/&graph=http://b/ HTTP/1.1\r\n" + host,
        b"GET /sparql?query=ASK%7B%7D&default-graph-uri=x HTTP/1.1\r\n" + host,
        b"GET /sparql?query=ASK%7B%7D&version=7 HTTP/1.1\r\n" + host,
        b"GET /sparql?query=ASK%7B%7D&format=exe HTTP/1.1\r\n" + host,
    ):
        with server.connect() as sock:
            sock.sendall(raw + b"Connection: close\r\n\r\n" + (b"xx" if b"Length" in raw else b""))
            answer = b""
            while piece := sock.recv(65536):
                answer += piece
        status = int(answer.split(b" ", 2)[1])
        assert 400 <= status < 500, (raw[:60], answer[:300])
        assert b"Traceback" not in answer
        assert b"set-cookie" not in answer.lower().split(b"\r\n\r\n")[0]


def test_a_read_only_server_has_no_way_to_write(server):
    for reply in (
        server.update("INSERT DATA { <http://a/> <http://b/> 1 }", TOKEN),
        server.ask(
            "/sparql", method="POST", body=b"update=CLEAR+ALL", Content_Type="application/x-www-form-urlencoded"
        ),
        server.ask(
            "/data?default", method="PUT", body=b"", Content_Type="text/turtle", Authorization=f"Bearer {TOKEN}"
        ),
        server.ask("/data?graph=http://a/", method="DELETE", Authorization=f"Bearer {TOKEN}"),
    ):
        assert reply.status == 403
        assert problem(reply)["type"].endswith("read-only")
    assert server.ask("/sparql?update=CLEAR%20ALL").status == 400
    assert server.query("INSERT DATA { <http://a/> <http://b/> 1 }").status == 400
    for process in psutil.Process(server.process.pid).children(recursive=True):
        maps = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        assert b"--writable" not in maps


def test_flood_of_connections(server):
    sockets = []
    for _ in range(200):
        sock = server.connect()
        sock.sendall(b"GET /sparql?query=" + quoted(POINT).encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        sockets.append(sock)
    statuses = [sock.recv(4096).split(b" ", 2)[1] for sock in sockets]
    assert set(statuses) <= {b"200", b"503"}
    for sock in sockets:
        sock.close()
    assert server.query(POINT).status == 200


def test_the_query_log_says_how_it_ended(strict):
    strict.query(POINT)
    strict.query(COUNT)
    lines = [json.loads(line) for line in Path(strict.config.query_log).read_text().splitlines()]
    assert {"hash", "seconds", "rows", "bytes", "outcome", "status"} <= set(lines[-1])
    assert lines[-1]["outcome"] == "limit-time"
    assert "query" not in lines[-1]


def test_shutdown_answers_what_runs(run_server, shared_store):
    server = run_server(store=shared_store, timeout=1)
    with ThreadPoolExecutor(1) as client:
        waiting = client.submit(server.query, COUNT)
        assert until(lambda: busy(server) == 1)
        children = psutil.Process(server.process.pid).children(recursive=True)
        server.process.send_signal(signal.SIGTERM)
        assert waiting.result(20).status == 504
    assert server.process.wait(20) == 0
    assert until(lambda: not [p for p in children if alive(p)], 5)


def test_threads_do_not_grow(strict):
    def ask(_: int) -> int:
        return strict.query(COUNT).status

    with ThreadPoolExecutor(8) as clients:
        list(clients.map(ask, range(16)))
    assert until(lambda: busy(strict) == 0)
    assert threading.active_count() < 20
