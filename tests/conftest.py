"""Shared fixtures: where things lie, the shipped plan, small seeds made in the test."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zonegraph.build import BuildOptions, build
from zonegraph.build.stages import default_stages
from zonegraph.plan import Plan, Sources, compile_plan
from zonegraph.resources import data_dir
from zonegraph.seeds import Seed, parse_seed

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


def need(path: Path, what: str) -> Path:
    """A folder beside the project: absent, the test is skipped by a plain message, except where CI must have it."""
    if not path.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{what} are not beside the project")
        pytest.skip(f"{what} are not beside the project")
    return path


@pytest.fixture(scope="session")
def texts() -> Path:
    """The four source texts."""
    return need(SHARED / "seeds", "the source texts")


@pytest.fixture(scope="session")
def plan() -> Plan:
    """The shipped ontology and registry, compiled."""
    return compile_plan(Sources.from_dirs(data_dir("ontology"), data_dir("seeds")))


SeedMaker = Callable[..., Seed]


class Maker:
    """Builds a seed over a text given in the test; slices are found in it."""

    def __init__(self, text: str, **header: Any) -> None:
        self.text = text
        data = text.encode("utf-8")
        self.records: list[dict[str, Any]] = [
            {
                "kind": "doc",
                "id": "t",
                "sha256": hashlib.sha256(data).hexdigest(),
                "length": len(text),
                "lang": "zh-Hans",
                "issued": "2019-09",
                **header,
            }
        ]

    def mention(self, id: str, type: str, slice: str, **more: Any) -> Maker:  # noqa: A002
        """A mention of the first occurrence of a slice."""
        begin = self.text.index(slice)
        spans = [[begin, begin + len(slice)]]
        self.records.append({"kind": "mention", "id": id, "type": type, "spans": spans, "text": slice, **more})
        return self

    def event(self, id: str, type: str, **more: Any) -> Maker:  # noqa: A002
        """An event record."""
        self.records.append({"kind": "event", "id": id, "type": type, **more})
        return self

    def lines(self) -> bytes:
        """The seed file."""
        return b"".join(json.dumps(r, ensure_ascii=False).encode("utf-8") + b"\n" for r in self.records)

    def seed(self) -> Seed:
        """The seed, parsed."""
        return parse_seed(self.lines(), "t.jsonl")


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
