"""The answer of a stored question as a picture, by its line ``# Chart: kind x=… y=… series=…``."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, TypeVar

import pyoxigraph as ox

from zonegraph.errors import ZonegraphError
from zonegraph.values import TimeValue, read_edtf
from zonegraph.web.backend import Row, Term
from zonegraph.web.pages.answers import cell
from zonegraph.web.pages.charts import BarChart, Datum, LineChart, bar_chart, line_chart, read_sizes
from zonegraph.web.pages.drawings import Columns
from zonegraph.web.pages.headings import is_time
from zonegraph.web.pages.periods import Period, in_words
from zonegraph.web.pages.reader import Link, Names, text_of
from zonegraph.web.pages.strips import Dated, Strip, strip
from zonegraph.web.pages.values import grouped, read_number

#: Figures in different units are no bars of one chart; where an answer names no unit, nor are different indicators.
_UNIT: Final = "unitLabel"
_INDICATOR: Final = "indicatorLabel"
Chart = TypeVar("Chart")


@dataclass(frozen=True, slots=True)
class Views:
    """The pictures of an answer that need no script; at most one kind of them."""

    lines: tuple[LineChart, ...] = ()
    bars: tuple[BarChart, ...] = ()
    strip: Strip | None = None


def read_chart(spec: str) -> tuple[str, Columns]:
    """Kind and columns of ``line x=date y=value series=zoneLabel``."""
    kind, _, rest = spec.partition(" ")
    return kind, dict(part.partition("=")[::2] for part in rest.split() if "=" in part)


def drawing_of(spec: str) -> str:
    """What a script draws: a network when two columns hold things, a map; empty for neither."""
    kind, columns = read_chart(spec)
    if kind == "graph":
        return "graph" if columns.get("y", "").removesuffix("Label") != columns.get("x") else ""
    return "geojson" if kind == "map" else ""


def views_of(spec: str, rows: Sequence[Row], page: Sequence[Row], names: Names) -> Views:
    """What a line of the header asks for; a timeline stands beside the rows of its page."""
    kind, columns = read_chart(spec)
    across, up = columns.get("x", ""), columns.get("y", "")
    if not across or not up:
        return Views()
    if kind == "timeline":
        return Views(strip=_timeline(across, up, page, names))
    if kind == "line" or (kind == "bar" and any(_days(row.get(across), names) for row in rows[:5])):
        return Views(lines=_apart(rows, _UNIT, lambda own, unit: _lines(columns, own, names, unit)))
    if kind == "bar":
        measure = _INDICATOR if across == _INDICATOR and not any(_UNIT in row for row in rows) else _UNIT
        return Views(bars=_apart(rows, measure, lambda own, unit: _bars(columns, own, names, unit)))
    return Views()


def _apart(rows: Sequence[Row], column: str, draw: Callable[[Sequence[Row], str], Chart | None]) -> tuple[Chart, ...]:
    """A chart for each unit, or what else a column says; one for all where the answer has no such column."""
    units = dict.fromkeys(text_of(row.get(column)) for row in rows)
    charts = (draw([row for row in rows if text_of(row.get(column)) == unit], unit) for unit in units)
    return tuple(chart for chart in charts if chart is not None)


def _lines(columns: Columns, rows: Sequence[Row], names: Names, unit: str) -> LineChart | None:
    data = [datum for row in rows if (datum := _datum(row, columns, names))]
    return line_chart(data, unit=unit, sizes=read_sizes(names.words("number.sizes")))


def _bars(columns: Columns, rows: Sequence[Row], names: Names, unit: str) -> BarChart | None:
    across, up = columns["x"], columns["y"]
    numbered = [(row, number) for row in rows if (number := _number(row.get(up)))]
    labels = _labels([row for row, _ in numbered], columns, names, unit)
    bars = [(label, n, cell(row, across, names).href) for label, (row, n) in zip(labels, numbered, strict=True)]
    # one bar alone compares nothing
    return bar_chart(bars, unit) if len(bars) > 1 else None


def _labels(rows: Sequence[Row], columns: Columns, names: Names, title: str) -> list[str]:
    """What bars are called: the value across and the series, without the title; those of one name by their time."""
    parts = [[cell(row, columns.get(name, ""), names).text for name in ("x", "series")] for row in rows]
    labels = [" · ".join(part for part in own if part and part != title) or title for own in parts]
    many = {label for label, n in Counter(labels).items() if n > 1}
    times = (next((cell(row, name, names).text for name in row if is_time(name)), "") for row in rows)
    return [f"{label} · {when}" if when and label in many else label for label, when in zip(labels, times, strict=True)]


def _datum(row: Row, columns: Columns, names: Names) -> Datum | None:
    number, days = _number(row.get(columns["y"])), _days(row.get(columns["x"]), names)
    if number is None or days is None:
        return None
    label = f"{cell(row, columns['x'], names).text}: {grouped(str(number))}"
    breaks = text_of(row.get("break")) == "true"
    return Datum(days[0], days[1], number, cell(row, columns.get("series", ""), names).text, label, breaks=breaks)


def _timeline(across: str, up: str, rows: Sequence[Row], names: Names) -> Strip | None:
    dated = [found for row in rows if (found := _dated(row, across, up, names))]
    return strip(dated) if len(dated) > 1 else None


def _dated(row: Row, across: str, up: str, names: Names) -> Dated | None:
    days = _days(row.get(across), names)
    if days is None:
        return None
    label = cell(row, up, names)
    page = next((found for name in row if (found := cell(row, name, names)).href), label)
    edtf = text_of(row.get(across))
    # a label may be missing in the language of the page
    shown = label if label.text.strip() else page
    link = Link(shown.text, shown.lang, label.href or page.href, page.iri)
    return Dated(Period(days[0], days[1], edtf, in_words(edtf, names.words)), link, "")


def _number(value: Term | None) -> Decimal | None:
    return read_number(text_of(value))


def _days(value: Term | None, names: Names) -> tuple[date, date] | None:
    """The first and the last day of a time; where one end is open, the other stands for both."""
    found: Period | TimeValue | None = None
    if isinstance(value, ox.NamedNode):
        found = names.period(value.value)
    elif isinstance(value, ox.Literal):
        with contextlib.suppress(ZonegraphError):
            found = read_edtf(value.value)
    if found is None:
        return None
    start, end = found.earliest or found.latest, found.latest or found.earliest
    return (start, end) if start and end else None
