"""The graph page: the most connected things and what joins them; and the neighbours of one thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox
from flask import Response, request

from zonegraph.names import ZG
from zonegraph.web.pages import site, ties
from zonegraph.web.pages.addresses import full, with_query
from zonegraph.web.pages.gather import Claim, as_claims, whole_claims
from zonegraph.web.pages.reader import Link, Names, Reader, text_of
from zonegraph.web.pages.ties import Thing, Tie
from zonegraph.web.problems import HttpProblemError, bad_request

NODES: Final = 60
MOST_NODES: Final = 400
_LISTED: Final = 40
_CLAIMS: Final = "pages.network.claims"
_MOST_CLAIMS: Final = 300

_ALL: Final = """
SELECT DISTINCT ?c ?p ?o WHERE {
  ?c zg:basis ?basis . GRAPH ?g { ?c ?p ?o } FILTER(isIRI(?o))
  FILTER(?g NOT IN (zgg:ontology, zgg:inferred) && ?p NOT IN (prov:wasDerivedFrom, zg:basis))
} LIMIT 60000"""
_NEAR: Final = f"""
SELECT DISTINCT ?c WHERE {{ ?c ?via $node ; zg:basis ?basis FILTER(?via NOT IN (zg:predicate, rdf:type, zg:nameOf)) }}
ORDER BY ?c LIMIT {_MOST_CLAIMS}"""


@dataclass(frozen=True, slots=True)
class Connected:
    """A thing in the list of the most connected."""

    link: Link
    kind: str
    degree: int


@dataclass(frozen=True, slots=True)
class NetworkView:
    """The graph page."""

    path: str
    center: Link | None
    listed: tuple[Connected, ...]
    relations: tuple[tuple[Link, str, Link], ...]
    shown: int
    total: int
    edges: int
    most: int
    data: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn, and how much there would be."""

    things: Mapping[str, Thing]
    ties: Sequence[Tie]
    total: int
    center: str = ""


def view() -> Response:
    """``/graph?iri=&max=``."""
    iri, most = _asked()
    return site.page(
        lambda who: site.render(who, "graph.html", view=build(who, iri, most), here="graph", graph_auto=True)
    )


def data() -> Response:
    """``/graph/data``: nodes and edges."""
    iri, most = _asked()
    return site.data(lambda who: _elements(drawing(who, iri, most)))


def _elements(drawn: Drawing) -> dict[str, Any]:
    return ties.as_elements(drawn.things.values(), drawn.ties, drawn.center)


def _asked() -> tuple[str, int]:
    text = request.args.get("iri", "")
    iri = full(text) if text else ""
    if iri is None:
        raise bad_request("this is no identifier", hint="such as zone/urumqi-etdz")
    return iri, min(MOST_NODES, max(5, request.args.get("max", NODES, type=int)))


def drawing(who: Reader, iri: str, most: int) -> Drawing:
    """Of the whole when ``iri`` is empty, else around one thing."""
    return _near(who, iri, most) if iri else _whole(who, most)


def _whole(who: Reader, most: int) -> Drawing:
    claims = _all_claims(who)
    names = _names(who, claims)
    things = ties.read_things(who, {e for c in claims for e in ties.ends(c, who.vocabulary)}, names)
    return _cut(things, ties.ties_of(claims, things, names), most)


def _all_claims(who: Reader) -> tuple[Claim, ...]:
    """The claims of all documents; those of a version that does not change are kept for the next drawing."""
    kept: dict[str, tuple[Claim, ...]] = who.web.state.setdefault(_CLAIMS, {})
    found = kept.get(who.version.digest) if who.version.stable else None
    if found is None:
        found = as_claims(who.rows(_ALL))
        kept.clear()
        kept[who.version.digest] = found
    return found


def _near(who: Reader, iri: str, most: int) -> Drawing:
    claims = whole_claims(who, (text_of(row["c"]) for row in who.rows(_NEAR, {"node": ox.NamedNode(iri)})))
    names = _names(who, claims, iri)
    things = ties.read_things(who, {iri, *(e for c in claims for e in ties.ends(c, who.vocabulary))}, names)
    if iri not in things:
        raise HttpProblemError(404, "no such thing is in the graph", code="unknown-thing")
    # of a claim that joins many, only what touches the thing itself belongs to its neighbourhood
    found = [tie for tie in ties.ties_of(claims, things, names) if iri in {tie.source, tie.target}]
    return _cut(things, found, most, center=iri)


def _names(who: Reader, claims: Iterable[Claim], *more: str) -> Names:
    wanted = {iri for claim in claims for iri in ties.ends(claim, who.vocabulary)}
    periods = {
        iri for claim in claims for role in ("period", "preferredPeriod", "attestedAt") for iri in claim.iris(ZG + role)
    }
    return who.names(wanted | periods | set(more))


def _cut(things: Mapping[str, Thing], found: Sequence[Tie], most: int, center: str = "") -> Drawing:
    """The best connected things, and the edges between them, each pair and label once."""
    degree: Counter[str] = Counter()
    pairs = {(tie.source, tie.target, tie.label): tie for tie in reversed(found)}
    for source, target, _ in pairs:
        degree.update((source, target))
    ranked = sorted(degree, key=lambda iri: (iri != center, -degree[iri], iri))
    kept = set(ranked[:most])
    edges = [tie for tie in pairs.values() if tie.source in kept and tie.target in kept]
    joined = {end for tie in edges for end in (tie.source, tie.target)} | ({center} if center else set())
    shown = [center] if center and center not in degree else []
    return Drawing({iri: things[iri] for iri in (*shown, *ranked) if iri in joined}, edges, len(degree), center)


def build(who: Reader, iri: str, most: int) -> NetworkView:
    """The page: what the drawing shows, as lists."""
    drawn = drawing(who, iri, most)
    degree: Counter[str] = Counter()
    for tie in drawn.ties:
        degree.update((tie.source, tie.target))
    names = who.names(drawn.things)
    ranked = sorted(drawn.things.values(), key=lambda thing: (-degree[thing.iri], thing.label))
    return NetworkView(
        path=request.args.get("iri", ""),
        center=names.link(iri) if iri else None,
        listed=tuple(Connected(names.link(t.iri), t.kind, degree[t.iri]) for t in ranked[:_LISTED]),
        relations=tuple((names.link(t.source), t.label, names.link(t.target)) for t in drawn.ties[: 3 * _LISTED])
        if iri
        else (),
        shown=len(drawn.things),
        total=drawn.total,
        edges=len(drawn.ties),
        most=most,
        data=with_query("/graph/data", iri=request.args.get("iri", ""), max=most),
    )
