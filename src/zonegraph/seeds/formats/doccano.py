"""doccano JSONL with relations, import only. Several documents may stand in one file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zonegraph.seeds.formats.common import Draft, Incoming, SourceText, header_of, malformed, parse_json
from zonegraph.seeds.records import Seed


def read_doccano(incoming: Incoming) -> list[Seed]:
    """Each line a document with ``text``, ``entities`` (or ``label``) and ``relations``."""
    lines = [(n, line) for n, line in enumerate(incoming.data.split(b"\n"), start=1) if line.strip()]
    return [_document(incoming, n, line, len(lines)) for n, line in lines]


def _document(incoming: Incoming, number: int, line: bytes, count: int) -> Seed:
    data = parse_json(line, incoming.name, number)
    if not isinstance(data, dict) or not isinstance(data.get("text"), str):
        raise malformed(incoming.name, "no text", number)
    stem = incoming.id or incoming.stem
    name = stem if count == 1 else f"{stem}-{data.get('id', number)}"
    source = incoming.source or SourceText.from_text(f"{name}.txt", data["text"])
    document = header_of(incoming, source, name)
    draft = Draft(f"{document.id}.jsonl", document, source)
    _check(draft, source, data)
    ids = dict(_mentions(draft, data))
    for place, relation in enumerate(data.get("relations") or [], start=1):
        _relation(draft, f"E{place}", relation, ids)
    return draft.seed()


def _check(draft: Draft, source: SourceText, data: Mapping[str, Any]) -> None:
    if source.text != data["text"]:
        draft.lost("other-text", "the text given is not the one that was annotated", "check every span")
    if any(ord(character) > 0xFFFF for character in source.text):
        draft.lost("unit-unsure", "older versions count UTF-16 units", "check spans after the first emoji")
    for key in ("cats", "Comments", "comments", "meta"):
        if data.get(key):
            draft.lost("key-left-out", f"{key!r} is not carried", "add it by hand")


def _mentions(draft: Draft, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    old = [{"start_offset": s[0], "end_offset": s[1], "label": s[2]} for s in data.get("label") or [] if len(s) == 3]
    for place, entity in enumerate([*(data.get("entities") or []), *old], start=1):
        identifier = f"T{place}"
        try:
            span = int(entity["start_offset"]), int(entity["end_offset"])
            kind = str(entity["label"])
        except (KeyError, TypeError, ValueError):
            what = f"entity {place} has no offsets or label"
            draft.lost("malformed-entity", what, "mend it", of=identifier, severity="error")
            continue
        if draft.mention(identifier, kind, [span]):
            yield str(entity.get("id", f"#{place}")), identifier


def _relation(draft: Draft, identifier: str, relation: Mapping[str, Any], ids: Mapping[str, str]) -> None:
    ends = [ids.get(str(relation.get(key)), str(relation.get(key))) for key in ("from_id", "to_id")]
    draft.event(identifier, str(relation.get("type", "")), {"subject": [ends[0]], "object": [ends[1]]})
