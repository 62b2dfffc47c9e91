"""Plain GraphML for Cytoscape, igraph, JGraphT, networkx, Gephi Lite (http://graphml.graphdrawing.org).

Every edge has an id, parallel ones stay apart, keys of nodes and edges never share an id, and only the six types of
the specification are used: lists are text joined by bars.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from zonegraph.graph.flat import flat_columns, flat_values, joined
from zonegraph.graph.model import Column, Edge, Node, Value
from zonegraph.graph.writers.base import Format, Job, Part
from zonegraph.graph.writers.xml import escape

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"\
 xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">
"""
_NODE_EXTRA = (Column("label", "string"), Column("name", "string"), Column("kind", "string"), Column("color", "string"))
_EDGE_EXTRA = (
    Column("label", "string"),
    Column("interaction", "string"),
    Column("kind", "string"),
    Column("weight", "double"),
)


def write(job: Job) -> Iterator[Part]:
    """One file."""
    yield Part("graph.graphml", _chunks(job))


def _chunks(job: Job) -> Iterator[str]:
    graph = job.graph
    yield _HEAD
    yield f"<desc>{escape(graph.meta.description)}</desc>\n"
    yield from keys("n", "node", (*_NODE_EXTRA, *flat_columns(graph.node_columns)))
    yield from keys("e", "edge", (*_EDGE_EXTRA, *flat_columns(graph.edge_columns)))
    yield '<graph id="zonegraph" edgedefault="directed">\n'
    yield from map(_node, graph.nodes())
    yield from map(_edge, graph.edges())
    yield "</graph>\n</graphml>\n"


def keys(prefix: str, element: str, columns: Iterable[Column], types: Mapping[str, str] | None = None) -> Iterator[str]:
    """The declarations of attributes; ``types`` may rename types."""
    for column in columns:
        kind: str = "string" if column.type == "strings" else column.type
        kind = (types or {}).get(kind, kind)
        yield f'<key id="{prefix}_{column.name}" for="{element}" attr.name="{column.name}" attr.type="{kind}"/>\n'


def data(prefix: str, values: Mapping[str, Value]) -> str:
    """The attributes of one element."""
    return "".join([f'<data key="{prefix}_{name}">{escape(joined(value))}</data>' for name, value in values.items()])


def _node(node: Node) -> str:
    head = {"label": node.label, "name": node.label, "kind": node.kind, "color": node.color}
    return f'<node id="{node.id}">{data("n", head)}{data("n", flat_values(node))}</node>\n'


def _edge(edge: Edge) -> str:
    head: dict[str, Value] = {
        "label": edge.label,
        "interaction": edge.kind,
        "kind": edge.kind,
        "weight": float(edge.weight),
    }
    ends = f'id="{edge.id}" source="{edge.source}" target="{edge.target}"'
    return f"<edge {ends}>{data('e', head)}{data('e', flat_values(edge))}</edge>\n"


FORMAT = Format(
    name="graphml",
    title="GraphML (Cytoscape, igraph, JGraphT, networkx)",
    extension="graphml",
    media_type="application/graphml+xml",
    write=write,
)
