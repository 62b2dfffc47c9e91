"""HTTP itself: heads and bodies in odd pieces, many at once, too many, known and unknown; answers are always whole."""

from __future__ import annotations

import contextlib
import json
import re
import socket
from collections.abc import Iterator

import pytest

from conftest import Server, pause, until

ASK = b"/sparql?query=ASK%7B%7D"
POINT = b"/sparql?query=ASK%20%7B%20%3Chttp%3A%2F%2Fx%2F1%3E%20%3Fp%20%3Fo%20%7D"
SLOW = (
    b"/sparql?timeout=1&query=SELECT%20(COUNT(*)%20AS%20%3Fn)%20%7B%3Fa%20%3Fb%20%3Fc.%3Fd%20%3Fe%20%3Ff."
    b"%3Fg%20%3Fh%20%3Fi.%3Fj%20%3Fk%20%3Fl.%3Fm%20%3Fn0%20%3Fo%7D"
)


def get(path: bytes, *lines: bytes, version: bytes = b"1.1") -> bytes:
    return b"\r\n".join((b"GET " + path + b" HTTP/" + version, b"Host: x", *lines, b"", b""))


def answers(sock: socket.socket) -> Iterator[tuple[int, dict[str, str], bytes]]:
    """The answers on a connection, as they come; ends when the server closes."""
    data = b""
    while True:
        while b"\r\n\r\n" not in data:
            piece = sock.recv(65536)
            if not piece:
                assert data == b""
                return
            data += piece
        head, _, data = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        status = int(first.split(" ")[1])
        size = 0 if status in {204, 304} or status < 200 else int(headers["content-length"])
        while len(data) < size:
            piece = sock.recv(65536)
            assert piece, "the answer broke off"
            data += piece
        yield status, headers, data[:size]
        data = data[size:]


def without_id(answer: tuple[int, dict[str, str], bytes]) -> tuple[int, dict[str, str], bytes]:
    status, headers, body = answer
    return status, {n: v for n, v in headers.items() if n not in {"x-request-id", "date"}}, body


def test_the_same_request_again_gets_the_same_answer(server: Server):
    """New, kept, and known by its bytes: three ways to one answer, each with an id of its own."""
    with server.connect() as sock:
        found = answers(sock)
        seen = []
        for _ in range(6):
            sock.sendall(get(POINT))
            seen.append(next(found))
    assert seen[0][0] == 200
    assert json.loads(seen[0][2])["boolean"] is False
    assert len({str(without_id(answer)) for answer in seen}) == 1
    assert len({answer[1]["x-request-id"] for answer in seen}) == 6
    assert all("date" in answer[1] for answer in seen)


def test_conditions_are_heard_however_often(server: Server):
    with server.connect() as sock:
        found = answers(sock)
        sock.sendall(get(POINT))
        tag = next(found)[1]["etag"].encode()
        for _ in range(4):
            for condition, status in ((tag, 304), (b'"other"', 200), (b"W/" + tag, 304)):
                sock.sendall(get(POINT, b"If-None-Match: " + condition))
                answer = next(found)
                assert answer[0] == status
                assert answer[1]["etag"].encode() == tag
                assert (answer[2] == b"") is (status == 304)


def test_known_bytes_are_forgotten_with_their_version(run_server, store):
    from conftest import publish

    server = run_server(store=store)
    query = b"/sparql?query=ASK%7B%3Chttp%3A%2F%2Fx%2Fa%3E%3Fp%3Fo%7D"
    with server.connect() as sock:
        found = answers(sock)

        def holds() -> bool:
            sock.sendall(get(query))
            status, _, body = next(found)
            assert status == 200
            return bool(json.loads(body)["boolean"])

        assert not any(holds() for _ in range(4))
        publish(store, b"<http://x/g> { <http://x/a> <http://x/b> 1 }")
        assert until(holds)


def test_byte_by_byte(server: Server):
    with server.connect() as sock:
        found = answers(sock)
        for _ in range(2):
            for byte in get(ASK):
                sock.sendall(bytes([byte]))
            assert next(found)[0] == 200


def test_many_at_once_come_in_order(server: Server):
    paths = [ASK, POINT, b"/health/live", b"/nothing-here", SLOW, ASK, b"/health/ready", POINT] * 3
    expected = [200, 200, 200, 404, 504, 200, 200, 200] * 3
    with server.connect() as sock:
        sock.sendall(b"".join(get(path) for path in paths))
        found = answers(sock)
        assert [next(found)[0] for _ in paths] == expected


def test_a_thousand_at_once(server: Server):
    with server.connect() as sock:
        found = answers(sock)
        sock.sendall(get(ASK))
        first = without_id(next(found))
        sock.sendall(get(ASK) * 1000)
        assert all(without_id(next(found)) == first for _ in range(1000))


def test_behind_a_slow_one(server: Server):
    with server.connect() as sock:
        found = answers(sock)
        sock.sendall(get(SLOW) + get(ASK) * 300)
        assert next(found)[0] == 504
        assert {next(found)[0] for _ in range(300)} == {200}


@pytest.mark.parametrize(
    ("lines", "version"), [((b"Connection: close",), b"1.1"), ((), b"1.0"), ((b"Connection: keep-alive",), b"1.0")]
)
def test_connections_that_are_to_end(server: Server, lines: tuple[bytes, ...], version: bytes):
    with server.connect() as sock:
        sock.sendall(get(POINT, *lines, version=version))
        found = list(answers(sock))
    assert [answer[0] for answer in found] == [200]


def test_bodies_in_chunks_and_with_expectations(server: Server):
    kind = b"Content-Type: application/sparql-query"
    with server.connect() as sock:
        found = answers(sock)
        head = (b"POST /sparql HTTP/1.1", b"Host: x", kind, b"Transfer-Encoding: chunked", b"", b"")
        sock.sendall(b"\r\n".join(head) + b"3\r\nASK\r\n2\r\n{}\r\n0\r\n\r\n")
        assert next(found)[0] == 200
        head = (b"POST /sparql HTTP/1.1", b"Host: x", kind, b"Expect: 100-continue", b"Content-Length: 5", b"", b"")
        sock.sendall(b"\r\n".join(head))
        assert next(found)[0] == 100
        sock.sendall(b"ASK{}" + get(ASK))
        assert [next(found)[0] for _ in range(2)] == [200, 200]


UPGRADE = (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAEAAEAAAAIAAAAB")
DIRECT = (b"POST /sparql HTTP/1.1", b"Host: x", b"Content-Type: application/sparql-query")


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize(
    ("line", "body"),
    [(b"Content-Length: 5", b"ASK{}"), (b"Transfer-Encoding: chunked", b"3\r\nASK\r\n2\r\n{}\r\n0\r\n\r\n")],
)
def test_who_asks_for_another_protocol_is_answered_in_this_one(server: Server, line: bytes, body: bytes, apart: bool):
    """As HTTP clients do that would rather speak HTTP/2: the body belongs to the request, and so does what follows."""
    head = b"\r\n".join((*DIRECT, *UPGRADE, line, b"", b""))
    with server.connect() as sock:
        found = answers(sock)
        for _ in range(2):
            for piece in (head, body) if apart else (head + body,):
                sock.sendall(piece)
                pause() if apart else None
            status, _, data = next(found)
            assert (status, json.loads(data)["boolean"]) == (200, True)
        sock.sendall(get(ASK, *UPGRADE) + get(b"/health/live", *UPGRADE) + get(POINT))
        assert [b"boolean" in next(found)[2] for _ in range(3)] == [True, False, True]


@pytest.mark.parametrize(
    "wrong", [b"garbage\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n"]
)
def test_a_refusal_comes_after_the_answers_before_it(server: Server, wrong: bytes):
    with server.connect() as sock:
        sock.sendall(get(SLOW) + get(b"/nothing-here") + wrong + get(ASK))
        assert [answer[0] for answer in answers(sock)] == [504, 404, 400]
    assert b"Traceback" not in server.log.read_bytes()


@pytest.mark.parametrize(("before", "expected"), [(b"", [400]), (get(SLOW), [504, 400])])
def test_a_body_that_is_none_is_refused_in_its_turn(server: Server, before: bytes, expected: list[int]):
    head = b"\r\n".join((*DIRECT, b"Transfer-Encoding: chunked", b"", b""))
    with server.connect() as sock:
        sock.sendall(before + head + b"3\r\nASK\r\n")
        pause()
        sock.sendall(b"not a size\r\n")
        assert [answer[0] for answer in answers(sock)] == expected
    assert b"Traceback" not in server.log.read_bytes()


def test_who_asks_before_sending_too_much_is_told_so(server: Server):
    with server.connect() as sock:
        sock.sendall(b"\r\n".join((*DIRECT, b"Expect: 100-continue", b"Content-Length: 90000000", b"", b"")))
        assert [answer[0] for answer in answers(sock)] == [413]


def test_head_has_no_body(server: Server):
    with server.connect() as sock:
        sock.sendall(get(b"/doc/zone/urumqi-etdz").replace(b"GET", b"HEAD") + get(ASK, b"Connection: close"))
        data = b""
        while piece := sock.recv(65536):
            data += piece
    heads = re.split(rb"(?=HTTP/1\.1 \d)", data)[1:]
    assert [head.split(b" ")[1] for head in heads] == [b"200", b"200"]
    assert heads[0].endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET " + b"/" + b"a" * 300_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431),
        (get(ASK, *(b"X-%d: 1" % number for number in range(500))), 431),
        (get(ASK, b"X-Long: " + b"a" * 300_000), 431),
        (b"BREW /sparql HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        (b"hello\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100, 400),
        (b"GET / HTTP/3.9\r\nHost: x\r\n\r\n", 400),
        (b"GET /sparql HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        (
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", 400),
        (b"GET /health/live HTTP/1.1\r\n\r\n", 400),
        (get(ASK, b"Host: y"), 400),
        (b"CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n", 400),
        (b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ],
)
def test_what_is_refused_gets_a_problem_document(server: Server, raw: bytes, status: int):
    with server.connect() as sock:
        sock.sendall(raw)
        found = list(answers(sock))
    assert [answer[0] for answer in found] == [status]
    _, headers, body = found[0]
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    assert json.loads(body)["status"] == status
    assert server.ask("/health/live").status == 200


def test_connections_that_say_nothing_are_closed(run_server, shared_store):
    server = run_server(store=shared_store, client_seconds=1)
    quiet, half, busy = server.connect(), server.connect(), server.connect()
    half.sendall(b"GET /sp")
    busy.sendall(get(ASK))
    for sock in (quiet, half):
        sock.settimeout(10)
        assert sock.recv(100) == b""
        sock.close()
    # one that has been answered may stay
    found = answers(busy)
    assert next(found)[0] == 200
    busy.sendall(get(ASK))
    assert next(found)[0] == 200
    busy.close()


def test_silent_connections_make_room(run_server, shared_store):
    """More than the server holds: who asks is answered, who was silent longest is closed."""
    server = run_server(store=shared_store, max_connections=40)
    silent = [server.connect() for _ in range(200)]
    assert server.ask("/health/live").status == 200
    first = silent[0]
    first.settimeout(10)
    with contextlib.suppress(ConnectionResetError):
        assert first.recv(1) == b""
    asked = silent[-1]
    asked.sendall(get(ASK))
    assert next(answers(asked))[0] == 200
    for sock in silent:
        sock.close()


def test_a_client_that_takes_nothing_of_a_kept_answer_is_cut_off(run_server, shared_store):
    server = run_server(store=shared_store, client_seconds=1)
    path = b"/sparql?query=SELECT%20*%20%7B%3Fa%20%3Fb%20%3Fc.%3Fd%20%3Fe%20%3Ff%7D%20LIMIT%209000"
    with server.connect() as reader:
        found = answers(reader)
        for _ in range(3):
            reader.sendall(get(path))
            assert len(next(found)[2]) > 1_000_000
    stuck = server.connect()
    stuck.sendall(get(path) * 50)
    stuck.settimeout(60)
    assert until(lambda: _is_cut_off(server, stuck.getsockname()[1]), 60)
    stuck.close()


@pytest.mark.slow
def test_a_client_that_reads_slowly_but_steadily_gets_everything(run_server, shared_store):
    """Some seconds of reading, the buffer never empty, where three seconds of standing still is the limit."""
    server = run_server(store=shared_store, client_seconds=3, timeout=20)
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 * 1024)
    slow.settimeout(30)
    slow.connect(("127.0.0.1", server.port))
    text = b"SELECT%20*%20%7B%3Fa%20%3Fb%20%3Fc.%3Fd%20%3Fe%20%3Ff.%3Fg%20%3Fh%20%3Fi%7D%20LIMIT%2020000"
    slow.sendall(get(b"/sparql?query=" + text, b"Connection: close"))
    data, rested = bytearray(), 0
    while piece := slow.recv(64 * 1024):
        data += piece
        if len(data) - rested > 250_000:
            pause(0.5)
            rested = len(data)
    slow.close()
    head, _, body = bytes(data).partition(b"\r\n\r\n")
    size = re.search(rb"content-length: (\d+)", head)
    assert size is not None
    assert len(body) == int(size[1]) > 5_000_000
    assert len(json.loads(body)["results"]["bindings"]) == 20_000


def _is_cut_off(server: Server, port: int) -> bool:
    import psutil

    found = psutil.Process(server.process.pid).children(recursive=True)
    return not any(
        link.raddr and link.raddr.port == port for process in found for link in process.net_connections("tcp")
    )


def test_a_taken_port_is_a_clear_error(server: Server, shared_store):
    import subprocess
    import sys

    command = [sys.executable, "-m", "zonegraph", "serve", "--store", str(shared_store), "--port", str(server.port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert f"cannot listen on 127.0.0.1:{server.port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_answers_that_a_socket_cannot_hold_at_once(server: Server):
    """Around 200 kB a worker's answer comes in pieces, however it is waited for."""
    sizes = []
    for rows in range(300, 700, 8):
        reply = server.query(f"SELECT * {{ ?a ?b ?c . ?d ?e ?f }} LIMIT {rows}", Accept="application/json")
        assert reply.status == 200
        assert len(json.loads(reply.body)["results"]["bindings"]) == rows
        sizes.append(len(reply.body))
    assert min(sizes) < 200_000
    assert max(sizes) > 256 * 1024
