"""The fixed names: namespaces, prefixes, graph names. Pure; holds no label."""

from __future__ import annotations

from typing import Final

BASE: Final = "https://w3id.org/zonegraph/"
ZG: Final = BASE + "ontology#"
ZGC: Final = BASE + "code/"
ZGI: Final = BASE + "id/"
ZGG: Final = BASE + "graph/"
ZGS: Final = BASE + "shapes#"

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
SKOSXL: Final = "http://www.w3.org/2008/05/skos-xl#"
PROV: Final = "http://www.w3.org/ns/prov#"
OA: Final = "http://www.w3.org/ns/oa#"
ORG: Final = "http://www.w3.org/ns/org#"
DCTERMS: Final = "http://purl.org/dc/terms/"
SH: Final = "http://www.w3.org/ns/shacl#"

#: Prefix to namespace, as declared in every file and answer that the product writes.
PREFIXES: Final[dict[str, str]] = {
    "zg": ZG,
    "zgc": ZGC,
    "zgi": ZGI,
    "zgg": ZGG,
    "zgs": ZGS,
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "xsd": XSD,
    "skos": SKOS,
    "skosxl": SKOSXL,
    "prov": PROV,
    "oa": OA,
    "org": ORG,
    "dcterms": DCTERMS,
    "sh": SH,
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "geof": "http://www.opengis.net/def/function/geosparql/",
    "wgs": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "time": "http://www.w3.org/2006/time#",
    "qb": "http://purl.org/linked-data/cube#",
    "sdmx-attribute": "http://purl.org/linked-data/sdmx/2009/attribute#",
    "sdmx-code": "http://purl.org/linked-data/sdmx/2009/code#",
    "sdmx-dimension": "http://purl.org/linked-data/sdmx/2009/dimension#",
    "schema": "http://schema.org/",
    "m8g": "http://data.europa.eu/m8g/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "void": "http://rdfs.org/ns/void#",
    "vann": "http://purl.org/vocab/vann/",
    "bibo": "http://purl.org/ontology/bibo/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
}

GRAPH_DOC: Final = ZGG + "doc/"
GRAPH_REGISTRY: Final = ZGG + "registry"
GRAPH_ONTOLOGY: Final = ZGG + "ontology"
GRAPH_INFERRED: Final = ZGG + "inferred"
GRAPH_DERIVED: Final = ZGG + "derived"
GRAPH_EXTERNAL: Final = ZGG + "external"


def expand(curie: str) -> str:
    """The IRI of a CURIE (``zg:Claim``); text without a known prefix comes back unchanged."""
    prefix, colon, local = curie.partition(":")
    namespace = PREFIXES.get(prefix)
    return namespace + local if colon and namespace else curie


def compact(iri: str) -> str:
    """The CURIE of an IRI by the longest matching namespace, or the IRI itself."""
    best = max((p for p, ns in PREFIXES.items() if iri.startswith(ns)), key=lambda p: len(PREFIXES[p]), default=None)
    return f"{best}:{iri[len(PREFIXES[best]) :]}" if best else iri


def local_name(iri: str) -> str:
    """The part after the last ``#`` or ``/``."""
    return iri.rsplit("#", 1)[-1].rsplit("/", 1)[-1]
