"""Slices: a date, kinds, a neighbourhood, a number of nodes. What is left out is counted by kind."""

from __future__ import annotations

import difflib
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from zonegraph.errors import UsageError
from zonegraph.graph.options import ExportOptions, LeftOut
from zonegraph.graph.vocabulary import Vocabulary
from zonegraph.names import ZGI, expand

_DATED_ELSEWHERE: Final = (
    "DELETE FROM {keep} WHERE {key} IN (SELECT {key} FROM {time} WHERE start <> '' OR stop <> '')"
    " AND {key} NOT IN (SELECT {key} FROM {time} WHERE (start <> '' OR stop <> '')"
    " AND (start = '' OR start <= ?) AND (stop = '' OR stop >= ?))"
)
_LOOSE_RELATIONS: Final = (
    "DELETE FROM keep_rel WHERE id IN (SELECT r.id FROM rel r LEFT JOIN keep s ON s.iri = r.source"
    " LEFT JOIN keep t ON t.iri = r.target WHERE s.iri IS NULL OR t.iri IS NULL)"
)
#: All but the edges of the asked kinds and the roles in events of the asked kinds.
_OTHER_EDGES: Final = (
    "DELETE FROM keep_rel WHERE id IN (SELECT id FROM rel WHERE kind NOT IN wanted_edge AND claim NOT IN"
    " (SELECT n.iri FROM node n JOIN kind k ON k.iri = n.iri WHERE n.event AND k.kind IN wanted_node))"
)
_NEXT_HOP: Final = (
    "INSERT OR IGNORE INTO hop SELECT {far}, ? FROM hop h JOIN rel r ON r.{near} = h.iri"
    " JOIN keep_rel k ON k.id = r.id JOIN keep n ON n.iri = r.{far} WHERE h.distance = ?"
)
_MOST_CONNECTED: Final = (
    "DELETE FROM keep WHERE iri NOT IN (SELECT n.iri FROM keep k JOIN node n ON n.iri = k.iri"
    " LEFT JOIN hop h ON h.iri = n.iri"
    " ORDER BY COALESCE(h.distance, 2147483647),"
    " (SELECT COUNT(*) FROM rel r JOIN keep_rel x ON x.id = r.id WHERE r.source = n.iri)"
    " + (SELECT COUNT(*) FROM rel r JOIN keep_rel x ON x.id = r.id WHERE r.target = n.iri) DESC, n.id LIMIT ?)"
)


class Slicer:
    """Narrows the staged graph down to what was asked for; the tables ``keep`` and ``keep_rel`` hold the result."""

    def __init__(self, db: sqlite3.Connection, vocabulary: Vocabulary, options: ExportOptions) -> None:
        self.db = db
        self.vocabulary = vocabulary
        self.options = options
        self.reasons: list[str] = []

    def cut(self) -> LeftOut:
        """Apply every option in turn: date, kinds, neighbourhood, number."""
        self.db.execute("INSERT INTO keep SELECT iri FROM node")
        self.db.execute("INSERT INTO keep_rel SELECT id FROM rel")
        center = self._find_center()
        self._cut_date()
        self._cut_kinds(center)
        self._cut_hops(center)
        self._cut_number()
        self.db.execute(_LOOSE_RELATIONS)
        return self._left_out()

    def _find_center(self) -> str | None:
        asked = self.options.center
        if asked is None:
            return None
        for iri in (asked, expand(asked), ZGI + asked.lstrip("/")):
            if self.db.execute("SELECT 1 FROM node WHERE iri = ?", (iri,)).fetchone():
                return iri
        found = self.db.execute("SELECT iri FROM node WHERE id = ?", (asked,)).fetchone()
        if found:
            return str(found[0])
        raise UsageError(
            f"--center {asked}: no node of this profile has this IRI", hint="give the IRI of a thing, as its page shows"
        )

    def _cut_date(self) -> None:
        day = self.options.as_of
        if day is None:
            return
        self.db.execute(_DATED_ELSEWHERE.format(keep="keep", key="iri", time="node_time"), (day, day))
        self.db.execute(_DATED_ELSEWHERE.format(keep="keep_rel", key="id", time="rel_time"), (day, day))
        self.db.execute(_LOOSE_RELATIONS)
        self.reasons.append(f"as of {day}")

    def _cut_kinds(self, center: str | None) -> None:
        if not self.options.kinds:
            return
        nodes = self._column("SELECT DISTINCT kind FROM kind WHERE iri IN (SELECT iri FROM node)")
        edges = self._column("SELECT DISTINCT kind FROM rel")
        self._refuse_unknown(nodes | edges)
        self._temporary("wanted_node", self._match(nodes, self.options.kinds))
        self._temporary("wanted_edge", self._match(edges, self.options.kinds))
        if self._names_edges(nodes, edges):
            self.db.execute(_OTHER_EDGES)
            ends = "SELECT {} FROM rel JOIN keep_rel USING (id)"
        else:
            ends = "SELECT {} FROM rel WHERE kind IN wanted_edge"
        chosen = "SELECT iri FROM kind WHERE kind IN wanted_node"
        self._keep_only(f"{chosen} UNION {ends.format('source')} UNION {ends.format('target')}", center)
        self.db.execute(_LOOSE_RELATIONS)
        self.reasons.append(f"kinds {','.join(self.options.kinds)}")

    def _names_edges(self, nodes: frozenset[str], edges: frozenset[str]) -> bool:
        """Whether edges of other kinds go: a name means edges only, or no name means nodes only."""
        means = [(self._match(nodes, (name,)), self._match(edges, (name,))) for name in self.options.kinds]
        return any(some and not things for things, some in means) or not any(
            things and not some for things, some in means
        )

    def _column(self, sql: str) -> frozenset[str]:
        return frozenset(value for (value,) in self.db.execute(sql))

    def _keep_only(self, sql: str, center: str | None) -> None:
        self.db.execute(f"DELETE FROM keep WHERE iri IS NOT ? AND iri NOT IN ({sql})", (center,))  # noqa: S608

    def _temporary(self, table: str, kinds: Iterable[str]) -> None:
        self.db.execute(f"CREATE TEMP TABLE {table} (kind TEXT PRIMARY KEY)")
        self.db.executemany(f"INSERT INTO {table} VALUES (?)", ((kind,) for kind in sorted(kinds)))  # noqa: S608

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

    def _cut_hops(self, center: str | None) -> None:
        if center is None:
            return
        hops = 1 if self.options.hops is None else self.options.hops
        self.db.execute("INSERT OR IGNORE INTO keep VALUES (?)", (center,))
        self.db.execute("INSERT INTO hop VALUES (?, 0)", (center,))
        for distance in range(hops):
            for near, far in (("source", "target"), ("target", "source")):
                self.db.execute(_NEXT_HOP.format(near=near, far=far), (distance + 1, distance))
        self.db.execute("DELETE FROM keep WHERE iri NOT IN (SELECT iri FROM hop)")
        self.db.execute(_LOOSE_RELATIONS)
        self.reasons.append(f"{hops} hops from {center}")

    def _cut_number(self) -> None:
        limit = self.options.max_nodes
        if limit is None or self.db.execute("SELECT COUNT(*) FROM keep").fetchone()[0] <= limit:
            return
        self.db.execute(_MOST_CONNECTED, (limit,))
        self.reasons.append(f"at most {limit} nodes")

    def _left_out(self) -> LeftOut:
        by_kind = self.db.execute(
            "SELECT kind, COUNT(*) FROM node WHERE iri NOT IN (SELECT iri FROM keep) GROUP BY kind ORDER BY kind"
        )
        kinds = {self.vocabulary.name(kind): count for kind, count in by_kind}
        edges = self.db.execute("SELECT COUNT(*) FROM rel WHERE id NOT IN (SELECT id FROM keep_rel)").fetchone()[0]
        return LeftOut(sum(kinds.values()), edges, "; ".join(self.reasons), kinds)
