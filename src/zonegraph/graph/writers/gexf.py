"""GEXF 1.3 for Gephi and Gephi Lite (https://gexf.net, schema 1.3).

Dynamic attributes are declared before static ones: graphology-gexf reads the types of the last block only.
Dates are full days, both ends inclusive; an open end is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

from zonegraph.graph.flat import number_text
from zonegraph.graph.merge import merge_parallel
from zonegraph.graph.model import Column, Edge, Graph, Meta, Node, Spell, Timed, Value
from zonegraph.graph.writers.base import Format, Job, Part
from zonegraph.graph.writers.xml import escape, is_special

_TYPES = {"string": "string", "long": "long", "double": "double", "boolean": "boolean", "strings": "liststring"}
_REMEMBERED = 64
_KIND = Column("kind", "string")
#: Text that JSON or XML would write in another way.
_NOT_SIMPLE = re.compile(r'["\\&<>\x00-\x1f\x7f-\x9f\u2028\u2029]').search


def write(job: Job) -> Iterator[Part]:
    """One file."""
    yield Part("graph.gexf", _chunks(merge_parallel(job.graph)))


def _chunks(graph: Graph) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<gexf xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz" version="1.3">\n'
    yield _meta(graph.meta)
    time = ' mode="dynamic" timeformat="date" timerepresentation="interval"' if graph.meta.dynamic else ' mode="static"'
    yield f'<graph defaultedgetype="directed" idtype="string"{time}>\n'
    yield from _declarations("node", (_KIND, *graph.node_columns))
    yield from _declarations("edge", graph.edge_columns)
    yield "<nodes>\n"
    yield from map(_node, graph.nodes())
    yield "</nodes>\n<edges>\n"
    moving = any(column.name == "weight" for column in graph.edge_columns)
    rendered = _Rendered()
    yield from (_edge(edge, rendered, moving=moving) for edge in graph.edges())
    yield "</edges>\n</graph>\n</gexf>\n"


def _meta(meta: Meta) -> str:
    modified = f' lastmodifieddate="{escape(meta.modified[:10])}"' if meta.modified else ""
    version = f"; version {meta.version}" if meta.version else ""
    return (
        f"<meta{modified}><creator>{escape(meta.title)}</creator>"
        f"<description>{escape(meta.description + version)}</description></meta>\n"
    )


def _declarations(element: str, columns: Iterable[Column]) -> Iterator[str]:
    known = tuple(columns)
    for mode, dynamic in (("dynamic", True), ("static", False)):
        chosen = [column for column in known if column.dynamic is dynamic]
        if chosen:
            yield f'<attributes class="{element}" mode="{mode}">\n'
            for column in chosen:
                name = escape(column.name)
                yield f'<attribute id="{name}" title="{name}" type="{_TYPES[column.type]}"/>\n'
            yield "</attributes>\n"


def _node(node: Node) -> str:
    return (
        f'<node id="{node.id}" label="{escape(node.label)}">'
        f'<attvalues><attvalue for="kind" value="{node.kind}"/>'
        f"{_values(node.attributes)}{_series(node.series) if node.series else ''}</attvalues>"
        f"{_spells(node.spells)}"
        f'{_color(node.color)}<viz:position x="{node.x}" y="{node.y}" z="0.0"/><viz:size value="{node.size}"/>'
        "</node>\n"
    )


def _edge(edge: Edge, rendered: Callable[[Mapping[str, Value]], str], *, moving: bool) -> str:
    still = moving and "weight" not in edge.series
    weight = f'<attvalue for="weight" value="{number_text(edge.weight)}"/>' if still else ""
    values = f"{rendered(edge.attributes)}{_series(edge.series) if edge.series else ''}{weight}"
    return (
        f'<edge id="{edge.id}" source="{edge.source}" target="{edge.target}"{_kind(edge.kind, edge.label, edge.weight)}'
        f"<attvalues>{values}</attvalues>{_spells(edge.spells)}{_color(edge.color)}</edge>\n"
    )


@lru_cache(maxsize=512)
def _kind(kind: str, label: str, weight: float) -> str:
    return f' kind="{kind}" label="{escape(label)}" weight="{number_text(weight)}">'


@lru_cache(maxsize=64)
def _color(color: str) -> str:
    """Red, green and blue: older Gephis cannot read ``hex``."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f'<viz:color r="{red}" g="{green}" b="{blue}"/>'


class _Rendered:
    """The text of attributes, kept for mappings that many edges share."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Mapping[str, Value], str]] = {}

    def __call__(self, attributes: Mapping[str, Value]) -> str:
        """The same text for the same mapping; holding on to it keeps its identity its own."""
        found = self._known.get(id(attributes))
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[id(attributes)] = (attributes, _values(attributes))
        return found[1]


def _values(attributes: Mapping[str, Value]) -> str:
    # one look at all texts together: nearly always none of them needs an escape
    found = is_special("".join([value for value in attributes.values() if value.__class__ is str]))
    if found:
        return "".join([f'<attvalue for="{name}" value="{_text(value)}"/>' for name, value in attributes.items()])
    return "".join(
        [
            f'<attvalue for="{name}" value="'
            f'{value if value.__class__ is str else _list(value) if value.__class__ is tuple else _text(value)}"/>'
            for name, value in attributes.items()
        ]
    )


def _text(value: Value) -> str:
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return _list(value) if isinstance(value, tuple) else repr(value)


@lru_cache(maxsize=8192)
def _list(texts: tuple[str, ...]) -> str:
    """A list as JSON, which Gephi and graphology read; the same few lists come again and again."""
    if len(texts) == 1 and not _NOT_SIMPLE(texts[0]):
        return f"[&quot;{texts[0]}&quot;]"
    return escape(json.dumps(texts, ensure_ascii=False))


def _series(series: Mapping[str, tuple[Timed, ...]]) -> str:
    return "".join(
        f'<attvalue for="{name}" value="{timed.value!r}"{_bounds(timed)}/>'
        for name, values in series.items()
        for timed in values
    )


def _spells(spells: tuple[Spell, ...]) -> str:
    if not spells:
        return ""
    return f"<spells>{''.join(f'<spell{_bounds(spell)}/>' for spell in spells)}</spells>"


def _bounds(spell: Spell | Timed) -> str:
    start = f' start="{spell.start}"' if spell.start else ""
    return f'{start} end="{spell.end}"' if spell.end else start


FORMAT = Format(
    name="gexf",
    title="GEXF 1.3 (Gephi, Gephi Lite)",
    extension="gexf",
    media_type="application/gexf+xml",
    write=write,
    merges=True,
)
