"""``export`` and ``lint-graph``."""

from __future__ import annotations

import gc
import io
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

import click
import pyoxigraph as ox

from zonegraph.cli.options import QUERIES, STORE, folder, open_store
from zonegraph.errors import UsageError
from zonegraph.graph import DEFAULT_PROFILE, FORMATS, ExportOptions, ExportReport, export_graph, lint_file
from zonegraph.graph.options import read_delimiter, split_list
from zonegraph.names import ZGI, expand
from zonegraph.store import RDF_FORMATS, ReadStore, Version, dump_quads


@click.command()
@STORE
@QUERIES
@click.option("--format", "form", default="turtle", show_default=True, metavar="FORMAT", help="See the list below.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None, help="File or folder, else stdout.")
@click.option("--graph", default=None, help="RDF formats: one named graph only, by IRI or CURIE.")
@click.option(
    "--profile", default=DEFAULT_PROFILE, show_default=True, help="Which queries draw the graph, by folder name."
)
@click.option("--center", default=None, metavar="IRI", help="Only what lies around this thing.")
@click.option("--hops", type=click.IntRange(min=0), default=None, help="How far around --center.")
@click.option("--kinds", default="", metavar="A,B", help="Only these kinds of nodes.")
@click.option("--as-of", default=None, metavar="DATE", help="Only what held on this day.")
@click.option("--lang", default="", metavar="L1,L2", help="Languages of labels, best first.")
@click.option("--max-nodes", type=click.IntRange(min=1), default=None, help="At most so many; says what was left out.")
@click.option("--bom", is_flag=True, help="CSV that Excel reads as UTF-8.")
@click.option("--kepler", is_flag=True, help="GeoJSON with times for kepler.gl trips.")
@click.option("--array-delimiter", default=";", show_default=True, help="Neo4j: the mark between values of a list.")
def export(*, store: Path, form: str, output: Path | None, graph: str | None, **given: Any) -> None:
    """Write the graph, or a slice of it, to a file.

    RDF: turtle, trig, nquads, ntriples, jsonld, rdfxml, full. Graph tools: gexf, graphml, yed, csv, neo4j, cyjs, cx2,
    dot, svg, geojson, map, mermaid, canvas. Figures as tidy tables with charts: vega.
    """
    version = open_store(store).current()
    if form in RDF_FORMATS:
        _write(_rdf(version.open(), form, graph), output)
        return
    if form not in FORMATS:
        raise UsageError(f"no format {form!r}", hint=f"use {', '.join((*RDF_FORMATS, *FORMATS))}")
    _echo_report(_graph(version, form, output, _options(version, given)))


def _rdf(read: ReadStore, form: str, graph: str | None) -> bytes:
    quads: list[ox.Quad] = list(read.quads(expand(graph) if graph else None))
    if graph and not quads:
        raise UsageError(f"no graph {graph}", hint="`zonegraph info` lists the graphs")
    return dump_quads(quads, RDF_FORMATS[form])


def _write(data: bytes, output: Path | None) -> None:
    if output is None:
        click.echo(data, nl=False)
    else:
        output.write_bytes(data)
        click.echo(f"{output}: {len(data)} bytes", err=True)


def _options(version: Version, given: dict[str, Any]) -> ExportOptions:
    center = given["center"]
    if center:
        expanded = expand(center)
        center = expanded if "://" in expanded else ZGI + expanded
    return ExportOptions(
        profile=given["profile"],
        center=center,
        hops=given["hops"],
        kinds=split_list(given["kinds"]),
        as_of=given["as_of"],
        languages=split_list(given["lang"]),
        max_nodes=given["max_nodes"],
        bom=given["bom"],
        kepler=given["kepler"],
        array_delimiter=read_delimiter(given["array_delimiter"]),
        profiles=folder("queries", given["queries"]) / "export",
        version=version.id,
    )


class _Unopened:
    """The store of a version, opened when something is asked of it: a prepared graph needs none."""

    def __init__(self, version: Version) -> None:
        self._version = version

    @cached_property
    def _opened(self) -> ReadStore:
        return self._version.open()

    @property
    def raw(self) -> ox.Store:
        """The engine's handle."""
        return self._opened.raw

    @property
    def merged(self) -> bool:
        """Whether its default graph is the union of all."""
        return self._opened.merged


def _graph(version: Version, form: str, output: Path | None, options: ExportOptions) -> ExportReport:
    # an element has no cycles, it goes when the next one comes: looking for some takes a sixth of the time
    gc.disable()
    store = _Unopened(version)
    if output is not None:
        return export_graph(store, form, options, output, folder=version.path)
    buffer = io.BytesIO()
    report = export_graph(store, form, options, buffer, folder=version.path)
    click.echo(buffer.getvalue(), nl=False)
    return report


def _echo_report(report: ExportReport) -> None:
    click.echo(report.as_line(), err=True)


@click.command("lint-graph")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
def lint_graph(file: Path) -> None:
    """Check a graph file for what makes tools lose data; exit 1 on findings."""
    found = list(lint_file(file))
    for finding in found:
        click.echo(str(finding), err=True)
    if found:
        click.echo(f"{len(found)} findings", err=True)
        sys.exit(1)
    click.echo(f"{file}: nothing to find fault with")


COMMANDS = (export, lint_graph)
