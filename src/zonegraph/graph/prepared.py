"""A prepared graph: what a profile makes of one version, as a SQLite file in the order in which it is written out.

Made once (see `prepare`), then read by every export: the whole graph is one pass over two tables, a slice looks up
what it needs, and neither asks the store. Languages, dates and every other option are applied while reading.
Nodes are numbered in order of their ids, edges in order of source, kind and target; nothing else names them.
"""

from __future__ import annotations

import contextlib
import hashlib
import marshal
import sqlite3
import sys
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from zonegraph.errors import StoreError, Where
from zonegraph.graph.events import EventCounts
from zonegraph.graph.pieces import Evidence
from zonegraph.graph.profiles import Profile
from zonegraph.graph.stage import Texts

#: Changes whenever the same queries would lay down something else in the same tables.
_FORMAT: Final = "1"
_VERSION: Final = 2  # of marshal: the same values give the same bytes
SCHEMA: Final = """
CREATE TABLE made (what TEXT PRIMARY KEY, data) WITHOUT ROWID;
CREATE TABLE name (number INTEGER PRIMARY KEY, iri TEXT);
CREATE TABLE stated (number INTEGER, ord INTEGER, source TEXT, span TEXT, url TEXT, date TEXT,
  PRIMARY KEY (number, ord)) WITHOUT ROWID;
CREATE TABLE kind_set (number INTEGER PRIMARY KEY, kinds TEXT);
CREATE TABLE kind_count (edges INTEGER, kind INTEGER, count INTEGER);
CREATE TABLE node (pos INTEGER PRIMARY KEY, iri TEXT, id TEXT, kind INTEGER, kinds INTEGER, event INTEGER,
  degree INTEGER, data BLOB);
CREATE TABLE edge (pos INTEGER PRIMARY KEY, id TEXT, source INTEGER, kind INTEGER, target INTEGER, claim INTEGER,
  source_id TEXT, target_id TEXT, event TEXT, weight REAL,
  source_role TEXT, target_role TEXT, symmetric INTEGER, graphs TEXT, data BLOB);
CREATE TABLE node_time (pos INTEGER, start TEXT, stop TEXT);
CREATE TABLE edge_time (pos INTEGER, start TEXT, stop TEXT);
CREATE TABLE node_number (pos INTEGER, indicator TEXT, unit TEXT, variant TEXT, rank INTEGER, start TEXT, stop TEXT,
  claim TEXT, value TEXT, text TEXT, written TEXT, broken INTEGER, source TEXT,
  PRIMARY KEY (pos, indicator, unit, variant, rank, start, stop, claim, value, text, written)) WITHOUT ROWID;
CREATE TABLE edge_number (pos INTEGER, indicator TEXT, unit TEXT, variant TEXT, rank INTEGER, start TEXT, stop TEXT,
  claim TEXT, value TEXT, text TEXT, written TEXT, broken INTEGER, source TEXT,
  PRIMARY KEY (pos, indicator, unit, variant, rank, start, stop, claim, value, text, written)) WITHOUT ROWID;
CREATE TABLE place (pos INTEGER, ord INTEGER, place TEXT, lon REAL, lat REAL, node TEXT,
  PRIMARY KEY (pos, ord, place, lon, lat)) WITHOUT ROWID;
"""
#: Made after the rows: what slices look up.
INDEXES: Final = """
CREATE INDEX {schema}.name_iri ON name (iri);
CREATE INDEX {schema}.node_iri ON node (iri);
CREATE INDEX {schema}.node_id ON node (id);
CREATE INDEX {schema}.node_kinds ON node (kinds);
CREATE INDEX {schema}.edge_source ON edge (source, target);
CREATE INDEX {schema}.edge_target ON edge (target, source);
CREATE INDEX {schema}.edge_kind ON edge (kind, claim);
CREATE INDEX {schema}.node_days ON node_time (pos, start, stop);
CREATE INDEX {schema}.edge_days ON edge_time (pos, start, stop);
"""
_STATED: Final = "SELECT source, span, url, date FROM stated WHERE number = ? ORDER BY ord"
_EVENTS: Final = 4  # the place of `Overview.events`
_CACHE_KIB: Final = 4_096


@dataclass(frozen=True, slots=True)
class Overview:
    """What is known of a prepared graph as a whole. ``vocabulary`` and ``attributes`` are plain data of their owners.

    ``fixed`` are the columns that something in the graph could fill; ``odd_text`` says whether any text holds
    characters that some format refuses.
    """

    profile: str
    nodes: int
    edges: int
    parallel: int
    events: EventCounts
    dangling: int
    dangling_ends: tuple[str, ...]
    unplaced: int
    odd_text: bool
    fixed: tuple[str, ...]
    vocabulary: Mapping[str, Any]
    node_attributes: tuple[Any, ...]
    edge_attributes: tuple[Any, ...]

    def as_bytes(self) -> bytes:
        """As the file keeps it."""
        return marshal.dumps(astuple(self), _VERSION)

    @classmethod
    def from_bytes(cls, data: bytes) -> Overview:
        """Back from the file."""
        values = list(marshal.loads(data))  # noqa: S302 - a file of the store, as the engine's own
        values[_EVENTS] = EventCounts(*values[_EVENTS])
        return cls(*values)


def made_for(profile: Profile) -> str:
    """What a prepared graph depends on besides the version: the profile's queries, the tables, how rows are packed."""
    digest = hashlib.sha256(f"{_FORMAT}\0{SCHEMA}\0{sys.implementation.cache_tag}\0{profile.name}\0".encode())
    for query in profile.files():
        digest.update(f"{query.path.name}\0{query.text}\0".encode())
    return digest.hexdigest()


def prepared_name(profile: Profile) -> str:
    """The name of a prepared graph in a version's directory; other queries give another name."""
    return f"graph-{profile.name}-{made_for(profile)[:12]}.sqlite"


class _SavedTexts:
    """The names of a prepared graph, looked up as they are needed: there is one for each document, too."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._text = lru_cache(maxsize=4096)(self._look_up)

    def __getitem__(self, number: int) -> str:
        return self._text(number)

    def _look_up(self, number: int) -> str:
        return str(self._db.execute("SELECT iri FROM name WHERE number = ?", (number,)).fetchone()[0])


class SavedNames:
    """The numbers of kinds, properties and graphs in a prepared graph."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.texts: Texts = _SavedTexts(db)

    def of_iri(self, iri: str) -> int:
        """The number of an IRI that is known to have one."""
        return int(self._db.execute("SELECT number FROM name WHERE iri = ?", (iri,)).fetchone()[0])

    def iris(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """The IRIs of some numbers, in order."""
        return tuple(sorted(map(self.texts.__getitem__, numbers)))


class Prepared:
    """A prepared graph, open for reading; use it as a context manager. Temporary tables of slices go beside it."""

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self.path = path
        self.db = db
        db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self.overview = Overview.from_bytes(_fact(db, "overview"))
        self.names = SavedNames(db)
        sets = db.execute("SELECT number, kinds FROM kind_set")
        self.kind_sets = {number: tuple(map(int, kinds.split())) for number, kinds in sets}

    @classmethod
    def open(cls, path: Path, key: str) -> Prepared | None:
        """The graph in this file; nothing where there is no file, or one that was made by other queries.

        Raises `StoreError` for a file that cannot be read.
        """
        if not path.is_file():
            return None
        with contextlib.ExitStack() as stack:
            db = stack.enter_context(contextlib.closing(_connect(path)))
            try:
                found = cls(path, db) if _fact(db, "key") == key else None
            except (sqlite3.DatabaseError, TypeError, EOFError) as error:
                raise _damaged(path, error) from error
            if found is not None:
                stack.pop_all()  # closed by its own context
            return found

    @classmethod
    def fresh(cls, path: Path) -> Prepared:
        """The graph in a file that was made just now."""
        return cls(path, _connect(path))

    def __enter__(self) -> Prepared:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.db.close()
        if isinstance(error, sqlite3.DatabaseError):
            raise _damaged(self.path, error) from error

    def stated(self, number: int) -> list[Evidence]:
        """The evidence of what a graph states."""
        return self.db.execute(_STATED, (number,)).fetchall()


def _connect(path: Path) -> sqlite3.Connection:
    """Only read, never locked: the file does not change any more. Temporary tables go to a file once they grow."""
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)


def _fact(db: sqlite3.Connection, what: str) -> Any:
    return db.execute("SELECT data FROM made WHERE what = ?", (what,)).fetchone()[0]


def _damaged(path: Path, error: Exception) -> StoreError:
    return StoreError(
        f"the prepared graph cannot be read: {error}",
        where=Where(file=str(path)),
        hint="remove the file, or run `zonegraph build --full`",
    )
