"""Mermaid charts, drawn by mermaid itself in Chromium with its own defaults: every thing, link and label is seen."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from zonegraph.errors import ExportError
from zonegraph.graph import FORMATS
from zonegraph.graph.writers.mermaid import LONGEST

from .graph_tools import JS, Source, as_bytes, missing, needs

ID, ONTOLOGY = "https://w3id.org/zonegraph/id/thing/", "https://w3id.org/zonegraph/ontology#"
LABEL = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
TERMS = ox.NamedNode("https://w3id.org/zonegraph/graph/ontology")
FACTS = ox.NamedNode("https://w3id.org/zonegraph/graph/registry")
LABELS = [
    "乌鲁木齐经济技术开发区（头屯河区）", "烏魯木齊", "שלום عربي", "\u202bשלום\u202c", "🏭🚄", "e\u0301", "end", "END",
    "graph", "subgraph x", "default", "n0", "direction TB", "a direction\nLR b", "click n0 call alert(1)",
    "linkStyle 0 x", "accTitle: x", ":::k1", "a -->|x| b", "a|b", "a;b;c", "#35;", "#quot;", "&lt;&#35;&nbsp;",
    "style:#1;", "classDef a:#5;", "style a:b#c;", "fa:fa-car", "fab:fa-x fa-y", '"double"', "'single'", "`md`",
    "`**md**`", "<b>x</b>", "a<br>b", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!--", "--> x",
    "]]>", "[x](http://example.org)", "http://example.org/a?b=c&d", "a@b.c", "1. one", "1) one", "- item", "* star",
    "+ plus", "# head", "> quote", "---", "===", "~~x~~", "_a_ __b__", "**b**", "$$x^2$$", "%% x", "%%{init: {}}%%",
    "{{x}}", "@{ shape: x }", "\\", "a\\nb", "a\n\nb\r\nc\td", " spaced ", "    indented", "a\u2028b", "=1+1", "%00",
]  # fmt: skip

Draw = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def draw() -> Draw:
    """Draw charts in one browser; what each shows."""
    node = needs("node")
    if not (JS / "node_modules" / "mermaid").is_dir():
        missing("the npm readers (npm ci in tests/js)")
    if not Path(os.environ.get("CHROMIUM", "/usr/bin/chromium")).exists():
        missing("Chromium")

    def run(*files: Path) -> list[dict[str, Any]]:
        done = subprocess.run([node, str(JS / "mermaid.mjs"), *map(str, files)], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    return run


def things(labels: list[str]) -> Source:
    """A store of things with these labels."""
    store = ox.Store()
    for number, text in enumerate(labels):
        thing = ox.NamedNode(f"{ID}{number:03}")
        store.add(ox.Quad(thing, TYPE, ox.NamedNode(f"{ONTOLOGY}Thing"), FACTS))
        store.add(ox.Quad(thing, LABEL, ox.Literal(text), FACTS))
    return Source(store)


def ring(labels: list[str]) -> Source:
    """Things with these labels, each linked to the next one by a property with the same label."""
    source = things(labels)
    for number, text in enumerate(labels):
        link = ox.NamedNode(f"{ONTOLOGY}link{number:03}")
        here, after = (ox.NamedNode(f"{ID}{at % len(labels):03}") for at in (number, number + 1))
        source.raw.add(ox.Quad(link, TYPE, ox.NamedNode("http://www.w3.org/2002/07/owl#ObjectProperty"), TERMS))
        source.raw.add(ox.Quad(link, LABEL, ox.Literal(text), TERMS))
        source.raw.add(ox.Quad(here, link, after, FACTS))
    return source


def shown(text: str) -> str:
    """A label as HTML shows it: its lines, with spaces run together."""
    lines = re.split("\r\n|[\r\n]", text)
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def expected(store: Source) -> tuple[list[tuple[str, str, str]], Counter[tuple[str, str, str]]]:
    """What a chart must show, from an export that another test reads: numbered nodes, and links between them."""
    elements = json.loads(as_bytes(store, "cyjs"))["elements"]
    nodes = [item["data"] for item in elements["nodes"]]
    names = {node["id"]: f"n{number}" for number, node in enumerate(nodes)}
    links = (item["data"] for item in elements["edges"])
    return (
        [(names[node["id"]], shown(node["label"]), rgb(node["color"])) for node in nodes],
        Counter((names[link["source"]], names[link["target"]], shown(link["label"])) for link in links),
    )


def rgb(color: str) -> str:
    return f"rgb({', '.join(str(int(color[at : at + 2], 16)) for at in (1, 3, 5))})"


def seen(chart: dict[str, Any]) -> tuple[list[tuple[str, str, str]], Counter[tuple[str, str, str]]]:
    nodes = [(node["id"], shown(node["label"]), node["fill"]) for node in chart["nodes"]]
    nodes.sort(key=lambda node: int(node[0][1:]))
    return nodes, Counter((edge["from"], edge["to"], shown(edge["label"])) for edge in chart["edges"])


def marks(chart: dict[str, Any]) -> set[str]:
    """The elements inside labels."""
    parts: Iterable[dict[str, Any]] = (*chart["nodes"], *chart["edges"])
    return {mark for part in parts for mark in part["marks"]}


def drawing(store: Source, path: Path) -> Path:
    path.write_bytes(as_bytes(store, "mermaid"))
    return path


@pytest.mark.slow
@pytest.mark.browser
def test_mermaid_draws_every_thing_link_and_label(world: Source, draw: Draw, tmp_path: Path) -> None:
    stores = {"world": world, "hostile": ring(LABELS), "longest": longest()}
    charts = draw(*(drawing(store, tmp_path / f"{name}.mmd") for name, store in stores.items()))
    for chart, store in zip(charts, stores.values(), strict=True):
        assert seen(chart) == expected(store)
        assert marks(chart) <= {"p", "br"}
        assert chart["faults"] == []
        assert chart["securityLevel"] == "strict"
        assert chart["maxTextSize"] == LONGEST
        assert chart["maxEdges"] > (FORMATS["mermaid"].limit or 0)
    assert [(len(chart["nodes"]), len(chart["edges"])) for chart in charts[:2]] == [(15, 22), (len(LABELS),) * 2]


def units(store: Source) -> int:
    """How long a chart is for mermaid."""
    return len(as_bytes(store, "mermaid").decode().encode("utf-16-le")) // 2


def longest(more: int = 0) -> Source:
    """Things whose chart is as long as mermaid takes it, and ``more``."""
    labels = ["车🚄" * 700] * 20
    return things([*labels, "车" * (LONGEST - units(things([*labels, "车"])) + 1 + more)])


def test_a_chart_too_long_for_mermaid_is_refused() -> None:
    assert units(longest()) == LONGEST
    with pytest.raises(ExportError, match="longer than the 50000 characters") as caught:
        units(longest(1))
    assert caught.value.code == "export-too-large"


def test_a_link_without_a_label_has_no_empty_one() -> None:
    assert '|""|' not in as_bytes(ring([" ", "b"]), "mermaid").decode()
