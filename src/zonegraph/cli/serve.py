"""``serve``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zonegraph.build import BuildOptions
from zonegraph.build import build as run_build
from zonegraph.build.stages import default_stages
from zonegraph.cli import show
from zonegraph.cli.options import ONTOLOGY, QUERIES, SEEDS, STORE, folder, open_store


@click.command()
@STORE
@SEEDS
@ONTOLOGY
@QUERIES
@click.option("--host", default=None, help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), default=None, help="Port to listen on.  [default: 7878]")
@click.option("--processes", type=click.IntRange(min=1), default=None, help="Server processes.  [default: 1]")
@click.option("--workers", type=click.IntRange(min=1), default=None, help="Long queries at once in each process.")
@click.option("--timeout", type=float, default=None, metavar="S", help="Seconds a query may take.  [default: 10]")
@click.option("--max-memory", type=int, default=None, metavar="MB", help="MiB a query may use.  [default: 512]")
@click.option("--max-rows", type=int, default=None, metavar="N", help="Rows of an answer.  [default: 500000]")
@click.option("--max-bytes", type=int, default=None, metavar="N", help="Bytes of an answer.  [default: 100 MiB]")
@click.option("--writable", is_flag=True, default=None, help="Allow updates with a bearer token.")
@click.option("--token-file", type=click.Path(path_type=Path), default=None, help="File that holds the token.")
@click.option("--remote", default=None, metavar="URL", help="Serve the same over this SPARQL 1.1 service.")
@click.option("--public-url", default=None, metavar="URL", help="What the world calls this server.")
@click.option("--service-hosts", default=None, metavar="H1,H2", help="Hosts that SERVICE may name.  [default: none]")
@click.option("--query-log", type=click.Path(path_type=Path), default=None, help="File for one JSON line a query.")
@click.option("--config", type=click.Path(dir_okay=False, path_type=Path), default=None, help="TOML file of settings.")
def serve(
    *,
    store: Path,
    seeds: Path | None,
    ontology: Path | None,
    queries: Path | None,
    config: Path | None,
    **flags: Any,
) -> None:
    """Serve the endpoint and the pages; builds first if there is no graph yet.

    Every option is also a setting: ZONEGRAPH_TIMEOUT in the environment, timeout in the --config file.
    """
    # the web packages take a second to import, which no other command should pay
    from zonegraph.web import Config  # noqa: PLC0415
    from zonegraph.web import serve as run_server  # noqa: PLC0415

    settings = Config.load({**flags, "store": store}, file=config)
    if settings.remote is None and not open_store(store).exists():
        _build(store, folder("seeds", seeds), folder("ontology", ontology), folder("queries", queries))
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    run_server(settings, lambda: click.echo(f"http://{host}:{settings.port}/  (stop with Ctrl+C)", err=True))


def _build(store: Path, seeds: Path, ontology: Path, queries: Path) -> None:
    click.echo("no graph here yet: building it", err=True)
    options = BuildOptions(store=store, seeds=seeds, ontology=ontology, stages=default_stages(ontology, queries))
    with show.meter() as progress:
        report = run_build(options, progress)
    show.findings(report.findings)
    click.echo(f"{report.version.quads} quads as version {report.version.id}", err=True)


COMMANDS = (serve,)
