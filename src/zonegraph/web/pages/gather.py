"""What the graph says around one thing, in a fixed number of queries, however much it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from zonegraph.names import (
    GRAPH_DERIVED,
    GRAPH_EXTERNAL,
    GRAPH_INFERRED,
    GRAPH_ONTOLOGY,
    GRAPH_REGISTRY,
    PROV,
    RDF,
    ZG,
    local_name,
)
from zonegraph.web.backend import Row, Term
from zonegraph.web.pages.chronology import ABOUT, Wanted, page_query
from zonegraph.web.pages.reader import Reader, text_of

#: Claims read for one page; of more than these, the first of each kind.
MOST_CLAIMS: Final = 600
#: How many of each kind: rows of a table, or what relations and names lead back to.
_OF_KIND: Final = {ZG + "StatementClaim": 240, ZG + "NameUse": 120}
_FIRST_OF_KIND: Final = 12
#: Statements read for one page, and of each property where there are more.
_MOST_OWN: Final = 2000
_MOST_INCOMING: Final = 300
_OF_PROPERTY: Final = 40

_CLAIMS: Final = f"SELECT DISTINCT ?c WHERE {{ {ABOUT} }} ORDER BY ?c LIMIT {MOST_CLAIMS}"
#: Engines look terms of a list up one by one, and join badly otherwise: so lists go in, not sub-selects.
WHOLE: Final = """
SELECT DISTINCT ?c ?p ?o ?g WHERE { VALUES ?c { $iris } GRAPH ?g { ?c ?p ?o }
  FILTER(?p != prov:wasDerivedFrom && ?g != zgg:inferred)
}"""
_COUNTS: Final = f"""
SELECT ?type (COUNT(DISTINCT ?c) AS ?n) WHERE {{
  {ABOUT}
  GRAPH ?g {{ ?c a ?type }} FILTER(?g != zgg:inferred)
}} GROUP BY ?type"""
OWN: Final = "GRAPH ?g { $node ?p ?o }"
INCOMING: Final = """
  GRAPH ?g { ?o ?p $node }
  FILTER(?p NOT IN (zg:denotes, prov:wasDerivedFrom, oa:hasSource, zg:nameOf, zg:basis))
  FILTER NOT EXISTS { ?o zg:basis ?basis }"""
_STATEMENTS: Final = "SELECT DISTINCT ?p ?o ?g WHERE { $pattern } ORDER BY ?p ?o LIMIT $limit"
_BY_PROPERTY: Final = "SELECT ?p (COUNT(DISTINCT ?o) AS ?n) WHERE { $pattern } GROUP BY ?p"
_SOURCES: Final = "SELECT DISTINCT ?c ?span WHERE { VALUES ?c { $iris } ?c prov:wasDerivedFrom ?span }"
_SPANS: Final = """
SELECT DISTINCT ?span ?doc ?p ?o WHERE {
  VALUES ?span { $iris }
  ?span oa:hasSource ?doc ; oa:hasSelector ?selector . ?selector ?p ?o
  FILTER(?p IN (oa:start, oa:end, oa:exact))
}"""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters of a document, or (with no document) another source."""

    document: str
    start: int
    end: int
    exact: str
    iri: str

    @property
    def length(self) -> int:
        """Code points."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Statement:
    """One triple around the thing and the graphs that hold it."""

    predicate: str
    value: Term
    graphs: frozenset[str]

    @property
    def origin(self) -> str:
        """Where it is from: document, registry, external, derived, inferred or ontology; the surest of several."""
        for graph, name in _ORIGINS:
            if any(held.startswith(graph) for held in self.graphs):
                return name
        return "document"


_ORIGINS: Final = (
    (GRAPH_REGISTRY, "registry"),
    (GRAPH_EXTERNAL, "external"),
    (GRAPH_ONTOLOGY, "ontology"),
    ("https://w3id.org/zonegraph/graph/doc/", "document"),
    (GRAPH_DERIVED, "derived"),
    (GRAPH_INFERRED, "inferred"),
)


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim: its classes and its values by property, without what the reasoner adds."""

    iri: str
    types: tuple[str, ...]
    values: Mapping[str, tuple[Term, ...]]
    graphs: frozenset[str] = frozenset()

    def iris(self, prop: str) -> tuple[str, ...]:
        """The things that stand in a role."""
        return tuple(value.value for value in self.values.get(prop, ()) if isinstance(value, ox.NamedNode))

    def first(self, prop: str) -> str:
        """One value as text; empty where there is none."""
        return text_of(next(iter(self.values.get(prop, ())), None))

    def roles_of(self, iri: str) -> tuple[str, ...]:
        """In which roles a thing stands here."""
        return tuple(p for p, values in self.values.items() if any(text_of(v) == iri for v in values))


@dataclass(frozen=True, slots=True)
class Around:
    """Everything read around a thing; the counts say how much there is where not all of it was read."""

    iri: str
    own: tuple[Statement, ...]
    claims: tuple[Claim, ...]
    counts: Mapping[str, int]
    incoming: tuple[tuple[str, str], ...]
    types: tuple[str, ...] = field(default=())
    own_counts: Mapping[str, int] = field(default_factory=dict)
    incoming_counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_claim(self) -> bool:
        """Whether the thing is itself a claim."""
        return any(s.predicate in {ZG + "basis", PROV + "wasDerivedFrom"} for s in self.own)

    def values(self, predicate: str) -> list[Term]:
        """The values of one property of the thing."""
        return [s.value for s in self.own if s.predicate == predicate]


def around(who: Reader, iri: str) -> Around:
    """Read what is said around a thing: five queries, four more where it is too much for one page."""
    node = {"node": ox.NamedNode(iri)}
    rows, own_counts = _some(who, OWN, node, _MOST_OWN)
    own = _statements(rows)
    counts = {text_of(row["type"]): int(text_of(row["n"])) for row in who.rows(_COUNTS, node) if "type" in row}
    few = sum(counts.values()) <= MOST_CLAIMS
    claims = whole_claims(who, (text_of(row["c"]) for row in who.rows(_CLAIMS if few else _each(iri, counts), node)))
    pointing, incoming_counts = _some(who, INCOMING, node, _MOST_INCOMING)
    incoming = dict.fromkeys((text_of(row["o"]), text_of(row["p"])) for row in pointing)
    types = tuple(sorted({text_of(s.value) for s in own if s.predicate == RDF + "type" and s.origin != "inferred"}))
    return Around(iri, own, claims, {} if few else counts, tuple(incoming), types, own_counts, incoming_counts)


def _some(who: Reader, pattern: str, node: Mapping[str, Term], most: int) -> tuple[list[Row], dict[str, int]]:
    """Statements; where there are more than ``most``, the first by each property, and how many each has."""
    rows = who.rows(_STATEMENTS.replace("$pattern", pattern).replace("$limit", str(most)), node)
    if len(rows) < most:
        return rows, {}
    counted = who.rows(_BY_PROPERTY.replace("$pattern", pattern), node)
    counts = {text_of(row["p"]): int(text_of(row["n"])) for row in counted if "p" in row}
    joined = " UNION ".join(f"{{ {_of_property(pattern, prop)} }}" for prop in counts)
    return who.rows(f"SELECT DISTINCT ?p ?o ?g WHERE {{ {joined} }}", node), counts


def _of_property(pattern: str, prop: str) -> str:
    fixed = f"VALUES ?p {{ {ox.NamedNode(prop)} }} {pattern}"
    return _STATEMENTS.replace("$pattern", fixed).replace("$limit", str(_OF_PROPERTY))


def _each(iri: str, counts: Mapping[str, int]) -> str:
    """The first claims of each kind about a thing, as one query."""
    parts = (page_query(Wanted((kind,), iri), _OF_KIND.get(kind, _FIRST_OF_KIND)) for kind in sorted(counts))
    return "SELECT DISTINCT ?c WHERE { " + " UNION ".join(f"{{ {part} }}" for part in parts) + " }"


def _statements(rows: Iterable[Row]) -> tuple[Statement, ...]:
    graphs: dict[tuple[str, Term], set[str]] = {}
    for row in rows:
        graphs.setdefault((text_of(row["p"]), row["o"]), set()).add(text_of(row["g"]))
    found = (Statement(p, o, frozenset(held)) for (p, o), held in graphs.items())
    return tuple(sorted(found, key=lambda s: (s.predicate, str(s.value))))


def as_claims(rows: Iterable[Row]) -> tuple[Claim, ...]:
    """Claims from rows of claim ``c``, property ``p``, value ``o``, graph ``g``; what is only inferred stays out."""
    values: dict[str, dict[str, dict[Term, None]]] = {}
    graphs: dict[str, set[str]] = {}
    for row in rows:
        graph = text_of(row.get("g"))
        if graph == GRAPH_INFERRED:
            continue
        claim = text_of(row["c"])
        graphs.setdefault(claim, set()).add(graph)
        values.setdefault(claim, {}).setdefault(text_of(row["p"]), {})[row["o"]] = None
    return tuple(
        Claim(
            iri,
            tuple(sorted(text_of(kind) for kind in own.get(RDF + "type", {}))),
            {p: tuple(sorted(found, key=str)) for p, found in sorted(own.items()) if p != RDF + "type"},
            frozenset(graphs[iri]),
        )
        for iri, own in sorted(values.items())
    )


def whole_claims(who: Reader, iris: Iterable[str]) -> tuple[Claim, ...]:
    """These claims with all their values, in one query."""
    wanted = sorted(set(iris))
    return as_claims(who.rows(WHOLE, iris=wanted)) if wanted else ()


def spans(who: Reader, claims: Iterable[str]) -> dict[str, tuple[Span, ...]]:
    """The sources of these claims, in two queries; the longest quote first."""
    wanted = sorted(set(claims))
    pairs = [(text_of(r["c"]), text_of(r["span"])) for r in who.rows(_SOURCES, iris=wanted)] if wanted else []
    known = read_spans(who, {span for _, span in pairs})
    found: dict[str, set[Span]] = {}
    for claim, iri in pairs:
        found.setdefault(claim, set()).add(known.get(iri) or Span("", 0, 0, "", iri))
    return {claim: tuple(sorted(own, key=lambda s: (-s.length, s))) for claim, own in found.items()}


def read_spans(who: Reader, iris: Iterable[str]) -> dict[str, Span]:
    """Those of these sources that are spans of a document, in one query."""
    wanted = sorted(set(iris))
    values: dict[str, dict[str, str]] = {}
    for row in who.rows(_SPANS, iris=wanted) if wanted else []:
        own = values.setdefault(text_of(row["span"]), {"doc": text_of(row["doc"])})
        own[local_name(text_of(row["p"]))] = text_of(row["o"])
    return {
        iri: Span(own["doc"], int(own.get("start", "0")), int(own.get("end", "0")), own.get("exact", ""), iri)
        for iri, own in values.items()
    }
