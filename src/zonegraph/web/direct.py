"""Queries answered in the event loop: no thread, no framework, the same functions and the same bytes.

For plain requests only: short queries by GET or POST, no conditions, no HTML. Whatever else there is to do, an error
to report, a long answer to compress, a query that outlasts the fast lane, goes the long way through Flask. A query
that has begun takes its run along, so that nothing is evaluated twice.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Final

from zonegraph.errors import ZonegraphError
from zonegraph.web import http
from zonegraph.web.app import standing_headers
from zonegraph.web.backend import Answer, Cancel
from zonegraph.web.cache import MAX_ENTRY, Entry
from zonegraph.web.local import LocalBackend, LocalRun
from zonegraph.web.protocol import Operation, RawRequest, SparqlRequest, parse_request
from zonegraph.web.querylog import Record
from zonegraph.web.sparql import Begun, Plan, plan
from zonegraph.web.web import Web

Headers = list[tuple[bytes, bytes]]
#: Longer texts are read in a thread.
MAX_TEXT: Final = 4096
#: Larger answers are compressed in a thread.
MAX_PACKED: Final = 32 * 1024
_PATH: Final = b"/sparql"
_ONCE: Final = frozenset({b"host", b"accept", b"accept-encoding", b"content-type", b"content-length"})
_IGNORED: Final = frozenset(
    {b"user-agent", b"accept-language", b"connection", b"cache-control", b"pragma", b"origin", b"referer", b"dnt"}
    | {b"sec-fetch-dest", b"sec-fetch-mode", b"sec-fetch-site", b"keep-alive", b"priority", b"te", b"accept-charset"}
)
_ROUTE: Final = "/sparql"


@dataclass(frozen=True, slots=True)
class Asked:
    """The parts of a plain request."""

    method: str
    root: str
    accept: str | None
    encodings: str | None
    content_type: str


@dataclass(frozen=True, slots=True)
class Direct:
    """A whole response, and what the log says of it."""

    status: int
    headers: Headers
    body: bytes
    record: Record
    #: Without quotes; empty for an answer that may not be kept.
    tag: str


class DirectQueries:
    """Answers queries in the event loop's thread. ``places`` bounds how many are under way there."""

    def __init__(self, web: Web) -> None:
        self._web = web
        backend = web.backend
        self._backend = backend if isinstance(backend, LocalBackend) else None
        config = web.config
        self._lane = config.lane_seconds
        self._places = asyncio.Semaphore(config.workers + config.reserve)
        self._waiting = 0
        self._queue = config.queue
        self._before_id, self._after_id = (
            [(n.lower().encode(), v.encode()) for n, v in group] for group in standing_headers(config)
        )

    def reads(self, scope: MutableMapping[str, Any]) -> Asked | None:
        """The request, if it is a plain one."""
        method = scope["method"]
        if self._backend is None or method not in {"GET", "POST"} or _path(scope) != _PATH:
            return None
        once: dict[bytes, str] = {}
        for name, value in scope["headers"]:
            if name in _ONCE:
                if name in once:
                    return None
                once[name] = value.decode("latin-1")
            elif name not in _IGNORED:
                return None
        if method == "GET" and (b"content-length" in once or b"content-type" in once or not scope["query_string"]):
            return None
        root = self._root(scope.get("scheme", "http"), once.get(b"host", ""))
        accept, encodings = once.get(b"accept"), once.get(b"accept-encoding")
        return Asked(method, root, accept, encodings, once.get(b"content-type", "")) if root else None

    def _root(self, scheme: str, host: str) -> str:
        config = self._web.config
        if config.public_url:
            return config.public_url.rstrip("/") if host else ""
        if host.endswith((":80", ":443")):
            return ""  # the framework may drop the port
        try:
            return http.address_of(scheme, host)
        except ZonegraphError:
            return ""

    async def answer(self, asked: Asked, query_string: bytes, body: bytes) -> Direct | Begun | None:
        """A response; or a query that has begun, to be finished by Flask; or None, when Flask must do it all."""
        planned = self._planned(asked, RawRequest(asked.method, query_string, asked.content_type, body))
        if planned is None:
            return None
        record = Record.begin(planned.text)
        record.version, record.format = planned.version.id, planned.format.name
        entry = self._web.cache.get(planned.tag) if planned.tag else None
        if entry is not None:
            record.outcome, record.rows = "cached", entry.rows
            if not _packs_quickly(entry, asked):
                return None
            return self._response(asked, planned, entry, record)
        record.outcome = "ok"
        return await self._evaluated(asked, planned, record)

    def _planned(self, asked: Asked, raw: RawRequest) -> Plan | None:
        if len(raw.query_string) + len(raw.body) > 3 * MAX_TEXT:
            return None
        try:
            request: SparqlRequest = parse_request(raw)
            if request.operation is not Operation.QUERY or len(request.text) > MAX_TEXT:
                return None
            planned = plan(self._web, request, asked.root, asked.accept)
        except ZonegraphError:
            return None  # Flask meets the same error, and reports it
        return planned if planned.format.name != "html" else None

    async def _evaluated(self, asked: Asked, planned: Plan, record: Record) -> Direct | Begun | None:
        if self._backend is None or (self._places.locked() and self._waiting >= self._queue):
            return None
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        try:
            run = self._begun(planned)
            if run is None:
                return None
            begun = Begun(planned, record, run)
            if not await self._ready(run) or not run.take():
                return begun
        finally:
            self._places.release()
        return self._taken(asked, begun)

    def _begun(self, planned: Plan) -> LocalRun | None:
        if self._backend is None:
            return None
        try:
            return self._backend.begin(planned.task, planned.version)
        except ZonegraphError:
            return None

    async def _ready(self, run: LocalRun) -> bool:
        """Whether the answer comes within the fast lane's time."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[bool] = loop.create_future()
        descriptor = run.fileno()
        loop.add_reader(descriptor, _settle, future, True)
        timer = loop.call_later(self._lane, _settle, future, False)
        try:
            return await future
        except asyncio.CancelledError:
            run.abandon()
            raise
        finally:
            timer.cancel()
            loop.remove_reader(descriptor)

    def _taken(self, asked: Asked, begun: Begun) -> Direct | Begun:
        """The response from an answer that is there, if it is small and as expected."""
        try:
            found = begun.evaluation.answer(Cancel())
        except ZonegraphError as error:
            return Begun(begun.plan, begun.record, Ended(error))
        planned = begun.plan
        large = found.body.length > (MAX_PACKED if http.takes_gzip(asked.encodings) else MAX_ENTRY)
        if large or (planned.format.kinds and found.kind not in planned.format.kinds):
            return Begun(planned, begun.record, Ended(found))
        begun.record.rows = found.rows
        entry = Entry.from_data(planned.format.content_type, found.body.data(), found.rows)
        found.body.close()
        if planned.tag:
            self._web.cache.put(planned.tag, entry)
        return self._response(asked, planned, entry, begun.record)

    def _response(self, asked: Asked, planned: Plan, entry: Entry, record: Record) -> Direct:
        packed = entry.compressed if http.takes_gzip(asked.encodings) else b""
        body = packed or entry.data
        request_id = secrets.token_hex(8)
        headers = [
            (b"content-type", entry.content_type.encode("latin-1")),
            (b"content-length", str(len(body)).encode()),
            *([(b"content-encoding", b"gzip")] if packed else []),
            *_validators(planned, "gzip" if packed else ""),
            *self._before_id,
            (b"x-request-id", request_id.encode()),
            *self._after_id,
        ]
        web = self._web
        web.log.write(record, status=200, size=len(body), request_id=request_id)
        web.metrics.query(record.outcome, record.seconds, record.rows, len(body))
        web.metrics.request(_ROUTE, asked.method, 200)
        tag = f"{planned.tag}-gz" if packed and planned.tag else planned.tag
        return Direct(200, headers, body, record, tag)


@dataclass(slots=True)
class Ended:
    """An evaluation that has ended, to be told by Flask."""

    outcome: Answer | ZonegraphError
    told: bool = False

    def answer(self, _: Cancel) -> Answer:
        """The answer, or the error."""
        self.told = True
        if isinstance(self.outcome, ZonegraphError):
            raise self.outcome
        return self.outcome

    def abandon(self) -> None:
        """Give back what an answer holds that nobody has asked for."""
        if not self.told and isinstance(self.outcome, Answer):
            self.outcome.body.close()


def _path(scope: MutableMapping[str, Any]) -> bytes:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw


def _settle(future: asyncio.Future[bool], value: bool) -> None:
    if not future.done():
        future.set_result(value)


def _packs_quickly(entry: Entry, asked: Asked) -> bool:
    return entry.ready or len(entry.data) <= MAX_PACKED or not http.takes_gzip(asked.encodings)


def _validators(planned: Plan, encoding: str) -> Headers:
    if not planned.tag:
        return [(b"cache-control", b"no-store"), (b"vary", b"Accept, Accept-Encoding")]
    made = http.last_modified(planned.version)
    return [
        (b"etag", http.encoded_tag(planned.tag, encoding).encode()),
        *([(b"last-modified", http.http_date(made).encode())] if made else []),
        (b"cache-control", http.NO_CACHE.encode()),
        (b"vary", b"Accept, Accept-Encoding"),
    ]
