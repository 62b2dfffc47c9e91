"""Events: with exactly two participants an edge, with more a node, with one a remark on it. Every case is counted.

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
from zonegraph.graph.vocabulary import Vocabulary

_ROLES: Final = (
    "SELECT r.event, r.rank, r.role, r.participant, r.via, r.incoming, e.relation, e.weight FROM event e"
    " JOIN role r ON r.event = e.iri JOIN node n ON n.iri = r.participant"
    " WHERE r.event <> r.participant AND e.size BETWEEN ? AND ?"
    " ORDER BY r.event, r.rank, r.role, r.participant, r.via"
)
_SIZE: Final = (
    "UPDATE event SET size = (SELECT COUNT(DISTINCT r.participant) FROM role r JOIN node n ON n.iri = r.participant"
    " WHERE r.event = event.iri AND r.participant <> event.iri) WHERE size < 2"
)
_KEEP: Final = "INSERT OR IGNORE INTO node SELECT iri, node_id(iri), 1, NULL FROM event WHERE size > 2"
_INSERT: Final = "INSERT OR IGNORE INTO rel VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_COPY_TIME: Final = (
    "INSERT OR IGNORE INTO rel_time SELECT r.id, t.start, t.stop, t.text FROM rel r"
    " JOIN node_time t ON t.iri = r.claim WHERE r.claim <> ''"
)
_MANY: Final = 2**31


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


@dataclass(frozen=True, slots=True)
class EventCounts:
    """How many events became edges, nodes, remarks; and how many have no participant at all."""

    collapsed: int
    kept: int
    noted: int
    skipped: int


def resolve_events(db: sqlite3.Connection, vocabulary: Vocabulary) -> EventCounts:
    """Turn every staged event into an edge, a node or a remark."""
    db.execute("BEGIN")
    for _ in range(2):  # the second round counts the events that the first one kept
        db.execute(_SIZE)
        db.execute(_KEEP)
    db.executemany(_INSERT, _collapsed(db, vocabulary))
    db.executemany(_INSERT, _role_edges(db))
    db.executemany("INSERT OR IGNORE INTO attr VALUES (?, ?, ?, ?, ?)", _remarks(db, vocabulary))
    db.execute(_COPY_TIME)
    db.execute("COMMIT")
    sizes = "SELECT SUM(size = 2), SUM(size > 2), SUM(size = 1), SUM(size = 0) FROM event"
    return EventCounts(*(int(count or 0) for count in db.execute(sizes).fetchone()))


def _grouped(db: sqlite3.Connection, least: int, most: int) -> Iterator[tuple[str, list[Role]]]:
    found = map(Role._make, db.execute(_ROLES, (least, most)))
    for event, roles in groupby(found, key=lambda role: role.event):
        yield event, list(roles)


def _kind(db: sqlite3.Connection, vocabulary: Vocabulary, event: str) -> str:
    kinds = frozenset(kind for (kind,) in db.execute("SELECT kind FROM kind WHERE iri = ?", (event,)))
    return vocabulary.most_specific(kinds)


def _collapsed(db: sqlite3.Connection, vocabulary: Vocabulary) -> Iterator[tuple[object, ...]]:
    for event, roles in _grouped(db, 2, 2):
        first = roles[0]
        other = next(role for role in roles if role.participant != first.participant)
        source, target = first.participant, other.participant
        names = [",".join(sorted({r.role for r in roles if r.participant == end})) for end in (source, target)]
        kind = first.relation or _kind(db, vocabulary, event)
        key = edge_id(source, kind, target, event)
        alike = names[0] == names[1] and first.rank == other.rank
        yield key, source, kind, target, event, first.weight, event, event, *names, int(alike)


def _role_edges(db: sqlite3.Connection) -> Iterator[tuple[object, ...]]:
    for event, roles in _grouped(db, 3, _MANY):
        for role in roles:
            source, target = (role.participant, event) if role.incoming else (event, role.participant)
            identity = role.via or event
            key = edge_id(source, role.role, target, identity)
            yield key, source, role.role, target, identity, 1.0, role.via, event, "", "", 0


def _remarks(db: sqlite3.Connection, vocabulary: Vocabulary) -> Iterator[tuple[str, ...]]:
    """The label of a lone event becomes an attribute of its only participant, named after its kind."""
    for event, roles in _grouped(db, 1, 1):
        yield roles[0].participant, _kind(db, vocabulary, event), "", "remark", event
