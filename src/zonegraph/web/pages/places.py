"""The map: places and routes by approximate positions, as SVG and as GeoJSON; no tiles, no boundaries."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, request

from zonegraph.names import ZG
from zonegraph.web.pages import site
from zonegraph.web.pages.addresses import with_query
from zonegraph.web.pages.gather import Claim, spans, whole_claims
from zonegraph.web.pages.paging import Pager, pager
from zonegraph.web.pages.reader import Link, Names, Reader, text_of
from zonegraph.web.pages.values import Source, periods_of, source_of

WIDTH: Final = 1000
_MARGIN: Final = 3.0
_LABELLED: Final = 40
#: Places on one page.
LISTED: Final = 100

_POSITIONS: Final = """
SELECT DISTINCT ?s ?lat ?long ?precision ?type WHERE {
  ?s wgs:lat ?lat ; wgs:long ?long . OPTIONAL { ?s zg:coordinatePrecision ?precision }
  OPTIONAL { GRAPH ?g { ?s a ?type } FILTER(?g NOT IN (zgg:inferred, zgg:ontology)) }
} LIMIT 5000"""
_SERVICES: Final = "SELECT DISTINCT ?c WHERE { ?c a zg:TransportService } LIMIT 1000"


@dataclass(frozen=True, slots=True)
class Position:
    """Where something lies: degrees, and the radius in kilometres within which that is meant."""

    lat: float
    long: float
    precision: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the drawing."""

    x: float
    y: float
    link: Link
    kind: str
    position: Position
    on_route: bool
    left: bool
    label: bool


@dataclass(frozen=True, slots=True)
class Route:
    """A service: its stops in order, the path over those that have a position, what is known besides."""

    link: Link
    stops: tuple[Link, ...]
    path: str
    goods: tuple[Link, ...]
    operator: tuple[Link, ...]
    when: str
    source: Source | None
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class GridLine:
    """A meridian or a parallel."""

    x1: float
    y1: float
    x2: float
    y2: float
    label: str


@dataclass(frozen=True, slots=True)
class MapView:
    """The page."""

    width: int
    height: int
    spots: tuple[Spot, ...]
    drawn: tuple[Spot, ...]
    listed: tuple[Spot, ...]
    pager: Pager
    routes: tuple[Route, ...]
    grid: tuple[GridLine, ...]
    years: tuple[str, ...]
    year: str
    data: str


@dataclass(frozen=True, slots=True)
class Projection:
    """Degrees to places: plain latitude and longitude, narrowed as at the middle of what is shown."""

    west: float
    east: float
    south: float
    north: float

    @classmethod
    def over(cls, positions: Iterable[Position]) -> Projection:
        """Around these positions, with a margin."""
        found = list(positions) or [Position(43.8, 87.6)]
        return cls(
            max(-180.0, min(p.long for p in found) - _MARGIN * 2),
            min(180.0, max(p.long for p in found) + _MARGIN * 2),
            max(-90.0, min(p.lat for p in found) - _MARGIN),
            min(90.0, max(p.lat for p in found) + _MARGIN),
        )

    @property
    def scale(self) -> float:
        """Units a degree of longitude."""
        return WIDTH / max(1.0, self.east - self.west)

    @property
    def height(self) -> int:
        """Units from south to north."""
        narrowing = math.cos(math.radians((self.south + self.north) / 2))
        return round((self.north - self.south) * self.scale / max(0.2, narrowing))

    def at(self, position: Position) -> tuple[float, float]:
        """The place of a position."""
        share = (self.north - position.lat) / max(1.0, self.north - self.south)
        return round((position.long - self.west) * self.scale, 1), round(share * self.height, 1)

    def grid(self) -> tuple[GridLine, ...]:
        """Meridians and parallels every ten or twenty degrees."""
        step = 20 if self.east - self.west > 90 else 10
        lines = []
        for long in range(math.ceil(self.west / step) * step, math.floor(self.east) + 1, step):
            x, _ = self.at(Position(self.north, long))
            lines.append(GridLine(x, 0, x, self.height, f"{abs(long)}°{'E' if long >= 0 else 'W'}"))
        for lat in range(math.ceil(self.south / step) * step, math.floor(self.north) + 1, step):
            _, y = self.at(Position(lat, self.west))
            lines.append(GridLine(0, y, WIDTH, y, f"{abs(lat)}°{'N' if lat >= 0 else 'S'}"))
        return tuple(lines)


def view() -> Response:
    """``/map?year=``."""
    return site.page(lambda who: site.render(who, "map.html", view=build(who), here="map"))


def data() -> Response:
    """``/map.geojson``: the same as RFC 7946."""
    return site.page(lambda who: site.as_json(as_geojson(build(who))), content_type="application/geo+json")


def build(who: Reader) -> MapView:
    """Ask and arrange."""
    positions, kinds = _positions(who)
    services = whole_claims(who, (text_of(row["c"]) for row in who.rows(_SERVICES)))
    calls = whole_claims(who, {iri for service in services for iri in service.iris(ZG + "hasCall")})
    names = _names(who, services, calls, positions)
    years = sorted({year for service in services for year in _years(service, names)})
    year = request.args.get("year", "")
    shown = [s for s in services if not year or not _years(s, names) or year in _years(s, names)]
    projection = Projection.over(positions.values())
    stops = {call.iri: call for call in calls}
    sources = spans(who, [service.iri for service in shown])
    routes = [_route(s, stops, positions, projection, names, sources.get(s.iri, ())) for s in shown]
    used = {link.iri for route in routes for link in route.stops}
    spots = _spots(positions, kinds, projection, names, used)
    found = pager(len(spots), LISTED, "/map", year=year)
    listed = spots[found.start : found.start + LISTED]
    return MapView(
        WIDTH,
        projection.height,
        spots,
        # the still map shows what the page lists, and always the stops of the routes
        listed + tuple(spot for spot in spots if spot.on_route and spot not in listed),
        listed,
        found,
        tuple(sorted(routes, key=lambda r: (not r.path, r.link.text))),
        projection.grid(),
        tuple(years),
        year,
        with_query("/map.geojson", year=year),
    )


def _positions(who: Reader) -> tuple[dict[str, Position], dict[str, list[str]]]:
    found: dict[str, Position] = {}
    kinds: dict[str, list[str]] = {}
    for row in who.rows(_POSITIONS):
        iri = text_of(row["s"])
        try:
            lat, long = float(text_of(row["lat"])), float(text_of(row["long"]))
        except ValueError:
            continue
        if -90 <= lat <= 90 and -180 <= long <= 180:
            found[iri] = Position(lat, long, text_of(row.get("precision")))
            kinds.setdefault(iri, []).append(text_of(row.get("type")))
    return found, kinds


def _names(who: Reader, services: Iterable[Claim], calls: Iterable[Claim], positions: Iterable[str]) -> Names:
    found = [*services, *calls]
    roles = [ZG + n for n in ("place", "carries", "goods", "operator", "period", "preferredPeriod")]
    wanted = {iri for claim in found for role in roles for iri in claim.iris(role)}
    return who.names(wanted | {claim.iri for claim in found} | set(positions))


def _years(service: Claim, names: Names) -> set[str]:
    periods = periods_of(service, names)
    return {str(day.year) for p in periods for day in (p.earliest, p.latest) if day}


def _route(
    service: Claim,
    calls: Mapping[str, Claim],
    positions: Mapping[str, Position],
    projection: Projection,
    names: Names,
    own: tuple[Any, ...],
) -> Route:
    stops = sorted(
        (calls[iri] for iri in service.iris(ZG + "hasCall") if iri in calls),
        key=lambda c: int(c.first(ZG + "order") or 0),
    )
    places = [iri for call in stops for iri in call.iris(ZG + "place")[:1]]
    known = [positions[iri] for iri in places if iri in positions]
    return Route(
        names.link(service.iri),
        tuple(names.link(iri) for iri in places),
        _path([projection.at(p) for p in known]),
        tuple(names.link(iri) for role in ("carries", "goods") for iri in service.iris(ZG + role)),
        tuple(names.link(iri) for iri in service.iris(ZG + "operator")),
        " · ".join(p.text for p in periods_of(service, names)),
        source_of(service.iri, own, names),
        tuple((p.long, p.lat) for p in known),
    )


def _path(points: Sequence[tuple[float, float]]) -> str:
    """A gently bent line through the stops, so that services over the same places stay apart from straight ones."""
    if len(points) < 2:
        return ""
    parts = [f"M{points[0][0]} {points[0][1]}"]
    for (x1, y1), (x2, y2) in itertools.pairwise(points):
        bend = min(40.0, math.hypot(x2 - x1, y2 - y1) / 6)
        parts.append(f"Q{(x1 + x2) / 2:.1f} {(y1 + y2) / 2 - bend:.1f} {x2} {y2}")
    return "".join(parts)


def _spots(
    positions: Mapping[str, Position],
    kinds: Mapping[str, Sequence[str]],
    projection: Projection,
    names: Names,
    used: set[str],
) -> tuple[Spot, ...]:
    ranked = sorted(positions, key=lambda iri: (iri not in used, float(positions[iri].precision or 0), iri))
    taken: list[tuple[float, float, float]] = []
    spots = []
    for number, iri in enumerate(ranked):
        x, y = projection.at(positions[iri])
        link = names.link(iri)
        width = sum(13.0 if ord(c) > 0x2E80 else 7.0 for c in link.text) + 10
        left = x + width > WIDTH
        free = number < _LABELLED and _is_free(taken, x - width if left else x, y, width)
        if free:
            taken.append((x - width if left else x, y, width))
        own = names.vocabulary.narrowest(kinds.get(iri, ()))
        kind = names.vocabulary.label(own[0], names.lang) if own else ""
        spots.append(Spot(x, y, link, kind, positions[iri], iri in used, left, free))
    return tuple(spots)


def _is_free(taken: Sequence[tuple[float, float, float]], x: float, y: float, width: float) -> bool:
    """Whether a label would not cover another one."""
    return all(abs(y - other_y) > 15 or x > other_x + w or x + width < other_x for other_x, other_y, w in taken)


def as_geojson(found: MapView) -> dict[str, Any]:
    """Points and lines, longitude first."""
    points = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [spot.position.long, spot.position.lat]},
            "properties": {
                "name": spot.link.text,
                "page": spot.link.href,
                "kind": spot.kind,
                "precision": spot.position.precision,
                "route": spot.on_route,
            },
        }
        for spot in found.spots
    ]
    lines = [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": [list(point) for point in route.points]},
            "properties": {
                "name": route.link.text,
                "page": route.link.href,
                "when": route.when,
                "stops": [stop.text for stop in route.stops],
            },
        }
        for route in found.routes
        if len(route.points) > 1
    ]
    return {"type": "FeatureCollection", "features": [*lines, *points]}
