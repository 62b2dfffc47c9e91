"""Relations of a thing: stated, registered, external and inferred triples, each with what it rests on. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from zonegraph.names import OWL, PROV, RDF, RDFS, SKOS, ZG, compact
from zonegraph.web.pages.addresses import page_of, with_query
from zonegraph.web.pages.gather import Around, Claim, Span
from zonegraph.web.pages.reader import Link, Names
from zonegraph.web.pages.values import Source, periods_of, source_of, value_link

STATEMENT: Final = ZG + "StatementClaim"
#: What the page says elsewhere, or what only machines need.
_SILENT: Final = frozenset(
    {RDF + "type", RDFS + "label", SKOS + "prefLabel", SKOS + "altLabel", SKOS + "hiddenLabel", SKOS + "definition"}
    | {RDFS + "isDefinedBy", PROV + "wasDerivedFrom", OWL + "sameAs", RDFS + "subClassOf"}
    | {ZG + "idPath", ZG + "mintKey"}
)
ITEMS: Final = 40


@dataclass(frozen=True, slots=True)
class Item:
    """The other end of a relation: when, on what ground, and from where if no document says it."""

    link: Link
    period: str = ""
    source: Source | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Relation:
    """All values of one property, or everything that points here by it (``incoming``)."""

    title: str
    href: str
    items: tuple[Item, ...]
    total: int
    incoming: bool = False
    more: str = ""


def statements(claims: Iterable[Claim]) -> list[Claim]:
    """The claims that state a relation."""
    return [claim for claim in claims if STATEMENT in claim.types]


def needed(found: Around) -> set[str]:
    """The IRIs whose names the relations need."""
    wanted = {s.value.value for s in found.own if isinstance(s.value, ox.NamedNode) and s.predicate not in _SILENT}
    wanted |= {subject for subject, _ in found.incoming}
    for claim in statements(found.claims):
        wanted |= {iri for prop in ("subject", "object", "period", "preferredPeriod") for iri in claim.iris(ZG + prop)}
    return wanted


def outgoing(found: Around, names: Names, sources: Mapping[str, tuple[Span, ...]]) -> list[Relation]:
    """What is said of the thing, property by property; dated and sourced where a document says it."""
    stated = _stated(found, names, sources, at=ZG + "subject", other=ZG + "object")
    groups: dict[str, dict[str, Item]] = {}
    for own in found.own:
        if own.predicate in _SILENT or (found.is_claim and own.origin == "inferred"):
            continue
        link = value_link(own.value, names)
        key = link.iri or link.text
        said = stated.get((own.predicate, key))
        groups.setdefault(own.predicate, {})[key] = said or Item(link, origin=_shown_origin(own.origin))
    for (predicate, key), item in stated.items():
        groups.setdefault(predicate, {}).setdefault(key, item)
    return [_relation(found, p, items.values(), names) for p, items in groups.items()]


def incoming(found: Around, names: Names, sources: Mapping[str, tuple[Span, ...]]) -> list[Relation]:
    """What points here, property by property."""
    stated = _stated(found, names, sources, at=ZG + "object", other=ZG + "subject")
    groups: dict[str, dict[str, Item]] = {}
    for subject, predicate in found.incoming:
        item = stated.get((predicate, subject)) or Item(names.link(subject))
        groups.setdefault(predicate, {})[subject] = item
    for (predicate, key), item in stated.items():
        groups.setdefault(predicate, {}).setdefault(key, item)
    return [_relation(found, p, items.values(), names, incoming=True) for p, items in groups.items()]


def _stated(
    found: Around, names: Names, sources: Mapping[str, tuple[Span, ...]], *, at: str, other: str
) -> dict[tuple[str, str], Item]:
    """Relations by property and other end, from the claims that state them."""
    items: dict[tuple[str, str], Item] = {}
    for claim in statements(found.claims):
        if found.iri not in claim.iris(at):
            continue
        for predicate in claim.iris(ZG + "predicate"):
            for end in claim.iris(other):
                when = " · ".join(period.text for period in periods_of(claim, names))
                source = source_of(claim.iri, sources.get(claim.iri, ()), names)
                items.setdefault((predicate, end), Item(names.link(end), when, source))
    return items


def _shown_origin(origin: str) -> str:
    return "" if origin in {"document", "registry", "ontology"} else origin


def _relation(
    found: Around, predicate: str, items: Iterable[Item], names: Names, *, incoming: bool = False
) -> Relation:
    ranked = sorted(items, key=lambda item: (item.origin == "inferred", item.link.text, item.link.iri))
    counts = found.incoming_counts if incoming else found.own_counts
    total = max(len(ranked), counts.get(predicate, 0))
    asked = {"incoming" if incoming else "relation": compact(predicate)}
    more = with_query(page_of(found.iri), **asked) if total > ITEMS else ""
    title, href = names.vocabulary.label(predicate, names.lang), names.link(predicate).href
    return Relation(title, href, tuple(ranked[:ITEMS]), total, incoming, more)
