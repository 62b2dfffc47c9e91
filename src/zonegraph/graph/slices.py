"""Slices: a date, kinds, a neighbourhood, a number of nodes. What is left out is counted by kind."""

from __future__ import annotations

import difflib
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from zonegraph.errors import UsageError
from zonegraph.graph.options import ExportOptions, LeftOut
from zonegraph.graph.prepared import Prepared
from zonegraph.graph.vocabulary import Vocabulary
from zonegraph.names import ZGI, expand

_DATED_ELSEWHERE: Final = (
    "DELETE FROM keep_{0} WHERE pos IN (SELECT pos FROM {0}_time)"
    " AND pos NOT IN (SELECT pos FROM {0}_time WHERE (start = '' OR start <= ?) AND (stop = '' OR stop >= ?))"
)
_LOOSE_RELATIONS: Final = (
    "DELETE FROM keep_edge WHERE pos IN (SELECT e.pos FROM edge e LEFT JOIN keep_node s ON s.pos = e.source"
    " LEFT JOIN keep_node t ON t.pos = e.target WHERE s.pos IS NULL OR t.pos IS NULL)"
)
#: All but the edges of the asked kinds and the roles in events of the asked kinds.
_OTHER_EDGES: Final = (
    "DELETE FROM keep_edge WHERE pos IN (SELECT pos FROM edge WHERE kind NOT IN wanted_edge AND claim NOT IN"
    " (SELECT pos FROM node WHERE event AND kinds IN wanted_node))"
)
_NEXT_HOP: Final = (
    "INSERT OR IGNORE INTO hop SELECT e.{far}, ? FROM hop h JOIN edge e ON e.{near} = h.pos"
    " JOIN keep_edge k ON k.pos = e.pos JOIN keep_node n ON n.pos = e.{far} WHERE h.distance = ?"
)
_DEGREES: Final = (
    "CREATE TEMP TABLE degree (pos INTEGER PRIMARY KEY, degree INTEGER)",
    "INSERT INTO degree SELECT pos, COUNT(*) FROM (SELECT e.source AS pos FROM keep_edge k JOIN edge e ON e.pos = k.pos"
    " UNION ALL SELECT e.target FROM keep_edge k JOIN edge e ON e.pos = k.pos) GROUP BY pos",
)
_MOST_CONNECTED: Final = (
    "DELETE FROM keep_node WHERE pos NOT IN (SELECT k.pos FROM keep_node k LEFT JOIN hop h ON h.pos = k.pos"
    " LEFT JOIN degree d ON d.pos = k.pos"
    " ORDER BY COALESCE(h.distance, 2147483647), COALESCE(d.degree, 0) DESC, k.pos LIMIT ?)"
)
_TABLES: Final = (
    "CREATE TEMP TABLE keep_node (pos INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE keep_edge (pos INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE hop (pos INTEGER PRIMARY KEY, distance INTEGER)",
    "INSERT INTO keep_node SELECT pos FROM node",
    "INSERT INTO keep_edge SELECT pos FROM edge",
)


@dataclass(frozen=True, slots=True)
class Cut:
    """What is kept of a prepared graph: everything, or what the temporary tables of a slice name."""

    db: sqlite3.Connection
    sliced: bool
    left_out: LeftOut

    def join(self, table: str, alias: str) -> str:
        """The end of a FROM clause that keeps only rows about kept nodes, or edges."""
        return f" JOIN keep_{table} keep ON keep.pos = {alias}.pos" if self.sliced else ""

    def count(self, table: str) -> int:
        """How many nodes, or edges, are kept."""
        return int(self.db.execute(f"SELECT COUNT(*) FROM keep_{table}").fetchone()[0])  # noqa: S608


class Slicer:
    """Narrows a prepared graph down to what was asked for."""

    def __init__(self, prepared: Prepared, vocabulary: Vocabulary, options: ExportOptions) -> None:
        self.db = prepared.db
        self.names = prepared.names
        self.kind_sets = prepared.kind_sets
        self.vocabulary = vocabulary
        self.options = options
        self.reasons: list[str] = []

    def cut(self) -> Cut:
        """Apply every option in turn: date, kinds, neighbourhood, number."""
        if not self.options.is_slice:
            return Cut(self.db, sliced=False, left_out=LeftOut())
        center = self._find_center()
        self.db.execute("BEGIN")
        self._run(_TABLES)
        self._cut_date()
        self._cut_kinds(center)
        self._cut_hops(center)
        self._cut_number()
        self.db.execute(_LOOSE_RELATIONS)
        self.db.execute("DROP TABLE IF EXISTS temp.degree")
        self._run(_DEGREES)
        self.db.execute("COMMIT")
        return Cut(self.db, sliced=True, left_out=self._left_out())

    def _run(self, statements: Iterable[str]) -> None:
        for sql in statements:
            self.db.execute(sql)

    def _find_center(self) -> int | None:
        asked = self.options.center
        if asked is None:
            return None
        for iri in (asked, expand(asked), ZGI + asked.lstrip("/")):
            if found := self._numbers("SELECT pos FROM node WHERE iri = ?", iri):
                return found[0]
        if found := self._numbers("SELECT pos FROM node WHERE id = ?", asked):
            return found[0]
        raise UsageError(
            f"--center {asked}: no node of this profile has this IRI", hint="give the IRI of a thing, as its page shows"
        )

    def _cut_date(self) -> None:
        day = self.options.as_of
        if day is None:
            return
        for table in ("node", "edge"):
            self.db.execute(_DATED_ELSEWHERE.format(table), (day, day))
        self.db.execute(_LOOSE_RELATIONS)
        self.reasons.append(f"as of {day}")

    def _cut_kinds(self, center: int | None) -> None:
        if not self.options.kinds:
            return
        sets = {number: self._iris(kinds) for number, kinds in self.kind_sets.items()}
        nodes = frozenset().union(*sets.values())
        edges = self._iris(self._numbers("SELECT kind FROM kind_count WHERE edges"))
        self._refuse_unknown(nodes | edges)
        wanted = self._match(nodes, self.options.kinds)
        self._temporary("wanted_node", [number for number, kinds in sets.items() if kinds & wanted])
        self._temporary("wanted_edge", map(self.names.of_iri, self._match(edges, self.options.kinds)))
        if self._names_edges(nodes, edges):
            self.db.execute(_OTHER_EDGES)
            ends = "SELECT {} FROM edge JOIN keep_edge USING (pos)"
        else:
            ends = "SELECT {} FROM edge WHERE kind IN wanted_edge"
        chosen = "SELECT pos FROM node WHERE kinds IN wanted_node"
        self._keep_only(f"{chosen} UNION {ends.format('source')} UNION {ends.format('target')}", center)
        self.db.execute(_LOOSE_RELATIONS)
        self.reasons.append(f"kinds {','.join(self.options.kinds)}")

    def _names_edges(self, nodes: frozenset[str], edges: frozenset[str]) -> bool:
        """Whether edges of other kinds go: a name means edges only, or no name means nodes only."""
        means = [(self._match(nodes, (name,)), self._match(edges, (name,))) for name in self.options.kinds]
        return any(some and not things for things, some in means) or not any(
            things and not some for things, some in means
        )

    def _numbers(self, sql: str, *given: str | int) -> tuple[int, ...]:
        return tuple(number for (number,) in self.db.execute(sql, given))

    def _iris(self, numbers: tuple[int, ...]) -> frozenset[str]:
        return frozenset(self.names.iris(numbers))

    def _keep_only(self, sql: str, center: int | None) -> None:
        self.db.execute(f"DELETE FROM keep_node WHERE pos IS NOT ? AND pos NOT IN ({sql})", (center,))  # noqa: S608

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
        self.db.execute("INSERT OR IGNORE INTO keep_node VALUES (?)", (center,))
        self.db.execute("INSERT INTO hop VALUES (?, 0)", (center,))
        for distance in range(hops):
            for near, far in (("source", "target"), ("target", "source")):
                self.db.execute(_NEXT_HOP.format(near=near, far=far), (distance + 1, distance))
        self.db.execute("DELETE FROM keep_node WHERE pos NOT IN (SELECT pos FROM hop)")
        self.db.execute(_LOOSE_RELATIONS)
        self.reasons.append(f"{hops} hops from {self._iri(center)}")

    def _cut_number(self) -> None:
        limit = self.options.max_nodes
        if limit is None or len(self._numbers("SELECT pos FROM keep_node LIMIT ?", limit + 1)) <= limit:
            return
        self._run(_DEGREES)
        self.db.execute(_MOST_CONNECTED, (limit,))
        self.reasons.append(f"at most {limit} nodes")

    def _left_out(self) -> LeftOut:
        by_kind = self.db.execute(
            "SELECT kind, COUNT(*) FROM node WHERE pos NOT IN (SELECT pos FROM keep_node) GROUP BY kind"
        )
        found = sorted((self.names.texts[kind], count) for kind, count in by_kind)
        kinds = {self.vocabulary.name(kind): count for kind, count in found}
        edges = self._numbers("SELECT COUNT(*) FROM edge WHERE pos NOT IN (SELECT pos FROM keep_edge)")[0]
        return LeftOut(sum(kinds.values()), edges, "; ".join(self.reasons), kinds)

    def _iri(self, position: int) -> str:
        return str(self.db.execute("SELECT iri FROM node WHERE pos = ?", (position,)).fetchone()[0])
