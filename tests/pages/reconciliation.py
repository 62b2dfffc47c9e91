"""What version 0.2 of the Reconciliation Service API demands of requests and answers, as JSON Schema.

Every constraint of the specification's own schemas is here (required members, types, enumerations, patterns, closed
objects, alternatives), written anew and shorter; the tests say where the specification's text asks for more.
"""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any]
_TEXT: Final[Schema] = {"type": "string"}
_WITH_ID: Final = {"type": "string", "pattern": r".*\{\{id\}\}.*"}


def _object(required: str = "", *, closed: bool = False, **properties: Schema) -> Schema:
    extra: Schema = {"additionalProperties": False} if closed else {}
    return {"type": "object", "required": required.split(), "properties": properties, **extra}


def _list(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def _setting(kind: str, default: Schema, required: str = "", **more: Schema) -> Schema:
    own = {"type": {**_TEXT, "enum": [kind]}, "default": default, "label": _TEXT, "name": _TEXT, "help_text": _TEXT}
    return _object(f"type label name {required}", **own, **more)


_TYPE: Final = {"$ref": "#/$defs/type"}
_DEFS: Final = {"type": _object("id name", id=_TEXT, name=_TEXT, description=_TEXT, broader=_list(_TYPE))}
_TYPE_OR_ID: Final = {"oneOf": [_object("id", id=_TEXT, name=_TEXT), _TEXT]}
_SUGGESTER: Final = _object(
    service_url=_TEXT,
    service_path=_TEXT,
    flyout_service_url=_TEXT,
    flyout_service_path={"type": "string", "pattern": r".*\$\{id\}.*"},
)
_SETTINGS: Final = {
    "oneOf": [
        _setting("number", {"type": "number"}),
        _setting("text", _TEXT),
        _setting("checkbox", {"type": "boolean"}),
        _setting("select", _TEXT, "choices", choices=_list(_object("value name", value=_TEXT, name=_TEXT))),
    ]
}
MANIFEST: Final[Schema] = {
    **_object(
        "versions name identifierSpace schemaSpace",
        versions=_list(_TEXT, contains={"enum": ["0.2"]}),
        name=_TEXT,
        identifierSpace=_TEXT,
        schemaSpace=_TEXT,
        documentation=_TEXT,
        serviceVersion=_TEXT,
        logo=_TEXT,
        view=_object("url", url=_WITH_ID),
        feature_view=_object("url", url=_WITH_ID),
        defaultTypes=_list(_TYPE, uniqueItems=True),
        suggest=_object(entity=_SUGGESTER, property=_SUGGESTER, type=_SUGGESTER),
        preview=_object("url width height", url=_WITH_ID, width={"type": "integer"}, height={"type": "integer"}),
        extend=_object(
            propose_properties=_object(service_url=_TEXT, service_path=_TEXT), property_settings=_list(_SETTINGS)
        ),
        # demanded by the text only
        batchSize={"type": "integer", "minimum": 1},
    ),
    "$defs": _DEFS,
}

_VALUE: Final = {"oneOf": [_TEXT, {"type": "number"}, {"type": "boolean"}, _object("id", id=_TEXT, name=_TEXT)]}
QUERIES: Final[Schema] = {
    "type": "object",
    "additionalProperties": {
        **_object(
            closed=True,
            query=_TEXT,
            type={"oneOf": [_TEXT, _list(_TEXT)]},
            limit={"type": "number"},
            properties=_list(_object("pid v", pid=_TEXT, v={"oneOf": [_VALUE, _list(_VALUE)]})),
            type_strict={**_TEXT, "enum": ["any", "should", "all"]},
        ),
        "anyOf": [{"required": ["query"]}, {"required": ["properties"], "properties": {"properties": {"minItems": 1}}}],
    },
}

_CANDIDATE: Final = _object(
    "id name score",
    id={**_TEXT, "minLength": 1},
    name={**_TEXT, "minLength": 1},
    description=_TEXT,
    score={"type": "number"},
    features=_list(_object(id=_TEXT, value={"oneOf": [{"type": "boolean"}, {"type": "number"}]})),
    match={"type": "boolean"},
    type=_list(_TYPE_OR_ID),
)
RESULTS: Final[Schema] = {
    "type": "object",
    "additionalProperties": _object("result", result=_list(_CANDIDATE)),
}

EXTENSION_QUERY: Final[Schema] = _object(
    "ids properties", ids=_list(_TEXT), properties=_list(_object("id", id=_TEXT, settings={"type": "object"}))
)
_DAY: Final = r"(-?(?:[1-9][0-9]*)?[0-9]{4})-(1[0-2]|0[1-9])-(3[01]|0[1-9]|[12][0-9])"
_TIME: Final = r"(2[0-3]|[01][0-9]):([0-5][0-9]):([0-5][0-9])(\.[0-9]+)?(Z|[+-](?:2[0-3]|[01][0-9]):[0-5][0-9])?"
_CELL: Final = {
    "oneOf": [
        _object(closed=True),
        _object("id name", closed=True, id=_TEXT, name=_TEXT, description=_TEXT),
        _object("str", closed=True, str=_TEXT),
        _object("float", closed=True, float={"type": "number"}),
        _object("int", closed=True, int={"type": "integer"}),
        _object("date", closed=True, date={"type": "string", "pattern": f"^{_DAY}T{_TIME}$"}),
    ]
}
EXTENSION: Final[Schema] = _object(
    "rows meta",
    meta=_list(
        _object(
            "id name",
            id=_TEXT,
            name=_TEXT,
            type=_object("id", id=_TEXT, name=_TEXT),
            service={"type": "string", "format": "uri", "pattern": "^https?://"},
        )
    ),
    rows={
        "type": "object",
        "additionalProperties": {"type": "object", "additionalProperties": _list(_CELL)},
    },
)
#: Only the text of the specification says what a proposal is.
PROPOSAL: Final[Schema] = _object(
    "properties", properties=_list(_object("id name", id=_TEXT, name=_TEXT)), type=_TEXT, limit={"type": "integer"}
)

_SUGGESTED: Final = _object("id name", id=_TEXT, name=_TEXT, description=_TEXT)
SUGGESTIONS: Final[dict[str, Schema]] = {
    "entity": _object(
        "result",
        result=_list(_object("id name", id=_TEXT, name=_TEXT, description=_TEXT, notable=_list(_TYPE_OR_ID))),
    ),
    "property": _object("result", result=_list(_SUGGESTED)),
    "type": {**_object("result", result=_list(_TYPE)), "$defs": _DEFS},
}
