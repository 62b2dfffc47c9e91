"""The embedded store behind the web: versions on disk, queries in worker processes."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from zonegraph.errors import QueryError, QueryLimitError, QuerySyntaxError, StoreError
from zonegraph.store import StoreDir
from zonegraph.web.backend import Answer, Body, Cancel, Limits, Task, VersionInfo, Writer
from zonegraph.web.config import Config
from zonegraph.web.former import FormerVersions
from zonegraph.web.negotiate import Kind
from zonegraph.web.problems import HttpProblemError, busy
from zonegraph.web.workers.handles import Nursery, Reply
from zonegraph.web.workers.messages import Head
from zonegraph.web.workers.pool import Pool, PoolSize, Run


class CurrentVersion:
    """The published version, read again only when the pointer file has changed."""

    def __init__(self, store: StoreDir) -> None:
        self._store = store
        self._pointer = store.path / "current"
        self._seen: tuple[tuple[int, int, int], VersionInfo] | None = None

    def get(self) -> VersionInfo:
        """One stat of the pointer; raises `StoreMissingError` before the first build."""
        stamp = self._stamp()
        seen = self._seen
        if seen is not None and seen[0] == stamp:
            return seen[1]
        found = self._store.current()
        info = VersionInfo(
            found.id, found.digest, found.created, found.quads, dict(found.graphs), path=str(found.path / "data")
        )
        self._seen = (stamp, info)
        return info

    def _stamp(self) -> tuple[int, int, int]:
        try:
            status = os.stat(self._pointer)
        except OSError:
            return (0, 0, 0)
        return (status.st_ino, status.st_mtime_ns, status.st_size)


class SpoolBudget:
    """Bounds the disk space of all answers being sent."""

    def __init__(self, total: int) -> None:
        self._left = total
        self._lock = threading.Lock()

    def claim(self, size: int) -> None:
        """Take space; raises 503 when slow readers hold it all."""
        with self._lock:
            if size > self._left:
                raise busy("large answers fill the disk space set aside for them", seconds=10)
            self._left -= size

    def free(self, size: int) -> None:
        """Give space back."""
        with self._lock:
            self._left += size


class LocalBackend:
    """Reads through killable workers; writes, where allowed, through one writer."""

    def __init__(self, config: Config, writer: Writer | None = None) -> None:
        self._config = config
        self._spool = Path(config.spool or tempfile.gettempdir())
        self._spool.mkdir(parents=True, exist_ok=True)
        self.nursery = Nursery(
            self._spool, config.max_memory_bytes, writable=config.writable, network=bool(config.service_hosts)
        )
        self.pool = Pool(self.nursery, PoolSize(config.workers, config.reserve, config.queue, config.lane_seconds))
        self.current = CurrentVersion(StoreDir.from_path(config.store))
        self._former = FormerVersions(StoreDir.from_path(config.store))
        self._budget = SpoolBudget(config.max_spool_bytes)
        self._writer = writer

    @property
    def writer(self) -> Writer | None:
        """The writer, with ``--writable`` only."""
        return self._writer

    def attach(self, writer: Writer) -> None:
        """Make the graph writable."""
        self._writer = writer

    def version(self) -> VersionInfo:
        """The version published now."""
        return self.current.get()

    def warm(self) -> None:
        """Start the workers before the first request."""
        task = Task("check", Limits(self._config.timeout, 1, 1), text="ASK {}")
        self.pool.warm(_as_head(task, self.version()), self._config.workers)

    def run(self, task: Task, version: VersionInfo, cancel: Cancel | None = None) -> Answer:
        """Evaluate in a worker."""
        reply = self.pool.run(_as_head(task, version), key=task.key or task.text, cancel=cancel or Cancel())
        return self.read(reply, task)

    def begin(self, task: Task, version: VersionInfo) -> LocalRun | None:
        """Hand a task to an idle worker; None when that would mean to wait."""
        run = self.pool.begin(_as_head(task, version), key=task.key or task.text)
        return LocalRun(self, run, task) if run is not None else None

    def read(self, reply: Reply, task: Task) -> Answer:
        """A worker's reply as an answer; raises the error that it reports."""
        if "error" in reply.head:
            raise _error(reply.head, task)
        return Answer(
            Kind(reply.head["kind"]), self._body(reply), int(reply.head["rows"]), float(reply.head["seconds"])
        )

    def _body(self, reply: Reply) -> Body:
        if reply.file is None:
            return Body(reply.data)
        size = os.fstat(reply.file.fileno()).st_size
        try:
            self._budget.claim(size)
        except HttpProblemError:
            reply.file.close()
            raise
        return Body(file=reply.file, on_close=lambda: self._budget.free(size))

    def knew(self, version: VersionInfo, iris: Iterable[str]) -> bool:
        """Whether an earlier version that is still kept described one of these."""
        return self._former.knew(version.id, iris)

    def healthy(self) -> bool:
        """Whether something is published and a worker would be found."""
        self.version()
        places = self.pool.places
        return places.waiting < self._config.queue

    def gauges(self) -> Mapping[str, float]:
        """Running, long and waiting queries; workers killed and died so far."""
        pool = self.pool
        return {
            "running": pool.places.running,
            "long": pool.places.long,
            "waiting": pool.places.waiting,
            "killed": pool.killed,
            "died": pool.died,
        }

    def close(self) -> None:
        """End all workers."""
        self.pool.close()


@dataclass(slots=True)
class LocalRun:
    """A task that a worker has."""

    backend: LocalBackend
    run: Run
    task: Task

    def fileno(self) -> int:
        """Readable when the answer, or the worker's end, is there."""
        return self.run.fileno()

    def watched_no_more(self) -> None:
        """To be called when an event loop no longer watches `fileno`."""
        self.run.watched_no_more()

    def take(self) -> bool:
        """Take an answer that is there; false for an error or a worker that died, which `answer` raises."""
        reply = self.run.take()
        return reply is not None and "error" not in reply.head

    def answer(self, cancel: Cancel) -> Answer:
        """Wait for the answer."""
        return self.backend.read(self.run.finish(cancel), self.task)

    def abandon(self) -> None:
        """End what nobody will finish."""
        self.run.abandon()


def _as_head(task: Task, version: VersionInfo) -> Head:
    return {
        "op": task.op,
        "path": version.path,
        "text": task.text,
        "format": task.format,
        "base": task.base,
        "union": task.union,
        "default_graphs": task.default_graphs,
        "named_graphs": task.named_graphs,
        "graph": task.graph,
        "prefixes": task.prefixes,
        "seconds": task.limits.seconds,
        "rows": task.limits.rows,
        "bytes": task.limits.bytes,
    }


def _error(head: Head, task: Task) -> QueryError | StoreError | HttpProblemError:
    code, message = str(head["error"]), str(head.get("message", ""))
    if code in _LIMITS:
        what, hint = _LIMITS[code]
        caps = {"rows": task.limits.rows, "bytes": task.limits.bytes}
        return QueryLimitError(what.format(**caps), hint=hint, code=code)
    if code == "query-syntax":
        return QuerySyntaxError(f"not legal SPARQL: {message}", hint="line and column are those of the text sent")
    if code == "not-found":
        return HttpProblemError(404, f"there is no graph {message}", code="no-graph")
    if code == "store":
        return StoreError(message)
    return QueryError(f"the query cannot be evaluated: {message}", hint="see the message")


_LIMITS = {
    "limit-rows": ("more than {rows} rows", "add LIMIT, or fetch a dump"),
    "limit-bytes": ("more than {bytes} bytes", "add LIMIT, or fetch a dump"),
    "limit-memory": ("the query needs more memory than it may have", "sort or group fewer rows"),
}
