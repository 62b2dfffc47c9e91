"""GraphML for yEd, held to what yEd itself writes and reads: keys, shapes, labels and places, and the plain data."""

from __future__ import annotations

import json
import math
from typing import Any

import networkx as nx
import pyoxigraph as ox
import pytest
from lxml import etree

from .graph_tools import HOSTILE, Source, as_bytes
from .test_export_hostile import GRAPH, NASTY, ZG, ZGI, store_of

G, Y = "{http://graphml.graphdrawing.org/xmlns}", "{http://www.yworks.com/xml/graphml}"
#: The children of a shape and of a line, in the order in which yEd's schema has them.
SHAPE = [f"{Y}{name}" for name in ("Geometry", "Fill", "BorderStyle", "NodeLabel", "Shape")]
LINE = [f"{Y}{name}" for name in ("LineStyle", "Arrows", "EdgeLabel")]
#: Types at which yEd does not complain.
TYPES = {"string", "int", "float", "double", "boolean"}


def read(store: Source, **options: Any) -> etree._Element:
    return etree.fromstring(as_bytes(store, "yed", **options))


def graphics(element: etree._Element) -> etree._Element:
    """What yEd draws of a node or an edge."""
    (drawn,) = element.iterfind(f"{G}data[@key='{etree.QName(element).localname}graphics']/*")
    return drawn


def check_keys(root: etree._Element) -> None:
    """Every key once, of a type that yEd knows; data only of declared keys and each once."""
    keys = {key.get("id"): key for key in root.iterfind(f"{G}key")}
    assert len(keys) == len(root.findall(f"{G}key"))
    for name, key in keys.items():
        drawing = key.get("yfiles.type")
        assert (drawing == name) if drawing else (key.get("attr.type") in TYPES and key.get("attr.name"))
    named = [(key.get("for"), key.get("attr.name")) for key in keys.values() if key.get("attr.name")]
    assert len(set(named)) == len(named)
    for element in root.iter(f"{G}node", f"{G}edge"):
        used = [data.get("key") for data in element.iterfind(f"{G}data")]
        assert len(set(used)) == len(used)
        assert {keys[key].get("for") for key in used} == {etree.QName(element).localname}


def check_drawings(root: etree._Element) -> None:
    """Each node a shape and each edge a line, with their parts in order and a label."""
    for node in root.iter(f"{G}node"):
        shape = graphics(node)
        assert (shape.tag, [part.tag for part in shape]) == (f"{Y}ShapeNode", SHAPE)
        place = shape.find(f"{Y}Geometry")
        assert all(float(place.get(name)) > 0 for name in ("width", "height"))
        assert all(math.isfinite(float(place.get(name))) for name in ("x", "y"))
        assert shape.findtext(f"{Y}NodeLabel").strip()
    for edge in root.iter(f"{G}edge"):
        line = graphics(edge)
        assert (line.tag, [part.tag for part in line]) == (f"{Y}PolyLineEdge", LINE)
        assert line.find(f"{Y}Arrows").get("target") == "standard"


def check_ids(root: etree._Element) -> None:
    """Ids of nodes and edges are unique, and every end is a node."""
    nodes = [node.get("id") for node in root.iter(f"{G}node")]
    edges = list(root.iter(f"{G}edge"))
    ids = nodes + [edge.get("id") for edge in edges]
    assert len(set(ids)) == len(ids)
    assert {edge.get(end) for edge in edges for end in ("source", "target")} <= set(nodes)
    assert root.find(f"{G}graph").get("edgedefault") == "directed"


@pytest.mark.parametrize(
    "options",
    [{}, {"profile": "events"}, {"profile": "raw"}, {"as_of": "2012-06-30"}, {"center": "zone/north", "hops": 1}],
    ids=str,
)
def test_yed_reads_the_whole_graph(world: Source, options: dict[str, Any]) -> None:
    root = read(world, **options)
    check_keys(root)
    check_drawings(root)
    check_ids(root)
    graph = json.loads(as_bytes(world, "cyjs", **options))["elements"]
    nodes = {node.get("id"): graphics(node).findtext(f"{Y}NodeLabel") for node in root.iter(f"{G}node")}
    assert nodes == {item["data"]["id"]: item["data"]["label"] for item in graph["nodes"]}
    edges = {edge.get("id"): graphics(edge).findtext(f"{Y}EdgeLabel") for edge in root.iter(f"{G}edge")}
    assert edges == {item["data"]["id"]: item["data"]["label"] for item in graph["edges"]}


def test_networkx_finds_shapes_and_places(world: Source) -> None:
    read_back = nx.parse_graphml(as_bytes(world, "yed").decode(), force_multigraph=True)
    assert (read_back.number_of_nodes(), read_back.number_of_edges()) == (15, 22)
    assert {data["shape_type"] for _, data in read_back.nodes(data=True)} == {"roundrectangle"}
    assert len({(data["x"], data["y"]) for _, data in read_back.nodes(data=True)}) == 15


def test_hostile_labels_stand_in_the_shapes() -> None:
    texts = [*NASTY, HOSTILE]
    root = read(store_of(texts))
    check_keys(root)
    check_drawings(root)
    labels = {node.get("id"): graphics(node).findtext(f"{Y}NodeLabel") for node in root.iter(f"{G}node")}
    assert labels == {f"zgi:thing.{number}": text for number, text in enumerate(texts)}


@pytest.mark.parametrize(("name", "link"), [("note", f"{ZGI}thing/0"), ("url", "http://example.org/")])
def test_a_node_opens_one_address(name: str, link: str) -> None:
    store = store_of(["a"])
    thing = ox.NamedNode(f"{ZGI}thing/0")
    store.raw.add(ox.Quad(thing, ox.NamedNode(f"{ZG}{name}"), ox.Literal("http://example.org/"), GRAPH))
    root = read(store)
    check_keys(root)
    (key,) = root.iterfind(f"{G}key[@attr.name='url']")
    assert root.findtext(f".//{G}data[@key='{key.get('id')}']") == link
    assert root.findtext(f".//{G}data[@key='n_iri']") == f"{ZGI}thing/0"
