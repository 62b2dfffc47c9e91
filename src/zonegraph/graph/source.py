"""Asking the store: the rows of a profile's query as texts, engine errors translated.

The engine writes its answer into a temporary file as TSV and the lines are read from there: no Python object per
term, no row of the answer in memory but the one at hand.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

import pyoxigraph as ox

from zonegraph.errors import QueryError, QueryRefusedError, QuerySyntaxError, StoreError, Where
from zonegraph.graph.profiles import OPTIONAL, PARTS, QueryFile
from zonegraph.graph.terms import text_of
from zonegraph.names import PREFIXES
from zonegraph.sparql import inspect

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
#: The terms of one answer in the shape of TSV (see `terms`), empty where unbound.
Row = Sequence[str]
_TSV: Final = ox.QueryResultsFormat.TSV


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
    """The answers as texts: the part's needed variables, then its optional ones; empty where unbound."""
    if inspect(query.text).calls_service:
        raise QueryRefusedError("SERVICE is not allowed in a profile", where=Where(file=query.path.name))
    names = PARTS[query.part] + OPTIONAL[query.part]
    raw = getattr(store, "raw", None)
    if isinstance(raw, ox.Store):
        yield from _streamed(raw, query, names, union=not getattr(store, "merged", False))
    else:
        yield from _listed(store, query, names)


def _streamed(raw: ox.Store, query: QueryFile, names: Sequence[str], *, union: bool) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="zonegraph-export-") as folder:
        path = Path(folder) / "rows.tsv"
        variables = _ask(raw, query, path, union=union)
        # a line ends at a line feed only: text may hold every other character that Unicode counts as a line end
        with path.open(encoding="utf-8", newline="\n") as file:
            next(file)
            yield from _picked((line[:-1].split("\t") for line in file), variables, names)


def _ask(raw: ox.Store, query: QueryFile, path: Path, *, union: bool) -> tuple[str, ...]:
    """Let the engine write its answer down; the variables in their order."""
    where = Where(file=query.path.name)
    try:
        found = raw.query(query.text, use_default_graph_as_union=union, prefixes=dict(PREFIXES))
        if not isinstance(found, ox.QuerySolutions):
            raise QueryError("a profile's query must be a SELECT", where=where)
        variables = tuple(variable.value for variable in found.variables)
        query.check(variables)
        found.serialize(str(path), format=_TSV)
    except SyntaxError as error:
        raise QuerySyntaxError(f"not legal SPARQL: {error.msg}", where=where) from error
    except RuntimeError as error:
        raise QueryError(f"the query cannot be evaluated: {error}", where=where) from error
    except OSError as error:
        raise StoreError(f"the store cannot be read: {error}", where=where) from error
    return variables


def _picked(found: Iterator[list[str]], variables: Sequence[str], names: Sequence[str]) -> Iterator[Row]:
    if tuple(variables) == tuple(names):
        return found
    # an unbound variable is an empty text, so a name that is not selected may point at an extra empty cell
    picks = [variables.index(name) if name in variables else -1 for name in names]
    return ([row[pick] if pick >= 0 else "" for pick in picks] for row in found)


def _listed(store: Source, query: QueryFile, names: Sequence[str]) -> Iterator[Row]:
    if not hasattr(store, "select"):
        raise StoreError("this store answers no queries", where=Where(file=query.path.name))
    for row in store.select(query.text):
        yield [text_of(row.get(name)) for name in names]
