"""The one writer: each change becomes a new version, durable before it is acknowledged.

Under the store's lock, which builds take too: a child process copies the current version and changes the copy; then
the copy is synced to disk, renamed into place and made current by one rename. The digest of a written version is a
chain: SHA-256 of the parent's digest, the change, and when it was made. It names the content without reading the
whole graph again, at the price that equal content reached in two ways has two names.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from zonegraph.errors import QueryError, QueryLimitError, QuerySyntaxError, StoreError
from zonegraph.search import INDEX_NAME
from zonegraph.store import StoreDir, Version, is_merged, mark_merged
from zonegraph.web.backend import GraphChange, VersionInfo
from zonegraph.web.local import CurrentVersion
from zonegraph.web.problems import HttpProblemError, busy
from zonegraph.web.workers.handles import Nursery
from zonegraph.web.workers.messages import Head, PeerGoneError

#: Versions made by writing that are kept for readers that still use them, and for going back.
KEPT: Final = 32


class StoreWriter:
    """Applies changes one after the other. Thread-safe; safe beside other processes on the same store."""

    def __init__(self, folder: Path, nursery: Nursery, current: CurrentVersion, seconds: float) -> None:
        self._dir = StoreDir.from_path(folder)
        self._nursery = nursery
        self._current = current
        self._seconds = seconds
        self._turn = threading.Lock()

    def update(self, text: str, base: str, expected: str | None = None) -> VersionInfo:
        """Apply a SPARQL update."""
        self._apply({"op": "update", "text": text, "base": base}, b"", expected)
        return self._current.get()

    def graph_store(self, change: GraphChange) -> tuple[VersionInfo, bool]:
        """Apply a Graph Store operation."""
        head = {
            "op": "graph",
            "action": change.action,
            "graph": change.graph,
            "base": change.base,
            "parts": [(part.format, len(part.data)) for part in change.payloads],
        }
        reply = self._apply(head, b"".join(part.data for part in change.payloads), change.expected)
        return self._current.get(), bool(reply["existed"])

    def _apply(self, task: Head, payload: bytes, expected: str | None) -> Head:
        deadline = time.monotonic() + self._seconds
        with self._locked(deadline):
            parent = self._dir.current()
            if expected is not None and parent.id != expected:
                raise HttpProblemError(412, "the graph was changed in the meantime", code="precondition")
            self._dir.sweep()
            staging = self._dir.staging()
            try:
                reply = self._changed(task, payload, parent, staging, deadline)
                self._publish(parent, staging, task, payload, reply)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
            self._prune()
        return reply

    @contextlib.contextmanager
    def _locked(self, deadline: float) -> Iterator[None]:
        if not self._turn.acquire(timeout=max(0, deadline - time.monotonic())):
            raise busy("other writes are before this one")
        try:
            with contextlib.ExitStack() as stack:
                self._enter(stack, deadline)
                yield
        finally:
            self._turn.release()

    def _enter(self, stack: contextlib.ExitStack, deadline: float) -> None:
        while True:
            try:
                stack.enter_context(self._dir.lock(wait=False))
            except StoreError as error:
                if error.code != "store-busy":
                    raise
                if time.monotonic() > deadline:
                    raise busy("a build or another server is writing", seconds=10) from error
                time.sleep(0.01)
            else:
                return

    def _changed(self, task: Head, payload: bytes, parent: Version, staging: Path, deadline: float) -> Head:
        seconds = max(0.1, deadline - time.monotonic())
        index = str(staging / INDEX_NAME) if (parent.path / INDEX_NAME).exists() else ""
        full = {**task, "source": str(parent.data), "target": str(staging / "data"), "seconds": seconds + 1}
        full["index"] = index
        handle = self._nursery.fork("writer")
        number = None
        try:
            handle.send(full, payload)
            if not handle.ready(seconds):
                raise QueryLimitError(f"the change took longer than {self._seconds:g} s", code="limit-time")
            reply = handle.receive().head
        except PeerGoneError:
            number = self._nursery.ended_by(handle)
            raise _died(number) from None
        finally:
            if number is None:
                self._nursery.discard(handle)
        if "error" in reply:
            raise _error(reply)
        return reply

    def _publish(self, parent: Version, staging: Path, task: Head, payload: bytes, reply: Mapping[str, Any]) -> None:
        if is_merged(parent.data):
            mark_merged(staging)
        made = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        meta = {
            "digest": chained(parent.digest, made, task, payload),
            "created": made,
            "quads": reply["quads"],
            "graphs": reply["graphs"],
            "kind": "written",
            "parent": parent.id,
        }
        self._dir.publish(self._dir.adopt(staging, meta), action="write")

    def _prune(self) -> None:
        """Drop old written versions, now and then: a list of all versions costs a read of each."""
        folder = self._dir.path / "versions"
        if sum(1 for _ in folder.iterdir()) <= 2 * KEPT:
            return
        current = self._dir.current_id()
        written = [v for v in self._dir.versions() if v.extra.get("kind") == "written" and v.id != current]
        for version in written[:-KEPT]:
            shutil.rmtree(version.path, ignore_errors=True)


def chained(parent: str, made: str, task: Mapping[str, Any], payload: bytes) -> str:
    """The digest of a written version: what it came from, how, and when."""
    step = json.dumps([parent, made, task], ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    return hashlib.sha256(step + b"\x00" + payload).hexdigest()


def _died(number: int) -> QueryError:
    """Why there was no answer from the child that made the change."""
    if number == signal.SIGABRT:
        return QueryLimitError("the change needs more memory than it may have", code="limit-memory")
    return QueryError(f"the change ended its process (signal {number})", hint="nothing was changed", code="worker-died")


def _error(reply: Mapping[str, Any]) -> QueryError | StoreError | HttpProblemError:
    code, message = str(reply["error"]), str(reply.get("message", ""))
    if code == "no-graph":
        return HttpProblemError(404, message, code=code)
    if code == "syntax":
        return QuerySyntaxError(f"not legal: {message}", hint="line and column are those of the text sent")
    if code == "storage":
        return StoreError(f"the change could not be stored: {message}", hint="nothing was changed")
    return HttpProblemError(400, f"the change cannot be made: {message}", hint="nothing was changed", code=code)
