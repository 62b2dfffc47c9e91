"""Reading the staged graph back as nodes and edges: one ordered pass, each with the piece that is known of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from zonegraph.graph.columns import Plan, lang_suffix
from zonegraph.graph.model import Edge, Node, Point, Spell, Value
from zonegraph.graph.observe import SeriesPlan
from zonegraph.graph.pieces import Cell, Evidence, Label, Time, unpacked
from zonegraph.graph.sides import Side
from zonegraph.graph.slices import Cut
from zonegraph.graph.spells import union
from zonegraph.graph.stage import Naming
from zonegraph.graph.vocabulary import OTHER_NAME, Vocabulary, best_label

_NODES: Final = "SELECT n.pos, n.iri, n.id, n.kind, n.kinds, n.degree, n.data FROM node n ORDER BY n.pos"
_KEPT_NODES: Final = (
    "SELECT n.pos, n.iri, n.id, n.kind, n.kinds, COALESCE(d.degree, 0), n.data FROM keep_node k"
    " JOIN node n ON n.pos = k.pos LEFT JOIN degree d ON d.pos = k.pos ORDER BY k.pos"
)
_EDGES: Final = (
    "SELECT e.pos, e.id, e.source_id, e.target_id, e.kind, e.event, e.weight, e.source_role, e.target_role,"
    " e.symmetric, e.graphs, e.data FROM edge e{} ORDER BY e.pos"
)
_PLACES: Final = "SELECT p.pos, p.lon, p.lat, p.node FROM place p{} ORDER BY p.pos, p.ord, p.place, p.lon, p.lat"
_NAMES: Final = ("prov_source", "prov_span", "prov_url", "prov_date", "graph")
_GOLDEN: Final = math.pi * (3 - math.sqrt(5))
#: What one source says: the evidence, and the graph it lies in.
Row = tuple[str, str, str, str, str]
_NOWHERE: Final[Evidence] = ("", "", "", "")


@dataclass(frozen=True, slots=True)
class KindStyle:
    """Short name, label and colour of each kind, by IRI."""

    names: Mapping[str, str]
    labels: Mapping[str, str]
    colors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NodeReader:
    """Yields the kept nodes in order of id. A series plan with a ``day`` asks for a static graph as of that date."""

    cut: Cut
    vocabulary: Vocabulary
    names: Naming
    kind_sets: Mapping[int, tuple[int, ...]]
    plan: Plan
    series: SeriesPlan
    style: KindStyle

    def __call__(self) -> Iterator[Node]:
        """A fresh pass."""
        places = Side(self.cut.db.execute(_PLACES.format(self.cut.join("node", "p"))))
        numbers = Side(self.series.rows())
        kind_of, cells_of = lru_cache(maxsize=4096)(self._kinds), _remembered(self.plan)
        found = self.cut.db.execute(_KEPT_NODES if self.cut.sliced else _NODES)
        for number, (position, iri, key, kind, kinds, degree, data) in enumerate(found, start=1):
            name, color, about = kind_of(kind, kinds)
            values: dict[str, Value] = {"iri": iri, **about}
            piece = unpacked(data)
            title = self._labels(piece.labels, values) or key
            spells = times(piece.times, values) if piece.times else ()
            points = tuple(Point(lon, lat, place) for lon, lat, place in places.take(position))
            if points and len({(p.lon, p.lat) for p in points}) == 1:
                values["lon"], values["lat"] = points[0].lon, points[0].lat
            if piece.cells:
                values.update(cells_of(tuple(piece.cells)))
            if piece.evidence:
                values.update(sourced(piece.evidence))
            dynamic = self.series.values(numbers.take(position), values)
            yield Node(
                key, iri, title, name, color, size_of(degree), *place_of(number), values, dynamic,
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

    cut: Cut
    vocabulary: Vocabulary
    names: Naming
    stated: Callable[[int], Sequence[Evidence]]
    plan: Plan
    series: SeriesPlan
    style: KindStyle

    def __call__(self) -> Iterator[Edge]:
        """A fresh pass."""
        numbers, changing = Side(self.series.rows()), bool(self.series.names)
        kind_of, plain_of = lru_cache(maxsize=4096)(self._kind), lru_cache(maxsize=1024)(self._plain)
        role_of = lru_cache(maxsize=1024)(self._role)
        cells_of, graphs_of, static = _remembered(self.plan), lru_cache(maxsize=4096)(self._graphs), self.series.day
        for row in self.cut.db.execute(_EDGES.format(self.cut.join("edge", "e"))):
            position, key, source, target, kind, event, weight, from_role, to_role, symmetric, graphs, data = row
            name, label, color, iri = kind_of(kind)
            readings = numbers.take(position) if changing else ()
            if not (event or readings or data):
                values = plain_of(kind, symmetric, graphs)
                yield Edge(key, source, target, name, label, weight, color, values)
                continue
            values = self._about(iri, event, role_of(from_role), role_of(to_role), symmetric)
            piece = unpacked(data)
            spells = times(piece.times, values) if piece.times else ()
            if piece.cells:
                values.update(cells_of(tuple(piece.cells)))
            values.update(sourced(piece.evidence, graphs_of(graphs) if graphs else ()))
            dynamic = self.series.values(readings, values)
            yield Edge(key, source, target, name, label, weight, color, values, () if static else spells, dynamic)

    def _plain(self, kind: int, symmetric: int, graphs: str) -> dict[str, Value]:
        """The attributes of edges that no claim states: many share them, and a writer may notice."""
        values = self._about(self.names.texts[kind], "", "", "", symmetric)
        values.update(sourced((), self._graphs(graphs)))
        return values

    def _about(self, iri: str, event: str, from_role: str, to_role: str, symmetric: int) -> dict[str, Value]:
        values: dict[str, Value] = {"iri": iri}
        if event:
            values["event_iri"] = event
        if from_role:
            values["source_role"], values["target_role"] = from_role, to_role
        if symmetric:
            values["symmetric"] = True
        return values

    def _role(self, roles: str) -> str:
        return ",".join(map(self.vocabulary.name, roles.split(","))) if roles else ""

    def _kind(self, kind: int) -> tuple[str, str, str, str]:
        iri = self.names.texts[kind]
        name = self.style.names[iri]
        return name, self.style.labels[iri] or name, self.style.colors[iri], iri

    def _graphs(self, graphs: str) -> tuple[Row, ...]:
        """The evidence of a plain edge: the documents of the graphs that state it."""
        numbers = map(int, graphs.split())
        return tuple((*row, self.names.texts[n]) for n in numbers for row in self.stated(n) or [_NOWHERE])


def _remembered(plan: Plan) -> Callable[[tuple[Cell, ...]], tuple[tuple[str, Value], ...]]:
    """Names and values of an element's attributes; many elements have the same few."""

    @lru_cache(maxsize=4096)
    def values(cells: tuple[Cell, ...]) -> tuple[tuple[str, Value], ...]:
        return tuple(plan.values(cells))

    return values


def times(found: Sequence[Time], values: dict[str, Value]) -> tuple[Spell, ...]:
    """Spells of the staged periods; first start, last end and the original texts become attributes."""
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


def sourced(evidence: Sequence[Evidence], stated: Iterable[Row] = ()) -> dict[str, tuple[str, ...]]:
    """The attributes that say on what an element rests."""
    rows = [(*row, "") for row in evidence]
    rows += stated
    if not rows:
        return {}
    if len(rows) == 1:
        return {name: (text,) for name, text in zip(_NAMES, rows[0], strict=True) if text}
    columns = (tuple(sorted({text for text in column if text})) for column in zip(*rows, strict=True))
    return {name: texts for name, texts in zip(_NAMES, columns, strict=False) if texts}


@lru_cache(maxsize=64)
def _label_column(lang: str) -> str:
    return f"label{lang_suffix(lang) or '_und'}"


def label_columns(languages: Iterable[str]) -> list[str]:
    """The columns of the languages that labels come in."""
    return [_label_column(lang) for lang in sorted(languages)]


@lru_cache(maxsize=1024)
def size_of(degree: int) -> float:
    """A node's drawn size: grows with the logarithm of its degree."""
    return round(6 + 4 * math.log2(1 + degree), 2)


def place_of(position: int) -> tuple[float, float]:
    """A place on a sunflower spiral: spread out before any layout has run, the same every time."""
    radius = 40 * math.sqrt(position)
    return round(radius * math.cos(position * _GOLDEN), 2), round(radius * math.sin(position * _GOLDEN), 2)
