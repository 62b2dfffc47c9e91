"""``info`` and ``explain``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from zonegraph.build.stages import closure_cache
from zonegraph.cli import show
from zonegraph.cli.options import STORE, open_store
from zonegraph.explain import Explanation, render
from zonegraph.explain import explain as gather
from zonegraph.names import ZGI, compact, expand
from zonegraph.reason import Derivation, Explainer
from zonegraph.reason.proof import GIVEN
from zonegraph.store import ReadStore, StoreDir, Version

#: Inferred facts that are explained at once.
_MOST: Final = 30

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
    """Say what the graph knows of a thing or claim, and from which characters of which document.

    For what was inferred it names the rule and the facts that it rests on.
    """
    expanded = expand(iri)
    full = expanded if "://" in expanded else ZGI + expanded
    folder = open_store(store)
    read = folder.current().open()
    found = gather(read, full)
    click.echo(render(found))
    for line in _reasons(read, folder, found):
        click.echo(line)


def _reasons(read: ReadStore, folder: StoreDir, found: Explanation) -> Iterator[str]:
    inferred = [fact for fact in found.facts if fact.inferred and "://" in fact.value]
    if not inferred:
        return
    yield "\nwhy"
    explainer = Explainer.from_store(read.raw, cache_dir=closure_cache(folder.path))
    for fact in inferred[:_MOST]:
        derivation = explainer.explain((f"<{found.iri}>", f"<{fact.predicate}>", f"<{fact.value}>"))
        if derivation is not None:
            yield from _derivation(derivation)
    if len(inferred) > _MOST:
        yield f"  … and {len(inferred) - _MOST} more"


def _derivation(derivation: Derivation) -> Iterator[str]:
    for depth, step in derivation.walk():
        reason = "" if step.rule == GIVEN else f"  by {step.rule}"
        yield "  " * (depth + 1) + " ".join(compact(term.strip("<>")) for term in step.triple) + reason


COMMANDS = (info, explain)
