"""Two tables for Gephi and for spreadsheets: ``nodes.csv`` and ``edges.csv``.

``Type`` is Directed; the relation stands in ``Kind``. Time is a column ``Interval`` in Gephi's own notation,
``<[2010-01-01,2010-12-31];[…]>``, and a dynamic number likewise with its value third.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from zonegraph.graph.flat import joined, number_text
from zonegraph.graph.merge import merge_parallel
from zonegraph.graph.model import Column, Edge, Node, Spell, Timed, Value
from zonegraph.graph.writers.base import NOT_PLAIN, Format, Job, Part
from zonegraph.graph.writers.tables import table

_NODE_HEAD = ("Id", "Label", "Kind", "Interval", "Color", "Size")
_EDGE_HEAD = ("Source", "Target", "Type", "Id", "Label", "Kind", "Weight", "Interval")


def write(job: Job) -> Iterator[Part]:
    """Nodes, then edges."""
    graph, bom = merge_parallel(job.graph), job.options.bom
    node_columns = tuple(graph.node_columns)
    edge_columns = tuple(column for column in graph.edge_columns if column.name != "weight")
    yield Part(
        "nodes.csv",
        table((*_NODE_HEAD, *_names(node_columns)), (_node(n, node_columns) for n in graph.nodes()), bom=bom),
    )
    yield Part(
        "edges.csv",
        table((*_EDGE_HEAD, *_names(edge_columns)), (_edge(e, edge_columns) for e in graph.edges()), bom=bom),
    )


def _names(columns: Iterable[Column]) -> Iterator[str]:
    return (column.name for column in columns)


def _node(node: Node, columns: Iterable[Column]) -> list[str]:
    head = [node.id, node.label, node.kind, _intervals(node.spells), node.color, str(node.size)]
    return head + [_cell(column, node.attributes, node.series) for column in columns]


def _edge(edge: Edge, columns: Iterable[Column]) -> list[str]:
    weight = number_text(edge.weight)
    head = [edge.source, edge.target, "Directed", edge.id, edge.label, edge.kind, weight, _intervals(edge.spells)]
    return head + [_cell(column, edge.attributes, edge.series) for column in columns]


def _cell(column: Column, values: Mapping[str, Value], series: Mapping[str, tuple[Timed, ...]]) -> str:
    if column.dynamic:
        return _intervals(series.get(column.name, ()))
    value = values.get(column.name)
    return "" if value is None else joined(value)


def _intervals(spells: Iterable[Spell] | Iterable[Timed]) -> str:
    parts = [_interval(spell) for spell in spells]
    return f"<{';'.join(parts)}>" if parts else ""


def _interval(spell: Spell | Timed) -> str:
    value = f",{spell.value!r}" if isinstance(spell, Timed) else ""
    return f"[{spell.start or '-Infinity'},{spell.end or 'Infinity'}{value}]"


FORMAT = Format(
    name="csv",
    title="Tables of nodes and edges (Gephi, spreadsheets)",
    extension="csv",
    media_type="text/csv",
    write=write,
    refuses=NOT_PLAIN,
    multi=True,
    merges=True,
)
