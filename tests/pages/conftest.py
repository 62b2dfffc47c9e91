"""The shipped graph, built once; pages of it by a client in this process, and by a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from zonegraph.cli import main
from zonegraph.web import Config, LocalBackend, create_app
from zonegraph.web.pages import blueprint

from .server import Site, start


@pytest.fixture(scope="session")
def real_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the shipped seeds."""
    folder = tmp_path_factory.mktemp("pages") / "store"
    found = CliRunner().invoke(main, ["build", "--store", str(folder)])
    assert found.exit_code in {0, 3}, found.output
    return folder


@pytest.fixture(scope="session")
def client(real_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of the site, with no network in between."""
    config = Config(store=real_store, workers=1, reserve=0, spool=tmp_path_factory.mktemp("spool"))
    backend = LocalBackend(config)
    yield create_app(backend, config, [blueprint]).test_client(use_cookies=False)
    backend.close()


@pytest.fixture(scope="session")
def site(real_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A real server process with the shipped graph."""
    folder = tmp_path_factory.mktemp("site")
    running = start(Config(store=real_store, workers=2, reserve=1, spool=folder / "spool"), folder)
    yield running
    running.stop()
