"""The timeline: dated events and changes, of everything or about one thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from flask import Response, request

from zonegraph.errors import ValueFormatError
from zonegraph.names import ZG, local_name
from zonegraph.values import read_edtf
from zonegraph.web.pages import chronology, site, strips
from zonegraph.web.pages.addresses import full, with_query
from zonegraph.web.pages.chronology import Wanted
from zonegraph.web.pages.gather import Claim, spans, whole_claims
from zonegraph.web.pages.names import search_of
from zonegraph.web.pages.paging import Pager, pager
from zonegraph.web.pages.reader import Link, Reader, text_of
from zonegraph.web.pages.strips import Strip
from zonegraph.web.pages.values import period_iris, source_of

MOST: Final = 60
_ROOTS: Final = ("ChangeEvent", "Event")
#: Kinds and times to choose with one click.
_CHIPS: Final = 8
_KINDS: Final = """
SELECT ?type (COUNT(DISTINCT ?c) AS ?n) WHERE {
  ?c zg:period ?time . GRAPH ?g { ?c a ?type } FILTER(?g != zgg:inferred)
} GROUP BY ?type"""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind to choose."""

    key: str
    label: str
    n: int
    href: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """A decade or a year to look at."""

    label: str
    n: int
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    about: str
    kind: str
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class TimelineView:
    """The page."""

    strip: Strip | None
    total: int
    pager: Pager
    kinds: tuple[Kind, ...]
    chips: tuple[Kind, ...]
    windows: tuple[Window, ...]
    chosen: str
    every: str
    always: str
    about: Link | None
    about_path: str
    unknown: str
    first: str
    last: str


def view() -> Response:
    """``/timeline?about=&kind=&from=&to=``."""
    return site.page(lambda who: site.render(who, "timeline.html", view=build(who), here="timeline"))


def build(who: Reader) -> TimelineView:
    """Ask and arrange."""
    text = request.args.get("about", "").strip()[:200]
    about = resolve(who, text)
    asked = Asked(about or "", request.args.get("kind", ""), _day("from"), _day("to", last=True))
    kinds = _kinds(who)
    wanted = _wanted(who, asked) if about or not text else Wanted(())
    total = chronology.total(who, wanted)
    found = pager(total, MOST, "/timeline", **_given())
    claims = whole_claims(who, chronology.page(who, wanted, MOST, found.start))
    return TimelineView(
        _strip(who, claims, asked),
        total,
        found,
        kinds,
        tuple(kind for kind in kinds if who.vocabulary.is_a(ZG + kind.key, ZG + "Claim") and _is_event(who, kind))[
            :_CHIPS
        ],
        _windows(chronology.years(who, replace(wanted, first=None, last=None)), asked),
        asked.kind,
        _address(kind=None),
        _address(**{"from": None, "to": None}),
        who.names([about]).link(about) if about else None,
        text,
        text if text and not about else "",
        request.args.get("from", ""),
        request.args.get("to", ""),
    )


def _is_event(who: Reader, kind: Kind) -> bool:
    return any(who.vocabulary.is_a(ZG + kind.key, ZG + root) for root in _ROOTS)


def _given() -> dict[str, str]:
    return {name: value for name in ("about", "kind", "from", "to") if (value := request.args.get(name, "").strip())}


def _address(**changed: str | None) -> str:
    """The timeline with other choices."""
    return with_query("/timeline", **{**_given(), **changed})


def _windows(years: Mapping[int, int], asked: Asked) -> tuple[Window, ...]:
    """Decades with events in them; within a decade its years."""
    if asked.first and asked.last and asked.last.year - asked.first.year < 10:
        begin = asked.first.year - asked.first.year % 10
        return tuple(_window(y, y, n, asked) for y, n in years.items() if begin <= y < begin + 10)
    decades = Counter[int]()
    for year, n in years.items():
        decades[year - year % 10] += n
    return tuple(_window(d, d + 9, n, asked) for d, n in decades.items())


def _window(first: int, last: int, n: int, asked: Asked) -> Window:
    label = str(first) if first == last else f"{first}–{last}"
    chosen = asked.first == date(first, 1, 1) and asked.last == date(last, 12, 31)
    return Window(label, n, _address(**{"from": str(first), "to": str(last)}), chosen)


def resolve(who: Reader, text: str) -> str | None:
    """A thing by path, IRI or name; None for nothing."""
    if not text:
        return None
    if "/" in text or text.startswith(("zgc:", "zgi:")):
        return full(text)
    hits = search_of(who.web, who.version).find(text, limit=1)
    return hits[0].iri if hits else None


def _day(name: str, *, last: bool = False) -> date | None:
    """A day, or the first or last one of the year or month that is given."""
    text = request.args.get(name, "").strip()
    try:
        found = read_edtf(text) if text else None
    except ValueFormatError:
        return None
    return (found.latest if last else found.earliest) if found else None


def _kinds(who: Reader) -> tuple[Kind, ...]:
    counts = {text_of(row["type"]): int(text_of(row["n"])) for row in who.rows(_KINDS) if "type" in row}
    known = [iri for iri in counts if iri.startswith(ZG) and who.vocabulary.term(iri)]
    found = [
        Kind(local_name(iri), who.vocabulary.label(iri, who.lang), counts[iri], _address(kind=local_name(iri)))
        for iri in known
    ]
    return tuple(sorted(found, key=lambda kind: (-kind.n, kind.label)))


def _wanted(who: Reader, asked: Asked) -> Wanted:
    roots = (asked.kind,) if asked.kind else _ROOTS
    types = sorted({iri for root in roots for iri in who.vocabulary.below(ZG + root)})
    return Wanted(tuple(types), asked.about, dated=True, first=asked.first, last=asked.last)


def _strip(who: Reader, claims: tuple[Claim, ...], asked: Asked) -> Strip | None:
    names = who.names({c.iri for c in claims} | {iri for claim in claims for iri in period_iris(claim)})
    sources = spans(who, [claim.iri for claim in claims])
    found = (strips.dated(c, names, source_of(c.iri, sources.get(c.iri, ()), names)) for c in claims)
    return strips.strip([item for item in found if item], MOST, asked.first, asked.last)
