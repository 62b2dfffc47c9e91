"""Runs ``queries/derive/NN_name.rq``: CONSTRUCT queries whose results make the graph of derived claims.

Each query reads the union of all graphs but the inferred and the derived one, so the result depends on what was
stated alone, whatever ran before. Names are minted in the queries by SHA-256 over the inputs; arithmetic is that of
xsd:decimal with fixed rounding. Hence one store gives one result, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from zonegraph.errors import QueryError, QuerySyntaxError, UsageError, Where
from zonegraph.names import GRAPH_DERIVED, GRAPH_INFERRED, PREFIXES

HEADER_FIELDS: Final = ("Title", "Rule", "Rounding")
_NAME: Final = re.compile(r"^\d\d_[a-z0-9_]+$")
_FIELD: Final = re.compile(r"^#\s*([A-Z][a-z]+):\s*(.*)$", re.MULTILINE)
_COMPUTED: Final = frozenset({GRAPH_DERIVED, GRAPH_INFERRED})


@dataclass(frozen=True, slots=True, order=True)
class DeriveQuery:
    """One CONSTRUCT query; ``name`` is the file's stem and fixes the order."""

    name: str
    title: str
    rule: str
    rounding: str
    query: str

    @classmethod
    def from_file(cls, path: Path) -> DeriveQuery:
        """Read a query; raises `QueryError` for a name without number or a header that is not complete."""
        if not _NAME.match(path.stem):
            raise QueryError("the name must be NN_name.rq", where=Where(file=path.name), hint="NN gives the order")
        text = path.read_text(encoding="utf-8")
        fields: dict[str, str] = dict(_FIELD.findall(text))
        missing = [name for name in HEADER_FIELDS if not fields.get(name)]
        if missing:
            raise QueryError(f"the header lacks {', '.join(missing)}", where=Where(file=path.name))
        return cls(path.stem, fields["Title"], fields["Rule"], fields["Rounding"], text)

    def run(self, store: ox.Store) -> Iterator[ox.Quad]:
        """The derived quads over the default graph of a store (see `stated_store`).

        Raises `QuerySyntaxError` or `QueryError`.
        """
        where, graph = Where(file=f"{self.name}.rq"), ox.NamedNode(GRAPH_DERIVED)
        try:
            results = store.query(self.query, prefixes=dict(PREFIXES))
        except SyntaxError as error:
            raise QuerySyntaxError(f"not legal SPARQL: {error.msg}", where=where) from error
        if not isinstance(results, ox.QueryTriples):
            raise QueryError("not a CONSTRUCT query", where=where)
        try:
            for triple in results:
                yield ox.Quad(triple.subject, triple.predicate, triple.object, graph)
        except RuntimeError as error:
            raise QueryError(f"cannot be evaluated: {error}", where=where) from error


def stated_store(store: ox.Store) -> ox.Store:
    """What was stated, not computed, as the default graph of a store in memory: each triple once.

    Oxigraph's union of graphs yields a triple once for each graph that holds it, which multiplies through joins.
    """
    names = [n for n in store.named_graphs() if isinstance(n, ox.NamedNode) and n.value not in _COMPUTED]
    copy = ox.Store()
    copy.bulk_extend(
        ox.Quad(quad.subject, quad.predicate, quad.object)
        for name in names
        for quad in store.quads_for_pattern(None, None, None, name)
    )
    return copy


def read_derivations(folder: Path) -> tuple[DeriveQuery, ...]:
    """The queries of a folder in order; raises `UsageError` when there is none."""
    found = tuple(sorted(DeriveQuery.from_file(path) for path in folder.glob("*.rq")))
    if not found:
        raise UsageError("no derivation queries found", where=Where(file=str(folder)), hint="name the queries' folder")
    return found


def derive(store: ox.Store, queries_dir: Path) -> tuple[ox.Quad, ...]:
    """All derived quads by the queries of ``queries_dir/derive``, sorted, each once; the store is not changed."""
    stated = stated_store(store)
    quads = {quad for derivation in read_derivations(queries_dir / "derive") for quad in derivation.run(stated)}
    return tuple(sorted(quads, key=str))


def derive_store(store: ox.Store, queries_dir: Path) -> int:
    """Replace the graph of derived claims of a store; returns how many quads it holds now."""
    quads = derive(store, queries_dir)
    store.remove_graph(ox.NamedNode(GRAPH_DERIVED))
    store.extend(quads)
    return len(quads)
