"""The edge: an ASGI application that keeps slow and vanishing clients away from Flask.

It answers what it can without a task (`quickly`, called by `zonegraph.web.front`). For everything else it reads a
body wholly, under caps on size and time, before a thread is used; runs Flask in a bounded pool of threads; tells the
running query when its client leaves; and sends answers at the client's pace, giving up on one that does not read.
Every answer carries its length, so one that breaks off can never look complete.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import Flask
from werkzeug.wsgi import ClosingIterator

from zonegraph.web.backend import CHUNK, Cancel
from zonegraph.web.config import Config
from zonegraph.web.direct import Direct, DirectQueries, Later
from zonegraph.web.environ import Scope, environ
from zonegraph.web.fastpath import MAX_BODY, FastPath, Kept, Key, Known, as_lines, from_lines
from zonegraph.web.querylog import Record
from zonegraph.web.sparql import BEGUN, Begun
from zonegraph.web.web import Web

if TYPE_CHECKING:
    from zonegraph.web.front import Front

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

THREADS_BEYOND_QUERIES: Final = 32
_BODYLESS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


#: How often connections are looked at.
SWEEP_SECONDS: Final = 1.0
#: Bodies being read, all together.
MAX_READING: Final = 256 * 1024 * 1024
#: Bytes a second that a client must take on average, beyond the first `client_seconds`.
MIN_RATE: Final = 16 * 1024
#: Answers up to this size go out in one piece: a connection holds so much.
MAX_BUFFERED: Final = 64 * 1024


class _BodyTooLargeError(Exception):
    """More bytes than this request may carry."""


class _TooMuchAtOnceError(Exception):
    """More bytes are being received than the server will hold."""


@dataclass
class Started:
    """What Flask said before the body."""

    status: int = 500
    headers: Headers = field(default_factory=list)

    def __call__(self, status: str, headers: list[tuple[str, str]], _: object = None) -> Callable[[bytes], object]:
        """WSGI's ``start_response``."""
        self.status = int(status.split(" ", 1)[0])
        self.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return lambda _data: None


@dataclass(frozen=True, slots=True)
class Ready:
    """A whole answer, its header lines, and how the edge knows it, if it does."""

    status: int
    head: bytes
    body: bytes
    known: Known | None


class Edge:
    """The ASGI application around a Flask app."""

    def __init__(self, app: Flask, config: Config) -> None:
        self._app = app
        self._fast = FastPath(Web.of(app), config.cache_bytes // 2)
        self._direct = DirectQueries(Web.of(app))
        self._config = config
        threads = config.workers + config.reserve + config.queue + THREADS_BEYOND_QUERIES
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="zonegraph")
        self._busy = 0
        self._most = threads
        self._reading = 0
        #: Those of `zonegraph.web.front`, which `_sweep` looks at.
        self.connections: set[Front] = set()
        self._date: tuple[object, bytes] = (None, b"")

    def admit(self, connection: Front) -> None:
        """Look after a new connection; where there are too many, the one that has been idle longest makes room."""
        self.connections.add(connection)
        if len(self.connections) > self._config.max_connections:
            # while all others are answered, that is the new one
            longest = min(self.connections, key=lambda other: other.idle_since)
            self.connections.discard(longest)
            longest.transport.abort()

    def date(self, headers: Headers) -> bytes:
        """The server's own headers, which change once a second, as header lines."""
        if self._date[0] is not headers:
            self._date = (headers, as_lines(headers))
        return self._date[1]

    def known(self, request: bytes) -> Known | None:
        """The response to a whole request with these bytes, if it is kept."""
        return self._fast.known(request)

    def remember(self, request: bytes, known: Known) -> None:
        """These bytes are one whole request that was answered so."""
        self._fast.remember(request, known)

    def quickly(self, scope: Scope) -> Ready | Later | None:
        """The answer to a GET, if it can be had at once; or what will have it; or None, when a task must do it all."""
        key = self._fast.key(scope)
        known = self._fast.find(scope, key)
        if known is not None:
            return Ready(known.status, known.head, known.body, known)
        asked = self._direct.reads(scope)
        found = self._direct.start(asked, scope["query_string"], b"") if asked else None
        if isinstance(found, Direct):
            return self._ready(key, found)
        return found

    def answered(self, scope: Scope, found: Direct) -> Ready:
        """A response that came later."""
        return self._ready(self._fast.key(scope), found)

    def _ready(self, key: Key | None, found: Direct) -> Ready:
        self._keep_direct(key, found)
        return Ready(200, found.named_head, found.body, None)

    def _keep_direct(self, key: Key | None, found: Direct) -> None:
        if key is not None and found.tag and self._fast.is_wanted_again(key):
            self._fast.store(key, Kept(found.record.version, found.head, found.body, found.tag, found.record))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; a client that is too slow is cut off."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            try:
                await self._serve(scope, receive, send)
            except TimeoutError:
                abort = scope.get("zonegraph.abort")
                if abort is None:
                    raise
                abort()

    async def _live(self, receive: Receive, send: Send) -> None:
        """Look after the connections from the server's start to its end."""
        await receive()
        sweeper = asyncio.ensure_future(self._sweep())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        sweeper.cancel()
        self.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _sweep(self) -> None:
        """Close connections that stand still."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            Web.of(self._app).metrics.settle()
            now = loop.time()
            for connection in tuple(self.connections):
                connection.look(now, self._config.client_seconds)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = scope.get("zonegraph.begun")
        key = self._fast.key(scope)
        if begun is not None:
            await self._handle(scope, receive, send, b"", key, begun)
            return
        known = self._fast.find(scope, key)
        if known is not None:
            sent = b"" if scope["method"] == "HEAD" else known.body
            await self._patiently(_whole(send, known.status, known.headers, sent))
            return
        if self._busy >= self._most:
            await self._patiently(_plain(send, 503, b"busy", [(b"retry-after", b"2")]))
            return
        body = b"" if scope["method"] in _BODYLESS and not _has_body(scope) else await self._read(scope, receive, send)
        if body is None:
            return
        found = await self._directly(scope, body)
        if isinstance(found, Direct):
            self._keep_direct(key, found)
            await self._at_pace(send, found)
            return
        await self._handle(scope, receive, send, body, key, found)

    async def _directly(self, scope: Scope, body: bytes) -> Direct | Begun | None:
        """What the event loop can answer; a GET has been tried before there was a task, if the front is ours."""
        asked = self._direct.reads(scope) if "zonegraph.abort" not in scope or scope["method"] != "GET" else None
        found = self._direct.start(asked, scope["query_string"], body) if asked else None
        if found is None or isinstance(found, Direct):
            return found
        future: asyncio.Future[Direct | Begun | None] = asyncio.get_running_loop().create_future()
        found(future.set_result)
        return await asyncio.shield(future)

    async def _at_pace(self, send: Send, found: Direct) -> None:
        """Send a whole answer; raises `TimeoutError`, which breaks the connection off, when the client is too slow."""
        if len(found.body) <= MAX_BUFFERED:
            await self._patiently(_whole(send, 200, from_lines(found.named_head), found.body))
            return
        pieces = [found.body[start : start + CHUNK] for start in range(0, len(found.body), CHUNK)]
        await self._send(send, Started(200, from_lines(found.named_head)), pieces, "GET")

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> bytes | None:
        """The whole body; None when the request has been answered or given up."""
        try:
            self._check_announced(scope)
            return await asyncio.wait_for(self._body(scope, receive), self._config.client_seconds)
        except TimeoutError:
            await self._patiently(_plain(send, 408, b"the body came too slowly", [(b"connection", b"close")]))
        except _TooMuchAtOnceError:
            await self._patiently(
                _plain(send, 503, b"too much is being received", [(b"retry-after", b"2"), (b"connection", b"close")])
            )
        except _BodyTooLargeError:
            await self._patiently(_plain(send, 413, b"the body is too large", [(b"connection", b"close")]))
        return None

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """The whole body; None when the client left while sending it."""
        limit = self._limit(scope)
        data = bytearray()
        try:
            while True:
                event = await receive()
                if event["type"] == "http.disconnect":
                    return None
                self._take(data, event.get("body", b""), limit)
                if not event.get("more_body"):
                    return bytes(data)
        finally:
            self._reading -= len(data)

    def _check_announced(self, scope: Scope) -> None:
        """Who asks before sending is told at once that it is too much (RFC 9110 section 10.1.1)."""
        headers = dict(scope["headers"])
        if b"expect" in headers and int(headers.get(b"content-length", b"0")) > self._limit(scope):
            raise _BodyTooLargeError

    def _take(self, data: bytearray, piece: bytes, limit: int) -> None:
        data += piece
        self._reading += len(piece)
        if len(data) > limit:
            raise _BodyTooLargeError
        if self._reading > MAX_READING:
            raise _TooMuchAtOnceError

    def _limit(self, scope: Scope) -> int:
        """Only who may write may send much: the token is checked before the body is read."""
        token = Web.of(self._app).state.get("token")
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        config = self._config
        if isinstance(token, str) and hmac.compare_digest(given[len("Bearer ") :].strip(), token.encode()):
            return config.max_body_bytes
        return 4 * config.max_query_bytes

    async def _handle(
        self, scope: Scope, receive: Receive, send: Send, body: bytes, key: Key | None, begun: Begun | None
    ) -> None:
        cancel = Cancel()
        version = self._fast.version() if key else ""
        variables = environ(scope, body, cancel)
        if begun is not None:
            version = begun.plan.version.id if key else ""
            variables[BEGUN] = begun
        watcher = asyncio.ensure_future(_until_gone(receive, cancel))
        loop = asyncio.get_running_loop()
        self._busy += 1
        try:
            started, pieces = await loop.run_in_executor(self._threads, self._flask, variables)
        finally:
            self._busy -= 1
            if begun is not None:
                begun.evaluation.abandon()
        try:
            if isinstance(pieces, ClosingIterator) and scope["method"] == "GET" and version:
                pieces = self._kept(key, version, started, pieces, variables.get("zonegraph.record"))
            if not cancel.fired:
                await self._send(send, started, pieces, scope["method"])
        finally:
            watcher.cancel()
            await loop.run_in_executor(self._threads, _close, pieces)

    def _kept(
        self, key: Key | None, version: str, started: Started, pieces: Iterable[bytes], record: Record | None
    ) -> Iterable[bytes]:
        """Keep a small whole answer for the next client that asks the same."""
        length = next((int(value) for name, value in started.headers if name == b"content-length"), MAX_BODY + 1)
        if length > MAX_BODY:
            return pieces
        body = b"".join(pieces)
        self._fast.keep(key, version, started.status, started.headers, body, record)
        return _Whole(body, pieces)

    def _flask(self, variables: dict[str, Any]) -> tuple[Started, Iterable[bytes]]:
        started = Started()
        return started, self._app.wsgi_app(variables, started)

    async def _send(self, send: Send, started: Started, pieces: Iterable[bytes], method: str) -> None:
        """Send at the client's pace; raises `TimeoutError`, which breaks the connection off, when it is too slow."""
        await self._patiently(
            send({"type": "http.response.start", "status": started.status, "headers": started.headers})
        )
        began, sent, last = time.monotonic(), 0, b""
        for piece in pieces if method != "HEAD" else ():
            if last:
                await self._piece(send, last, more=True)
            sent += len(last)
            if time.monotonic() - began > self._config.client_seconds + sent / MIN_RATE:
                raise TimeoutError
            last = piece
        await self._piece(send, last, more=False)

    async def _patiently(self, sending: Awaitable[None]) -> None:
        """Wait for the client to take what lies before; raises `TimeoutError` when it does not."""
        await asyncio.wait_for(sending, self._config.client_seconds)

    async def _piece(self, send: Send, data: bytes, *, more: bool) -> None:
        event = {"type": "http.response.body", "body": data, "more_body": more}
        await self._patiently(send(event))

    def close(self) -> None:
        """Wait for running requests, then end the workers."""
        self._threads.shutdown(wait=True)
        Web.of(self._app).backend.close()


class _Whole:
    """A body in one piece that closes what it was read from."""

    def __init__(self, body: bytes, source: Iterable[bytes]) -> None:
        self._body = body
        self._source = source

    def __iter__(self) -> Iterator[bytes]:
        yield self._body

    def close(self) -> None:
        """Close the source."""
        _close(self._source)


def _has_body(scope: Scope) -> bool:
    return any(name in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"])


def _close(pieces: Iterable[bytes]) -> None:
    close = getattr(pieces, "close", None)
    if close is not None:
        close()


async def _until_gone(receive: Receive, cancel: Cancel) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    cancel.fire()


async def _plain(send: Send, status: int, text: bytes, headers: Headers) -> None:
    """A problem that arises before Flask is asked."""
    title = HTTPStatus(status).phrase.encode()
    body = b'{"type":"about:blank","title":"%s","status":%d,"detail":"%s"}' % (title, status, text)
    head = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode()), *headers]
    await _whole(send, status, head, body)


async def _whole(send: Send, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
