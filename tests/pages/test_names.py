"""Search over many names does little enough to suggest while one types."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from zonegraph.names import ZG, ZGI
from zonegraph.search import INDEX_NAME, NameSearch, build_index, lookup

_CITIES = ("乌鲁木齐", "克拉玛依", "吐鲁番", "重庆", "广州", "苏州", "昆山", "宁波", "青岛", "西安")
_KINDS = ("经济技术开发区", "高新技术产业开发区", "国际陆港区", "科技有限公司", "物流股份有限公司")
#: Chinese names are slow to index, not to find: most of the hundred thousand are English.
CHINESE = 15_000
#: Thousands of steps of SQLite's machine for one query: reading all names would take more than a thousand.
MOST_STEPS = 100
QUERIES = (
    "烏魯木齊第500",
    "经开区",
    "chongqing",
    "克拉玛依高新区",
    "第9999",
    "zone 99999",
    "company",
    "zzz",
    "ningbodi",
)


def _name(n: int) -> ox.Literal:
    if n < CHINESE:
        return ox.Literal(f"{_CITIES[n % 10]}第{n}{_KINDS[n % 5]}", language="zh-hans")
    return ox.Literal(f"Zone {n} Development Company", language="en")


class Many:
    """A store of a hundred thousand names."""

    def select(self, text: str) -> list[dict[str, ox.NamedNode | ox.Literal]]:
        if "?name" in text:
            return [
                {
                    "iri": ox.NamedNode(f"{ZGI}zone/{n}"),
                    "name": _name(n),
                    "preferred": ox.Literal(value=True),
                }
                for n in range(100_000)
            ]
        if "denotes" in text:
            return []
        kind = ox.NamedNode(ZG + "FunctionalZone")
        return [{"iri": ox.NamedNode(f"{ZGI}zone/{n}"), "type": kind} for n in range(100_000)]


@pytest.mark.slow
@pytest.mark.parametrize("query", QUERIES)
def test_a_hundred_thousand_names(many: NameSearch, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[None] = []
    connect = sqlite3.connect

    def watched(*given: Any, **named: Any) -> sqlite3.Connection:
        database = connect(*given, **named)
        database.set_progress_handler(lambda: steps.append(None), 1000)
        return database

    monkeypatch.setattr(lookup.sqlite3, "connect", watched)
    found = many.find(query)
    assert bool(found) == (query != "zzz")
    assert len(steps) < MOST_STEPS


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> NameSearch:
    """An index of a hundred thousand names."""
    path: Path = tmp_path_factory.mktemp("many") / INDEX_NAME
    build_index(Many(), path)  # type: ignore[arg-type]
    return NameSearch(path)
