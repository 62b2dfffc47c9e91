"""The property graph that every writer reads: frozen nodes and edges, handed out as streams.

A `Graph` is opened, not held: ``nodes()`` and ``edges()`` start a fresh pass in a fixed order each time
they are called, so that a writer may look twice and memory does not grow with the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

#: What an attribute may hold. Lists are tuples of text.
Value = str | int | float | bool | tuple[str, ...]
ColumnType = Literal["string", "long", "double", "boolean", "strings"]


@dataclass(frozen=True, slots=True, order=True)
class Spell:
    """A stretch of days, both ends inclusive ISO dates; ``None`` is an open end."""

    start: str | None
    end: str | None


@dataclass(frozen=True, slots=True)
class Timed:
    """A number that holds for a stretch of days (inclusive ISO dates, ``None`` open)."""

    start: str | None
    end: str | None
    value: int | float


@dataclass(frozen=True, slots=True)
class Point:
    """One place of a geometry: WGS 84 degrees, and the id of the node that lies there."""

    lon: float
    lat: float
    node: str


@dataclass(frozen=True, slots=True, order=True)
class Column:
    """An attribute: its name in every format, its type, whether it changes over time, the IRI it came from."""

    name: str
    type: ColumnType
    dynamic: bool = False
    iri: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """A kind of nodes or edges: short stable name, IRI, label in the asked language, colour, how many."""

    name: str
    iri: str
    label: str
    color: str
    count: int


class Node(NamedTuple):
    """A thing. ``attributes`` holds only what is known; nothing is ever ``None`` in it."""

    id: str
    iri: str
    label: str
    kind: str
    color: str
    size: float
    x: float
    y: float
    attributes: Mapping[str, Value]
    series: Mapping[str, tuple[Timed, ...]] = MappingProxyType({})
    spells: tuple[Spell, ...] = ()
    geometry: tuple[Point, ...] = ()


class Edge(NamedTuple):
    """A directed relation. ``spells`` are sorted and do not overlap; empty means: no time is known."""

    id: str
    source: str
    target: str
    kind: str
    label: str
    weight: float
    color: str
    attributes: Mapping[str, Value]
    spells: tuple[Spell, ...] = ()
    series: Mapping[str, tuple[Timed, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Observation:
    """One number as a row of a tidy table: whose, of what, how much, when, and on what evidence.

    ``series_break`` is ``true`` where what it is about changed afterwards: it does not continue the series.
    """

    subject: str
    subject_iri: str
    subject_label: str
    indicator: str
    indicator_label: str
    variant: str
    value: int | float
    unit: str
    unit_label: str
    period_start: str
    period_end: str
    period: str
    written: str
    series_break: str
    claim: str
    source: str


@dataclass(frozen=True, slots=True)
class Meta:
    """What a file says of itself. ``modified`` is a date of the data, never of the moment of writing."""

    title: str
    profile: str
    version: str
    modified: str
    description: str
    dynamic: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """A finished projection: columns and kinds first, then as many passes over nodes and edges as needed.

    ``parallel`` counts the edges that share source, target and kind with an earlier one.
    """

    meta: Meta
    node_columns: tuple[Column, ...]
    edge_columns: tuple[Column, ...]
    node_kinds: tuple[Kind, ...]
    edge_kinds: tuple[Kind, ...]
    nodes: Callable[[], Iterator[Node]]
    edges: Callable[[], Iterator[Edge]]
    node_count: int
    edge_count: int
    parallel: int = 0
    observations: Callable[[], Iterator[Observation]] = lambda: iter(())
