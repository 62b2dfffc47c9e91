"""The lint: each rule has a file that breaks it, and the entry point that writes files behaves."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from zonegraph.errors import ExportError, StoreError, UsageError
from zonegraph.graph import FORMATS, ExportOptions, export_graph, lint_file
from zonegraph.graph.lint import Finding, column_findings, node_findings
from zonegraph.graph.model import Column, Node, Spell

from .graph_tools import Source

HEAD = (
    '<gexf xmlns="http://gexf.net/1.3" version="1.3"><graph defaultedgetype="directed" mode="dynamic">'
    '<attributes class="node"><attribute id="kind" title="kind" type="string"/>{attribute}</attributes>'
    "<nodes>{nodes}</nodes><edges>{edges}</edges></graph></gexf>"
)
GOOD = '<node id="a" label="甲"><attvalues><attvalue for="kind" value="K"/></attvalues>{inside}</node>'
OTHER = '<node id="b" label="乙"><attvalues><attvalue for="kind" value="K"/></attvalues></node>'
EDGE = '<edge id="e1" source="a" target="b" kind="k"/>'


def rules(tmp_path: Path, *, attribute: str = "", nodes: str = "", edges: str = "", inside: str = "") -> set[str]:
    path = tmp_path / "g.gexf"
    path.write_text(HEAD.format(attribute=attribute, nodes=GOOD.format(inside=inside) + OTHER + nodes, edges=edges))
    return {finding.rule for finding in lint_file(path)}


def test_a_good_file_has_no_findings(tmp_path: Path) -> None:
    assert rules(tmp_path, edges=EDGE) == set()


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        ({"attribute": '<attribute id="u" title="u" type="anyURI"/>'}, "unknown-type"),
        ({"edges": '<edge id="e1" source="a" target="ghost" kind="k"/>'}, "dangling-end"),
        ({"edges": '<edge id="e1" source="a" target="b"/>'}, "no-kind"),
        ({"edges": '<edge id="e1" source="a" target="b" kind="k" type="undirected"/>'}, "not-directed"),
        ({"edges": EDGE + '<edge id="e2" source="a" target="b" kind="k"/>'}, "parallel"),
        ({"edges": '<edge id="a" source="a" target="b" kind="k"/>'}, "double-id"),
        (
            {"nodes": '<node id="zone/1" label="x"><attvalues><attvalue for="kind" value="K"/></attvalues></node>'},
            "bad-id",
        ),
        ({"nodes": '<node id="c"><attvalues><attvalue for="kind" value="K"/></attvalues></node>'}, "empty-label"),
        ({"inside": '<spells><spell start="2018"/></spells>'}, "partial-date"),
        ({"inside": '<spells><spell start="2018-06"/></spells>'}, "partial-date"),
        ({"inside": '<spells><spell start="2018-02-01" end="2018-01-01"/></spells>'}, "end-before-start"),
        ({"inside": '<spells><spell end="2018-02-01"/><spell start="2018-02-01"/></spells>'}, "overlap"),
    ],
)
def test_each_rule_is_found(tmp_path: Path, broken: dict[str, str], rule: str) -> None:
    assert rules(tmp_path, **broken) == {rule}


def test_graphml_with_edge_ids_twice_and_a_strange_type(tmp_path: Path) -> None:
    path = tmp_path / "g.graphml"
    path.write_text(
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
        '<key id="l" for="node" attr.name="label" attr.type="string"/>'
        '<key id="k" for="all" attr.name="kind" attr.type="string"/>'
        '<key id="n" for="node" attr.name="n" attr.type="integer"/>'
        '<graph edgedefault="directed"><node id="a"><data key="l">甲</data><data key="k">K</data></node>'
        '<edge id="0" source="a" target="a"><data key="k">K</data></edge>'
        '<edge id="0" source="a" target="a"><data key="k">K</data></edge>'
        "</graph></graphml>"
    )
    assert {finding.rule for finding in lint_file(path)} == {"unknown-type", "double-id", "bad-id"}


def test_files_that_are_no_graph(tmp_path: Path) -> None:
    for name, text, error in (
        ("g.gexf", "<gexf", ExportError),
        ("g.cyjs", "{", ExportError),
        ("g.cyjs", '{"elements": {}}', ExportError),
        ("g.gexf", '<!DOCTYPE x [<!ENTITY a "b">]><gexf/>', ExportError),
        ("g.txt", "", UsageError),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(error, match=name.replace(".", r"\.")):
            lint_file(tmp_path / name)
    with pytest.raises(UsageError):
        lint_file(tmp_path / "missing.gexf")


def test_reserved_names_and_doubles() -> None:
    found = list(
        column_findings(
            [Column("source", "string"), Column("area", "long"), Column("area", "long"), Column("start", "string")]
        )
    )
    assert [finding.rule for finding in found] == ["reserved-name", "double-column"]


def test_stream_findings_name_the_element() -> None:
    node = Node(
        "a", "i", "甲", "K", "#000000", 1.0, 0.0, 0.0, {}, {}, (Spell("2018-01-01", None), Spell("2018-06-01", None))
    )
    assert list(node_findings(node)) == [Finding("overlap", "a", "2018-06-01 to None overlaps the one before")]


def test_a_failed_export_leaves_the_old_file(world: Source, tmp_path: Path) -> None:
    path = tmp_path / "g.mmd"
    path.write_text("old")
    with pytest.raises(ExportError, match="too many"):
        export_graph(world, "mermaid", ExportOptions(profile="raw"), path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["g.mmd"]


def test_paths_that_cannot_be_written(world: Source, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        export_graph(world, "gexf", ExportOptions(), tmp_path)
    with pytest.raises(StoreError):
        export_graph(world, "gexf", ExportOptions(), tmp_path / "no" / "g.gexf")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError):
        export_graph(world, "csv", ExportOptions(), tmp_path / "file")


def test_unknown_formats_are_named(world: Source) -> None:
    with pytest.raises(UsageError, match=r"sif.*gexf"):
        export_graph(world, "sif", ExportOptions(), io.BytesIO())


def test_the_table_of_formats() -> None:
    assert {
        "gexf",
        "graphml",
        "yed",
        "csv",
        "neo4j",
        "cyjs",
        "cx2",
        "dot",
        "svg",
        "geojson",
        "vega",
        "mermaid",
        "canvas",
        "full",
    } <= set(FORMATS)
    for name, form in FORMATS.items():
        assert name == form.name
        assert form.title
        assert "/" in form.media_type


def test_the_report_reads_as_one_line(world: Source) -> None:
    line = export_graph(world, "gexf", ExportOptions(max_nodes=3), io.BytesIO()).as_line()
    assert line.startswith("gexf: 3 nodes, ")
    assert "11 collapsed, 3 kept" in line
    assert "left out 12 nodes" in line
