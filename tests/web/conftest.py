"""A small world on disk, and a real server process over it."""

from __future__ import annotations

import dataclasses
import os
import pickle
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from zonegraph.store import StoreDir, VersionWriter
from zonegraph.web.config import Config

HERE = Path(__file__).parent
WORLD = HERE / "world.trig"
TOKEN = "test-token-0123456789abcdef"


def publish(folder: Path, trig: bytes) -> str:
    """A version with these quads, published; returns its id."""
    store_dir = StoreDir.from_path(folder)
    lines = ox.serialize(ox.parse(trig, format=ox.RdfFormat.TRIG), format=ox.RdfFormat.N_QUADS)
    with store_dir.lock(), VersionWriter(store_dir) as writer:
        if lines:
            writer.load_bytes(lines)
        version = writer.finish()
        store_dir.publish(version)
    return version.id


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store directory with the small world."""
    folder = tmp_path / "store"
    publish(folder, WORLD.read_bytes())
    return folder


@pytest.fixture(scope="session")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small world, for tests that only read."""
    folder = tmp_path_factory.mktemp("shared") / "store"
    publish(folder, WORLD.read_bytes())
    return folder


@dataclass
class Reply:
    """One HTTP answer."""

    status: int
    headers: Any
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    def __getitem__(self, name: str) -> str:
        return str(self.headers.get(name, ""))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


@dataclass
class Server:
    """A running server process."""

    config: Config
    process: subprocess.Popen[bytes]
    log: Path
    opener: urllib.request.OpenerDirector = field(
        default_factory=lambda: urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
    )

    @property
    def port(self) -> int:
        return self.config.port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, path: str, *, method: str = "GET", body: bytes | None = None, timeout: float = 60, **headers: str
    ) -> Reply:
        """One request; header names are written with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, data=body, method=method, headers=sent)
        if body is not None and "Content-Type" not in sent:
            request.add_unredirected_header("Content-Type", "")
        try:
            with self.opener.open(request, timeout=timeout) as found:
                return Reply(found.status, found.headers, found.read())
        except urllib.error.HTTPError as error:
            return Reply(error.code, error.headers, error.read())

    def query(self, text: str, timeout: float = 60, **headers: str) -> Reply:
        """A query by direct POST."""
        return self.ask(
            "/sparql", method="POST", body=text.encode(), timeout=timeout,
            Content_Type="application/sparql-query", **headers,
        )  # fmt: skip

    def update(self, text: str, token: str = TOKEN) -> Reply:
        """An update by direct POST."""
        return self.ask(
            "/sparql", method="POST", body=text.encode(),
            Content_Type="application/sparql-update", Authorization=f"Bearer {token}",
        )  # fmt: skip

    def connect(self) -> socket.socket:
        """A raw connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def stop(self) -> int:
        """Ask it to end."""
        self.process.terminate()
        return self.process.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pause(seconds: float = 0.02) -> None:
    threading.Event().wait(seconds)


def until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Poll for something that another process will bring about."""
    for _ in range(int(seconds / 0.02)):
        if condition():
            return True
        pause()
    return condition()


_MAIN = (
    "import pickle, sys\nfrom base64 import b64decode\nfrom zonegraph.web import serve\n"
    "if __name__ == '__main__':\n    serve(pickle.loads(b64decode(sys.argv[1])))\n"
)


def start(config: Config, folder: Path) -> Server:
    """Start a server and wait until it is ready."""
    settings = dataclasses.replace(config, port=config.port if config.port != 7878 else free_port())
    log = folder / f"server-{settings.port}.log"
    script = folder / "run_server.py"
    script.write_text(_MAIN)
    argument = b64encode(pickle.dumps(settings)).decode()
    with log.open("wb") as handle:
        process = subprocess.Popen(
            [sys.executable, str(script), argument], stdout=handle, stderr=handle, env={**os.environ}
        )
    server = Server(settings, process, log)

    def up() -> bool:
        try:
            return process.poll() is not None or server.ask("/health/live", timeout=2).status == 200
        except (urllib.error.URLError, OSError):
            return False

    assert until(up, 40), log.read_text()
    assert process.poll() is None, log.read_text()
    return server


@pytest.fixture
def run_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers with these settings; they are stopped afterwards."""
    running: list[Server] = []

    def launch(**settings: Any) -> Server:
        if settings.get("writable") and "token_file" not in settings:
            token = tmp_path / "token"
            token.write_text(TOKEN + "\n")
            settings["token_file"] = token
        spool = tmp_path / "spool"
        server = start(Config().with_values({"spool": spool, "workers": 2, **settings}), tmp_path)
        running.append(server)
        return server

    yield launch
    for server in running:
        server.stop()


@pytest.fixture(scope="session")
def server(shared_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A read-only server on the small world, for all tests that do not change it."""
    folder = tmp_path_factory.mktemp("server")
    running = start(Config().with_values({"store": shared_store, "spool": folder, "workers": 2}), folder)
    yield running
    running.stop()
