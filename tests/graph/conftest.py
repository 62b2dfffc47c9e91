"""The small world as a store, its exports, and the readers of other tools."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zonegraph.graph import FORMATS, ExportOptions, ExportReport, export_graph

from .graph_tools import HERE, JS, Source, load, missing, needs


@pytest.fixture(scope="session")
def world() -> Source:
    return load((HERE / "world.trig").read_bytes())


Exporter = Callable[..., tuple[Path, ExportReport]]


@pytest.fixture
def export(world: Source, tmp_path: Path) -> Exporter:
    """Write one format of the small world to a path with its usual ending."""

    def write(form: str, store: Source = world, **options: Any) -> tuple[Path, ExportReport]:
        chosen = FORMATS[form]
        path = tmp_path / (form if chosen.multi else f"graph.{chosen.extension}")
        return path, export_graph(store, form, ExportOptions(**options), path)

    return write


@pytest.fixture(scope="session")
def read_js() -> Callable[[str, Path], Any]:
    """Read a file with the npm library of the tool."""
    node = needs("node")
    if not (JS / "node_modules").is_dir():
        missing("the npm readers (npm ci in tests/js)")

    def read(form: str, path: Path) -> Any:
        done = subprocess.run([node, str(JS / "read.mjs"), form, str(path)], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    return read
