"""Graph lint: what every exported graph must keep, checked on the stream while it is written, or on a file after.

The rules are those that tools break on silently: ids, ends, labels, kinds, full dates, overlaps, types, characters.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

from zonegraph.errors import ExportError, Where
from zonegraph.graph.ids import RESERVED
from zonegraph.graph.model import Column, Edge, Graph, Node, Spell, Timed
from zonegraph.graph.spells import overlap

_ID: Final = re.compile(r"[A-Za-z_][\w:.\-]*")
_FULL_DATE: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
T = TypeVar("T", Node, Edge)
#: Reserved words that a column may be, because that is exactly what it holds.
_IN_THEIR_ROLE: Final = frozenset(
    ["iri", "kind", "kinds", "alt", "start", "end", "when", "lon", "lat", "weight", "spells"]
)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One broken rule: its name, the element, what is wrong."""

    rule: str
    id: str
    message: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.id}: {self.message}"


def column_findings(columns: Iterable[Column]) -> Iterator[Finding]:
    """Names that mean something else to a tool, and doubles."""
    seen: set[str] = set()
    for column in columns:
        if column.name in RESERVED - _IN_THEIR_ROLE:
            yield Finding("reserved-name", column.name, "tools give this attribute a meaning of their own")
        if column.name in seen:
            yield Finding("double-column", column.name, "two attributes of this name")
        seen.add(column.name)


def node_findings(node: Node, refuses: re.Pattern[str] | None = None) -> Iterator[Finding]:
    """What is wrong with one node."""
    if not _ID.fullmatch(node.id):
        yield Finding("bad-id", node.id, "not a name that every format accepts")
    if not node.label.strip():
        yield Finding("empty-label", node.id, "a node without a label is drawn as nothing")
    if not node.kind:
        yield Finding("no-kind", node.id, "a node without a kind")
    yield from _common(node, node.label, refuses)


def edge_findings(edge: Edge, refuses: re.Pattern[str] | None = None) -> Iterator[Finding]:
    """What is wrong with one edge, apart from its ends."""
    if not _ID.fullmatch(edge.id):
        yield Finding("bad-id", edge.id, "not a name that every format accepts")
    if not edge.kind:
        yield Finding("no-kind", edge.id, "an edge without a kind merges with its neighbours in Gephi")
    yield from _common(edge, edge.label, refuses)


def _common(element: Node | Edge, label: str, refuses: re.Pattern[str] | None) -> Iterator[Finding]:
    yield from time_findings(element.id, "", element.spells)
    for name, series in element.series.items():
        yield from time_findings(element.id, name, series)
    if refuses:
        yield from _text_findings(element, label, refuses)


def time_findings(key: str, name: str, spells: Iterable[Spell] | Iterable[Timed]) -> Iterator[Finding]:
    """Dates that are not full days, ends before starts, overlaps."""
    earlier: Spell | Timed | None = None
    what = f"{name}: " if name else ""
    for spell in spells:
        bad = [date for date in (spell.start, spell.end) if date and not _FULL_DATE.fullmatch(date)]
        if bad:
            yield Finding("partial-date", key, f"{what}{bad[0]} is not a full date")
        elif spell.start and spell.end and spell.start > spell.end:
            yield Finding("end-before-start", key, f"{what}{spell.start} to {spell.end}")
        elif earlier is not None and overlap(earlier, spell):
            yield Finding("overlap", key, f"{what}{spell.start} to {spell.end} overlaps the one before")
        earlier = spell


def _text_findings(element: Node | Edge, label: str, refuses: re.Pattern[str]) -> Iterator[Finding]:
    texts = [("label", label)]
    for name, value in element.attributes.items():
        values = value if isinstance(value, tuple) else (value,)
        texts.extend((name, text) for text in values if isinstance(text, str))
    for name, text in texts:
        if found := refuses.search(text):
            yield Finding(
                "bad-character", element.id, f"{name} holds U+{ord(found[0]):04X}, which this format cannot carry"
            )


def check_before_writing(graph: Graph, refuses: re.Pattern[str] | None) -> None:
    """A whole pass before the first byte, for graphs that hold characters some format refuses."""
    for _ in linted(graph, refuses).nodes():
        pass
    for _ in linted(graph, refuses).edges():
        pass


def linted(graph: Graph, refuses: re.Pattern[str] | None) -> Graph:
    """The same graph, every element checked as it passes; raises `ExportError` at the first finding."""
    _raise(column_findings(graph.node_columns))
    _raise(column_findings(graph.edge_columns))
    return dataclasses.replace(
        graph,
        nodes=_checked(graph.nodes, lambda node: node_findings(node, refuses), refuses),
        edges=_checked(graph.edges, lambda edge: edge_findings(edge, refuses), refuses),
    )


def _is_plain(element: Node | Edge) -> bool:
    """Whether an element clearly breaks no rule: most do not, and asking rule by rule takes time."""
    if element.series or (element.spells and not _are_sound(element.spells)):
        return False
    return bool(element.kind and element.label.strip() and _ID.fullmatch(element.id))


@lru_cache(maxsize=4096)
def _are_sound(spells: tuple[Spell, ...]) -> bool:
    return not any(time_findings("", "", spells))


def _checked(
    stream: Callable[[], Iterator[T]], check: Callable[[T], Iterator[Finding]], refuses: re.Pattern[str] | None
) -> Callable[[], Iterator[T]]:
    def checked() -> Iterator[T]:
        for element in stream():
            if refuses is not None or not _is_plain(element):
                _raise(check(element))
            yield element

    return checked


def _raise(findings: Iterable[Finding]) -> None:
    for finding in findings:
        raise ExportError(
            f"{finding.rule}: {finding.message}",
            where=Where(id=finding.id),
            hint="mend the data or the profile's query; nothing was left out",
            code=f"lint-{finding.rule}",
        )
