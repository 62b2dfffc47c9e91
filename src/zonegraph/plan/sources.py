"""Where vocabulary comes from: Turtle files of the ontology, its code lists, its shapes, and the registry.

Blank nodes (lists in property chains and the like) become IRIs here, by canonical label, so that nothing after
this package meets one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from zonegraph.errors import OntologyError, UsageError, Where
from zonegraph.names import BASE, RDFS, SKOS

#: Files at the top of ``ontology/`` that are about the ontology, not part of it.
ABOUT_ONTOLOGY: Final = frozenset({"style.ttl", "exceptions.ttl"})
Node = ox.NamedNode | ox.BlankNode
_GENID: Final = BASE + ".well-known/genid/"
_LABEL: Final = ox.NamedNode(RDFS + "label")
_PREF: Final = ox.NamedNode(SKOS + "prefLabel")


@dataclass(frozen=True, slots=True)
class Sources:
    """The files of one vocabulary, sorted; ``registry`` and ``external`` may be empty."""

    ontology: tuple[Path, ...]
    shapes: tuple[Path, ...]
    registry: tuple[Path, ...]
    external: tuple[Path, ...]

    @classmethod
    def from_dirs(cls, ontology: Path, seeds: Path) -> Sources:
        """Find the files; raises `UsageError` when the ontology folder holds none."""
        modules = sorted(path for path in ontology.glob("*.ttl") if path.name not in ABOUT_ONTOLOGY)
        if not modules:
            raise UsageError("no ontology here", where=Where(file=str(ontology)), hint="name it with --ontology DIR")
        # a corpus may bring codes of its own
        codes = [*sorted((ontology / "codes").glob("*.ttl")), *sorted((seeds / "codes").glob("*.ttl"))]
        registry = sorted(seeds.glob("registry*.ttl"))
        shapes = sorted((ontology / "shapes").glob("*.ttl"))
        external = sorted((seeds / "external").glob("*.ttl"))
        return cls((*modules, *codes), tuple(shapes), tuple(registry), tuple(external))

    def digest(self) -> str:
        """SHA-256 over names and bytes of all files that shape conversion."""
        digest = hashlib.sha256()
        for path in (*self.ontology, *self.shapes, *self.registry, *self.external):
            digest.update(path.name.encode("utf-8") + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()


def read_turtle(path: Path) -> list[ox.Triple]:
    """The triples of a Turtle file; raises `OntologyError` with the line of the first mistake."""
    try:
        return [quad.triple for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=BASE)]
    except SyntaxError as error:
        where = Where(file=str(path), line=error.lineno)
        raise OntologyError(f"not Turtle: {error.msg}", where=where, hint="mend the file", code="turtle") from error
    except OSError as error:
        raise OntologyError(f"cannot be read: {error}", where=Where(file=str(path)), code="turtle") from error


def read_all(paths: Iterable[Path]) -> list[ox.Triple]:
    """The triples of several files, each once, blank nodes made IRIs, in a stable order."""
    dataset = ox.Dataset()
    for number, path in enumerate(paths):
        for triple in read_turtle(path):
            apart = _apart(triple, number)
            dataset.add(ox.Quad(apart.subject, apart.predicate, apart.object))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted((_skolem(quad.triple) for quad in dataset), key=str)


def _mapped(triple: ox.Triple, rename: Callable[[ox.BlankNode], Node]) -> ox.Triple:
    subject, value = triple.subject, triple.object
    return ox.Triple(
        rename(subject) if isinstance(subject, ox.BlankNode) else subject,
        triple.predicate,
        rename(value) if isinstance(value, ox.BlankNode) else value,
    )


def _apart(triple: ox.Triple, number: int) -> ox.Triple:
    """Blank node labels are local to their file."""
    return _mapped(triple, lambda node: ox.BlankNode(f"f{number}x{node.value}"))


def _skolem(triple: ox.Triple) -> ox.Triple:
    return _mapped(triple, lambda node: ox.NamedNode(_GENID + node.value))


def with_labels(triples: Sequence[ox.Triple]) -> list[ox.Triple]:
    """The triples and an ``rdfs:label`` for each ``skos:prefLabel``: labels are written once, tools read either."""
    copies = (ox.Triple(t.subject, _LABEL, t.object) for t in triples if t.predicate == _PREF)
    return sorted({*triples, *copies}, key=str)


def as_lines(triples: Iterable[ox.Triple], graph: str) -> Iterator[str]:
    """N-Quads lines of triples in one named graph."""
    name = ox.NamedNode(graph)
    quads = [ox.Quad(t.subject, t.predicate, t.object, name) for t in triples]
    data = ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""
    yield from sorted(set(data.decode("utf-8").splitlines()))
