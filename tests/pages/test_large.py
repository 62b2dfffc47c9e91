"""A thing of which too much is said for one page: nothing is cut in silence, and no page grows with the graph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import pairwise
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from zonegraph.names import PREFIXES
from zonegraph.store import StoreDir, VersionWriter
from zonegraph.web import Config, LocalBackend, create_app
from zonegraph.web.pages import blueprint, compare

from .test_pages import HTML, MOST_BYTES, counted

OBSERVATIONS, EVENTS, NAMES, PARTNERS, POINTING = 700, 130, 200, 2100, 450
#: Where too much is said: how much of each, and the first of each, besides what every page asks.
MOST_QUERIES = 15
ID = "https://w3id.org/zonegraph/id/"
HUB = f"<{ID}zone/hub>"
ONTOLOGY = """GRAPH zgg:ontology {
  zg:Zone a owl:Class ; rdfs:label "zone"@en . zg:Claim a owl:Class ; rdfs:label "claim"@en .
  zg:QuantityClaim a owl:Class ; rdfs:subClassOf zg:Claim ; rdfs:label "quantity"@en .
  zg:Observation a owl:Class ; rdfs:subClassOf zg:QuantityClaim ; rdfs:label "observation"@en .
  zg:Event a owl:Class ; rdfs:subClassOf zg:Claim ; rdfs:label "happening"@en .
  zg:Visit a owl:Class ; rdfs:subClassOf zg:Event ; rdfs:label "visit"@en .
  zg:NameUse a owl:Class ; rdfs:subClassOf zg:Claim ; rdfs:label "name use"@en .
  zg:about a owl:ObjectProperty ; rdfs:label "about"@en . zg:partner a owl:ObjectProperty ; rdfs:label "partner"@en .
  zg:locatedIn a owl:ObjectProperty ; rdfs:label "located in"@en .
}"""


def _world() -> Iterator[str]:
    yield ONTOLOGY
    yield f'GRAPH zgg:registry {{ {HUB} a zg:Zone ; skos:prefLabel "hub"@en .'
    yield f"{HUB} zg:partner " + ", ".join(f"<{ID}zone/p{n:04}>" for n in range(PARTNERS)) + " ."
    for n in range(POINTING):
        yield f'<{ID}zone/z{n:04}> a zg:Zone ; zg:locatedIn {HUB} ; skos:prefLabel "zone {n:04}"@en ;'
        yield f"wgs:lat {30 + n % 20} ; wgs:long {80 + n // 20} ."
    yield f"}} GRAPH <https://w3id.org/zonegraph/graph/doc/1> {{ <{ID}doc/1> a zg:SourceDocument ."
    for n in range(OBSERVATIONS):
        year = 1900 + n % 120
        yield f"""<{ID}observation/{n:04}> a zg:Observation ; zg:about {HUB} ; zg:basis zgc:basis-explicit ;
          zg:indicator zgc:indicator-x ; zg:value {n} ; zg:unit zgc:unit-x ; zg:period <{ID}time/{year}> ."""
    for n in range(EVENTS):
        yield f"""<{ID}visit/{n:04}> a zg:Visit ; zg:about {HUB} ; zg:basis zgc:basis-explicit ;
          rdfs:label "visit {n} {1900 + n % 120}"@en ; zg:period <{ID}time/{1900 + n % 120}> ."""
    for n in range(NAMES):
        yield f"""<{ID}name-use/{n:04}> a zg:NameUse ; zg:nameOf {HUB} ; zg:basis zgc:basis-explicit ;
          skosxl:literalForm "name {n}"@en ."""
    for year in range(1900, 2020):
        yield f"""<{ID}time/{year}> a zg:TimeExtent ; zg:edtf "{year}" ;
          zg:earliest "{year}-01-01"^^xsd:date ; zg:latest "{year}-12-31"^^xsd:date ."""
    yield "}"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A site over a graph with one thing that everything is about."""
    folder: Path = tmp_path_factory.mktemp("large")
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
    lines = ox.serialize(
        ox.parse(prefixes + "\n".join(_world()), format=ox.RdfFormat.TRIG), format=ox.RdfFormat.N_QUADS
    )
    store = StoreDir.from_path(folder / "store")
    with store.lock(), VersionWriter(store) as writer:
        writer.load_bytes(lines or b"")
        store.publish(writer.finish())
    config = Config(store=folder / "store", workers=1, reserve=0, spool=folder / "spool")
    backend = LocalBackend(config)
    yield create_app(backend, config, [blueprint]).test_client(use_cookies=False)
    backend.close()


def walk(client: FlaskClient, path: str) -> list[str]:
    """All pages of a list, from link to link."""
    pages = []
    while path:
        reply = client.get(path, headers=HTML)
        assert reply.status_code == 200, path
        assert len(reply.data) < MOST_BYTES, path
        pages.append(reply.get_data(as_text=True))
        following = re.search(r'href="([^"]+)" rel="next"', pages[-1])
        path = unescape(following[1]) if following else ""
    return pages


def test_the_page_of_the_thing_is_light_and_says_how_much_there_is(large: FlaskClient) -> None:
    with counted(large) as asked:
        (html,) = walk(large, "/doc/zone/hub")
    assert len(asked) <= MOST_QUERIES, asked
    for more in (
        "group=Observation",
        "group=Event",
        "group=NameUse",
        "relation=zg%3Apartner",
        "incoming=zg%3AlocatedIn",
    ):
        assert f"/doc/zone/hub?{more}" in html, more
    for number in (OBSERVATIONS, EVENTS, PARTNERS, POINTING):
        assert f"All {number} →" in html, number


@pytest.mark.parametrize(
    ("path", "shape", "total"),
    [
        ("/doc/zone/hub?group=Observation", r"/doc/observation/(\d{4})", OBSERVATIONS),
        ("/doc/zone/hub?group=Event", r"/doc/visit/(\d{4})", EVENTS),
        ("/doc/zone/hub?group=NameUse", r"/doc/name-use/(\d{4})", NAMES),
        ("/doc/zone/hub?relation=zg:partner", r"/doc/zone/p(\d{4})", PARTNERS),
        ("/doc/zone/hub?incoming=zg:locatedIn", r"/doc/zone/z(\d{4})", POINTING),
        ("/timeline?about=zone/hub&kind=Visit", r"/doc/visit/(\d{4})", EVENTS),
        ("/search?type=Zone", r"/doc/zone/z(\d{4})", POINTING),
        ("/map", r"/doc/zone/z(\d{4})", POINTING),
        ("/compare?indicator=zgc:indicator-x", r'class="self" href="/doc/observation/(\d{4})', OBSERVATIONS),
    ],
)
def test_all_of_it_is_found_page_by_page(large: FlaskClient, path: str, shape: str, total: int) -> None:
    pages = [set(re.findall(shape, html[html.index("<main") :])) for html in walk(large, path)]
    assert len(pages) > 1
    assert sum(map(len, pages)) == total
    assert len(set.union(*pages)) == total


def test_pages_follow_time(large: FlaskClient) -> None:
    shown = [
        re.findall(r'<td class="period"[^>]*><div><span>(\d{4})', html)
        for html in walk(large, "/doc/zone/hub?group=Observation")
    ]
    years = [int(year) for page in shown for year in page]
    assert len(years) == OBSERVATIONS
    assert all(earlier <= later for earlier, later in pairwise(years))


def test_a_page_has_one_address(large: FlaskClient) -> None:
    second = large.get("/doc/zone/hub?group=Event&page=2", headers=HTML).get_data(as_text=True)
    assert 'href="/doc/zone/hub?group=Event" rel="prev"' in second
    assert large.get("/doc/zone/hub?group=Event&page=9999", headers=HTML).status_code == 404
    assert large.get("/doc/zone/hub?relation=no such", headers=HTML).status_code == 404


def test_a_window_of_time_narrows_the_timeline_and_its_axis(large: FlaskClient) -> None:
    html = large.get("/timeline?about=zone/hub&from=1950&to=1959", headers=HTML).get_data(as_text=True)
    years = set(re.findall(r'<td class="period"><time[^>]*>(\d{4})', html))
    assert years == {str(year) for year in range(1950, 1960)}
    ticks = re.findall(r'<text x="[\d.]+%" y="14"[^>]*>(\d{4})<', html)
    assert set(ticks) <= years
    assert "from=1953&amp;to=1953" in html


def test_the_live_map_has_all_places(large: FlaskClient) -> None:
    assert len(large.get("/map.geojson").get_json()["features"]) == POINTING


def test_a_chart_of_too_many_figures_shows_those_of_the_page(large: FlaskClient) -> None:
    html = large.get("/compare?indicator=zgc:indicator-x&page=2", headers=HTML).get_data(as_text=True)
    assert html.count('<circle class="mark observed') == compare.ROWS
    assert "those of this page" in html
