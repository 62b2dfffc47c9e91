"""Charts as plain SVG: points and lines over time, bars over names. Pure; places are per cent across, pixels down.

Drawn on the server so that they need no script, print, follow the colours of the page and can be read aloud.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

HEIGHT: Final = 300
_TOP: Final = 24
_BOTTOM: Final = 34
_LEFT: Final = 7.0
_RIGHT: Final = 95.0
#: Colours that the style has; further series share them.
COLOURS: Final = 6


@dataclass(frozen=True, slots=True)
class Datum:
    """One figure: when (first and last day), how much, of which series; ``hollow`` marks what is not exact."""

    start: date
    end: date
    value: Decimal
    series: str
    label: str
    href: str = ""
    hollow: bool = False
    breaks: bool = False
    kind: str = "observed"

    @property
    def middle(self) -> float:
        """The middle of its time, in days."""
        return (self.start.toordinal() + self.end.toordinal()) / 2


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of a chart."""

    x: float
    y: float
    label: str
    href: str
    hollow: bool
    kind: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A line between two points; ``broken`` where the series has a break between them."""

    x1: float
    y1: float
    x2: float
    y2: float
    broken: bool

    @property
    def middle(self) -> tuple[float, float]:
        """Where a break is marked."""
        return round((self.x1 + self.x2) / 2, 2), round((self.y1 + self.y2) / 2, 1)


@dataclass(frozen=True, slots=True)
class Series:
    """One series: its name, colour number, points and lines."""

    name: str
    colour: int
    marks: tuple[Mark, ...]
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A line of the grid and what it is labelled with."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class LineChart:
    """Figures over time; ``events`` are upright lines, such as a merger."""

    series: tuple[Series, ...]
    across: tuple[Grid, ...]
    down: tuple[Grid, ...]
    events: tuple[Grid, ...] = ()
    unit: str = ""
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, its share of the longest in per cent, the figure as text; ``less`` than nothing or more."""

    name: str
    width: float
    text: str
    href: str = ""
    less: bool = False


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars, longest possible 100."""

    bars: tuple[Bar, ...]
    unit: str = ""


Sizes = tuple[tuple[float, str], ...]
#: Powers of ten with what stands for them, largest first.
PLAIN: Final[Sizes] = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def read_sizes(text: str) -> Sizes:
    """Powers of ten in a language: ``1e8 亿, 1e4 万``."""
    pairs = (part.strip().partition(" ") for part in text.split(",") if part.strip())
    return tuple((float(power), name) for power, _, name in pairs)


def short_number(value: Decimal | float, sizes: Sizes = PLAIN) -> str:
    """A number for an axis: at most four digits and a power of ten."""
    number = float(value)
    for size, suffix in sizes:
        if abs(number) >= size:
            return f"{number / size:.4g}{suffix}"
    return f"{number:.4g}"


def steps(top: float, low: float = 0.0) -> list[float]:
    """Round values from zero to at or above ``top``, four to six of them; from below zero where ``low`` lies there."""
    reach = max(top, 0.0) - min(low, 0.0)
    if reach <= 0:
        return [0.0, 1.0]
    power = 10.0 ** math.floor(math.log10(reach))
    step = next(power * factor for factor in (0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5) if reach / (power * factor) <= 5)
    first, last = math.floor(min(low, 0.0) / step + 1e-9), math.ceil(max(top, 0.0) / step - 1e-9)
    return [step * number for number in range(first, last + 1)]


def line_chart(
    data: Sequence[Datum], events: Iterable[tuple[date, str]] = (), unit: str = "", sizes: Sizes = PLAIN
) -> LineChart | None:
    """The chart of these figures; None without any."""
    if not data:
        return None
    marked = tuple(events)
    scale = _Scale.over(data, marked, sizes)
    names = list(dict.fromkeys(datum.series for datum in data))
    series = tuple(
        _series(name, number % COLOURS, [d for d in data if d.series == name], scale)
        for number, name in enumerate(names)
    )
    return LineChart(
        series, scale.years(), scale.levels(), tuple(Grid(scale.x(d.toordinal()), t) for d, t in marked), unit
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """From days and amounts to places."""

    first: date
    last: date
    values: list[float] = field(default_factory=list)
    sizes: Sizes = PLAIN

    @classmethod
    def over(cls, data: Sequence[Datum], events: Sequence[tuple[date, str]], sizes: Sizes) -> _Scale:
        days = [d.start for d in data] + [d.end for d in data] + [day for day, _ in events]
        values = [float(d.value) for d in data]
        levels = steps(max(values), min(values))
        return cls(date(min(days).year, 1, 1), date(max(days).year, 12, 31), levels, sizes)

    def x(self, ordinal: float) -> float:
        length = max(1, self.last.toordinal() - self.first.toordinal())
        return round(_LEFT + (_RIGHT - _LEFT) * (ordinal - self.first.toordinal()) / length, 2)

    def y(self, value: float) -> float:
        low, top = self.values[0], self.values[-1]
        share = min(1.0, max(0.0, (value - low) / (top - low)))
        return round(HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - _TOP) * share, 1)

    def years(self) -> tuple[Grid, ...]:
        count = self.last.year - self.first.year + 1
        step = next((s for s in (1, 2, 5, 10, 20, 50) if count / s <= 8), 100)
        years = [year for year in range(self.first.year, self.last.year + 1) if count <= 8 or year % step == 0]
        return tuple(Grid(self.x(date(year, 7, 1).toordinal()), str(year)) for year in years)

    def levels(self) -> tuple[Grid, ...]:
        return tuple(Grid(self.y(value), short_number(value, self.sizes)) for value in self.values)


def _series(name: str, colour: int, data: Sequence[Datum], scale: _Scale) -> Series:
    ranked = sorted(data, key=lambda d: (d.middle, d.value))
    marks = [Mark(scale.x(d.middle), scale.y(float(d.value)), d.label, d.href, d.hollow, d.kind) for d in ranked]
    observed = [(mark, datum) for mark, datum in zip(marks, ranked, strict=True) if datum.kind == "observed"]
    segments = [
        # figures of before and of after the subject changed are no series
        Segment(one.x, one.y, two.x, two.y, broken=earlier.breaks != later.breaks)
        for (one, earlier), (two, later) in itertools.pairwise(observed)
        if one.x != two.x
    ]
    return Series(name, colour, tuple(marks), tuple(segments))


def bar_chart(rows: Sequence[tuple[str, Decimal, str]], unit: str = "", most: int = 40) -> BarChart | None:
    """Bars of name, amount and address; None without any that is more or less than nothing."""
    drawn = [(name, value, href) for name, value, href in rows if value][:most]
    if not drawn:
        return None
    top = max(abs(value) for _, value, _ in drawn)
    bars = (
        Bar(
            name,
            round(float(100 * abs(value) / top), 2),
            f"{value:,f}".rstrip("0").rstrip(".") if value % 1 else f"{value:,.0f}",
            href,
            value < 0,
        )
        for name, value, href in drawn
    )
    return BarChart(tuple(bars), unit)
