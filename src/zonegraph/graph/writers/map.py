"""A map as SVG: places as points, services and relations as lines, a graticule and no borders.

Equirectangular around the middle latitude of what is shown. Borders are left to the reader's own base map.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from zonegraph.errors import ExportError
from zonegraph.graph.model import Graph, Node, Point
from zonegraph.graph.writers.base import NOT_XML, Format, Job, Part
from zonegraph.graph.writers.dot import FONTS
from zonegraph.graph.writers.xml import escape

_WIDTH = 1000.0
_MARGIN = 60.0
_STEPS = (1, 2, 5, 10, 20, 30)


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of the world that is shown, in degrees, and its scale in pixels for a degree of latitude."""

    west: float
    south: float
    east: float
    north: float
    scale: float
    squeeze: float

    @classmethod
    def around(cls, points: Iterable[Point]) -> Frame:
        """The frame that holds all points; raises `ExportError` when there is none."""
        known = [(point.lon, point.lat) for point in points]
        if not known:
            raise ExportError("nothing in this slice has coordinates", hint="choose another center or more kinds")
        lons, lats = zip(*known, strict=True)
        west, east, south, north = min(lons) - 1, max(lons) + 1, min(lats) - 1, max(lats) + 1
        squeeze = math.cos(math.radians((south + north) / 2))
        return cls(west, south, east, north, (_WIDTH - 2 * _MARGIN) / ((east - west) * squeeze), squeeze)

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        """Pixels from the upper left corner."""
        x = _MARGIN + (lon - self.west) * self.squeeze * self.scale
        return round(x, 1), round(_MARGIN + (self.north - lat) * self.scale, 1)

    @property
    def height(self) -> float:
        """Pixels."""
        return round(2 * _MARGIN + (self.north - self.south) * self.scale, 1)


def write(job: Job) -> Iterator[Part]:
    """One file."""
    yield Part("map.svg", _chunks(job.graph))


def _chunks(graph: Graph) -> Iterator[str]:
    frame = Frame.around(point for node in graph.nodes() for point in node.geometry)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {frame.height:g}" font-family="{FONTS}">\n'
    yield '<defs><marker id="arrow" viewBox="0 0 10 10" refX="10" refY="5" markerWidth="7" markerHeight="7"'
    yield ' orient="auto"><path d="M0 0L10 5L0 10z" fill="context-stroke"/></marker></defs>\n'
    yield '<rect width="100%" height="100%" fill="#FFFFFF"/>\n'
    yield from _graticule(frame)
    for line, points in ((True, False), (False, True)):
        yield from (_drawn(node, frame) for node in graph.nodes() if _is(node, line=line, point=points))
    yield "</svg>\n"


def _is(node: Node, *, line: bool, point: bool) -> bool:
    return (line and len(node.geometry) > 1) or (point and len(node.geometry) == 1)


def _graticule(frame: Frame) -> Iterator[str]:
    step = next((s for s in _STEPS if (frame.east - frame.west) / s <= 12), _STEPS[-1])
    for lon in range(math.ceil(frame.west / step) * step, math.floor(frame.east) + 1, step):
        (x, top), (_, bottom) = frame.place(lon, frame.north), frame.place(lon, frame.south)
        yield _rule(x, top, x, bottom) + f'<text x="{x}" y="{bottom + 14}" {_SMALL}>{lon}°</text>\n'
    for lat in range(math.ceil(frame.south / step) * step, math.floor(frame.north) + 1, step):
        (left, y), (right, _) = frame.place(frame.west, lat), frame.place(frame.east, lat)
        yield _rule(left, y, right, y) + f'<text x="{left - 24}" y="{y + 4}" {_SMALL}>{lat}°</text>\n'


_SMALL = 'font-size="11" fill="#777777" text-anchor="middle"'


def _rule(x: float, y: float, to_x: float, to_y: float) -> str:
    return f'<line x1="{x}" y1="{y}" x2="{to_x}" y2="{to_y}" stroke="#DDDDDD"/>'


def _drawn(node: Node, frame: Frame) -> str:
    places = [frame.place(point.lon, point.lat) for point in node.geometry]
    title = f"<title>{escape(node.label)}</title>"
    if len(places) == 1:
        x, y = places[0]
        label = _label(node, x, y + 4)
        return f'<g>{title}<circle cx="{x}" cy="{y}" r="5" fill="{node.color}" stroke="#333333"/>{label}</g>\n'
    path = "M" + "L".join(f"{x} {y}" for x, y in places)
    stroke = f'fill="none" stroke="{node.color}" stroke-width="2.5" marker-mid="url(#arrow)" marker-end="url(#arrow)"'
    x, y = places[-1]
    label = _label(node, x, y - 10)
    return f'<g>{title}<path d="{path}" {stroke}/>{label}</g>\n'


def _label(node: Node, x: float, y: float) -> str:
    """Beside the place, on the side that has room."""
    right = x < 0.7 * _WIDTH
    side = "start" if right else "end"
    at = f'x="{round(x + 8 if right else x - 8, 1)}" y="{round(y, 1)}" text-anchor="{side}"'
    return f'<text {at} font-size="13">{escape(node.label)}</text>'


FORMAT = Format(
    name="map",
    title="Map as SVG picture (routes and places, no borders)",
    extension="map.svg",
    media_type="image/svg+xml",
    write=write,
    refuses=NOT_XML,
)
