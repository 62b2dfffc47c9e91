"""CX2 for Cytoscape, Cytoscape Web and NDEx: aspects in their fixed order, whole numbers as ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from zonegraph.graph.flat import flat_columns, flat_values
from zonegraph.graph.model import Column, Edge, Graph, Kind, Node, Value
from zonegraph.graph.writers.base import NOT_JSON, Format, Job, Part
from zonegraph.graph.writers.cyjs import dumps, separated

_TYPES = {"string": "string", "long": "long", "double": "double", "boolean": "boolean", "strings": "list_of_string"}
_NODE_EXTRA = ("id", "name", "kind", "color")
_EDGE_EXTRA = ("id", "name", "interaction", "kind", "color")


def write(job: Job) -> Iterator[Part]:
    """One file."""
    yield Part("graph.cx2", _chunks(job.graph))


def _chunks(graph: Graph) -> Iterator[str]:
    node_columns, edge_columns = flat_columns(graph.node_columns), flat_columns(graph.edge_columns)
    network = {"name": graph.meta.title, "description": graph.meta.description, "version": graph.meta.version}
    attributes = {key: value for key, value in network.items() if value}
    yield '[{"CXVersion":"2.0","hasFragments":false},\n'
    yield dumps({"metaData": _metadata(graph)}) + ",\n"
    yield dumps({"attributeDeclarations": [_declarations(attributes, node_columns, edge_columns)]}) + ",\n"
    yield dumps({"networkAttributes": [attributes]}) + ',\n{"nodes":[\n'
    numbers: dict[str, int] = {}
    yield from separated(_node(node, numbers, node_columns) for node in graph.nodes())
    yield '\n]},\n{"edges":[\n'
    yield from separated(_edge(i, edge, numbers, edge_columns) for i, edge in enumerate(graph.edges()))
    yield "\n]},\n" + dumps({"visualProperties": [_style(graph)]})
    yield ',\n{"status":[{"success":true}]}]\n'


def _metadata(graph: Graph) -> list[dict[str, Any]]:
    counts = {"attributeDeclarations": 1, "networkAttributes": 1, "nodes": graph.node_count, "edges": graph.edge_count}
    return [{"name": name, "elementCount": count} for name, count in (*counts.items(), ("visualProperties", 1))]


def _declarations(network: Mapping[str, str], nodes: Iterable[Column], edges: Iterable[Column]) -> dict[str, Any]:
    return {
        "networkAttributes": {name: {"d": "string"} for name in network},
        "nodes": _types(_NODE_EXTRA, nodes),
        "edges": {**_types(_EDGE_EXTRA, edges), "weight": {"d": "double"}},
    }


def _types(extra: Iterable[str], columns: Iterable[Column]) -> dict[str, Any]:
    return {name: {"d": "string"} for name in extra} | {c.name: {"d": _TYPES[c.type]} for c in columns}


def _values(values: Mapping[str, Value], columns: Iterable[Column]) -> dict[str, Any]:
    """The values in the declared types: a whole number in a column of doubles is written as a double."""
    doubles = {column.name for column in columns if column.type == "double"}
    return {name: float(v) if name in doubles and isinstance(v, int) else v for name, v in values.items()}


def _node(node: Node, numbers: dict[str, int], columns: Iterable[Column]) -> str:
    numbers[node.id] = len(numbers)
    head = {"id": node.id, "name": node.label, "kind": node.kind, "color": node.color}
    values = {**_values(flat_values(node), columns), **head}
    return dumps({"id": numbers[node.id], "x": node.x, "y": node.y, "v": values})


def _edge(number: int, edge: Edge, numbers: Mapping[str, int], columns: Iterable[Column]) -> str:
    head = {"id": edge.id, "name": edge.label, "interaction": edge.kind, "kind": edge.kind, "color": edge.color}
    values = {**_values(flat_values(edge), columns), **head, "weight": float(edge.weight)}
    return dumps({"id": number, "s": numbers[edge.source], "t": numbers[edge.target], "v": values})


def _style(graph: Graph) -> dict[str, Any]:
    arrow = {"EDGE_TARGET_ARROW_SHAPE": "triangle", "EDGE_WIDTH": 1.0, "EDGE_LINE_COLOR": "#9A9A9A"}
    default = {"node": {"NODE_SHAPE": "ellipse", "NODE_BACKGROUND_COLOR": "#BAB0AC"}, "edge": arrow, "network": {}}
    return {
        "default": default,
        "nodeMapping": {"NODE_BACKGROUND_COLOR": _by_kind(graph.node_kinds), "NODE_LABEL": _by_name()},
        "edgeMapping": {"EDGE_LINE_COLOR": _by_kind(graph.edge_kinds), "EDGE_LABEL": _by_name()},
    }


def _by_kind(kinds: Iterable[Kind]) -> dict[str, Any]:
    colors = [{"v": kind.name, "vp": kind.color} for kind in kinds]
    return {"type": "DISCRETE", "definition": {"attribute": "kind", "map": colors, "type": "string"}}


def _by_name() -> dict[str, Any]:
    return {"type": "PASSTHROUGH", "definition": {"attribute": "name", "type": "string"}}


FORMAT = Format(
    name="cx2",
    title="CX2 (Cytoscape, NDEx)",
    extension="cx2",
    media_type="application/json",
    write=write,
    refuses=NOT_JSON,
)
