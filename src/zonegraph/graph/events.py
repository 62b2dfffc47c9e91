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

from zonegraph.graph.ids import edge_id
from zonegraph.graph.links import note_links

_ROLES: Final = (
    "SELECT r.event, r.rank, r.role, r.participant, r.via, r.incoming, e.relation, e.weight, e.kind FROM event e"
    " JOIN role r ON r.event = e.iri JOIN node n ON n.iri = r.participant LEFT JOIN node k ON k.iri = e.iri"
    " WHERE r.event <> r.participant AND (k.iri IS NOT NULL) = ? AND e.size > ?"
    " ORDER BY r.event, r.rank, r.role, r.participant, r.via"
)
_KINDS: Final = "UPDATE event SET kind = specific((SELECT GROUP_CONCAT(kind, ' ') FROM kind k WHERE k.iri = event.iri))"
_SIZE: Final = (
    "UPDATE event SET size = (SELECT COUNT(DISTINCT r.participant) FROM role r JOIN node n ON n.iri = r.participant"
    " WHERE r.event = event.iri AND r.participant <> event.iri)"
    " WHERE NOT EXISTS (SELECT 1 FROM node n WHERE n.iri = event.iri)"
)
_KEEP: Final = (
    "INSERT OR IGNORE INTO node SELECT iri, node_id(iri), 1, NULL FROM event WHERE size > 2 OR size BETWEEN 1 AND ?"
)
_COUNTS: Final = (
    "SELECT SUM(n.iri IS NULL AND e.size = 2), SUM(n.iri IS NOT NULL), SUM(n.iri IS NULL AND e.size < 2)"
    " FROM event e LEFT JOIN node n ON n.iri = e.iri"
)
_INSERT: Final = "INSERT OR IGNORE INTO rel VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_COPY_TIME: Final = (
    "INSERT OR IGNORE INTO rel_time SELECT r.id, t.start, t.stop, t.text FROM rel r"
    " JOIN node_time t ON t.iri = r.claim WHERE r.claim <> ''"
)


class Role(NamedTuple):
    """One participant of an event."""

    event: str
    rank: int
    role: str
    participant: str
    via: str
    incoming: int
    relation: str
    weight: float
    kind: str


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


def resolve_events(db: sqlite3.Connection) -> EventCounts:
    """Turn every staged event into an edge or a node."""
    db.execute("BEGIN")
    db.execute(_KINDS)
    _keep(db)
    db.executemany(_INSERT, _collapsed(db))
    db.executemany(_INSERT, _role_edges(db))
    noted, unlinked = note_links(db)
    db.execute(_COPY_TIME)
    db.execute("COMMIT")
    collapsed, kept, skipped = (int(count or 0) for count in db.execute(_COUNTS).fetchone())
    return EventCounts(collapsed, kept, noted, skipped, unlinked)


def _keep(db: sqlite3.Connection) -> None:
    """First those of many; then, kept events being participants too, those with one, until nothing changes."""
    for least_but_one in (0, 0, 1):
        db.execute(_SIZE)
        changes = db.execute(_KEEP, (least_but_one,)).rowcount
    while changes:
        db.execute(_SIZE)
        changes = db.execute(_KEEP, (1,)).rowcount


def _grouped(db: sqlite3.Connection, *, kept: bool, above: int) -> Iterator[tuple[str, list[Role]]]:
    found = map(Role._make, db.execute(_ROLES, (kept, above)))
    for event, roles in groupby(found, key=lambda role: role.event):
        yield event, list(roles)


def _collapsed(db: sqlite3.Connection) -> Iterator[tuple[object, ...]]:
    for event, roles in _grouped(db, kept=False, above=1):
        first = roles[0]
        other = next(role for role in roles if role.participant != first.participant)
        source, target = first.participant, other.participant
        names = [",".join(sorted({r.role for r in roles if r.participant == end})) for end in (source, target)]
        kind = first.relation or first.kind
        key = edge_id(source, kind, target, event)
        alike = names[0] == names[1] and first.rank == other.rank
        yield key, source, kind, target, event, first.weight, event, event, *names, int(alike)


def _role_edges(db: sqlite3.Connection) -> Iterator[tuple[object, ...]]:
    for event, roles in _grouped(db, kept=True, above=0):
        for role in roles:
            source, target = (role.participant, event) if role.incoming else (event, role.participant)
            identity = role.via or event
            key = edge_id(source, role.role, target, identity)
            yield key, source, role.role, target, identity, 1.0, role.via, event, "", "", 0
