"""Slices: a date, kinds, a neighbourhood, a number of nodes. What is left out is counted by kind."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Final

from zonegraph.errors import UsageError
from zonegraph.graph.index import key_of
from zonegraph.graph.load import Loader
from zonegraph.graph.options import ExportOptions, LeftOut
from zonegraph.graph.pieces import unpacked
from zonegraph.graph.stage import Shelf
from zonegraph.names import ZGI, expand

_DATED_ELSEWHERE: Final = (
    "DELETE FROM {keep} WHERE {key} IN (SELECT {key} FROM {time} WHERE start <> '' OR stop <> '')"
    " AND {key} NOT IN (SELECT {key} FROM {time} WHERE (start <> '' OR stop <> '')"
    " AND (start = '' OR start <= ?) AND (stop = '' OR stop >= ?))"
)
_ALL_TIMES: Final = (
    "CREATE TEMP TABLE dated AS SELECT id, start, stop FROM rel_time"
    " UNION SELECT r.id, t.start, t.stop FROM rel r JOIN known_time t ON t.key = r.claim WHERE r.claim <> 0"
)
_LOOSE_RELATIONS: Final = (
    "DELETE FROM keep_rel WHERE id IN (SELECT r.id FROM rel r LEFT JOIN keep s ON s.key = r.source"
    " LEFT JOIN keep t ON t.key = r.target WHERE s.key IS NULL OR t.key IS NULL)"
)
#: All but the edges of the asked kinds and the roles in events of the asked kinds.
_OTHER_EDGES: Final = (
    "DELETE FROM keep_rel WHERE id IN (SELECT id FROM rel WHERE kind NOT IN wanted_edge AND claim NOT IN"
    " (SELECT n.key FROM node n WHERE n.event AND n.kinds IN wanted_node))"
)
_NEXT_HOP: Final = (
    "INSERT OR IGNORE INTO hop SELECT {far}, ? FROM hop h JOIN rel r ON r.{near} = h.key"
    " JOIN keep_rel k ON k.id = r.id JOIN keep n ON n.key = r.{far} WHERE h.distance = ?"
)
_MOST_CONNECTED: Final = (
    "DELETE FROM keep WHERE key NOT IN (SELECT n.key FROM keep k JOIN node n ON n.key = k.key"
    " LEFT JOIN hop h ON h.key = n.key"
    " ORDER BY COALESCE(h.distance, 2147483647),"
    " (SELECT COUNT(*) FROM rel r JOIN keep_rel x ON x.id = r.id WHERE r.source = n.key)"
    " + (SELECT COUNT(*) FROM rel r JOIN keep_rel x ON x.id = r.id WHERE r.target = n.key) DESC, n.id LIMIT ?)"
)
#: What is kept, as tables that can be narrowed, or as views of everything where nothing is asked.
_TABLES: Final = (
    "CREATE TABLE keep (key INTEGER PRIMARY KEY)",
    "CREATE TABLE keep_rel (id INTEGER PRIMARY KEY)",
    "CREATE TABLE hop (key INTEGER PRIMARY KEY, distance INTEGER)",
    "INSERT INTO keep SELECT key FROM node",
    "INSERT INTO keep_rel SELECT id FROM rel",
    "CREATE INDEX rel_source ON rel (source)",
    "CREATE INDEX rel_target ON rel (target)",
    "CREATE INDEX node_by_id ON node (id)",
)
_VIEWS: Final = ("CREATE TEMP VIEW keep AS SELECT key FROM node", "CREATE TEMP VIEW keep_rel AS SELECT id FROM rel")


class Slicer:
    """Narrows the staged graph down to what was asked for; the tables ``keep`` and ``keep_rel`` hold the result."""

    def __init__(self, loader: Loader, options: ExportOptions) -> None:
        self.db = loader.db
        self.vocabulary = loader.vocabulary
        self.names = loader.names
        self.kind_sets = loader.index.kind_sets
        self.options = options
        self.reasons: list[str] = []

    def cut(self) -> LeftOut:
        """Apply every option in turn: date, kinds, neighbourhood, number."""
        if not self.options.is_slice:
            self._run(_VIEWS)
            return LeftOut()
        self._run(_TABLES)
        center = self._find_center()
        self._cut_date()
        self._cut_kinds(center)
        self._cut_hops(center)
        self._cut_number()
        self.db.execute(_LOOSE_RELATIONS)
        return self._left_out()

    def _run(self, statements: Iterable[str]) -> None:
        for sql in statements:
            self.db.execute(sql)

    def _find_center(self) -> int | None:
        asked = self.options.center
        if asked is None:
            return None
        for iri in (asked, expand(asked), ZGI + asked.lstrip("/")):
            key = key_of(f"<{iri}>")
            if self.db.execute("SELECT 1 FROM node WHERE key = ?", (key,)).fetchone():
                return key
        found = self.db.execute("SELECT key FROM node WHERE id = ?", (asked,)).fetchone()
        if found:
            return int(found[0])
        raise UsageError(
            f"--center {asked}: no node of this profile has this IRI", hint="give the IRI of a thing, as its page shows"
        )

    def _cut_date(self) -> None:
        day = self.options.as_of
        if day is None:
            return
        self._note_times()
        self.db.execute(_DATED_ELSEWHERE.format(keep="keep", key="key", time="known_time"), (day, day))
        self.db.execute(_DATED_ELSEWHERE.format(keep="keep_rel", key="id", time="dated"), (day, day))
        self.db.execute(_LOOSE_RELATIONS)
        self.reasons.append(f"as of {day}")

    def _note_times(self) -> None:
        """Bring the times of things and claims from their pieces into tables."""
        self.db.execute("CREATE TEMP TABLE known_time (key INTEGER, start TEXT, stop TEXT)")
        times = Shelf(self.db, "INSERT INTO known_time VALUES (?, ?, ?)")
        for key, data in self.db.execute("SELECT key, data FROM piece"):
            for start, stop, _ in unpacked(data).times:
                times.add((key, start, stop))
        times.flush()
        self.db.execute("CREATE INDEX known ON known_time (key)")
        self.db.execute(_ALL_TIMES)

    def _cut_kinds(self, center: int | None) -> None:
        if not self.options.kinds:
            return
        sets = {
            number: self._iris(self.kind_sets[number]) for number in self._numbers("SELECT DISTINCT kinds FROM node")
        }
        nodes = frozenset().union(*sets.values())
        edges = self._iris(self._numbers("SELECT DISTINCT kind FROM rel"))
        self._refuse_unknown(nodes | edges)
        wanted = self._match(nodes, self.options.kinds)
        self._temporary("wanted_node", [number for number, kinds in sets.items() if kinds & wanted])
        self._temporary("wanted_edge", map(self.names.of_iri, self._match(edges, self.options.kinds)))
        if self._names_edges(nodes, edges):
            self.db.execute(_OTHER_EDGES)
            ends = "SELECT {} FROM rel JOIN keep_rel USING (id)"
        else:
            ends = "SELECT {} FROM rel WHERE kind IN wanted_edge"
        chosen = "SELECT key FROM node WHERE kinds IN wanted_node"
        self._keep_only(f"{chosen} UNION {ends.format('source')} UNION {ends.format('target')}", center)
        self.db.execute(_LOOSE_RELATIONS)
        self.reasons.append(f"kinds {','.join(self.options.kinds)}")

    def _names_edges(self, nodes: frozenset[str], edges: frozenset[str]) -> bool:
        """Whether edges of other kinds go: a name means edges only, or no name means nodes only."""
        means = [(self._match(nodes, (name,)), self._match(edges, (name,))) for name in self.options.kinds]
        return any(some and not things for things, some in means) or not any(
            things and not some for things, some in means
        )

    def _numbers(self, sql: str) -> tuple[int, ...]:
        return tuple(number for (number,) in self.db.execute(sql))

    def _iris(self, numbers: tuple[int, ...]) -> frozenset[str]:
        return frozenset(self.names.iris(numbers))

    def _keep_only(self, sql: str, center: int | None) -> None:
        self.db.execute(f"DELETE FROM keep WHERE key IS NOT ? AND key NOT IN ({sql})", (center,))  # noqa: S608

    def _temporary(self, table: str, numbers: Iterable[int]) -> None:
        self.db.execute(f"CREATE TEMP TABLE {table} (number INTEGER PRIMARY KEY)")
        self.db.executemany(f"INSERT INTO {table} VALUES (?)", ((number,) for number in numbers))  # noqa: S608

    def _match(self, present: Iterable[str], names: Sequence[str]) -> frozenset[str]:
        """The present kinds that are, or lie below, one of the asked names."""
        return frozenset(
            k for k in present if any(self._is_called(w, names) for w in {k} | self.vocabulary.ancestors(k))
        )

    def _is_called(self, kind: str, names: Sequence[str]) -> bool:
        return any(name == kind or expand(name) == kind or name == self.vocabulary.name(kind) for name in names)

    def _refuse_unknown(self, present: Iterable[str]) -> None:
        wider = self.vocabulary.wider(present)
        known = sorted({self.vocabulary.name(kind) for kind in wider})
        for name in self.options.kinds:
            if not any(self._is_called(kind, (name,)) for kind in wider):
                close = difflib.get_close_matches(name, known, n=3) or known[:8]
                raise UsageError(
                    f"--kinds {name}: nothing of this kind is in the graph", hint=f"such as {', '.join(close)}"
                )

    def _cut_hops(self, center: int | None) -> None:
        if center is None:
            return
        hops = 1 if self.options.hops is None else self.options.hops
        self.db.execute("INSERT OR IGNORE INTO keep VALUES (?)", (center,))
        self.db.execute("INSERT INTO hop VALUES (?, 0)", (center,))
        for distance in range(hops):
            for near, far in (("source", "target"), ("target", "source")):
                self.db.execute(_NEXT_HOP.format(near=near, far=far), (distance + 1, distance))
        self.db.execute("DELETE FROM keep WHERE key NOT IN (SELECT key FROM hop)")
        self.db.execute(_LOOSE_RELATIONS)
        self.reasons.append(f"{hops} hops from {self._iri(center)}")

    def _cut_number(self) -> None:
        limit = self.options.max_nodes
        if limit is None or self.db.execute("SELECT COUNT(*) FROM keep").fetchone()[0] <= limit:
            return
        self.db.execute(_MOST_CONNECTED, (limit,))
        self.reasons.append(f"at most {limit} nodes")

    def _left_out(self) -> LeftOut:
        by_kind = self.db.execute(
            "SELECT kind, COUNT(*) FROM node WHERE key NOT IN (SELECT key FROM keep) GROUP BY kind"
        )
        found = sorted((self.names.texts[kind], count) for kind, count in by_kind)
        kinds = {self.vocabulary.name(kind): count for kind, count in found}
        edges = self.db.execute("SELECT COUNT(*) FROM rel WHERE id NOT IN (SELECT id FROM keep_rel)").fetchone()[0]
        return LeftOut(sum(kinds.values()), edges, "; ".join(self.reasons), kinds)

    def _iri(self, key: int) -> str:
        return str(self.db.execute("SELECT iri FROM node WHERE key = ?", (key,)).fetchone()[0])
