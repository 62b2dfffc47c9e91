"""Reading the staged graph back as nodes and edges: one ordered pass, side tables walked in step."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from zonegraph.graph.columns import REMARK, Cell, Plan, lang_suffix
from zonegraph.graph.model import Edge, Node, Point, Spell, Value
from zonegraph.graph.observe import SeriesPlan
from zonegraph.graph.spells import union
from zonegraph.graph.vocabulary import Vocabulary, best_label

_NODES: Final = "SELECT pos, iri, id, kind, degree FROM node_out ORDER BY pos"
_KINDS: Final = "SELECT o.pos, k.kind FROM node_out o JOIN kind k ON k.iri = o.iri ORDER BY o.pos, k.kind"
_LABELS: Final = (
    "SELECT o.pos, l.rank, l.lang, l.text FROM node_out o JOIN label l ON l.iri = o.iri"
    " ORDER BY o.pos, l.rank, l.lang, l.text"
)
_CELLS: Final = (
    "SELECT o.pos, a.name, a.lang, a.type, a.value FROM node_out o JOIN attr a ON a.iri = o.iri"
    " ORDER BY o.pos, a.name, a.lang, a.value"
)
_TIMES: Final = (
    "SELECT o.pos, t.start, t.stop, t.text FROM node_out o JOIN node_time t ON t.iri = o.iri"
    " ORDER BY o.pos, t.start, t.stop, t.text"
)
_PLACES: Final = (
    "SELECT o.pos, g.lon, g.lat, COALESCE(n.id, '') FROM node_out o JOIN geo g ON g.iri = o.iri"
    " LEFT JOIN node n ON n.iri = g.place ORDER BY o.pos, g.ord, g.place, g.lon, g.lat"
)
_NODE_PROV: Final = (
    "SELECT o.pos, p.source, p.span, p.url, p.date, '' FROM node_out o JOIN prov p ON p.event = o.iri"
    " ORDER BY o.pos, p.source, p.span, p.url, p.date"
)
_LABELS_OF: Final = "SELECT rank, lang, text FROM label WHERE iri = ?"
_EDGES: Final = (
    "SELECT o.pos, o.id, o.source, o.target, r.kind, r.event, r.weight, r.source_role, r.target_role, r.symmetric"
    " FROM edge_out o JOIN rel r ON r.id = o.id ORDER BY o.pos"
)
_EDGE_CELLS: Final = (
    "SELECT o.pos, a.name, a.lang, a.type, a.value FROM edge_out o JOIN rel r ON r.id = o.id"
    " JOIN attr a ON a.iri = r.info WHERE r.info <> '' ORDER BY o.pos, a.name, a.lang, a.value"
)
_EDGE_TIMES: Final = (
    "SELECT o.pos, t.start, t.stop, t.text FROM edge_out o JOIN rel_time t ON t.id = o.id"
    " ORDER BY o.pos, t.start, t.stop, t.text"
)
_EDGE_PROV: Final = (
    "SELECT o.pos, p.source, p.span, p.url, p.date, '' FROM edge_out o JOIN rel r ON r.id = o.id"
    " JOIN prov p ON p.event = r.claim WHERE r.claim <> ''"
    " UNION ALL SELECT o.pos, COALESCE(p.source, ''), COALESCE(p.span, ''), COALESCE(p.url, ''),"
    " COALESCE(p.date, ''), g.graph FROM edge_out o JOIN rel_graph g ON g.id = o.id"
    " LEFT JOIN prov p ON p.event = g.graph ORDER BY 1, 2, 3, 4, 5, 6"
)
_PROV_NAMES: Final = ("prov_source", "prov_span", "prov_url", "prov_date", "graph")
_GOLDEN: Final = math.pi * (3 - math.sqrt(5))
Cells = list[tuple[Any, ...]]


class Side:
    """A side table in step with the main pass: rows come in order of their first column."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._rows = rows
        self._head = next(rows, None)

    def take(self, position: int) -> Cells:
        """The rows of one position, without it."""
        head = self._head
        if head is None or head[0] > position:
            return []
        taken: Cells = []
        while head is not None and head[0] <= position:
            if head[0] == position:
                taken.append(head[1:])
            head = next(self._rows, None)
        self._head = head
        return taken


@dataclass(frozen=True, slots=True)
class KindStyle:
    """Short name, label and colour of each kind, by IRI."""

    names: Mapping[str, str]
    labels: Mapping[str, str]
    colors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NodeReader:
    """Yields the kept nodes in order of id. ``day`` asks for a static graph as of that date."""

    db: sqlite3.Connection
    vocabulary: Vocabulary
    plan: Plan
    series: SeriesPlan
    style: KindStyle

    def __call__(self) -> Iterator[Node]:
        """A fresh pass."""
        run = self.db.execute
        kinds, labels, cells = Side(run(_KINDS)), Side(run(_LABELS)), Side(run(_CELLS))
        times, places, sources = Side(run(_TIMES)), Side(run(_PLACES)), Side(run(_NODE_PROV))
        numbers = Side(self.series.rows())
        described = _described(self)
        for position, iri, key, kind, degree in run(_NODES):
            values: dict[str, Value] = {"iri": iri, "kind_iri": kind}
            if label := self.style.labels[kind]:
                values["kind_label"] = label
            values["kinds"] = tuple(self.vocabulary.name(k) for (k,) in kinds.take(position))
            title = self._labels(labels.take(position), values) or key
            spells = _times(times.take(position), values)
            points = tuple(Point(lon, lat, place) for lon, lat, place in places.take(position))
            if len({(p.lon, p.lat) for p in points}) == 1:
                values["lon"], values["lat"] = points[0].lon, points[0].lat
            values.update(described(tuple(cells.take(position))))
            _provenance(sources.take(position), values)
            dynamic = self.series.values(numbers.take(position), values)
            yield Node(
                key, iri, title, self.style.names[kind], self.style.colors[kind], size_of(degree), *place_of(position),
                values, dynamic, () if self.series.day else spells, points,
            )  # fmt: skip

    def _labels(self, found: Cells, values: dict[str, Value]) -> str:
        best: dict[str, str] = {}
        for rank, lang, text in found:
            if rank < 3:
                best.setdefault(lang, text)
        title = best_label(found, self.vocabulary.languages)
        for lang, text in best.items():
            values[f"label{lang_suffix(lang) or '_und'}"] = text
        others = {text for _, _, text in found} - set(best.values()) - {title}
        if others:
            values["alt"] = tuple(sorted(others))
        return title


@dataclass(frozen=True, slots=True)
class EdgeReader:
    """Yields the kept edges in order of source, kind and target."""

    db: sqlite3.Connection
    vocabulary: Vocabulary
    plan: Plan
    series: SeriesPlan
    style: KindStyle

    def __call__(self) -> Iterator[Edge]:
        """A fresh pass."""
        run = self.db.execute
        cells, times, sources = Side(run(_EDGE_CELLS)), Side(run(_EDGE_TIMES)), Side(run(_EDGE_PROV))
        numbers = Side(self.series.rows())
        described = _described(self)
        for position, key, source, target, kind, event, weight, from_role, to_role, symmetric in run(_EDGES):
            values: dict[str, Value] = {"iri": kind}
            if event:
                values["event_iri"] = event
            if from_role:
                values["source_role"] = ",".join(map(self.vocabulary.name, from_role.split(",")))
                values["target_role"] = ",".join(map(self.vocabulary.name, to_role.split(",")))
            if symmetric:
                values["symmetric"] = True
            spells = _times(times.take(position), values)
            values.update(described(tuple(cells.take(position))))
            _provenance(sources.take(position), values)
            dynamic = self.series.values(numbers.take(position), values)
            name = self.style.names[kind]
            yield Edge(
                key, source, target, name, self.style.labels[kind] or name, weight, self.style.colors[kind],
                values, () if self.series.day else spells, dynamic,
            )  # fmt: skip


def _described(reader: NodeReader | EdgeReader) -> Callable[[tuple[Cell, ...]], tuple[tuple[str, Value], ...]]:
    """Names and values of an element's attributes; many elements have the same few."""

    @lru_cache(maxsize=4096)
    def described(cells: tuple[Cell, ...]) -> tuple[tuple[str, Value], ...]:
        return tuple(reader.plan.values(_resolved(reader, cells))) if cells else ()

    return described


def _resolved(reader: NodeReader | EdgeReader, cells: Iterable[Cell]) -> Iterator[Cell]:
    """Attributes, with a remark as the label of the claim it stands for."""
    for name, lang, kind, text in cells:
        if kind == REMARK:
            labels = reader.db.execute(_LABELS_OF, (text,)).fetchall()
            yield name, lang, kind, best_label(labels, reader.vocabulary.languages) or text
        else:
            yield name, lang, kind, text


def _times(found: Cells, values: dict[str, Value]) -> tuple[Spell, ...]:
    """Spells of the staged periods; first start, last end and the original texts become attributes."""
    if not found:
        return ()
    periods = [Spell(start or None, stop or None) for start, stop, _ in found if start or stop]
    texts = tuple(sorted({text for _, _, text in found if text.strip("./")}))
    if texts:
        values["when"] = texts
    good = [spell for spell in periods if (spell.start or "") <= (spell.end or "9")]
    spells = union(good)
    if spells and spells[0].start:
        values["start"] = spells[0].start
    if spells and spells[-1].end:
        values["end"] = spells[-1].end
    return spells


def _provenance(found: Cells, values: dict[str, Value]) -> None:
    if len(found) == 1:
        values.update({name: (text,) for name, text in zip(_PROV_NAMES, found[0], strict=True) if text})
        return
    for name, column in zip(_PROV_NAMES, zip(*found, strict=True), strict=False):
        if texts := _set_of(column):
            values[name] = texts


def _set_of(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({text for text in texts if text}))


def size_of(degree: int) -> float:
    """A node's drawn size: grows with the logarithm of its degree."""
    return round(6 + 4 * math.log2(1 + degree), 2)


def place_of(position: int) -> tuple[float, float]:
    """A place on a sunflower spiral: spread out before any layout has run, the same every time."""
    radius = 40 * math.sqrt(position)
    return round(radius * math.cos(position * _GOLDEN), 2), round(radius * math.sin(position * _GOLDEN), 2)


def label_columns(db: sqlite3.Connection) -> Sequence[str]:
    """The languages that the kept nodes' labels come in."""
    sql = "SELECT DISTINCT l.lang FROM node_out o JOIN label l ON l.iri = o.iri WHERE l.rank < 3 ORDER BY 1"
    return [f"label{lang_suffix(lang) or '_und'}" for (lang,) in db.execute(sql)]
