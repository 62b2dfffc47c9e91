"""The ontology as the pages need it: labels, definitions, hierarchy; read once per version of the graph."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from zonegraph.names import OWL, RDF, RDFS, SKOS, ZG, compact
from zonegraph.web.backend import Row
from zonegraph.web.pages.language import FALLBACK

QUERY: Final = """
SELECT DISTINCT ?s ?p ?o WHERE {
  GRAPH zgg:ontology { ?s ?p ?o }
  FILTER(isIRI(?s))
  VALUES ?p {
    rdf:type rdfs:label skos:prefLabel skos:definition skos:scopeNote skos:example rdfs:subClassOf rdfs:subPropertyOf
    rdfs:domain rdfs:range skos:inScheme skos:notation zg:labelTemplate zg:ownedRole owl:inverseOf owl:versionInfo
  }
}"""
_SLOT: Final = re.compile(r"\{([\w:]+)\}")
_TEXTS: Final = {
    RDFS + "label": "labels",
    SKOS + "prefLabel": "labels",
    SKOS + "definition": "definitions",
    SKOS + "scopeNote": "notes",
    SKOS + "example": "examples",
}
_KINDS: Final = {
    OWL + "Class": "class",
    RDFS + "Class": "class",
    OWL + "ObjectProperty": "object-property",
    OWL + "DatatypeProperty": "datatype-property",
    OWL + "AnnotationProperty": "annotation-property",
    SKOS + "ConceptScheme": "scheme",
    SKOS + "Concept": "code",
}


@dataclass(frozen=True, slots=True)
class Term:
    """A class, property, code list or code; texts by language tag."""

    iri: str
    kind: str = ""
    types: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    examples: Mapping[str, str] = field(default_factory=dict)
    parents: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    inverses: tuple[str, ...] = ()
    template: str = ""
    owned: bool = False


def pick(texts: Mapping[str, str], lang: str) -> tuple[str, str]:
    """The text for a language of the pages and the tag it has; both empty when there is none."""
    for tag in FALLBACK[lang]:
        if (text := texts.get(tag, "")).strip():
            return text, tag
    return next(((text, tag) for tag, text in sorted(texts.items()) if text.strip()), ("", ""))


@dataclass(frozen=True)
class Vocabulary:
    """All terms of one version, with their hierarchy."""

    terms: Mapping[str, Term]
    version: str = ""
    _above: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    _narrowest: dict[tuple[str, ...], list[str]] = field(default_factory=dict, repr=False)
    _slots: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def from_rows(cls, rows: Iterable[Row]) -> Vocabulary:
        """From the rows of `QUERY`."""
        values: dict[str, dict[str, list[ox.NamedNode | ox.Literal]]] = {}
        for row in rows:
            subject, predicate, value = row["s"], row["p"], row["o"]
            if isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode | ox.Literal):
                values.setdefault(subject.value, {}).setdefault(str(getattr(predicate, "value", "")), []).append(value)
        terms = {iri: _term(iri, own) for iri, own in values.items()}
        version = [v.value for v in values.get(ZG.rstrip("#"), {}).get(OWL + "versionInfo", [])]
        return cls(terms, version[0] if version else "")

    def term(self, iri: str) -> Term | None:
        """The term, if the ontology declares it."""
        return self.terms.get(iri)

    def label(self, iri: str, lang: str) -> str:
        """A label in this language or a near one; the short form of the IRI for unknown terms."""
        term = self.terms.get(iri)
        return (pick(term.labels, lang)[0] if term else "") or compact(iri)

    def above(self, iri: str) -> tuple[str, ...]:
        """The class and everything above it, nearest first."""
        if iri not in self._above:
            self._above[iri] = tuple(self._climb(iri))
        return self._above[iri]

    def _climb(self, iri: str) -> Iterator[str]:
        seen, level = {iri}, [iri]
        while level:
            yield from level
            term_parents = [parent for one in level if one in self.terms for parent in self.terms[one].parents]
            level = [p for p in dict.fromkeys(term_parents) if p not in seen]
            seen.update(level)

    def is_a(self, iri: str, root: str) -> bool:
        """Whether a class is another one or below it."""
        return root in self.above(iri)

    def narrowest(self, types: Iterable[str]) -> list[str]:
        """Those classes of ours that stand above no other one given, most special first."""
        given = tuple(types)
        if given not in self._narrowest:
            self._narrowest[given] = self._narrowed(given)
        return self._narrowest[given]

    def _narrowed(self, types: tuple[str, ...]) -> list[str]:
        own = [iri for iri in dict.fromkeys(types) if iri in self.terms and self.terms[iri].kind == "class"]
        narrow = [iri for iri in own if not any(iri in self.above(other)[1:] for other in own if other != iri)]
        return sorted(narrow, key=lambda iri: (not iri.startswith(ZG), -len(self.above(iri)), iri))

    def slots(self, types: tuple[str, ...]) -> tuple[str, ...]:
        """The roles that the label of such a claim names, in its order."""
        if types not in self._slots:
            own = self.narrowest(types)
            found = (self.terms[iri].template for iri in (self.above(own[0]) if own else ()) if iri in self.terms)
            self._slots[types] = tuple(_SLOT.findall(" ".join(found)))
        return self._slots[types]

    def below(self, root: str) -> list[str]:
        """The class and all classes below it."""
        return sorted(iri for iri, term in self.terms.items() if term.kind == "class" and root in self.above(iri))

    def of_kind(self, kind: str) -> list[Term]:
        """The terms of a kind, by IRI."""
        return [self.terms[iri] for iri in sorted(self.terms) if self.terms[iri].kind == kind]

    def children(self, iri: str) -> list[str]:
        """The classes right below."""
        return [term.iri for term in self.of_kind("class") if iri in term.parents]

    def members(self, scheme: str) -> list[Term]:
        """The codes of a list."""
        return [term for term in self.of_kind("code") if scheme in term.schemes]


def _term(iri: str, own: Mapping[str, Sequence[ox.NamedNode | ox.Literal]]) -> Term:
    types = _iris(own.get(RDF + "type", ()))
    kinds = [_KINDS[kind] for kind in types if kind in _KINDS]
    texts: dict[str, dict[str, str]] = {}
    for predicate, name in _TEXTS.items():
        for value in own.get(predicate, ()):
            if isinstance(value, ox.Literal):
                texts.setdefault(name, {}).setdefault((value.language or "").lower(), value.value)
    return Term(
        iri=iri,
        kind=min(kinds, key=list(_KINDS.values()).index) if kinds else "",
        types=types,
        parents=_iris([*own.get(RDFS + "subClassOf", ()), *own.get(RDFS + "subPropertyOf", ())]),
        domains=_iris(own.get(RDFS + "domain", ())),
        ranges=_iris(own.get(RDFS + "range", ())),
        schemes=_iris(own.get(SKOS + "inScheme", ())),
        inverses=_iris(own.get(OWL + "inverseOf", ())),
        template=next((v.value for v in own.get(ZG + "labelTemplate", ())), ""),
        owned=any(v.value == "true" for v in own.get(ZG + "ownedRole", ())),
        **texts,
    )


def _iris(values: Iterable[ox.NamedNode | ox.Literal]) -> tuple[str, ...]:
    return tuple(sorted(v.value for v in values if isinstance(v, ox.NamedNode)))
