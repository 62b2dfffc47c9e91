"""Two tables for ``neo4j-admin database import``: typed headers, every kind a label, lists separated by one mark.

Text is always between quotes: the importer takes an empty cell without them for no value, may trim what is bare, and
reads ``--multiline-fields-format=v2`` only so. Line breaks inside values need ``--multiline-fields=true``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from zonegraph.errors import ExportError, Where
from zonegraph.graph.flat import flat_columns, flat_values, joined
from zonegraph.graph.model import Column, Edge, Node, Value
from zonegraph.graph.writers.base import NOT_PLAIN, Format, Job, Part

_TYPES = {"string": "string", "long": "long", "double": "double", "boolean": "boolean", "strings": "string[]"}
_NODE_HEAD = ("id:ID", ":LABEL", "label:string", "kind:string", "color:string")
_EDGE_HEAD = (":START_ID", ":END_ID", ":TYPE", "id:string", "label:string", "weight:double")


def write(job: Job) -> Iterator[Part]:
    """Nodes, then relationships."""
    graph, lists = job.graph, _Lists(job.options.array_delimiter)
    of_nodes, of_edges = flat_columns(graph.node_columns), flat_columns(graph.edge_columns)
    yield Part(
        "nodes.csv", _table((*_NODE_HEAD, *map(_header, of_nodes)), (_node(n, of_nodes, lists) for n in graph.nodes()))
    )
    yield Part(
        "relationships.csv",
        _table((*_EDGE_HEAD, *map(_header, of_edges)), (_edge(e, of_edges, lists) for e in graph.edges())),
    )


def _header(column: Column) -> str:
    return f"{column.name}:{_TYPES[column.type]}"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """The lines; names in the header hold no mark of CSV."""
    yield ",".join(head) + "\n"
    yield from (",".join(row) + "\n" for row in rows)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _node(node: Node, columns: Iterable[Column], lists: _Lists) -> list[str]:
    kinds = node.attributes.get("kinds", ())
    labels = tuple(sorted({node.kind, *(kinds if isinstance(kinds, tuple) else ())}))
    head = [node.id, lists.joined(node.id, ":LABEL", labels), node.label, node.kind, node.color]
    return [*map(_quoted, head), *lists.cells(node.id, flat_values(node), columns)]


def _edge(edge: Edge, columns: Iterable[Column], lists: _Lists) -> list[str]:
    head = map(_quoted, (edge.source, edge.target, edge.kind, edge.id, edge.label))
    return [*head, repr(float(edge.weight)), *lists.cells(edge.id, flat_values(edge), columns)]


@dataclass(frozen=True, slots=True)
class _Lists:
    """How lists become text: the importer knows a mark between values, and no way to write the mark itself."""

    delimiter: str

    def cells(self, key: str, values: Mapping[str, Value], columns: Iterable[Column]) -> list[str]:
        return [self._cell(key, column.name, values.get(column.name)) for column in columns]

    def _cell(self, key: str, name: str, value: Value | None) -> str:
        if value is None or value == ():
            return ""
        if isinstance(value, tuple):
            return _quoted(self.joined(key, name, value))
        return _quoted(value) if isinstance(value, str) else joined(value)

    def joined(self, key: str, name: str, texts: tuple[str, ...]) -> str:
        """The values with the mark between them; refuses what the importer would read otherwise."""
        for text in texts:
            if self.delimiter in text:
                raise ExportError(
                    f"the list {name} holds {self.delimiter!r}, which separates lists here: {text[:40]!r}",
                    where=Where(id=key),
                    hint="use --array-delimiter U+001F here and for neo4j-admin",
                )
        if texts == ("",):
            raise ExportError(
                f"the list {name} holds one empty text, which the importer takes for no list",
                where=Where(id=key),
                hint="mend the data or the profile's query; nothing was left out",
            )
        return self.delimiter.join(texts)


FORMAT = Format(
    name="neo4j",
    title="Tables for neo4j-admin import",
    extension="csv",
    media_type="text/csv",
    write=write,
    refuses=NOT_PLAIN,
    multi=True,
)
