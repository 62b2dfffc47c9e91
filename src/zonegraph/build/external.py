"""External RDF into its own graph: facts that no document states, each with where it comes from."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyoxigraph as ox

from zonegraph.build.rework import copy_version, finish
from zonegraph.errors import UsageError, Where
from zonegraph.names import BASE, DCTERMS, GRAPH_EXTERNAL, PROV, RDF, RDFS, XSD, ZG, ZGI, expand
from zonegraph.store import StoreDir, Version

_GRAPH = ox.NamedNode(GRAPH_EXTERNAL)
_GENID = BASE + ".well-known/genid/"


def load_external(store: StoreDir, file: Path, source: str, label: str) -> tuple[Version, int]:
    """Add a file's triples to the external graph; each subject is said to derive from the source.

    Blank nodes become IRIs that depend on the file's content. Raises `UsageError` for what is not RDF.
    """
    quads = _read(file)
    node = _source(source)
    with store.lock():
        current, writer = copy_version(store)
        with writer:
            writer.store.extend([*quads, *_provenance(quads, node, file, label)])
            return finish(store, writer, current), len(quads)


def _source(source: str) -> ox.NamedNode:
    expanded = expand(source)
    try:
        return ox.NamedNode(expanded if "://" in expanded else ZGI + expanded)
    except ValueError as error:
        raise UsageError(f"{source!r} is no IRI", hint="name the source by an IRI or a path of a thing") from error


def _read(file: Path) -> list[ox.Quad]:
    form = ox.RdfFormat.from_extension(file.suffix.lstrip("."))
    if form is None:
        raise UsageError(f"{file.name} has no known ending", hint="use .ttl, .nt, .rdf, .jsonld, .trig or .nq")
    data = file.read_bytes()
    stem = hashlib.sha256(data).hexdigest()[:16]
    try:
        parsed = list(ox.parse(data, format=form, base_iri=BASE))
    except SyntaxError as error:
        where = Where(file=str(file), line=error.lineno)
        raise UsageError(f"not RDF: {error.msg}", where=where, hint="mend the file") from error
    return [_placed(quad, stem) for quad in parsed]


def _placed(quad: ox.Quad, stem: str) -> ox.Quad:
    subject, value = quad.subject, quad.object
    return ox.Quad(
        ox.NamedNode(f"{_GENID}{stem}-{subject.value}") if isinstance(subject, ox.BlankNode) else subject,
        quad.predicate,
        ox.NamedNode(f"{_GENID}{stem}-{value.value}") if isinstance(value, ox.BlankNode) else value,
        _GRAPH,
    )


def _provenance(quads: list[ox.Quad], source: ox.NamedNode, file: Path, label: str) -> list[ox.Quad]:
    derived, subjects = ox.NamedNode(PROV + "wasDerivedFrom"), {quad.subject for quad in quads}
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    about: list[tuple[str, ox.NamedNode | ox.Literal]] = [
        (RDF + "type", ox.NamedNode(ZG + "ExternalSource")),
        (RDFS + "label", ox.Literal(label or file.name)),
        (DCTERMS + "title", ox.Literal(label or file.name)),
        (ZG + "sha256", ox.Literal(digest, datatype=ox.NamedNode(XSD + "string"))),
    ]
    facts = [ox.Quad(source, ox.NamedNode(predicate), value, _GRAPH) for predicate, value in about]
    links = [ox.Quad(subject, derived, source, _GRAPH) for subject in subjects if subject != source]
    return [*facts, *links]
