"""Facts: one pass over the triples of all things and claims, told apart by the property and by what it points to.

A literal is an attribute or a name. A code, a date, an address is an attribute too. Between two things a triple is an
edge; at an event it is a role; a link to a claim that is no node may become a remark.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Final, TypeVar

from zonegraph.errors import ExportError
from zonegraph.graph.ids import edge_number, node_id
from zonegraph.graph.index import ADDRESS, APART, EVENT, MEANS, NODE, UNKNOWN, Index, Sources, key_of
from zonegraph.graph.pieces import Cell, Evidence, Label, Piece, Time, packed
from zonegraph.graph.source import Row
from zonegraph.graph.stage import ODD, Names, Shelf
from zonegraph.graph.terms import is_literal, language, number, plain, typed
from zonegraph.graph.vocabulary import Vocabulary

ADD_PIECE: Final = "INSERT INTO piece VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET data = joined(data, excluded.data)"
ADD_EDGE: Final = (
    "INSERT INTO rel VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', '', ?, ?) ON CONFLICT (id) DO UPDATE SET"
    " weight = MAX(weight, excluded.weight), graphs = TRIM(graphs || ' ' || excluded.graphs)"
)
SOURCED: Final = ("prov_source", "prov_span", "prov_url", "prov_date")
_SUBJECT: Final = itemgetter(0)
_SILENT: Final = frozenset([UNKNOWN, APART])
_ADDRESSES: Final = frozenset([UNKNOWN, ADDRESS])
_DRAWABLE: Final = frozenset([NODE, EVENT])
_CLAIMS: Final = frozenset([EVENT, MEANS])
T = TypeVar("T")
Handler = Callable[["Subject", str, str, str], None]


@dataclass(slots=True)
class Subject:
    """One thing or claim while its facts pass by."""

    term: str
    key: int
    role: int
    kinds: tuple[str, ...]
    labels: list[Label]
    cells: list[Cell]
    times: list[Time]
    evidence: list[Evidence]
    edges: dict[tuple[str, str], list[str]]
    relation: str = ""


def known(choices: Mapping[str, T], what: str, word: str) -> T:
    """What a word of a profile's table stands for; raises `ExportError` for a word that nobody knows."""
    if word not in choices:
        raise ExportError(f"the profile knows no {what} {word!r}", hint=f"known: {', '.join(choices)}")
    return choices[word]


class Facts:
    """Lays facts down. ``uses`` says which properties mean something of their own."""

    def __init__(
        self, db: sqlite3.Connection, index: Index, names: Names, vocabulary: Vocabulary, spans: Sources
    ) -> None:
        self.index = index
        self.names = names
        self.vocabulary = vocabulary
        self.spans = spans
        self.odd_text = False
        self.sourced: set[str] = set()
        self.periods: dict[str, list[Time]] = {}
        self.documents: dict[str, list[tuple[str, str]]] = {}
        self.dates: dict[str, list[str]] = {}
        self._shown: dict[str, list[tuple[str, str]]] = {}
        self._symmetric: frozenset[str] = frozenset()
        self._role = index.role
        self._iris = lru_cache(maxsize=4096)(names.iris)
        self._ranks: dict[str, int] = {}
        self._handlers: dict[str, Handler] = {}
        self._pieces = Shelf(db, ADD_PIECE)
        self._edges = Shelf(db, ADD_EDGE)
        self._times = Shelf(db, "INSERT INTO rel_time VALUES (?, ?, ?, ?)")
        self._roles = Shelf(db, "INSERT INTO role VALUES (?, ?, ?, ?, '', ?)")
        self._links = Shelf(db, "INSERT INTO link VALUES (?, ?, ?, ?)")
        self._relations = Shelf(db, "UPDATE event SET relation = ? WHERE key = ?")
        self.shelves = (self._pieces, self._edges, self._times, self._roles, self._links, self._relations)

    def use(self, found: Iterable[Row]) -> None:
        """Take in which properties mean something of their own."""
        handlers: dict[str, Handler] = {
            "label": self._label, "relation": self._relation, "period": self._period, "period-of-all": self._dated,
            "evidence": self._evidence, "attribute": self._attribute,
        }  # fmt: skip
        for name, use, rank in found:
            self._handlers[name] = known(handlers, "use", plain(use))
            self._ranks[name] = int(number(rank))

    def load(self, found: Iterable[Row]) -> None:
        """Lay the facts down; those of one subject are best told one after another."""
        self._prepare()
        roles, handlers, other = self._role, self._handlers.get, self._fact
        for term, facts in groupby(found, key=_SUBJECT):
            key = key_of(term)
            role = roles(key)
            if role in _SILENT:
                continue
            subject = Subject(term, key, role, self._kinds(key) if role == EVENT else (), [], [], [], [], {})
            for _, name, value, graph in facts:
                handlers(name, other)(subject, name, value, graph)
            self._keep(subject)

    def _prepare(self) -> None:
        """What the ontology says of values and properties, by term."""
        self._shown = {term: [("string", text) for text in texts] for term, texts in self.dates.items()}
        self._shown |= {f"<{iri}>": [("iri", iri)] for iri in self.vocabulary.codes}
        self._symmetric = frozenset(f"<{iri}>" for iri in self.vocabulary.symmetric)

    def add(self, term: str, piece: Piece) -> None:
        """What some other part of a profile knows of a thing."""
        self._pieces.add((key_of(term), packed(piece)))

    def checked(self, text: str) -> str:
        """The text, having looked for characters that some format refuses."""
        self.odd_text = self.odd_text or bool(ODD.search(text))
        return text

    def source(self, source: str, span: str) -> list[Evidence]:
        """Evidence from a source, with its addresses and dates."""
        known = self.documents.get(source) or [("", "")]
        return [self.noted((plain(source), span, url, date)) for url, date in known]

    def noted(self, evidence: Evidence) -> Evidence:
        """The evidence, having noted which of its columns there are."""
        if len(self.sourced) < len(SOURCED):
            self.sourced.update(name for name, text in zip(SOURCED, evidence, strict=True) if text)
        return evidence

    def _kinds(self, key: int) -> tuple[str, ...]:
        return self._iris(self.index.kinds(key))

    def _keep(self, subject: Subject) -> None:
        piece = (subject.labels, subject.cells, subject.times, subject.evidence)
        if any(piece):
            self._pieces.add((subject.key, packed(piece)))
        if subject.relation:
            self._relations.add((self.names[subject.relation], subject.key))
        for (name, target), graphs in subject.edges.items():
            self._edge(subject, name, target, graphs)

    def _edge(self, subject: Subject, name: str, target: str, graphs: list[str]) -> None:
        ends = [subject.term, target]
        symmetric = name in self._symmetric
        if symmetric and node_id(plain(ends[0])) > node_id(plain(ends[1])):
            ends.reverse()
        number = edge_number(ends[0][1:-1], name[1:-1], ends[1][1:-1], "")
        texts = " ".join([str(self.names[graph]) for graph in dict.fromkeys(graphs) if graph])
        kind = self.names[name]
        self._edges.add((number, key_of(ends[0]), kind, key_of(ends[1]), "", 1.0, 0, 0, symmetric, texts))
        for time in subject.times:
            self._times.add((number, *time))

    def _label(self, subject: Subject, name: str, value: str, graph: str) -> None:
        text = plain(value)
        if is_literal(value) and text.strip():
            subject.labels.append((self._ranks[name], language(value), self.checked(text)))

    def _relation(self, subject: Subject, name: str, value: str, graph: str) -> None:
        subject.relation = min(subject.relation or value, value)
        self._attribute(subject, name, value, graph)

    def _period(self, subject: Subject, name: str, value: str, graph: str) -> None:
        """When an event took place."""
        if subject.role == EVENT:
            self._dated(subject, name, value, graph)

    def _dated(self, subject: Subject, name: str, value: str, graph: str) -> None:
        subject.times.extend(self.periods.get(value, ()))

    def _evidence(self, subject: Subject, name: str, value: str, graph: str) -> None:
        for source in self.spans.of(value):
            subject.evidence.extend(self.source(source, plain(value)))

    def _fact(self, subject: Subject, name: str, value: str, graph: str) -> None:
        if value[0] != "<":
            self._value(subject, name, value)
        elif value in self._shown:
            self._mention(subject, name, value)
        else:
            role = self._role(key_of(value))
            if role == NODE == subject.role:
                subject.edges.setdefault((name, value), []).append(graph)
            elif role in _ADDRESSES:
                self._address(subject, name, value)
            else:
                self._link(subject, name, value, role)

    def _attribute(self, subject: Subject, name: str, value: str, graph: str) -> None:
        """A fact that is never an edge."""
        if value[0] != "<":
            self._value(subject, name, value)
        elif value in self._shown:
            self._mention(subject, name, value)
        elif self._role(key_of(value)) in _ADDRESSES:
            self._address(subject, name, value)

    def _value(self, subject: Subject, name: str, value: str) -> None:
        if value[0] != "_":
            lang, kind, text = typed(value)
            subject.cells.append((self.names[name], lang, kind, self.checked(text)))

    def _mention(self, subject: Subject, name: str, value: str) -> None:
        """A code, or a date as it was written."""
        title = self.names[name]
        for kind, text in self._shown[value]:
            subject.cells.append((title, "", kind, text))

    def _address(self, subject: Subject, name: str, value: str) -> None:
        if not self.spans.of(value):
            subject.cells.append((self.names[name], "", "iri", value[1:-1]))

    def _link(self, subject: Subject, name: str, value: str, role: int) -> None:
        """A triple at an event, or between things that say things."""
        drawable = role in _DRAWABLE
        title, target = self.names[name], key_of(value)
        if subject.role == EVENT and drawable:
            rank = self.vocabulary.slot_rank(subject.kinds, name[1:-1])
            self._roles.add((subject.key, rank, title, target, 0))
        if role == EVENT and subject.role in _DRAWABLE:
            self._roles.add((target, -1, title, subject.key, 1))
        if role in _CLAIMS:
            self._links.add((subject.key, title, target, value[1:-1]))
