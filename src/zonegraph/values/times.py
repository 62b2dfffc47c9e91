"""Time as EDTF (ISO 8601-2:2019), with the first and the last day that it can mean.

Read: ``2011``, ``2011-01``, ``2011-01-02``; ``201X`` (decade), ``19XX`` (century), ``2018-XX``; seasons, quarters
and halves (``2018-21`` to ``2018-41``); each with ``~``, ``?`` or ``%``; intervals of them, with ``..`` for an open
end. Years 0001 to 9999. Refused, each with a hint: empty end points (libraries guess ten years there), dates
that do not exist, reversed intervals, sets. ``~`` does not widen the days: how far it would is not stated.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from zonegraph.errors import ValueFormatError, Where

OPEN: Final = ".."
_PLAIN: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?[~?%]?", re.ASCII)
_SEASON: Final = re.compile(r"([0-9]{4}-(?:2[1-9]|3[0-9]|4[01]))[~?%]?", re.ASCII)
_UNSPECIFIED: Final = re.compile(r"([0-9]{3}X|[0-9]{2}XX|[0-9]{4}-(?:XX-XX|XX|[0-9]{2}-XX))[~?%]?", re.ASCII)
_LONGEST: Final = 64
_HINT: Final = "write EDTF, such as 2011-01-02, 2018-12~, 199X, 2016/2020 or ../2018-09"


@dataclass(frozen=True, slots=True)
class TimeValue:
    """A time: its EDTF, its first and last possible day (``None``: open), and its precision.

    ``precision`` is ``day``, ``month``, ``season``, ``year``, ``decade``, ``century`` or ``interval``.
    """

    edtf: str
    earliest: date | None
    latest: date | None
    precision: str

    @property
    def span(self) -> tuple[date, date]:
        """The first and the last day, open ends at the borders of the calendar."""
        return self.earliest or date.min, self.latest or date.max


@lru_cache(maxsize=4096)
def read_edtf(text: str) -> TimeValue:
    """Read *text* as EDTF. Raises ValueFormatError, with an offset, when it is none or outside the subset."""
    if len(text) > _LONGEST:
        raise _error("this is too long for a date", 0)
    if "/" in text:
        return _read_interval(text)
    return _read_point(text, 0)


def _read_interval(text: str) -> TimeValue:
    left, _, right = text.partition("/")
    at_right = len(left) + 1
    if "/" in right:
        raise _error("an interval has two ends", at_right + right.index("/"))
    if left == right == OPEN:
        raise _error("an interval that is open at both ends says nothing", 0)
    start = None if left == OPEN else _read_point(left, 0)
    end = None if right == OPEN else _read_point(right, at_right)
    earliest = start.earliest if start else None
    latest = end.latest if end else None
    if earliest and latest and earliest > latest:
        raise _error("the interval ends before it begins", at_right)
    return TimeValue(text, earliest, latest, "interval")


def _read_point(text: str, offset: int) -> TimeValue:
    if not text:
        raise _error("an end of the interval is empty", offset, "write .. for an open end")
    plain = _PLAIN.fullmatch(text)
    if plain and not _SEASON.fullmatch(text):
        return _read_plain(text, plain, offset)
    season = _SEASON.fullmatch(text)
    if season:
        return _read_by_library(text, season.group(1), "season", offset)
    unspecified = _UNSPECIFIED.fullmatch(text)
    if unspecified:
        return _read_by_library(text, unspecified.group(1), _precision(unspecified.group(1)), offset)
    raise _error(f"{text!r} is not a date in EDTF", offset)


def _read_plain(text: str, match: re.Match[str], offset: int) -> TimeValue:
    """Read year, month and day without the library, whose grammar takes 10 ms a date."""
    year, month, day = (None if part is None else int(part) for part in match.groups())
    try:
        earliest = date(year or 0, month or (1 if month is None else 0), day or (1 if day is None else 0))
    except ValueError as error:
        raise _error(f"{text!r} is a day that does not exist", offset) from error
    last_month = month or 12
    last_day = day or calendar.monthrange(earliest.year, last_month)[1]
    precision = "year" if month is None else "month" if day is None else "day"
    return TimeValue(text, earliest, date(earliest.year, last_month, last_day), precision)


def _precision(core: str) -> str:
    head = core[:4]
    if "X" in head:
        return "century" if head.endswith("XX") else "decade"
    return "year" if core[5:7] == "XX" else "month"


def _read_by_library(text: str, core: str, precision: str, offset: int) -> TimeValue:
    """Read seasons and unspecified digits; ``core`` is *text* without its qualification mark."""
    # imported here: it builds its grammar on import, which costs 0.3 s that most runs never need
    from edtf import EDTFParseException, parse_edtf  # noqa: PLC0415

    try:
        parsed = parse_edtf(core)
        earliest = date(*parsed.lower_strict()[:3])
        latest = date(*parsed.upper_strict()[:3])
    except (EDTFParseException, ValueError, TypeError, OverflowError) as error:
        raise _error(f"{text!r} is not a date of the years 0001 to 9999", offset) from error
    return TimeValue(text, earliest, latest, precision)


def _error(message: str, offset: int, hint: str = _HINT) -> ValueFormatError:
    return ValueFormatError(message, where=Where(offset=offset), hint=hint)


def contains(outer: TimeValue, inner: TimeValue) -> bool:
    """Whether every day of *inner* lies in *outer*; an open end reaches to the border of the calendar."""
    return outer.span[0] <= inner.span[0] and inner.span[1] <= outer.span[1]


def overlaps(one: TimeValue, other: TimeValue) -> bool:
    """Whether the two have a day in common."""
    return one.span[0] <= other.span[1] and other.span[0] <= one.span[1]


def latest_of(first: TimeValue, *others: TimeValue) -> TimeValue:
    """Give the time that ends last (an open end is last), then the one that begins last; ties by EDTF."""
    return max((first, *others), key=lambda value: (value.span[1], value.span[0], value.edtf))
