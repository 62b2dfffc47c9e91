"""The staging ground of a projection: query answers laid down in a temporary SQLite database.

SQLite keeps it on disk once it outgrows a small cache, removes doubles and gives every order that is needed,
so that memory stays flat however large the graph is. An empty text stands for "unknown" throughout.
"""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

import pyoxigraph as ox

from zonegraph.errors import ExportError
from zonegraph.graph.ids import node_id
from zonegraph.graph.links import sort_links
from zonegraph.graph.source import Row
from zonegraph.graph.spells import widen
from zonegraph.names import XSD

T = TypeVar("T")
_SCHEMA: Final = """
CREATE TABLE node (iri TEXT PRIMARY KEY, id TEXT NOT NULL, event INTEGER NOT NULL, kind TEXT) WITHOUT ROWID;
CREATE TABLE node_time (iri TEXT, start TEXT, stop TEXT, text TEXT, PRIMARY KEY (iri, start, stop, text)) WITHOUT ROWID;
CREATE TABLE means (kind TEXT, events INTEGER, PRIMARY KEY (kind, events)) WITHOUT ROWID;
CREATE TABLE link (source TEXT, kind TEXT, target TEXT, graph TEXT);
CREATE TABLE kind (iri TEXT, kind TEXT, PRIMARY KEY (iri, kind)) WITHOUT ROWID;
CREATE TABLE label (iri TEXT, rank INTEGER, lang TEXT, text TEXT, PRIMARY KEY (iri, rank, lang, text)) WITHOUT ROWID;
CREATE TABLE attr (iri TEXT, name TEXT, lang TEXT, type TEXT, value TEXT,
  PRIMARY KEY (iri, name, lang, value, type)) WITHOUT ROWID;
CREATE TABLE rel (id TEXT PRIMARY KEY, source TEXT, kind TEXT, target TEXT, event TEXT, weight REAL,
  info TEXT, claim TEXT, source_role TEXT, target_role TEXT, symmetric INTEGER) WITHOUT ROWID;
CREATE TABLE rel_time (id TEXT, start TEXT, stop TEXT, text TEXT, PRIMARY KEY (id, start, stop, text)) WITHOUT ROWID;
CREATE TABLE rel_graph (id TEXT, graph TEXT, PRIMARY KEY (id, graph)) WITHOUT ROWID;
CREATE TABLE edge_row (source TEXT, kind TEXT, target TEXT, event TEXT, start TEXT, stop TEXT, text TEXT,
  weight REAL, graph TEXT, PRIMARY KEY (source, kind, target, event, start, stop, text, graph)) WITHOUT ROWID;
CREATE TABLE event (iri TEXT PRIMARY KEY, relation TEXT, weight REAL, size INTEGER, kind TEXT) WITHOUT ROWID;
CREATE TABLE role (event TEXT, rank INTEGER, role TEXT, participant TEXT, via TEXT, incoming INTEGER,
  PRIMARY KEY (event, rank, role, participant, via, incoming)) WITHOUT ROWID;
CREATE TABLE obs (iri TEXT, indicator TEXT, unit TEXT, variant TEXT, value TEXT, start TEXT, stop TEXT, text TEXT,
  rank INTEGER, claim TEXT, written TEXT,
  PRIMARY KEY (iri, indicator, unit, variant, rank, start, stop, claim, value, text, written)) WITHOUT ROWID;
CREATE TABLE geo (iri TEXT, ord INTEGER, place TEXT, lon REAL, lat REAL,
  PRIMARY KEY (iri, ord, place, lon, lat)) WITHOUT ROWID;
CREATE TABLE prov (event TEXT, source TEXT, span TEXT, url TEXT, date TEXT,
  PRIMARY KEY (event, source, span, url, date)) WITHOUT ROWID;
CREATE TABLE keep (iri TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE keep_rel (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE hop (iri TEXT PRIMARY KEY, distance INTEGER) WITHOUT ROWID;
CREATE TABLE node_out (pos INTEGER PRIMARY KEY, iri TEXT, id TEXT, kind TEXT, event INTEGER, degree INTEGER);
CREATE TABLE edge_out (pos INTEGER PRIMARY KEY, id TEXT, source TEXT, target TEXT, kind TEXT);
"""
_INTEGERS: Final = frozenset(
    XSD + name for name in ("integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger")
)
_DECIMALS: Final = frozenset(XSD + name for name in ("decimal", "double", "float"))
#: Text that at least one format cannot carry; see the patterns of the writers.
_ODD: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_ADD_NODES: Final = (
    "INSERT OR IGNORE INTO node SELECT k.iri, node_id(k.iri), 0, NULL FROM kind k"
    " LEFT JOIN means m ON m.kind = k.kind AND NOT m.events GROUP BY k.iri HAVING COUNT(m.kind) = 0"
)
_ADD_EVENT: Final = (
    "INSERT INTO event VALUES (?, ?, ?, 0, NULL) ON CONFLICT (iri) DO UPDATE SET"
    " relation = CASE WHEN relation = '' THEN excluded.relation"
    " ELSE MIN(relation, COALESCE(NULLIF(excluded.relation, ''), relation)) END,"
    " weight = MAX(weight, excluded.weight)"
)
_NO_EVENTS: Final = (
    "DELETE FROM event WHERE EXISTS"
    " (SELECT 1 FROM kind k JOIN means m ON m.kind = k.kind AND m.events WHERE k.iri = event.iri)"
)
_AT_ONCE: Final = 4000
_INT64: Final = 2**63
_CACHE_KIB: Final = 16_384


def open_stage() -> sqlite3.Connection:
    """A fresh, private, temporary database; it vanishes when it is closed."""
    db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")
    db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    db.create_function("node_id", 1, node_id, deterministic=True)
    db.executescript(_SCHEMA)
    return db


def batches(found: Iterable[T], size: int = _AT_ONCE) -> Iterator[list[T]]:
    """Lists of so many items."""
    iterator = iter(found)
    while batch := list(islice(iterator, size)):
        yield batch


def text_of(term: object) -> str:
    """The value of an IRI or literal, ``_:x`` for a blank node, nothing for an unbound variable."""
    if isinstance(term, ox.NamedNode | ox.Literal):
        return term.value
    return f"_:{term.value}" if isinstance(term, ox.BlankNode) else ""


def _number(term: object, default: float = 1.0) -> float:
    try:
        return float(text_of(term) or default)
    except ValueError:
        return default


def _days(start: object, end: object, when: object) -> tuple[str, str, str]:
    first, last = widen(text_of(start)), widen(text_of(end))
    return (first[0] if first else "", last[1] if last else "", text_of(when) or _interval(start, end))


def _interval(start: object, end: object) -> str:
    first, last = text_of(start), text_of(end)
    return first if first == last else f"{first or '..'}/{last or '..'}"


def typed(term: object) -> tuple[str, str]:
    """The column type and canonical text of a value: long, double, boolean, iri or string."""
    if not isinstance(term, ox.Literal):
        return "iri", text_of(term)
    kind, text = term.datatype.value, term.value
    if kind in _INTEGERS:
        return _whole(text)
    if kind in _DECIMALS:
        return _decimal(text)
    if kind == XSD + "boolean":
        return "boolean", "true" if text in {"true", "1"} else "false"
    return "string", text


def _whole(text: str) -> tuple[str, str]:
    try:
        number = int(text)
    except ValueError:
        return "string", text
    return ("long" if -_INT64 <= number < _INT64 else "string"), str(number)


def _decimal(text: str) -> tuple[str, str]:
    try:
        number = float(text)
    except ValueError:
        return "string", text
    return ("double" if math.isfinite(number) else "string"), text


class Loader:
    """Lays the answers of one part down. ``blank_nodes`` says whether nodes may be blank."""

    def __init__(self, db: sqlite3.Connection, *, blank_nodes: bool) -> None:
        self.db = db
        self.blank_nodes = blank_nodes
        self.odd_text = False
        self._batches = {
            "means": self._means,
            "nodes": self._nodes,
            "labels": self._labels,
            "attributes": self._attributes,
            "edges": self._edges,
            "events": self._events,
            "roles": self._roles,
            "links": self._links,
            "observations": self._observations,
            "geometry": self._geometry,
            "provenance": self._provenance,
        }

    def load(self, part: str, found: Iterable[Row]) -> None:
        """Store all rows in one transaction."""
        self.db.execute("BEGIN")
        self._batches[part](found)
        self.db.execute("COMMIT")

    def _many(self, sql: str, found: Iterable[tuple[object, ...]]) -> None:
        self.db.executemany(sql, found)

    def _node_iri(self, term: object) -> str:
        if isinstance(term, ox.BlankNode) and not self.blank_nodes:
            raise ExportError(
                f"a node of this profile is a blank node (_:{term.value})",
                hint="give it an IRI, or use a profile that allows blank nodes (raw)",
            )
        return text_of(term)

    def _means(self, found: Iterable[Row]) -> None:
        values = ((text_of(kind), text_of(events) == "true") for kind, events in found)
        self._many("INSERT OR IGNORE INTO means VALUES (?, ?)", values)

    def _nodes(self, found: Iterable[Row]) -> None:
        for batch in batches(found):
            rows = [(self._node_iri(node), *rest) for node, *rest in batch]
            self._many("INSERT OR IGNORE INTO kind VALUES (?, ?)", [(row[0], text_of(row[1])) for row in rows])
            times = [(row[0], *_days(*row[2:])) for row in rows if row[2] or row[3]]
            self._many("INSERT OR IGNORE INTO node_time VALUES (?, ?, ?, ?)", times)
        self.db.execute(_ADD_NODES)

    def _labels(self, found: Iterable[Row]) -> None:
        self._many("INSERT OR IGNORE INTO label VALUES (?, ?, ?, ?)", self._label_rows(found))

    def _label_rows(self, found: Iterable[Row]) -> Iterator[tuple[str, int, str, str]]:
        for node, label, rank in found:
            if isinstance(label, ox.Literal) and label.value.strip():
                self.odd_text = self.odd_text or bool(_ODD.search(label.value))
                yield text_of(node), int(_number(rank)), (label.language or "").lower(), label.value

    def _attributes(self, found: Iterable[Row]) -> None:
        self._many("INSERT OR IGNORE INTO attr VALUES (?, ?, ?, ?, ?)", self._attribute_rows(found))

    def _attribute_rows(self, found: Iterable[Row]) -> Iterator[tuple[str, str, str, str, str]]:
        for node, name, value in found:
            self.odd_text = self.odd_text or bool(_ODD.search(text_of(value)))
            lang = (value.language or "").lower() if isinstance(value, ox.Literal) else ""
            yield text_of(node), text_of(name), lang, *typed(value)

    def _edges(self, found: Iterable[Row]) -> None:
        values = (
            (*map(text_of, (source, kind, target, event)), *_days(start, end, when), _number(weight), text_of(graph))
            for source, kind, target, event, start, end, when, weight, graph in found
        )
        self._many("INSERT OR IGNORE INTO edge_row VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)

    def _events(self, found: Iterable[Row]) -> None:
        for batch in batches(found):
            rows = [(self._node_iri(event), *rest) for event, *rest in batch]
            self._many("INSERT OR IGNORE INTO kind VALUES (?, ?)", [(row[0], text_of(row[1])) for row in rows])
            self._many(_ADD_EVENT, [(row[0], text_of(row[2]), _number(row[6])) for row in rows])
            times = [(row[0], *_days(*row[3:6])) for row in rows if any(row[3:6])]
            self._many("INSERT OR IGNORE INTO node_time VALUES (?, ?, ?, ?)", times)
        self.db.execute(_NO_EVENTS)

    def _roles(self, found: Iterable[Row]) -> None:
        values = (
            (text_of(event), int(_number(rank)), text_of(role), text_of(who), text_of(via), text_of(incoming) == "true")
            for event, role, who, rank, via, incoming in found
        )
        self._many("INSERT OR IGNORE INTO role VALUES (?, ?, ?, ?, ?, ?)", values)

    def _links(self, found: Iterable[Row]) -> None:
        self._many("INSERT INTO link VALUES (?, ?, ?, ?)", (tuple(map(text_of, row)) for row in found))
        sort_links(self.db)

    def _observations(self, found: Iterable[Row]) -> None:
        def values() -> Iterator[tuple[object, ...]]:
            for node, indicator, value, unit, variant, start, end, when, rank, claim, written in found:
                kind, text = typed(value)
                if kind in {"long", "double"}:
                    what = tuple(map(text_of, (node, indicator, unit, variant)))
                    yield *what, text, *_days(start, end, when), int(_number(rank)), text_of(claim), text_of(written)

        self._many("INSERT OR IGNORE INTO obs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values())

    def _geometry(self, found: Iterable[Row]) -> None:
        values = (
            (
                text_of(node),
                int(_number(order, 0)),
                text_of(place) or text_of(node),
                _number(lon, 999),
                _number(lat, 999),
            )
            for node, lat, lon, order, place in found
        )
        good = (row for row in values if abs(row[3]) <= 180 and abs(row[4]) <= 90)
        self._many("INSERT OR IGNORE INTO geo VALUES (?, ?, ?, ?, ?)", good)

    def _provenance(self, found: Iterable[Row]) -> None:
        values = (tuple(map(text_of, row)) for row in found)
        self._many("INSERT OR IGNORE INTO prov (event, source, span, url, date) VALUES (?, ?, ?, ?, ?)", values)
