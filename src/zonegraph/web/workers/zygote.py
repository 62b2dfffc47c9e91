"""The process that query workers are forked from: small, single-threaded, everything imported, no network.

Forking from it takes some milliseconds where a fresh interpreter takes a hundred; forking from the server itself
would copy its threads' locks. It ends when the server does, and the kernel ends its children with it.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import signal
import socket
import sys

from zonegraph.web.workers import isolation
from zonegraph.web.workers import main as worker
from zonegraph.web.workers.messages import Head, PeerGoneError, receive, send


class Zygote:
    """Forks workers and tells how they ended."""

    def __init__(self, control: socket.socket, spool: str, memory: int, writable: bool) -> None:
        self._control = control
        self._spool = spool
        self._memory = memory
        self._writable = writable
        self._children: set[int] = set()
        self._ended: dict[int, int] = {}

    def serve(self) -> None:
        """Obey until the server is gone."""
        while True:
            try:
                head, _, descriptor = receive(self._control)
            except PeerGoneError:
                return
            self._reap()
            if head["do"] == "wait":
                send(self._control, {"status": self._status(int(head["pid"]))})
            elif descriptor is not None:
                send(self._control, {"pid": self._fork(head, descriptor)})

    def _fork(self, head: Head, descriptor: int) -> int:
        pid = os.fork()
        if pid == 0:
            self._control.close()
            self._become(head, socket.socket(fileno=descriptor))
        os.close(descriptor)
        self._children.add(pid)
        return pid

    def _become(self, head: Head, sock: socket.socket) -> None:
        if head["do"] == "fork":
            worker.run(sock, self._spool, self._memory)
        if head["do"] == "writer" and self._writable:
            from zonegraph.web.workers import writing  # noqa: PLC0415 - read-only servers never load it

            writing.run(sock, self._memory)
        os._exit(2)

    def _status(self, pid: int) -> int:
        """The wait status of an ended child; a child that still runs is killed first. Others are none of ours."""
        if pid in self._children:
            os.kill(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
            self._children.discard(pid)
            return status
        return self._ended.pop(pid, 0)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._children.discard(pid)
            self._ended[pid] = status


def main() -> None:
    """``python -m zonegraph.web.workers.zygote --fd N …``: started by the server only."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--spool", required=True)
    parser.add_argument("--memory", type=int, required=True)
    parser.add_argument("--network", action="store_true")
    parser.add_argument("--writable", action="store_true")
    options = parser.parse_args()
    # not tied to its parent by the kernel, which would mean the parent's thread: the closed socket ends it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    isolation.no_core_dumps()
    cut_off = "" if options.network else isolation.without_network()
    control = socket.socket(fileno=options.fd)
    gc.freeze()
    # the server may be gone before this process is there
    with contextlib.suppress(PeerGoneError):
        send(control, {"ready": os.getpid(), "isolation": cut_off})
        Zygote(control, options.spool, options.memory, options.writable).serve()
    sys.exit(0)


if __name__ == "__main__":
    main()
