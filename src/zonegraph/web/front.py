"""The front: HTTP/1.1 on uvicorn's parser and connections, with what a public server needs beyond them.

Heads are bounded in size and time, connections that stand still are closed, and a request whose answer needs no
thought is answered in the parser's callback, without a task. The very bytes of such a request are remembered: the
next one like it is not even parsed.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from httptools import HttpParserError, HttpParserUpgrade
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from zonegraph.web.app import allowed_methods
from zonegraph.web.direct import Direct, Later
from zonegraph.web.edge import MIN_RATE, Ready
from zonegraph.web.fastpath import as_lines
from zonegraph.web.problems import PROBLEM_TYPE, HttpProblemError, Problem

if TYPE_CHECKING:
    from zonegraph.web.edge import Edge
    from zonegraph.web.fastpath import Known
    from zonegraph.web.sparql import Begun

#: Bytes of a request's head, its address included.
MAX_HEAD: Final = 256 * 1024
MAX_HEADERS: Final = 200
#: Seconds that an idle connection stays open.
KEEP_ALIVE: Final = 75.0
#: Seconds in which a client whose request was refused may take the reason.
LINGER: Final = 2.0
#: Bytes that are read of requests behind the one being answered; who leaves is seen only while something is read.
MAX_AHEAD: Final = 64 * 1024
#: A body up to this size goes out in one piece with its head.
SMALL: Final = 16 * 1024
_END: Final = b"\r\n"
_STRANGE: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40} (/[\x21-\x7e]*) HTTP/1\.[01]\r\n")


class Front(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._edge = cast("Edge", self.app)
        #: When the head being read began to come; 0 between heads.
        self._head_since = 0.0
        self._head_size = 0
        self._begun = 0
        self._done = 0
        self._ahead = 0
        self._idle_since = 0.0
        self._unread_since = 0.0
        self._unread = 0
        self._known: Known | None = None
        #: How the request being read will be answered, where no task is needed.
        self._later: Later | None = None
        self._at_once = False
        self._raw = b""
        #: The cycle whose answer goes out now, or went out last.
        self._running: RequestResponseCycle | None = None
        self._refused = False
        #: What a refused request is told, once those before it are answered.
        self._refusal: tuple[int, bytes, bytes] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Watch the connection from its first moment: a client must say what it wants."""
        super().connection_made(transport)
        self._idle_since = self.loop.time()
        self._edge.admit(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._edge.connections.discard(self)
        if self._running is not None:
            _disconnect(self._running)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Answer known bytes at once; parse all others."""
        if self._refused:
            return
        between = self._begun == self._done and not self._is_answering
        if between and not self.flow.write_paused:
            known = self._edge.known(data)
            if known is not None:
                self._write(known.status, known.head, known.body)
                return
        self._parse(data, between=between)

    def _parse(self, data: bytes, *, between: bool) -> None:
        self._known, self._raw = None, data
        done = self._done
        self._feed(data)
        self._read_ahead(len(data))
        if self._head_since:
            self._head_size += len(data)
            self._check_size(self._head_size)
        elif between and self._begun == self._done == done + 1:
            self._remember(data)

    def _read_ahead(self, size: int) -> None:
        """Read on, within bounds, where the parent would stop at the first request that has to wait."""
        self._ahead = self._ahead + size if self.pipeline else 0
        if 0 < self._ahead < MAX_AHEAD:
            self.flow.resume_reading()

    def _feed(self, data: bytes) -> None:
        try:
            self._read(memoryview(data))
        except HttpParserError:
            self.send_400_response("")

    def _read(self, data: memoryview) -> None:
        """Parse; who asks for another protocol is answered in this one (RFC 9110 section 7.8)."""
        while data and not self._refused:
            try:
                self.parser.feed_data(data)
            except HttpParserUpgrade as asked:
                # the parser takes the body for that protocol: read the head again without the wish
                self.parser.feed_data(self._head_without_upgrade())
                data = data[asked.args[0] :]
            else:
                return

    def _head_without_upgrade(self) -> bytes:
        version = self.parser.get_http_version().encode("ascii")
        line = b"%s %s HTTP/%s\r\n" % (self.parser.get_method(), self.url, version)
        return line + as_lines([(name, value) for name, value in self.headers if name != b"upgrade"]) + _END

    @property
    def _asks_for_upgrade(self) -> bool:
        return bool(self.parser.should_upgrade()) and self.parser.get_method() != b"CONNECT"

    def _check_size(self, size: int) -> None:
        if size > MAX_HEAD and not self._refused:
            self._refuse(431, "the head of the request is too large")

    def _remember(self, request: bytes) -> None:
        if self._known is not None:
            self._edge.remember(request, self._known)

    def on_message_begin(self) -> None:
        """A head begins."""
        self._begun = self._done + 1
        self._head_since = self.loop.time()
        self._head_size = 0
        self._at_once = False
        self.url = b""
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a bounded number of header lines."""
        if len(self.headers) < MAX_HEADERS:
            super().on_header(name, value)
        elif not self._refused:
            self._refuse(431, "too many header lines")

    def on_headers_complete(self) -> None:
        """The head is there: answer at once, or begin a cycle of request and response."""
        self._head_since = 0.0
        if self._asks_for_upgrade:
            return
        self._check_size(len(self.url) + sum(len(name) + len(value) for name, value in self.headers))
        if self._refused or self._is_answered_at_once():
            return
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            self._refuse(400, "a request has one Host header")  # RFC 9112 section 3.2
            return
        url, headers = self.url, self.headers
        super().on_message_begin()
        self.url, self.headers, self.scope["headers"] = url, headers, headers
        self.expect_100_continue = (b"expect", b"100-continue") in [(n, v.lower()) for n, v in headers]
        super().on_headers_complete()

    def _is_answered_at_once(self) -> bool:
        """Answer a plain GET that nothing stands before, if the edge has the answer."""
        self._later = None
        parser = self.parser
        if self._is_answering or self.flow.write_paused or parser.get_method() != b"GET":
            return False
        if not parser.should_keep_alive() or parser.get_http_version() != "1.1":
            return False
        path, _, query = self.url.partition(b"?")
        if not path.startswith(b"/") or b"#" in self.url:
            return False
        asked = {"method": "GET", "raw_path": path, "query_string": query, "headers": self.headers}
        found = self._edge.quickly({**asked, "scheme": self.scheme})
        if not isinstance(found, Ready):
            self._later = found
            return False
        self._at_once, self._known = True, found.known
        self._write(found.status, found.head, found.body)
        return True

    def on_body(self, body: bytes) -> None:
        """A piece of the body; none is wanted of a request that has been refused."""
        if not self._refused and not self._at_once:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there."""
        if self._asks_for_upgrade:
            return
        self._done += 1
        self._raw = b""
        if not self._refused and not self._at_once:
            super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        scope = cast("dict[str, Any]", cycle.scope)
        scope["zonegraph.abort"] = self.transport.abort
        later, self._later = self._later, None

        def done(found: Direct | Begun | None) -> None:
            if isinstance(found, Direct):
                self._answer(cycle, self._edge.answered(scope, found))
                return
            scope["zonegraph.begun"] = found
            super(Front, self)._start_asgi_task(cycle, app)

        if later is None:
            done(None)
        else:
            later(done)

    def _answer(self, cycle: RequestResponseCycle, ready: Ready) -> None:
        """Send a whole answer to a request that has no task."""
        if self.transport.is_closing():
            return
        self._write(ready.status, ready.head, ready.body)
        cycle.response_complete = True
        self.on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """What is not HTTP gets a problem document; so does a method that the parser has never heard of."""
        line = None if self.url else _STRANGE.match(self._raw)
        if line is None:
            self._refuse(400, "this is not a request of HTTP/1.1")
        else:
            allow = allowed_methods(line[1].decode("ascii"))
            self._refuse(405, "this method is not known here", {"Allow": allow})

    def _refuse(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        body = Problem.from_error(HttpProblemError(status, detail, code="head")).as_json()
        lines = {"Content-Type": PROBLEM_TYPE, "Content-Length": str(len(body)), "Connection": "close"}
        head = "".join(f"{name}: {value}\r\n" for name, value in {**lines, **(headers or {})}.items())
        self._refused, self._refusal = True, (status, head.encode("ascii"), body)
        self._give_up_unfinished()
        if not self._is_answering:
            self._send_refusal(*self._refusal)

    def _give_up_unfinished(self) -> None:
        """Nobody waits for an answer to the request whose body turned out to be none."""
        cycle = self.cycle
        if cycle is not None and cycle.more_body:
            _disconnect(cycle)
            if self.pipeline and self.pipeline[0][0] is cycle:
                self.pipeline.popleft()

    def _send_refusal(self, status: int, head: bytes, body: bytes) -> None:
        self._write(status, head, body)
        # closing with bytes unread would reset the connection, and the client would never see why
        self.transport.write_eof()

    def _write(self, status: int, head: bytes, body: bytes) -> None:
        start = STATUS_LINE[status] + self._edge.date(self.server_state.default_headers) + head + _END
        if len(body) > SMALL:
            self.transport.writelines([start, body])
        else:
            self.transport.write(start + body)
        self._idle_since = self.loop.time()
        self._unread += len(body)

    def on_response_complete(self) -> None:
        """Go on with the next request, or wait for it; `look` closes what waits too long."""
        self.server_state.total_requests += 1
        self._idle_since = self.loop.time()
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._refusal is not None:
            self._send_refusal(*self._refusal)

    @property
    def _is_answering(self) -> bool:
        """Whether an answer is under way, or waits for one that is."""
        running = self._running
        return bool(self.pipeline) or not (running is None or running.response_complete or running.disconnected)

    @property
    def idle_since(self) -> float:
        """Since when nothing is asked here; infinite while an answer is under way."""
        return math.inf if self._is_answering else self._idle_since

    def look(self, now: float, patience: float) -> None:
        """Close a connection that stands still: no head, no whole head, or an answer that nobody takes."""
        if self.idle_since == math.inf:
            self._unread_since = 0.0  # the edge sends at the client's pace, and gives up on one without any
            return
        lingers = self._refused and now - self._idle_since > LINGER
        stands_still = self._head_since and now - self._head_since > patience
        if self._is_unread(now, patience) or lingers or stands_still:
            self.transport.abort()
        elif not self._head_since and now - self._idle_since > self._patience_between(patience):
            self.transport.close()

    def _is_unread(self, now: float, patience: float) -> bool:
        """Whether whole answers lie here for longer than their size allows."""
        size = self.transport.get_write_buffer_size()
        if not size:
            self._unread_since = 0.0
        elif not self._unread_since:
            self._unread_since, self._unread = now, size
        return bool(size) and now - self._unread_since > patience + self._unread / MIN_RATE

    def _patience_between(self, patience: float) -> float:
        return KEEP_ALIVE if self._done else patience


def _disconnect(cycle: RequestResponseCycle) -> None:
    """Tell the application that nobody waits for this answer any more."""
    if not cycle.response_complete:
        cycle.disconnected = True
    cycle.message_event.set()
