"""Reading the staged graph back as nodes and edges: one ordered pass, each with the piece that is known of it."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from zonegraph.graph.columns import Plan, lang_suffix
from zonegraph.graph.ids import edge_name
from zonegraph.graph.model import Edge, Node, Point, Spell, Value
from zonegraph.graph.observe import SeriesPlan
from zonegraph.graph.pieces import Cell, Evidence, Label, Time, unpacked
from zonegraph.graph.spells import union
from zonegraph.graph.stage import Names
from zonegraph.graph.vocabulary import OTHER_NAME, Vocabulary, best_label

NODES: Final = (
    "SELECT o.pos, n.iri, n.id, n.kind, n.kinds, o.degree, p.data FROM node_out o JOIN node n ON n.key = o.key"
    " LEFT JOIN piece p ON p.key = o.key ORDER BY o.pos"
)
EDGES: Final = (
    "SELECT o.pos, r.id, s.id, t.id, r.kind, r.event, r.weight, r.source_role, r.target_role, r.symmetric, r.graphs,"
    " c.data, r.info = r.claim, i.data FROM edge_out o JOIN rel r ON r.id = o.id JOIN node s ON s.key = r.source"
    " JOIN node t ON t.key = r.target LEFT JOIN piece c ON c.key = r.claim AND r.claim <> 0"
    " LEFT JOIN piece i ON i.key = r.info AND r.info <> 0 AND r.info <> r.claim ORDER BY o.pos"
)
_EDGE_TIMES: Final = (
    "SELECT o.pos, t.start, t.stop, t.text FROM rel_time t JOIN edge_out o ON o.id = t.id"
    " ORDER BY o.pos, t.start, t.stop, t.text"
)
_PLACES: Final = (
    "SELECT o.pos, g.lon, g.lat, COALESCE(n.id, '') FROM geo g JOIN node_out o ON o.key = g.key"
    " LEFT JOIN node n ON n.key = term_key(g.place) ORDER BY o.pos, g.ord, g.place, g.lon, g.lat"
)
_NAMES: Final = ("prov_source", "prov_span", "prov_url", "prov_date", "graph")
_GOLDEN: Final = math.pi * (3 - math.sqrt(5))
Cells = list[tuple[Any, ...]]
#: What one source says: the evidence, and the graph it lies in.
Row = tuple[str, str, str, str, str]
_NOWHERE: Final[Evidence] = ("", "", "", "")


class Side:
    """A side table in step with the main pass: rows come in order of their first column."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._rows = rows
        self._head = next(rows, None)

    def take(self, position: int) -> Cells:
        """The rows of one position, without it."""
        taken: Cells = []
        while self._head is not None and self._head[0] <= position:
            if self._head[0] == position:
                taken.append(self._head[1:])
            self._head = next(self._rows, None)
        return taken


@dataclass(frozen=True, slots=True)
class KindStyle:
    """Short name, label and colour of each kind, by IRI."""

    names: Mapping[str, str]
    labels: Mapping[str, str]
    colors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NodeReader:
    """Yields the kept nodes in order of id. A series plan with a ``day`` asks for a static graph as of that date."""

    db: sqlite3.Connection
    vocabulary: Vocabulary
    names: Names
    kind_sets: Sequence[tuple[int, ...]]
    plan: Plan
    series: SeriesPlan
    style: KindStyle

    def __call__(self) -> Iterator[Node]:
        """A fresh pass."""
        places, numbers = Side(self.db.execute(_PLACES)), Side(self.series.rows())
        kind_of, cells_of = lru_cache(maxsize=4096)(self._kinds), _remembered(self.plan)
        for position, iri, key, kind, kinds, degree, data in self.db.execute(NODES):
            name, color, about = kind_of(kind, kinds)
            values: dict[str, Value] = {"iri": iri, **about}
            piece = unpacked(data)
            title = self._labels(piece.labels, values) or key
            spells = times(piece.times, values)
            points = tuple(Point(lon, lat, place) for lon, lat, place in places.take(position))
            if points and len({(p.lon, p.lat) for p in points}) == 1:
                values["lon"], values["lat"] = points[0].lon, points[0].lat
            values.update(cells_of(tuple(piece.cells)) if piece.cells else ())
            values.update(sourced(piece.evidence))
            dynamic = self.series.values(numbers.take(position), values)
            yield Node(
                key, iri, title, name, color, size_of(degree), *place_of(position), values, dynamic,
                () if self.series.day else spells, points,
            )  # fmt: skip

    def _kinds(self, kind: int, kinds: int) -> tuple[str, str, dict[str, Value]]:
        """Name and colour of a kind, and what the attributes of a node say of its kinds."""
        iri = self.names.texts[kind]
        values: dict[str, Value] = {"kind_iri": iri}
        if label := self.style.labels[iri]:
            values["kind_label"] = label
        values["kinds"] = tuple(map(self.vocabulary.name, self.names.iris(self.kind_sets[kinds])))
        return self.style.names[iri], self.style.colors[iri], values

    def _labels(self, found: Sequence[Label], values: dict[str, Value]) -> str:
        if len(found) == 1 and found[0][0] < OTHER_NAME:
            _, lang, text = found[0]
            values[_label_column(lang)] = text
            return text
        best: dict[str, str] = {}
        for rank, lang, text in sorted(set(found)):
            if rank < OTHER_NAME:
                best.setdefault(lang, text)
        title = best_label(found, self.vocabulary.languages)
        values.update({_label_column(lang): text for lang, text in best.items()})
        others = {text for _, _, text in found} - set(best.values()) - {title}
        if others:
            values["alt"] = tuple(sorted(others))
        return title


@dataclass(frozen=True, slots=True)
class EdgeReader:
    """Yields the kept edges in order of source, kind and target."""

    db: sqlite3.Connection
    vocabulary: Vocabulary
    names: Names
    by_graph: Mapping[str, Sequence[Evidence]]
    plan: Plan
    series: SeriesPlan
    style: KindStyle

    def __call__(self) -> Iterator[Edge]:
        """A fresh pass."""
        stated, numbers = Side(self.db.execute(_EDGE_TIMES)), Side(self.series.rows())
        kind_of, plain_of = lru_cache(maxsize=4096)(self._kind), lru_cache(maxsize=1024)(self._plain)
        cells_of, graphs_of, static = _remembered(self.plan), lru_cache(maxsize=4096)(self._graphs), self.series.day
        for row in self.db.execute(EDGES):
            position, number, source, target, kind, event, weight, from_role, to_role, symmetric, graphs, *known = row
            name, label, color = kind_of(kind)
            taken, readings = stated.take(position), numbers.take(position)
            if not (event or taken or readings or known[0]):
                values = plain_of(kind, symmetric, graphs)
                yield Edge(edge_name(number), source, target, name, label, weight, color, values)
                continue
            values = self._about(kind, event, from_role, to_role, symmetric)
            claim = unpacked(known[0])
            info = claim if known[1] else unpacked(known[2])
            spells = times([*taken, *claim.times], values)
            values.update(cells_of(tuple(info.cells)) if info.cells else ())
            values.update(sourced(claim.evidence, graphs_of(graphs) if graphs else ()))
            dynamic = self.series.values(readings, values)
            yield Edge(
                edge_name(number), source, target, name, label, weight, color, values, () if static else spells, dynamic
            )

    def _plain(self, kind: int, symmetric: int, graphs: str) -> dict[str, Value]:
        """The attributes of edges that no claim states: many share them, and a writer may notice."""
        values = self._about(kind, "", "", "", symmetric)
        values.update(sourced((), self._graphs(graphs)))
        return values

    def _about(self, kind: int, event: str, from_role: str, to_role: str, symmetric: int) -> dict[str, Value]:
        values: dict[str, Value] = {"iri": self.names.texts[kind]}
        if event:
            values["event_iri"] = event
        if from_role:
            values["source_role"], values["target_role"] = self._role(from_role), self._role(to_role)
        if symmetric:
            values["symmetric"] = True
        return values

    def _role(self, roles: str) -> str:
        return ",".join(map(self.vocabulary.name, roles.split(",")))

    def _kind(self, kind: int) -> tuple[str, str, str]:
        iri = self.names.texts[kind]
        name = self.style.names[iri]
        return name, self.style.labels[iri] or name, self.style.colors[iri]

    def _graphs(self, graphs: str) -> tuple[Row, ...]:
        """The evidence of a plain edge: the documents of the graphs that state it."""
        iris = [self.names.texts[int(number)] for number in graphs.split()]
        return tuple((*evidence, iri) for iri in iris for evidence in self.by_graph.get(iri, [_NOWHERE]))


def _remembered(plan: Plan) -> Callable[[tuple[Cell, ...]], tuple[tuple[str, Value], ...]]:
    """Names and values of an element's attributes; many elements have the same few."""

    @lru_cache(maxsize=4096)
    def values(cells: tuple[Cell, ...]) -> tuple[tuple[str, Value], ...]:
        return tuple(plan.values(cells))

    return values


def times(found: Sequence[Time], values: dict[str, Value]) -> tuple[Spell, ...]:
    """Spells of the staged periods; first start, last end and the original texts become attributes."""
    if not found:
        return ()
    spells, about = _times(tuple(found))
    values.update(about)
    return spells


@lru_cache(maxsize=4096)
def _times(found: tuple[Time, ...]) -> tuple[tuple[Spell, ...], dict[str, Value]]:
    values: dict[str, Value] = {}
    periods = [Spell(start or None, stop or None) for start, stop, _ in found if start or stop]
    if texts := tuple(sorted({text for _, _, text in found if text.strip("./")})):
        values["when"] = texts
    spells = union([spell for spell in periods if (spell.start or "") <= (spell.end or "9")])
    if spells and spells[0].start:
        values["start"] = spells[0].start
    if spells and spells[-1].end:
        values["end"] = spells[-1].end
    return spells, values


def sourced(evidence: Sequence[Evidence], stated: Iterable[Row] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The attributes that say on what an element rests."""
    rows = [(*row, "") for row in evidence]
    rows += stated
    if not rows:
        return iter(())
    if len(rows) == 1:
        return ((name, (text,)) for name, text in zip(_NAMES, rows[0], strict=True) if text)
    columns = (tuple(sorted({text for text in column if text})) for column in zip(*rows, strict=True))
    return ((name, texts) for name, texts in zip(_NAMES, columns, strict=False) if texts)


@lru_cache(maxsize=64)
def _label_column(lang: str) -> str:
    return f"label{lang_suffix(lang) or '_und'}"


def label_columns(languages: Iterable[str]) -> list[str]:
    """The columns of the languages that labels come in."""
    return [_label_column(lang) for lang in sorted(languages)]


def size_of(degree: int) -> float:
    """A node's drawn size: grows with the logarithm of its degree."""
    return round(6 + 4 * math.log2(1 + degree), 2)


def place_of(position: int) -> tuple[float, float]:
    """A place on a sunflower spiral: spread out before any layout has run, the same every time."""
    radius = 40 * math.sqrt(position)
    return round(radius * math.cos(position * _GOLDEN), 2), round(radius * math.sin(position * _GOLDEN), 2)
