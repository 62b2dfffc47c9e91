"""What stands in a document: how many facts of which kind were read from it, and what it names most."""

from __future__ import annotations

from typing import Final

import pyoxigraph as ox

from zonegraph.names import GRAPH_DOC, ZG, ZGI
from zonegraph.web.pages.facts import ELSEWHERE
from zonegraph.web.pages.gather import Around
from zonegraph.web.pages.reader import Link, Reader, text_of

_MOST: Final = 30
_KINDS: Final = """
SELECT ?type (COUNT(DISTINCT ?c) AS ?n) WHERE { GRAPH $graph { ?c a ?type ; zg:basis ?basis } }
GROUP BY ?type ORDER BY DESC(?n)"""
_NAMED: Final = f"""
SELECT ?thing (COUNT(DISTINCT ?span) AS ?n) WHERE {{ GRAPH $graph {{ ?span zg:denotes ?thing }} }}
GROUP BY ?thing ORDER BY DESC(?n) ?thing LIMIT {_MOST}"""

Counts = tuple[tuple[Link, int], ...]


def inside(who: Reader, found: Around) -> tuple[Counts, Counts]:
    """Facts by kind, and things by mentions; both empty for what is no document."""
    if ZG + "SourceDocument" not in found.types:
        return (), ()
    graph = {"graph": ox.NamedNode(GRAPH_DOC + found.iri.removeprefix(ZGI + "doc/"))}
    kinds = [(text_of(row["type"]), int(text_of(row["n"]))) for row in who.rows(_KINDS, graph) if "type" in row]
    things = [(text_of(row["thing"]), int(text_of(row["n"]))) for row in who.rows(_NAMED, graph) if "thing" in row]
    names = who.names(iri for iri, _ in things)
    shown = [(iri, n) for iri, n in kinds if who.vocabulary.is_a(iri, ZG + "Claim") and iri not in ELSEWHERE]
    return (
        tuple((names.link(iri), n) for iri, n in shown),
        tuple((names.link(iri), n) for iri, n in things),
    )
