r"""DOT for Graphviz (https://graphviz.org/doc/info/lang.html).

Ids are always quoted (a bare ``:`` is a port). Labels are escStrings, in which Graphviz also resolves entities, so
``\`` and ``&`` are written as ``\\`` and ``&amp;``. Attributes travel under ``zg_`` so that none of them means
something to the layout.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from zonegraph.graph.flat import flat_values, joined, number_text
from zonegraph.graph.ids import ink_on
from zonegraph.graph.model import Edge, Node, Value
from zonegraph.graph.writers.base import NOT_PLAIN, Format, Job, Part

#: Fonts with Chinese characters, first one installed wins; without one Graphviz would draw boxes.
FONTS = "Noto Sans CJK SC,Source Han Sans SC,WenQuanYi Zen Hei,Microsoft YaHei,PingFang SC,SimHei,sans-serif"
_BREAK = re.compile("\r\n|[\r\n]")


def write(job: Job) -> Iterator[Part]:
    """One file."""
    yield Part("graph.dot", chunks(job))


def chunks(job: Job) -> Iterator[str]:
    """The text of the graph."""
    yield "digraph zonegraph {\n"
    yield f'graph [charset="UTF-8", fontname="{FONTS}", label={quoted(job.graph.meta.description)},'
    yield ' labelloc="b", fontsize="9", overlap="prism", rankdir="LR", outputorder="edgesfirst"];\n'
    yield f'node [fontname="{FONTS}", shape="box", style="filled,rounded", color="#333333", fontsize="12"];\n'
    yield f'edge [fontname="{FONTS}", fontsize="10"];\n'
    yield from map(_node, job.graph.nodes())
    yield from map(_edge, job.graph.edges())
    yield "}\n"


def quoted(text: str) -> str:
    """A double-quoted escString that shows exactly this text."""
    safe = text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_BREAK.sub(_broken, safe)}"'


def _broken(match: re.Match[str]) -> str:
    return "\\n"


def _attributes(values: Mapping[str, Value]) -> str:
    return "".join(
        f", zg_{name.replace('-', '_').replace('.', '_')}={quoted(joined(value))}" for name, value in values.items()
    )


def _node(node: Node) -> str:
    return (
        f'"{node.id}" [label={quoted(node.label)}, fillcolor="{node.color}", fontcolor="{ink_on(node.color)}",'
        f' tooltip={quoted(node.kind)}, URL={quoted(node.iri)}, target="_top", zg_kind="{node.kind}"'
        f"{_attributes(flat_values(node))}];\n"
    )


def _edge(edge: Edge) -> str:
    return (
        f'"{edge.source}" -> "{edge.target}" [id="{edge.id}", label={quoted(edge.label)}, color="{edge.color}",'
        f' tooltip={quoted(edge.kind)}, zg_kind="{edge.kind}", zg_weight="{number_text(edge.weight)}"'
        f"{_attributes(flat_values(edge))}];\n"
    )


FORMAT = Format(
    name="dot",
    title="DOT (Graphviz)",
    extension="dot",
    media_type="text/vnd.graphviz",
    write=write,
    refuses=NOT_PLAIN,
)
