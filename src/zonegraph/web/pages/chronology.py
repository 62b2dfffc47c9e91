"""Claims in the order of time, page by page, sorted by the store so that no number of them is too large."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import pyoxigraph as ox

from zonegraph.names import XSD
from zonegraph.web.pages.reader import Reader, text_of

_WHERE: Final = """
  VALUES ?type { $types }
  GRAPH ?g { ?c a ?type } FILTER(?g != zgg:inferred)
  $about $time
"""
_PAGE: Final = f"""
SELECT ?c (MIN(?day) AS ?first) WHERE {{ {_WHERE} BIND(COALESCE(?earliest, ?latest) AS ?day) }}
GROUP BY ?c ORDER BY (!BOUND(?first)) ?first ?c LIMIT $limit OFFSET $offset"""
_TOTAL: Final = f"SELECT (COUNT(DISTINCT ?c) AS ?n) WHERE {{ {_WHERE} }}"
_YEARS: Final = f"""
SELECT ?year (COUNT(DISTINCT ?c) AS ?n) WHERE {{ {_WHERE} BIND(YEAR(COALESCE(?earliest, ?latest)) AS ?year) }}
GROUP BY ?year ORDER BY ?year"""
#: The claims in which a thing has a role; being the predicate of a statement, or a class, is none.
ABOUT: Final = "?c ?via $node ; zg:basis ?basis . FILTER(?via NOT IN (zg:predicate, rdf:type))"
_TIME: Final = """
  ?c zg:preferredPeriod|zg:period|zg:attestedAt ?time .
  OPTIONAL { ?time zg:earliest ?earliest } OPTIONAL { ?time zg:latest ?latest }"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which claims: of these classes, about a thing (empty: any), ``dated`` ones only, within these days."""

    types: tuple[str, ...]
    about: str = ""
    dated: bool = False
    first: date | None = None
    last: date | None = None


def total(who: Reader, wanted: Wanted) -> int:
    """How many there are."""
    rows = who.rows(_filled(_TOTAL, wanted)) if wanted.types else []
    return int(text_of(rows[0]["n"])) if rows else 0


def page(who: Reader, wanted: Wanted, limit: int, offset: int = 0) -> tuple[str, ...]:
    """The IRIs of some of them, earliest first; what has no time comes last."""
    text = page_query(wanted, limit, offset)
    return tuple(text_of(row["c"]) for row in who.rows(text) if "c" in row) if wanted.types else ()


def page_query(wanted: Wanted, limit: int, offset: int = 0) -> str:
    """The query for a page."""
    return _filled(_PAGE, wanted).replace("$limit", str(limit)).replace("$offset", str(offset))


def _filled(text: str, wanted: Wanted) -> str:
    about = ABOUT.replace("$node", str(ox.NamedNode(wanted.about))) if wanted.about else ""
    time = _TIME + _within(wanted)
    return (
        text.replace("$types", " ".join(str(ox.NamedNode(iri)) for iri in wanted.types))
        .replace("$about", about)
        .replace("$time", time if wanted.dated else f"OPTIONAL {{ {time} }}")
    )


def _within(wanted: Wanted) -> str:
    return _bound("?latest", ">=", wanted.first) + _bound("?earliest", "<=", wanted.last)


def _bound(variable: str, test: str, day: date | None) -> str:
    """Only what is not surely outside; an open end may reach anywhere."""
    if day is None:
        return ""
    value = ox.Literal(day.isoformat(), datatype=ox.NamedNode(XSD + "date"))
    return f" FILTER(!BOUND({variable}) || {variable} {test} {value})"


def years(who: Reader, wanted: Wanted) -> dict[int, int]:
    """How many begin (or, without a beginning, end) in which year."""
    rows = who.rows(_filled(_YEARS, wanted)) if wanted.types else []
    return {int(text_of(row["year"])): int(text_of(row["n"])) for row in rows if "year" in row}
