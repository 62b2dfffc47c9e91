"""Events: with exactly two participants an edge, with more or with one a node. Every case is counted.

A participant is a thing of the profile. An event with fewer than two that hangs on a kept event (the outcome of a
merger for one of its parties) counts that event as a participant too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final, NamedTuple

from zonegraph.graph.ids import edge_number
from zonegraph.graph.index import key_of
from zonegraph.graph.remarks import note_links
from zonegraph.graph.stage import Names, Shelf

_ROLES: Final = (
    "SELECT DISTINCT r.event, r.rank, r.role, n.iri, n.key, r.via, r.incoming, e.iri, e.relation, e.weight, e.kind"
    " FROM role r JOIN event e ON e.key = r.event JOIN node n ON n.key = r.participant"
    " LEFT JOIN node k ON k.key = e.key"
    " WHERE r.event <> r.participant AND (k.key IS NOT NULL) = ? AND e.size > ? ORDER BY r.event"
)
_SIZE: Final = (
    "UPDATE event SET size = (SELECT COUNT(DISTINCT r.participant) FROM role r JOIN node n ON n.key = r.participant"
    " WHERE r.event = event.key AND r.participant <> event.key)"
    " WHERE NOT EXISTS (SELECT 1 FROM node n WHERE n.key = event.key)"
)
_KEEP: Final = (
    "INSERT OR IGNORE INTO node SELECT key, iri, node_id(iri), 1, kind, kinds FROM event"
    " WHERE size > 2 OR size BETWEEN 1 AND ?"
)
_COUNTS: Final = (
    "SELECT SUM(n.key IS NULL AND e.size = 2), SUM(n.key IS NOT NULL), SUM(n.key IS NULL AND e.size < 2)"
    " FROM event e LEFT JOIN node n ON n.key = e.key"
)
_INSERT: Final = "INSERT OR IGNORE INTO rel VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')"
#: A claim that states the same makes the plain triple needless.
_STATED: Final = (
    "DELETE FROM rel WHERE event = '' AND EXISTS (SELECT 1 FROM rel s WHERE s.event <> ''"
    " AND s.source = rel.source AND s.kind = rel.kind AND s.target = rel.target)"
)


class Participant(NamedTuple):
    """One participant of an event."""

    event: int
    rank: int
    role: int
    iri: str
    key: int
    via: str
    incoming: int
    claim: str
    relation: int | None
    weight: float
    kind: int


@dataclass(frozen=True, slots=True)
class EventCounts:
    """How many events became edges and nodes, how many links to other claims stand on them as remarks.

    ``skipped`` events have no participant at all; ``unlinked`` links join two claims of which neither is drawn.
    """

    collapsed: int
    kept: int
    noted: int
    skipped: int
    unlinked: int


def resolve_events(db: sqlite3.Connection, names: Names) -> EventCounts:
    """Turn every staged event into an edge or a node."""
    _drop_stated(db)
    db.execute("CREATE INDEX role_event ON role (event)")
    _keep(db)
    edges = Shelf(db, _INSERT)
    for edge in _collapsed(db, names):
        edges.add(edge)
    for edge in _role_edges(db, names):
        edges.add(edge)
    edges.flush()
    noted, unlinked = note_links(db)
    collapsed, kept, skipped = (int(count or 0) for count in db.execute(_COUNTS).fetchone())
    return EventCounts(collapsed, kept, noted, skipped, unlinked)


def _drop_stated(db: sqlite3.Connection) -> None:
    if db.execute("SELECT 1 FROM rel WHERE event <> '' LIMIT 1").fetchone():
        db.execute("CREATE INDEX stated ON rel (source, kind, target)")
        db.execute(_STATED)
        db.execute("DROP INDEX stated")


def _keep(db: sqlite3.Connection) -> None:
    """First those of many; then, kept events being participants too, those with one, until nothing changes."""
    changes = 1
    for least_but_one in (0, 0, 1):
        changes = _keep_once(db, least_but_one, stale=bool(changes))
    while changes:
        changes = _keep_once(db, 1, stale=True)


def _keep_once(db: sqlite3.Connection, least_but_one: int, *, stale: bool) -> int:
    """Keep the events of many participants, counting those anew where the last round made nodes; how many."""
    if stale:
        db.execute(_SIZE)
    return db.execute(_KEEP, (least_but_one,)).rowcount


def _grouped(db: sqlite3.Connection, names: Names, *, kept: bool, above: int) -> Iterator[list[Participant]]:
    """The participants of each event in the order of reading."""
    texts = names.texts
    found = map(Participant._make, db.execute(_ROLES, (kept, above)))
    for _, roles in groupby(found, key=lambda role: role.event):
        yield sorted(roles, key=lambda r: (r.rank, texts[r.role], r.iri, r.via))


def _collapsed(db: sqlite3.Connection, names: Names) -> Iterator[tuple[object, ...]]:
    texts = names.texts
    for roles in _grouped(db, names, kept=False, above=1):
        first = roles[0]
        other = next(role for role in roles if role.key != first.key)
        parts = [",".join(sorted({texts[r.role] for r in roles if r.key == end.key})) for end in (first, other)]
        kind = first.kind if first.relation is None else first.relation
        key = edge_number(first.iri, texts[kind], other.iri, first.claim)
        alike = parts[0] == parts[1] and first.rank == other.rank
        ends = (key, first.key, kind, other.key)
        yield *ends, first.claim, first.weight, first.event, first.event, *parts, int(alike)


def _role_edges(db: sqlite3.Connection, names: Names) -> Iterator[tuple[object, ...]]:
    for roles in _grouped(db, names, kept=True, above=0):
        for role in roles:
            ends = ((role.claim, role.event), (role.iri, role.key))
            (source, source_key), (target, target_key) = reversed(ends) if role.incoming else ends
            identity = role.via or role.claim
            key = edge_number(source, names.texts[role.role], target, identity)
            info = key_of(f"<{role.via}>") if role.via else 0
            yield key, source_key, role.role, target_key, identity, 1.0, info, role.event, "", "", 0
