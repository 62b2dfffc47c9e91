"""JSON Canvas 1.0 for Obsidian (https://jsoncanvas.org/spec/1.0/): small slices as cards and arrows.

The text of a card is Markdown, so labels are escaped there; the label of an arrow is plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from zonegraph.graph.model import Edge, Node
from zonegraph.graph.writers.base import NOT_JSON, Format, Job, Part
from zonegraph.graph.writers.cyjs import dumps, separated

_WIDTH, _HEIGHT, _SPREAD = 260, 80, 8
#: What Markdown, or Obsidian's own additions to it, take for more than itself; at the start of a line also lists.
_SPECIAL = re.compile(r"[\\`*_\[\]<>&#~|=$%^]|:(?=//)|^[-+:]")
_NUMBER = re.compile(r"^([0-9]+)([.)])")
_BREAK = re.compile("\r\n|[\r\n]")


def write(job: Job) -> Iterator[Part]:
    """One file."""
    yield Part("graph.canvas", _chunks(job))


def _chunks(job: Job) -> Iterator[str]:
    yield '{"nodes":[\n'
    yield from separated(dumps(_node(node)) for node in job.graph.nodes())
    yield '\n],"edges":[\n'
    yield from separated(dumps(_edge(edge)) for edge in job.graph.edges())
    yield "\n]}\n"


def _node(node: Node) -> dict[str, Any]:
    x, y = round(node.x * _SPREAD), round(node.y * _SPREAD)
    card = {
        "id": node.id,
        "type": "text",
        "text": markdown(node.label),
        "x": x,
        "y": y,
        "width": _WIDTH,
        "height": _HEIGHT,
    }
    return {**card, "color": node.color}


def markdown(text: str) -> str:
    """Markdown that shows exactly this text; blanks around a line, which Markdown does not show, are left out."""
    return "\\\n".join(_line(line.strip(" \t")) for line in _BREAK.split(text.strip()))


def _line(text: str) -> str:
    return _NUMBER.sub(r"\1\\\2", _SPECIAL.sub(r"\\\g<0>", text))


def _edge(edge: Edge) -> dict[str, Any]:
    ends = {"fromNode": edge.source, "toNode": edge.target, "toEnd": "arrow"}
    return {"id": edge.id, **ends, "label": edge.label, "color": edge.color}


FORMAT = Format(
    name="canvas",
    title="JSON Canvas (Obsidian, small slices)",
    extension="canvas",
    media_type="application/json",
    write=write,
    refuses=NOT_JSON,
    limit=500,
)
