"""The index of names: one SQLite file, made once at publication, read by every process of the server."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from zonegraph.names import local_name
from zonegraph.search.keys import pinyin, search_fold, tokens
from zonegraph.store import ReadStore

INDEX_NAME: Final = "search.sqlite"

_SCHEMA: Final = """
CREATE TABLE things (iri TEXT PRIMARY KEY, type TEXT, label_hans TEXT, label_hant TEXT, label_en TEXT, weight INTEGER)
  WITHOUT ROWID;
CREATE TABLE names (
  id INTEGER PRIMARY KEY, iri TEXT, name TEXT, lang TEXT, preferred INTEGER, folded TEXT, pinyin TEXT, initials TEXT);
CREATE VIRTUAL TABLE tokens USING fts5 (text, content='', tokenize="unicode61 remove_diacritics 2", prefix='2 3');
"""
_INDEXES: Final = """
CREATE INDEX by_folded ON names (folded);
CREATE INDEX by_pinyin ON names (pinyin) WHERE pinyin <> '';
CREATE INDEX by_initials ON names (initials) WHERE initials <> '';
CREATE INDEX by_iri ON names (iri);
"""
_THINGS: Final = """
SELECT ?iri ?type WHERE {
  { GRAPH zgg:registry { ?iri a ?type } } UNION { GRAPH zgg:ontology { ?iri skos:inScheme ?scheme ; a ?type } }
  FILTER(?type != skos:Concept)
}"""
_NAMES: Final = """
SELECT ?iri ?name ?preferred WHERE {
  { GRAPH ?g { ?iri skos:prefLabel ?name } BIND(true AS ?preferred) }
  UNION { GRAPH ?g { ?iri skos:altLabel ?name } BIND(false AS ?preferred) }
  UNION { GRAPH ?g { ?use zg:nameOf ?iri ; skosxl:literalForm ?name } BIND(false AS ?preferred) }
}"""
_WEIGHTS: Final = """
SELECT ?iri (COUNT(?span) AS ?weight) WHERE { GRAPH ?g { ?span zg:denotes ?iri } } GROUP BY ?iri"""


def build_index(store: ReadStore, path: Path) -> int:
    """Write the index of a version; says how many names it holds."""
    types = {row["iri"].value: row["type"].value for row in store.select(_THINGS)}
    weights = {row["iri"].value: int(row["weight"].value) for row in store.select(_WEIGHTS)}
    names = sorted(_names(store, types))
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(_SCHEMA)
        database.executemany("INSERT INTO things VALUES (?, ?, ?, ?, ?, ?)", _thing_rows(types, weights, names))
        database.executemany("INSERT INTO names VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _name_rows(names))
        database.executemany("INSERT INTO tokens (rowid, text) VALUES (?, ?)", _token_rows(names))
        database.executescript(_INDEXES)
        database.execute("INSERT INTO tokens (tokens) VALUES ('optimize')")
    return len(names)


Name = tuple[str, str, str, bool]


def _names(store: ReadStore, types: dict[str, str]) -> set[Name]:
    found: dict[tuple[str, str, str], bool] = {}
    for row in store.select(_NAMES):
        iri, name = row["iri"].value, row["name"]
        if iri in types:
            key = (iri, name.value, (getattr(name, "language", None) or "").lower())
            found[key] = found.get(key, False) or row["preferred"].value == "true"
    return {(*key, preferred) for key, preferred in found.items()}


def _thing_rows(
    types: dict[str, str], weights: dict[str, int], names: Iterable[Name]
) -> Iterator[tuple[str, str, str, str, str, int]]:
    labels: dict[str, dict[str, str]] = {}
    for iri, name, lang, preferred in names:
        if preferred:
            labels.setdefault(iri, {}).setdefault(lang, name)
    for iri, type_iri in sorted(types.items()):
        own = labels.get(iri, {})
        hans = own.get("zh-hans", "")
        texts = (hans, own.get("zh-hant", ""), own.get("en", ""))
        yield iri, local_name(type_iri), *texts, weights.get(iri, 0)


def _name_rows(names: Iterable[Name]) -> Iterator[tuple[int, str, str, str, int, str, str, str]]:
    for number, (iri, name, lang, preferred) in enumerate(names, start=1):
        folded = search_fold(name)
        yield number, iri, name, lang, int(preferred), folded, *pinyin(folded)


def _token_rows(names: Iterable[Name]) -> Iterator[tuple[int, str]]:
    for number, (_, name, _, _) in enumerate(names, start=1):
        yield number, " ".join(tokens(name))
