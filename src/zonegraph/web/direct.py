"""Queries answered in the event loop: no thread, no framework, the same functions and the same bytes.

For plain requests only: short queries by GET or POST, no conditions, no HTML. Whatever else there is to do, an error
to report, a long answer to compress, a query that outlasts the fast lane, goes the long way through Flask. A query
that has begun takes its run along, so that nothing is evaluated twice.
"""

from __future__ import annotations

import asyncio
import functools
from collections import deque
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from zonegraph.errors import ZonegraphError
from zonegraph.web import http
from zonegraph.web.app import standing_headers
from zonegraph.web.backend import Answer, Cancel
from zonegraph.web.cache import MAX_ENTRY, Entry
from zonegraph.web.fastpath import as_lines
from zonegraph.web.local import LocalBackend, LocalRun
from zonegraph.web.metrics import Outcome
from zonegraph.web.points import PointReads
from zonegraph.web.protocol import Operation, RawRequest, SparqlRequest, parse_request
from zonegraph.web.querylog import Record
from zonegraph.web.sparql import Begun, Plan, plan
from zonegraph.web.web import Web

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
_UNNAMED: Final = b"cache-control: no-store\r\nvary: Accept, Accept-Encoding\r\n"
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
    """A whole response with status 200, and what the log says of it. ``head`` are header lines, without an id."""

    head: bytes
    request_id: str
    body: bytes
    record: Record
    #: Without quotes; empty for an answer that may not be kept.
    tag: str

    @property
    def named_head(self) -> bytes:
        """The header lines with the id of this request."""
        return b"%sx-request-id: %s\r\n" % (self.head, self.request_id.encode())


#: Told the response; or a query that has begun, to be finished by Flask; or None, when Flask must do it all.
Done = Callable[[Direct | Begun | None], None]
#: Begins to answer; tells the end once, at once or later, in the same thread.
Later = Callable[[Done], None]


class DirectQueries:
    """Answers queries in the event loop's thread, by callbacks: a task for each would cost more than the answer.

    As many are under way at once as the pool has places; some more wait.
    """

    def __init__(self, web: Web) -> None:
        self._web = web
        backend = web.backend
        self._backend = backend if isinstance(backend, LocalBackend) else None
        config = web.config
        self._points = PointReads()
        self._lane = config.lane_seconds
        self._places = config.workers + config.reserve
        self._queue = config.queue
        self._waiting: deque[Callable[[], None]] = deque()
        before, after = ([(n.lower().encode(), v.encode()) for n, v in group] for group in standing_headers(config))
        self._standing = as_lines([*before, *after])

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

    def start(self, asked: Asked, query_string: bytes, body: bytes) -> Direct | Later | None:
        """The response, if it can be had at once; or what will have it; or None, when Flask must do it all."""
        planned = self._planned(asked, RawRequest(asked.method, query_string, asked.content_type, body))
        if planned is None:
            return None
        record = Record.begin(planned.text)
        record.version, record.format = planned.version.id, planned.format.name
        entry = self._web.cache.get(planned.tag) if planned.tag else None
        if entry is not None:
            record.outcome, record.rows = "cached", entry.rows
            return self._response(asked, planned, entry, record) if _packs_quickly(entry, asked) else None
        record.outcome = "ok"
        found = self._points.answer(planned.task, planned.reading, planned.version)
        if found is None:
            return lambda done: self._evaluate(asked, planned, record, done)
        response = self._fitting(asked, Begun(planned, record, Ended(found)), found, keep=False)
        return response if isinstance(response, Direct) else lambda done: done(response)

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

    def _evaluate(self, asked: Asked, planned: Plan, record: Record, done: Done) -> None:
        if self._places > 0:
            self._places -= 1
            self._hand_over(asked, planned, record, done)
        elif len(self._waiting) < self._queue:
            self._waiting.append(lambda: self._hand_over(asked, planned, record, done))
        else:
            done(None)

    def _hand_over(self, asked: Asked, planned: Plan, record: Record, done: Done) -> None:
        run = self._begun(planned)
        if run is None:
            self._leave()
            done(None)
            return
        begun = Begun(planned, record, run)
        descriptor, loop = run.fileno(), asyncio.get_running_loop()

        def settled(*, ready: bool) -> None:
            loop.remove_reader(descriptor)
            run.watched_no_more()
            timer.cancel()
            taken = ready and run.take()
            self._leave()
            done(self._taken(asked, begun) if taken else begun)

        timer = loop.call_later(self._lane, lambda: settled(ready=False))
        loop.add_reader(descriptor, lambda: settled(ready=True))

    def _leave(self) -> None:
        """Give the place to the next."""
        if self._waiting:
            self._waiting.popleft()()
        else:
            self._places += 1

    def _begun(self, planned: Plan) -> LocalRun | None:
        if self._backend is None:
            return None
        try:
            return self._backend.begin(planned.task, planned.version)
        except ZonegraphError:
            return None

    def _taken(self, asked: Asked, begun: Begun) -> Direct | Begun:
        """The response from an answer that is there, if it is small and as expected."""
        try:
            found = begun.evaluation.answer(Cancel())
        except ZonegraphError as error:
            return Begun(begun.plan, begun.record, Ended(error))
        return self._fitting(asked, begun, found)

    def _fitting(self, asked: Asked, begun: Begun, found: Answer, *, keep: bool = True) -> Direct | Begun:
        """The response, if the answer is small and as expected. Those of workers are kept for others, too."""
        planned = begun.plan
        large = found.body.length > (MAX_PACKED if http.takes_gzip(asked.encodings) else MAX_ENTRY)
        if large or (planned.format.kinds and found.kind not in planned.format.kinds):
            return Begun(planned, begun.record, Ended(found))
        begun.record.rows = found.rows
        entry = Entry.from_data(planned.format.content_type, found.body.data(), found.rows)
        found.body.close()
        if planned.tag and keep:
            self._web.cache.put(planned.tag, entry)
        return self._response(asked, planned, entry, begun.record)

    def _response(self, asked: Asked, planned: Plan, entry: Entry, record: Record) -> Direct:
        packed = entry.compressed if http.takes_gzip(asked.encodings) else b""
        body = packed or entry.data
        request_id = http.new_request_id()
        head = b"content-type: %s\r\ncontent-length: %d\r\n%s%s" % (
            entry.content_type.encode("latin-1"), len(body), _validators(planned, packed=bool(packed)), self._standing,
        )  # fmt: skip
        web = self._web
        web.log.write(record, status=200, size=len(body), request_id=request_id)
        told = Outcome(record.outcome, record.seconds, record.rows, len(body))
        web.metrics.note(_ROUTE, asked.method, 200, told)
        tag = f"{planned.tag}-gz" if packed and planned.tag else planned.tag
        return Direct(head, request_id, body, record, tag)


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


def _packs_quickly(entry: Entry, asked: Asked) -> bool:
    return entry.ready or len(entry.data) <= MAX_PACKED or not http.takes_gzip(asked.encodings)


def _validators(planned: Plan, *, packed: bool) -> bytes:
    encoding = b"content-encoding: gzip\r\n" if packed else b""
    if not planned.tag:
        return encoding + _UNNAMED
    tag = http.encoded_tag(planned.tag, "gzip" if packed else "")
    return b"%setag: %s\r\n%s" % (encoding, tag.encode(), _modified(http.last_modified(planned.version)))


@functools.lru_cache(maxsize=8)
def _modified(made: datetime | None) -> bytes:
    line = f"last-modified: {http.http_date(made)}\r\n" if made else ""
    return f"{line}cache-control: {http.NO_CACHE}\r\nvary: Accept, Accept-Encoding\r\n".encode()
