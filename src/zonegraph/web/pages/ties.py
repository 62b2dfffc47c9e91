"""Who is tied to whom: relations and claims as the edges of a drawing, things as its nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from zonegraph.names import RDF, ZG, ZGI, local_name
from zonegraph.web.pages.addresses import page_of, short
from zonegraph.web.pages.gather import Claim
from zonegraph.web.pages.reader import Names, Reader, text_of
from zonegraph.web.pages.values import periods_of
from zonegraph.web.pages.vocabulary import Vocabulary

#: Kinds that have a colour of their own, most special first.
GROUPS: Final = (
    "IntegratedUnit", "FunctionalZone", "AdministrativeDivision", "TransportNode", "Place", "Enterprise",
    "Organization", "Person", "Initiative", "Code",
)  # fmt: skip
_STATEMENT: Final = ZG + "StatementClaim"
_NOT_ENDS: Final = frozenset(
    {ZG + name for name in ("basis", "period", "preferredPeriod", "attestedAt", "predicate")} | {RDF + "type"}
)
_MEANS: Final = tuple(ZG + name for name in ("Claim", "TimeExtent", "TextSpan", "SourceDocument", "ExternalSource"))

_TYPES: Final = """
SELECT DISTINCT ?s ?type WHERE { VALUES ?s { $iris } GRAPH ?g { ?s a ?type } FILTER(?g NOT IN (zgg:inferred)) }"""


@dataclass(frozen=True, slots=True)
class Tie:
    """An edge: both ends, what it is called, when it held, the claim behind it."""

    source: str
    target: str
    label: str
    when: str
    claim: str


@dataclass(frozen=True, slots=True)
class Thing:
    """A node."""

    iri: str
    label: str
    kind: str
    group: str


def ends(claim: Claim, vocabulary: Vocabulary) -> list[str]:
    """The things in a claim, the one it is about first."""
    if _STATEMENT in claim.types:
        return [*claim.iris(ZG + "subject")[:1], *claim.iris(ZG + "object")]
    slots = vocabulary.slots(claim.types)

    def rank(role: str) -> tuple[int, str]:
        name = local_name(role)
        return (slots.index(name) if name in slots else len(slots), role)

    roles = sorted((role for role in claim.values if role not in _NOT_ENDS), key=rank)
    return list(dict.fromkeys(iri for role in roles for iri in claim.iris(role) if iri.startswith(ZGI)))


def ties_of(claims: Iterable[Claim], things: Mapping[str, Thing], names: Names) -> list[Tie]:
    """The edges that claims make: from the first end of each to its other ends."""
    return list(_ties(claims, things, names))


def _ties(claims: Iterable[Claim], things: Mapping[str, Thing], names: Names) -> Iterator[Tie]:
    for claim in claims:
        found = [iri for iri in ends(claim, names.vocabulary) if iri in things]
        if len(found) < 2:
            continue
        when = " · ".join(period.text for period in periods_of(claim, names)[:2])
        for other in found[1:]:
            if other != found[0]:
                yield Tie(found[0], other, label_of(claim, names), when, claim.iri)


def label_of(claim: Claim, names: Names) -> str:
    """What an edge is called: the relation stated, the kind of relation, else the kind of claim."""
    for role in ("predicate", "relationKind"):
        if stated := claim.iris(ZG + role):
            return names.text(stated[0])[0]
    own = names.vocabulary.narrowest(claim.types) or claim.types
    return names.vocabulary.label(own[0], names.lang) if own else ""


def read_things(who: Reader, iris: Iterable[str], names: Names) -> dict[str, Thing]:
    """Those of these IRIs that are things, with kind and colour group: one query."""
    wanted = sorted(iri for iri in set(iris) if iri.startswith(ZGI))
    types: dict[str, list[str]] = {}
    for row in who.rows(_TYPES, iris=wanted) if wanted else []:
        types.setdefault(text_of(row["s"]), []).append(text_of(row["type"]))
    found = {iri: _thing(iri, own, who.vocabulary, names) for iri, own in types.items()}
    return {iri: thing for iri, thing in found.items() if thing is not None}


def _thing(iri: str, types: Sequence[str], vocabulary: Vocabulary, names: Names) -> Thing | None:
    own = vocabulary.narrowest(types)
    if not own or any(vocabulary.is_a(own[0], root) for root in _MEANS):
        return None
    group = next((name for name in GROUPS if vocabulary.is_a(own[0], ZG + name)), "Other")
    if group == "Other" and any("org#Organization" in above for above in vocabulary.above(own[0])):
        group = "Organization"
    return Thing(iri, names.text(iri)[0], vocabulary.label(own[0], names.lang), group)


def as_elements(things: Iterable[Thing], ties: Sequence[Tie], center: str = "") -> dict[str, Any]:
    """Nodes and edges as the drawing reads them."""
    degree: Counter[str] = Counter()
    for tie in ties:
        degree.update((tie.source, tie.target))
    return {
        "nodes": [
            {
                "id": short(thing.iri),
                "label": thing.label,
                "kind": thing.kind,
                "group": thing.group,
                "degree": degree[thing.iri],
                "href": page_of(thing.iri),
                "center": thing.iri == center,
            }
            for thing in things
        ],
        "edges": [
            {
                "id": f"{short(tie.claim)}|{short(tie.source)}|{short(tie.target)}",
                "source": short(tie.source),
                "target": short(tie.target),
                "label": tie.label,
                "when": tie.when,
                "href": page_of(tie.claim),
            }
            for tie in ties
        ],
    }
