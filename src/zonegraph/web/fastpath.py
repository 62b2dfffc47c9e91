"""Answers that need no thought: whole responses to repeated GETs, kept at the edge for one version of the graph.

An entry is made from a response with a strong entity tag, which depends only on the version, the address, and the
headers in the key. A request that carries more than that (Range, Authorization, a body) takes the long way.
"""

from __future__ import annotations

import re
import secrets
import time
from collections import OrderedDict
from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import Any, Final

from zonegraph.errors import ZonegraphError
from zonegraph.web.http import NO_CACHE
from zonegraph.web.querylog import Record
from zonegraph.web.web import Web

Headers = list[tuple[bytes, bytes]]
Key = tuple[bytes, ...]
MAX_BODY: Final = 2 * 1024 * 1024
_OVERHEAD: Final = 2048
_KEYED: Final = (b"host", b"accept", b"accept-encoding", b"accept-language")
_LONG_WAY: Final = frozenset(
    {b"cookie", b"range", b"authorization", b"if-modified-since", b"transfer-encoding", b"content-length"}
)
_NOT_IN_304: Final = frozenset({b"content-type", b"content-length", b"content-encoding", b"link"})


@dataclass(frozen=True, slots=True)
class Kept:
    """One whole response and what is told of it in the log."""

    version: str
    headers: Headers
    body: bytes
    tag: str
    record: Record | None


@dataclass(frozen=True, slots=True)
class Quick:
    """A response that is ready."""

    status: int
    headers: Headers
    body: bytes


class FastPath:
    """Bounded by bytes, least recently used goes first. Used by the event loop's thread only."""

    def __init__(self, web: Web, max_bytes: int) -> None:
        self._web = web
        self._max = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()

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

    def find(self, scope: MutableMapping[str, Any], key: Key | None) -> Quick | None:
        """The response, if it is kept and its version is still the current one."""
        kept = self._kept.get(key) if key else None
        if kept is None or key is None:
            return None
        if kept.version != self._current():
            self._forget(key)
            return None
        self._kept.move_to_end(key)
        asked = next((value for name, value in scope["headers"] if name == b"if-none-match"), b"")
        same = kept.tag in _tags(asked)
        self._tell(kept, scope["method"], same=same)
        return _response(kept, same=same)

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
            self.store(key, Kept(version, headers, body, tag.decode("latin-1").strip('"'), record))

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

    def _tell(self, kept: Kept, method: str, *, same: bool) -> None:
        status, size = (304, 0) if same else (200, len(kept.body))
        self._web.metrics.request("kept", method, status)
        if kept.record is not None:
            outcome = "not-modified" if same else "cached"
            record = replace(kept.record, started=time.perf_counter(), outcome=outcome)
            self._web.log.write(record, status=status, size=size)
            self._web.metrics.query(outcome, 0.0, 0 if same else record.rows, size)


def _tags(header: bytes) -> set[str]:
    """The opaque tags named in If-None-Match, and their forms in the other encoding."""
    if not header:
        return set()
    found = re.findall(r'(?:W/)?"([^"]*)"', header.decode("latin-1"))
    return {form for tag in found for form in (tag, tag.removesuffix("-gz"), tag.removesuffix("-gz") + "-gz")}


def _response(kept: Kept, *, same: bool) -> Quick:
    request_id = (b"x-request-id", secrets.token_hex(8).encode())
    dropped = _NOT_IN_304 if same else frozenset()
    headers = [(n, v) for n, v in kept.headers if n not in dropped and n != b"x-request-id"]
    return Quick(304 if same else 200, [*headers, request_id], b"" if same else kept.body)
