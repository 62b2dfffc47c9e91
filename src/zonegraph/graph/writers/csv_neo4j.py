"""Two tables for ``neo4j-admin database import``: typed headers, every kind a label, lists separated by one mark.

Line breaks inside values need ``--multiline-fields=true``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from zonegraph.errors import ExportError, Where
from zonegraph.graph.flat import flat_columns, flat_values, joined
from zonegraph.graph.model import Column, Edge, Node, Value
from zonegraph.graph.writers.base import NOT_PLAIN, Format, Job, Part
from zonegraph.graph.writers.tables import table

_TYPES = {"string": "string", "long": "long", "double": "double", "boolean": "boolean", "strings": "string[]"}


def write(job: Job) -> Iterator[Part]:
    """Nodes, then relationships."""
    graph, lists = job.graph, _Lists(job.options.array_delimiter)
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
    yield Part("nodes.csv", table(node_head, (_node(node, node_columns, lists) for node in graph.nodes())))
    yield Part("relationships.csv", table(edge_head, (_edge(edge, edge_columns, lists) for edge in graph.edges())))


def _header(column: Column) -> str:
    return f"{column.name}:{_TYPES[column.type]}"


def _node(node: Node, columns: Iterable[Column], lists: _Lists) -> list[str]:
    kinds = node.attributes.get("kinds", ())
    labels = sorted({node.kind, *(kinds if isinstance(kinds, tuple) else ())})
    head = [node.id, lists.delimiter.join(labels), node.label, node.kind, node.color]
    return head + lists.cells(node.id, flat_values(node), columns)


def _edge(edge: Edge, columns: Iterable[Column], lists: _Lists) -> list[str]:
    head = [edge.source, edge.target, edge.kind, edge.id, edge.label, repr(float(edge.weight))]
    return head + lists.cells(edge.id, flat_values(edge), columns)


@dataclass(frozen=True, slots=True)
class _Lists:
    """How lists become text: the importer knows a mark between values, and no way to write the mark itself."""

    delimiter: str

    def cells(self, key: str, values: Mapping[str, Value], columns: Iterable[Column]) -> list[str]:
        return [self._cell(key, column.name, values.get(column.name)) for column in columns]

    def _cell(self, key: str, name: str, value: Value | None) -> str:
        if value is None:
            return ""
        if not isinstance(value, tuple):
            return joined(value)
        for text in value:
            if self.delimiter in text:
                raise ExportError(
                    f"the list {name} holds {self.delimiter!r}, which separates lists here: {text[:40]!r}",
                    where=Where(id=key),
                    hint="use --array-delimiter U+001F here and for neo4j-admin",
                )
        return self.delimiter.join(value)


FORMAT = Format(
    name="neo4j",
    title="Tables for neo4j-admin import",
    extension="csv",
    media_type="text/csv",
    write=write,
    refuses=NOT_PLAIN,
    multi=True,
)
