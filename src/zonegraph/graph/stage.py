"""The staging ground of a projection: a temporary SQLite database and the small tables beside it.

SQLite keeps it on disk once it outgrows a small cache and gives every order that is needed, so that memory stays
flat however large the graph is. Things are known by keys (see `index`), kinds and properties by small numbers; texts
come once for each node and are looked up when it is written. An empty text stands for "unknown" throughout.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from typing import Final, Protocol

from zonegraph.graph.ids import node_id
from zonegraph.graph.index import key_of
from zonegraph.graph.pieces import joined, sources

_SCHEMA: Final = """
CREATE TABLE typed (key INTEGER, iri TEXT, kind INTEGER, event INTEGER);
CREATE TABLE given (key INTEGER, relation TEXT, weight REAL);
CREATE TABLE node (key INTEGER PRIMARY KEY, iri TEXT, id TEXT, event INTEGER, kind INTEGER, kinds INTEGER);
CREATE TABLE event (key INTEGER PRIMARY KEY, iri TEXT, kind INTEGER, kinds INTEGER, relation INTEGER, weight REAL,
  size INTEGER);
CREATE TABLE piece (key INTEGER PRIMARY KEY, data BLOB);
CREATE TABLE rel (id INTEGER PRIMARY KEY, source INTEGER, kind INTEGER, target INTEGER, event TEXT, weight REAL,
  info INTEGER, claim INTEGER, source_role TEXT, target_role TEXT, symmetric INTEGER, graphs TEXT);
CREATE TABLE rel_time (id INTEGER, start TEXT, stop TEXT, text TEXT);
CREATE TABLE loose (iri TEXT, edge INTEGER);
CREATE TABLE role (event INTEGER, rank INTEGER, role INTEGER, participant INTEGER, via TEXT, incoming INTEGER);
CREATE TABLE link (source INTEGER, kind INTEGER, target INTEGER, iri TEXT);
CREATE TABLE obs (key INTEGER, indicator TEXT, unit TEXT, variant TEXT, value TEXT, start TEXT, stop TEXT, text TEXT,
  rank INTEGER, claim TEXT, written TEXT, broken INTEGER,
  PRIMARY KEY (key, indicator, unit, variant, rank, start, stop, claim, value, text, written)) WITHOUT ROWID;
CREATE TABLE geo (key INTEGER, ord INTEGER, place TEXT, lon REAL, lat REAL,
  PRIMARY KEY (key, ord, place, lon, lat)) WITHOUT ROWID;
CREATE TABLE name (number INTEGER PRIMARY KEY, iri TEXT);
CREATE TABLE node_out (key INTEGER PRIMARY KEY, pos INTEGER);
CREATE TABLE edge_out (pos INTEGER PRIMARY KEY, id INTEGER);
"""
#: Text that at least one format cannot carry; see the patterns of the writers.
ODD: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_AT_ONCE: Final = 2000
_CACHE_KIB: Final = 6_144


def open_stage() -> sqlite3.Connection:
    """A fresh, private, temporary database; it vanishes when it is closed."""
    db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")
    db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    db.create_function("node_id", 1, node_id, deterministic=True)
    db.create_function("term_key", 1, lambda iri: key_of(f"<{iri}>" if "://" in iri else iri), deterministic=True)
    db.create_function("joined", 2, joined, deterministic=True)
    db.create_function("sources", 1, sources, deterministic=True)
    db.executescript(_SCHEMA)
    return db


class Texts(Protocol):
    """The IRIs of kinds, properties and graphs by their numbers."""

    def __getitem__(self, number: int, /) -> str: ...


class Naming(Protocol):
    """Numbers and IRIs of kinds, properties and graphs."""

    @property
    def texts(self) -> Texts:
        """IRI by number."""
        ...

    def of_iri(self, iri: str) -> int:
        """Number by IRI."""
        ...

    def iris(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """The IRIs of some numbers, in order."""
        ...


class Names(dict[str, int]):
    """Small numbers for the IRIs of kinds, properties and graphs, given out as they are met."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def __missing__(self, term: str) -> int:
        number = len(self.texts)
        self[term] = number
        self.texts.append(term[1:-1] if term.startswith("<") else term)
        return number

    def of_iri(self, iri: str) -> int:
        """The number of an IRI without brackets."""
        return self[f"<{iri}>"]

    def iris(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """The IRIs of some numbers, in order."""
        return tuple(sorted(map(self.texts.__getitem__, numbers)))

    def save(self, db: sqlite3.Connection) -> None:
        """Let queries of the stage sort by name."""
        db.executemany("INSERT OR IGNORE INTO name VALUES (?, ?)", enumerate(self.texts))


class Shelf:
    """Rows on their way into a table, a few thousand at a time."""

    def __init__(self, db: sqlite3.Connection, sql: str) -> None:
        self._db = db
        self._sql = sql
        self._rows: list[tuple[object, ...]] = []

    def add(self, row: tuple[object, ...]) -> None:
        """One more row."""
        self._rows.append(row)
        if len(self._rows) >= _AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting."""
        self._db.executemany(self._sql, self._rows)
        self._rows = []
