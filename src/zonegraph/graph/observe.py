"""Statistics: readings of an indicator become a dynamic number, its latest value, and the rivals that lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from zonegraph.graph.columns import number_of
from zonegraph.graph.ids import node_id, short_name
from zonegraph.graph.model import Column, Observation, Timed, Value
from zonegraph.graph.pieces import unpacked
from zonegraph.graph.slices import Cut
from zonegraph.graph.spells import Reading, covers, sort_out
from zonegraph.graph.vocabulary import Vocabulary, best_label

_ROWS: Final = (
    "SELECT b.pos, b.indicator, b.unit, b.variant, b.rank, b.start, b.stop, b.value, b.text, b.claim FROM {0}_number b"
    "{1} ORDER BY b.pos, b.indicator, b.unit, b.variant, b.rank, b.start, b.stop, b.claim, b.value"
)
_KEYS: Final = "SELECT DISTINCT b.indicator, b.unit, b.variant FROM {0}_number b{1} ORDER BY 1, 2, 3"
_TIDY: Final = (
    "SELECT e.{0} AS iri, b.indicator, b.unit, b.variant, b.value, b.start, b.stop, b.text, b.written, b.claim,"
    " b.broken, b.source, b.rank, e.data FROM {1}_number b{2} JOIN {1} e ON e.pos = b.pos"
)
_TIDY_ORDER: Final = " ORDER BY indicator, unit, variant, iri, start, stop, rank, claim, value"
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """The series of a projection. With a ``day`` there are no series, only the values that hold on it."""

    cut: Cut
    table: str
    names: Mapping[Key, str]
    day: str

    @classmethod
    def of_nodes(cls, cut: Cut, vocabulary: Vocabulary, day: str | None) -> SeriesPlan:
        """The series of nodes; every combination of indicator, unit and variant has a name: ``gdp__cny``."""
        return cls._named(cut, "node", vocabulary, day)

    @classmethod
    def of_edges(cls, cut: Cut, vocabulary: Vocabulary, day: str | None) -> SeriesPlan:
        """The series of events that became edges."""
        return cls._named(cut, "edge", vocabulary, day)

    @classmethod
    def _named(cls, cut: Cut, table: str, vocabulary: Vocabulary, day: str | None) -> SeriesPlan:
        keys = cut.db.execute(_KEYS.format(table, cut.join(table, "b")))
        return cls(cut, table, {key: series_name(vocabulary, *key) for key in keys}, day or "")

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
        return iter(self.cut.db.execute(_ROWS.format(self.table, self.cut.join(self.table, "b"))))

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

    cut: Cut
    vocabulary: Vocabulary

    def __call__(self) -> Iterator[Observation]:
        """A fresh pass; a number whose claim stands on several edges comes once."""
        for _, alike in groupby(self.cut.db.execute(self._sql()), key=lambda row: row[:-1]):
            yield self._observation(*next(alike))

    def _sql(self) -> str:
        parts = (("iri", "node"), ("event", "edge"))
        return " UNION ALL ".join(_TIDY.format(iri, t, self.cut.join(t, "b")) for iri, t in parts) + _TIDY_ORDER

    def _observation(
        self, iri: str, indicator: str, unit: str, variant: str, value: str, start: str, stop: str, text: str,
        written: str, claim: str, broken: int, source: str, rank: int, about: bytes | None,
    ) -> Observation:  # fmt: skip
        return Observation(
            subject=node_id(iri),
            subject_iri=iri,
            subject_label=best_label(unpacked(about).labels, self.vocabulary.languages) or node_id(iri),
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
            source=source,
        )


def _value_of_day(series: Iterable[Timed], day: str, name: str, values: dict[str, Value]) -> None:
    for timed in series:
        if covers(timed, day):
            values[name] = timed.value
