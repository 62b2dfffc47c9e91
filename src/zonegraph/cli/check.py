"""``validate``, ``infer`` and ``load-external``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from zonegraph.build.external import load_external as run_load
from zonegraph.build.rework import infer_again, validate_store
from zonegraph.cli.options import ONTOLOGY, QUERIES, STORE, folder, open_store
from zonegraph.validate import FORMATS, render


@click.command()
@STORE
@ONTOLOGY
@QUERIES
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True)
def validate(store: Path, ontology: Path | None, queries: Path | None, form: str) -> None:
    """Check the graph by its shapes and checks; exit 1 on findings that no exception explains."""
    report = validate_store(open_store(store), folder("ontology", ontology), folder("queries", queries))
    click.echo(render(report, form), nl=not render(report, form).endswith("\n"))
    if not report.conforms:
        sys.exit(1)


@click.command()
@STORE
@click.option("--reasoner", type=click.Choice(["rules", "owlrl"]), default="rules", show_default=True)
def infer(store: Path, reasoner: str) -> None:
    """Run the inference stage alone on the current version and publish the result."""
    started = time.perf_counter()
    version, triples, seconds = infer_again(open_store(store), reasoner)
    click.echo(f"{triples} triples inferred by {reasoner} in {seconds:.2f} s")
    click.echo(f"published as {version.id} after {time.perf_counter() - started:.2f} s in all")


@click.command("load-external")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@STORE
@click.option("--source", required=True, metavar="IRI", help="Where the facts come from: an IRI or a path of a thing.")
@click.option("--label", default="", help="Name of the source.")
def load_external(file: Path, store: Path, source: str, label: str) -> None:
    """Bring external RDF into the external graph, with its source, and publish the result."""
    version, triples = run_load(open_store(store), file, source, label)
    click.echo(f"{triples} triples from {file.name}, published as {version.id}")


COMMANDS = (validate, infer, load_external)
