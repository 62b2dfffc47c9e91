"""Pages over the shipped graph, without a browser."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask.testing import FlaskClient

from zonegraph.web import Web
from zonegraph.web.backend import Task
from zonegraph.web.pages import site, stored
from zonegraph.web.pages.assets import Assets
from zonegraph.web.problems import busy

HTML = {"Accept": "text/html"}
PAGES = (
    "/", "/search?q=金風", "/search?type=Enterprise", "/doc/unit/urumqi-htdz-xinshi", "/doc/doc/003", "/doc/time/2018",
    "/doc/unit/urumqi-etdz-toutunhe", "/doc/place/urumqi", "/doc/zone/urumqi-landport",
    "/doc/unit/urumqi-htdz-xinshi?relation=zg:focusIndustry", "/doc/place/urumqi?incoming=zg:locatedIn",
    "/timeline?from=2010&to=2019", "/timeline?kind=Establishment",
    "/doc/unit/urumqi-htdz-xinshi?group=Observation", "/questions", "/questions/series", "/timeline", "/map", "/graph",
    "/graph?iri=zone/urumqi-etdz", "/compare", "/ontology", "/sparql", "/code/indicator", "/code/indicator-gdp",
    "/reconcile/preview?id=zone/urumqi-etdz", "/sparql?query=ASK {}",
)  # fmt: skip
#: No page of text is longer, however the graph grows: lists have pages.
MOST_BYTES = 100_000
#: Queries for one page, however much is on it.
MOST_QUERIES = 12


@contextmanager
def counted(client: FlaskClient) -> Iterator[list[str]]:
    """The texts of all queries that are asked meanwhile."""
    backend = Web.of(client.application).backend
    asked: list[str] = []
    run = backend.run

    def noted(task: Task, *rest: object) -> object:
        asked.append(task.text)
        return run(task, *rest)  # type: ignore[arg-type]

    backend.run = noted  # type: ignore[method-assign,assignment]
    try:
        yield asked
    finally:
        backend.run = run  # type: ignore[method-assign]


@pytest.mark.parametrize("lang", ["en", "zh-CN", "zh-TW"])
@pytest.mark.parametrize("path", PAGES)
def test_page(client: FlaskClient, path: str, lang: str) -> None:
    reply = client.get(path, headers={**HTML, "Accept-Language": lang})
    html = reply.get_data(as_text=True)
    assert reply.status_code == 200, html[-2000:]
    assert {"en": "en", "zh-CN": "zh-Hans", "zh-TW": "zh-Hant"}[lang] in re.search(r'<html lang="([^"]+)"', html)[1]  # type: ignore[index]
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", html)
    assert len(reply.data) < MOST_BYTES
    assert "unsafe" not in reply.headers["Content-Security-Policy"]
    assert "Accept-Language" in reply.headers["Vary"]
    assert not re.search(r">(home|nav|search|entity|query|graph|map|schema|compare)\.[a-z-]+<", html)


@pytest.mark.parametrize("name", [question.slug for question in stored.questions()])
def test_every_question_is_a_light_page(client: FlaskClient, name: str) -> None:
    reply = client.get(f"/questions/{name}", headers={**HTML, "Accept-Language": "zh"})
    assert reply.status_code == 200
    assert len(reply.data) < MOST_BYTES
    assert 'role="alert"' not in reply.get_data(as_text=True)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_few_queries(client: FlaskClient, path: str) -> None:
    with counted(client) as asked:
        client.get(path + ("&" if "?" in path else "?") + "fresh=1", headers=HTML)
    assert len(asked) <= MOST_QUERIES, asked


def test_a_page_is_kept_by_version_and_language(client: FlaskClient) -> None:
    first = client.get("/compare", headers={**HTML, "Accept-Language": "zh"})
    again = client.get("/compare", headers={**HTML, "Accept-Language": "zh", "If-None-Match": first.headers["ETag"]})
    other = client.get("/compare", headers={**HTML, "Accept-Language": "en", "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert other.status_code == 200


def test_language_asked_for_is_kept_in_a_cookie(client: FlaskClient) -> None:
    reply = client.get("/?lang=zh-Hant", headers=HTML)
    assert "lang=zh-hant" in reply.headers["Set-Cookie"]
    assert "private" in reply.headers["Cache-Control"]
    assert 'lang="zh-Hant"' in client.get("/", headers={**HTML, "Cookie": "lang=zh-hant"}).get_data(as_text=True)


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("烏魯木齊經開區", "zone/urumqi-etdz"),
        ("乌鲁木齐经济技术开发区", "zone/urumqi-etdz"),
        ("wulumuqi", "place/urumqi"),
        ("urumqi high-tech", "zone/urumqi-htdz"),
        ("GOLDWIND", "firm/goldwind"),
    ],
)
def test_search_in_every_script(client: FlaskClient, query: str, path: str) -> None:
    found = client.get("/search", query_string={"q": query, "format": "json"}).get_json()
    assert found["results"][0]["id"] == path
    items = client.get("/suggest", query_string={"q": query}).get_json()["items"]
    assert items[0]["value"] == path


def test_search_narrows_to_a_kind_and_what_is_below_it(client: FlaskClient) -> None:
    found = client.get("/search", query_string={"q": "乌鲁木齐", "type": "FunctionalZone", "format": "json"}).get_json()
    kinds = {result["type"] for result in found["results"]}
    assert kinds
    assert "City" not in kinds


def test_a_thing_shows_names_facts_and_sources(client: FlaskClient) -> None:
    html = client.get("/doc/unit/urumqi-htdz-xinshi", headers={**HTML, "Accept-Language": "zh"}).get_data(as_text=True)
    for part in (
        "1134亿元",
        "113,400,000,000",
        "003:233-245",
        "2018年",
        "烏魯木齊高新區（新市區）",
        'data-graph="/graph/data',
    ):
        assert part in html, part
    assert html.count("<h1") == 1


def test_sources_of_a_claim_with_and_without_the_texts(client: FlaskClient) -> None:
    html = client.get("/doc/unit/urumqi-htdz-xinshi", headers=HTML).get_data(as_text=True)
    path = re.search(r'href="(/source/observation/[0-9a-f]+)"', html)
    assert path is not None
    page = client.get(path[1], headers=HTML).get_data(as_text=True)
    assert "<mark>" in page
    assert 'class="context"' not in page
    part = client.get(path[1] + "?part=1", headers=HTML).get_data(as_text=True)
    assert "<html" not in part
    assert client.get("/source/observation/none", headers=HTML).status_code == 404


def test_group_of_facts(client: FlaskClient) -> None:
    html = client.get("/doc/unit/urumqi-htdz-xinshi?group=Observation", headers=HTML).get_data(as_text=True)
    assert html.count("<tr>") > 20
    assert client.get("/doc/unit/urumqi-htdz-xinshi?group=Nothing", headers=HTML).status_code == 404


def test_question_by_name_gives_table_chart_and_csv(client: FlaskClient) -> None:
    address = {"about": "烏魯木齊高新區（新市區）"}
    html = client.get("/questions/series", query_string=address, headers=HTML).get_data(as_text=True)
    assert "circle" in html
    assert "unit%2Furumqi-htdz-xinshi" in html
    rows = list(
        csv.reader(io.StringIO(client.get("/questions/series.csv", query_string=address).get_data(as_text=True)))
    )
    assert rows[0][:2] == ["date", "value"]
    assert len(rows) > 2


def test_question_with_an_unknown_name_says_so(client: FlaskClient) -> None:
    html = client.get("/questions/series", query_string={"about": "Atlantis"}, headers=HTML).get_data(as_text=True)
    assert "Nothing is called “Atlantis”" in html


def test_compare_marks_merger_and_breaks(client: FlaskClient) -> None:
    html = client.get("/compare", query_string={"indicator": "zgc:indicator-gdp"}, headers=HTML).get_data(as_text=True)
    assert 'class="event"' in html
    assert "series break" in html
    lines = client.get("/compare?format=csv&indicator=zgc:indicator-gdp").get_data(as_text=True).splitlines()
    assert lines[0].startswith("about,period,value")
    assert len(lines) > 3


def test_map_and_graph_as_data(client: FlaskClient) -> None:
    places = client.get("/map.geojson").get_json()
    assert {f["geometry"]["type"] for f in places["features"]} == {"Point", "LineString"}
    network = client.get("/graph/data?iri=zone/urumqi-etdz").get_json()
    ids = {node["id"] for node in network["nodes"]}
    assert "zone/urumqi-etdz" in ids
    assert all(edge["source"] in ids and edge["target"] in ids for edge in network["edges"])
    assert client.get("/graph/data?iri=zone/none").status_code == 404


def test_export_of_a_slice(client: FlaskClient) -> None:
    reply = client.get("/export/graph.gexf?center=zone/urumqi-etdz&hops=1")
    assert reply.status_code == 200
    assert reply.content_type == "application/gexf+xml"
    assert b"urumqi-etdz" in reply.data
    assert client.get("/export/graph.nothing").status_code == 404
    assert client.get("/export/graph.gexf?hops=x").status_code == 400
    assert client.get("/export/graph.trig").headers["Location"] == "/data?format=trig"


def test_errors_are_pages_for_people_and_problems_for_machines(client: FlaskClient) -> None:
    page = client.get("/doc/zone/none", headers=HTML)
    assert page.status_code == 404
    assert "<h1>" in page.get_data(as_text=True)
    machine = client.get("/doc/zone/none", headers={"Accept": "text/turtle", "Accept-Language": "zh-CN"})
    assert machine.content_type == "application/problem+json"
    assert machine.get_json()["detail"].startswith("nothing is known of")


@pytest.mark.parametrize("lang", ["zh-Hans", "zh-Hant"])
@pytest.mark.parametrize(
    "path",
    [
        "/nothing", "/doc/zone/none", "/questions/none", "/map?page=999", "/search?type=None", "/compare?indicator=a b",
        "/doc/zone/urumqi-etdz?group=None", "/sparql?query=SELEC",
        "/sparql?query=SELECT * { SERVICE <x:y> { ?s ?p ?o } }",
    ],
)  # fmt: skip
def test_errors_are_said_in_the_language_of_the_page(client: FlaskClient, path: str, lang: str) -> None:
    reply = client.get(path, headers=HTML | {"Accept-Language": lang})
    html = reply.get_data(as_text=True)
    main = html[html.index("<main") :]
    assert reply.status_code >= 400
    assert 'lang="en"' not in main, main
    assert re.search(r"<title>[^<]*[\u4e00-\u9fff]", html)


def test_an_error_without_a_graph_is_a_page_too(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise busy("too many queries are waiting")

    monkeypatch.setattr(Web.of(client.application).backend, "version", gone)
    reply = client.get("/timeline", headers=HTML | {"Accept-Language": "zh-CN"})
    assert reply.status_code == 503
    assert "等待的查询过多" in reply.get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/doc/time/.._2011", "until 2011"),
        ("/doc/span/000/101-105", "改革開放"),
        ("/doc/span/000/101-105/selector", "改革開放"),
    ],
)
def test_what_has_no_label_is_called_by_what_it_says(client: FlaskClient, path: str, title: str) -> None:
    html = client.get(path, headers=HTML).get_data(as_text=True)
    assert f">{title}</h1>" in html


def test_a_selector_leads_back_to_its_span(client: FlaskClient) -> None:
    html = client.get("/doc/span/000/101-105/selector", headers=HTML).get_data(as_text=True)
    assert 'href="/doc/span/000/101-105"' in html


def test_one_is_one(client: FlaskClient) -> None:
    html = client.get("/search?q=烏魯木齊經開區", headers=HTML).get_data(as_text=True)
    assert "1 mention<" in html
    assert "1 mentions" not in html


def test_files(client: FlaskClient) -> None:
    style = client.get("/static/css/site.css", headers={"Accept-Encoding": "gzip"})
    assert style.headers["Content-Encoding"] == "gzip"
    assert style.content_type.startswith("text/css")
    for path in ("/static/../register.py", "/static/%2e%2e/register.py", "/static/css/none.css", "/static//etc/passwd"):
        assert client.get(path).status_code in {404, 308}, path


def test_without_bundles_the_pages_say_what_is_missing(client: FlaskClient) -> None:
    state = Web.of(client.application).state
    built = state[site.ASSETS]
    state[site.ASSETS] = Assets(frozenset(n for n in built.files if not n.startswith("dist/")), "bare")
    try:
        graph = client.get("/graph", headers=HTML).get_data(as_text=True)
        editor = client.get("/sparql", headers=HTML).get_data(as_text=True)
    finally:
        state[site.ASSETS] = built
    assert "make assets" in graph
    assert "dist/" not in graph + editor
    assert "<textarea" in editor
