"""GraphML for yEd: shapes, colours, labels and places in yEd's own elements, which no other tool accepts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from zonegraph.graph.flat import flat_columns, flat_values
from zonegraph.graph.model import Column, Edge, Node, Value
from zonegraph.graph.writers.base import Format, Job, Part
from zonegraph.graph.writers.graphml import data, keys
from zonegraph.graph.writers.xml import escape

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:y="http://www.yworks.com/xml/graphml"\
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"\
 xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://www.yworks.com/xml/schema/graphml/1.1/ygraphml.xsd">
<key for="node" id="nodegraphics" yfiles.type="nodegraphics"/>
<key for="edge" id="edgegraphics" yfiles.type="edgegraphics"/>
"""
# yEd complains of attr.type="long"
_TYPES = {"long": "double"}
_KIND, _URL = Column("kind", "string"), Column("url", "string")
_HEIGHT = 30
_SPREAD = 4


def write(job: Job) -> Iterator[Part]:
    """One file."""
    yield Part("graph.yed.graphml", _chunks(job))


def _chunks(job: Job) -> Iterator[str]:
    graph = job.graph
    # what yEd opens on a click; the address of a node stands in ``iri`` too, so data of that name go first
    own = () if any(column.name == _URL.name for column in graph.node_columns) else (_URL,)
    yield _HEAD
    yield from keys("n", "node", (_KIND, *own, *flat_columns(graph.node_columns)), _TYPES)
    yield from keys("e", "edge", (_KIND, Column("weight", "double"), *flat_columns(graph.edge_columns)), _TYPES)
    yield '<graph id="zonegraph" edgedefault="directed">\n'
    yield from (_node(node, {"kind": node.kind} | {column.name: node.iri for column in own}) for node in graph.nodes())
    yield from map(_edge, graph.edges())
    yield "</graph>\n</graphml>\n"


def _node(node: Node, own: Mapping[str, Value]) -> str:
    width = max(60, 14 * min(len(node.label), 24) + 20)
    x, y = round(node.x * _SPREAD - width / 2, 1), round(node.y * _SPREAD - _HEIGHT / 2, 1)
    return (
        f'<node id="{node.id}">{data("n", own)}{data("n", flat_values(node))}'
        f'<data key="nodegraphics"><y:ShapeNode><y:Geometry height="{_HEIGHT}" width="{width}" x="{x}" y="{y}"/>'
        f'<y:Fill color="{node.color}" transparent="false"/><y:BorderStyle color="#333333" type="line" width="1.0"/>'
        f'<y:NodeLabel fontFamily="Dialog" fontSize="12">{escape(node.label)}</y:NodeLabel>'
        '<y:Shape type="roundrectangle"/></y:ShapeNode></data></node>\n'
    )


def _edge(edge: Edge) -> str:
    values = data("e", {"kind": edge.kind, "weight": float(edge.weight)}) + data("e", flat_values(edge))
    return (
        f'<edge id="{edge.id}" source="{edge.source}" target="{edge.target}">{values}'
        f'<data key="edgegraphics"><y:PolyLineEdge><y:LineStyle color="{edge.color}" type="line" width="1.0"/>'
        '<y:Arrows source="none" target="standard"/>'
        f'<y:EdgeLabel fontFamily="Dialog" fontSize="10">{escape(edge.label)}</y:EdgeLabel>'
        "</y:PolyLineEdge></data></edge>\n"
    )


FORMAT = Format(
    name="yed",
    title="GraphML with yEd's shapes and labels",
    extension="yed.graphml",
    media_type="application/graphml+xml",
    write=write,
)
