"""``zonegraph-full.ttl``: all triples once, grouped by subject, and a declaration for every term that lacks one.

OWLAPI takes an undeclared property for an annotation and an undeclared class for nothing, so each is declared here:
a property with things as values is an object property, with literals a datatype property, with both, or said
of classes and properties themselves, an annotation.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

import pyoxigraph as ox

from zonegraph.errors import StoreError
from zonegraph.graph.source import Source
from zonegraph.names import OWL, PREFIXES, RDF, RDFS, XSD, compact

_TYPE: Final = RDF + "type"
_PROPERTY_TYPES: Final = frozenset(OWL + n for n in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty"))
_BUILT_IN: Final = (RDF, RDFS, OWL, XSD)
_LOCAL: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_CLASS: Final = OWL + "Class"
_DATATYPE: Final = RDFS + "Datatype"
_SCHEMA: Final = """
CREATE TABLE triple (s TEXT, first INTEGER, p TEXT, o TEXT, PRIMARY KEY (s, first, p, o)) WITHOUT ROWID;
CREATE TABLE used (term TEXT, role TEXT, PRIMARY KEY (term, role)) WITHOUT ROWID;
CREATE TABLE declared (term TEXT, type TEXT, PRIMARY KEY (term, type)) WITHOUT ROWID;
"""
#: Properties that say something of classes or properties.
_ON_TERMS: Final = (
    "SELECT DISTINCT t.p FROM triple t JOIN declared d ON t.s = '<' || d.term || '>'"
    " WHERE d.type LIKE '%#Class' OR d.type LIKE '%Property'"
)


def full_turtle(store: Source) -> Iterator[str]:
    """The text of the file, subject by subject; needs the engine's handle."""
    raw = getattr(store, "raw", None)
    if not isinstance(raw, ox.Store):
        raise StoreError("the full Turtle needs a store on this machine", hint="export from the store itself")
    db = sqlite3.connect("", isolation_level=None)
    try:
        db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
        _collect(db, raw)
        _declare(db)
        yield from _prefixes(db)
        yield from _subjects(db)
    finally:
        db.close()


def _collect(db: sqlite3.Connection, raw: ox.Store) -> None:
    db.execute("BEGIN")
    blank: set[ox.Quad] = set()
    for quad in raw.quads_for_pattern(None, None, None, None):
        if isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode):
            blank.add(ox.Quad(quad.subject, quad.predicate, quad.object))
        else:
            _enter(db, quad)
    for quad in _renamed(blank):
        _enter(db, quad)
    db.execute("COMMIT")


def _enter(db: sqlite3.Connection, quad: ox.Quad) -> None:
    predicate = quad.predicate.value
    values = (str(quad.subject), int(predicate != _TYPE), predicate, str(quad.object))
    db.execute("INSERT OR IGNORE INTO triple VALUES (?, ?, ?, ?)", values)
    _note(db, quad)


def _renamed(quads: set[ox.Quad]) -> Iterator[ox.Quad]:
    """The same triples with stable names for their blank nodes (RDFC-1.0)."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    yield from dataset


def _note(db: sqlite3.Connection, quad: ox.Quad) -> None:
    predicate, value = quad.predicate.value, quad.object
    if isinstance(value, ox.Literal):
        role = "literal"
        if not value.language:
            db.execute("INSERT OR IGNORE INTO used VALUES (?, 'datatype')", (value.datatype.value,))
    else:
        role = "thing"
    db.execute("INSERT OR IGNORE INTO used VALUES (?, ?)", (predicate, role))
    if predicate == _TYPE and isinstance(value, ox.NamedNode):
        db.execute("INSERT OR IGNORE INTO used VALUES (?, 'class')", (value.value,))
        if isinstance(quad.subject, ox.NamedNode) and value.value.startswith((OWL, RDFS, RDF)):
            db.execute("INSERT OR IGNORE INTO declared VALUES (?, ?)", (quad.subject.value, value.value))


def _declare(db: sqlite3.Connection) -> None:
    """Enter the missing declarations."""
    declared: dict[str, set[str]] = {}
    for term, kind in db.execute("SELECT term, type FROM declared"):
        declared.setdefault(term, set()).add(kind)
    uses: dict[str, set[str]] = {}
    for term, role in db.execute("SELECT term, role FROM used"):
        uses.setdefault(term, set()).add(role)
    for (term,) in db.execute(_ON_TERMS):
        uses.setdefault(term, set()).add("on-terms")
    for term, roles in sorted(uses.items()):
        for kind in _missing(roles, declared.get(term, set())) if not term.startswith(_BUILT_IN) else ():
            db.execute("INSERT OR IGNORE INTO triple VALUES (?, 0, ?, ?)", (f"<{term}>", _TYPE, f"<{kind}>"))


def _missing(roles: set[str], declared: set[str]) -> Iterator[str]:
    if "class" in roles and not declared & {_CLASS, RDFS + "Class"}:
        yield _CLASS
    if "datatype" in roles and _DATATYPE not in declared:
        yield _DATATYPE
    if roles & {"thing", "literal"} and not declared & _PROPERTY_TYPES:
        if {"thing", "literal"} <= roles or "on-terms" in roles:
            yield OWL + "AnnotationProperty"
        else:
            yield OWL + ("ObjectProperty" if "thing" in roles else "DatatypeProperty")


def _prefixes(db: sqlite3.Connection) -> Iterator[str]:
    """Only the prefixes that shorten something."""
    used = {compact(term).split(":", 1)[0] for (term,) in db.execute("SELECT DISTINCT term FROM used")}
    for (text,) in db.execute("SELECT s FROM triple UNION SELECT o FROM triple WHERE o LIKE '<%'"):
        if text.startswith("<"):
            used.add(_short(text[1:-1]).split(":", 1)[0])
    for prefix in sorted(used & set(PREFIXES)):
        yield f"@prefix {prefix}: <{PREFIXES[prefix]}> .\n"


def _subjects(db: sqlite3.Connection) -> Iterator[str]:
    found = db.execute("SELECT s, p, o FROM triple ORDER BY s, first, p, o")
    for subject, rows in groupby(found, key=lambda row: str(row[0])):
        lines = [
            _line(predicate, [o for _, _, o in group])
            for predicate, group in groupby(rows, key=lambda row: str(row[1]))
        ]
        body = " ;\n    ".join(lines)
        yield f"\n{_shorten(subject)} {body} .\n"


def _line(predicate: str, objects: Iterable[str]) -> str:
    verb = "a" if predicate == _TYPE else _short(predicate)
    return f"{verb} {' , '.join(map(_shorten, objects))}"


def _shorten(text: str) -> str:
    if text.startswith("<"):
        return _short(text[1:-1])
    if text.startswith('"') and text.endswith(">"):
        value, _, datatype = text.rpartition("^^")
        return f"{value}^^{_short(datatype[1:-1])}"
    return text


def _short(iri: str) -> str:
    curie = compact(iri)
    prefix, _, local = curie.partition(":")
    return curie if curie != iri and prefix in PREFIXES and _LOCAL.fullmatch(local) else f"<{iri}>"
