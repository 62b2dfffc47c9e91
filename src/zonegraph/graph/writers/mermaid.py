"""Mermaid flowchart for small slices (https://mermaid.js.org): what a Markdown page can show."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zonegraph.errors import ExportError
from zonegraph.graph.ids import ink_on
from zonegraph.graph.model import Edge, Graph
from zonegraph.graph.writers.base import NOT_PLAIN, Format, Job, Part

#: Mermaid's own ``maxTextSize``, in UTF-16 units: of a longer text it draws only a box that says so.
LONGEST = 50_000
#: What means something to Mermaid even between quotes: marks, icons (``fa:``), a direction of the whole chart.
_SPECIAL = re.compile('["#:<>&\\\\`\\[\\](){}|*_~$%]|direction(?=\\s)')
_BREAK = re.compile("\r\n|[\r\n]")


def write(job: Job) -> Iterator[Part]:
    """One file, looked at whole before its first character is written."""
    yield Part("graph.mmd", (_bounded(_chunks(job.graph)),))


def _bounded(chunks: Iterator[str]) -> str:
    kept, size = [], 0
    for chunk in chunks:
        kept.append(chunk)
        size += len(chunk.encode("utf-16-le")) // 2
        if size > LONGEST:
            raise ExportError(
                f"the text is longer than the {LONGEST} characters that Mermaid draws",
                hint="ask for a slice (--center, --kinds, --max-nodes) or take gexf",
                code="export-too-large",
            )
    return "".join(kept)


def _chunks(graph: Graph) -> Iterator[str]:
    yield "flowchart LR\n"
    numbers: dict[str, str] = {}
    classes = {kind.name: f"k{i}" for i, kind in enumerate(graph.node_kinds)}
    for node in graph.nodes():
        numbers[node.id] = f"n{len(numbers)}"
        yield f'  {numbers[node.id]}["{quoted(node.label)}"]:::{classes[node.kind]}\n'
    for edge in graph.edges():
        yield f"  {numbers[edge.source]} {_arrow(edge)} {numbers[edge.target]}\n"
    for kind in graph.node_kinds:
        yield f"  classDef {classes[kind.name]} fill:{kind.color},stroke:#333333,color:{ink_on(kind.color)}\n"


def _arrow(edge: Edge) -> str:
    """An empty label is a syntax error."""
    return f'-->|"{quoted(edge.label)}"|' if edge.label.strip() else "-->"


def quoted(text: str) -> str:
    """Text inside double quotes: what means something to Mermaid becomes an entity, a line break ``<br/>``."""
    safe = _SPECIAL.sub(lambda match: f"#{ord(match[0][0])};{match[0][1:]}", text)
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
