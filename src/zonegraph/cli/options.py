"""Options shared by several commands, and how paths get their defaults."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from zonegraph.resources import data_dir
from zonegraph.store import StoreDir

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

STORE: Decorator = click.option(
    "--store",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("zonegraph-store"),
    envvar="ZONEGRAPH_STORE",
    show_default=True,
    show_envvar=True,
    help="Directory of the store.",
)
SEEDS: Decorator = click.option(
    "--seeds",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Folder of annotated seeds and registry.ttl.  [default: the shipped ones]",
)
ONTOLOGY: Decorator = click.option(
    "--ontology",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Folder of the ontology.  [default: the shipped one]",
)
QUERIES: Decorator = click.option(
    "--queries",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Folder of stored queries.  [default: the shipped ones]",
)
WORKERS: Decorator = click.option(
    "--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that convert."
)
ENGINE: Decorator = click.option(
    "--engine",
    type=click.Choice(["local", "dask", "spark"]),
    default="local",
    show_default=True,
    help="Who runs the conversion.",
)
SCHEDULER: Decorator = click.option(
    "--scheduler", default="", help="Address of a Dask scheduler or Spark master.  [default: a local one]"
)


def folder(name: str, given: Path | None) -> Path:
    """The folder that was named, or the shipped one."""
    return given if given is not None else data_dir(name)


def open_store(path: Path) -> StoreDir:
    """The store directory of ``--store``."""
    return StoreDir.from_path(path)
