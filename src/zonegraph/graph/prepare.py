"""Preparing a graph: a store and a profile in, a SQLite file in writing order out (see `prepared`).

The rules in order: nodes and their kinds; plain edges between nodes; events by the number of their participants;
then everything is numbered and laid down, each element with all that is known of it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from zonegraph.errors import ExportError
from zonegraph.graph.columns import EDGE_FIXED, NODE_FIXED, PROVENANCE, Census
from zonegraph.graph.ends import dangling_edges, dangling_ends
from zonegraph.graph.events import EventCounts, resolve_events
from zonegraph.graph.facts import SOURCED
from zonegraph.graph.ids import edge_name
from zonegraph.graph.load import EARLY, Loader
from zonegraph.graph.pieces import Piece, packed, unpacked
from zonegraph.graph.prepared import INDEXES, SCHEMA, Overview, made_for
from zonegraph.graph.profiles import Profile
from zonegraph.graph.sides import Side
from zonegraph.graph.source import Source, rows
from zonegraph.graph.stage import Names, Shelf, open_stage
from zonegraph.graph.vocabulary import Vocabulary

_NODE_ORDER: Final = "INSERT INTO node_out SELECT key, ROW_NUMBER() OVER (ORDER BY id) FROM node"
_EDGE_ORDER: Final = (
    "INSERT INTO edge_out (id) SELECT r.id FROM rel r JOIN node_out s ON s.key = r.source"
    " JOIN node_out t ON t.key = r.target JOIN name n ON n.number = r.kind ORDER BY s.pos, n.iri, t.pos, r.id"
)
_DEGREES: Final = (
    "CREATE TEMP TABLE degree AS SELECT key, COUNT(*) AS degree FROM (SELECT source AS key FROM rel"
    " UNION ALL SELECT target FROM rel) GROUP BY key"
)
_NODES: Final = (
    "SELECT o.pos, n.iri, n.id, n.kind, n.kinds, n.event, COALESCE(d.degree, 0), p.data FROM node_out o"
    " JOIN node n ON n.key = o.key LEFT JOIN degree d ON d.key = o.key LEFT JOIN piece p ON p.key = o.key"
    " ORDER BY o.pos"
)
_EDGES: Final = (
    "SELECT o.pos, r.id, s.pos, r.kind, t.pos, COALESCE(k.pos, 0), sn.id, tn.id, r.event, r.weight,"
    " r.source_role, r.target_role, r.symmetric, r.graphs, c.data, r.info = r.claim, i.data"
    " FROM edge_out o JOIN rel r ON r.id = o.id"
    " JOIN node_out s ON s.key = r.source JOIN node_out t ON t.key = r.target"
    " JOIN node sn ON sn.key = r.source JOIN node tn ON tn.key = r.target"
    " LEFT JOIN node_out k ON k.key = r.claim AND r.claim <> 0"
    " LEFT JOIN piece c ON c.key = r.claim AND r.claim <> 0"
    " LEFT JOIN piece i ON i.key = r.info AND r.info <> 0 AND r.info <> r.claim ORDER BY o.pos"
)
_EDGE_TIMES: Final = (
    "SELECT o.pos, t.start, t.stop, t.text FROM rel_time t JOIN edge_out o ON o.id = t.id"
    " ORDER BY o.pos, t.start, t.stop, t.text"
)
_NUMBERS: Final = (
    "INSERT INTO made.{} SELECT o.pos, b.indicator, b.unit, b.variant, b.rank, b.start, b.stop, b.claim, b.value,"
    " b.text, b.written, b.broken, sources(s.data) FROM {} LEFT JOIN piece s ON s.key = term_key(b.claim)"
)
_OF_NODES: Final = "node_out o JOIN obs b ON b.key = o.key"
_OF_EDGES: Final = "edge_out o JOIN rel r ON r.id = o.id JOIN obs b ON b.key = r.info AND r.info <> 0"
_PLACES: Final = (
    "INSERT INTO made.place SELECT o.pos, g.ord, g.place, g.lon, g.lat, COALESCE(n.id, '') FROM geo g"
    " JOIN node_out o ON o.key = g.key LEFT JOIN node n ON n.key = term_key(g.place)"
)
_KIND_COUNTS: Final = (
    "INSERT INTO made.kind_count SELECT 0, kind, COUNT(*) FROM node GROUP BY kind",
    "INSERT INTO made.kind_count SELECT 1, kind, COUNT(*) FROM rel GROUP BY kind",
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
_SHOWN: Final = 5


def prepare(store: Source, profile: Profile, path: Path, *, limit: int | None = None) -> int:
    """Write the profile's graph of a store to a new file; says how many nodes it has.

    Raises `ExportError` where the graph cannot be carried or has more than ``limit`` edges, or a `QueryError` for a
    profile that cannot be asked.
    """
    with closing(sqlite3.connect(path)) as made:
        made.executescript(SCHEMA)
    with closing(open_stage()) as db:
        db.execute("ATTACH ? AS made", (str(path),))
        return _Preparation(db, store, profile).run(limit)


class _Preparation:
    """The staged graph on its way into the file."""

    def __init__(self, db: sqlite3.Connection, store: Source, profile: Profile) -> None:
        self.db = db
        self.store = store
        self.profile = profile
        self.vocabulary = Vocabulary(())
        self.names = Names()
        self.loader = Loader(db, self.vocabulary, self.names, blank_nodes=_allows_blank_nodes(profile))

    def run(self, limit: int | None) -> int:
        """Ask, resolve, lay down."""
        self._stage()
        events = resolve_events(self.db, self.names)
        self._check_ids()
        check_size(self._count("rel"), limit)
        self._number()
        attributes = self._lay_nodes(), self._lay_edges()
        self._lay_rest()
        overview = self._overview(events, *attributes)
        self._note(overview)
        return overview.nodes

    def _stage(self) -> None:
        settled = False
        self.db.execute("BEGIN")
        for query in self.profile.files():
            if query.part not in EARLY and not settled:
                self.loader.settle()
                settled = True
            self.loader.load(query.part, rows(self.store, query))
        self.db.execute("COMMIT")

    def _check_ids(self) -> None:
        twice = self.db.execute("SELECT id, MIN(iri), MAX(iri) FROM node GROUP BY id HAVING COUNT(*) > 1").fetchone()
        if twice:
            raise ExportError(f"{twice[1]} and {twice[2]} get the same id {twice[0]}", hint="rename one of them")

    def _number(self) -> None:
        """Number everything in writing order."""
        self.db.execute("BEGIN")
        self.names.save(self.db)
        for sql in (_NODE_ORDER, _EDGE_ORDER, _DEGREES):
            self.db.execute(sql)

    def _lay_nodes(self) -> tuple[Any, ...]:
        census = Census(self.vocabulary)
        nodes = Shelf(self.db, "INSERT INTO made.node VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        times = Shelf(self.db, "INSERT INTO made.node_time VALUES (?, ?, ?)")
        for row in self.db.execute(_NODES):
            nodes.add(row)
            if row[-1] is not None:
                piece = unpacked(row[-1])
                census.look(piece)
                _add_days(times, row[0], piece)
        nodes.flush()
        times.flush()
        return census.as_data()

    def _lay_edges(self) -> tuple[Any, ...]:
        census = Census(self.vocabulary)
        edges = Shelf(self.db, "INSERT INTO made.edge VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        times = Shelf(self.db, "INSERT INTO made.edge_time VALUES (?, ?, ?)")
        for row, piece in self._known_edges():
            edges.add((*row, packed(piece) if any(piece) else None))
            census.look(piece)
            _add_days(times, row[0], piece)
        edges.flush()
        times.flush()
        return census.as_data()

    def _known_edges(self) -> Iterator[tuple[tuple[Any, ...], Piece]]:
        """Each edge with what is known of it: its own time, that of its claim, and what stands in the claim."""
        stated = Side(self.db.execute(_EDGE_TIMES))
        for position, number, *row, claim, same, info in self.db.execute(_EDGES):
            known = unpacked(claim)
            about = known if same else unpacked(info)
            times = [*stated.take(position), *known.times]
            yield (position, edge_name(number), *row), Piece(about.labels, about.cells, times, known.evidence)

    def _lay_rest(self) -> None:
        for sql in (
            _NUMBERS.format("node_number", _OF_NODES), _NUMBERS.format("edge_number", _OF_EDGES), _PLACES, *_KIND_COUNTS
        ):  # fmt: skip
            self.db.execute(sql)
        self.db.executemany("INSERT INTO made.name VALUES (?, ?)", enumerate(self.names.texts))
        sets = self.loader.index.kind_sets
        used = self.db.execute("SELECT DISTINCT kinds FROM node").fetchall()
        rows = ((number, " ".join(map(str, sets[number]))) for (number,) in used)
        self.db.executemany("INSERT INTO made.kind_set VALUES (?, ?)", rows)
        self.db.executemany("INSERT INTO made.stated VALUES (?, ?, ?, ?, ?, ?)", self._stated())
        self.db.execute("COMMIT")
        self.db.executescript(INDEXES.format(schema="made"))

    def _stated(self) -> Iterator[tuple[Any, ...]]:
        for iri, evidence in self.loader.by_graph.items():
            if f"<{iri}>" in self.names:
                number = self.names.of_iri(iri)
                yield from ((number, place, *row) for place, row in enumerate(evidence))

    def _overview(self, events: EventCounts, nodes: tuple[Any, ...], edges: tuple[Any, ...]) -> Overview:
        loose = dangling_ends(self.db, self.store)
        return Overview(
            profile=self.profile.name,
            nodes=self._count("node_out"),
            edges=self._count("edge_out"),
            parallel=int(self.db.execute(_PARALLEL).fetchone()[0]),
            events=events,
            dangling=dangling_edges(self.db, loose),
            dangling_ends=loose[:_SHOWN],
            unplaced=int(self.db.execute(_UNPLACED).fetchone()[0]),
            odd_text=self.loader.facts.odd_text,
            fixed=tuple(self._fixed()),
            vocabulary=self.vocabulary.as_data(),
            node_attributes=nodes,
            edge_attributes=edges,
        )

    def _fixed(self) -> Iterator[str]:
        """The columns every projection may have, without those that nothing here could fill."""
        for name in dict.fromkeys(name for name, _ in (*NODE_FIXED, *EDGE_FIXED, *PROVENANCE)):
            if name in SOURCED and name not in self.loader.facts.sourced:
                continue
            probe = _PROBES.get(name)
            if probe is None or self.db.execute(probe).fetchone():
                yield name

    def _note(self, overview: Overview) -> None:
        facts = (("key", made_for(self.profile)), ("overview", overview.as_bytes()))
        self.db.executemany("INSERT INTO made.made VALUES (?, ?)", facts)

    def _count(self, table: str) -> int:
        return int(self.db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608


def check_size(edges: int, limit: int | None) -> None:
    """Raise `ExportError` where there are more edges than allowed."""
    if limit is not None and edges > limit:
        raise ExportError(
            f"{edges} edges are more than the {limit} allowed", code="export-too-large",
            hint="ask for a slice: center and hops, kinds, or max-nodes",
        )  # fmt: skip


def _add_days(shelf: Shelf, position: int, piece: Piece) -> None:
    for start, stop, _ in piece.times:
        if start or stop:
            shelf.add((position, start, stop))


def _allows_blank_nodes(profile: Profile) -> bool:
    """A profile says so itself, in a comment of its ``nodes`` query."""
    return any("allow-blank-nodes" in query.text for query in profile.queries["nodes"])
