"""The reconciliation service, against what version 0.2 of its specification demands."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient

from .reconciliation import (
    EXTENSION,
    EXTENSION_QUERY,
    MANIFEST,
    PROPOSAL,
    QUERIES,
    RESULTS,
    SUGGESTIONS,
)

_ANSWERS = {"queries": (QUERIES, RESULTS), "extend": (EXTENSION_QUERY, EXTENSION)}


def ask(client: FlaskClient, method: str = "POST", **given: Any) -> Any:
    """A legal request and its answer, both as the specification wants them."""
    data = {name: json.dumps(value) for name, value in given.items()}
    get = {"query_string": data} if method == "GET" else {"data": data}
    reply = client.open("/reconcile", method=method, **get)
    assert reply.status_code == 200, reply.get_data(as_text=True)
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    found = reply.get_json()
    for name, value in given.items():
        asked, answer = _ANSWERS[name]
        jsonschema.validate(value, asked)
        jsonschema.validate(found, answer)
    return found


def best(client: FlaskClient, **query: Any) -> list[str]:
    """The candidates of one query, best first."""
    return [hit["id"] for hit in ask(client, queries={"q": query})["q"]["result"]]


def test_manifest(client: FlaskClient) -> None:
    found = client.get("/reconcile").get_json()
    jsonschema.validate(found, MANIFEST)
    assert {"view", "preview", "suggest", "extend", "defaultTypes", "batchSize", "logo", "documentation"} <= set(found)
    assert set(found["suggest"]) == set(SUGGESTIONS)


def test_every_address_of_the_manifest_answers(client: FlaskClient) -> None:
    found = client.get("/reconcile").get_json()
    places = [*found["suggest"].values(), found["extend"]["propose_properties"]]
    addresses = [place["service_url"] + place["service_path"] for place in places]
    addresses += [found[name]["url"].replace("{{id}}", "zone%2Furumqi-etdz") for name in ("view", "preview")]
    for address in (*addresses, found["logo"], found["documentation"]):
        reply = client.get(address)
        assert reply.status_code in {200, 303}, address
        assert reply.headers["Access-Control-Allow-Origin"] == "*", address


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_spreadsheet_of_firms_and_zones(client: FlaskClient, method: str) -> None:
    batch = {
        "q0": {"query": "金風科技", "type": "Enterprise"},
        "q1": {"query": "乌鲁木齐经济技术开发区", "type": ["FunctionalZone"], "limit": 3},
        "q2": {"query": "nothing of this name 0x"},
    }
    found = ask(client, method, queries=batch)
    assert found["q0"]["result"][0]["id"] == "firm/goldwind"
    assert found["q0"]["result"][0]["match"] is True
    assert found["q1"]["result"][0]["id"] == "zone/urumqi-etdz"
    assert found["q1"]["result"][0]["match"] is True
    assert len(found["q1"]["result"]) <= 3
    assert not any(hit["match"] for hit in found["q2"]["result"])


def test_properties_decide_between_namesakes(client: FlaskClient) -> None:
    plain = {"query": "经开区", "type": "TerritorialUnit", "limit": 10}
    wanted = {**plain, "properties": [{"pid": "locatedIn", "v": {"id": "place/urumqi"}}]}
    found = ask(client, queries={"a": plain, "b": wanted})
    assert {feature["id"] for feature in found["b"]["result"][0]["features"]} == {"name", "locatedIn"}


def test_extension(client: FlaskClient) -> None:
    names = ["prefLabel@en", "type", "zgc:indicator-gdp", "focusIndustry", "nothing"]
    asked = {
        "ids": ["unit/urumqi-htdz-xinshi", "zone/none", "bad id"],
        "properties": [{"id": name} for name in names] + [{"id": "hasComponent", "settings": {"limit": 1}}],
    }
    found = ask(client, extend=asked)
    row = found["rows"]["unit/urumqi-htdz-xinshi"]
    assert row["prefLabel@en"][0]["str"].startswith("Urumqi High-Tech")
    assert row["zgc:indicator-gdp"][0]["int"] > 100_000_000_000
    assert row["focusIndustry"][0]["id"].startswith("zgc:industry-")
    assert found["rows"]["zone/none"]["type"] == []
    assert [m["id"] for m in found["meta"]] == [*names, "hasComponent"]


def test_proposals(client: FlaskClient) -> None:
    found = client.get("/reconcile/properties?type=IntegratedUnit&limit=40").get_json()
    jsonschema.validate(found, PROPOSAL)
    ids = [prop["id"] for prop in found["properties"]]
    assert "prefLabel@zh-hans" in ids
    assert "zgc:indicator-gdp" in ids
    assert len(ids) <= 40


@pytest.mark.parametrize("lang", ["en", "zh-TW"])
@pytest.mark.parametrize(
    ("kind", "prefix", "expected"),
    [
        ("entity", "高新", "unit/urumqi-htdz-xinshi"),
        ("entity", "zone/urumqi-etdz", "zone/urumqi-etdz"),
        ("type", "zone", "DevelopmentZone"),
        ("type", "企業", "Enterprise"),
        ("property", "located", "locatedIn"),
    ],
)
def test_suggest(client: FlaskClient, kind: str, prefix: str, expected: str, lang: str) -> None:
    asked = {"prefix": prefix}
    reply = client.get(f"/reconcile/suggest/{kind}", query_string=asked, headers={"Accept-Language": lang})
    found = reply.get_json()
    jsonschema.validate(found, SUGGESTIONS[kind])
    ids = [item["id"] for item in found["result"]]
    assert expected in ids
    rest = client.get(f"/reconcile/suggest/{kind}", query_string={**asked, "cursor": 1}).get_json()["result"]
    assert [item["id"] for item in rest][: len(ids) - 1] == ids[1:]


def test_suggested_types_say_what_is_above_them(client: FlaskClient) -> None:
    found = client.get("/reconcile/suggest/type?prefix=DevelopmentZone").get_json()["result"]
    assert {"id": "FunctionalZone", "name": "functional zone"} in found[0]["broader"]


def test_preview_may_be_framed_and_runs_nothing(client: FlaskClient) -> None:
    reply = client.get("/reconcile/preview?id=zone/urumqi-etdz")
    assert reply.status_code == 200
    assert "frame-ancestors *" in reply.headers["Content-Security-Policy"]
    assert "<script" not in reply.get_data(as_text=True)
    assert client.get("/reconcile/preview?id=zone/none").status_code == 404


@pytest.mark.parametrize(
    ("status", "data"),
    [
        (400, {"queries": "{"}),
        (400, {"queries": "[]"}),
        (400, {"queries": '{"q": {}}'}),
        (400, {"queries": '{"q": 5}'}),
        (400, {"queries": '{"q": {"properties": []}}'}),
        (400, {"queries": '{"q": {"query": "x", "type": 5}}'}),
        (400, {"queries": '{"q": {"query": "x", "limit": "many"}}'}),
        (400, {"queries": '{"q": {"query": "x", "type_strict": "none"}}'}),
        (400, {"queries": '{"q": {"query": "x", "properties": 5}}'}),
        (400, {"queries": '{"q": {"query": "x", "properties": [5]}}'}),
        (400, {"queries": '{"q": {"query": "x", "properties": [{"pid": "locatedIn"}]}}'}),
        (400, {"extend": "{}"}),
        (400, {"extend": '{"ids": [], "properties": [1]}'}),
        (400, {"extend": '{"ids": [], "properties": 5}'}),
        (400, {"extend": '{"ids": [], "properties": [{"id": "type", "settings": 5}]}'}),
        (413, {"queries": json.dumps({str(n): {"query": "x"} for n in range(501)})}),
    ],
)
def test_wrong_requests_are_told_so(client: FlaskClient, status: int, data: dict[str, str]) -> None:
    reply = client.post("/reconcile", data=data)
    assert reply.status_code == status
    assert reply.content_type == "application/problem+json"
    assert reply.get_json()["hint"]
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_no_text_can_break_a_query(client: FlaskClient) -> None:
    evil = ['") } #', "a b<>", "http://[", "://", "\\", "'", "zgc:", "\u202e"]
    batch = {str(n): {"query": text, "properties": [{"pid": text, "v": text}]} for n, text in enumerate(evil)}
    batch |= {f"p{n}": {"properties": [{"pid": text, "v": [text, {"id": text}]}]} for n, text in enumerate(evil)}
    ask(client, queries=batch)
    ask(client, extend={"ids": evil, "properties": [{"id": text} for text in evil]})


def test_an_empty_cell_of_the_spreadsheet_matches_nothing(client: FlaskClient) -> None:
    found = ask(client, queries={"a": {"query": ""}, "b": {"query": "金风科技"}})
    assert found["a"]["result"] == []
    assert found["b"]["result"]


def test_an_identifier_finds_its_thing(client: FlaskClient) -> None:
    found = ask(client, queries={"q": {"query": "firm/goldwind"}})["q"]["result"]
    assert found[0]["id"] == "firm/goldwind"
    assert found[0]["match"] is True


def test_properties_alone_find_things(client: FlaskClient) -> None:
    wanted = [{"pid": "divisionCode", "v": "650106"}]
    found = ask(client, queries={"q": {"properties": wanted}})["q"]["result"]
    assert [hit["id"] for hit in found] == ["district/toutunhe"]
    assert found[0]["match"] is False
    located = {"pid": "locatedIn", "v": "烏魯木齊市"}
    assert best(client, properties=[located], type="District") == ["district/xinshi"]
    assert best(client, properties=[located], limit=50) == best(
        client, properties=[{"pid": "locatedIn", "v": {"id": "place/urumqi"}}], limit=50
    )


def test_types_are_demanded_or_preferred(client: FlaskClient) -> None:
    query = {"query": "乌鲁木齐", "type": ["FunctionalZone", "DevelopmentZone"], "limit": 50}
    either = set(best(client, **query, type_strict="any"))
    both = set(best(client, **query, type_strict="all"))
    rather = best(client, **query, type_strict="should")
    assert both < either
    assert set(rather) > both
    assert best(client, query="乌鲁木齐", type=["Person", "DevelopmentZone"], type_strict="all") == []


@pytest.mark.parametrize("limit", [1, 3])
def test_no_more_candidates_than_asked_for(client: FlaskClient, limit: int) -> None:
    assert len(best(client, query="乌鲁木齐", limit=limit)) == limit


def test_candidates_stand_by_falling_score(client: FlaskClient) -> None:
    found = ask(client, queries={"q": {"query": "经开区", "limit": 20}})["q"]["result"]
    scores = [hit["score"] for hit in found]
    assert scores == sorted(scores, reverse=True)
