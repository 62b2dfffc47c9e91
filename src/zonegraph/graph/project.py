"""Projection: a store and a profile in, a property graph out.

The rules in order: nodes and their kinds; plain edges between nodes; events by the number of their participants;
the slice; columns; then the graph can be read any number of times.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Final

from zonegraph.errors import ExportError
from zonegraph.graph.columns import EDGE_FIXED, NODE_FIXED, PROVENANCE, Plan, distinct, edge_plan, node_plan
from zonegraph.graph.events import EventCounts, resolve_events
from zonegraph.graph.ids import palette_colors
from zonegraph.graph.model import Column, ColumnType, Graph, Kind, Meta
from zonegraph.graph.observe import SeriesPlan, Tidy
from zonegraph.graph.options import ExportOptions, LeftOut
from zonegraph.graph.profiles import Profile, load_profile
from zonegraph.graph.read import EdgeReader, KindStyle, NodeReader, label_columns
from zonegraph.graph.relations import dangling_edges, dangling_ends, relate
from zonegraph.graph.slices import Slicer
from zonegraph.graph.source import Source, rows
from zonegraph.graph.stage import Loader, open_stage
from zonegraph.graph.vocabulary import Vocabulary

_INDEXES: Final = (
    "CREATE INDEX rel_source ON rel (source)",
    "CREATE INDEX rel_target ON rel (target)",
    "CREATE INDEX node_by_id ON node (id)",
)
_SET_KINDS: Final = (
    "UPDATE node SET kind = specific((SELECT GROUP_CONCAT(kind, ' ') FROM kind k WHERE k.iri = node.iri))"
)
_NODE_OUT: Final = (
    "INSERT INTO node_out (iri, id, kind, event, degree) SELECT n.iri, n.id, n.kind, n.event,"
    " (SELECT COUNT(*) FROM rel r JOIN keep_rel k ON k.id = r.id WHERE r.source = n.iri)"
    " + (SELECT COUNT(*) FROM rel r JOIN keep_rel k ON k.id = r.id WHERE r.target = n.iri)"
    " FROM keep k JOIN node n ON n.iri = k.iri ORDER BY n.id"
)
_EDGE_OUT: Final = (
    "INSERT INTO edge_out (id, source, target, kind) SELECT r.id, s.id, t.id, r.kind FROM keep_rel k"
    " JOIN rel r ON r.id = k.id JOIN node s ON s.iri = r.source JOIN node t ON t.iri = r.target"
    " ORDER BY s.id, r.kind, t.id, r.id"
)
_PARALLEL: Final = "SELECT COUNT(*) - COUNT(DISTINCT source || ' ' || kind || ' ' || target) FROM edge_out"
#: Columns that are left out when their table says that nothing would ever stand in them.
_PROBES: Final = {
    "lon": "SELECT 1 FROM geo LIMIT 1",
    "lat": "SELECT 1 FROM geo LIMIT 1",
    "symmetric": "SELECT 1 FROM rel WHERE symmetric LIMIT 1",
    "event_iri": "SELECT 1 FROM rel WHERE event <> '' LIMIT 1",
    "source_role": "SELECT 1 FROM rel WHERE source_role <> '' LIMIT 1",
    "target_role": "SELECT 1 FROM rel WHERE source_role <> '' LIMIT 1",
    "prov_source": "SELECT 1 FROM prov LIMIT 1",
    "prov_span": "SELECT 1 FROM prov WHERE span <> '' LIMIT 1",
    "prov_url": "SELECT 1 FROM prov WHERE url <> '' LIMIT 1",
    "prov_date": "SELECT 1 FROM prov WHERE date <> '' LIMIT 1",
    "graph": "SELECT 1 FROM rel_graph LIMIT 1",
}
_UNPLACED: Final = (
    "SELECT COUNT(*) FROM obs WHERE iri NOT IN (SELECT iri FROM node) AND iri NOT IN (SELECT info FROM rel)"
)
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
        self.db.create_function("slot_rank", 2, self.vocabulary.slot_rank, deterministic=True)
        self.db.create_function("specific", 1, self.vocabulary.specific, deterministic=True)
        self._loader = Loader(self.db, blank_nodes=_allows_blank_nodes(self.profile))

    def __enter__(self) -> Projection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.db.close()

    def run(self) -> tuple[Graph, Counts]:
        """Ask, resolve, cut; raises `ExportError`, `UsageError` or a `QueryError`."""
        self._stage()
        relate(self.db, self.vocabulary)
        events = resolve_events(self.db)
        for index in _INDEXES:
            self.db.execute(index)
        self._check_ids()
        loose = dangling_ends(self.db, self.store)
        dangling = dangling_edges(self.db, loose)
        self._set_kinds()
        styles = self._styles()
        left_out = Slicer(self.db, self.vocabulary, self.options).cut()
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
        return self._loader.odd_text

    def _stage(self) -> None:
        loader = self._loader
        for query in self.profile.files():
            found = rows(self.store, query)
            if query.part == "vocabulary":
                self.vocabulary.load(found)
            else:
                loader.load(query.part, found)

    def _unplaced(self) -> int:
        """Numbers that are about nothing in the projection, sliced or not."""
        return int(self.db.execute(_UNPLACED).fetchone()[0])

    def _check_ids(self) -> None:
        twice = self.db.execute("SELECT id, MIN(iri), MAX(iri) FROM node GROUP BY id HAVING COUNT(*) > 1").fetchone()
        if twice:
            raise ExportError(f"{twice[1]} and {twice[2]} get the same id {twice[0]}", hint="rename one of them")

    def _set_kinds(self) -> None:
        self.db.execute(_SET_KINDS)

    def _styles(self) -> tuple[KindStyle, KindStyle]:
        """Names and colours over the whole projection, so that a slice is drawn like the whole."""
        node_kinds = _column(self.db, "SELECT DISTINCT kind FROM node ORDER BY kind")
        edge_kinds = _column(self.db, "SELECT DISTINCT kind FROM rel ORDER BY kind")
        return self._style(node_kinds), self._style(edge_kinds)

    def _style(self, kinds: Iterable[str]) -> KindStyle:
        names = self.vocabulary.names(kinds)
        labels = {kind: self.vocabulary.label(kind) for kind in names}
        return KindStyle(names, labels, palette_colors(names))

    def _graph(
        self, styles: tuple[KindStyle, KindStyle], series: tuple[SeriesPlan, SeriesPlan], left_out: LeftOut
    ) -> Graph:
        nodes, edges = node_plan(self.db, self.vocabulary), edge_plan(self.db, self.vocabulary)
        node_count, edge_count = _count(self.db, "node_out"), _count(self.db, "edge_out")
        limit = self.options.max_edges
        if limit is not None and edge_count > limit:
            raise ExportError(
                f"{edge_count} edges are more than the {limit} allowed", code="export-too-large",
                hint="ask for a slice: center and hops, kinds, or max-nodes",
            )  # fmt: skip
        return Graph(
            meta=self._meta(left_out),
            node_columns=self._node_columns(nodes, series[0]),
            edge_columns=distinct(
                [*self._fixed(EDGE_FIXED), *self._fixed(PROVENANCE), *edges.columns, *series[1].columns()]
            ),
            node_kinds=_kinds(self.db, "node_out", styles[0]),
            edge_kinds=_kinds(self.db, "edge_out", styles[1]),
            nodes=NodeReader(self.db, self.vocabulary, nodes, series[0], styles[0]),
            edges=EdgeReader(self.db, self.vocabulary, edges, series[1], styles[1]),
            node_count=node_count,
            edge_count=edge_count,
            parallel=int(self.db.execute(_PARALLEL).fetchone()[0]),
            observations=Tidy(self.db, self.vocabulary),
        )

    def _node_columns(self, plan: Plan, series: SeriesPlan) -> tuple[Column, ...]:
        labels = [Column(name, "string") for name in label_columns(self.db)]
        fixed = [*self._fixed(NODE_FIXED), *labels, *self._fixed(PROVENANCE)]
        return distinct([*fixed, *plan.columns, *series.columns()])

    def _fixed(self, columns: Iterable[tuple[str, ColumnType]]) -> Iterator[Column]:
        """The columns every projection may have, without those that nothing in the store could fill."""
        for name, kind in columns:
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


def _column(db: sqlite3.Connection, sql: str) -> list[str]:
    return [value for (value,) in db.execute(sql)]


def _count(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608


def _kinds(db: sqlite3.Connection, table: str, style: KindStyle) -> tuple[Kind, ...]:
    found: Mapping[str, int] = dict(db.execute(f"SELECT kind, COUNT(*) FROM {table} GROUP BY kind").fetchall())  # noqa: S608
    return tuple(
        sorted(Kind(style.names[k], k, style.labels[k] or style.names[k], style.colors[k], n) for k, n in found.items())
    )
