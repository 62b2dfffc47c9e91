"""Read handles: SPARQL over one immutable version, engine errors translated."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from zonegraph.errors import QueryError, QuerySyntaxError, StoreError, Where
from zonegraph.names import PREFIXES
from zonegraph.sparql import bind, inspect, refuse_foreign
from zonegraph.store.merged import is_merged, named_quads

Term = ox.NamedNode | ox.BlankNode | ox.Literal
Row = dict[str, Term]
Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples


@contextlib.contextmanager
def translated(where: Where | None = None) -> Iterator[None]:
    """Engine errors as zonegraph's own: nothing of pyoxigraph's leaves this package."""
    try:
        yield
    except SyntaxError as error:
        raise QuerySyntaxError(f"not legal SPARQL: {error.msg}", where=where, hint="see line and column") from error
    except (RuntimeError, ValueError) as error:
        raise QueryError(f"the query cannot be evaluated: {error}", where=where) from error
    except OSError as error:
        raise StoreError(f"the store cannot be read: {error}", where=where) from error


def _plain(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None) -> Term | None:
    if isinstance(term, ox.Triple):
        raise QueryError("a triple term in a row", hint="the product's own queries ask for none")
    return term


@dataclass(frozen=True, slots=True)
class ReadStore:
    """Questions to one version. ``raw`` is the engine's handle; queries see the union of all named graphs.

    ``merged`` says that the default graph holds that union already, each triple once.
    """

    raw: ox.Store
    merged: bool = False

    @classmethod
    def open(cls, data: Path) -> ReadStore:
        """Open an Oxigraph directory read-only; raises `StoreError` where it is damaged or missing."""
        with translated(Where(file=str(data))):
            if not data.is_dir():
                raise StoreError("the data directory is missing", where=Where(file=str(data)))
            return cls(ox.Store.read_only(str(data)), is_merged(data))

    def query(
        self,
        text: str,
        *,
        base: str | None = None,
        substitutions: Mapping[str, Term] | None = None,
        prefixes: bool = True,
    ) -> Results:
        """Evaluate a query; SERVICE is refused before evaluation.

        Raises `QuerySyntaxError`, `QueryRefusedError` or `QueryError`. ``prefixes`` predeclares the product's own.
        """
        refuse_foreign(inspect(text))
        # the engine binds only projected variables, so terms are put into the text instead
        bound = bind(text, {name: str(term) for name, term in (substitutions or {}).items()})
        known = dict(PREFIXES) if prefixes else None
        with translated():
            return self.raw.query(bound, base_iri=base, prefixes=known, use_default_graph_as_union=not self.merged)

    def select(self, text: str, **substitutions: Term) -> list[Row]:
        """The rows of a SELECT; unbound variables are left out of their row."""
        solutions = self.query(text, substitutions=substitutions)
        if not isinstance(solutions, ox.QuerySolutions):
            raise QueryError("not a SELECT query", hint="use `query` for ASK and CONSTRUCT")
        names = [variable.value for variable in solutions.variables]
        with translated():
            return [{name: term for name in names if (term := _plain(row[name])) is not None} for row in solutions]

    def ask(self, text: str, **substitutions: Term) -> bool:
        """The answer of an ASK."""
        return bool(self.query(text, substitutions=substitutions))

    def construct(self, text: str, **substitutions: Term) -> list[ox.Triple]:
        """The triples of a CONSTRUCT or DESCRIBE."""
        triples = self.query(text, substitutions=substitutions)
        if not isinstance(triples, ox.QueryTriples):
            raise QueryError("not a CONSTRUCT or DESCRIBE query")
        with translated():
            return list(triples)

    def quads(self, graph: str | None = None) -> Iterator[ox.Quad]:
        """All quads of named graphs, or those of one."""
        with translated():
            if graph:
                yield from self.raw.quads_for_pattern(None, None, None, ox.NamedNode(graph))
            else:
                yield from named_quads(self.raw)
