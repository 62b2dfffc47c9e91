"""The seed format as JSON Schema, generated from the same constants and plan that the reader uses."""

from __future__ import annotations

from typing import Any

from zonegraph.names import BASE
from zonegraph.plan import Kind, Plan
from zonegraph.seeds import parse
from zonegraph.seeds.records import MAX_SLICE

_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": {"type": "string", "minLength": 1}}
_CONFIDENCE = {"type": "number", "minimum": 0, "maximum": 1}
_ATTRIBUTES = {
    "type": "object",
    "description": "role to code, text, whole number, truth value, or a list of them; decimals as texts",
    "additionalProperties": {"type": ["string", "integer", "boolean", "array"]},
}


def json_schema(plan: Plan) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one line of a seed file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{BASE}seed.schema.json",
        "title": "One record of an annotated seed",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in ("doc", "mention", "event")],
        "$defs": {"doc": _doc(), "mention": _mention(plan), "event": _event(plan)},
    }


def _object(kind: str, required: list[str], properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["kind", *required],
        "additionalProperties": False,
        "properties": {"kind": {"const": kind}, **properties},
    }


def _doc() -> dict[str, Any]:
    bases = sorted(parse.BASES)
    return _object(
        "doc",
        ["id", "sha256", "length", "lang"],
        {
            "id": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},
            "file": _TEXT,
            "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "length": {"type": "integer", "minimum": 0, "description": "code points"},
            "unit": {"const": "codepoint"},
            "lang": {"enum": sorted(parse.LANGS)},
            "title": _TEXT,
            "publisher": _TEXT,
            "issued": {"type": "string", "description": "EDTF"},
            "issuedBasis": {"enum": bases},
            "ontology": {"type": "string", "format": "iri"},
            "by": _TEXT,
        },
    )


def _mention(plan: Plan) -> dict[str, Any]:
    names = sorted(c.name for c in plan.classes.values() if c.iri.startswith(BASE) and c.kind is not Kind.CLAIM)
    span = {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 2, "maxItems": 2}
    return _object(
        "mention",
        ["id", "type", "spans", "text"],
        {
            "id": _id(),
            "type": {"type": "string", "description": "a class: local name, label or alias", "examples": names},
            "spans": {"type": "array", "items": span, "minItems": 1},
            "text": {"type": "string", "minLength": 1, "maxLength": MAX_SLICE},
            "ref": {"type": "string", "description": "path, CURIE or IRI of the thing, or a code"},
            "value": _value(),
            "attrs": _ATTRIBUTES,
            "by": _TEXT,
            "conf": _CONFIDENCE,
            "note": _TEXT,
        },
    )


def _value() -> dict[str, Any]:
    decimal = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "edtf": _TEXT,
            "anchor": {"const": "issued"},
            "decimal": decimal,
            "unit": _TEXT,
            "stated": decimal,
            "scale": {"type": "integer"},
            "qualifier": _TEXT,
        },
    }


def _event(plan: Plan) -> dict[str, Any]:
    names = sorted(c.name for c in plan.classes.values() if c.iri.startswith(BASE) and c.kind is Kind.CLAIM)
    arguments = {"anyOf": [{"type": "string", "minLength": 1}, _TEXTS]}
    return _object(
        "event",
        ["id", "type"],
        {
            "id": _id(),
            "type": {"type": "string", "description": "a claim class or a property", "examples": names},
            "ref": _TEXT,
            "trigger": arguments,
            "args": {
                "type": "object",
                "description": "role to ids of mentions and events, or @path of a thing",
                "additionalProperties": arguments,
            },
            "attrs": _ATTRIBUTES,
            "basis": {"enum": sorted(parse.BASES)},
            "by": _TEXT,
            "conf": _CONFIDENCE,
            "note": _TEXT,
        },
    )


def _id() -> dict[str, Any]:
    return {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_.-]{0,63}$"}
