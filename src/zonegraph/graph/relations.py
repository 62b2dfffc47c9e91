"""Plain edges: staged rows between listed nodes become relations; what hangs in the air is counted, never written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from zonegraph.graph.ids import edge_id
from zonegraph.graph.profiles import QueryFile
from zonegraph.graph.source import Source, rows
from zonegraph.graph.stage import text_of
from zonegraph.graph.vocabulary import Vocabulary

_ROWS: Final = (
    "SELECT e.source, e.kind, e.target, e.event, e.start, e.stop, e.text, e.weight, e.graph, s.id > t.id"
    " FROM edge_row e JOIN node s ON s.iri = e.source JOIN node t ON t.iri = e.target"
    " ORDER BY e.source, e.kind, e.target, e.event"
)
_LOOSE: Final = (
    "SELECT DISTINCT e.target FROM edge_row e JOIN node s ON s.iri = e.source"
    " LEFT JOIN node t ON t.iri = e.target LEFT JOIN event v ON v.iri = e.target WHERE t.iri IS NULL AND v.iri IS NULL"
    " UNION SELECT DISTINCT e.source FROM edge_row e JOIN node t ON t.iri = e.target"
    " LEFT JOIN node s ON s.iri = e.source LEFT JOIN event v ON v.iri = e.source WHERE s.iri IS NULL AND v.iri IS NULL"
)
_INSERT: Final = (
    "INSERT INTO rel VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', '', ?)"
    " ON CONFLICT (id) DO UPDATE SET weight = MAX(weight, excluded.weight)"
)
_BATCH: Final = 400
_ROWS_AT_ONCE: Final = 4000


def relate(db: sqlite3.Connection, vocabulary: Vocabulary) -> None:
    """Enter every edge row whose ends are nodes; a symmetric one goes from the lower id to the higher."""
    db.execute("BEGIN")
    found = db.execute(_ROWS)
    while batch := found.fetchmany(_ROWS_AT_ONCE):
        keyed = [_keyed(row, symmetric=row[1] in vocabulary.symmetric) for row in batch]
        db.executemany(_INSERT, [relation for relation, _, _ in keyed])
        times = [(relation[0], *time) for relation, time, _ in keyed if time[0] or time[1] or time[2].strip("./")]
        db.executemany("INSERT OR IGNORE INTO rel_time VALUES (?, ?, ?, ?)", times)
        graphs = [(relation[0], graph) for relation, _, graph in keyed if graph]
        db.executemany("INSERT OR IGNORE INTO rel_graph VALUES (?, ?)", graphs)
    db.execute("COMMIT")


def _keyed(row: tuple[Any, ...], *, symmetric: bool) -> tuple[tuple[Any, ...], tuple[str, str, str], str]:
    source, kind, target, event, start, stop, text, weight, graph, downward = row
    if symmetric and downward:
        source, target = target, source
    key = edge_id(source, kind, target, event)
    return (key, source, kind, target, event, weight, event, event, int(symmetric)), (start, stop, text), graph


def dangling_ends(db: sqlite3.Connection, store: Source) -> tuple[str, ...]:
    """Ends of edges that are no nodes and of which the store knows no type: mistakes in the data, or in a profile."""
    loose = sorted(iri for (iri,) in db.execute(_LOOSE) if not iri.startswith("_:"))
    return tuple(iri for batch in _batches(loose) for iri in _untyped(store, batch))


def _batches(items: Iterable[str]) -> Iterator[tuple[str, ...]]:
    iterator = iter(items)
    while batch := tuple(islice(iterator, _BATCH)):
        yield batch


def _untyped(store: Source, batch: Sequence[str]) -> Iterator[str]:
    values = " ".join(f"<{iri}>" for iri in batch)
    text = f"SELECT DISTINCT ?term WHERE {{ VALUES ?term {{ {values} }} ?term a ?any }}"
    known = {text_of(row[0]) for row in rows(store, QueryFile("vocabulary", Path("dangling-ends.rq"), text))}
    yield from (iri for iri in batch if iri not in known)


def dangling_edges(db: sqlite3.Connection, ends: Iterable[str]) -> int:
    """How many edge rows those ends cost."""
    sql = (
        "SELECT COUNT(*) FROM"
        " (SELECT DISTINCT source, kind, target, event FROM edge_row WHERE target = ? OR source = ?)"
    )
    return sum(int(db.execute(sql, (iri, iri)).fetchone()[0]) for iri in ends)
