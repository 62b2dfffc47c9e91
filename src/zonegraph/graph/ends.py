"""Ends of edges that hang in the air: counted, never written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from zonegraph.graph.profiles import QueryFile
from zonegraph.graph.source import Source, rows
from zonegraph.graph.terms import plain

_BATCH: Final = 400


def dangling_ends(db: sqlite3.Connection, store: Source) -> tuple[str, ...]:
    """Ends of edges that are no nodes and of which the store knows no type: mistakes in the data, or in a profile."""
    found = db.execute("SELECT DISTINCT iri FROM loose ORDER BY iri").fetchall()
    loose = [iri for (iri,) in found if not iri.startswith("_:")]
    return tuple(iri for batch in _batches(loose) for iri in _untyped(store, batch))


def _batches(items: Iterable[str]) -> Iterator[tuple[str, ...]]:
    iterator = iter(items)
    while batch := tuple(islice(iterator, _BATCH)):
        yield batch


def _untyped(store: Source, batch: Sequence[str]) -> Iterator[str]:
    values = " ".join(f"<{iri}>" for iri in batch)
    text = f"SELECT DISTINCT ?term WHERE {{ VALUES ?term {{ {values} }} ?term a ?any }}"
    known = {plain(row[0]) for row in rows(store, QueryFile("vocabulary", Path("dangling-ends.rq"), text))}
    yield from (iri for iri in batch if iri not in known)


def dangling_edges(db: sqlite3.Connection, ends: Iterable[str]) -> int:
    """How many edges those ends cost."""
    sql = "SELECT COUNT(DISTINCT edge) FROM loose WHERE iri = ?"
    return sum(int(db.execute(sql, (iri,)).fetchone()[0]) for iri in ends)
