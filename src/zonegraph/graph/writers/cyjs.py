"""Cytoscape.js JSON, also read by Cytoscape desktop (https://js.cytoscape.org/#notation/elements-json)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from zonegraph.graph.flat import flat_values
from zonegraph.graph.model import Edge, Node
from zonegraph.graph.writers.base import NOT_JSON, Format, Job, Part


def write(job: Job) -> Iterator[Part]:
    """One file."""
    yield Part("graph.cyjs", _chunks(job))


def _chunks(job: Job) -> Iterator[str]:
    meta = job.graph.meta
    head = {"name": meta.title, "description": meta.description, "version": meta.version, "modified": meta.modified}
    yield '{"format_version":"1.0","generated_by":"zonegraph","target_cytoscapejs_version":"~3.0",\n"data":'
    yield dumps({key: value for key, value in head.items() if value})
    yield ',\n"elements":{"nodes":[\n'
    yield from separated(dumps(_node(node)) for node in job.graph.nodes())
    yield '\n],"edges":[\n'
    yield from separated(dumps(_edge(edge)) for edge in job.graph.edges())
    yield "\n]}}\n"


def dumps(value: Any) -> str:
    """Compact JSON, characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def separated(items: Iterable[str]) -> Iterator[str]:
    """The items with a comma and a line break between them."""
    first = True
    for item in items:
        yield item if first else ",\n" + item
        first = False


def _node(node: Node) -> dict[str, Any]:
    data = {**flat_values(node), "id": node.id, "label": node.label, "name": node.label, "shared_name": node.label}
    data |= {"kind": node.kind, "color": node.color, "size": node.size}
    return {"data": data, "position": {"x": node.x, "y": node.y}, "classes": node.kind}


def _edge(edge: Edge) -> dict[str, Any]:
    data = {**flat_values(edge), "id": edge.id, "source": edge.source, "target": edge.target, "label": edge.label}
    data |= {"name": edge.label, "interaction": edge.kind, "shared_interaction": edge.kind, "kind": edge.kind}
    return {"data": data | {"weight": edge.weight, "color": edge.color}, "classes": edge.kind}


FORMAT = Format(
    name="cyjs",
    title="Cytoscape.js JSON (Cytoscape, Cytoscape.js)",
    extension="cyjs",
    media_type="application/json",
    write=write,
    refuses=NOT_JSON,
)
