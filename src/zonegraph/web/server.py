"""`serve`: the edge behind uvicorn, in as many processes as are wanted, under one that watches them."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Final

import uvicorn
from uvicorn.supervisors import Multiprocess

from zonegraph.errors import UsageError, ZonegraphError
from zonegraph.web import pages
from zonegraph.web.app import create_app
from zonegraph.web.backend import Backend
from zonegraph.web.config import Config
from zonegraph.web.discovery import executables, statistics_of
from zonegraph.web.edge import Edge
from zonegraph.web.front import Front
from zonegraph.web.local import LocalBackend
from zonegraph.web.remote import RemoteBackend
from zonegraph.web.web import Web
from zonegraph.web.workers import isolation

MAX_UNSENT: Final = 128 * 1024
_CONFIG: Final = "ZONEGRAPH_SERVER_SETTINGS"


def make_backend(config: Config) -> Backend:
    """The embedded store, or the remote service, as the settings say."""
    if config.remote:
        return RemoteBackend(config)
    backend = LocalBackend(config)
    if config.writable:
        from zonegraph.web.writer import StoreWriter  # noqa: PLC0415 - a read-only server never loads it

        backend.attach(StoreWriter(config.store, backend.nursery, backend.current, config.write_seconds))
    return backend


def serve(config: Config, announce: Callable[[], object] = lambda: None) -> None:
    """Serve until told to stop (SIGINT, SIGTERM); running requests are answered first.

    ``announce`` is called once the address is taken. Raises `UsageError` where it cannot be had.
    """
    if config.writable:
        config.token()
    folder = Path(tempfile.mkdtemp(prefix="zonegraph-metrics-"))
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    os.environ[_CONFIG] = _as_text(config)
    try:
        with _listening(config) as sock:
            announce()
            Multiprocess(_settings(config), [sock]).run()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_text(config: Config) -> str:
    """Settings as JSON for the server processes; what is not set is left out."""
    values = {name: value for name, value in asdict(config).items() if value is not None}
    return json.dumps(values, default=str)


def _listening(config: Config) -> socket.socket:
    """The bound socket; raises `UsageError` where the address cannot be had."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    sock = socket.socket(family)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # what lies unsent in the kernel cannot be told from what a client takes: keep it small on each connection
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MAX_UNSENT)
        sock.bind((config.host, config.port))
    except OSError as error:
        sock.close()
        raise UsageError(
            f"cannot listen on {config.host}:{config.port}: {error.strerror or error}",
            hint="another program has the port, or the address is not this machine's",
        ) from error
    sock.set_inheritable(True)
    return sock


def _settings(config: Config) -> uvicorn.Config:
    return uvicorn.Config(
        "zonegraph.web.server:application",
        factory=True,
        interface="asgi3",
        http=Front,
        ws="none",
        lifespan="on",
        loop="uvloop",
        workers=config.processes,
        access_log=False,
        log_level="error",  # what clients do wrong is answered, not logged
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=int(config.grace_seconds),
        timeout_worker_healthcheck=30,
    )


def application() -> Edge:
    """The application of one server process, from the settings of `serve`; it ends when the watching process does."""
    isolation.die_with_parent()
    isolation.allow_open_files()
    config = Config().with_values(json.loads(os.environ[_CONFIG]))
    backend = make_backend(config)
    app = create_app(backend, config, [pages.blueprint])
    threading.Thread(target=_warm, args=(backend, Web.of(app)), daemon=True).start()
    edge = Edge(app, config)
    _spare_the_collector()
    return edge


def _spare_the_collector() -> None:
    """What was loaded stays for good, and requests leave no cycles: look for garbage seldom, and not there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _warm(backend: Backend, web: Web) -> None:
    """Start the workers and count for the description before the first request; without a store there is nothing."""
    with contextlib.suppress(ZonegraphError):
        if isinstance(backend, LocalBackend):
            backend.warm()
        executables()
        statistics_of(web).get(backend.version(), wait=0)
