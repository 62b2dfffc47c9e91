"""Looking names up: exact, beginning, inside, and abbreviations whose characters stand in order."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zonegraph.errors import StoreError, Where
from zonegraph.names import ZGC
from zonegraph.search.keys import search_fold, tokens

#: Queries longer than this are cut: no name is.
_LONGEST: Final = 100
#: Rows read per way of matching; ranked afterwards.
_CANDIDATES: Final = 200
#: People look for things before they look for codes of the same name.
_CODE_MALUS: Final = 4.0
_LAST: Final = "\U0010ffff"

_COLUMNS: Final = """
SELECT n.iri, n.name, n.lang, n.preferred, n.folded, n.pinyin, n.initials,
       t.type, t.label_hans, t.label_hant, t.label_en, t.weight
FROM names n JOIN things t ON t.iri = n.iri """


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing found: ``score`` from 0 to 100 says how well ``name`` fits, ``match`` is true for the very name."""

    iri: str
    name: str
    lang: str
    type: str
    labels: dict[str, str]
    score: float
    match: bool
    weight: int


@dataclass(frozen=True, slots=True)
class NameSearch:
    """Questions to the index of one version."""

    path: Path

    def find(self, query: str, *, limit: int = 10, types: Sequence[str] = ()) -> list[Hit]:
        """The best hits, each thing once, best first; ``types`` are local names of classes, empty for all."""
        folded = search_fold(query[:_LONGEST])
        if not folded:
            return []
        best: dict[str, Hit] = {}
        with self._open() as database:
            for row in _candidates(database, folded, tokens(query[:_LONGEST])):
                hit = _hit(row, folded)
                if (not types or hit.type in types) and (hit.iri not in best or hit.score > best[hit.iri].score):
                    best[hit.iri] = hit
        return sorted(best.values(), key=lambda h: (-h.score, -h.weight, h.iri))[:limit]

    def labels(self, iri: str) -> dict[str, str]:
        """The preferred labels of a thing by language; empty for unknown things."""
        with self._open() as database:
            row = database.execute(
                "SELECT label_hans, label_hant, label_en FROM things WHERE iri = ?", (iri,)
            ).fetchone()
        return _labels(*row) if row else {}

    def _open(self) -> closing[sqlite3.Connection]:
        if not self.path.is_file():
            raise StoreError("the index of names is missing", where=Where(file=str(self.path)), hint="build anew")
        return closing(sqlite3.connect(f"file:{self.path}?mode=ro&immutable=1", uri=True))


Row = tuple[str, str, str, int, str, str, str, str, str, str, str, int]


def _candidates(database: sqlite3.Connection, folded: str, words: Sequence[str]) -> Iterator[Row]:
    for column in ("folded", "pinyin", "initials"):
        sql = f"{_COLUMNS} WHERE n.{column} >= ? AND n.{column} < ? AND n.{column} <> '' ORDER BY n.{column} LIMIT ?"
        yield from database.execute(sql, (folded, folded + _LAST, _CANDIDATES))
    for match in _full_text(words):
        sql = f"{_COLUMNS} JOIN tokens f ON f.rowid = n.id WHERE tokens MATCH ? LIMIT ?"
        yield from database.execute(sql, (match, _CANDIDATES))


def _full_text(words: Sequence[str]) -> Iterator[str]:
    quoted = ['"' + word.replace('"', '""') + '"' for word in words]
    if quoted:
        yield " + ".join(quoted) + " *"
        yield " AND ".join(quoted)


def _hit(row: Row, folded: str) -> Hit:
    iri, name, lang, preferred, key, sound, initials, kind, hans, hant, english, weight = row
    score = max(_score(folded, key), 0.92 * _score(folded, sound), 0.8 * _score(folded, initials))
    return Hit(
        iri=iri,
        name=name,
        lang=lang,
        type=kind,
        labels=_labels(hans, hant, english),
        score=round(max(0.0, score - (0.0 if preferred else 0.5) - (_CODE_MALUS if iri.startswith(ZGC) else 0.0)), 2),
        match=key == folded,
        weight=weight,
    )


def _labels(hans: str, hant: str, english: str) -> dict[str, str]:
    return {lang: text for lang, text in (("zh-hans", hans), ("zh-hant", hant), ("en", english)) if text}


def _score(query: str, key: str) -> float:
    """100 for the same, then by how much of the name the query covers and how it sits in it."""
    if not key:
        return 0.0
    share = min(1.0, len(query) / len(key))
    if query == key:
        return 100.0
    if key.startswith(query):
        return 80 + 15 * share
    if query in key:
        return 65 + 15 * share
    return 40 + 25 * share if _in_order(query, key) else 25 * share


def _in_order(query: Iterable[str], key: str) -> bool:
    """Whether the query's characters stand in the name in this order, as in an abbreviation."""
    rest = iter(key)
    return all(character in rest for character in query)
