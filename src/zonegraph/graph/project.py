"""Projection: a store and a profile in, a property graph out.

The rules in order: nodes and their kinds; plain edges between nodes; events by the number of their participants;
the slice; columns; then the graph can be read any number of times.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Final

from zonegraph.errors import ExportError
from zonegraph.graph.columns import EDGE_FIXED, NODE_FIXED, PROVENANCE, Census, Plan, distinct
from zonegraph.graph.ends import dangling_edges, dangling_ends
from zonegraph.graph.events import EventCounts, resolve_events
from zonegraph.graph.facts import SOURCED
from zonegraph.graph.ids import palette_colors
from zonegraph.graph.load import EARLY, Loader
from zonegraph.graph.model import Column, ColumnType, Graph, Kind, Meta
from zonegraph.graph.observe import SeriesPlan, Tidy
from zonegraph.graph.options import ExportOptions, LeftOut
from zonegraph.graph.pieces import unpacked
from zonegraph.graph.profiles import Profile, load_profile
from zonegraph.graph.read import EdgeReader, KindStyle, NodeReader, label_columns
from zonegraph.graph.slices import Slicer
from zonegraph.graph.source import Source, rows
from zonegraph.graph.stage import Names, open_stage
from zonegraph.graph.vocabulary import Vocabulary

_NODE_OUT: Final = (
    "INSERT INTO node_out SELECT n.key, ROW_NUMBER() OVER (ORDER BY n.id), COALESCE(d.degree, 0)"
    " FROM keep k JOIN node n ON n.key = k.key LEFT JOIN (SELECT key, COUNT(*) AS degree FROM"
    " (SELECT r.source AS key FROM keep_rel k JOIN rel r ON r.id = k.id"
    " UNION ALL SELECT r.target FROM keep_rel k JOIN rel r ON r.id = k.id) GROUP BY key) d ON d.key = n.key"
)
_EDGE_OUT: Final = (
    "INSERT INTO edge_out (id) SELECT r.id FROM keep_rel k JOIN rel r ON r.id = k.id"
    " JOIN node_out s ON s.key = r.source JOIN node_out t ON t.key = r.target JOIN name n ON n.number = r.kind"
    " ORDER BY s.pos, n.iri, t.pos, r.id"
)
_PARALLEL: Final = (
    "SELECT (SELECT COUNT(*) FROM edge_out) - (SELECT COUNT(*) FROM"
    " (SELECT DISTINCT r.source, r.kind, r.target FROM edge_out o JOIN rel r ON r.id = o.id))"
)
#: Columns that are left out when their table says that nothing would ever stand in them.
_PROBES: Final = {
    "lon": "SELECT 1 FROM geo LIMIT 1",
    "lat": "SELECT 1 FROM geo LIMIT 1",
    "symmetric": "SELECT 1 FROM rel WHERE symmetric LIMIT 1",
    "event_iri": "SELECT 1 FROM rel WHERE event <> '' LIMIT 1",
    "source_role": "SELECT 1 FROM rel WHERE source_role <> '' LIMIT 1",
    "target_role": "SELECT 1 FROM rel WHERE source_role <> '' LIMIT 1",
    "graph": "SELECT 1 FROM rel WHERE graphs <> '' LIMIT 1",
}
_UNPLACED: Final = (
    "SELECT COUNT(*) FROM obs WHERE key NOT IN (SELECT key FROM node) AND key NOT IN (SELECT info FROM rel)"
)
_NODE_PIECES: Final = "SELECT p.data FROM node_out o JOIN piece p ON p.key = o.key"
_EDGE_PIECES: Final = (
    "SELECT p.data FROM edge_out o JOIN rel r ON r.id = o.id JOIN piece p ON p.key = r.info WHERE r.info <> 0"
)
_NODE_KINDS: Final = "SELECT n.kind, COUNT(*) FROM node_out o JOIN node n ON n.key = o.key GROUP BY n.kind"
_EDGE_KINDS: Final = "SELECT r.kind, COUNT(*) FROM edge_out o JOIN rel r ON r.id = o.id GROUP BY r.kind"
_SHOWN: Final = 5


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
    """A projected slice; use it as a context manager, it owns a temporary database."""

    def __init__(self, store: Source, options: ExportOptions) -> None:
        self.store = store
        self.options = options
        self.profile: Profile = load_profile(options.profile, options.profiles)
        self.vocabulary = Vocabulary(options.language_list)
        self.db = open_stage()
        self.names = Names()
        self._loader = Loader(self.db, self.vocabulary, self.names, blank_nodes=_allows_blank_nodes(self.profile))

    def __enter__(self) -> Projection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.db.close()

    def run(self) -> tuple[Graph, Counts]:
        """Ask, resolve, cut; raises `ExportError`, `UsageError` or a `QueryError`."""
        self._stage()
        events = resolve_events(self.db, self.names, self.vocabulary.languages)
        self._check_ids()
        self._check_size()
        loose = dangling_ends(self.db, self.store)
        dangling = dangling_edges(self.db, loose)
        self.names.save(self.db)
        styles = self._styles()
        left_out = Slicer(self._loader, self.options).cut()
        self.db.execute(_NODE_OUT)
        self.db.execute(_EDGE_OUT)
        series = SeriesPlan.of_nodes(self.db, self.vocabulary, self.options.as_of)
        edge_series = SeriesPlan.of_edges(self.db, self.vocabulary, self.options.as_of)
        graph = self._graph(styles, (series, edge_series), left_out)
        rivals = series.alternatives() + edge_series.alternatives()
        return graph, Counts(events, dangling, loose[:_SHOWN], rivals, self._unplaced(), left_out)

    @property
    def holds_odd_text(self) -> bool:
        """Whether any staged text has characters that some format refuses."""
        return self._loader.facts.odd_text

    def _stage(self) -> None:
        loader, settled = self._loader, False
        self.db.execute("BEGIN")
        for query in self.profile.files():
            if query.part not in EARLY and not settled:
                loader.settle()
                settled = True
            loader.load(query.part, rows(self.store, query))
        self.db.execute("COMMIT")

    def _unplaced(self) -> int:
        """Numbers that are about nothing in the projection, sliced or not."""
        return int(self.db.execute(_UNPLACED).fetchone()[0])

    def _check_ids(self) -> None:
        twice = self.db.execute("SELECT id, MIN(iri), MAX(iri) FROM node GROUP BY id HAVING COUNT(*) > 1").fetchone()
        if twice:
            raise ExportError(f"{twice[1]} and {twice[2]} get the same id {twice[0]}", hint="rename one of them")

    def _styles(self) -> tuple[KindStyle, KindStyle]:
        """Names and colours over the whole projection, so that a slice is drawn like the whole."""
        node_kinds = _column(self.db, "SELECT DISTINCT kind FROM node")
        edge_kinds = _column(self.db, "SELECT DISTINCT kind FROM rel")
        return self._style(self.names.iris(node_kinds)), self._style(self.names.iris(edge_kinds))

    def _style(self, kinds: Iterable[str]) -> KindStyle:
        names = self.vocabulary.names(kinds)
        labels = {kind: self.vocabulary.label(kind) for kind in names}
        return KindStyle(names, labels, palette_colors(names))

    def _graph(
        self, styles: tuple[KindStyle, KindStyle], series: tuple[SeriesPlan, SeriesPlan], left_out: LeftOut
    ) -> Graph:
        node_count, edge_count = _count(self.db, "node_out"), _count(self.db, "edge_out")
        self._refuse(edge_count)
        nodes, edges = self._plans()
        return Graph(
            meta=self._meta(left_out),
            node_columns=self._node_columns(nodes, series[0]),
            edge_columns=distinct(
                [*self._fixed(EDGE_FIXED), *self._fixed(PROVENANCE), *edges.columns, *series[1].columns()]
            ),
            node_kinds=self._kinds(_NODE_KINDS, styles[0]),
            edge_kinds=self._kinds(_EDGE_KINDS, styles[1]),
            nodes=NodeReader(
                self.db, self.vocabulary, self.names, self._loader.index.kind_sets, nodes, series[0], styles[0]
            ),
            edges=EdgeReader(self.db, self.vocabulary, self.names, self._loader.by_graph, edges, series[1], styles[1]),
            node_count=node_count,
            edge_count=edge_count,
            parallel=int(self.db.execute(_PARALLEL).fetchone()[0]),
            observations=Tidy(self.db, self.vocabulary),
        )

    def _refuse(self, edges: int) -> None:
        limit = self.options.max_edges
        if limit is not None and edges > limit:
            raise ExportError(
                f"{edges} edges are more than the {limit} allowed", code="export-too-large",
                hint="ask for a slice: center and hops, kinds, or max-nodes",
            )  # fmt: skip

    def _check_size(self) -> None:
        """Refuse a whole graph that is too large before it is put in order."""
        if not self.options.is_slice:
            self._refuse(_count(self.db, "rel"))

    def _plans(self) -> tuple[Plan, Plan]:
        """The attributes of the kept nodes and edges: one look at what is known of each."""
        nodes, edges = Census(self.vocabulary), Census(self.vocabulary)
        for (data,) in self.db.execute(_NODE_PIECES):
            nodes.look(unpacked(data))
        for (data,) in self.db.execute(_EDGE_PIECES):
            edges.look(unpacked(data))
        return nodes.plan(self.names.texts, node=True), edges.plan(self.names.texts, node=False)

    def _kinds(self, sql: str, style: KindStyle) -> tuple[Kind, ...]:
        found = {self.names.texts[kind]: count for kind, count in self.db.execute(sql)}
        return tuple(
            sorted(
                Kind(style.names[k], k, style.labels[k] or style.names[k], style.colors[k], n) for k, n in found.items()
            )
        )

    def _node_columns(self, plan: Plan, series: SeriesPlan) -> tuple[Column, ...]:
        labels = [Column(name, "string") for name in label_columns(plan.languages)]
        fixed = [*self._fixed(NODE_FIXED), *labels, *self._fixed(PROVENANCE)]
        return distinct([*fixed, *plan.columns, *series.columns()])

    def _fixed(self, columns: Iterable[tuple[str, ColumnType]]) -> Iterator[Column]:
        """The columns every projection may have, without those that nothing in the store could fill."""
        for name, kind in columns:
            if name in SOURCED and name not in self._loader.facts.sourced:
                continue
            probe = _PROBES.get(name)
            if probe is None or self.db.execute(probe).fetchone():
                yield Column(name, kind)

    def _meta(self, left_out: LeftOut) -> Meta:
        asked = [f"profile {self.profile.name}"]
        if left_out.reason:
            asked.append(left_out.reason)
        if left_out.nodes or left_out.edges:
            asked.append(f"left out {left_out.nodes} nodes and {left_out.edges} edges")
        return Meta(
            title="zonegraph",
            profile=self.profile.name,
            version=self.options.version,
            modified=self.options.modified,
            description="; ".join(asked),
            dynamic=self.options.as_of is None,
        )


def _allows_blank_nodes(profile: Profile) -> bool:
    """A profile says so itself, in a comment of its ``nodes`` query."""
    return any("allow-blank-nodes" in query.text for query in profile.queries["nodes"])


def _column(db: sqlite3.Connection, sql: str) -> tuple[int, ...]:
    return tuple(number for (number,) in db.execute(sql))


def _count(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608
