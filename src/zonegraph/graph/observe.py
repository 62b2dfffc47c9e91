"""Statistics: readings of an indicator become a dynamic number, its latest value, and the rivals that lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from zonegraph.graph.columns import number_of
from zonegraph.graph.ids import node_id, short_name
from zonegraph.graph.model import Column, Observation, Timed, Value
from zonegraph.graph.pieces import unpacked
from zonegraph.graph.spells import Reading, covers, sort_out
from zonegraph.graph.vocabulary import Vocabulary, best_label

_NODES: Final = "node_out o JOIN obs b ON b.key = o.key"
_EDGES: Final = "edge_out o JOIN rel r ON r.id = o.id JOIN obs b ON b.key = r.info AND r.info <> 0"
_ROWS: Final = (
    "SELECT o.pos, b.indicator, b.unit, b.variant, b.rank, b.start, b.stop, b.value, b.text, b.claim FROM {}"
    " ORDER BY o.pos, b.indicator, b.unit, b.variant, b.rank, b.start, b.stop, b.claim, b.value"
)
_KEYS: Final = "SELECT DISTINCT b.indicator, b.unit, b.variant FROM {} ORDER BY 1, 2, 3"
_TIDY: Final = (
    "SELECT COALESCE(n.iri, e.iri), b.indicator, b.unit, b.variant, b.value, b.start, b.stop, b.text, b.written,"
    " b.claim, b.broken, p.data, s.data FROM obs b LEFT JOIN node n ON n.key = b.key LEFT JOIN event e ON e.key = b.key"
    " LEFT JOIN piece p ON p.key = b.key LEFT JOIN piece s ON s.key = term_key(b.claim)"
    " WHERE b.key IN (SELECT key FROM node_out UNION SELECT r.info FROM edge_out o JOIN rel r ON r.id = o.id)"
    " ORDER BY b.indicator, b.unit, b.variant, 1, b.start, b.stop, b.rank, b.claim, b.value"
)
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """The series of a projection. With a ``day`` there are no series, only the values that hold on it."""

    db: sqlite3.Connection
    names: Mapping[Key, str]
    day: str
    tables: str = _NODES

    @classmethod
    def of_nodes(cls, db: sqlite3.Connection, vocabulary: Vocabulary, day: str | None) -> SeriesPlan:
        """The series of nodes; every combination of indicator, unit and variant has a name: ``gdp__cny``."""
        return cls._named(db, vocabulary, day, _NODES)

    @classmethod
    def of_edges(cls, db: sqlite3.Connection, vocabulary: Vocabulary, day: str | None) -> SeriesPlan:
        """The series of events that became edges."""
        return cls._named(db, vocabulary, day, _EDGES)

    @classmethod
    def _named(cls, db: sqlite3.Connection, vocabulary: Vocabulary, day: str | None, tables: str) -> SeriesPlan:
        keys = db.execute(_KEYS.format(tables))
        return cls(db, {key: series_name(vocabulary, *key) for key in keys}, day or "", tables)

    def columns(self) -> tuple[Column, ...]:
        """The columns of all series."""
        result: list[Column] = []
        for (indicator, _, _), name in sorted(self.names.items(), key=lambda item: item[1]):
            result.append(Column(name, "double", dynamic=not self.day, iri=indicator))
            result.append(Column(f"{name}_latest", "double", iri=indicator))
            result.append(Column(f"{name}_latest_when", "string", iri=indicator))
            result.append(Column(f"{name}_alt", "strings", iri=indicator))
        return tuple(result)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The readings of all kept nodes, in order of node and series."""
        if not self.names:
            return iter(())
        return iter(self.db.execute(_ROWS.format(self.tables)))

    def values(self, found: Sequence[tuple[Any, ...]], values: dict[str, Value]) -> Mapping[str, tuple[Timed, ...]]:
        """Enter one node's latest values and losing rivals as attributes; return its series."""
        result: dict[str, tuple[Timed, ...]] = {}
        if not found:
            return result
        for key, group in groupby(found, key=lambda row: row[:3]):
            name = self.names[key]
            readings = [self._reading(row[3:]) for row in group]
            readings = [r for r in readings if not self.day or (r.start or "") <= self.day]
            if not readings:
                continue
            series = sort_out(readings)
            values[f"{name}_latest"] = series.latest.value
            if series.latest.text:
                values[f"{name}_latest_when"] = series.latest.text
            if series.rest:
                values[f"{name}_alt"] = tuple(f"{r.value} ({r.days}) {r.claim}".rstrip() for r in series.rest)
            if self.day:
                _value_of_day(series.values, self.day, name, values)
            elif series.values:
                result[name] = series.values
        return result

    @staticmethod
    def _reading(row: tuple[Any, ...]) -> Reading:
        rank, start, stop, value, text, claim = row
        return Reading(rank, start or None, stop or None, number_of(value), text, claim)

    def alternatives(self) -> int:
        """How many readings lost to a rival, over all kept nodes."""
        count = 0
        for _, group in groupby(self.rows(), key=lambda row: row[:4]):
            count += len(sort_out(self._reading(row[4:]) for row in group).rest)
        return count


def series_name(vocabulary: Vocabulary, indicator: str, unit: str, variant: str) -> str:
    """``gdp__cny`` or ``gdp__cny__Target``."""
    parts = (vocabulary.name(indicator), vocabulary.name(unit) if unit else "", short_name(variant) if variant else "")
    return "__".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Tidy:
    """Yields every number of the slice as a row, in order of indicator, unit, subject and time."""

    db: sqlite3.Connection
    vocabulary: Vocabulary

    def __call__(self) -> Iterator[Observation]:
        """A fresh pass."""
        for row in self.db.execute(_TIDY):
            iri, indicator, unit, variant, value, start, stop, text, written, claim, broken, about, evidence = row
            labels = unpacked(about).labels
            yield Observation(
                subject=node_id(iri),
                subject_iri=iri,
                subject_label=best_label(labels, self.vocabulary.languages) or node_id(iri),
                indicator=self.vocabulary.name(indicator),
                indicator_label=self.vocabulary.label(indicator) or self.vocabulary.name(indicator),
                variant=short_name(variant) if variant else "",
                value=number_of(value),
                unit=self.vocabulary.name(unit) if unit else "",
                unit_label=self.vocabulary.label(unit) if unit else "",
                period_start=start,
                period_end=stop,
                period=text,
                written=written,
                series_break="true" if broken else "",
                claim=claim,
                source=" ".join(sorted({source for source, *_ in unpacked(evidence).evidence})),
            )


def _value_of_day(series: Iterable[Timed], day: str, name: str, values: dict[str, Value]) -> None:
    for timed in series:
        if covers(timed, day):
            values[name] = timed.value
