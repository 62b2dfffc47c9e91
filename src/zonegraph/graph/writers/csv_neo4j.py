"""Two tables for ``neo4j-admin database import``: typed headers, every kind a label, lists separated by ``;``.

Line breaks inside values need ``--multiline-fields=true``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from zonegraph.errors import ExportError, Where
from zonegraph.graph.flat import flat_columns, flat_values, joined
from zonegraph.graph.model import Column, Edge, Node, Value
from zonegraph.graph.writers.base import NOT_PLAIN, Format, Job, Part
from zonegraph.graph.writers.tables import table

_TYPES = {"string": "string", "long": "long", "double": "double", "boolean": "boolean", "strings": "string[]"}
_DELIMITER = ";"


def write(job: Job) -> Iterator[Part]:
    """Nodes, then relationships."""
    graph = job.graph
    node_columns, edge_columns = flat_columns(graph.node_columns), flat_columns(graph.edge_columns)
    node_head = ("id:ID", ":LABEL", "label:string", "kind:string", "color:string", *map(_header, node_columns))
    edge_head = (
        ":START_ID",
        ":END_ID",
        ":TYPE",
        "id:string",
        "label:string",
        "weight:double",
        *map(_header, edge_columns),
    )
    yield Part("nodes.csv", table(node_head, (_node(node, node_columns) for node in graph.nodes())))
    yield Part("relationships.csv", table(edge_head, (_edge(edge, edge_columns) for edge in graph.edges())))


def _header(column: Column) -> str:
    return f"{column.name}:{_TYPES[column.type]}"


def _node(node: Node, columns: Iterable[Column]) -> list[str]:
    kinds = node.attributes.get("kinds", ())
    labels = sorted({node.kind, *(kinds if isinstance(kinds, tuple) else ())})
    head = [node.id, _DELIMITER.join(labels), node.label, node.kind, node.color]
    return head + _cells(node.id, flat_values(node), columns)


def _edge(edge: Edge, columns: Iterable[Column]) -> list[str]:
    head = [edge.source, edge.target, edge.kind, edge.id, edge.label, repr(float(edge.weight))]
    return head + _cells(edge.id, flat_values(edge), columns)


def _cells(key: str, values: Mapping[str, Value], columns: Iterable[Column]) -> list[str]:
    return [_cell(key, column.name, values.get(column.name)) for column in columns]


def _cell(key: str, name: str, value: Value | None) -> str:
    if value is None:
        return ""
    if not isinstance(value, tuple):
        return joined(value)
    for text in value:
        if _DELIMITER in text:
            raise ExportError(
                f"the list {name} holds a semicolon, which separates lists here: {text[:40]!r}",
                where=Where(id=key),
                hint="write it with another mark, or use another format",
            )
    return _DELIMITER.join(value)


FORMAT = Format(
    name="neo4j",
    title="Tables for neo4j-admin import",
    extension="csv",
    media_type="text/csv",
    write=write,
    refuses=NOT_PLAIN,
    multi=True,
)
