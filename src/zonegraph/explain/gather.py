"""Collect facts, claims and quotes around one IRI, with a fixed number of queries whatever the thing is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from zonegraph.errors import UsageError, Where
from zonegraph.names import GRAPH_INFERRED, compact
from zonegraph.store import ReadStore

#: Language tags by preference for what is shown.
LANGS: Final = ("zh-hans", "zh-hant", "zh", "en", "")

_FACTS: Final = """
SELECT DISTINCT ?predicate ?object ?graph ?predicateLabel ?objectLabel ?code WHERE {
  GRAPH ?graph { ?node ?predicate ?object }
  FILTER(?predicate NOT IN (prov:wasDerivedFrom, rdfs:label, skos:prefLabel, skos:altLabel, oa:hasSelector))
  OPTIONAL { ?predicate rdfs:label ?predicateLabel }
  OPTIONAL { FILTER(isIRI(?object)) ?object rdfs:label ?objectLabel }
}"""
_INCOMING: Final = """
SELECT DISTINCT ?subject ?predicate ?subjectLabel ?predicateLabel WHERE {
  GRAPH ?graph { ?subject ?predicate ?node }
  FILTER(?graph != zgg:inferred && ?predicate NOT IN (zg:denotes, prov:wasDerivedFrom, oa:hasSource, zg:nameOf))
  OPTIONAL { ?subject rdfs:label ?subjectLabel }
  OPTIONAL { ?predicate rdfs:label ?predicateLabel }
}"""
_LABELS: Final = "SELECT DISTINCT ?label WHERE { ?node rdfs:label ?label }"
_QUOTES: Final = """
SELECT DISTINCT ?claim ?document ?start ?end ?exact WHERE {
  %s
  ?span oa:hasSource ?document ; oa:hasSelector ?selector .
  ?selector oa:start ?start ; oa:end ?end ; oa:exact ?exact .
}"""
_OWN_SPANS: Final = "{ ?node prov:wasDerivedFrom ?span } UNION { ?node oa:hasSelector ?selector BIND(?node AS ?span) }"
_CLAIM_SPANS: Final = """?claim ?p ?node ; prov:wasDerivedFrom ?span ."""


@dataclass(frozen=True, slots=True, order=True)
class Quote:
    """Characters of a document: code points ``start`` to ``end``."""

    document: str
    start: int
    end: int
    exact: str


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """One triple for people: labels beside IRIs, the graphs that hold it."""

    predicate: str
    value: str
    predicate_label: str
    value_label: str
    graphs: tuple[str, ...]

    @property
    def inferred(self) -> bool:
        """Whether only the reasoner says so."""
        return self.graphs == (GRAPH_INFERRED,)


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A claim that points to the thing, with its own quotes."""

    subject: str
    label: str
    predicate_label: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything known of one IRI."""

    iri: str
    labels: tuple[str, ...]
    facts: tuple[Fact, ...]
    quotes: tuple[Quote, ...]
    incoming: tuple[Mentioned, ...]


def pick_label(labels: Sequence[ox.Literal], langs: Sequence[str] = LANGS) -> str:
    """The label in the first language that has one; of several, the first by code point."""

    def rank(literal: ox.Literal) -> tuple[int, str]:
        tag = (literal.language or "").lower()
        return (langs.index(tag) if tag in langs else len(langs), literal.value)

    return min(labels, key=rank).value if labels else ""


def explain(store: ReadStore, iri: str) -> Explanation:
    """Gather; raises `UsageError` when the graph has nothing with this IRI."""
    node = ox.NamedNode(iri)
    labels = [row["label"] for row in store.select(_LABELS, node=node)]
    facts = _facts(store, node)
    quotes = _quotes(store, _OWN_SPANS, node)
    incoming = _incoming(store, node)
    if not (labels or facts or incoming):
        raise UsageError("the graph knows nothing of this", where=Where(id=iri), hint="search for its name first")
    return Explanation(
        iri=iri,
        labels=tuple(sorted({str(label) for label in labels})),
        facts=facts,
        quotes=tuple(sorted(quote for group in quotes.values() for quote in group)),
        incoming=incoming,
    )


def _facts(store: ReadStore, node: ox.NamedNode) -> tuple[Fact, ...]:
    groups: dict[tuple[str, str], dict[str, set[ox.Literal | str]]] = {}
    for row in store.select(_FACTS, node=node):
        key = row["predicate"].value, _text(row["object"])
        group = groups.setdefault(key, {"graphs": set(), "p": set(), "o": set()})
        group["graphs"].add(row["graph"].value)
        for name, column in (("p", "predicateLabel"), ("o", "objectLabel")):
            if isinstance(label := row.get(column), ox.Literal):
                group[name].add(label)
    return tuple(sorted(_fact(key, group) for key, group in groups.items()))


def _fact(key: tuple[str, str], group: dict[str, set[ox.Literal | str]]) -> Fact:
    predicate, value = key
    shown = [pick_label([x for x in group[name] if isinstance(x, ox.Literal)]) for name in ("p", "o")]
    graphs = tuple(sorted(str(graph) for graph in group["graphs"]))
    return Fact(predicate, value, shown[0] or compact(predicate), shown[1] or compact(value), graphs)


def _text(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)


def _incoming(store: ReadStore, node: ox.NamedNode) -> tuple[Mentioned, ...]:
    quotes = _quotes(store, _CLAIM_SPANS, node)
    groups: dict[str, tuple[set[ox.Literal], set[ox.Literal]]] = {}
    for row in store.select(_INCOMING, node=node):
        own, predicate = groups.setdefault(row["subject"].value, (set(), set()))
        if isinstance(label := row.get("subjectLabel"), ox.Literal):
            own.add(label)
        if isinstance(label := row.get("predicateLabel"), ox.Literal):
            predicate.add(label)
    return tuple(
        Mentioned(subject, pick_label(list(own)) or compact(subject), pick_label(list(via)), quotes.get(subject, ()))
        for subject, (own, via) in sorted(groups.items())
    )


def _quotes(store: ReadStore, pattern: str, node: ox.NamedNode) -> dict[str, tuple[Quote, ...]]:
    groups: dict[str, set[Quote]] = {}
    for row in store.select(_QUOTES % pattern, node=node):
        claim = row["claim"].value if "claim" in row else node.value
        quote = Quote(row["document"].value, int(row["start"].value), int(row["end"].value), row["exact"].value)
        groups.setdefault(claim, set()).add(quote)
    return {claim: tuple(sorted(group)) for claim, group in groups.items()}
