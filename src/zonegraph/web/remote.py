"""A SPARQL 1.1 service elsewhere behind the same policy, pages and exports.

Queries pass the same guard and admission; time, rows and bytes are capped here, and the connection is cut when a
cap is reached or the client leaves, which is how a service learns to stop. Nothing is ever written to it.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import tempfile
import time
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from zonegraph.errors import QueryLimitError, QuerySyntaxError, UsageError, ZonegraphError
from zonegraph.names import PREFIXES
from zonegraph.store import RDF_FORMATS, dump_quads
from zonegraph.web.backend import Answer, Body, Cancel, Limits, Task, VersionInfo, Writer, read_table
from zonegraph.web.config import Config
from zonegraph.web.negotiate import Kind, format_named
from zonegraph.web.problems import ClientGoneError, HttpProblemError
from zonegraph.web.protocol import parse_content_type
from zonegraph.web.workers.counting import CapReachedError, RowCounter, Spool
from zonegraph.web.workers.pool import Places, PoolSize

_TABLES: Final = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
_TRIPLES: Final = "application/n-triples"
_ROWS: Final = "application/sparql-results+json"
_COUNTS: Final = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
_REFRESH: Final = 60.0
_CHUNK: Final = 64 * 1024
_SECOND: Final = Limits(5.0, 100_000, 16 * 1024 * 1024)


@dataclass(frozen=True, slots=True)
class _Raw:
    """What the service sent."""

    media_type: str
    spool: Spool


class RemoteBackend:
    """Runs tasks at a SPARQL service."""

    def __init__(self, config: Config) -> None:
        self._url = urllib.parse.urlsplit(config.remote or "")
        if self._url.scheme not in {"http", "https"} or not self._url.hostname:
            raise UsageError(f"{config.remote!r} is not the address of a service", hint="--remote http://host/sparql")
        self._config = config
        self._places = Places(PoolSize(config.workers, config.reserve, config.queue, config.lane_seconds))
        self._spool = Path(config.spool or tempfile.gettempdir())
        self._spool.mkdir(parents=True, exist_ok=True)
        self._seen: tuple[float, VersionInfo] | None = None

    @property
    def writer(self) -> Writer | None:
        """None: a remote service is never written."""
        return None

    def version(self) -> VersionInfo:
        """Whatever the service holds now; graphs and their sizes are asked for once a minute."""
        seen = self._seen
        if seen is None or time.monotonic() - seen[0] > _REFRESH:
            seen = self._seen = (time.monotonic(), self._look())
        return seen[1]

    def _look(self) -> VersionInfo:
        plain = VersionInfo("remote", self._url.geturl(), "", stable=False)
        try:
            answer = self._table(Task("query", _SECOND, text=_COUNTS, union=False), "json", Cancel())
        except ZonegraphError:
            return plain
        rows = read_table(answer.body.data())
        graphs = {str(row["g"].value): int(row["n"].value) for row in rows if row["g"] is not None}  # type: ignore[union-attr]
        return VersionInfo("remote", plain.digest, "", sum(graphs.values()), graphs, stable=False)

    def run(self, task: Task, version: VersionInfo, cancel: Cancel | None = None) -> Answer:
        """Evaluate at the service."""
        token = cancel or Cancel()
        self._places.enter(slow=False, seconds=task.limits.seconds, cancel=token)
        try:
            return self._run(task, token)
        finally:
            token.bind(None)
            self._places.leave(long=False)

    def _run(self, task: Task, cancel: Cancel) -> Answer:
        if task.op == "dataset":
            return self._dataset(task, cancel)
        if task.op == "graph":
            return self._graph(_graph_task(task), cancel)
        if task.format in _TABLES:
            return self._table(task, task.format, cancel)
        return self._graph(task, cancel)

    def _table(self, task: Task, name: str, cancel: Cancel) -> Answer:
        media_type = format_named(name).media_type
        raw = self._ask(task, f"{media_type}, {_ROWS};q=0.5", RowCounter(name), cancel)
        if raw.media_type == media_type and name in {"json", "xml"}:
            kind, rows = _described(raw, name)
            return Answer(kind, _body(raw.spool), rows)
        return _converted(raw, name)

    def _graph(self, task: Task, cancel: Cancel) -> Answer:
        raw = self._ask(task, f"{_TRIPLES}, text/turtle;q=0.5", None, cancel)
        form = ox.RdfFormat.from_media_type(raw.media_type)
        if form is None:
            raise _unreadable(raw.media_type)
        quads = list(ox.parse(_bytes(raw.spool), format=form))
        if len(quads) > task.limits.rows:
            raise QueryLimitError(f"more than {task.limits.rows} triples", hint="add LIMIT", code="limit-rows")
        return Answer(Kind.GRAPH, Body(_written(quads, task.format)), len(quads))

    def _dataset(self, task: Task, cancel: Cancel) -> Answer:
        text = "SELECT ?s ?p ?o ?g { GRAPH ?g { ?s ?p ?o } }"
        # taken apart in this process, so it must fit into it
        limits = replace(task.limits, bytes=min(task.limits.bytes, self._config.max_bytes))
        answer = self._table(Task("query", limits, text=text, union=False), "json", cancel)
        rows = read_table(answer.body.data())
        quads = [ox.Quad(row["s"], row["p"], row["o"], row["g"]) for row in rows]  # type: ignore[union-attr]
        return Answer(Kind.DATASET, Body(_written(quads, task.format)), len(quads))

    def _ask(self, task: Task, accept: str, counter: RowCounter | None, cancel: Cancel) -> _Raw:
        deadline = time.monotonic() + task.limits.seconds
        spool = Spool(self._spool, task.limits.bytes, task.limits.rows, counter)
        with contextlib.closing(self._connection(task.limits.seconds)) as connection:
            try:
                response = self._send(connection, task, accept, cancel)
                _check(response)
                for piece in _pieces(response, connection.sock, deadline):
                    spool.write(piece)
            except CapReachedError as error:
                raise QueryLimitError(f"the answer has too many {error.what}", code=f"limit-{error.what}") from None
            except TimeoutError:
                raise QueryLimitError(f"no answer within {task.limits.seconds:g} s", code="limit-time") from None
            except (OSError, http.client.HTTPException) as error:
                raise _failed(cancel, error) from error
        spool.flush()
        return _Raw(parse_content_type(response.headers.get("Content-Type", ""))[0], spool)

    def _connection(self, seconds: float) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        return kind(str(self._url.hostname), self._url.port, timeout=seconds)

    def _send(
        self, connection: http.client.HTTPConnection, task: Task, accept: str, cancel: Cancel
    ) -> http.client.HTTPResponse:
        connection.connect()
        sock = connection.sock
        cancel.bind(lambda: _cut(sock))
        path = urllib.parse.urlunsplit(("", "", self._url.path or "/", self._url.query, ""))
        headers = {"Accept": accept, "Content-Type": "application/x-www-form-urlencoded", "User-Agent": "zonegraph"}
        connection.request("POST", path, urllib.parse.urlencode(_parameters(task)), headers)
        return connection.getresponse()

    def knew(self, version: VersionInfo, iris: Iterable[str]) -> bool:
        """Nothing is known of earlier states."""
        return False

    def healthy(self) -> bool:
        """Whether the service answers."""
        try:
            probe = Task("query", Limits(2.0, 10, 100_000), text="ASK {}")
            self._table(probe, "json", Cancel()).body.close()
        except ZonegraphError:
            return False
        return self._places.waiting < self._config.queue

    def gauges(self) -> Mapping[str, float]:
        """Running and waiting queries."""
        return {"running": self._places.running, "waiting": self._places.waiting}

    def close(self) -> None:
        """Nothing runs here."""


def _parameters(task: Task) -> list[tuple[str, str]]:
    text = task.text
    if task.prefixes:
        text = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items()) + text
    default = [("default-graph-uri", iri) for iri in task.default_graphs or ()]
    named = [("named-graph-uri", iri) for iri in task.named_graphs or ()]
    return [("query", text), *default, *named]


def _graph_task(task: Task) -> Task:
    where = f"GRAPH {ox.NamedNode(task.graph)} {{ ?s ?p ?o }}" if task.graph else "?s ?p ?o"
    return Task("query", task.limits, text=f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {where} }}", format=task.format)


def _cut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _check(response: http.client.HTTPResponse) -> None:
    if response.status == 200:
        return
    detail = response.read(2000).decode("utf-8", "replace")
    if response.status == 400:
        raise QuerySyntaxError(f"the service does not take the query: {detail[:500]}")
    raise HttpProblemError(502, f"the service answered {response.status}", hint=detail[:500], code="remote")


def _pieces(response: http.client.HTTPResponse, sock: socket.socket | None, deadline: float) -> Iterator[bytes]:
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if sock is not None and sock.fileno() >= 0:
            sock.settimeout(left)
        piece = response.read(_CHUNK)
        if not piece:
            return
        yield piece


def _failed(cancel: Cancel, error: Exception) -> ZonegraphError:
    if cancel.fired:
        return ClientGoneError("the client left")
    return HttpProblemError(502, f"the service cannot be reached: {error}", hint="see --remote", code="remote")


def _bytes(spool: Spool) -> bytes:
    if spool.file is None:
        return spool.data()
    spool.file.seek(0)
    data = spool.file.read()
    spool.file.close()
    return data


def _body(spool: Spool) -> Body:
    return Body(file=spool.file) if spool.file is not None else Body(spool.data())


def _described(raw: _Raw, name: str) -> tuple[Kind, int]:
    """Whether a JSON or XML answer is a table or a truth value, from its short form."""
    if raw.spool.file is None and raw.spool.size < 4096:
        found = ox.parse_query_results(raw.spool.data(), format=_TABLES[name])
        if isinstance(found, ox.QueryBoolean):
            return Kind.BOOLEAN, 1
        return Kind.BINDINGS, sum(1 for _ in found)
    return Kind.BINDINGS, raw.spool.rows


def _converted(raw: _Raw, name: str) -> Answer:
    form = ox.QueryResultsFormat.from_media_type(raw.media_type)
    if form is None:
        raise _unreadable(raw.media_type)
    if name not in {"csv", "tsv"} or form in {ox.QueryResultsFormat.JSON, ox.QueryResultsFormat.XML}:
        data = _bytes(raw.spool)
        is_json = form == ox.QueryResultsFormat.JSON
        found = read_table(data) if is_json else ox.parse_query_results(data, format=form)
        kind = Kind.BOOLEAN if isinstance(found, ox.QueryBoolean) else Kind.BINDINGS
        return Answer(kind, Body(found.serialize(format=_TABLES[name]) or b""), raw.spool.rows)
    return Answer(Kind.BINDINGS, _body(raw.spool), raw.spool.rows)


def _written(quads: list[ox.Quad], name: str) -> bytes:
    if name in RDF_FORMATS:
        return dump_quads(quads, RDF_FORMATS[name])
    return ox.serialize((quad.triple for quad in quads), format=ox.RdfFormat.N3, prefixes=PREFIXES) or b""


def _unreadable(media_type: str) -> HttpProblemError:
    return HttpProblemError(502, f"the service answered in {media_type or 'no known form'}", code="remote")
