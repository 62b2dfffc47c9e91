"""`serve`: the edge on granian, with as many processes as are wanted."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import shutil
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from zonegraph.errors import ZonegraphError
from zonegraph.web import pages
from zonegraph.web.app import create_app
from zonegraph.web.backend import Backend
from zonegraph.web.config import Config
from zonegraph.web.discovery import executables, statistics_of
from zonegraph.web.edge import Edge
from zonegraph.web.local import LocalBackend
from zonegraph.web.remote import RemoteBackend
from zonegraph.web.web import Web

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


def serve(config: Config) -> None:
    """Serve until told to stop (SIGINT, SIGTERM); running requests are answered first."""
    if config.writable:
        config.token()
    folder = Path(tempfile.mkdtemp(prefix="zonegraph-metrics-"))
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    os.environ[_CONFIG] = _as_text(config)
    try:
        _granian(config).serve()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_text(config: Config) -> str:
    """Settings as JSON for the server processes; what is not set is left out."""
    values = {name: value for name, value in asdict(config).items() if value is not None}
    return json.dumps(values, default=str)


def _granian(config: Config) -> Any:
    return Granian(
        "zonegraph.web.server:application",
        address=config.host,
        port=config.port,
        interface=Interfaces.ASGINL,
        workers=config.processes,
        log_access=False,
        websockets=False,
        http=HTTPModes.http1,
        respawn_failed_workers=True,
        workers_kill_timeout=int(config.grace_seconds),
        http1_settings=HTTP1Settings(header_read_timeout=int(config.client_seconds * 1000)),
        factory=True,
    )


def application() -> Edge:
    """The application of one server process, from the settings of `serve`."""
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
