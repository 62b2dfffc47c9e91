"""The default graph as the set of all triples of the named graphs.

SPARQL says that a union of graphs is a set; the engine's own union view is a bag: a triple that two documents
state is found twice, and every COUNT over it is wrong. So a built version keeps each triple once more in the
default graph, and queries read that. A mark beside the data says that the default graph is such a copy; a version
without it is queried through the engine's view.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pyoxigraph as ox

#: Name of the mark, in the version's directory.
MARK: Final = "merged"
_DEFAULT: Final = ox.DefaultGraph()
Spo = tuple[object, object, object]


def is_merged(data: Path) -> bool:
    """Whether the default graph of this Oxigraph directory is the merged copy."""
    return (data.parent / MARK).is_file()


def named_quads(store: ox.Store) -> Iterator[ox.Quad]:
    """The quads of all named graphs, leaving the default graph out."""
    return (q for q in store.quads_for_pattern(None, None, None, None) if isinstance(q.graph_name, ox.NamedNode))


def merge_graphs(store: ox.Store, path: Path, lines: Iterable[str]) -> None:
    """Fill the default graph of a version in the making from its N-Quads lines and set the mark in its directory."""
    triples = {line.rpartition(" <")[0] + " ." for line in lines}
    store.bulk_load("\n".join(sorted(triples)).encode("utf-8"), format=ox.RdfFormat.N_TRIPLES)
    mark_merged(path)


def mark_merged(path: Path) -> None:
    """Say that the default graph of the version in this directory is the merged copy."""
    (path / MARK).touch()


def refresh_merged(store: ox.Store, before: ox.Store) -> None:
    """After a change of named graphs: what no graph says any more leaves the default graph, what is new enters.

    Triples that somebody put into the default graph itself stay.
    """
    old, new = _triples(before), _triples(store)
    for triple in old.keys() - new.keys():
        store.remove(old[triple])
    store.extend([new[triple] for triple in new.keys() - _default(store)])


def _triples(store: ox.Store) -> dict[Spo, ox.Quad]:
    return {(q.subject, q.predicate, q.object): ox.Quad(q.subject, q.predicate, q.object) for q in named_quads(store)}


def _default(store: ox.Store) -> set[Spo]:
    return {(q.subject, q.predicate, q.object) for q in store.quads_for_pattern(None, None, None, _DEFAULT)}
