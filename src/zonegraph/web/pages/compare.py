"""Comparison: one indicator of one or several things over time, mergers and breaks in the series marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

import pyoxigraph as ox
from flask import Response, request

from zonegraph.names import ZG
from zonegraph.web.backend import Row
from zonegraph.web.pages import site
from zonegraph.web.pages.addresses import full, short, with_query
from zonegraph.web.pages.charts import COLOURS, Datum, LineChart, line_chart, read_sizes
from zonegraph.web.pages.gather import Claim, Span, spans, whole_claims
from zonegraph.web.pages.paging import Pager, pager
from zonegraph.web.pages.reader import Link, Names, Reader, text_of
from zonegraph.web.pages.times import resolve
from zonegraph.web.pages.values import EXACT, Source, grouped, period_iris, periods_of, read_number, source_of
from zonegraph.web.problems import bad_request

_KINDS: Final = {"Observation": "observed", "Target": "target", "Forecast": "forecast"}
_INDICATORS: Final = """
SELECT ?i (COUNT(DISTINCT ?c) AS ?n) (COUNT(DISTINCT ?period) AS ?times) WHERE {
  ?c zg:indicator ?i ; zg:about ?about ; zg:value ?value . OPTIONAL { ?c zg:period ?period }
} GROUP BY ?i ORDER BY DESC(?n)"""
_FIGURES: Final = "SELECT DISTINCT ?c WHERE { ?c zg:indicator $indicator ; zg:about ?about ; zg:value ?value }"
_MERGERS: Final = "SELECT DISTINCT ?c WHERE { ?c a zg:AdministrativeIntegration }"
#: Figures on one page, and things to choose from without looking for a name.
ROWS: Final = 60
MOST_THINGS: Final = 12
#: Of more figures than these, the chart has those of the page.
MOST_DRAWN: Final = 240


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose: an indicator or a thing."""

    path: str
    label: str
    n: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    about: Link
    period: str
    written: str
    value: str
    unit: str
    kind: str
    qualifier: str
    breaks: bool
    phase: str
    href: str
    source: Source | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is compared: the indicator, the things (empty: all), their figures in order, the mergers."""

    chosen: str
    indicators: tuple[Choice, ...]
    things: tuple[Choice, ...]
    wanted: frozenset[str]
    shown: tuple[Claim, ...]
    mergers: tuple[Claim, ...]
    names: Names


@dataclass(frozen=True, slots=True)
class Comparison:
    """The page."""

    indicators: tuple[Choice, ...]
    things: tuple[Choice, ...]
    things_total: int
    title: str
    charts: tuple[LineChart, ...]
    drawn_by_page: bool
    figures: tuple[Figure, ...]
    pager: Pager
    csv: str
    written: str
    qualifier: str


def view() -> Response:
    """``/compare?indicator=&about=&about=``; ``format=csv`` for the table."""
    if request.args.get("format") == "csv":
        return site.page(lambda who: as_csv(_all_figures(who)), content_type="text/csv; charset=utf-8")
    return site.page(lambda who: site.render(who, "compare.html", view=build(who), here="compare"))


def build(who: Reader) -> Comparison:
    """Ask and arrange."""
    found = _read(who)
    names, things = found.names, found.things
    page = pager(len(found.shown), ROWS, _address(found.chosen))
    claims = found.shown[page.start : page.start + ROWS]
    many = len(found.shown) > MOST_DRAWN
    sources = spans(who, [claim.iri for claim in claims])
    return Comparison(
        found.indicators,
        things[:MOST_THINGS] + tuple(choice for choice in things[MOST_THINGS:] if choice.chosen),
        len(things),
        names.text(found.chosen)[0] if found.chosen else "",
        _charts(found, claims if many else found.shown),
        many,
        tuple(_figure(claim, found.mergers, names, sources.get(claim.iri, ())) for claim in claims),
        page,
        with_query(_address(found.chosen), format="csv"),
        who.vocabulary.label(ZG + "valueAsWritten", who.lang),
        who.vocabulary.label(ZG + "qualifier", who.lang),
    )


def _read(who: Reader) -> Asked:
    """What is asked for, and all its figures."""
    counts = who.rows(_INDICATORS)
    chosen = _indicator(counts)
    rows = who.rows(_FIGURES, {"indicator": ox.NamedNode(chosen)}) if chosen else []
    claims = whole_claims(who, (text_of(row["c"]) for row in rows))
    mergers = whole_claims(who, (text_of(row["c"]) for row in who.rows(_MERGERS)))
    given = [text.strip()[:200] for text in request.args.getlist("about")]
    wanted = frozenset(iri for text in given if (iri := resolve(who, text)))
    names = _names(who, (*claims, *mergers))
    shown = [claim for claim in claims if not wanted or wanted & set(claim.iris(ZG + "about"))]
    return Asked(
        chosen,
        tuple(_choices(who, counts, chosen)),
        tuple(_things(claims, wanted, names)),
        wanted,
        tuple(_ranked(shown, names)),
        mergers,
        names,
    )


def _all_figures(who: Reader) -> tuple[Figure, ...]:
    found = _read(who)
    return tuple(_figure(claim, found.mergers, found.names, ()) for claim in found.shown)


def _charts(found: Asked, shown: Sequence[Claim]) -> tuple[LineChart, ...]:
    """A chart for each unit; of more things than there are colours, those with most figures."""
    things = found.wanted or {full(choice.path) for choice in _things(shown, found.wanted, found.names)[:COLOURS]}
    claims = [claim for claim in shown if things & set(claim.iris(ZG + "about"))]
    units = sorted({unit for claim in claims for unit in claim.iris(ZG + "unit")})
    charts = (_chart(claims, unit, found.mergers, found.names) for unit in units)
    return tuple(chart for chart in charts if chart is not None)


def _address(chosen: str) -> str:
    """The page of these choices."""
    abouts = [("about", text) for text in request.args.getlist("about") if text]
    base = with_query("/compare", indicator=short(chosen))
    return f"{base}{'&' if '?' in base else '?'}{urlencode(abouts)}" if abouts else base


def _indicator(counts: Sequence[Row]) -> str:
    """The one asked for, else the one with most figures at different times."""
    text = request.args.get("indicator", "").strip()
    if text:
        iri = full(text if text.startswith("zgc:") or "://" in text else f"zgc:indicator-{text}")
        if iri is None:
            raise bad_request("this is no indicator", hint="such as zgc:indicator-gdp")
        return iri
    known = [(int(text_of(r["times"])), int(text_of(r["n"])), text_of(r["i"])) for r in counts if "i" in r]
    return max(known, default=(0, 0, ""))[2]


def _choices(who: Reader, counts: Iterable[Row], chosen: str) -> Iterable[Choice]:
    found = [(text_of(r["i"]), int(text_of(r["n"]))) for r in counts if "i" in r]
    return (Choice(short(iri), who.vocabulary.label(iri, who.lang), n, iri == chosen) for iri, n in found)


def _things(claims: Sequence[Claim], wanted: frozenset[str], names: Names) -> list[Choice]:
    counts: dict[str, int] = {}
    for claim in claims:
        for iri in claim.iris(ZG + "about"):
            counts[iri] = counts.get(iri, 0) + 1
    found = [Choice(short(iri), names.text(iri)[0], n, iri in wanted) for iri, n in counts.items()]
    return sorted(found, key=lambda choice: (-choice.n, choice.label))


def _names(who: Reader, claims: Iterable[Claim]) -> Names:
    roles = [ZG + name for name in ("about", "establishesUnit", "integrates")]
    found = list(claims)
    ends = {iri for claim in found for role in roles for iri in claim.iris(role)}
    return who.names(ends | {iri for claim in found for iri in period_iris(claim)})


def _ranked(claims: Iterable[Claim], names: Names) -> list[Claim]:
    def key(claim: Claim) -> tuple[str, date]:
        periods = periods_of(claim, names)
        about = claim.iris(ZG + "about")
        return (names.text(about[0])[0] if about else "", periods[0].sort_key[0] if periods else date.max)

    return sorted(claims, key=key)


def kind_of(claim: Claim) -> str:
    """Whether a figure was observed, is a target or a forecast."""
    return next((kind for name, kind in _KINDS.items() if ZG + name in claim.types), "observed")


def _chart(claims: Sequence[Claim], unit: str, mergers: Sequence[Claim], names: Names) -> LineChart | None:
    own = [claim for claim in _ranked(claims, names) if unit in claim.iris(ZG + "unit")]
    data = [datum for claim in own if (datum := _datum(claim, names)) is not None]
    concerned = {iri for claim in own for iri in claim.iris(ZG + "about")}
    events = [
        (day, names.words("compare.merger"))
        for merger in mergers
        if concerned & {*merger.iris(ZG + "establishesUnit"), *merger.iris(ZG + "integrates")}
        for day in _days(merger, names)[:1]
    ]
    return line_chart(data, sorted(set(events)), names.text(unit)[0], read_sizes(names.words("number.sizes")))


def _days(claim: Claim, names: Names) -> list[date]:
    periods = periods_of(claim, names)
    return [
        day
        for period in periods[:1]
        for day in (period.earliest or period.latest, period.latest or period.earliest)
        if day
    ]


def _datum(claim: Claim, names: Names) -> Datum | None:
    days = _days(claim, names)
    value = read_number(claim.first(ZG + "value"))
    if not days or value is None:
        return None
    about = claim.iris(ZG + "about")
    written, when = claim.first(ZG + "valueAsWritten"), periods_of(claim, names)[0].text
    return Datum(
        days[0],
        days[-1],
        value,
        names.text(about[0])[0] if about else "",
        f"{when}: {written or grouped(str(value))}",
        names.link(claim.iri).href,
        claim.iris(ZG + "qualifier") not in {(), (EXACT,)},
        claim.first(ZG + "seriesBreak") == "true",
        kind_of(claim),
    )


def _figure(claim: Claim, mergers: Sequence[Claim], names: Names, own: tuple[Span, ...]) -> Figure:
    about = claim.iris(ZG + "about")
    unit = claim.iris(ZG + "unit")
    qualifier = claim.iris(ZG + "qualifier")
    return Figure(
        names.link(about[0]) if about else Link("", "", "", ""),
        " · ".join(period.text for period in periods_of(claim, names)),
        claim.first(ZG + "valueAsWritten"),
        grouped(claim.first(ZG + "value")),
        names.text(unit[0])[0] if unit else "",
        names.words(f"compare.{kind_of(claim)}"),
        names.text(qualifier[0])[0] if qualifier else "",
        claim.first(ZG + "seriesBreak") == "true",
        _phase(claim, mergers, names),
        names.link(claim.iri).href,
        source_of(claim.iri, own, names),
    )


def _phase(claim: Claim, mergers: Sequence[Claim], names: Names) -> str:
    """Before or after the merger that concerns the thing; empty where there is none, or it falls into the time."""
    about, days = set(claim.iris(ZG + "about")), _days(claim, names)
    for merger in mergers:
        merged = _days(merger, names)
        if days and merged and about & {*merger.iris(ZG + "establishesUnit"), *merger.iris(ZG + "integrates")}:
            if days[-1] < merged[0]:
                return names.words("compare.before")
            if days[0] >= merged[0]:
                return names.words("compare.after")
    return ""


def as_csv(figures: Sequence[Figure]) -> str:
    """The table for a spreadsheet (RFC 4180)."""
    lines = [["about", "period", "value", "unit", "as written", "qualifier", "kind", "break", "phase", "page"]]
    lines += [
        [
            f.about.text,
            f.period,
            f.value.replace(",", ""),
            f.unit,
            f.written,
            f.qualifier,
            f.kind,
            str(f.breaks).lower(),
            f.phase,
            f.href,
        ]
        for f in figures
    ]
    return "".join(",".join(_quoted(value) for value in line) + "\r\n" for line in lines)


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if any(c in value for c in ',"\r\n') else value
