"""Memory of the server under mixed load: printed every half minute, to see that it stays flat.

    python bench/load.py [--minutes 10] [--clients 8]

Clients ask repeated and varying look-ups, joins, large tables, graphs, pages, conditional requests and what is refused,
and some leave before their answer. The last column is the resident memory of all processes of the server together.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import itertools
import random
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psutil
from endpoint import SERVE, THING, ZG, free_port, publish, running

JSON = "application/sparql-results+json"
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def requests(seed: int) -> Iterator[tuple[str, str, bool]]:
    """Path, Accept header, and whether the client leaves at once."""
    choose = random.Random(seed)
    for number in itertools.count():
        thing = THING.format(choose.randrange(25_000))
        kind = choose.choices(range(9), (30, 10, 10, 10, 5, 4, 4, 2, 1))[0]
        text = (
            f"SELECT ?v {{ <{thing}> <{ZG}value> ?v }}",
            f"SELECT ?v {{ <{THING.format(7)}> <{ZG}value> ?v }}",
            f"CONSTRUCT WHERE {{ <{thing}> ?p ?o }}",
            f"SELECT * {{ <{thing}> <{ZG}about> ?z . ?s <{ZG}about> ?z }} LIMIT {choose.randrange(400)}",
            f"SELECT ?i (SUM(?v) AS ?n) {{ ?s <{ZG}indicator> ?i ; <{ZG}value> ?v }} GROUP BY ?i # {number}",
            f"SELECT ?s ?v {{ ?s <{ZG}value> ?v }} LIMIT {choose.randrange(20_000)}",
            "SELECT * {",
            f"SELECT ?s ?v {{ ?s <{ZG}value> ?v }} ORDER BY ?v OFFSET {choose.randrange(9_000)} LIMIT 9000",
            CROSS,
        )[kind]
        accept = "text/turtle" if kind == 2 else choose.choice((JSON, "text/csv", "text/html"))
        yield f"/sparql?timeout=1&query={quote(text)}", accept, kind in {7, 8} and choose.random() < 0.5


def ask(port: int, seed: int, end: float, seen: Counter[int]) -> None:
    """One client, on connections that it now and then renews."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for path, accept, leaves in requests(seed):
        if time.monotonic() > end:
            return
        if leaves:
            with socket.create_connection(("127.0.0.1", port)) as gone:
                gone.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            continue
        try:
            connection.request("GET", path, headers={"Accept": accept, "Accept-Encoding": "gzip"})
            reply = connection.getresponse()
            reply.read()
            seen[reply.status] += 1
        except (OSError, http.client.HTTPException):
            seen[0] += 1
            connection.close()


def memory(pid: int) -> tuple[float, float, int]:
    """MiB of the server processes, of their workers, and how many processes there are."""
    front = workers = count = 0
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            own = process.memory_info().rss - process.memory_info().shared
            count += 1
            if "zygote" in " ".join(process.cmdline()):
                workers += own
            else:
                front += own
    return front / 2**20, workers / 2**20, count


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        publish(folder / "store", 100_000)
        (folder / "serve.py").write_text(SERVE)
        command = [sys.executable, str(folder / "serve.py"), str(folder / "store"), str(port), "1"]
        with running(command, port):
            pid = next(p.pid for p in psutil.Process().children() if "serve.py" in " ".join(p.cmdline()))
            began, seen = time.monotonic(), Counter[int]()
            end = began + options.minutes * 60
            clients = [threading.Thread(target=ask, args=(port, n, end, seen)) for n in range(options.clients)]
            for client in clients:
                client.start()
            print(f"{'seconds':>8}{'requests':>10}{'server MiB':>12}{'workers MiB':>12}{'processes':>10}")
            while any(client.is_alive() for client in clients):
                time.sleep(min(30, options.minutes * 6))
                front, workers, count = memory(pid)
                print(
                    f"{time.monotonic() - began:8.0f}{sum(seen.values()):10}{front:12.1f}{workers:12.1f}{count:10}",
                    flush=True,
                )
            print("answers by status:", dict(sorted(seen.items())))


if __name__ == "__main__":
    main()
