"""The concise bounded description of a thing: its own statements, the claims about it, and what they rest on.

A claim is whatever has a source (`prov:wasDerivedFrom`); it is taken whole, with the claims it is part of or has as
parts, its text spans and their selectors. Of everything else that points here, the statements that do. Claims come
in pages, since some things have thousands.
"""

from __future__ import annotations

from typing import Final

import pyoxigraph as ox

from zonegraph.names import DCTERMS, OA, OWL, PROV, RDF, RDFS
from zonegraph.web.backend import bound

#: Claims on one page of a description.
PAGE: Final = 500
#: Other statements that point here.
INCOMING: Final = 500

_FACTS: Final = f"""
SELECT DISTINCT ?iri ?p ?o {{
  VALUES ?iri {{ $candidates }}
  {{ VALUES ?p {{ <{RDF}type> <{DCTERMS}isReplacedBy> <{OWL}deprecated> <{RDFS}label> }} ?iri ?p ?o }}
  UNION {{ SELECT ?iri {{ VALUES ?iri {{ $candidates }} ?iri ?any ?thing }} LIMIT 1 }}
  UNION {{ SELECT ?iri {{ VALUES ?iri {{ $candidates }} ?thing ?any ?iri }} LIMIT 1 }}
}} ORDER BY ?p ?o"""

_DESCRIPTION: Final = f"""
CONSTRUCT {{ ?s ?p ?o }} WHERE {{
  {{ VALUES ?s {{ $iri }} ?s ?p ?o }}
  UNION {{ $iri <{PROV}wasDerivedFrom> ?s . ?s ?p ?o }}
  UNION {{ $iri <{PROV}wasDerivedFrom> ?span . ?span <{OA}hasSelector> ?s . ?s ?p ?o }}
  UNION {{ $iri <{OA}hasSelector> ?s . ?s ?p ?o }}
  UNION {{ $iri ?part ?s . ?s <{PROV}wasDerivedFrom> ?source . ?s ?p ?o }}
  UNION {{ $claims BIND(?claim AS ?s) ?s ?p ?o }}
  UNION {{ $claims ?claim <{PROV}wasDerivedFrom> ?s . ?s ?p ?o }}
  UNION {{ $claims ?claim <{PROV}wasDerivedFrom> ?span . ?span <{OA}hasSelector> ?s . ?s ?p ?o }}
  UNION {{ $claims ?claim ?part ?s . ?s <{PROV}wasDerivedFrom> ?source . ?s ?p ?o }}
  UNION {{ SELECT ?s ?p ?o {{ VALUES ?o {{ $iri }} ?s ?p ?o
    FILTER NOT EXISTS {{ ?s <{PROV}wasDerivedFrom> ?source }} }} ORDER BY ?s ?p LIMIT {INCOMING} }}
  UNION {{ $iri ?any ?s . ?s <{RDFS}label> ?o BIND(<{RDFS}label> AS ?p) }}
}}"""

_CLAIMS: Final = f"""{{ SELECT DISTINCT ?claim {{ ?claim ?via $iri ; <{PROV}wasDerivedFrom> ?source }}
  ORDER BY ?claim LIMIT {PAGE} OFFSET %d }}"""
_COUNT: Final = f"SELECT (COUNT(DISTINCT ?claim) AS ?n) {{ ?claim ?via $iri ; <{PROV}wasDerivedFrom> ?source }}"


def facts_query(candidates: list[str]) -> str:
    """What decides the status of a document: existence, types, successors, withdrawal, labels."""
    return _FACTS.replace("$candidates", " ".join(str(ox.NamedNode(iri)) for iri in candidates))


def description_query(iri: str, page: int = 1) -> str:
    """The CONSTRUCT of one page of a description."""
    text = _DESCRIPTION.replace("$claims", _CLAIMS % ((page - 1) * PAGE))
    return bound(text, {"iri": ox.NamedNode(iri)})


def count_query(iri: str) -> str:
    """How many claims there are about a thing."""
    return bound(_COUNT, {"iri": ox.NamedNode(iri)})
