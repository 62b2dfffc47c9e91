"""``seeds verify|fmt|schema|coverage``, and the tools of `zonegraph.cli.seed_tools`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from zonegraph.cli import show
from zonegraph.cli.options import ONTOLOGY, SEEDS, folder
from zonegraph.cli.seed_tools import TOOLS
from zonegraph.errors import UsageError
from zonegraph.plan import Plan, Sources, compile_plan
from zonegraph.seeds import Finding, Seed, find_text, format_seed, read_seed, seed_files, verify_seed
from zonegraph.seeds.coverage import find_gaps, gap_findings, read_ignored, unexplained
from zonegraph.seeds.schema import json_schema

_TEXTS = click.option(
    "--texts", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder of the source texts."
)
_FILES = click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def seeds() -> None:
    """Work on annotated seeds."""


def _read(given: Path | None, files: tuple[Path, ...]) -> list[tuple[Path, Seed]]:
    paths = list(files) or seed_files(folder("seeds", given))
    return [(path, read_seed(path)) for path in paths]


def _finish(found: Sequence[Finding]) -> None:
    if found:
        show.findings(found)
        click.echo(f"{len(found)} findings", err=True)
        sys.exit(1)


@seeds.command()
@SEEDS
@_TEXTS
@_FILES
def verify(seeds: Path | None, texts: Path, files: tuple[Path, ...]) -> None:
    """Prove every digest and every slice against the texts."""
    read = _read(seeds, files)
    found = [finding for _, seed in read for finding in verify_seed(seed, texts)]
    _finish(found)
    slices = sum(len(seed.mentions) for _, seed in read)
    click.echo(f"{len(read)} documents, {slices} slices: all as annotated")


@seeds.command()
@SEEDS
@click.option("--check", is_flag=True, help="Change nothing; exit 1 if a file is not canonical.")
@_FILES
def fmt(seeds: Path | None, files: tuple[Path, ...], *, check: bool) -> None:
    """Write seeds in canonical form: sorted records, fixed key order."""
    changed = 0
    read = _read(seeds, files)
    _finish([finding for _, seed in read for finding in seed.findings])
    for path, seed in read:
        data = format_seed(seed)
        if data != path.read_bytes():
            changed += 1
            click.echo(f"{path.name}: {'not canonical, run `zonegraph seeds fmt`' if check else 'formatted'}", err=True)
            if not check:
                path.write_bytes(data)
    if check and changed:
        sys.exit(1)


@seeds.command()
@SEEDS
@ONTOLOGY
def schema(seeds: Path | None, ontology: Path | None) -> None:
    """Print the JSON Schema of a seed record."""
    click.echo(json.dumps(json_schema(_plan(seeds, ontology)), ensure_ascii=False, indent=2))


def _plan(seeds: Path | None, ontology: Path | None) -> Plan:
    return compile_plan(Sources.from_dirs(folder("ontology", ontology), folder("seeds", seeds)))


@seeds.command()
@SEEDS
@ONTOLOGY
@_TEXTS
@_FILES
def coverage(seeds: Path | None, ontology: Path | None, texts: Path, files: tuple[Path, ...]) -> None:
    """Say which figures and registered names of the texts no annotation covers."""
    names = sorted(_plan(seeds, ontology).thing_names)
    found: list[Finding] = []
    for path, seed in _read(seeds, files):
        text = _text(seed, texts)
        gaps = find_gaps(seed, text, [name for name in names if len(name) > 1])
        ignored = read_ignored(path.with_suffix(".ignore.tsv"))
        rest = unexplained(gaps, ignored)
        covered = sum(end - begin for mention in seed.mentions for begin, end in mention.spans)
        click.echo(f"{seed.id}: {len(seed.mentions)} slices, {covered} code points marked, {len(rest)} gaps")
        found.extend(gap_findings(seed, rest))
    _finish(found)


def _text(seed: Seed, texts: Path) -> str:
    path = find_text(seed.document, texts) if seed.document else None
    if path is None:
        raise UsageError(f"no text for {seed.id}", hint="name the folder of texts with --texts")
    return path.read_bytes().decode("utf-8")


for tool in TOOLS:
    seeds.add_command(tool)

COMMANDS = (seeds,)
