"""Asking the store: the rows of a profile's query, streamed, with engine errors translated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import pyoxigraph as ox

from zonegraph.errors import QueryError, QueryRefusedError, QuerySyntaxError, StoreError, Where
from zonegraph.graph.profiles import OPTIONAL, PARTS, QueryFile
from zonegraph.names import PREFIXES
from zonegraph.sparql import inspect

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Row = tuple[Term | None, ...]


class RawStore(Protocol):
    """Anything with the engine's handle: queries see the union of its named graphs."""

    @property
    def raw(self) -> ox.Store:
        """The engine's handle."""
        ...


class SelectStore(Protocol):
    """Anything that answers a SELECT with rows, such as a store behind HTTP."""

    def select(self, text: str) -> list[dict[str, Term]]:
        """The rows of a SELECT."""
        ...


Source = RawStore | SelectStore


def rows(store: Source, query: QueryFile) -> Iterator[Row]:
    """The answers as tuples: the part's needed variables, then its optional ones; ``None`` where unbound."""
    if inspect(query.text).calls_service:
        raise QueryRefusedError("SERVICE is not allowed in a profile", where=Where(file=query.path.name))
    names = PARTS[query.part] + OPTIONAL[query.part]
    raw = getattr(store, "raw", None)
    if isinstance(raw, ox.Store):
        yield from _streamed(raw, query, names, union=not getattr(store, "merged", False))
    else:
        yield from _listed(store, query, names)


def _streamed(raw: ox.Store, query: QueryFile, names: Sequence[str], *, union: bool) -> Iterator[Row]:
    where = Where(file=query.path.name)
    try:
        found = raw.query(query.text, use_default_graph_as_union=union, prefixes=dict(PREFIXES))
        if not isinstance(found, ox.QuerySolutions):
            raise QueryError("a profile's query must be a SELECT", where=where)
        variables = tuple(variable.value for variable in found.variables)
        query.check(variables)
        picks = [variables.index(name) if name in variables else None for name in names]
        for solution in found:
            yield tuple(None if pick is None else solution[pick] for pick in picks)
    except SyntaxError as error:
        raise QuerySyntaxError(f"not legal SPARQL: {error.msg}", where=where) from error
    except RuntimeError as error:
        raise QueryError(f"the query cannot be evaluated: {error}", where=where) from error
    except OSError as error:
        raise StoreError(f"the store cannot be read: {error}", where=where) from error


def _listed(store: Source, query: QueryFile, names: Sequence[str]) -> Iterator[Row]:
    if not hasattr(store, "select"):
        raise StoreError("this store answers no queries", where=Where(file=query.path.name))
    for row in store.select(query.text):
        yield tuple(row.get(name) for name in names)
