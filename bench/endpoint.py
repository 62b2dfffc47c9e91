"""Requests a second over HTTP: this endpoint, ``oxigraph serve-read-only`` and rdflib-endpoint, in turns.

    python bench/endpoint.py [--quads 100000] [--seconds 2] [--rounds 3] [--peer-python PATH]

The peers get the same quads. Rounds are interleaved, so that a busy machine slows all alike; the median round counts.
``--peer-python`` names an interpreter that has rdflib-endpoint, oxrdflib and uvicorn; without it that peer is left out.
"""

from __future__ import annotations

import argparse
import multiprocessing
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox

from zonegraph.store import StoreDir, VersionWriter

ZG = "https://w3id.org/zonegraph/ontology#"
THING = "https://w3id.org/zonegraph/id/observation/{:016x}"
GRAPH = ox.NamedNode("https://w3id.org/zonegraph/graph/registry")
CLIENTS = 4

SERVE = """
import sys
from zonegraph.web import Config, serve
if __name__ == "__main__":
    serve(Config().with_values({"store": sys.argv[1], "port": int(sys.argv[2]), "processes": int(sys.argv[3])}))
"""
RDFLIB = """
import sys, uvicorn
from rdflib import Dataset
from rdflib_endpoint import SparqlEndpoint
graph = Dataset(store="Oxigraph", default_union=True)
graph.parse(sys.argv[1], format="nquads")
uvicorn.run(SparqlEndpoint(graph=graph, path="/sparql"), port=int(sys.argv[2]), log_level="error")
"""


@dataclass(frozen=True)
class Scenario:
    """One kind of request; ``{n}`` in the query varies."""

    name: str
    query: str
    accept: str = "application/sparql-results+json"
    conditional: bool = False


SCENARIOS = (
    Scenario("point, varying", f"SELECT ?v {{{{ <{THING}> <{ZG}value> ?v }}}}"),
    Scenario("point, repeated", f"SELECT ?v {{{{ <{THING.format(7)}> <{ZG}value> ?v }}}}"),
    Scenario("point, If-None-Match", f"SELECT ?v {{{{ <{THING.format(7)}> <{ZG}value> ?v }}}}", conditional=True),
    Scenario("construct, varying", f"CONSTRUCT WHERE {{{{ <{THING}> ?p ?o }}}}", accept="text/turtle"),
    Scenario("10,000 rows, repeated", f"SELECT ?s ?v {{{{ ?s <{ZG}value> ?v }}}} LIMIT 10000"),
    Scenario("10,000 rows, varying", f"SELECT ?s ?v {{{{ ?s <{ZG}value> ?v }}}} LIMIT 10000 OFFSET {{n}}"),
)


def quads(number: int) -> Iterator[ox.Quad]:
    integer = ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")
    for index in range(number // 4):
        subject = ox.NamedNode(THING.format(index))
        for name, value in (
            ("value", ox.Literal(str(index * 37), datatype=integer)),
            ("about", ox.NamedNode(f"https://w3id.org/zonegraph/id/zone/{index % 100}")),
            ("indicator", ox.NamedNode(f"https://w3id.org/zonegraph/code/indicator-{index % 20}")),
            ("valueAsWritten", ox.Literal(f"{index}亿元")),
        ):
            yield ox.Quad(subject, ox.NamedNode(ZG + name), value, GRAPH)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], port: int) -> Iterator[int]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.05)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(20)


class Client:
    """One keep-alive connection, as little Python as possible."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=60)

    def ask(self, path: str, accept: str, tag: str) -> tuple[int, str, int]:
        condition = f"If-None-Match: {tag}\r\n" if tag else ""
        self.sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\n{condition}\r\n".encode())
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._receive()
        head, _, body = data.partition(b"\r\n\r\n")
        lower = head.lower()
        found = next((line[6:].strip().decode() for line in lower.split(b"\r\n") if line.startswith(b"etag: ")), "")
        length = next((int(line[16:]) for line in lower.split(b"\r\n") if line.startswith(b"content-length: ")), None)
        status = int(head[9:12])
        if length is None and status != 304:
            while not body.endswith(b"0\r\n\r\n"):
                body += self._receive()
        got = len(body)
        while status != 304 and length is not None and got < length:
            got += len(self._receive())
        return status, found, got

    def _receive(self) -> bytes:
        piece = self.sock.recv(1 << 20)
        if not piece:
            raise ConnectionError("closed")
        return piece


def load(job: tuple[int, str, Scenario, float, int]) -> list[float]:
    """Ask for some seconds on one connection; returns the times of the answers."""
    port, prefix, scenario, seconds, start = job
    client, times, tag = Client(port), [], ""
    number = start
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        number += CLIENTS
        text = (
            scenario.query.format(number % 20000) if "{:" in scenario.query else scenario.query.format(n=number % 9999)
        )
        began = time.perf_counter()
        status, found, _ = client.ask(f"{prefix}?query={quote(text)}", scenario.accept, tag)
        times.append(time.perf_counter() - began)
        if status not in {200, 304}:
            raise RuntimeError(f"{prefix} answered {status}")
        tag = found if scenario.conditional else ""
    return times


def measure(pool: multiprocessing.pool.Pool, port: int, prefix: str, scenario: Scenario, seconds: float, salt: int):
    jobs = [(port, prefix, scenario, seconds, salt + index) for index in range(CLIENTS)]
    times = sorted(t for result in pool.map(load, jobs, chunksize=1) for t in result)
    return len(times) / seconds, times[len(times) // 2] * 1000, times[int(len(times) * 0.99)] * 1000


def publish(folder: Path, number: int) -> tuple[bytes, Path]:
    """A store with so many quads: their N-Quads, and the directory of the version."""
    lines = "".join(f"{quad} .\n" for quad in quads(number)).encode()
    store_dir = StoreDir.from_path(folder)
    with store_dir.lock(), VersionWriter(store_dir) as writer:
        writer.load_bytes(lines)
        version = writer.finish()
        store_dir.publish(version)
    return lines, version.data


def peers(stack: ExitStack, folder: Path, options: argparse.Namespace) -> dict[str, tuple[int, str]]:
    lines, data = publish(folder / "store", options.quads)
    (folder / "data.nq").write_bytes(lines)
    (folder / "serve.py").write_text(SERVE)
    found = {}
    port = free_port()
    command = [sys.executable, str(folder / "serve.py"), str(folder / "store"), str(port), str(options.processes)]
    found["zonegraph"] = (stack.enter_context(running(command, port)), "/sparql")
    port = free_port()
    oxigraph = [str(Path(sys.executable).with_name("oxigraph")), "serve-read-only", "--location", str(data)]
    oxigraph += ["--bind", f"127.0.0.1:{port}", "--union-default-graph"]
    found["oxigraph"] = (stack.enter_context(running(oxigraph, port)), "/query")
    if options.peer_python:
        port = free_port()
        (folder / "peer.py").write_text(RDFLIB)
        command = [options.peer_python, str(folder / "peer.py"), str(folder / "data.nq"), str(port)]
        found["rdflib-endpoint"] = (stack.enter_context(running(command, port)), "/sparql")
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quads", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--peer-python", default="")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        found = peers(stack, folder, options)
        pool = stack.enter_context(multiprocessing.get_context("spawn").Pool(CLIENTS))
        print(f"{'':24}{'':18}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}   zonegraph is so many times as fast")
        for scenario in SCENARIOS:
            rounds: dict[str, list[tuple[float, float, float]]] = {name: [] for name in found}
            for turn in range(options.rounds):
                for name, (port, prefix) in found.items():
                    rounds[name].append(measure(pool, port, prefix, scenario, options.seconds, turn * 5000))
            ours = statistics.median(rate for rate, _, _ in rounds["zonegraph"])
            for name, results in rounds.items():
                rate, half, most = (statistics.median(values) for values in zip(*results, strict=True))
                print(f"{scenario.name:24}{name:18}{rate:9.0f}{half:9.2f}{most:9.2f}   {ours / rate:.2f}")


if __name__ == "__main__":
    main()
