"""RDF dumps: deterministic order, grouped by subject, only the prefixes that are used."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | ox.DefaultGraph


def _triple_key(item: ox.Quad | ox.Triple) -> tuple[str, bool, str, str]:
    # `a` first, as people write Turtle
    predicate = item.predicate.value
    return str(item.subject), predicate != _TYPE, predicate, str(item.object)


def _quad_key(quad: ox.Quad) -> tuple[str, tuple[str, bool, str, str]]:
    return str(quad.graph_name), _triple_key(quad)


def _iris(terms: Iterable[Term]) -> Iterator[str]:
    for term in terms:
        if isinstance(term, ox.NamedNode):
            yield term.value
        elif isinstance(term, ox.Literal) and not term.language:
            yield term.datatype.value


@functools.lru_cache(maxsize=8192)
def _prefix_of(stem: str, known: tuple[tuple[str, str], ...]) -> tuple[str, str] | None:
    return next((item for item in known if stem.startswith(item[1])), None)


def used_prefixes(
    items: Iterable[ox.Quad] | Iterable[ox.Triple], known: Mapping[str, str] = PREFIXES
) -> dict[str, str]:
    """The prefixes that shorten at least one IRI; of two that fit, the longer namespace."""
    terms = {term for item in items for term in _terms(item)}
    stems = {iri[: max(iri.rfind("/"), iri.rfind("#")) + 1] for iri in _iris(terms)}
    longest_first = _longest_first(tuple(known.items()))
    hits = (_prefix_of(stem, longest_first) for stem in stems)
    return dict(sorted(hit for hit in hits if hit))


def _terms(item: ox.Quad | ox.Triple) -> tuple[Term, ...]:
    if isinstance(item, ox.Quad):
        return item.subject, item.predicate, item.object, item.graph_name
    return item.subject, item.predicate, item.object


@functools.lru_cache(maxsize=8)
def _longest_first(known: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(known, key=lambda item: -len(item[1])))


def dump_quads(quads: Iterable[ox.Quad], form: RdfDump, known: Mapping[str, str] = PREFIXES) -> bytes:
    """Serialise: the same quads give the same bytes, whatever order they come in.

    Formats without named graphs get each triple once, from whichever graphs hold it.
    """
    if not form.has_graphs:
        return dump_triples((quad.triple for quad in quads), form, known)
    return _serialised(sorted(quads, key=_quad_key), form, known)


def dump_triples(triples: Iterable[ox.Triple], form: RdfDump, known: Mapping[str, str] = PREFIXES) -> bytes:
    """Serialise, each triple once: the same triples give the same bytes, whatever order they come in."""
    return _serialised(sorted(set(triples), key=_triple_key), form, known)


def _serialised(items: Sequence[ox.Quad] | Sequence[ox.Triple], form: RdfDump, known: Mapping[str, str]) -> bytes:
    data = ox.serialize(items, format=form.engine, prefixes=used_prefixes(items, known))
    if data is None:
        raise UsageError(f"{form.name} cannot be written")
    return data
