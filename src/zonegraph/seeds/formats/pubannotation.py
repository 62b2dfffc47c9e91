"""PubAnnotation JSON, both ways: denotations for mentions and for the triggers of events, relations for roles.

What the format has no place for stands in attributes named ``record``, as JSON text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from zonegraph.seeds.formats.common import (
    Draft,
    Incoming,
    Outgoing,
    SourceText,
    about,
    extras,
    header_of,
    load_json,
    malformed,
    only_known,
)
from zonegraph.seeds.records import Event, Finding, Mention, Seed, Span

_RECORD: Final = "record"
_REF: Final = "ref"
_EVENT: Final = "event"
_MENTION_KEYS: Final = ("ref", "value", "attrs", "by", "conf", "note")
_EVENT_KEYS: Final = ("ref", "trigger", "args", "attrs", "basis", "by", "conf", "note")


def write_pubannotation(seed: Seed, source: SourceText | None) -> Outgoing:
    """One JSON file; the tools want the text in it."""
    findings: list[Finding] = []
    if source is None:
        findings.append(about(seed, "text-left-out", "the tools want the text in the file", "give --texts DIR"))
    places = {m.id: m.spans for m in seed.mentions}
    placed = [(event, spans) for event in seed.events if (spans := _place(event, places))]
    events = {event.id for event, _ in placed}
    findings += [
        about(seed, "event-without-place", "the format needs characters for an event", "give it a trigger", of=e.id,
              severity="error")
        for e in seed.events if e.id not in events
    ]  # fmt: skip
    known = {*places, *events}
    data = {
        "sourcedb": "zonegraph",
        "sourceid": seed.id,
        **({"text": source.text} if source else {}),
        "denotations": [
            *(_denotation(m.id, m.type, m.spans) for m in seed.mentions),
            *(_denotation(e.id, e.type, spans) for e, spans in placed),
        ],
        "relations": [
            {"id": f"R{n}", **relation}
            for n, relation in enumerate((r for e, _ in placed for r in _relations(e, known)), start=1)
        ],
        "attributes": [
            {"id": f"A{n}", **attribute} for n, attribute in enumerate(_attributes(seed, placed, known), start=1)
        ],
    }
    findings += [about(seed, "argument-lost", f"{i} is not in the export", f"mend {i}", of=e.id)
                 for e, _ in placed for ids in e.args.values() for i in ids
                 if not i.startswith("@") and i not in known]  # fmt: skip
    return Outgoing({f"{seed.id}.json": orjson.dumps(data, option=orjson.OPT_INDENT_2) + b"\n"}, tuple(findings))


def _place(event: Event, places: Mapping[str, tuple[Span, ...]]) -> tuple[Span, ...]:
    ids = (*event.trigger, *(i for given in event.args.values() for i in given))
    return next((places[i] for i in ids if i in places), ())


def _denotation(identifier: str, kind: str, spans: tuple[Span, ...]) -> dict[str, Any]:
    pieces = [{"begin": begin, "end": end} for begin, end in spans]
    return {"id": identifier, "span": pieces[0] if len(pieces) == 1 else pieces, "obj": kind}


def _relations(event: Event, known: set[str]) -> Iterator[dict[str, str]]:
    for role, ids in sorted(event.args.items()):
        for argument in ids:
            if argument in known:
                yield {"pred": role, "subj": event.id, "obj": argument}


def _attributes(
    seed: Seed, placed: list[tuple[Event, tuple[Span, ...]]], known: set[str]
) -> Iterator[dict[str, str | bool]]:
    for mention in seed.mentions:
        if mention.ref:
            yield {"pred": _REF, "subj": mention.id, "obj": mention.ref}
        yield from _record(mention, extras(mention, ("id", "type", "spans", "text", "ref")))
    for event, _ in placed:
        yield {"pred": _EVENT, "subj": event.id, "obj": True}
        # roles with things that no characters name keep their order here
        implied = {
            role: [i for i in ids if i.startswith("@") or i in known]
            for role, ids in sorted(event.args.items())
            if any(i.startswith("@") for i in ids)
        }
        rest = extras(event, ("id", "type", "args"))
        yield from _record(event, {**rest, **({"args": implied} if implied else {})})


def _record(record: Mention | Event, rest: dict[str, Any]) -> Iterator[dict[str, str | bool]]:
    if rest:
        yield {"pred": _RECORD, "subj": record.id, "obj": orjson.dumps(rest).decode()}


def read_pubannotation(incoming: Incoming) -> list[Seed]:
    """One document, or a list of them."""
    data = load_json(incoming)
    documents = data if isinstance(data, list) else [data]
    if not all(isinstance(d, dict) and isinstance(d.get("denotations", []), list) for d in documents):
        raise malformed(incoming.name, "no denotations")
    return [_read(incoming, document, number if len(documents) > 1 else 0) for number, document in enumerate(documents)]


def _read(incoming: Incoming, data: Mapping[str, Any], number: int) -> Seed:
    text = data.get("text")
    stem = str(data.get("sourceid") or incoming.stem) + (f"-{number}" if number else "")
    inline = SourceText.from_text(f"{stem}.txt", text) if isinstance(text, str) else None
    source = incoming.source or inline
    document = header_of(incoming, source, stem)
    reader = _Reader(Draft(f"{document.id}.jsonl", document, source), data)
    if inline and source and source.text != inline.text:
        reader.draft.lost("other-text", "the text given is not the one that was annotated", "check every span")
    return reader.run()


def _objects(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    return [item for item in data.get(key) or [] if isinstance(item, dict)]


class _Reader:
    """Denotations, relations and attributes to records."""

    def __init__(self, draft: Draft, data: Mapping[str, Any]) -> None:
        self.draft = draft
        self.data = data
        self.attributes: dict[str, dict[str, list[Any]]] = {}
        for attribute in _objects(data, "attributes"):
            said = self.attributes.setdefault(str(attribute.get("subj")), {})
            said.setdefault(str(attribute.get("pred")), []).append(attribute.get("obj"))

    def run(self) -> Seed:
        """Make the records."""
        relations = self._by_subject()
        events: list[Mapping[str, Any]] = []
        for denotation in _objects(self.data, "denotations"):
            if _EVENT in self.attributes.get(str(denotation.get("id")), {}):
                events.append(denotation)
            else:
                self._mention(denotation)
        for denotation in events:
            self._event(denotation, relations.pop(str(denotation.get("id")), []))
        # relations between plain denotations state something of two things
        for relation in (r for rest in relations.values() for r in rest):
            args = {"subject": [str(relation.get("subj"))], "object": [str(relation.get("obj"))]}
            wanted = str(relation.get("id", ""))
            self.draft.event(self.draft.new_id(wanted, "E"), str(relation.get("pred", "")), args)
        for key in ("modifications", "blocks", "namespaces", "tracks"):
            if self.data.get(key):
                self.draft.lost("key-left-out", f"{key!r} is not carried", "add it by hand")
        return self.draft.seed()

    def _by_subject(self) -> dict[str, list[Mapping[str, Any]]]:
        found: dict[str, list[Mapping[str, Any]]] = {}
        for relation in _objects(self.data, "relations"):
            found.setdefault(str(relation.get("subj")), []).append(relation)
        return found

    def _mention(self, denotation: Mapping[str, Any]) -> None:
        identifier = str(denotation.get("id", ""))
        spans = _spans(denotation)
        if not spans:
            self.draft.lost("no-place", "a denotation without characters", "mend it", of=identifier, severity="error")
            return
        fields = self._fields(identifier, _MENTION_KEYS)
        made = self.draft.new_id(identifier, "T")
        self.draft.mention(made, str(denotation.get("obj", "")), spans, str(fields.pop("text", "")), **fields)

    def _event(self, denotation: Mapping[str, Any], relations: list[Mapping[str, Any]]) -> None:
        identifier = str(denotation.get("id", ""))
        fields = self._fields(identifier, _EVENT_KEYS)
        implied = fields.pop("args", {})
        args: dict[str, list[str]] = {}
        for relation in relations:
            args.setdefault(str(relation.get("pred")), []).append(str(relation.get("obj")))
        for role, ids in implied.items() if isinstance(implied, dict) else ():
            here = args.get(role, [])
            same = [i for i in ids if not i.startswith("@")] == here
            args[role] = ids if same else [*here, *(i for i in ids if i.startswith("@"))]
        self.draft.event(self.draft.new_id(identifier, "E"), str(denotation.get("obj", "")), args, **fields)

    def _fields(self, identifier: str, keys: tuple[str, ...]) -> dict[str, Any]:
        said = self.attributes.get(identifier, {})
        fields: dict[str, Any] = {}
        attrs: dict[str, list[Any]] = {}
        for name, values in said.items():
            if name == _RECORD:
                fields.update(only_known(_loaded(values[0]), keys))
            elif name == _REF:
                fields[_REF] = str(values[0])
            elif name != _EVENT:
                attrs[name] = [v if isinstance(v, str | int | bool) else str(v) for v in values]
        return {**fields, **({"attrs": {**fields.get("attrs", {}), **attrs}} if attrs else {})}


def _loaded(text: object) -> Any:
    try:
        return orjson.loads(text) if isinstance(text, str) else None
    except orjson.JSONDecodeError:
        return None


def _spans(denotation: Mapping[str, Any]) -> list[Span]:
    given = denotation.get("span")
    try:
        pieces = given if isinstance(given, list) else [given or {}]
        return sorted((int(piece["begin"]), int(piece["end"])) for piece in pieces)
    except (KeyError, TypeError, ValueError):
        return []
