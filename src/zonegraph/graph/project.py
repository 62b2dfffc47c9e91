"""Projection: a prepared graph and options in, a property graph out that can be read any number of times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from zonegraph.graph.columns import EDGE_FIXED, NODE_FIXED, PROVENANCE, Census, Plan, distinct
from zonegraph.graph.events import EventCounts
from zonegraph.graph.ids import palette_colors
from zonegraph.graph.model import Column, ColumnType, Graph, Kind, Meta
from zonegraph.graph.observe import SeriesPlan, Tidy
from zonegraph.graph.options import ExportOptions, LeftOut
from zonegraph.graph.pieces import unpacked
from zonegraph.graph.prepare import check_size
from zonegraph.graph.prepared import Prepared
from zonegraph.graph.read import EdgeReader, KindStyle, NodeReader, label_columns
from zonegraph.graph.slices import Cut, Slicer
from zonegraph.graph.vocabulary import Vocabulary

_PIECES: Final = "SELECT e.data FROM keep_{0} k JOIN {0} e ON e.pos = k.pos WHERE e.data IS NOT NULL"
_KINDS: Final = "SELECT e.kind, COUNT(*) FROM keep_{0} k JOIN {0} e ON e.pos = k.pos GROUP BY e.kind"
_ALL_KINDS: Final = "SELECT kind, count FROM kind_count WHERE edges = ?"
_APART: Final = (
    "SELECT COUNT(*) FROM (SELECT DISTINCT e.source, e.kind, e.target FROM keep_edge k JOIN edge e ON e.pos = k.pos)"
)


@dataclass(frozen=True, slots=True)
class Counts:
    """What the projection did with everything it met."""

    events: EventCounts
    dangling: int
    dangling_ends: tuple[str, ...]
    alternatives: int
    unplaced: int
    left_out: LeftOut


class Projection:
    """What was asked for of a prepared graph."""

    def __init__(self, prepared: Prepared, options: ExportOptions) -> None:
        self.prepared = prepared
        self.overview = prepared.overview
        self.options = options
        self.vocabulary = Vocabulary.from_data(self.overview.vocabulary, options.language_list)

    def run(self) -> tuple[Graph, Counts]:
        """Cut and describe; raises `ExportError` for too large a graph, `UsageError` for what is not there."""
        if not self.options.is_slice:
            check_size(self.overview.edges, self.options.max_edges)
        cut = Slicer(self.prepared, self.vocabulary, self.options).cut()
        series = SeriesPlan.of_nodes(cut, self.vocabulary, self.options.as_of)
        edge_series = SeriesPlan.of_edges(cut, self.vocabulary, self.options.as_of)
        graph = self._graph(cut, series, edge_series)
        rivals = series.alternatives() + edge_series.alternatives()
        about = self.overview
        return graph, Counts(about.events, about.dangling, about.dangling_ends, rivals, about.unplaced, cut.left_out)

    def _graph(self, cut: Cut, series: SeriesPlan, edge_series: SeriesPlan) -> Graph:
        node_count, edge_count, parallel = self._sizes(cut)
        check_size(edge_count, self.options.max_edges)
        nodes, edges = self._plan(cut, "node"), self._plan(cut, "edge")
        node_style, edge_style = self._style(0), self._style(1)
        names, stated = self.prepared.names, self.prepared.stated
        return Graph(
            meta=self._meta(cut.left_out),
            node_columns=self._node_columns(nodes, series),
            edge_columns=distinct([*self._fixed((*EDGE_FIXED, *PROVENANCE)), *edges.columns, *edge_series.columns()]),
            node_kinds=self._kinds(cut, "node", node_style),
            edge_kinds=self._kinds(cut, "edge", edge_style),
            nodes=NodeReader(cut, self.vocabulary, names, self.prepared.kind_sets, nodes, series, node_style),
            edges=EdgeReader(cut, self.vocabulary, names, stated, edges, edge_series, edge_style),
            node_count=node_count,
            edge_count=edge_count,
            parallel=parallel,
            observations=Tidy(cut, self.vocabulary),
        )

    def _sizes(self, cut: Cut) -> tuple[int, int, int]:
        """Nodes, edges, and edges that are parallel to an earlier one."""
        if not cut.sliced:
            return self.overview.nodes, self.overview.edges, self.overview.parallel
        edges = cut.count("edge")
        return cut.count("node"), edges, edges - int(cut.db.execute(_APART).fetchone()[0])

    def _style(self, edges: int) -> KindStyle:
        """Names and colours over the whole projection, so that a slice is drawn like the whole."""
        kinds = [self.prepared.names.texts[kind] for kind, _ in self.prepared.db.execute(_ALL_KINDS, (edges,))]
        names = self.vocabulary.names(kinds)
        labels = {kind: self.vocabulary.label(kind) for kind in names}
        return KindStyle(names, labels, palette_colors(names))

    def _plan(self, cut: Cut, table: str) -> Plan:
        """The attributes of the kept nodes, or edges: known for the whole, looked for in a slice."""
        node = table == "node"
        if cut.sliced:
            census = Census(self.vocabulary)
            for (data,) in cut.db.execute(_PIECES.format(table)):
                census.look(unpacked(data))
        else:
            seen = self.overview.node_attributes if node else self.overview.edge_attributes
            census = Census.from_data(seen, self.vocabulary)
        return census.plan(self.prepared.names.texts, node=node)

    def _kinds(self, cut: Cut, table: str, style: KindStyle) -> tuple[Kind, ...]:
        found: Iterable[Any] = (
            cut.db.execute(_KINDS.format(table)) if cut.sliced else cut.db.execute(_ALL_KINDS, (int(table == "edge"),))
        )
        counts = {self.prepared.names.texts[kind]: count for kind, count in found}
        return tuple(
            sorted(
                Kind(style.names[k], k, style.labels[k] or style.names[k], style.colors[k], n)
                for k, n in counts.items()
            )
        )

    def _node_columns(self, plan: Plan, series: SeriesPlan) -> tuple[Column, ...]:
        labels = [Column(name, "string") for name in label_columns(plan.languages)]
        fixed = [*self._fixed(NODE_FIXED), *labels, *self._fixed(PROVENANCE)]
        return distinct([*fixed, *plan.columns, *series.columns()])

    def _fixed(self, columns: Iterable[tuple[str, ColumnType]]) -> Iterator[Column]:
        """The columns every projection may have, without those that nothing in the store could fill."""
        return (Column(name, kind) for name, kind in columns if name in self.overview.fixed)

    def _meta(self, left_out: LeftOut) -> Meta:
        profile = self.overview.profile
        asked = [f"profile {profile}"]
        if left_out.reason:
            asked.append(left_out.reason)
        if left_out.nodes or left_out.edges:
            asked.append(f"left out {left_out.nodes} nodes and {left_out.edges} edges")
        return Meta(
            title="zonegraph",
            profile=profile,
            version=self.options.version,
            modified=self.options.modified,
            description="; ".join(asked),
            dynamic=self.options.as_of is None,
        )
