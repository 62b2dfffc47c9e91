"""``build`` and ``convert``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from zonegraph.build import BuildOptions, BuildReport
from zonegraph.build import build as run_build
from zonegraph.build.stages import default_stages
from zonegraph.cli import show
from zonegraph.cli.options import ENGINE, ONTOLOGY, QUERIES, SCHEDULER, SEEDS, STORE, WORKERS, folder
from zonegraph.convert.runner import Conversion, convert_folder
from zonegraph.plan import Sources, compile_plan

_QUIET = click.option("--quiet", "-q", is_flag=True, help="No progress.")


@click.command()
@STORE
@SEEDS
@ONTOLOGY
@QUERIES
@WORKERS
@ENGINE
@SCHEDULER
@_QUIET
@click.option("--full", is_flag=True, help="Convert and load everything anew.")
@click.option("--check", is_flag=True, help="Prove that the incremental build equals a full one.")
@click.option("--infer/--no-infer", default=True, show_default=True, help="Add what follows by OWL 2 RL.")
@click.option(
    "--on-error",
    type=click.Choice(["reject", "warn", "abort"]),
    default="reject",
    show_default=True,
    help="Bad records: leave them out and exit 3, leave them out and exit 0, or publish nothing.",
)
def build(*, quiet: bool, check: bool, infer: bool, **given: Any) -> None:
    """Build the graph from annotated seeds and publish it."""
    options = _options(given, infer=infer)
    with show.meter(quiet=quiet) as progress:
        report = run_build(options, progress)
    show.findings(report.findings)
    _echo_report(report)
    if check:
        _check(options, report)
    if report.rejects and options.on_error != "warn":
        sys.exit(3)


def _options(given: dict[str, Any], *, infer: bool) -> BuildOptions:
    queries = folder("queries", given.pop("queries"))
    ontology = folder("ontology", given.pop("ontology"))
    seeds = folder("seeds", given.pop("seeds"))
    return BuildOptions(seeds=seeds, ontology=ontology, stages=default_stages(ontology, queries, infer=infer), **given)


def _echo_report(report: BuildReport) -> None:
    version = report.version
    state = "published" if report.changed else "unchanged"
    click.echo(f"{report.documents} documents, {report.converted} shards converted")
    click.echo(f"{report.records_in} records = {report.emitted} emitted + {len(report.rejects)} rejected")
    click.echo(f"{version.quads} quads in {len(version.graphs)} graphs, {state} as {version.id}")
    click.echo(f"digest {version.digest}")


def _check(options: BuildOptions, report: BuildReport) -> None:
    from zonegraph.build.check import full_digest  # noqa: PLC0415

    digest = full_digest(options)
    if digest != report.version.digest:
        click.echo(f"a full build gives {digest}: run `zonegraph build --full` and report this", err=True)
        sys.exit(4)
    click.echo("a full build gives the same digest")


@click.command()
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder to write."
)
@SEEDS
@ONTOLOGY
@WORKERS
@ENGINE
@SCHEDULER
@_QUIET
def convert(
    output: Path, seeds: Path | None, ontology: Path | None, workers: int, engine: str, scheduler: str, *, quiet: bool
) -> None:
    """Convert seeds to N-Quads shards with receipts, rejects and a manifest."""
    seeds = folder("seeds", seeds)
    plan = compile_plan(Sources.from_dirs(folder("ontology", ontology), seeds))
    with show.meter(quiet=quiet) as progress:
        tell = (lambda done, total: progress("convert", done, total)) if progress else None
        result = convert_folder(plan, seeds, output, workers=workers, engine=engine, scheduler=scheduler, progress=tell)
    _echo_conversion(result)
    if result.rejects:
        sys.exit(3)


def _echo_conversion(result: Conversion) -> None:
    show.findings(result.findings)
    click.echo(f"{len(result.receipts)} shards, {result.made} converted now, {result.quads} quads")
    click.echo(f"{result.records_in} records = {result.emitted} emitted + {len(result.rejects)} rejected")


COMMANDS = (build, convert)
