"""Columns: which attributes nodes and edges have, under which names, of which types. Known before the first row."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from zonegraph.errors import ExportError
from zonegraph.graph.ids import RESERVED, short_names
from zonegraph.graph.model import Column, ColumnType, Value
from zonegraph.graph.vocabulary import Vocabulary

REMARK: Final = "remark"
IRI: Final = "iri"
Cell = tuple[str, str, str, str]
"""An attribute as staged: name, language, type, text."""

_NODE_CELLS: Final = "FROM node_out o JOIN attr a ON a.iri = o.iri"
_EDGE_CELLS: Final = "FROM edge_out o JOIN rel r ON r.id = o.id JOIN attr a ON a.iri = r.info WHERE r.info <> ''"
NODE_FIXED: Final[tuple[tuple[str, ColumnType], ...]] = (
    ("iri", "string"),
    ("kind_iri", "string"),
    ("kind_label", "string"),
    ("kinds", "strings"),
    ("alt", "strings"),
    ("start", "string"),
    ("end", "string"),
    ("when", "strings"),
    ("lon", "double"),
    ("lat", "double"),
)
EDGE_FIXED: Final[tuple[tuple[str, ColumnType], ...]] = (
    ("iri", "string"),
    ("event_iri", "string"),
    ("source_role", "string"),
    ("target_role", "string"),
    ("symmetric", "boolean"),
    ("start", "string"),
    ("end", "string"),
    ("when", "strings"),
)
PROVENANCE: Final[tuple[tuple[str, ColumnType], ...]] = (
    ("prov_source", "strings"),
    ("prov_span", "strings"),
    ("prov_url", "strings"),
    ("prov_date", "strings"),
    ("graph", "strings"),
)


def lang_suffix(lang: str) -> str:
    """The tail of a column's name for a language: ``_zh_hans``."""
    return "_" + lang.replace("-", "_") if lang else ""


@dataclass(frozen=True, slots=True)
class Plan:
    """How the staged attributes of nodes, or of edges, become named values."""

    columns: tuple[Column, ...]
    names: Mapping[str, str]
    types: Mapping[tuple[str, str], ColumnType]
    vocabulary: Vocabulary

    def values(self, cells: Iterable[Cell]) -> Iterator[tuple[str, Value]]:
        """Name and value of each attribute of one element; several texts under one name become one list."""
        grouped: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for name, lang, kind, text in cells:
            grouped.setdefault((name, lang), []).append((kind, text))
        for (name, lang), found in grouped.items():
            title = self.names[name] + lang_suffix(lang)
            yield title, _value(self.types[name, lang], [self._text(kind, text) for kind, text in found])
            labels = [label for kind, text in found if kind == IRI and (label := self.vocabulary.label(text))]
            if labels:
                yield f"{title}_label", tuple(labels) if self.types[name, lang] == "strings" else labels[0]

    def _text(self, kind: str, text: str) -> str:
        return self.vocabulary.name(text) if kind == IRI and self.vocabulary.label(text) else text


def _value(kind: ColumnType, texts: list[str]) -> Value:
    if kind == "strings":
        return tuple(sorted(set(texts)))
    if kind == "string":
        return texts[0]
    if kind == "boolean":
        return texts[0] == "true"
    return int(texts[0]) if kind == "long" else number_of(texts[0])


def number_of(text: str) -> int | float:
    """The number that a decimal text stands for; whole numbers stay whole and exact."""
    whole, point, rest = text.partition(".")
    if (not point or not rest.strip("0")) and whole.lstrip("+-").isdigit():
        return int(whole)
    return float(text)


def node_plan(db: sqlite3.Connection, vocabulary: Vocabulary) -> Plan:
    """The attributes of the kept nodes, without series."""
    return _plan(db, vocabulary, _NODE_CELLS, node=True)


def edge_plan(db: sqlite3.Connection, vocabulary: Vocabulary) -> Plan:
    """The attributes of the kept edges."""
    return _plan(db, vocabulary, _EDGE_CELLS, node=False)


def _plan(db: sqlite3.Connection, vocabulary: Vocabulary, cells: str, *, node: bool) -> Plan:
    found: dict[tuple[str, str], set[str]] = {}
    for name, lang, kind in db.execute(f"SELECT DISTINCT a.name, a.lang, a.type {cells}"):
        found.setdefault((name, lang), set()).add(kind)
    repeated = f"SELECT a.name, a.lang {cells} GROUP BY o.pos, a.name, a.lang HAVING COUNT(*) > 1"
    several = set(db.execute(f"SELECT DISTINCT name, lang FROM ({repeated})"))  # noqa: S608 - fixed texts
    fixed = (NODE_FIXED if node else EDGE_FIXED) + PROVENANCE
    taken = RESERVED | {name for name, _ in fixed}
    names = short_names({name for name, _ in found}, taken=taken)
    types = {key: _type(kinds, key in several) for key, kinds in found.items()}
    columns = [Column(names[n] + lang_suffix(lang), types[n, lang], iri=n) for n, lang in found]
    coded = {(n, lang) for (n, lang), kinds in found.items() if IRI in kinds}
    columns += [
        Column(f"{names[n]}{lang_suffix(lang)}_label", "strings" if types[n, lang] == "strings" else "string", iri=n)
        for n, lang in coded
        if _any_label(db, vocabulary, cells, n)
    ]
    return Plan(distinct(sorted(columns)), names, types, vocabulary)


def _any_label(db: sqlite3.Connection, vocabulary: Vocabulary, cells: str, name: str) -> bool:
    joint = "AND" if "WHERE" in cells else "WHERE"
    sql = f"SELECT DISTINCT a.value {cells} {joint} a.name = ? AND a.type = 'iri'"
    return any(vocabulary.label(iri) for (iri,) in db.execute(sql, (name,)))


def _type(kinds: set[str], several: bool) -> ColumnType:
    if several or REMARK in kinds:
        return "strings"
    if kinds == {"long"}:
        return "long"
    if kinds <= {"long", "double"}:
        return "double"
    return "boolean" if kinds == {"boolean"} else "string"


def distinct(columns: Iterable[Column]) -> tuple[Column, ...]:
    """The same columns, checked: two of one name would overwrite each other in every tool."""
    seen: dict[str, Column] = {}
    for column in columns:
        if column.name in seen:
            raise ExportError(
                f"two attributes are called {column.name}",
                hint=f"{column.iri} and {seen[column.name].iri}: rename one in the profile's query",
            )
        seen[column.name] = column
    return tuple(seen.values())
