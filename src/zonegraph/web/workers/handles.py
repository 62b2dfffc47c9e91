"""The server's side of its child processes: starting them, talking to one, killing it, learning how it ended."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from zonegraph.errors import StoreError
from zonegraph.web.workers.messages import Head, PeerGoneError, receive, send


@dataclass(frozen=True, slots=True)
class Reply:
    """What a worker sent: head, and the bytes or the file of the answer."""

    head: Head
    data: bytes
    file: BinaryIO | None


class WorkerHandle:
    """One worker process. Used by one thread at a time; `kill` may come from any."""

    def __init__(self, pid: int, sock: socket.socket) -> None:
        self.pid = pid
        self._sock = sock
        self._lock = threading.Lock()
        self._closed = False
        # names this process for good, where its number could be given to another one
        self._pidfd = os.pidfd_open(pid)
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)

    def fileno(self) -> int:
        """The socket."""
        return self._sock.fileno()

    def block(self) -> None:
        """Let reads and writes wait."""
        self._sock.setblocking(True)

    def send(self, task: Head, payload: bytes = b"") -> None:
        """Hand over a task; raises `PeerGoneError` when the worker has died while idle."""
        send(self._sock, task, payload)

    def ready(self, seconds: float) -> bool:
        """Whether an answer, or the worker's end, arrives within this time."""
        return bool(self._poll.poll(max(0, seconds) * 1000))

    def receive(self) -> Reply:
        """The answer; raises `PeerGoneError` when the worker has died."""
        head, data, descriptor = receive(self._sock)
        file = cast(BinaryIO, os.fdopen(descriptor, "rb", buffering=0)) if descriptor is not None else None
        return Reply(head, data, file)

    def demote(self) -> None:
        """Let shorter queries have the processor first."""
        with self._lock:
            if not self._closed:
                os.setpriority(os.PRIO_PROCESS, self.pid, 10)

    def kill(self) -> None:
        """End the process now, whatever it is doing. The socket then reads as closed."""
        with self._lock:
            if not self._closed:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def forget(self) -> None:
        """The process has ended and been reaped: its number may belong to another one by now."""
        with self._lock:
            if not self._closed:
                self._closed = True
                os.close(self._pidfd)
        self._sock.close()

    def close(self) -> None:
        """Kill and forget."""
        self.kill()
        self.forget()


@dataclass
class Nursery:
    """The server's end of the zygote; starts it again when it has died. Thread-safe."""

    spool: Path
    memory: int
    writable: bool = False
    network: bool = False
    isolation: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _process: subprocess.Popen[bytes] | None = None
    _control: socket.socket | None = None

    def fork(self, kind: str = "fork") -> WorkerHandle:
        """A new worker (``fork``) or a writer (``writer``)."""
        ours, theirs = socket.socketpair()
        with theirs:
            head = self._ask({"do": kind}, theirs.fileno())
        return WorkerHandle(int(head["pid"]), ours)

    def ended_by(self, handle: WorkerHandle) -> int:
        """The signal that ended a worker, 0 for none; reaps it and closes the handle."""
        handle.kill()
        status = int(self._ask({"do": "wait", "pid": handle.pid})["status"])
        handle.forget()
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0

    def discard(self, handle: WorkerHandle) -> None:
        """Kill a worker and reap it."""
        self.ended_by(handle)

    def _ask(self, request: Head, descriptor: int | None = None) -> Head:
        with self._lock:
            for attempt in (1, 2):
                try:
                    control = self._control or self._start()
                    send(control, request, descriptor=descriptor)
                    head, _, _ = receive(control)
                except PeerGoneError:
                    self._stop()
                    if attempt == 2 or request["do"] == "wait":
                        break
                else:
                    return head
        if request["do"] == "wait":
            return {"status": 0}
        raise StoreError("query workers cannot be started", hint="see the server's log")

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "zonegraph.web.workers.zygote", "--fd", str(theirs.fileno())]
        command += ["--spool", str(self.spool), "--memory", str(self.memory)]
        command += ["--network"] * self.network + ["--writable"] * self.writable
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**os.environ, "MALLOC_ARENA_MAX": "2"},
            )
        self._control = ours
        head, _, _ = receive(ours)
        self.isolation = str(head["isolation"])
        return ours

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        """End the zygote, and with it every worker."""
        with self._lock:
            self._stop()
