"""The reconciliation service, against the shapes that version 0.2 of its specification demands."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient

_TEXT = {"type": "string"}
_NAMED = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": _TEXT, "name": _TEXT, "description": _TEXT},
}
_PLACE = {"type": "object", "properties": {"service_url": _TEXT, "service_path": _TEXT}}
_WITH_ID = {"type": "object", "required": ["url"], "properties": {"url": {"type": "string", "pattern": r"\{\{id\}\}"}}}
MANIFEST = {
    "type": "object",
    "required": ["versions", "name", "identifierSpace", "schemaSpace", "view", "preview", "suggest", "extend"],
    "properties": {
        "versions": {"type": "array", "contains": {"const": "0.2"}},
        "defaultTypes": {"type": "array", "items": _NAMED, "uniqueItems": True},
        "view": _WITH_ID,
        "preview": {**_WITH_ID, "required": ["url", "width", "height"]},
        "suggest": {"type": "object", "additionalProperties": _PLACE},
        "extend": {"type": "object", "properties": {"propose_properties": _PLACE}},
    },
}
RESULTS = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["result"],
        "properties": {
            "result": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["id", "name", "score", "match", "type"],
                    "properties": {
                        "id": _TEXT,
                        "name": _TEXT,
                        "score": {"type": "number"},
                        "match": {"type": "boolean"},
                        "type": {"type": "array", "items": _NAMED},
                        "features": {
                            "type": "array",
                            "items": {"type": "object", "properties": {"value": {"type": ["number", "boolean"]}}},
                        },
                    },
                },
            }
        },
    },
}
_CELL = {
    "oneOf": [
        {"type": "object", "additionalProperties": False},
        {**_NAMED, "additionalProperties": False},
        *(
            {"type": "object", "required": [key], "properties": {key: kind}, "additionalProperties": False}
            for key, kind in (
                ("str", _TEXT),
                ("float", {"type": "number"}),
                ("int", {"type": "integer"}),
                ("date", {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}),
            )
        ),
    ]
}
EXTENSION = {
    "type": "object",
    "required": ["meta", "rows"],
    "properties": {
        "meta": {"type": "array", "items": _NAMED},
        "rows": {
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": {"type": "array", "items": _CELL}},
        },
    },
}


def ask(client: FlaskClient, method: str = "POST", **given: Any) -> Any:
    data = {name: json.dumps(value) for name, value in given.items()}
    get = {"query_string": data} if method == "GET" else {"data": data}
    reply = client.open("/reconcile", method=method, **get)
    assert reply.status_code == 200, reply.get_data(as_text=True)
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    return reply.get_json()


def test_manifest(client: FlaskClient) -> None:
    jsonschema.validate(client.get("/reconcile").get_json(), MANIFEST)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_spreadsheet_of_firms_and_zones(client: FlaskClient, method: str) -> None:
    batch = {
        "q0": {"query": "金風科技", "type": "Enterprise"},
        "q1": {"query": "乌鲁木齐经济技术开发区", "type": ["FunctionalZone"], "limit": 3},
        "q2": {"query": "nothing of this name 0x"},
    }
    found = ask(client, method, queries=batch)
    jsonschema.validate(found, RESULTS)
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
    jsonschema.validate(found, RESULTS)
    assert {feature["id"] for feature in found["b"]["result"][0]["features"]} == {"name", "locatedIn"}


def test_extension(client: FlaskClient) -> None:
    names = ["prefLabel@en", "type", "zgc:indicator-gdp", "focusIndustry", "nothing"]
    asked = {
        "ids": ["unit/urumqi-htdz-xinshi", "zone/none", "bad id"],
        "properties": [{"id": name} for name in names] + [{"id": "hasComponent", "settings": {"limit": 1}}],
    }
    found = ask(client, extend=asked)
    jsonschema.validate(found, EXTENSION)
    row = found["rows"]["unit/urumqi-htdz-xinshi"]
    assert row["prefLabel@en"][0]["str"].startswith("Urumqi High-Tech")
    assert row["zgc:indicator-gdp"][0]["int"] > 100_000_000_000
    assert row["focusIndustry"][0]["id"].startswith("zgc:industry-")
    assert found["rows"]["zone/none"]["type"] == []
    assert [m["id"] for m in found["meta"]] == [*names, "hasComponent"]


def test_proposals(client: FlaskClient) -> None:
    found = client.get("/reconcile/properties?type=IntegratedUnit&limit=40").get_json()
    ids = [prop["id"] for prop in found["properties"]]
    assert "prefLabel@zh-hans" in ids
    assert "zgc:indicator-gdp" in ids
    assert len(ids) <= 40


@pytest.mark.parametrize(("kind", "prefix"), [("entity", "高新"), ("type", "zone"), ("property", "located")])
def test_suggest(client: FlaskClient, kind: str, prefix: str) -> None:
    found = client.get(f"/reconcile/suggest/{kind}", query_string={"prefix": prefix}).get_json()
    jsonschema.validate(
        found, {"type": "object", "properties": {"result": {"type": "array", "items": _NAMED, "minItems": 1}}}
    )


def test_preview_may_be_framed_and_runs_nothing(client: FlaskClient) -> None:
    reply = client.get("/reconcile/preview?id=zone/urumqi-etdz")
    assert reply.status_code == 200
    assert "frame-ancestors *" in reply.headers["Content-Security-Policy"]
    assert "<script" not in reply.get_data(as_text=True)
    assert client.get("/reconcile/preview?id=zone/none").status_code == 404


@pytest.mark.parametrize(
    "data",
    [
        {"queries": "{"},
        {"queries": "[]"},
        {"queries": '{"q": {}}'},
        {"extend": "{}"},
        {"extend": '{"ids": [], "properties": [1]}'},
        {"queries": json.dumps({str(n): {"query": "x"} for n in range(501)})},
    ],
)
def test_wrong_requests_are_told_so(client: FlaskClient, data: dict[str, str]) -> None:
    assert client.post("/reconcile", data=data).status_code == 400
