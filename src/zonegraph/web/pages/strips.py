"""Time as a picture: each dated thing a bar on a common axis, soft where it is uncertain. Pure; drawn as SVG."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from zonegraph.web.pages.gather import Claim
from zonegraph.web.pages.periods import Period
from zonegraph.web.pages.reader import Link, Names
from zonegraph.web.pages.values import Source, period_iris, periods_of

#: Width of the axis in units of the drawing.
WIDTH: Final = 1000
_LEAST: Final = 10
MOST: Final = 60
#: Bars on the page of a thing.
FEW: Final = 12


@dataclass(frozen=True, slots=True)
class Tick:
    """A year on the axis."""

    x: int
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One dated thing: from ``x`` over ``width``; open to either side; ``exact`` is a day known as such."""

    x: int
    width: int
    exact: bool
    open_start: bool
    open_end: bool
    period: str
    edtf: str
    link: Link
    kind: str
    source: Source | None = None
    about: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Strip:
    """Bars over an axis, earliest first."""

    ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Dated:
    """What a bar is made from."""

    period: Period
    link: Link
    kind: str
    source: Source | None = None
    about: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Axis:
    """Days as places on a line."""

    first: date
    last: date

    @classmethod
    def over(cls, periods: Iterable[Period], first: date | None = None, last: date | None = None) -> Axis | None:
        """From the year of the first day to the end of that of the last, or between given days; None without any."""
        days = [day for period in periods for day in (period.earliest, period.latest) if day is not None]
        if not days:
            return None
        start, end = first or date(min(days).year, 1, 1), last or date(max(days).year, 12, 31)
        return cls(start, max(start, end))

    def at(self, day: date) -> int:
        """The place of a day."""
        length = max(1, (self.last - self.first).days)
        return round(WIDTH * min(max((day - self.first).days, 0), length) / length)

    def ticks(self, most: int = 8) -> tuple[Tick, ...]:
        """Whole years, not too many."""
        years = self.last.year - self.first.year + 1
        step = next((s for s in (1, 2, 5, 10, 20, 50, 100) if years / s <= most), 500)
        shown = [year for year in range(self.first.year, self.last.year + 1) if year % step == 0 or years <= most]
        return tuple(Tick(self.at(date(year, 1, 1)), str(year)) for year in shown)


def strip(
    items: Sequence[Dated], most: int = MOST, first: date | None = None, last: date | None = None
) -> Strip | None:
    """The picture of these things, between two days where they are given; None when there is nothing to draw."""
    ranked = sorted(items, key=lambda d: (d.period.sort_key, d.link.text))
    axis = Axis.over((item.period for item in ranked), first, last)
    if axis is None:
        return None
    shown = ranked[:most]
    return Strip(axis.ticks(), tuple(_bar(item, axis) for item in shown), len(ranked))


def _bar(item: Dated, axis: Axis) -> Bar:
    period = item.period
    start = axis.at(period.earliest) if period.earliest else 0
    end = axis.at(period.latest) if period.latest else WIDTH
    width = max(_LEAST, end - start)
    return Bar(
        min(start, WIDTH - _LEAST),
        width,
        not period.vague,
        period.earliest is None,
        period.latest is None,
        period.text,
        period.edtf,
        item.link,
        item.kind,
        item.source,
        item.about,
    )


def of_claims(claims: Iterable[Claim], names: Names) -> Strip | None:
    """The claims that have a time."""
    items = [found for claim in claims if (found := dated(claim, names))]
    return strip(items, FEW) if len(items) > 1 else None


def dated(claim: Claim, names: Names, source: Source | None = None) -> Dated | None:
    """A claim with its time; None for one without."""
    periods = periods_of(claim, names)
    if not periods:
        return None
    own = names.vocabulary.narrowest(claim.types)
    kind = names.vocabulary.label(own[0], names.lang) if own else ""
    return Dated(periods[0], _without_time(claim, names), kind, source)


def _without_time(claim: Claim, names: Names) -> Link:
    """The link of a claim without the time that its label ends with: the time has its own column."""
    link = names.link(claim.iri)
    known = [period.edtf for iri in period_iris(claim) if (period := names.period(iri)) and period.edtf]
    if not known:
        return link
    ending = rf"(?:[\s、,]+(?:{'|'.join(re.escape(edtf) for edtf in sorted(known, key=len, reverse=True))}))+$"
    return replace(link, text=re.sub(ending, "", link.text) or link.text)
