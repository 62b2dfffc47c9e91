"""The tables for Neo4j, read by the documented rules of ``neo4j-admin database import``: every value arrives as it is.

https://neo4j.com/docs/operations-manual/current/import/header-format/ and its neighbours: an empty cell is no value and
``""`` an empty text, what is bare may be trimmed, a doubled quote is a quote, a backslash means nothing, an empty list
is no value, only ``true`` is true; ``--multiline-fields-format=v2`` wants text between quotes.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox
import pytest

from zonegraph.errors import ExportError

from .graph_tools import HOSTILE, Source, as_bytes
from .test_export_hostile import GRAPH, NASTY, TYPE, ZG, ZGI, store_of

XSD = "http://www.w3.org/2001/XMLSchema#"
NOTE = ox.NamedNode(f"{ZG}note")
#: A cell, and what ends it. Only a quote at its very start opens a quoted one.
CELL = re.compile(r'(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\n)')
NODE_FIELDS, EDGE_FIELDS = {"ID", "LABEL"}, {"START_ID", "END_ID", "TYPE"}
#: What only the other format has.
FOREIGN = {"name", "shared_name", "size", "interaction", "shared_interaction", "source", "target"}


@dataclass(frozen=True)
class Cell:
    """A cell: its text, and whether it stood between quotes."""

    text: str
    quoted: bool

    @property
    def is_null(self) -> bool:
        return not (self.text or self.quoted)


def rows(text: str) -> Iterator[list[Cell]]:
    """The rows of a table; anything that is neither a bare nor a quoted cell is an error."""
    row: list[Cell] = []
    position = 0
    while position < len(text):
        found = CELL.match(text, position)
        assert found, f"not a cell: {text[position : position + 60]!r}"
        inside, bare, end = found.groups()
        row.append(Cell(bare.strip(), quoted=False) if inside is None else Cell(inside.replace('""', '"'), quoted=True))
        position = found.end()
        if end == "\n":
            yield row
            row = []


def long(text: str) -> int:
    assert -(2**63) <= int(text) < 2**63
    return int(text)


SCALARS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "long": long,
    "double": float,
    "boolean": lambda text: text == "true",
}


def value(cell: Cell, kind: str, delimiter: str) -> Any:
    """The property in a cell of a column of that type."""
    if not cell.is_null:
        assert cell.quoted is (kind in {"string", "string[]"})
    if cell.is_null or (kind == "string[]" and not cell.text):
        return None
    return cell.text.split(delimiter) if kind == "string[]" else SCALARS[kind](cell.text)


@dataclass(frozen=True)
class Element:
    """A node or a relationship: the special fields, and the properties that it has."""

    fields: dict[str, str]
    properties: dict[str, Any]


def elements(text: str, special: set[str], delimiter: str) -> list[Element]:
    """What the importer makes of a table."""
    head, *body = rows(text)
    names = [cell.text.rpartition(":") for cell in head]
    keys = [name for name, _, _ in names if name]
    assert len(set(keys)) == len(keys)
    assert {kind for _, _, kind in names} - {"string[]", *SCALARS} == special
    made = []
    for row in body:
        assert len(row) == len(names)
        pairs = list(zip(names, row, strict=True))
        properties = {
            name: value(cell, "string" if kind in special else kind, delimiter)
            for (name, _, kind), cell in pairs
            if name
        }
        fields = {kind: cell.text for (_, _, kind), cell in pairs if kind in special}
        made.append(Element(fields, {name: known for name, known in properties.items() if known is not None}))
    return made


def imported(store: Source, delimiter: str = ";", **options: Any) -> tuple[list[Element], list[Element]]:
    """Nodes and relationships of an export."""
    archive = zipfile.ZipFile(io.BytesIO(as_bytes(store, "neo4j", array_delimiter=delimiter, **options)))
    nodes, edges = (archive.read(name).decode() for name in ("nodes.csv", "relationships.csv"))
    return elements(nodes, NODE_FIELDS, delimiter), elements(edges, EDGE_FIELDS, delimiter)


def check_import(store: Source, delimiter: str = ";", **options: Any) -> None:
    """The importer has what an export to JSON has."""
    nodes, edges = imported(store, delimiter, **options)
    graph = json.loads(as_bytes(store, "cyjs", **options))["elements"]
    things, links = ([item["data"] for item in graph[name]] for name in ("nodes", "edges"))
    assert [node.properties for node in nodes] == [own(thing) for thing in things]
    assert [edge.properties for edge in edges] == [own(link, "kind", "color") for link in links]
    ids = [node.fields["ID"] for node in nodes]
    assert len(set(ids)) == len(ids)
    assert [set(node.fields["LABEL"].split(delimiter)) for node in nodes] == [set(thing["kinds"]) for thing in things]
    ends = [(edge.fields["START_ID"], edge.fields["TYPE"], edge.fields["END_ID"]) for edge in edges]
    assert ends == [(link["source"], link["kind"], link["target"]) for link in links]
    assert {end for start, _, target in ends for end in (start, target)} <= set(ids)


def own(data: dict[str, Any], *others: str) -> dict[str, Any]:
    return {name: known for name, known in data.items() if name not in FOREIGN and name not in others}


@pytest.mark.parametrize(
    "options",
    [{}, {"profile": "events"}, {"profile": "raw"}, {"as_of": "2012-06-30"}, {"center": "zone/north", "hops": 1}],
    ids=str,
)
def test_the_importer_has_the_whole_graph(world: Source, options: dict[str, Any]) -> None:
    check_import(world, **options)


def with_notes(notes: list[list[ox.Literal]]) -> Source:
    """A thing for each list of notes."""
    store = store_of(["a"] * len(notes))
    for number, texts in enumerate(notes):
        thing = ox.NamedNode(f"{ZGI}thing/{number}")
        store.raw.remove(ox.Quad(thing, NOTE, ox.Literal("a"), GRAPH))
        store.raw.extend([ox.Quad(thing, NOTE, text, GRAPH) for text in texts])
    return store


BLANKS = [
    "",
    " ",
    "\t",
    "\n",
    "\u3000",
    "\u3000x\u2003",
    " x ",
    '"',
    '""',
    "\\",
    '\\"',
    "a\\",
    ",",
    "null",
    "true",
    "1",
]


def test_every_text_arrives() -> None:
    check_import(with_notes([[ox.Literal(text)] for text in [*NASTY, HOSTILE, *BLANKS]]))


def test_every_text_arrives_in_a_list() -> None:
    texts = [*NASTY, HOSTILE, *BLANKS]
    check_import(with_notes([[ox.Literal(text), ox.Literal("b")] for text in texts]), "\x1f")


@pytest.mark.parametrize(
    ("kind", "texts", "known"),
    [
        ("long", ["5", "007", "-9223372036854775808", "9223372036854775807"], [5, 7, -(2**63), 2**63 - 1]),
        ("integer", ["9223372036854775808"], ["9223372036854775808"]),
        ("double", ["1.5", "1E-7", "1E300"], [1.5, 1e-7, 1e300]),
        ("double", ["INF", "NaN"], ["INF", "NaN"]),
        ("decimal", ["480.0", "0.25"], [480, 0.25]),
        ("boolean", ["1", "false"], [True, False]),
        ("date", ["2011-01-02"], ["2011-01-02"]),
    ],
)
def test_a_column_has_a_type_that_holds_its_values(kind: str, texts: list[str], known: list[Any]) -> None:
    store = with_notes([[ox.Literal(text, datatype=ox.NamedNode(XSD + kind))] for text in texts])
    nodes, _ = imported(store)
    assert [node.properties["note"] for node in nodes] == known
    assert {type(node.properties["note"]) for node in nodes} <= {type(known[0]), float}


def test_a_list_of_one_empty_text_is_refused() -> None:
    store = with_notes([[ox.Literal("")], [ox.Literal("a"), ox.Literal("b")]])
    with pytest.raises(ExportError, match=r"thing\.0: .*note holds one empty text"):
        as_bytes(store, "neo4j")


def test_a_label_that_holds_the_mark_of_lists_is_refused() -> None:
    store = store_of(["a"])
    store.raw.add(ox.Quad(ox.NamedNode(f"{ZGI}thing/0"), TYPE, ox.NamedNode(f"{ZG}A-B"), GRAPH))
    with pytest.raises(ExportError, match=r"thing\.0: .*:LABEL holds '-'"):
        as_bytes(store, "neo4j", array_delimiter="-")
    check_import(store)
