"""The timeline: dated events and changes, of everything or about one thing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import pyoxigraph as ox
from flask import Response, request

from zonegraph.names import ZG, local_name
from zonegraph.web.pages import site, strips
from zonegraph.web.pages.addresses import full
from zonegraph.web.pages.gather import Claim, spans, whole_claims
from zonegraph.web.pages.names import search_of
from zonegraph.web.pages.periods import read_day
from zonegraph.web.pages.reader import Link, Reader, text_of
from zonegraph.web.pages.strips import Dated, Strip
from zonegraph.web.pages.values import period_iris, periods_of, source_of

MOST: Final = 80
_ROOTS: Final = ("ChangeEvent", "Event")
_QUERY: Final = """
SELECT DISTINCT ?c WHERE {
  VALUES ?type { $types }
  ?c a ?type . FILTER EXISTS { ?c zg:period|zg:preferredPeriod|zg:attestedAt ?time } $about
} ORDER BY ?c LIMIT 1500"""
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
    kinds: tuple[Kind, ...]
    chosen: str
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
    asked = Asked(about or "", request.args.get("kind", ""), _day("from"), _day("to"))
    kinds = _kinds(who)
    claims = () if text and not about else _claims(who, asked)
    return TimelineView(
        _strip(who, claims, asked),
        kinds,
        asked.kind,
        who.names([about]).link(about) if about else None,
        text,
        text if text and not about else "",
        request.args.get("from", ""),
        request.args.get("to", ""),
    )


def resolve(who: Reader, text: str) -> str | None:
    """A thing by path, IRI or name; None for nothing."""
    if not text:
        return None
    if "/" in text or text.startswith(("zgc:", "zgi:")):
        return full(text)
    hits = search_of(who.web, who.version).find(text, limit=1)
    return hits[0].iri if hits else None


def _day(name: str) -> date | None:
    text = request.args.get(name, "").strip()
    padded = text + "-01-01"[len(text) - 4 :] if len(text) in {4, 7} else text
    return read_day(padded)


def _kinds(who: Reader) -> tuple[Kind, ...]:
    counts = {text_of(row["type"]): int(text_of(row["n"])) for row in who.rows(_KINDS) if "type" in row}
    known = [iri for iri in counts if iri.startswith(ZG) and who.vocabulary.term(iri)]
    found = [Kind(local_name(iri), who.vocabulary.label(iri, who.lang), counts[iri]) for iri in known]
    return tuple(sorted(found, key=lambda kind: (-kind.n, kind.label)))


def _claims(who: Reader, asked: Asked) -> tuple[Claim, ...]:
    roots = (asked.kind,) if asked.kind else _ROOTS
    types = sorted({iri for root in roots for iri in who.vocabulary.below(ZG + root)})
    if not types:
        return ()
    about = f"?c ?via {ox.NamedNode(asked.about)} ." if asked.about else ""
    text = _QUERY.replace("$types", " ".join(str(ox.NamedNode(iri)) for iri in types)).replace("$about", about)
    return whole_claims(who, (text_of(row["c"]) for row in who.rows(text)))


def _strip(who: Reader, claims: tuple[Claim, ...], asked: Asked) -> Strip | None:
    names = who.names({c.iri for c in claims} | {iri for claim in claims for iri in period_iris(claim)})
    dated = []
    for claim in claims:
        own = who.vocabulary.narrowest(claim.types)
        kind = who.vocabulary.label(own[0], who.lang) if own else ""
        dated += [Dated(p, names.link(claim.iri), kind, None) for p in periods_of(claim, names)[:1]]
    fitting = [item for item in dated if _within(item, asked)]
    shown = sorted(fitting, key=lambda d: (d.period.sort_key, d.link.text))[:MOST]
    sources = spans(who, [item.link.iri for item in shown])
    cited = [
        Dated(d.period, d.link, d.kind, source_of(d.link.iri, sources.get(d.link.iri, ()), names)) for d in fitting
    ]
    return strips.strip(cited, MOST)


def _within(item: Dated, asked: Asked) -> bool:
    period = item.period
    after = asked.first is None or period.latest is None or period.latest >= asked.first
    return after and (asked.last is None or period.earliest is None or period.earliest <= asked.last)
