"""The home page: what the graph holds, and the first steps into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import Response

from zonegraph.names import ZG, local_name
from zonegraph.web.pages import site, stored
from zonegraph.web.pages.addresses import with_query
from zonegraph.web.pages.gather import Claim, spans, whole_claims
from zonegraph.web.pages.reader import Link, Names, Reader, text_of
from zonegraph.web.pages.values import Source, periods_of, source_of

#: One of each sort: a merger, a series, a map, a network, a timeline, names. By slug.
EXAMPLES: Final = ("integrations", "series", "services", "firms", "timeline", "names")
KINDS: Final = 18

_KINDS: Final = """
SELECT ?type (COUNT(DISTINCT ?s) AS ?n) WHERE {
  GRAPH ?g { ?s a ?type }
  FILTER(?g NOT IN (zgg:ontology, zgg:inferred))
} GROUP BY ?type"""
_DOCUMENTS: Final = """
SELECT DISTINCT ?c ?p ?o WHERE {
  ?c a zg:SourceDocument ; ?p ?o FILTER(?p IN (dcterms:title, dcterms:publisher, zg:issued, rdfs:label))
}"""
_PER_DOCUMENT: Final = """
SELECT ?g (COUNT(DISTINCT ?c) AS ?n) WHERE {
  GRAPH ?g { ?c zg:basis ?basis ; prov:wasDerivedFrom ?span }
  FILTER(STRSTARTS(STR(?g), CONCAT(STR(zgg:), "doc/")))
} GROUP BY ?g"""
MERGERS: Final = "SELECT DISTINCT ?c WHERE { ?c a zg:AdministrativeIntegration } LIMIT 50"
#: Means of saying things, not things.
_MEANS: Final = frozenset({"TextSpan", "TimeExtent", "SourceDocument", "ExternalSource", "Extraction", "Code"})


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are of a kind."""

    link: Link
    n: int


@dataclass(frozen=True, slots=True)
class Document:
    """One source document."""

    link: Link
    title: str
    publisher: str
    issued: str
    claims: int


@dataclass(frozen=True, slots=True)
class Merger:
    """One merger: when, what into what, how."""

    when: str
    parts: tuple[Link, ...]
    whole: tuple[Link, ...]
    mode: tuple[Link, ...]
    href: str
    source: Source | None


@dataclass(frozen=True, slots=True)
class Home:
    """Everything on the home page."""

    things: tuple[Count, ...]
    claims: tuple[Count, ...]
    documents: tuple[Document, ...]
    mergers: tuple[Merger, ...]
    examples: tuple[stored.Example, ...]
    thing_total: int
    claim_total: int


def view() -> Response:
    """``/``."""
    return site.page(lambda who: site.render(who, "home.html", view=build(who)))


def build(who: Reader) -> Home:
    """Ask and arrange."""
    things, claims = _counts(who)
    merged = whole_claims(who, (text_of(row["c"]) for row in who.rows(MERGERS)))
    documents = _grouped(who)
    wanted = {iri for claim in merged for prop in claim.values for iri in claim.iris(prop)}
    wanted |= {claim.iri for claim in merged} | {iri for own in documents.values() for iri in own["issued"]}
    names = who.names(wanted | set(documents))
    return Home(
        things=tuple(things[:KINDS]),
        claims=tuple(claims[:KINDS]),
        documents=_documents(who, documents, names),
        mergers=mergers(who, merged, names),
        examples=_examples(who),
        thing_total=sum(count.n for count in things),
        claim_total=sum(count.n for count in claims),
    )


def _examples(who: Reader) -> tuple[stored.Example, ...]:
    """The chosen questions; in an installation with others, the first."""
    every = stored.examples(who)
    chosen = [example for slug in EXAMPLES for example in every if example.href.endswith(f"/{slug}")]
    return tuple(dict.fromkeys([*chosen, *every]))[: len(EXAMPLES)]


def _counts(who: Reader) -> tuple[list[Count], list[Count]]:
    things: list[Count] = []
    claims: list[Count] = []
    for row in who.rows(_KINDS):
        iri, n = text_of(row.get("type")), int(text_of(row["n"]))
        term, name = who.vocabulary.term(iri), local_name(iri)
        if term is None or not iri.startswith(ZG) or name in _MEANS or who.vocabulary.is_a(iri, ZG + "Code"):
            continue
        is_claim = who.vocabulary.is_a(iri, ZG + "Claim")
        href = f"/ontology#{name}" if is_claim else with_query("/search", type=name)
        count = Count(Link(who.vocabulary.label(iri, who.lang), "", href, iri), n)
        (claims if is_claim else things).append(count)
    return _ranked(things), _ranked(claims)


def _ranked(counts: Sequence[Count]) -> list[Count]:
    return sorted(counts, key=lambda count: (-count.n, count.link.text))


def _grouped(who: Reader) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for row in who.rows(_DOCUMENTS):
        own = found.setdefault(text_of(row["c"]), {"title": [], "publisher": [], "issued": [], "label": []})
        own.setdefault(local_name(text_of(row["p"])), []).append(text_of(row["o"]))
    return found


def _documents(who: Reader, found: dict[str, dict[str, list[str]]], names: Names) -> tuple[Document, ...]:
    counts = {local_name(text_of(row["g"])): int(text_of(row["n"])) for row in who.rows(_PER_DOCUMENT) if "g" in row}
    return tuple(
        Document(
            Link(local_name(iri), "", names.link(iri).href, iri),
            " ".join((own["title"] or own["label"] or [""])[:1]),
            ", ".join(names.text(p)[0] if "://" in p else p for p in own["publisher"]),
            ", ".join(period.text for iri in own["issued"] if (period := names.period(iri))),
            counts.get(local_name(iri), 0),
        )
        for iri, own in sorted(found.items())
    )


def mergers(who: Reader, claims: Sequence[Claim], names: Names) -> tuple[Merger, ...]:
    """Mergers, earliest first."""
    sources = spans(who, [claim.iri for claim in claims])
    ranked = sorted(claims, key=lambda c: [p.sort_key for p in periods_of(c, names)][:1])
    return tuple(
        Merger(
            " · ".join(period.text for period in periods_of(claim, names)),
            tuple(names.link(iri) for iri in claim.iris(ZG + "integrates")),
            tuple(names.link(iri) for iri in claim.iris(ZG + "establishesUnit")),
            tuple(names.link(iri) for iri in claim.iris(ZG + "integrationMode")),
            names.link(claim.iri).href,
            source_of(claim.iri, sources.get(claim.iri, ()), names),
        )
        for claim in ranked
    )
