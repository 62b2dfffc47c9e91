"""Graph lint for files: reads what was written, or comes from elsewhere, and checks the same rules.

Knows GEXF, GraphML (plain and yEd's), Cytoscape.js JSON, CX2, GeoJSON and the pairs of tables for Gephi and Neo4j.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from zonegraph.errors import ExportError, UsageError, Where
from zonegraph.graph.lint import Finding, time_findings
from zonegraph.graph.model import Spell, Timed

_ID: Final = re.compile(r"[A-Za-z_][\w:.\-]*")
_INTERVAL: Final = re.compile(r"\[([^,\]]*),([^,\]]*)(?:,([^\]]*))?\]")
_GEXF_TYPES: Final = frozenset(["string", "integer", "long", "float", "double", "boolean", "liststring"])
_GRAPHML_TYPES: Final = frozenset(["int", "long", "float", "double", "boolean", "string"])


Times = tuple[tuple[str, tuple[Spell, ...] | tuple[Timed, ...]], ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A node, or an edge with its two ends, as a file has it."""

    id: str
    label: str
    kind: str
    ends: tuple[str, str] | None = None
    times: Times = ()


@dataclass(frozen=True, slots=True)
class Read:
    """What a reader found: items, and what is wrong with the file as a whole."""

    items: tuple[Item, ...]
    findings: tuple[Finding, ...] = ()


def lint_file(path: Path) -> list[Finding]:
    """The findings of a file, or of a folder with a pair of tables; empty when all is well.

    Raises `UsageError` for a format that is not known and `ExportError` for a file that cannot be parsed.
    """
    reader = _reader(path)
    try:
        read = reader(path)
    except OSError as error:
        raise UsageError(f"cannot read: {error.strerror}", where=Where(file=str(path))) from error
    except (ElementTree.ParseError, ValueError, KeyError, TypeError) as error:
        raise ExportError(f"not a well-formed file: {error}", where=Where(file=str(path))) from error
    return sorted({*read.findings, *_item_findings(read.items)})


def _reader(path: Path) -> Callable[[Path], Read]:
    if path.is_dir():
        return _tables
    for ending, reader in _READERS.items():
        if path.name.endswith(ending):
            return reader
    raise UsageError(
        f"{path.name}: no format that can be checked", hint=f"known: {', '.join(_READERS)}, or a folder of tables"
    )


def _item_findings(items: Iterable[Item]) -> Iterator[Finding]:
    known = tuple(items)
    nodes = {item.id for item in known if item.ends is None}
    seen: set[str] = set()
    for item in known:
        if item.id in seen:
            yield Finding("double-id", item.id, "two elements of this id")
        seen.add(item.id)
        yield from _own_findings(item)
        for end in item.ends or ():
            if end not in nodes:
                yield Finding("dangling-end", item.id, f"{end} is not a node of this file")


def _own_findings(item: Item) -> Iterator[Finding]:
    if not _ID.fullmatch(item.id):
        yield Finding("bad-id", item.id, "not a name that every format accepts")
    if item.ends is None and not item.label.strip():
        yield Finding("empty-label", item.id, "a node without a label is drawn as nothing")
    if not item.kind:
        yield Finding("no-kind", item.id, "no kind")
    for name, spells in item.times:
        yield from time_findings(item.id, name, spells)


def _parse_xml(path: Path) -> ElementTree.Element:
    data = path.read_bytes()
    if b"<!ENTITY" in data or b"<!DOCTYPE" in data:
        raise ExportError("declares entities, which no graph file needs", where=Where(file=str(path)))
    return ElementTree.fromstring(data)  # noqa: S314 - see above


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def _all(root: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    return (element for element in root.iter() if _local(element.tag) == name)


def _gexf(path: Path) -> Read:
    root = _parse_xml(path)
    findings = [
        Finding("unknown-type", attribute.get("id", ""), f"Gephi ignores the type {attribute.get('type')}")
        for attribute in _all(root, "attribute")
        if attribute.get("type") not in _GEXF_TYPES
    ]
    graph = next(_all(root, "graph"), None)
    if graph is None or graph.get("defaultedgetype") != "directed":
        findings.append(Finding("not-directed", path.name, "Gephi drops directed edges of another graph"))
    items = [_gexf_item(node, None, _gexf_kind(node)) for node in _all(root, "node")]
    for edge in _all(root, "edge"):
        if edge.get("type", "directed") != "directed":
            findings.append(Finding("not-directed", edge.get("id", ""), "Gephi drops this edge"))
        ends = (edge.get("source", ""), edge.get("target", ""))
        items.append(_gexf_item(edge, ends, edge.get("kind", "")))
    return Read(tuple(items), (*findings, *_parallel(items)))


def _parallel(items: Iterable[Item]) -> Iterator[Finding]:
    seen: set[tuple[tuple[str, str] | None, str]] = set()
    for item in items:
        if item.ends is not None and (item.ends, item.kind) in seen:
            yield Finding("parallel", item.id, "Gephi merges edges of one source, target and kind")
        seen.add((item.ends, item.kind))


def _gexf_kind(node: ElementTree.Element) -> str:
    return next((value.get("value", "") for value in _all(node, "attvalue") if value.get("for") == "kind"), "")


def _gexf_item(element: ElementTree.Element, ends: tuple[str, str] | None, kind: str) -> Item:
    spells = tuple(Spell(spell.get("start"), spell.get("end")) for spell in _all(element, "spell"))
    series: dict[str, list[Timed]] = {}
    for value in _all(element, "attvalue"):
        if value.get("start") or value.get("end"):
            timed = Timed(value.get("start"), value.get("end"), 0)
            series.setdefault(value.get("for", ""), []).append(timed)
    times: Times = (("", spells), *((name, tuple(values)) for name, values in series.items()))
    return Item(element.get("id", ""), element.get("label", ""), kind, ends, times)


def _graphml(path: Path) -> Read:
    root = _parse_xml(path)
    names: dict[str, str] = {}
    findings: list[Finding] = []
    for key in _all(root, "key"):
        if key.get("id", "") in names:
            findings.append(Finding("double-column", key.get("id", ""), "two keys of this id"))
        names[key.get("id", "")] = key.get("attr.name", "")
        if key.get("attr.type", "string") not in _GRAPHML_TYPES:
            findings.append(Finding("unknown-type", key.get("id", ""), f"readers skip {key.get('attr.type')}"))
    items = [_graphml_item(node, names, None) for node in _all(root, "node")]
    items += [
        _graphml_item(edge, names, (edge.get("source", ""), edge.get("target", ""))) for edge in _all(root, "edge")
    ]
    return Read(tuple(items), tuple(findings))


def _graphml_item(element: ElementTree.Element, names: dict[str, str], ends: tuple[str, str] | None) -> Item:
    data = {names.get(child.get("key", ""), ""): child.text or "" for child in _all(element, "data")}
    drawn = next((label.text or "" for label in _all(element, "NodeLabel")), "")
    return Item(element.get("id", ""), data.get("label", drawn), data.get("kind", ""), ends)


def _cyjs(path: Path) -> Read:
    elements = json.loads(path.read_text(encoding="utf-8"))["elements"]
    items = [_json_item(node["data"], None) for node in elements["nodes"]]
    items += [_json_item(e["data"], (e["data"]["source"], e["data"]["target"])) for e in elements["edges"]]
    return Read(tuple(items))


def _json_item(data: dict[str, Any], ends: tuple[str, str] | None) -> Item:
    label = data.get("label", data.get("name", ""))
    return Item(str(data.get("id", "")), str(label), str(data.get("kind", "")), ends)


def _cx2(path: Path) -> Read:
    aspects = {name: value for aspect in json.loads(path.read_text(encoding="utf-8")) for name, value in aspect.items()}
    keys = {node["id"]: node["v"]["id"] for node in aspects["nodes"]}
    items = [_json_item(node["v"], None) for node in aspects["nodes"]]
    items += [
        _json_item(edge["v"], (keys.get(edge["s"], str(edge["s"])), keys.get(edge["t"], str(edge["t"]))))
        for edge in aspects["edges"]
    ]
    return Read(tuple(items))


def _geojson(path: Path) -> Read:
    """Features only: an edge's ends need not lie on the map."""
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    findings = [
        Finding("bad-place", str(feature.get("id")), "longitude and latitude out of range or swapped")
        for feature in features
        for lon, lat, *_ in _positions(feature["geometry"])
        if not (-180 <= lon <= 180 and -90 <= lat <= 90)
    ]
    return Read(tuple(_json_item(feature["properties"], None) for feature in features), tuple(findings))


def _positions(geometry: dict[str, Any]) -> list[list[float]]:
    coordinates = geometry["coordinates"]
    return [coordinates] if geometry["type"] == "Point" else list(coordinates)


def _tables(folder: Path) -> Read:
    nodes = _rows(folder / "nodes.csv")
    gephi = folder / "edges.csv"
    if gephi.exists():
        items = [Item(row["Id"], row["Label"], row["Kind"], None, _interval_cells(row)) for row in nodes]
        items += [_gephi_edge(row) for row in _rows(gephi)]
        return Read(tuple(items), tuple(_parallel(items)))
    items = [Item(row["id:ID"], row["label:string"], row[":LABEL"]) for row in nodes]
    for row in _rows(folder / "relationships.csv"):
        ends = (row[":START_ID"], row[":END_ID"])
        items.append(Item(row["id:string"], row["label:string"], row[":TYPE"], ends))
    return Read(tuple(items))


def _gephi_edge(row: dict[str, str]) -> Item:
    return Item(row["Id"], row["Label"], row["Kind"], (row["Source"], row["Target"]), _interval_cells(row))


def _interval_cells(row: dict[str, str]) -> Times:
    cells = ((name, text) for name, text in row.items() if text.startswith("<[") and text.endswith("]>"))
    return tuple((name, tuple(_spells(text))) for name, text in cells)


def _spells(text: str) -> Iterator[Spell]:
    for match in _INTERVAL.finditer(text):
        yield Spell(*(None if bound.endswith("Infinity") else bound for bound in (match[1], match[2])))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, strict=True))


_READERS: Final[dict[str, Callable[[Path], Read]]] = {
    ".gexf": _gexf,
    ".graphml": _graphml,
    ".cyjs": _cyjs,
    ".cx2": _cx2,
    ".geojson": _geojson,
}
