"""Labels are hostile text: whatever stands in the graph, a page stays a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from zonegraph.names import PREFIXES
from zonegraph.store import StoreDir, VersionWriter
from zonegraph.web import Config, LocalBackend, create_app
from zonegraph.web.pages import blueprint

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202e{{7*7}}'
ID = "https://w3id.org/zonegraph/id/"
TEXT, NAME = ox.Literal(EVIL), ox.Literal(EVIL, language="en")
WORLD = f"""
GRAPH zgg:ontology {{
  zg:Zone a owl:Class ; rdfs:label {NAME} ; skos:definition {NAME} .
  zg:Claim a owl:Class ; rdfs:label "claim"@en .
  zg:Observation a owl:Class ; rdfs:subClassOf zg:QuantityClaim ; rdfs:label "observation"@en .
  zg:QuantityClaim a owl:Class ; rdfs:subClassOf zg:Claim ; rdfs:label "quantity"@en .
  zg:ChangeEvent a owl:Class ; rdfs:subClassOf zg:Claim ; rdfs:label "change"@en .
  zg:about a owl:ObjectProperty ; rdfs:label {NAME} .
}}
GRAPH zgg:registry {{
  <{ID}zone/evil> a zg:Zone ; skos:prefLabel {NAME} ; wgs:lat 1.0 ; wgs:long 2.0 .
  <{ID}zone/other> a zg:Zone ; skos:prefLabel "other"@en .
  <{ID}zone/blank> a zg:Zone ; skos:prefLabel "  "@en ; wgs:lat 2.0 ; wgs:long 2.0 .
  <{ID}zone/long> a zg:Zone ; skos:prefLabel {ox.Literal("長" * 5000, language="en")} ; wgs:lat 2.0 ; wgs:long 2.0 .
}}
GRAPH <https://w3id.org/zonegraph/graph/doc/1> {{
  <{ID}doc/1> a zg:SourceDocument ; dcterms:title {TEXT} ; zg:fileName "../../etc/passwd" .
  <{ID}change-event/1> a zg:ChangeEvent ; zg:about <{ID}zone/evil> ,
    <{ID}zone/other> ; zg:basis zgc:basis-explicit ; rdfs:label {NAME} ;
    zg:period <{ID}time/2011> ; prov:wasDerivedFrom <{ID}span/1/0-3> .
  <{ID}observation/1> a zg:Observation ; zg:about <{ID}zone/evil> ;
    zg:indicator zgc:indicator-x ; zg:value "1e999999"^^xsd:string ; zg:valueAsWritten {TEXT} ; zg:unit zgc:unit-x ;
    zg:basis zgc:basis-explicit ; zg:period <{ID}time/2011> .
  <{ID}time/2011> a zg:TimeExtent ; zg:edtf {TEXT} ; zg:earliest "2011-01-01"^^xsd:date ;
    zg:latest "2011-12-31"^^xsd:date .
  <{ID}span/1/0-3> a zg:TextSpan ; oa:hasSource <{ID}doc/1> ;
    oa:hasSelector <{ID}span/1/0-3/selector> .
  <{ID}span/1/0-3/selector> oa:start 0 ; oa:end 3 ; oa:exact {TEXT} .
}}"""
PAGES = (
    "/", "/search?q=alert", "/search?type=Zone", "/search?q=<script>alert(1)</script>", "/doc/zone/evil", "/doc/doc/1",
    "/doc/span/1/0-3", "/source/change-event/1", "/timeline", "/timeline?about=<script>x</script>", "/map", "/graph",
    "/graph?iri=zone/evil", "/compare?indicator=zgc:indicator-x", "/ontology", "/doc/change-event/1",
    "/reconcile/preview?id=zone/evil", "/sparql?query=SELECT * { ?s ?p ?o }",
    "/doc/zone/<script>", "/questions/<script>",
)  # fmt: skip


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A site over a graph full of hostile labels, with a folder of texts configured."""
    folder = tmp_path_factory.mktemp("evil")
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
    lines = ox.serialize(ox.parse(prefixes + WORLD, format=ox.RdfFormat.TRIG), format=ox.RdfFormat.N_QUADS)
    store = StoreDir.from_path(folder / "store")
    with store.lock(), VersionWriter(store) as writer:
        writer.load_bytes(lines or b"")
        store.publish(writer.finish())
    config = Config(store=folder / "store", workers=1, reserve=0, spool=folder / "spool", texts=Path(folder))
    backend = LocalBackend(config)
    yield create_app(backend, config, [blueprint]).test_client(use_cookies=False)
    backend.close()


@pytest.mark.parametrize("path", PAGES)
def test_hostile_text_stays_text(evil: FlaskClient, path: str) -> None:
    reply = evil.get(path, headers={"Accept": "text/html"})
    html = reply.get_data(as_text=True)
    assert reply.status_code in {200, 404}, html[-1500:]
    assert not re.search(r"<script(?![^>]*\ssrc=\"/static/)", html)
    assert "<img" not in html
    assert "{49}" not in html
    assert "49\u202c" not in html
    assert not re.search(r'href="(?:javascript|data):', html)


def test_headers_cannot_be_written(evil: FlaskClient) -> None:
    reply = evil.get("/?lang=en%0d%0aSet-Cookie:%20x=1", headers={"Accept": "text/html"})
    assert "x=1" not in str(reply.headers)


def test_search_over_a_graph_without_an_index(evil: FlaskClient) -> None:
    found = evil.get("/search?q=other&format=json").get_json()
    assert [hit["id"] for hit in found["results"]] == ["zone/other"]


@pytest.mark.parametrize("path", ["/search?type=Zone", "/map", "/doc/zone/blank", "/doc/zone/long"])
def test_a_name_that_says_nothing_or_too_much_is_a_link_still(evil: FlaskClient, path: str) -> None:
    html = evil.get(path, headers={"Accept": "text/html"}).get_data(as_text=True)
    main = html[html.index("<main") :]
    assert not re.findall(r"<(?:a|h1)\b[^>]*>\s*</(?:a|h1)>", main)
    assert not re.search(r"<a [^>]*>長{300}", main)
