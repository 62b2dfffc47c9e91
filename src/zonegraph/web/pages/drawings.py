"""The answer of a question as a network or as places, for the scripts that draw them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import pyoxigraph as ox

from zonegraph.web.backend import Row
from zonegraph.web.pages.addresses import page_of, short
from zonegraph.web.pages.reader import Names, Reader, text_of
from zonegraph.web.pages.ties import Thing, Tie, as_elements, read_things

MOST: Final = 300
Columns = Mapping[str, str]

_POSITIONS: Final = "SELECT DISTINCT ?s ?lat ?long WHERE { VALUES ?s { $iris } ?s wgs:lat ?lat ; wgs:long ?long }"


def network(who: Reader, columns: Columns, rows: Sequence[Row]) -> dict[str, Any]:
    """``x`` joined to ``y``, the edge named by ``series``."""
    first, second = columns.get("x", ""), _thing_column(columns.get("y", ""), rows)
    pairs = [
        (row[first].value, row[second].value, text_of(row.get(columns.get("series", ""))))  # type: ignore[union-attr]
        for row in rows[:MOST]
        if isinstance(row.get(first), ox.NamedNode) and isinstance(row.get(second), ox.NamedNode)
    ]
    names = who.names({iri for one, two, _ in pairs for iri in (one, two)})
    ends = {iri for one, two, _ in pairs for iri in (one, two)}
    known = read_things(who, ends, names)
    things = [known.get(iri) or Thing(iri, names.text(iri)[0], "", "Other") for iri in sorted(ends)]
    return as_elements(things, [Tie(one, two, label, "", f"{one} {two} {label}") for one, two, label in set(pairs)])


def _thing_column(name: str, rows: Iterable[Row]) -> str:
    """A column of things: ``member`` where the chart names ``memberLabel``, else the first other column of things."""
    plain = name.removesuffix("Label")
    rows = list(rows)
    if any(isinstance(row.get(plain), ox.NamedNode) for row in rows):
        return plain
    return name


def places(who: Reader, columns: Columns, rows: Sequence[Row]) -> dict[str, Any]:
    """The things in ``x`` that have a position, as GeoJSON."""
    first = columns.get("x", "")
    iris = {value.value for row in rows[:MOST] if isinstance(value := row.get(first), ox.NamedNode)}
    names = who.names(iris)
    found = who.rows(_POSITIONS, iris=sorted(iris)) if iris else []
    return {"type": "FeatureCollection", "features": [_feature(row, names, len(iris)) for row in found]}


def _feature(row: Row, names: Names, total: int) -> dict[str, Any]:
    iri = text_of(row["s"])
    at = [float(text_of(row["long"])), float(text_of(row["lat"]))]
    properties = {"name": names.text(iri)[0], "page": page_of(iri), "id": short(iri), "route": total < 30}
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": at}, "properties": properties}


MAKERS: Final[dict[str, Callable[[Reader, Columns, Sequence[Row]], dict[str, Any]]]] = {
    "graph": network,
    "geojson": places,
}
