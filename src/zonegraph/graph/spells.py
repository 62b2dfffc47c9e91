"""Time for tools: full inclusive dates, spells that never overlap, values that never contradict. Pure.

Gephi drops what is not a full date and whatever overlaps, so everything is brought into that shape here;
the text as it was stays beside it in the attribute ``when``.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from zonegraph.graph.model import Spell, Timed

_FULL: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})(?:Z|[+-]\d{2}:\d{2})?")
_YEAR: Final = re.compile(r"(\d{4})(?:Z|[+-]\d{2}:\d{2})?")
_QUARTER: Final = re.compile(r"(\d{4})-?Q([1-4])")
_MIN, _MAX = "0000-00-00", "9999-99-99"


def widen(text: str) -> tuple[str, str] | None:
    """First and last day of a date, month, quarter or year as text; ``None`` for anything else."""
    if match := _FULL.match(text):
        return _days(int(match[1]), int(match[2]), int(match[3]))
    if match := _QUARTER.fullmatch(text):
        first = 3 * int(match[2]) - 2
        return f"{match[1]}-{first:02d}-01", _last_day(int(match[1]), first + 2)
    if match := _MONTH.fullmatch(text):
        month = int(match[2])
        return (f"{match[1]}-{month:02d}-01", _last_day(int(match[1]), month)) if 1 <= month <= 12 else None
    if match := _YEAR.fullmatch(text):
        return f"{match[1]}-01-01", f"{match[1]}-12-31"
    return None


def _days(year: int, month: int, day: int) -> tuple[str, str] | None:
    try:
        text = dt.date(year, month, day).isoformat()
    except ValueError:
        return None
    return text, text


def _last_day(year: int, month: int) -> str:
    return f"{year:04d}-{month:02d}-{calendar.monthrange(year, month)[1]:02d}"


def spell_of(start: str | None, end: str | None) -> Spell | None:
    """A spell of two date texts; ``None`` when nothing is known or the end lies before the start."""
    first = widen(start) if start else None
    last = widen(end) if end else None
    spell = Spell(first[0] if first else None, last[1] if last else None)
    if spell == Spell(None, None):
        return None
    return spell if (spell.start or _MIN) <= (spell.end or _MAX) else None


def covers(spell: Spell | Timed, day: str) -> bool:
    """Whether the day lies inside."""
    return (spell.start or _MIN) <= day <= (spell.end or _MAX)


def overlap(one: Spell | Timed, other: Spell | Timed) -> bool:
    """Whether the two share a day."""
    return (one.start or _MIN) <= (other.end or _MAX) and (other.start or _MIN) <= (one.end or _MAX)


def next_day(day: str) -> str:
    """The day after."""
    date = dt.date.fromisoformat(day)
    return day if date == dt.date.max else (date + dt.timedelta(days=1)).isoformat()


def previous_day(day: str) -> str:
    """The day before."""
    date = dt.date.fromisoformat(day)
    return day if date == dt.date.min else (date - dt.timedelta(days=1)).isoformat()


def union(spells: Iterable[Spell]) -> tuple[Spell, ...]:
    """The same days as few sorted spells that neither overlap nor touch."""
    result: list[Spell] = []
    for spell in sorted(set(spells), key=lambda s: (s.start or _MIN, s.end or _MAX)):
        if result and _reaches(result[-1], spell):
            ends = (result[-1].end, spell.end)
            result[-1] = Spell(result[-1].start, None if None in ends else max(e for e in ends if e))
        else:
            result.append(spell)
    return tuple(result)


def _reaches(earlier: Spell, later: Spell) -> bool:
    if earlier.end is None or later.start is None:
        return True
    return later.start <= next_day(earlier.end)


def weight_pieces(relations: Sequence[tuple[Spell, float]]) -> tuple[Timed, ...]:
    """Overlapping relations as pieces whose weight is the sum of what holds on those days."""
    starts = {s.start or _MIN for s, _ in relations} | {next_day(s.end) for s, _ in relations if s.end}
    cuts = sorted(starts)
    pieces: list[Timed] = []
    for index, first in enumerate(cuts):
        last = previous_day(cuts[index + 1]) if index + 1 < len(cuts) else _MAX
        holding = [
            weight for spell, weight in relations if (spell.start or _MIN) <= first and last <= (spell.end or _MAX)
        ]
        if holding:
            start, end = (None if first == _MIN else first), (None if last == _MAX else last)
            pieces.append(Timed(start, end, sum(holding)))
    return tuple(pieces)


@dataclass(frozen=True, slots=True)
class Reading:
    """A number for a period with what decides between it and a rival: lower ``rank`` first."""

    rank: int
    start: str | None
    end: str | None
    value: int | float
    text: str
    claim: str

    @property
    def days(self) -> str:
        """The period as ISO 8601 interval, ``..`` for an open end."""
        return f"{self.start or '..'}/{self.end or '..'}"


@dataclass(frozen=True, slots=True)
class Series:
    """Readings sorted out: ``values`` never overlap, ``rest`` lost to a better one, ``latest`` is the newest."""

    values: tuple[Timed, ...]
    rest: tuple[Reading, ...]
    latest: Reading


def _preference(reading: Reading) -> tuple[int, bool, str, str, str, float, str]:
    """Everything that tells two readings apart, so that their order never depends on how they came."""
    undated = reading.start is None and reading.end is None
    dates = reading.start or "", reading.end or _MAX
    return reading.rank, undated, reading.claim, *dates, reading.value, reading.text


def sort_out(readings: Iterable[Reading]) -> Series:
    """Choose by rank, then dated before undated, then claim; equal days keep the first. Needs one reading."""
    ordered = sorted(set(readings), key=_preference)
    chosen: list[Reading] = []
    rest: list[Reading] = []
    for reading in ordered:
        dated = Spell(reading.start, reading.end)
        undated = dated == Spell(None, None)
        free = not any(overlap(dated, Spell(other.start, other.end)) for other in chosen)
        (chosen if free and not (undated and chosen) else rest).append(reading)
    chosen.sort(key=lambda r: (r.start or _MIN, r.end or _MAX))
    values = tuple(Timed(r.start, r.end, r.value) for r in chosen if r.start or r.end)
    rest.sort(key=lambda r: (r.start or _MIN, r.end or _MAX, r.claim, r.value))
    return Series(values, tuple(rest), max(chosen, key=lambda r: (r.end or r.start or _MIN, r.start or _MIN)))
