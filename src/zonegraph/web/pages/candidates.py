"""Candidates for reconciliation queries: by name, by identifier, or by the values of properties alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pyoxigraph as ox

from zonegraph.names import ZG, local_name
from zonegraph.search import Hit
from zonegraph.web.pages.addresses import full, is_iri
from zonegraph.web.pages.extension import level
from zonegraph.web.pages.names import search_of
from zonegraph.web.pages.reader import Reader, text_of

#: Candidates among which properties decide.
CONSIDERED: Final = 20
STRICT: Final = ("any", "should", "all")
_OTHER_TYPE: Final = 0.8
#: Subjects read for the queries of a batch that name nothing but properties.
_SUBJECTS: Final = 2000
#: What means something or says something, but is no thing to be matched.
_MEANS: Final = ("Claim", "TextSpan", "TimeExtent", "Extraction")

_TYPES: Final = """
SELECT DISTINCT ?s ?type WHERE { VALUES ?s { $iris } GRAPH ?g { ?s a ?type } FILTER(?g != zgg:inferred) }"""
_HOLDING: Final = f"""
SELECT DISTINCT ?s ?p ?o WHERE {{ VALUES ?p {{ $iris }} ?s ?p ?o FILTER(STR(?o) IN ($texts)) }}
ORDER BY ?s LIMIT {_SUBJECTS}"""


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a batch; ``wanted`` are properties by IRI with their values as texts or identifiers."""

    text: str
    types: tuple[str, ...] = ()
    limit: int = 5
    wanted: tuple[tuple[str, tuple[str, ...]], ...] = ()
    strict: str = "any"


def candidates(who: Reader, batch: Mapping[str, Query]) -> dict[str, list[Hit]]:
    """The candidates of each query; what is asked of the graph is asked once for the whole batch."""
    holders = _holders(who, [query for query in batch.values() if not query.text and query.wanted])
    pointed = {key: _pointed(query, holders) for key, query in batch.items()}
    known = things(who, {iri for iris in pointed.values() for iri in iris})
    return {key: _of(who, query, [known[iri] for iri in pointed[key] if iri in known]) for key, query in batch.items()}


def _pointed(query: Query, holders: Mapping[tuple[str, str], Sequence[str]]) -> list[str]:
    """The thing whose identifier the text is; without a text, those with one of the values."""
    if not query.text:
        found = (holders.get((prop, level(text)), ()) for prop, texts in query.wanted for text in texts)
        return list(dict.fromkeys(iri for iris in found for iri in iris))
    iri = full(query.text) if "/" in query.text or query.text.startswith("zgc:") else None
    return [iri] if iri else []


def _of(who: Reader, query: Query, pointed: Sequence[Hit]) -> list[Hit]:
    types = _below(who, query)
    fitting = [hit for hit in pointed if types is None or hit.type in types]
    return [*fitting, *_by_name(who, query)] if query.text else fitting


def _by_name(who: Reader, query: Query) -> list[Hit]:
    types = _below(who, query)
    if types is not None and not types:
        return []
    limit = max(query.limit, CONSIDERED) if query.wanted else query.limit + 1
    found = search_of(who.web, who.version).find(query.text, limit=limit, types=tuple(types or ()))
    return found if types is not None or not query.types else _preferred(who, query, found)


def _preferred(who: Reader, query: Query, found: Sequence[Hit]) -> list[Hit]:
    """Hits of other types than those that were wished for count for less."""
    wished = set().union(*(_closure(who, kind) for kind in query.types))
    return [hit if hit.type in wished else replace(hit, score=_OTHER_TYPE * hit.score) for hit in found]


def _closure(who: Reader, kind: str) -> set[str]:
    return {local_name(iri) for iri in who.vocabulary.below(ZG + kind)}


def _below(who: Reader, query: Query) -> set[str] | None:
    """The classes that a candidate may have; None for any."""
    if not query.types or query.strict == "should":
        return None
    closures = [_closure(who, kind) for kind in query.types]
    return set.intersection(*closures) if query.strict == "all" else set.union(*closures)


def things(who: Reader, iris: Iterable[str]) -> dict[str, Hit]:
    """Those of these IRIs that are things, as certain hits."""
    wanted = sorted(set(iris))
    types: dict[str, list[str]] = {}
    for row in who.rows(_TYPES, iris=wanted) if wanted else []:
        types.setdefault(text_of(row["s"]), []).append(text_of(row["type"]))
    names = who.names(types)
    found = {}
    for iri, own in types.items():
        narrow = who.vocabulary.narrowest(own)
        if narrow and not any(who.vocabulary.is_a(narrow[0], ZG + means) for means in _MEANS):
            term = who.vocabulary.term(iri)
            labels = dict(term.labels if term else names.texts.get(iri, {}))
            found[iri] = Hit(iri, names.text(iri)[0], "", local_name(narrow[0]), labels, 100.0, match=True, weight=0)
    return found


def _holders(who: Reader, queries: Sequence[Query]) -> dict[tuple[str, str], list[str]]:
    """The subjects by property and levelled value, in one query for the whole batch."""
    props = sorted({prop for query in queries for prop, _ in query.wanted if is_iri(prop)})
    spelt = _spelt(who, {text for query in queries for _, texts in query.wanted for text in texts})
    if not props or not spelt:
        return {}
    texts = ", ".join(str(ox.Literal(text)) for text in sorted({one for forms in spelt.values() for one in forms}))
    asked: dict[str, set[str]] = {}
    for text, forms in spelt.items():
        for form in forms:
            asked.setdefault(form, set()).add(level(text))
    found: dict[tuple[str, str], list[str]] = {}
    for row in who.rows(_HOLDING.replace("$texts", texts), iris=props):
        for text in asked.get(text_of(row["o"]), ()):
            found.setdefault((text_of(row["p"]), text), []).append(text_of(row["s"]))
    return found


def _spelt(who: Reader, texts: Iterable[str]) -> dict[str, set[str]]:
    """What a value may look like in the graph: the text itself, or the IRI of what it names."""
    search = search_of(who.web, who.version)
    found = {}
    for text in texts:
        iri = full(text) if "/" in text or text.startswith("zgc:") else None
        named = {hit.iri for hit in search.find(text, limit=5) if hit.match}
        found[text] = {text, *named, *([iri] if iri else [])}
    return found
