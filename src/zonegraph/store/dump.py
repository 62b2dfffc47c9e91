"""RDF dumps: deterministic order, grouped by subject, only the prefixes that are used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from zonegraph.errors import UsageError
from zonegraph.names import PREFIXES, RDF


@dataclass(frozen=True, slots=True)
class RdfDump:
    """One RDF serialisation: the name on the command line, how files and HTTP call it, what it can hold."""

    name: str
    extension: str
    media_type: str
    engine: ox.RdfFormat

    @property
    def has_graphs(self) -> bool:
        """Whether named graphs survive."""
        return self.engine.supports_datasets


_ALL: Final = (
    RdfDump("turtle", "ttl", "text/turtle", ox.RdfFormat.TURTLE),
    RdfDump("trig", "trig", "application/trig", ox.RdfFormat.TRIG),
    RdfDump("nquads", "nq", "application/n-quads", ox.RdfFormat.N_QUADS),
    RdfDump("ntriples", "nt", "application/n-triples", ox.RdfFormat.N_TRIPLES),
    RdfDump("jsonld", "jsonld", "application/ld+json", ox.RdfFormat.JSON_LD),
    RdfDump("rdfxml", "rdf", "application/rdf+xml", ox.RdfFormat.RDF_XML),
)
#: The RDF formats of ``zonegraph export``, by name.
RDF_FORMATS: Final[dict[str, RdfDump]] = {form.name: form for form in _ALL}

_TYPE: Final = RDF + "type"


def _term_key(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | ox.DefaultGraph) -> str:
    return str(term)


def _quad_key(quad: ox.Quad) -> tuple[str, str, bool, str, str]:
    # `a` first, as people write Turtle
    return (
        _term_key(quad.graph_name),
        _term_key(quad.subject),
        quad.predicate.value != _TYPE,
        quad.predicate.value,
        _term_key(quad.object),
    )


def _iris(quad: ox.Quad) -> Iterator[str]:
    for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
        if isinstance(term, ox.NamedNode):
            yield term.value
        elif isinstance(term, ox.Literal) and not term.language:
            yield term.datatype.value


def used_prefixes(quads: Iterable[ox.Quad], known: Mapping[str, str] = PREFIXES) -> dict[str, str]:
    """The prefixes that shorten at least one IRI; of two that fit, the longer namespace."""
    stems = {iri[: max(iri.rfind("/"), iri.rfind("#")) + 1] for quad in quads for iri in _iris(quad)}
    longest_first = sorted(known.items(), key=lambda item: -len(item[1]))
    hits = (next(((p, ns) for p, ns in longest_first if stem.startswith(ns)), None) for stem in stems)
    return dict(sorted(hit for hit in hits if hit))


def dump_quads(quads: Iterable[ox.Quad], form: RdfDump, known: Mapping[str, str] = PREFIXES) -> bytes:
    """Serialise: the same quads give the same bytes, whatever order they come in.

    Formats without named graphs get each triple once, from whichever graphs hold it.
    """
    ordered = sorted(quads, key=_quad_key)
    prefixes = used_prefixes(ordered, known)
    items: Iterable[ox.Quad] | Iterable[ox.Triple] = ordered if form.has_graphs else _triples(ordered)
    data = ox.serialize(items, format=form.engine, prefixes=prefixes)
    if data is None:
        raise UsageError(f"{form.name} cannot be written")
    return data


def _triples(quads: Iterable[ox.Quad]) -> list[ox.Triple]:
    merged = {
        (quad.subject, quad.predicate, quad.object): ox.Quad(quad.subject, quad.predicate, quad.object)
        for quad in quads
    }
    return [quad.triple for quad in sorted(merged.values(), key=_quad_key)]
