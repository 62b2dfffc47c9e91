"""OpenAPI 3.1 of the service, for tools that generate clients and tests."""

from __future__ import annotations

import json
from typing import Any, Final

from zonegraph.web.negotiate import Kind, offers

_TABLES: Final = [form.media_type for form in offers(Kind.BINDINGS)]
_GRAPHS: Final = [form.media_type for form in offers(Kind.GRAPH)]
_PROBLEMS: Final = {
    "400": "The request or the query is not legal",
    "403": "Not allowed here",
    "406": "No such form of this answer",
    "413": "The request is too large",
    "422": "The result is too large",
    "500": "The query ended its worker",
    "503": "Too many queries at once",
    "504": "Out of time",
    "507": "Out of memory",
}


def _content(media_types: list[str]) -> dict[str, Any]:
    return {name: {} for name in media_types}


def _problem(text: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {"application/problem+json": {"schema": schema}, "text/html": {}}
    return {"description": text, "content": content}


def _responses(success: dict[str, Any], *more: str) -> dict[str, Any]:
    extra = {"404": "Not found", "405": "Unknown method", "409": "Conflict", "410": "Gone", "412": "Condition failed",
             "414": "The address is too long", "415": "Unknown media type", "416": "No such range",
             "401": "The bearer token is missing"}  # fmt: skip
    problems = {**_PROBLEMS, **{code: extra[code] for code in more}}
    return {**success, **{code: _problem(text) for code, text in sorted(problems.items())}}


def _parameter(name: str, schema: dict[str, Any], text: str, *, where: str = "query") -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "schema": schema, "description": text}


_STRING: Final[dict[str, Any]] = {"type": "string"}
_GRAPH_LIST: Final[dict[str, Any]] = {"type": "array", "items": {"type": "string", "format": "uri"}}
_COMMON: Final = [
    _parameter("default-graph-uri", _GRAPH_LIST, "Graphs that together are the default graph"),
    _parameter("named-graph-uri", _GRAPH_LIST, "Graphs that GRAPH may name"),
    _parameter("timeout", {"type": "number", "exclusiveMinimum": 0}, "Seconds; lowers the server's cap"),
    _parameter("format", _STRING, "Short name or media type; goes before Accept"),
    _parameter("version", {"type": "string", "enum": ["1.0", "1.1", "1.2", "1.2-basic"]}, "SPARQL version"),
]
_ANSWER: Final = {
    "200": {"description": "The answer, or the service description", "content": _content([*_TABLES, *_GRAPHS])},
    "304": {"description": "Your copy is still right"},
}


def _sparql(*, writable: bool) -> dict[str, Any]:
    form = {"type": "object", "properties": {"query": _STRING, **({"update": _STRING} if writable else {})}}
    bodies: dict[str, Any] = {
        "application/sparql-query": {"schema": _STRING},
        "application/x-www-form-urlencoded": {"schema": form},
    }
    if writable:
        bodies["application/sparql-update"] = {"schema": _STRING}
    done = {"204": {"description": "The update is durable"}} if writable else {}
    return {
        "get": {
            "operationId": "query",
            "parameters": [_parameter("query", _STRING, "SPARQL 1.1 query"), *_COMMON],
            "responses": _responses(_ANSWER, "414"),
        },
        "post": {
            "operationId": "queryByPost",
            "parameters": _COMMON,
            "requestBody": {"required": True, "content": bodies},
            "responses": _responses({**_ANSWER, **done}, "401", "415"),
        },
    }


def _graph_store(*, writable: bool) -> dict[str, Any]:
    parameters = [
        _parameter("graph", {"type": "string", "format": "uri"}, "IRI of a graph; without it, all graphs"),
        _parameter("format", _STRING, "Short name or media type; goes before Accept"),
    ]
    kinds = sorted({form.media_type for kind in (Kind.GRAPH, Kind.DATASET) for form in offers(kind, html=False)})
    found = {
        "200": {"description": "The graph", "content": _content(kinds)},
        "206": {"description": "A part of it", "content": _content(kinds)},
        "304": {"description": "Your copy is still right"},
    }
    read = {"operationId": "readGraph", "parameters": parameters, "responses": _responses(found, "404", "416")}
    return {"get": read, **(_graph_writes(parameters[:1]) if writable else {})}


def _graph_writes(parameters: list[dict[str, Any]]) -> dict[str, Any]:
    kinds = [form.media_type for form in offers(Kind.GRAPH, html=False)]
    body = {"required": True, "content": _content([*kinds, "multipart/form-data"])}
    done = {"201": {"description": "The graph is new"}, "204": {"description": "The change is durable"}}
    responses = _responses(done, "401", "404", "412", "415")
    common = {"parameters": parameters, "security": [{"token": []}], "responses": responses}
    return {
        "put": {"operationId": "replaceGraph", "requestBody": body, **common},
        "post": {"operationId": "addToGraph", "requestBody": body, **common},
        "delete": {"operationId": "deleteGraph", **common},
    }


def _document(name: str, of: str) -> dict[str, Any]:
    path = _parameter("path", _STRING, f"What follows {of} in the IRI", where="path")
    seen = {
        "200": {"description": "What is known", "content": _content(_GRAPHS)},
        "304": {"description": "Your copy is still right"},
    }
    return {"get": {"operationId": name, "parameters": [path], "responses": _responses(seen, "404", "410")}}


def _thing() -> dict[str, Any]:
    path = _parameter("path", _STRING, "What follows /id/ in the IRI of a thing", where="path")
    see = {"303": {"description": "See the document", "headers": {"Location": {"schema": _STRING}}}}
    return {"get": {"operationId": "thing", "parameters": [path], "responses": _responses(see, "404", "410")}}


def _plain(name: str, media_types: list[str]) -> dict[str, Any]:
    found = {"200": {"description": "As named", "content": _content(media_types)}, "304": {"description": "Unchanged"}}
    return {"get": {"operationId": name, "responses": _responses(found)}}


def document(base: str, *, writable: bool) -> str:
    """The description as JSON text."""
    paths = {
        "/sparql": _sparql(writable=writable),
        "/data": _graph_store(writable=writable),
        "/id/{path}": _thing(),
        "/doc/{path}": _document("document", "/id/"),
        "/code/{path}": _document("code", "/code/"),
        "/ontology": _plain("ontology", _GRAPHS),
        "/context.jsonld": _plain("context", ["application/ld+json"]),
        "/.well-known/void": _plain("voidDescription", [f for f in _GRAPHS if f != "text/html"]),
        "/health/live": _plain("live", ["application/json"]),
        "/health/ready": _plain("ready", ["application/json"]),
        "/metrics": _plain("metrics", ["text/plain"]),
        "/openapi.json": _plain("openapi", ["application/json"]),
    }
    members = dict.fromkeys(("type", "title", "detail", "hint"), _STRING) | {"status": {"type": "integer"}}
    problem = {"type": "object", "required": ["type", "title", "status"], "properties": members}
    whole = {
        "openapi": "3.1.0",
        "info": {
            "title": "zonegraph",
            "version": "0.1.0",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": problem},
            **({"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}} if writable else {}),
        },
    }
    return json.dumps(whole, ensure_ascii=False, indent=1)
