"""``seeds verify|fmt|…``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from zonegraph.cli import show
from zonegraph.cli.options import SEEDS, folder
from zonegraph.seeds import Finding, Seed, format_seed, read_seed, seed_files, verify_seed

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


COMMANDS = (seeds,)
