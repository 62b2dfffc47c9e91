"""One line of a seed to a record, strictly: unknown keys and wrong types are refused, nothing is guessed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from zonegraph.errors import SeedError
from zonegraph.seeds.records import MAX_SLICE, Document, Event, Mention, Record, Span

#: Longer lines are refused unread.
MAX_LINE: Final = 1 << 20
_ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}\Z")
DOC_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}\Z")
_SHA: Final = re.compile(r"[0-9a-f]{64}\Z")
# explicit directional controls can make a line read differently from what it says (Unicode TR 36)
_BIDI: Final = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
LANGS: Final = frozenset({"zh-Hans", "zh-Hant", "zh", "en"})
BASES: Final = frozenset({"explicit", "implied", "derived", "external", "retrospective"})

_DOC_KEYS: Final = frozenset(
    [
        "kind",
        "id",
        "file",
        "sha256",
        "length",
        "unit",
        "lang",
        "title",
        "publisher",
        "issued",
        "issuedBasis",
        "ontology",
        "by",
    ]
)
_MENTION_KEYS: Final = frozenset(["kind", "id", "type", "spans", "text", "ref", "value", "attrs", "by", "conf", "note"])
_EVENT_KEYS: Final = frozenset(["kind", "id", "type", "ref", "trigger", "args", "attrs", "basis", "by", "conf", "note"])
_VALUE_KEYS: Final = frozenset(["edtf", "anchor", "decimal", "unit", "stated", "scale", "qualifier"])


def parse_line(raw: bytes, line: int) -> Record:
    """The record of one line; raises `SeedError` with a stable ``code`` for whatever is wrong."""
    if len(raw) > MAX_LINE:
        raise SeedError(
            f"the line has {len(raw)} bytes", code="line-too-long", hint=f"at most {MAX_LINE} bytes a record"
        )
    data = _load(raw)
    bidi = _BIDI.search(raw.decode("utf-8"))
    # only an escape can hide a character from the search of the raw line
    if bidi or (b"\\u" in raw and _has_bidi(data)):
        raise SeedError("the record holds a bidirectional control character", code="bidi-control", hint="remove it")
    builder = _BUILDERS.get(str(data.get("kind")))
    if builder is None:
        raise SeedError(f"unknown kind {data.get('kind')!r}", code="unknown-kind", hint="use doc, mention or event")
    return builder(data, line)


def _load(raw: bytes) -> dict[str, Any]:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SeedError(
            f"not UTF-8 at byte {error.start} of the line", code="not-utf8", hint="save the file as UTF-8"
        ) from error
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise SeedError(f"not JSON: {error}", code="malformed-line", hint="one JSON object a line") from error
    if not isinstance(data, dict):
        raise SeedError("not a JSON object", code="malformed-line", hint="one JSON object a line")
    return data


def _has_bidi(data: dict[str, Any]) -> bool:
    try:
        return _BIDI.search(orjson.dumps(data).decode("utf-8")) is not None
    except orjson.JSONEncodeError as error:
        raise SeedError("the record nests too deep", code="malformed-line", hint="a record is flat") from error


def _document(data: dict[str, Any], line: int) -> Document:
    _only(data, _DOC_KEYS)
    lang = _text(data, "lang")
    if lang not in LANGS:
        raise _wrong("lang", f"one of {', '.join(sorted(LANGS))}")
    if data.get("unit", "codepoint") != "codepoint":
        raise _wrong("unit", "codepoint")
    basis = _text(data, "issuedBasis", "explicit")
    if basis not in BASES:
        raise _wrong("issuedBasis", f"one of {', '.join(sorted(BASES))}")
    return Document(
        line=line,
        id=_match(data, "id", DOC_ID, "letters, digits, '.', '_' or '-'"),
        sha256=_match(data, "sha256", _SHA, "64 lower-case hexadecimal digits"),
        length=_integer(data.get("length"), "length"),
        lang=lang,
        file=_text(data, "file", ""),
        title=_text(data, "title", ""),
        publisher=_text(data, "publisher", ""),
        issued=_text(data, "issued", ""),
        issued_basis=basis,
        ontology=_text(data, "ontology", ""),
        by=_text(data, "by", ""),
    )


def _mention(data: dict[str, Any], line: int) -> Mention:
    _only(data, _MENTION_KEYS)
    spans = _spans(data.get("spans"))
    text = _text(data, "text")
    length = sum(end - begin for begin, end in spans)
    if length != len(text):
        raise SeedError(
            f"the spans cover {length} code points, the text has {len(text)}", code="slice-length", hint="mend either"
        )
    if length > MAX_SLICE:
        raise SeedError(f"the slice has {length} code points", code="slice-too-long", hint=f"at most {MAX_SLICE}")
    value = data.get("value", {})
    if not isinstance(value, dict) or not _VALUE_KEYS.issuperset(value):
        raise _wrong("value", f"an object with keys among {', '.join(sorted(_VALUE_KEYS))}")
    return Mention(
        line=line,
        id=_match(data, "id", _ID, "like T1"),
        type=_text(data, "type"),
        spans=spans,
        text=text,
        ref=_text(data, "ref", ""),
        value=value,
        attrs=_attrs(data.get("attrs", {})),
        by=_text(data, "by", ""),
        conf=_confidence(data),
        note=_text(data, "note", ""),
    )


def _event(data: dict[str, Any], line: int) -> Event:
    _only(data, _EVENT_KEYS)
    trigger = data.get("trigger", [])
    args = data.get("args", {})
    if not isinstance(args, dict):
        raise _wrong("args", "an object of role: [mention ids]")
    basis = _text(data, "basis", "explicit")
    if basis not in BASES:
        raise _wrong("basis", f"one of {', '.join(sorted(BASES))}")
    return Event(
        line=line,
        id=_match(data, "id", _ID, "like E1"),
        type=_text(data, "type"),
        ref=_text(data, "ref", ""),
        trigger=_ids([trigger] if isinstance(trigger, str) else trigger, "trigger"),
        args={role: _ids([ids] if isinstance(ids, str) else ids, f"args.{role}") for role, ids in args.items()},
        attrs=_attrs(data.get("attrs", {})),
        basis=basis,
        by=_text(data, "by", ""),
        conf=_confidence(data),
        note=_text(data, "note", ""),
    )


_BUILDERS: Final[Mapping[str, Callable[[dict[str, Any], int], Record]]] = {
    "doc": _document,
    "mention": _mention,
    "event": _event,
}


def _only(data: dict[str, Any], allowed: frozenset[str]) -> None:
    extra = sorted(set(data) - allowed)
    if extra:
        raise SeedError(f"unknown key {extra[0]!r}", code="unknown-key", hint=f"known: {', '.join(sorted(allowed))}")


def _wrong(key: str, expected: str) -> SeedError:
    return SeedError(f"{key!r} is missing or wrong", code="wrong-value", hint=f"expected {expected}")


def _text(data: dict[str, Any], key: str, default: str | None = None) -> str:
    value = data.get(key, default)
    if not isinstance(value, str) or (default is None and not value):
        raise _wrong(key, "a text")
    return value


def _match(data: dict[str, Any], key: str, pattern: re.Pattern[str], expected: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not pattern.match(value):
        raise _wrong(key, expected)
    return value


def _integer(value: object, key: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _wrong(key, "a whole number, 0 or more")
    return value


def _confidence(data: dict[str, Any]) -> float | None:
    value = data.get("conf")
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise _wrong("conf", "a number from 0 to 1")
    return float(value)


def _spans(value: object) -> tuple[Span, ...]:
    if not isinstance(value, list) or not value:
        raise _wrong("spans", "[[begin, end], …]")
    spans = tuple(_span(item) for item in value)
    if any(after[0] < before[1] for before, after in itertools.pairwise(spans)):
        raise SeedError("the spans overlap or are not in order", code="span-order", hint="sort and separate them")
    return spans


def _span(item: object) -> Span:
    if not isinstance(item, list) or len(item) != 2:
        raise _wrong("spans", "[[begin, end], …]")
    begin, end = (_integer(part, "spans") for part in item)
    if begin >= end:
        raise SeedError(f"the span [{begin}, {end}) is empty", code="span-empty", hint="begin must lie before end")
    return begin, end


def _ids(value: object, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise _wrong(key, "a list of ids")
    return tuple(value)


def _attrs(value: object) -> dict[str, tuple[Any, ...]]:
    if not isinstance(value, dict):
        raise _wrong("attrs", "an object of role: value")
    attrs = {name: tuple(item) if isinstance(item, list) else (item,) for name, item in value.items()}
    if not all(isinstance(item, str | int | bool) for items in attrs.values() for item in items):
        raise _wrong("attrs", "texts, whole numbers, truth values or lists of them; decimals as texts")
    return attrs
