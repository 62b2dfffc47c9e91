"""The files, read by the libraries of the tools that open them: counts, labels, kinds, dates, parallels, Chinese."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from lxml import etree

from zonegraph.graph import ExportOptions, export_graph, lint_file
from zonegraph.names import ZGI
from zonegraph.store import StoreDir

from .graph_tools import HOSTILE, as_bytes, missing, needs

NORTH, WINDMILL = "zgi:zone.north", "zgi:firm.windmill"
NODES, EDGES = 15, 22
JGRAPHT = Path("/usr/share/java/jgrapht-io.jar")
KINDS = Counter(
    AdministrativeIntegration=1, Alliance=1, BorderPort=1, DevelopmentZone=1, District=1, Enterprise=3,
    HighTechZone=1, IntegratedUnit=1, Person=1, Place=2, TransportService=1, Establishment=1,
)  # fmt: skip


def by_id(items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {item["id"]: item for item in items}


def check_graph(nodes: list[dict[str, Any]], edges: list[dict[str, Any]], count: int = EDGES) -> None:
    """What every reader must hand back."""
    assert (len(nodes), len(edges)) == (NODES, count)
    found = by_id(nodes)
    assert len(found) == NODES
    assert Counter(node["kind"] for node in nodes) == KINDS
    assert found[NORTH]["label"] == "北岭开发区"
    assert found[NORTH]["label_zh_hant"] == "北嶺開發區"
    assert found["zgi:firm.hostile"]["label"] == HOSTILE
    assert found["zgi:firm.nameless"]["label"] == "zgi:firm.nameless"
    assert {edge["from"] for edge in edges} | {edge["to"] for edge in edges} <= set(found)
    between = Counter(edge["kind"] for edge in edges if (edge["from"], edge["to"]) == (WINDMILL, NORTH))
    assert between == ({"attracted": 2, "listed": 1} if count == EDGES else {"attracted": 1, "listed": 1})
    holding = next(edge for edge in edges if edge["kind"] == "OfficeHolding")
    assert (holding["from"], holding["to"], holding["titleAsWritten"]) == ("zgi:person.li", NORTH, "主任")
    merger = [edge for edge in edges if edge["kind"] == "integrates"]
    assert {(edge["start"], edge["end"]) for edge in merger} == {("2011-01-02", "2011-01-02")}


def test_gephi_lite_reads_gexf(export, read_js) -> None:
    path, report = export("gexf")
    read = read_js("gexf", path)
    assert (read["type"], report.merged) == ("directed", 1)
    check_graph(read["nodes"], read["edges"], EDGES - 1)
    north = by_id(read["nodes"])[NORTH]
    assert north["gdp__cny_latest"] == 23456789012.5
    assert north["color"].startswith("rgb(")
    assert north["kinds"] == ["DevelopmentZone", "Place", "TerritorialUnit"]
    merged = next(edge for edge in read["edges"] if edge["kind"] == "attracted" and edge["from"] == WINDMILL)
    assert (merged["relations"], merged["weight"]) == (2, 2)
    assert merged["agreedAmount"] == ["500000000", "700000000"]
    assert len(merged["merged_from"]) == 2


def test_gephi_lite_reads_graphml(export, read_js) -> None:
    path, _ = export("graphml")
    read = read_js("graphml", path)
    check_graph(read["nodes"], read["edges"])
    assert by_id(read["nodes"])[NORTH]["national"] is True
    assert len({edge["id"] for edge in read["edges"]}) == EDGES


def test_cytoscape_js_reads_cyjs(export, read_js) -> None:
    path, _ = export("cyjs")
    read = read_js("cyjs", path)
    check_graph(read["nodes"], read["edges"])
    north = by_id(read["nodes"])[NORTH]
    assert north["area"] == 480
    assert north["gdp__cny_series"] == ["2010-01-01/2010-12-31: 11300000000", "2012-01-01/2012-12-31: 23456789012.5"]


def test_gexf_spells_and_series_are_full_days(export) -> None:
    path, _ = export("gexf")
    root = etree.parse(path).getroot()
    space = {"g": "http://gexf.net/1.3", "viz": "http://gexf.net/1.3/viz"}
    spells = root.xpath(f'//g:edge[@source="{WINDMILL}"][@kind="attracted"]/g:spells/g:spell', namespaces=space)
    assert [dict(spell.attrib) for spell in spells] == [
        {"start": "2010-01-01", "end": "2010-12-31"},
        {"start": "2012-01-01", "end": "2012-12-31"},
    ]
    values = root.xpath(f'//g:node[@id="{NORTH}"]//g:attvalue[@for="gdp__cny"]', namespaces=space)
    assert [(v.get("start"), v.get("end"), v.get("value")) for v in values] == [
        ("2010-01-01", "2010-12-31", "11300000000"),
        ("2012-01-01", "2012-12-31", "23456789012.5"),
    ]
    open_end = root.xpath('//g:edge[@source="zgi:firm.hostile"]/g:spells/g:spell', namespaces=space)
    assert [dict(spell.attrib) for spell in open_end] == [{"start": "2013-01-01"}]
    assert len(root.xpath("//g:node/viz:color", namespaces=space)) == NODES


def test_gexf_declares_dynamic_attributes_before_static_ones(export) -> None:
    path, _ = export("gexf")
    modes = [block.get("mode") for block in etree.parse(path).iter("{*}attributes") if block.get("class") == "node"]
    assert modes == ["dynamic", "static"]


def test_gexf_keeps_every_digit_of_a_weight(export, read_js, tmp_path: Path) -> None:
    profile = tmp_path / "weighty"
    profile.mkdir()
    (profile / "nodes.rq").write_text("SELECT ?node ?kind { GRAPH ?g { ?node a ?kind } }", encoding="utf-8")
    (profile / "edges.rq").write_text(
        "PREFIX zg: <https://w3id.org/zonegraph/ontology#> SELECT ?source ?kind ?target ?weight "
        "{ GRAPH ?g { ?source zg:adjacentTo ?target } BIND(zg:adjacentTo AS ?kind) BIND(12345678.25 AS ?weight) }",
        encoding="utf-8",
    )
    path, _ = export("gexf", profile=str(profile))
    assert [edge["weight"] for edge in read_js("gexf", path)["edges"]] == [12345678.25]


def test_networkx_reads_graphml_with_parallel_edges(export) -> None:
    path, _ = export("graphml")
    read = nx.read_graphml(path, force_multigraph=True)
    nodes = [{"id": key, **data} for key, data in read.nodes(data=True)]
    edges = [{"from": s, "to": t, **data} for s, t, data in read.edges(data=True)]
    check_graph(nodes, edges)


@pytest.fixture(scope="module")
def graphml_schema() -> etree.XMLSchema:
    """GraphML's own schema, as JGraphT carries it."""
    if not JGRAPHT.exists():
        missing("libjgrapht-java")
    jar = zipfile.ZipFile(JGRAPHT)

    class FromJar(etree.Resolver):
        def resolve(self, url: str, pubid: str, context: Any) -> Any:
            return self.resolve_string(jar.read(url.rsplit("/", 1)[-1]), context, base_url=url)

    parser = etree.XMLParser()
    parser.resolvers.add(FromJar())
    return etree.XMLSchema(etree.fromstring(jar.read("graphml.xsd"), parser, base_url="graphml.xsd"))


@pytest.mark.parametrize(
    "options",
    [{}, {"profile": "events"}, {"profile": "raw"}, {"as_of": "2012-06-30"}, {"center": "zone/north", "hops": 1}],
    ids=str,
)
def test_graphml_is_valid_by_the_schema(export, graphml_schema: etree.XMLSchema, options: dict[str, Any]) -> None:
    path, _ = export("graphml", **options)
    graphml_schema.assertValid(etree.parse(path))


def test_plain_graphml_has_nothing_of_yed(export) -> None:
    path, _ = export("graphml")
    assert b"yworks" not in path.read_bytes()


def test_ndex_reads_cx2(export) -> None:
    ndex2 = pytest.importorskip("ndex2.cx2")
    path, _ = export("cx2")
    network = ndex2.RawCX2NetworkFactory().get_cx2network(json.loads(path.read_text(encoding="utf-8")))
    nodes = [node["v"] for node in network.get_nodes().values()]
    keys = {number: node["v"]["id"] for number, node in network.get_nodes().items()}
    edges = [{"from": keys[edge["s"]], "to": keys[edge["t"]], **edge["v"]} for edge in network.get_edges().values()]
    for item in nodes + edges:
        item["label"] = item["name"]
    check_graph(nodes, edges)


def shown(text: str) -> str:
    """What Graphviz shows for an escString with entities."""
    out, position = [], 0
    while position < len(text):
        if text[position] == "\\":
            out.append({"n": "\n"}.get(text[position + 1], text[position + 1]))
            position += 2
        else:
            out.append(text[position])
            position += 1
    return "".join(out).replace("&amp;", "&")


def test_dot_reads_dot(export) -> None:
    path, _ = export("dot")
    done = subprocess.run([needs("dot"), "-Tdot_json", str(path)], capture_output=True, check=True)
    read = json.loads(done.stdout)
    names = {node["_gvid"]: node["name"] for node in read["objects"]}
    nodes = [
        {
            "id": node["name"],
            "label": shown(node["label"]),
            "kind": node["zg_kind"],
            "label_zh_hant": node.get("zg_label_zh_hant"),
        }
        for node in read["objects"]
    ]
    edges = [
        {
            "from": names[edge["tail"]],
            "to": names[edge["head"]],
            "kind": edge["zg_kind"],
            "titleAsWritten": edge.get("zg_titleAsWritten"),
            "start": edge.get("zg_start"),
            "end": edge.get("zg_end"),
        }
        for edge in read["edges"]
    ]
    check_graph(nodes, edges)


def test_svg_shows_chinese(export) -> None:
    needs("dot")
    path, _ = export("svg", center="zone/north", hops=1)
    text = "".join(etree.parse(path).getroot().itertext())
    assert "北岭开发区" in text
    assert "区政合一" in text


def test_ogr_reads_geojson(export) -> None:
    path, _ = export("geojson")
    done = subprocess.run([needs("ogrinfo"), "-ro", "-al", "-q", str(path)], capture_output=True, check=True)
    text = done.stdout.decode()
    assert text.count("OGRFeature(") == 7
    assert "LINESTRING (106.5 29.6,82.56 45.18,6.76 51.43)" in text
    assert "POINT (87.5 43.85)" in text
    assert "label (String) = 北岭开发区" in text
    assert "start (Date) = 2013/01/01" in text
    assert "ongoing (Integer(Boolean)) = 1" in text


def test_the_map_draws_routes_and_places(export) -> None:
    path, _ = export("map")
    root = etree.parse(path).getroot()
    assert len(list(root.iter("{*}circle"))) == 4
    (route,) = [line for line in root.iter("{*}path") if line.get("stroke-width")]
    assert route.get("d").count("L") == 2
    assert "塔山口岸" in "".join(root.itertext())


def test_kepler_trips_have_increasing_times(export) -> None:
    path, _ = export("geojson", kepler=True)
    (trip,) = json.loads(path.read_text(encoding="utf-8"))["features"]
    times = [position[3] for position in trip["geometry"]["coordinates"]]
    assert times == sorted(times)
    assert times[0] == 1356998400
    assert all(isinstance(time, int) for time in times)


def test_vega_lite_compiles_and_draws(export, read_js) -> None:
    path, report = export("vega")
    assert report.files == ("observations.csv", "gdp__cny.vl.json", "trains__train.vl.json")
    read = read_js("vega", path / "gdp__cny.vl.json")
    rows = read["rows"]["source_0"]
    assert len(rows) == 5
    assert {row["subject_label"] for row in rows} == {"北岭开发区"}
    assert "地区生产总值 (元)" in read["svg"]
    assert len(read_js("vega", path / "trains__train.vl.json")["rows"]["source_0"]) == 1


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_gephi_tables(export) -> None:
    path, report = export("csv")
    nodes, edges = rows(path / "nodes.csv"), rows(path / "edges.csv")
    assert (len(nodes), len(edges), report.merged) == (NODES, EDGES - 1, 1)
    assert {edge["Type"] for edge in edges} == {"Directed"}
    attracted = next(e for e in edges if e["Source"] == WINDMILL and e["Kind"] == "attracted")
    assert attracted["Interval"] == "<[2010-01-01,2010-12-31];[2012-01-01,2012-12-31]>"
    assert attracted["Weight"] == "2"
    hostile = next(node for node in nodes if node["Id"] == "zgi:firm.hostile")
    assert hostile["Label"] == HOSTILE
    assert not (path / "nodes.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_tables_with_a_mark_for_excel(export) -> None:
    path, _ = export("csv", bom=True)
    assert (path / "nodes.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_neo4j_tables(export) -> None:
    path, _ = export("neo4j")
    nodes, edges = rows(path / "nodes.csv"), rows(path / "relationships.csv")
    assert (len(nodes), len(edges)) == (NODES, EDGES)
    assert len({node["id:ID"] for node in nodes}) == NODES
    north = next(node for node in nodes if node["id:ID"] == NORTH)
    assert north[":LABEL"].split(";") == ["DevelopmentZone", "Place", "TerritorialUnit"]
    assert north["national:boolean"] == "true"
    assert sum(edge[":TYPE"] == "attracted" for edge in edges) == 3


def test_mermaid_keeps_every_relation(export) -> None:
    path, _ = export("mermaid")
    text = path.read_text(encoding="utf-8")
    assert text.count(" -->|") == EDGES
    assert "北岭开发区" in text
    assert "<tagged>" not in text


@pytest.mark.parametrize("form", ["gexf", "graphml", "yed", "cyjs", "cx2", "geojson", "csv", "neo4j"])
@pytest.mark.parametrize("profile", ["domain", "events", "raw"])
def test_every_file_passes_the_lint(export, form: str, profile: str) -> None:
    path, _ = export(form, profile=profile)
    assert lint_file(path) == []


def test_a_zip_holds_the_same_tables(world, export) -> None:
    path, _ = export("csv")
    archive = zipfile.ZipFile(io.BytesIO(as_bytes(world, "csv")))
    assert archive.namelist() == ["nodes.csv", "edges.csv"]
    assert archive.read("edges.csv") == (path / "edges.csv").read_bytes()


def test_no_line_of_a_chart_crosses_a_break_in_its_series(shipped_store: Path, tmp_path: Path) -> None:
    options = ExportOptions(center=f"{ZGI}unit/urumqi-htdz-xinshi", hops=0)
    export_graph(StoreDir(shipped_store).current().open(), "vega", options, tmp_path)
    rows = csv.DictReader(io.StringIO((tmp_path / "observations.csv").read_text("utf-8"), newline=""))
    gdp = {row["period"]: row["series_break"] for row in rows if row["indicator"] == "gdp" and not row["variant"]}
    assert gdp == {"2010": "true", "2018": "", "2019": ""}
    chart = json.loads((tmp_path / "gdp__cny.vl.json").read_text("utf-8"))
    assert chart["encoding"]["detail"] == {"field": "continuity"}
