"""Columns: which attributes nodes and edges have, under which names, of which types. Known before the first row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from zonegraph.errors import ExportError
from zonegraph.graph.ids import RESERVED, short_names
from zonegraph.graph.model import Column, ColumnType, Value
from zonegraph.graph.pieces import REMARK, Cell, Piece
from zonegraph.graph.stage import Texts
from zonegraph.graph.vocabulary import OTHER_NAME, Vocabulary

IRI: Final = "iri"
#: A property (its number in `stage.Names`) and a language: together they make a column.
Key = tuple[int, str]
_KEY: Final = itemgetter(0, 1)
#: Types of attributes whose text is not what is shown.
_TRANSLATED: Final = frozenset([IRI, REMARK])
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
    languages: frozenset[str]
    types: Mapping[Key, ColumnType]
    titles: Mapping[Key, str]
    iris: Texts
    vocabulary: Vocabulary

    def values(self, cells: Sequence[Cell]) -> Iterable[tuple[str, Value]]:
        """Name and value of each attribute of one element; several texts under one name become one list."""
        if len(cells) == 1:
            name, lang, kind, text = cells[0]
            key = (name, lang)
            if kind not in _TRANSLATED:
                return ((self.titles[key], _value(self.types[key], [text])),)
        return self._many(cells)

    def _many(self, cells: Sequence[Cell]) -> Iterator[tuple[str, Value]]:
        for (name, lang), group in groupby(sorted(set(cells), key=self._order), key=_KEY):
            found = [(kind, text) for _, _, kind, text in group]
            key = (name, lang)
            title, column = self.titles[key], self.types[key]
            yield title, _value(column, [self._text(kind, text) for kind, text in found])
            labels = [label for kind, text in found if kind == IRI and (label := self.vocabulary.label(text))]
            if labels:
                yield f"{title}_label", tuple(labels) if column == "strings" else labels[0]

    def _order(self, cell: Cell) -> tuple[str, str, str, str]:
        name, lang, kind, text = cell
        return self.iris[name], lang, text, kind

    def _text(self, kind: str, text: str) -> str:
        if kind == REMARK:
            return self.vocabulary.remark(text)
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


class Census:
    """What attributes there are: one look at every element before the first is written."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._kinds: dict[Key, set[str]] = {}
        self._several: set[Key] = set()
        self._coded: set[Key] = set()
        self._languages: set[str] = set()

    def look(self, piece: Piece) -> None:
        """Take in one element."""
        for rank, lang, _ in piece.labels:
            if rank < OTHER_NAME:
                self._languages.add(lang)
        keys = [self._cell(cell) for cell in piece.cells]
        if len(keys) > 1 and len(set(keys)) < len(keys):
            keys = [cell[:2] for cell in set(piece.cells)]
            self._several.update(key for key in keys if keys.count(key) > 1)

    def _cell(self, cell: Cell) -> Key:
        key = cell[:2]
        self._kinds.setdefault(key, set()).add(cell[2])
        if cell[2] == IRI and key not in self._coded and self._vocabulary.label(cell[3]):
            self._coded.add(key)
        return key

    def as_data(self) -> tuple[Any, ...]:
        """What was seen, as plain lists."""
        kinds = [(key, sorted(found)) for key, found in sorted(self._kinds.items())]
        return kinds, sorted(self._several), sorted(self._coded), sorted(self._languages)

    @classmethod
    def from_data(cls, data: tuple[Any, ...], vocabulary: Vocabulary) -> Census:
        """The same, seen once more without looking."""
        kinds, several, coded, languages = data
        made = cls(vocabulary)
        made._kinds = {key: set(found) for key, found in kinds}
        made._several, made._coded, made._languages = set(several), set(coded), set(languages)
        return made

    def plan(self, texts: Texts, *, node: bool) -> Plan:
        """The columns; ``texts`` are the IRIs of the properties by their numbers."""
        fixed = (NODE_FIXED if node else EDGE_FIXED) + PROVENANCE
        taken = RESERVED | {name for name, _ in fixed}
        names = short_names({texts[name] for name, _ in self._kinds}, taken=taken)
        types = {key: _type(kinds, key in self._several) for key, kinds in self._kinds.items()}
        titles = {key: names[texts[key[0]]] + lang_suffix(key[1]) for key in types}
        columns = [Column(titles[key], types[key], iri=texts[key[0]]) for key in types]
        columns += [
            Column(f"{titles[key]}_label", "strings" if types[key] == "strings" else "string", iri=texts[key[0]])
            for key in self._coded
        ]
        return Plan(distinct(sorted(columns)), frozenset(self._languages), types, titles, texts, self._vocabulary)


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
