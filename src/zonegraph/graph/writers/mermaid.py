"""Mermaid flowchart for small slices (https://mermaid.js.org): what a Markdown page can show."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zonegraph.graph.model import Graph
from zonegraph.graph.writers.base import NOT_PLAIN, Format, Job, Part

_SPECIAL = re.compile(r"[\"#<>&\\`\[\](){}|*_~$%]")
_BREAK = re.compile("\r\n|[\r\n]")


def write(job: Job) -> Iterator[Part]:
    """One file."""
    yield Part("graph.mmd", _chunks(job.graph))


def _chunks(graph: Graph) -> Iterator[str]:
    yield "flowchart LR\n"
    numbers: dict[str, str] = {}
    classes = {kind.name: f"k{i}" for i, kind in enumerate(graph.node_kinds)}
    for node in graph.nodes():
        numbers[node.id] = f"n{len(numbers)}"
        yield f'  {numbers[node.id]}["{quoted(node.label)}"]:::{classes[node.kind]}\n'
    for edge in graph.edges():
        yield f'  {numbers[edge.source]} -->|"{quoted(edge.label)}"| {numbers[edge.target]}\n'
    for kind in graph.node_kinds:
        yield f"  classDef {classes[kind.name]} fill:{kind.color},stroke:#333333,color:#000000\n"


def quoted(text: str) -> str:
    """Text inside double quotes: what means something to Mermaid becomes an entity, a line break ``<br/>``."""
    safe = _SPECIAL.sub(lambda match: f"#{ord(match[0])};", text)
    return _BREAK.sub("<br/>", safe).replace("\t", " ")


FORMAT = Format(
    name="mermaid",
    title="Mermaid flowchart (small slices)",
    extension="mmd",
    media_type="text/vnd.mermaid",
    write=write,
    refuses=NOT_PLAIN,
    limit=200,
)
