"""Shared fixtures: where things lie, the shipped plan, small seeds made in the test."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from support import SHARED, Maker, need
from zonegraph.build import BuildOptions, build
from zonegraph.build.stages import default_stages
from zonegraph.plan import Plan, Sources, compile_plan
from zonegraph.resources import data_dir


@pytest.fixture(scope="session")
def texts() -> Path:
    """The four source texts."""
    return need(SHARED / "seeds", "the source texts")


@pytest.fixture(scope="session")
def plan() -> Plan:
    """The shipped ontology and registry, compiled."""
    return compile_plan(Sources.from_dirs(data_dir("ontology"), data_dir("seeds")))


@pytest.fixture
def maker() -> type[Maker]:
    """The `Maker`."""
    return Maker


@pytest.fixture(scope="session")
def shipped_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store built from the shipped seeds: once for all test processes. Read it; copy it to change it."""
    shared = tmp_path_factory.getbasetemp()
    # under xdist each process has a folder of its own below a common one
    root = shared.parent if os.environ.get("PYTEST_XDIST_WORKER") else shared
    store = root / "shipped-store"
    with (root / "shipped-store.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (store / "current").exists():
            ontology, queries = data_dir("ontology"), data_dir("queries")
            stages = default_stages(ontology, queries)
            build(BuildOptions(store=store, seeds=data_dir("seeds"), ontology=ontology, stages=stages))
    return store
