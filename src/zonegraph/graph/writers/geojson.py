"""GeoJSON for QGIS, kepler.gl and geojson.io (RFC 7946): places as points, routes as lines, WGS 84, longitude first.

Properties are flat; an open end is left out (a null would turn a date column into text) and ``ongoing`` says so.
Relations between two located things are lines as well. With ``kepler`` lines carry a made-up but plausible time at
each stop, spread evenly over the known period, which ``times`` says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from zonegraph.graph.flat import flat_values, joined
from zonegraph.graph.model import Edge, Graph, Node, Point, Value
from zonegraph.graph.writers.base import NOT_PLAIN, Format, Job, Part
from zonegraph.graph.writers.cyjs import dumps, separated

Position = list[float | int]


def write(job: Job) -> Iterator[Part]:
    """One file."""
    yield Part("graph.geojson", _chunks(job))


def _chunks(job: Job) -> Iterator[str]:
    kepler = job.options.kepler
    yield '{"type":"FeatureCollection","name":"zonegraph","features":[\n'
    yield from separated(map(dumps, _trips(job.graph) if kepler else _features(job.graph)))
    yield "\n]}\n"


def _features(graph: Graph) -> Iterator[dict[str, Any]]:
    places: dict[str, Point] = {}
    for node in graph.nodes():
        if node.geometry:
            if len(node.geometry) == 1:
                places[node.id] = node.geometry[0]
            yield _feature(node.id, _geometry(node.geometry), _node_properties(node))
    for edge in graph.edges():
        if edge.source in places and edge.target in places:
            line = (places[edge.source], places[edge.target])
            yield _feature(edge.id, _geometry(line), _edge_properties(edge))


def _trips(graph: Graph) -> Iterator[dict[str, Any]]:
    for node in graph.nodes():
        start = next((spell.start for spell in node.spells if spell.start), None)
        if len(node.geometry) > 1 and start:
            end = next((spell.end for spell in node.spells if spell.end), None)
            line = _timed_line(node.geometry, start, end)
            properties = {**_node_properties(node), "times": "spread evenly over the period"}
            yield _feature(node.id, {"type": "LineString", "coordinates": line}, properties)


def _timed_line(points: Sequence[Point], start: str, end: str | None) -> list[Position]:
    first = _seconds(start)
    last = _seconds(end) if end and end > start else first + 86_400 * (len(points) - 1)
    step = (last - first) / (len(points) - 1)
    return [[p.lon, p.lat, 0, first + round(i * step)] for i, p in enumerate(points)]


def _seconds(day: str) -> int:
    return int(dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC).timestamp())


def _geometry(points: Sequence[Point]) -> dict[str, Any]:
    positions = [[point.lon, point.lat] for point in points]
    if len(positions) == 1:
        return {"type": "Point", "coordinates": positions[0]}
    return {"type": "LineString", "coordinates": positions}


def _feature(key: str, geometry: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "id": key, "geometry": geometry, "properties": properties}


def _flat(values: Mapping[str, Value]) -> dict[str, Any]:
    flat = {name: joined(value) if isinstance(value, tuple) else value for name, value in values.items()}
    if "start" in flat and "end" not in flat:
        flat["ongoing"] = True
    return flat


def _node_properties(node: Node) -> dict[str, Any]:
    head = {"id": node.id, "label": node.label, "kind": node.kind, "color": node.color}
    stops = [point.node for point in node.geometry] if len(node.geometry) > 1 else []
    return {**head, **({"stops": "|".join(stops)} if stops else {}), **_flat(flat_values(node))}


def _edge_properties(edge: Edge) -> dict[str, Any]:
    head = {"id": edge.id, "label": edge.label, "kind": edge.kind, "color": edge.color, "weight": edge.weight}
    return {**head, "source": edge.source, "target": edge.target, **_flat(flat_values(edge))}


FORMAT = Format(
    name="geojson",
    title="GeoJSON (QGIS, kepler.gl, geojson.io)",
    extension="geojson",
    media_type="application/geo+json",
    write=write,
    refuses=NOT_PLAIN,
)
