"""SVG drawn by Graphviz from the DOT export: in layers while small, by forces when larger."""

from __future__ import annotations

import shutil
import subprocess  # Graphviz is a program; nothing of the input reaches a shell
from collections.abc import Iterator

from zonegraph.errors import ExportError
from zonegraph.graph.writers.base import NOT_XML, Format, Job, Part
from zonegraph.graph.writers.dot import chunks

_LAYERED = 400
_SECONDS = 120


def write(job: Job) -> Iterator[Part]:
    """One file."""
    yield Part("graph.svg", _drawn(job))


def _drawn(job: Job) -> Iterator[str]:
    program = shutil.which("dot")
    if program is None:
        raise ExportError("Graphviz is not installed", hint="install it, or export dot and draw it elsewhere")
    engine = "dot" if job.graph.edge_count <= _LAYERED else "sfdp"
    text = "".join(chunks(job)).encode()
    try:
        done = subprocess.run(  # noqa: S603
            [program, f"-K{engine}", "-Tsvg"], input=text, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ExportError(f"Graphviz took more than {_SECONDS} seconds", hint="ask for a smaller slice") from error
    if done.returncode != 0:
        raise ExportError(f"Graphviz refused the graph: {done.stderr.decode(errors='replace')[:200]}")
    yield done.stdout.decode("utf-8")


FORMAT = Format(
    name="svg",
    title="SVG picture (by Graphviz)",
    extension="svg",
    media_type="image/svg+xml",
    write=write,
    refuses=NOT_XML,
    limit=3000,
)
