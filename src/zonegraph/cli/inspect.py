"""``info`` and ``explain``."""

from __future__ import annotations

from pathlib import Path

import click

from zonegraph.cli import show
from zonegraph.cli.options import STORE, open_store
from zonegraph.explain import explain_iri
from zonegraph.names import ZGI, compact, expand
from zonegraph.store import StoreDir, Version

_CLASSES = """
SELECT ?class (COUNT(DISTINCT ?thing) AS ?count) WHERE {
  GRAPH ?g { ?thing a ?class }
  FILTER(?g NOT IN (zgg:ontology, zgg:inferred))
} GROUP BY ?class ORDER BY DESC(?count) ?class
"""


@click.command()
@STORE
@click.option("--rollback", metavar="VERSION", default=None, help="Serve this version again.")
def info(store: Path, rollback: str | None) -> None:
    """Say what is published: version, digest, counts per graph and class, history."""
    folder = open_store(store)
    version = folder.rollback(rollback) if rollback else folder.current()
    click.echo(f"version {version.id}\ndigest  {version.digest}\ncreated {version.created}\nquads   {version.quads}\n")
    _graphs(version)
    _classes(version)
    _history(folder, version)


def _graphs(version: Version) -> None:
    show.table(["graph", "quads"], ([compact(graph), str(count)] for graph, count in version.graphs.items()))
    click.echo()


def _classes(version: Version) -> None:
    rows = version.open().select(_CLASSES)
    show.table(["class", "things"], ([compact(row["class"].value), row["count"].value] for row in rows))
    click.echo()


def _history(folder: StoreDir, current: Version) -> None:
    kept = {version.id for version in folder.versions()}
    rows = (
        [entry["at"], entry["action"], entry["version"], _state(entry["version"], current.id, kept)]
        for entry in folder.history()
    )
    show.table(["at", "action", "version", "state"], rows)


def _state(version: str, current: str, kept: set[str]) -> str:
    if version == current:
        return "served"
    return "kept" if version in kept else "gone"


@click.command()
@click.argument("iri")
@STORE
def explain(iri: str, store: Path) -> None:
    """Say what the graph knows of a thing or claim, and from which characters of which document."""
    expanded = expand(iri)
    full = expanded if "://" in expanded else ZGI + expanded
    click.echo(explain_iri(open_store(store).current().open(), full))


COMMANDS = (info, explain)
