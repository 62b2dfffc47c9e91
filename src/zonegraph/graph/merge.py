"""Parallel relations for tools that hold one edge per source, target and kind (Gephi): nothing is lost.

The merged edge lives whenever one of its relations does, weighs as much as all of them, and lists each of them
whole in ``merged_from``.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from itertools import groupby

from zonegraph.graph.ids import edge_id
from zonegraph.graph.model import Column, Edge, Graph, Spell, Timed, Value
from zonegraph.graph.spells import union, weight_pieces

_WEIGHT = Column("weight", "double", dynamic=True)


def merge_parallel(graph: Graph) -> Graph:
    """The same graph with one edge per source, target and kind; unchanged where no two are parallel."""
    if not graph.parallel:
        return graph
    differing: set[str] = set()
    moving = False
    for group in _groups(graph):
        if len(group) > 1:
            differing |= _differing(group)
            moving = moving or bool(_weights(group))
    columns = [
        Column(c.name, "strings", iri=c.iri) if c.name in differing and not c.dynamic else c for c in graph.edge_columns
    ]
    columns += [Column("relations", "long"), Column("merged_from", "strings")]
    columns += [_WEIGHT] if moving else []
    lists = frozenset(c.name for c in columns if c.type == "strings" and not c.dynamic)
    return dataclasses.replace(
        graph,
        edge_columns=tuple(columns),
        edges=lambda: (_merge(group, lists, moving=moving) for group in _groups(graph)),
        edge_count=graph.edge_count - graph.parallel,
        parallel=0,
    )


def _groups(graph: Graph) -> Iterator[list[Edge]]:
    for _, group in groupby(graph.edges(), key=lambda e: (e.source, e.kind, e.target)):
        yield list(group)


def _differing(group: list[Edge]) -> set[str]:
    names = {name for edge in group for name in edge.attributes} - {"start", "end"}
    return {name for name in names if len({edge.attributes[name] for edge in group if name in edge.attributes}) > 1}


def _weights(group: list[Edge]) -> tuple[Timed, ...]:
    """The weight over time, when it is not the same at all times at which the edge lives."""
    if not all(edge.spells for edge in group):
        return ()
    pieces = weight_pieces([(spell, edge.weight) for edge in group for spell in edge.spells])
    return pieces if len({piece.value for piece in pieces}) > 1 else ()


def _merge(group: list[Edge], lists: frozenset[str], *, moving: bool) -> Edge:
    first = group[0]
    if len(group) == 1:
        values = {name: _as_list(value) if name in lists else value for name, value in first.attributes.items()}
        return first._replace(attributes={**values, "relations": 1})
    spells: tuple[Spell, ...] = ()
    if all(edge.spells for edge in group):  # an undated relation holds at any time
        spells = union(spell for edge in group for spell in edge.spells)
    series = {"weight": pieces} if moving and (pieces := _weights(group)) else {}
    for edge in group:
        series.update({name: timed for name, timed in edge.series.items() if name not in series})
    return first._replace(
        id=edge_id(first.source, first.kind, first.target, ""),
        weight=sum(edge.weight for edge in group),
        attributes=_attributes(group, lists, spells),
        spells=spells,
        series=series,
    )


def _attributes(group: list[Edge], lists: frozenset[str], spells: tuple[Spell, ...]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for name in sorted({name for edge in group for name in edge.attributes} - {"start", "end"}):
        found = [edge.attributes[name] for edge in group if name in edge.attributes]
        values[name] = (
            tuple(sorted({text for value in found for text in _as_list(value)})) if name in lists else found[0]
        )
    if spells and spells[0].start:
        values["start"] = spells[0].start
    if spells and spells[-1].end:
        values["end"] = spells[-1].end
    values["relations"] = len(group)
    values["merged_from"] = tuple(_whole(edge) for edge in group)
    return values


def _as_list(value: Value) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    return (("true" if value else "false") if isinstance(value, bool) else str(value),)


def _whole(edge: Edge) -> str:
    """One relation with everything that is known of it, as JSON."""
    spells = [[spell.start, spell.end] for spell in edge.spells]
    series = {name: [[t.start, t.end, t.value] for t in timed] for name, timed in edge.series.items()}
    whole = {"id": edge.id, "weight": edge.weight, "spells": spells, "series": series, **edge.attributes}
    return json.dumps(
        {key: value for key, value in whole.items() if value or value is False or value == 0},
        ensure_ascii=False,
        sort_keys=True,
    )
