"""``query``."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import pyoxigraph as ox

from zonegraph.cli import show
from zonegraph.cli.options import QUERIES, STORE, folder, open_store
from zonegraph.errors import QueryError, UsageError
from zonegraph.names import compact
from zonegraph.questions import load_question
from zonegraph.store import RDF_FORMATS, dump_quads

_RESULTS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}


@click.command()
@click.argument("query")
@STORE
@QUERIES
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", *_RESULTS, *RDF_FORMATS]),
    default=None,
    help="How to write the answer.  [default: table, or turtle for CONSTRUCT]",
)
@click.option("--param", multiple=True, metavar="NAME=VALUE", help="Value of a parameter of a stored query.")
def query(query: str, store: Path, queries: Path | None, form: str | None, param: tuple[str, ...]) -> None:
    """Ask: a SPARQL text, a file, `-` for standard input, or @NAME for a stored query."""
    text = _text(query, queries, param)
    read = open_store(store).current().open()
    _write_results(read.query(text), form)


def _text(query: str, queries: Path | None, params: tuple[str, ...]) -> str:
    if query.startswith("@"):
        question = load_question(folder("queries", queries), query[1:])
        return question.fill(dict(_pair(param) for param in params))
    if params:
        raise UsageError("--param goes with a stored query", hint="write @NAME")
    if query == "-":
        return sys.stdin.read()
    path = Path(query)
    if len(query) < 256 and "\n" not in query and path.is_file():
        return path.read_text("utf-8")
    if len(query) < 256 and path.suffix in {".rq", ".sparql"}:
        raise UsageError(f"no file {query}", hint="name a file, or write the query itself")
    return query


def _pair(param: str) -> tuple[str, str]:
    name, equals, value = param.partition("=")
    if not equals or not name:
        raise UsageError(f"{param!r} is no parameter", hint="write --param name=value")
    return name, value


def _write_results(results: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples, form: str | None) -> None:
    if isinstance(results, ox.QueryTriples):
        _write_triples(results, form or "turtle")
    elif form in {None, "table"}:
        _write_table(results)
    elif form in _RESULTS:
        data = results.serialize(format=_RESULTS[form])
        click.echo(data or b"", nl=False)
        if form == "json":
            click.echo()
    else:
        raise QueryError(f"{form} is for CONSTRUCT and DESCRIBE", hint=f"use table, {', '.join(_RESULTS)}")


def _write_triples(results: ox.QueryTriples, form: str) -> None:
    if form not in RDF_FORMATS:
        raise QueryError(f"{form} is for SELECT and ASK", hint=f"use {', '.join(RDF_FORMATS)}")
    quads = [ox.Quad(t.subject, t.predicate, t.object) for t in results]
    click.echo(dump_quads(quads, RDF_FORMATS[form]), nl=False)


def _write_table(results: ox.QuerySolutions | ox.QueryBoolean) -> None:
    if isinstance(results, ox.QueryBoolean):
        click.echo("yes" if results else "no")
        return
    names = [variable.value for variable in results.variables]
    show.table(names, ([_cell(row[name]) for name in names] for row in results))


def _cell(term: object) -> str:
    if isinstance(term, ox.NamedNode):
        return compact(term.value)
    if isinstance(term, ox.Literal):
        return term.value
    return "" if term is None else str(term)


COMMANDS = (query,)
