"""The pool: who may run, who waits, who is stopped.

``workers`` queries may run long. ``reserve`` more may start while those are busy, but each has only the fast lane's
time: past it, it takes a free long place, or goes on while nobody waits, or is ended with 503. So short queries keep
being answered while long ones fill the server. A query known to be slow never starts in the reserve.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import signal
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

from zonegraph.errors import QueryError, QueryLimitError
from zonegraph.web.backend import Cancel
from zonegraph.web.problems import ClientGoneError, busy
from zonegraph.web.workers.handles import Nursery, Reply, WorkerHandle
from zonegraph.web.workers.messages import Head, PeerGoneError

_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class PoolSize:
    """How many run and wait; ``lane`` in seconds."""

    workers: int
    reserve: int
    queue: int
    lane: float


@dataclass(order=True)
class _Ticket:
    """One request's place in the queue: the known slow last, then by arrival."""

    slow: bool
    order: int
    granted: threading.Event = field(default_factory=threading.Event, compare=False)


class Places:
    """Admission: counts the running, queues the waiting. Thread-safe."""

    def __init__(self, size: PoolSize) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._queue: list[_Ticket] = []
        self._orders = itertools.count()
        self.running = 0
        self.long = 0

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._queue)

    @property
    def contested(self) -> bool:
        """Whether a query waits that the fast lane could serve."""
        return bool(self._queue) and not self._queue[0].slow

    def enter(self, *, slow: bool, seconds: float, cancel: Cancel) -> None:
        """Take a place, waiting at most ``seconds``; raises 503 when the queue is full or the wait too long."""
        with self._lock:
            if not self._queue and self._free(slow=slow):
                self._take(slow=slow)
                return
            if self.waiting >= self._size.queue:
                raise busy("too many queries are waiting")
            ticket = _Ticket(slow, next(self._orders))
            heapq.heappush(self._queue, ticket)
            # the head may be a slow query that fits nowhere while this one does
            self._grant()
        self._wait(ticket, seconds, cancel)

    def enter_at_once(self) -> bool:
        """Take a place for a query not known to be slow, if one is free and nobody waits."""
        with self._lock:
            if self._queue or not self._free(slow=False):
                return False
            self._take(slow=False)
            return True

    def _wait(self, ticket: _Ticket, seconds: float, cancel: Cancel) -> None:
        cancel.bind(ticket.granted.set)
        ticket.granted.wait(seconds)
        cancel.bind(None)
        with self._lock:
            granted = ticket not in self._queue
            if not granted:
                self._queue.remove(ticket)
                heapq.heapify(self._queue)
        if cancel.fired:
            if granted:
                self.leave(long=ticket.slow)
            raise ClientGoneError("the client left while waiting")
        if not granted:
            raise busy("no worker became free in time")

    def promote(self) -> bool:
        """Move a running query from the fast lane to a long place, if there is one."""
        with self._lock:
            if self.long >= self._size.workers:
                return False
            self.long += 1
            return True

    def leave(self, *, long: bool) -> None:
        """Give the place back."""
        with self._lock:
            self.running -= 1
            self.long -= long
            self._grant()

    def _free(self, *, slow: bool) -> bool:
        if slow:
            return self.long < self._size.workers and self.running < self._size.workers + self._size.reserve
        return self.running < self._size.workers + self._size.reserve

    def _take(self, *, slow: bool) -> None:
        self.running += 1
        self.long += slow

    def _grant(self) -> None:
        while self._queue and self._free(slow=self._queue[0].slow):
            ticket = heapq.heappop(self._queue)
            self._take(slow=ticket.slow)
            ticket.granted.set()


class Pool:
    """Runs tasks in worker processes. Thread-safe."""

    def __init__(self, nursery: Nursery, size: PoolSize) -> None:
        self._nursery = nursery
        self._lane = size.lane
        self.places = Places(size)
        self._idle: list[WorkerHandle] = []
        self._lock = threading.Lock()
        self._slow: OrderedDict[str, None] = OrderedDict()
        self.killed = 0
        self.died = 0

    def run(self, task: Head, *, key: str, cancel: Cancel) -> Reply:
        """Run one task; raises `QueryLimitError`, `QueryError`, `ClientGoneError` or a busy problem."""
        slow = self._is_slow(key)
        seconds = float(task["seconds"])
        self.places.enter(slow=slow, seconds=seconds, cancel=cancel)
        return Run(self, task, key, long=slow).start().finish(cancel)

    def begin(self, task: Head, *, key: str) -> Run | None:
        """Hand a task to an idle worker without waiting for anything; None where that needs waiting."""
        if self._is_slow(key) or not self.places.enter_at_once():
            return None
        with self._lock:
            handle = self._idle.pop() if self._idle else None
        if handle is None:
            self.places.leave(long=False)
            return None
        return Run(self, task, key, long=False).start(handle)

    def warm(self, task: Head, count: int) -> None:
        """Start workers ahead and let each open the version; one that dies is left to the query that needs it."""
        handles = [self._nursery.fork() for _ in range(count)]
        for handle in handles:
            try:
                handle.send(task)
                handle.receive()
            except (PeerGoneError, OSError):
                self.drop(handle)
            else:
                self.give(handle)

    def take(self) -> WorkerHandle:
        """An idle worker, or a new one."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return self._nursery.fork()

    def give(self, handle: WorkerHandle) -> None:
        """Put a healthy worker back."""
        with self._lock:
            self._idle.append(handle)

    def drop(self, handle: WorkerHandle) -> int:
        """End a worker; returns the signal that had ended it."""
        return self._nursery.ended_by(handle)

    def retire(self, handle: WorkerHandle) -> None:
        """End a worker without waiting for its end."""
        threading.Thread(target=self.drop, args=(handle,), daemon=True).start()

    def remember_slow(self, key: str) -> None:
        """Treat this query as long from the start, next time."""
        with self._lock:
            self._slow[key] = None
            self._slow.move_to_end(key)
            if len(self._slow) > _REMEMBERED:
                self._slow.popitem(last=False)

    def judge(self, key: str, processor: float) -> None:
        """Forget that a query was slow when it was the machine that was busy, not the query."""
        if key in self._slow and processor < self._lane:
            with self._lock:
                self._slow.pop(key, None)

    def _is_slow(self, key: str) -> bool:
        return key in self._slow

    def close(self) -> None:
        """End all workers."""
        with self._lock:
            idle, self._idle = self._idle, []
        for handle in idle:
            handle.close()
        self._nursery.close()


class Run:
    """One task on one worker, in a place of the pool, watched until it ends or is ended."""

    def __init__(self, pool: Pool, task: Head, key: str, *, long: bool) -> None:
        self._pool = pool
        self._task = task
        self._key = key
        self._cancel = Cancel()
        self._began = time.monotonic()
        self._handle: WorkerHandle | None = None
        self._reply: Reply | None = None
        self.long = long

    def start(self, handle: WorkerHandle | None = None) -> Run:
        """Hand the task over, to this worker first."""
        try:
            self._handle = self._handed(handle)
        except BaseException:
            self._pool.places.leave(long=self.long)
            raise
        return self

    def fileno(self) -> int:
        """What becomes readable when the answer, or the worker's end, is there."""
        return self._worker.fileno()

    def watched_no_more(self) -> None:
        """Make the socket block again, which an event loop that watches a descriptor makes it not do."""
        self._worker.block()

    @property
    def _worker(self) -> WorkerHandle:
        if self._handle is None:
            raise RuntimeError("the run has ended")
        return self._handle

    def take(self) -> Reply | None:
        """The answer, when `fileno` is readable; None when the worker has died, which `finish` explains."""
        try:
            reply = self._worker.receive()
        except (PeerGoneError, OSError):
            self._worker.kill()  # half an answer may be left in the socket
            return None
        self._reply = reply
        self._settle(reply, self._pool.retire)
        return reply

    def finish(self, cancel: Cancel) -> Reply:
        """Wait for the answer; the client's leaving ends the worker."""
        if self._reply is not None:
            return self._reply
        handle, self._cancel = self._worker, cancel
        cancel.bind(handle.kill)
        try:
            self._watch(handle, self._began + float(self._task["seconds"]))
            reply = handle.receive()
        except PeerGoneError:
            cancel.bind(None)
            try:
                self._explain(handle)
            finally:
                self._leave()
        except BaseException:
            cancel.bind(None)
            self._pool.killed += 1
            self._pool.drop(handle)
            self._leave()
            raise
        cancel.bind(None)
        self._reply = reply
        self._settle(reply, self._pool.drop)
        return reply

    def abandon(self) -> None:
        """End a run that nobody will finish."""
        if self._handle is not None:
            self._pool.drop(self._handle)
            self._leave()

    def _settle(self, reply: Reply, end: Callable[[WorkerHandle], object]) -> None:
        handle = self._worker
        self._pool.judge(self._key, float(reply.head["processor"]))
        if self.long or reply.head.get("worn") or self._cancel.fired:
            end(handle)
        else:
            self._pool.give(handle)
        self._leave()

    def _leave(self) -> None:
        with self._pool._lock:
            gone, self._handle = self._handle is None, None
        if not gone:
            self._pool.places.leave(long=self.long)

    def _handed(self, first: WorkerHandle | None) -> WorkerHandle:
        """The worker that has the task; one that died while idle is replaced."""
        for _ in range(3):
            handle, first = first or self._pool.take(), None
            try:
                handle.send(self._task)
            except PeerGoneError:
                self._pool.drop(handle)
            else:
                return handle
        raise QueryError("no worker takes the query", code="worker-died")

    def _watch(self, handle: WorkerHandle, deadline: float) -> None:
        """Return when the answer, or the worker's end, is there; raise when the time is up."""
        lane = self._began + self._pool._lane
        if handle.ready(min(lane, deadline) - time.monotonic()):
            return
        self._pool.remember_slow(self._key)
        with contextlib.suppress(ProcessLookupError):
            handle.demote()
        while not self.long and time.monotonic() < deadline:
            self.long = self._pool.places.promote()
            if not self.long:
                if self._pool.places.contested:
                    raise busy("long queries fill the server", seconds=int(self._task["seconds"]))
                if handle.ready(min(0.05, deadline - time.monotonic())):
                    return
        if not handle.ready(deadline - time.monotonic()):
            raise QueryLimitError(
                f"the query took longer than {self._task['seconds']:g} s", hint="ask for less", code="limit-time"
            )

    def _explain(self, handle: WorkerHandle) -> NoReturn:
        """The worker has died: say why."""
        number = self._pool.drop(handle)
        if self._cancel.fired:
            raise ClientGoneError("the client left")
        self._pool.died += 1
        if number == signal.SIGABRT:
            raise QueryLimitError(
                "the query needs more memory than it may have", hint="sort or group fewer rows", code="limit-memory"
            )
        if number == signal.SIGALRM:
            raise QueryLimitError("the query took too long", hint="ask for less", code="limit-time")
        raise QueryError("the query ended its worker", hint="write it differently", code="worker-died")
