"""The life of a query worker: open a version, answer tasks one at a time, end when the socket does."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from zonegraph.errors import ZonegraphError
from zonegraph.store import ReadStore
from zonegraph.web.workers import isolation
from zonegraph.web.workers.counting import CapReachedError, Spool
from zonegraph.web.workers.evaluate import NotFoundError, evaluate
from zonegraph.web.workers.messages import PeerGoneError, receive, send

Head = dict[str, Any]
#: A worker whose address space has grown by this share of the memory cap is replaced after the answer.
_WORN: Final = 0.5
#: An answer within this time cannot have taken much memory.
_QUICK: Final = 0.005
_SELDOM: Final = 50


_EXPECTED = (
    CapReachedError,
    NotFoundError,
    ZonegraphError,
    SyntaxError,
    MemoryError,
    ValueError,
    RuntimeError,
    OSError,
    TypeError,
)


def _failure(error: BaseException) -> Head:
    """What went wrong, as the head of an answer."""
    if isinstance(error, CapReachedError):
        return {"error": f"limit-{error.what}"}
    if isinstance(error, MemoryError):
        return {"error": "limit-memory"}
    if isinstance(error, SyntaxError):
        return {"error": "query-syntax", "message": error.msg}
    code = "not-found" if isinstance(error, NotFoundError) else "query"
    return {"error": "store" if isinstance(error, ZonegraphError) else code, "message": str(error)}


class QueryWorker:
    """One read-only handle, one task at a time."""

    def __init__(self, sock: socket.socket, spool: Path, memory: int) -> None:
        self._sock = sock
        self._spool = spool
        self._memory = memory
        self._path = ""
        self._store: ox.Store | None = None
        self._merged: Head = {}
        self._start_size = 0
        self._answers = 0

    def serve(self) -> None:
        """Answer until the other side closes."""
        while True:
            try:
                task, _, _ = receive(self._sock)
            except PeerGoneError:
                return
            self._answer(task)

    def _answer(self, task: Head) -> None:
        started, busy = time.perf_counter(), time.process_time()
        isolation.alarm(task["seconds"] + 1.0)
        try:
            head, spool = self._evaluate(task)
        finally:
            isolation.alarm(0)
        head["seconds"] = time.perf_counter() - started
        head["processor"] = time.process_time() - busy
        head["worn"] = self._is_worn(head["seconds"])
        self._reply(head, spool)

    def _is_worn(self, seconds: float) -> bool:
        """Whether it has grown too much; quick answers are looked at now and then, since looking costs too."""
        self._answers += 1
        if seconds < _QUICK and self._answers % _SELDOM:
            return False
        return isolation.data_size() - self._start_size > self._memory * _WORN

    def _evaluate(self, task: Head) -> tuple[Head, Spool | None]:
        try:
            store = self._opened(task["path"])
            return evaluate(store, task | self._merged, self._spool)
        except _EXPECTED as error:
            return _failure(error), None

    def _opened(self, path: str) -> ox.Store:
        """The handle on a version; another version than last time is opened without the memory limit."""
        if self._store is None or path != self._path:
            isolation.unlimit_memory()
            self._store = None
            opened = ReadStore.open(Path(path))
            self._store = opened.raw
            # where the default graph holds the union already, the engine's own view would double it
            self._merged = {"union": False, "merged": True} if opened.merged else {}
            self._path = path
            self._start_size = isolation.data_size()
            isolation.limit_memory(self._memory)
        return self._store

    def _reply(self, head: Head, spool: Spool | None) -> None:
        if spool is not None and spool.file is not None:
            spool.file.flush()
            send(self._sock, head, descriptor=spool.file.fileno())
            spool.file.close()
        else:
            send(self._sock, head, spool.data() if spool is not None else b"")


def run(sock: socket.socket, spool: str, memory: int) -> None:
    """The whole life of a forked worker; never returns."""
    isolation.die_with_parent()
    isolation.reset_signals()
    isolation.no_core_dumps()
    try:
        QueryWorker(sock, Path(spool), memory).serve()
    finally:
        os._exit(0)
