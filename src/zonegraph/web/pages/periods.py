"""Times for people: EDTF in words, and the days between which something lies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from zonegraph.web.pages.catalogue import Catalogue

_PART: Final = re.compile(r"(\d{3}X|\d{2}XX|\d{4})(?:-(\d{2}|XX))?(?:-(\d{2}|XX))?([~?%]?)", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A time as the graph has it; open ends are None. ``text`` is for people, ``edtf`` for machines."""

    earliest: date | None
    latest: date | None
    edtf: str
    text: str

    @property
    def vague(self) -> bool:
        """Whether it may lie anywhere within more than one day, or is said to be uncertain."""
        return self.earliest is None or self.earliest != self.latest or bool(set("~?%") & set(self.edtf))

    @property
    def sort_key(self) -> tuple[date, date]:
        """By the first possible day; what has no beginning by its end."""
        return (self.earliest or self.latest or date.max, self.latest or date.max)


def read_day(text: str) -> date | None:
    """An xsd:date as a date; None where it is none that the calendar has."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def in_words(edtf: str, words: Catalogue) -> str:
    """EDTF in the language of the page; forms that this does not know come back as they are."""
    start, slash, end = edtf.partition("/")
    if not slash:
        return _point(edtf, words)
    if start in {"..", ""}:
        return words("date.until", end=_point(end, words))
    if end in {"..", ""}:
        return words("date.since", start=_point(start, words))
    return words("date.span", start=_point(start, words), end=_point(end, words))


def _point(text: str, words: Catalogue) -> str:
    match = _PART.fullmatch(text)
    if match is None:
        return text
    year, month, day, mark = match[1], match[2], match[3], match[4]
    shown = _exact(year, month, day, words)
    return words({"~": "date.about", "?": "date.perhaps", "%": "date.vague"}[mark], date=shown) if mark else shown


def _exact(year: str, month: str | None, day: str | None, words: Catalogue) -> str:
    if year.endswith("XX"):
        return words("date.century", number=int(year[:2]) + 1)
    if year.endswith("X"):
        return words("date.decade", year=year[:3] + "0")
    if month is None or month == "XX":
        return words("date.year", year=year)
    number = int(month)
    if number > 12:
        return words(f"date.part{number}", year=year) if words.has(f"date.part{number}") else f"{year}-{month}"
    name = words(f"month.{number}")
    if day is None or day == "XX":
        return words("date.month", year=year, month=name)
    return words("date.day", year=year, month=name, day=int(day))
