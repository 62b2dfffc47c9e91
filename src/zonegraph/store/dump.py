"""RDF dumps: deterministic order, grouped by subject, only the prefixes that are used."""

from __future__ import annotations

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
_MAX_STEMS: Final = 10_000
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


class _Shortener:
    """Finds the prefix for the stem of an IRI: of two that fit, the longer namespace. Remembers what it found."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._longest_first = sorted(known.items(), key=lambda item: -len(item[1]))
        self._found: dict[str, tuple[str, str] | None] = {}

    def prefix(self, stem: str) -> tuple[str, str] | None:
        if stem not in self._found:
            if len(self._found) >= _MAX_STEMS:
                self._found.clear()
            self._found[stem] = next((item for item in self._longest_first if stem.startswith(item[1])), None)
        return self._found[stem]


_OURS: Final = _Shortener(PREFIXES)


def used_prefixes(
    items: Iterable[ox.Quad] | Iterable[ox.Triple], known: Mapping[str, str] = PREFIXES
) -> dict[str, str]:
    """The prefixes that shorten at least one IRI."""
    shortener = _OURS if known is PREFIXES else _Shortener(known)
    terms = {term for item in items for term in _terms(item)}
    stems = {iri[: max(iri.rfind("/"), iri.rfind("#")) + 1] for iri in _iris(terms)}
    return dict(sorted(found for found in map(shortener.prefix, stems) if found))


def _terms(item: ox.Quad | ox.Triple) -> tuple[Term, ...]:
    if isinstance(item, ox.Quad):
        return item.subject, item.predicate, item.object, item.graph_name
    return item.subject, item.predicate, item.object


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
