"""Answers that need no thought: whole responses to repeated GETs, kept at the edge for one version of the graph.

An entry is made from a response with a strong entity tag, which depends only on the version, the address, and the
headers in the key. A request that carries more than that (Range, Authorization, a body) takes the long way. The bytes
of whole requests that were answered so lead to their entry, too: the same bytes ask the same.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import Any, Final

from zonegraph.errors import ZonegraphError
from zonegraph.web.http import NO_CACHE, new_request_id
from zonegraph.web.metrics import Outcome
from zonegraph.web.querylog import Record
from zonegraph.web.web import Web

Headers = list[tuple[bytes, bytes]]
Key = tuple[bytes, ...]
MAX_BODY: Final = 2 * 1024 * 1024
#: Requests remembered by their bytes, and how long such a request may be.
MAX_REMEMBERED: Final = 4096
MAX_SEEN: Final = 65_536
MAX_REQUEST: Final = 4096
_OVERHEAD: Final = 2048
_KEYED: Final = (b"host", b"accept", b"accept-encoding", b"accept-language")
_LONG_WAY: Final = frozenset(
    {b"cookie", b"range", b"authorization", b"if-modified-since", b"transfer-encoding", b"content-length"}
)
_NOT_IN_304: Final = frozenset({b"content-type", b"content-length", b"content-encoding", b"link"})


@dataclass(frozen=True, slots=True)
class Kept:
    """One whole response and what is told of it in the log. ``head`` are its header lines, without an id."""

    version: str
    head: bytes
    body: bytes
    tag: str
    record: Record | None

    @property
    def unmodified(self) -> bytes:
        """The header lines of a 304."""
        return as_lines([(name, value) for name, value in from_lines(self.head) if name not in _NOT_IN_304])


@dataclass(frozen=True, slots=True)
class Known:
    """A response that is ready, and the entry it comes from.

    ``condition`` is the request's If-None-Match, ``same`` whether the client's copy is still right by it.
    """

    key: Key
    condition: bytes
    kept: Kept
    same: bool
    head: bytes

    @property
    def status(self) -> int:
        """304 or 200."""
        return 304 if self.same else 200

    @property
    def body(self) -> bytes:
        """The bytes to send."""
        return b"" if self.same else self.kept.body

    @property
    def headers(self) -> Headers:
        """The header lines as names and values."""
        return from_lines(self.head)


def as_lines(headers: Headers) -> bytes:
    """Header lines, each with its end."""
    return b"".join(piece for name, value in headers for piece in (name, b": ", value, b"\r\n"))


def from_lines(lines: bytes) -> Headers:
    """Header lines as names and values."""
    return [(name, value) for name, _, value in (line.partition(b": ") for line in lines.split(b"\r\n") if line)]


class FastPath:
    """Bounded by bytes, least recently used goes first. Used by the event loop's thread only."""

    def __init__(self, web: Web, max_bytes: int) -> None:
        self._web = web
        self._max = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._seen: set[int] = set()
        self._by_bytes: dict[bytes, tuple[Key, bytes]] = {}

    def key(self, scope: MutableMapping[str, Any]) -> Key | None:
        """What the response depends on; None for requests that must take the long way."""
        if scope["method"] not in {"GET", "HEAD"}:
            return None
        values = dict.fromkeys(_KEYED, b"")
        for name, value in scope["headers"]:
            if name in _LONG_WAY:
                return None
            if name in values:
                if values[name]:
                    return None
                values[name] = value
        return (scope.get("raw_path") or scope["path"].encode(), scope["query_string"], *values.values())

    def find(self, scope: MutableMapping[str, Any], key: Key | None) -> Known | None:
        """The response, if it is kept and its version is still the current one."""
        kept = self._fresh(key)
        if kept is None or key is None:
            return None
        condition = next((value for name, value in scope["headers"] if name == b"if-none-match"), b"")
        return self._known(key, kept, scope["method"], condition)

    def _fresh(self, key: Key | None) -> Kept | None:
        kept = self._kept.get(key) if key else None
        if kept is None or key is None:
            return None
        if kept.version != self._current():
            self._forget(key)
            return None
        self._kept.move_to_end(key)
        return kept

    def _known(self, key: Key, kept: Kept, method: str, condition: bytes) -> Known:
        same = bool(condition) and kept.tag in _tags(condition)
        request_id = new_request_id()
        self._tell(kept, method, request_id, same=same)
        lines = kept.unmodified if same else kept.head
        return Known(key, condition, kept, same, b"%sx-request-id: %s\r\n" % (lines, request_id.encode()))

    def remember(self, request: bytes, known: Known) -> None:
        """These bytes are a whole GET request that was answered so."""
        if len(request) > MAX_REQUEST:
            return
        if len(self._by_bytes) >= MAX_REMEMBERED:
            del self._by_bytes[next(iter(self._by_bytes))]
        self._by_bytes[request] = (known.key, known.condition)

    def known(self, request: bytes) -> Known | None:
        """The response to a request with these very bytes, if it is kept."""
        found = self._by_bytes.get(request)
        if found is None:
            return None
        key, condition = found
        kept = self._fresh(key)
        if kept is None:
            del self._by_bytes[request]
            return None
        return self._known(key, kept, "GET", condition)

    def keep(
        self, key: Key | None, version: str, status: int, headers: Headers, body: bytes, record: Record | None
    ) -> None:
        """Remember a response, if it is one that may be sent again."""
        found = dict(headers)
        tag = found.get(b"etag", b"")
        if key is None or status != 200 or found.get(b"cache-control") != NO_CACHE.encode() or not tag.startswith(b'"'):
            return
        varies = {name.strip().lower() for name in found.get(b"vary", b"").split(b",") if name.strip()}
        if b"set-cookie" in found or not varies <= set(_KEYED):
            return
        if version != self._current():
            return  # published while this was answered: it may belong to either version
        if found.get(b"content-length") == str(len(body)).encode():
            head = as_lines([(n, v) for n, v in headers if n != b"x-request-id"])
            self.store(key, Kept(version, head, body, tag.decode("latin-1").strip('"'), record))

    def is_wanted_again(self, key: Key) -> bool:
        """Whether this was asked before, lately; what is asked once, and quickly answered, is not worth a place."""
        mark = hash(key)
        if mark in self._seen:
            return True
        if len(self._seen) >= MAX_SEEN:
            self._seen.clear()
        self._seen.add(mark)
        return False

    def store(self, key: Key, kept: Kept) -> None:
        """Remember a response that is known to be one that may be sent again."""
        body = kept.body
        if len(body) > MAX_BODY:
            return
        self._forget(key)
        self._kept[key] = kept
        self._bytes += len(body) + _OVERHEAD
        while self._bytes > self._max:
            self._forget(next(iter(self._kept)))

    def version(self) -> str:
        """The version that responses are kept for; empty when answers may change unseen."""
        return self._current()

    def _current(self) -> str:
        try:
            version = self._web.backend.version()
        except ZonegraphError:
            return ""
        return version.id if version.stable else ""

    def _forget(self, key: Key) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self._bytes -= len(gone.body) + _OVERHEAD

    def _tell(self, kept: Kept, method: str, request_id: str, *, same: bool) -> None:
        status, size = (304, 0) if same else (200, len(kept.body))
        told, record = None, kept.record
        if record is not None:
            outcome = "not-modified" if same else "cached"
            told = Outcome(outcome, 0.0, 0 if same else record.rows, size)
            if self._web.log.writes:
                again = replace(record, started=time.perf_counter(), outcome=outcome)
                self._web.log.write(again, status=status, size=size, request_id=request_id)
        self._web.metrics.note("kept", method, status, told)


def _tags(header: bytes) -> set[str]:
    """The opaque tags named in If-None-Match, and their forms in the other encoding."""
    found = re.findall(r'(?:W/)?"([^"]*)"', header.decode("latin-1"))
    return {form for tag in found for form in (tag, tag.removesuffix("-gz"), tag.removesuffix("-gz") + "-gz")}
