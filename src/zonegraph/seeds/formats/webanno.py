"""W3C Web Annotation as JSON-LD, both ways.

A mention is an annotation whose body says its class and the thing it names, and whose target is the document with
position and quote. An event is an annotation of the linking kind: one body a role's argument. What the model
has no term for stands in ``zga:record``, a JSON literal. Positions count code points of the exact bytes decoded
as UTF-8 (``zga:unit``); foreign annotations whose positions count otherwise are found by their quotes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from zonegraph.errors import UsageError, Where
from zonegraph.names import BASE, ZG, ZGI, compact, expand
from zonegraph.seeds.formats.common import (
    Draft,
    Incoming,
    Outgoing,
    SourceText,
    extras,
    find_near,
    header_of,
    load_json,
    malformed,
    need_document,
    only_known,
)
from zonegraph.seeds.parse import parse_line
from zonegraph.seeds.records import Document, Event, Mention, Seed, Span

_ZGA: Final = BASE + "annotation#"
_CONTEXT: Final[list[Any]] = [
    "http://www.w3.org/ns/anno.jsonld",
    {
        "zga": _ZGA,
        "record": {"@id": "zga:record", "@type": "@json"},
        "header": {"@id": "zga:header", "@type": "@json"},
        "role": "zga:role",
        "unit": "zga:unit",
    },
]
_MENTION_REST: Final = ("value", "attrs", "conf", "type", "ref", "by")
_EVENT_REST: Final = ("ref", "attrs", "basis", "conf", "type", "by")


def write_webanno(seed: Seed, source: SourceText | None) -> Outgoing:
    """One annotation collection with one page; needs no text."""
    del source
    base = f"{ZGI}doc/{seed.id}/annotations"
    document = need_document(seed)
    items = [_mention_out(document, base, m) for m in seed.mentions]
    items += [_event_out(base, event) for event in seed.events]
    page = {"id": f"{base}/page", "type": "AnnotationPage", "startIndex": 0, "items": items}
    collection = {
        "@context": _CONTEXT,
        "id": base,
        "type": "AnnotationCollection",
        "total": len(items),
        "unit": "codepoint",
        "header": document.as_dict(),
        "first": page,
    }
    data = orjson.dumps(collection, option=orjson.OPT_INDENT_2) + b"\n"
    return Outgoing({f"{seed.id}.jsonld": data})


def _class_body(kind: str) -> dict[str, Any]:
    if kind.isidentifier():
        return {"type": "SpecificResource", "purpose": "classifying", "source": ZG + kind}
    return {"type": "TextualBody", "purpose": "classifying", "value": kind}


def _annotation(base: str, record: Mention | Event, motivation: str, body: list[Any], target: Any) -> dict[str, Any]:
    if record.note:
        body.append({"type": "TextualBody", "purpose": "commenting", "value": record.note})
    made: dict[str, Any] = {"id": f"{base}/{record.id}", "type": "Annotation", "motivation": motivation}
    if record.by:
        made["creator"] = {"name": record.by}
    return {**made, "body": body, "target": target}


def _mention_out(document: Document, base: str, mention: Mention) -> dict[str, Any]:
    body = [_class_body(mention.type)]
    if mention.ref:
        body.append({"type": "SpecificResource", "purpose": "identifying", "source": _thing(mention.ref)})
    targets = list(_targets(document, mention))
    made = _annotation(base, mention, "identifying" if mention.ref else "classifying", body,
                       targets[0] if len(targets) == 1 else targets)  # fmt: skip
    native = {"id", "spans", "text", "note", "by", *(["type"] if mention.type.isidentifier() else [])}
    if mention.ref and _path(_thing(mention.ref)) == mention.ref:
        native.add("ref")
    return _with_record(made, extras(mention, native))


def _with_record(made: dict[str, Any], rest: dict[str, Any]) -> dict[str, Any]:
    return {**made, "record": rest} if rest else made


def _targets(document: Document, mention: Mention) -> Iterator[dict[str, Any]]:
    offset = 0
    for begin, end in mention.spans:
        quote = mention.text[offset : offset + end - begin]
        offset += end - begin
        yield {
            "type": "SpecificResource",
            "source": f"{ZGI}doc/{document.id}",
            "selector": [
                {"type": "TextPositionSelector", "start": begin, "end": end},
                {"type": "TextQuoteSelector", "exact": quote},
            ],
        }


def _event_out(base: str, event: Event) -> dict[str, Any]:
    body = [_class_body(event.type)]
    for role, ids in sorted(event.args.items()):
        body += [
            {"type": "SpecificResource", "purpose": "linking", "role": role, "source": _argument(base, i)} for i in ids
        ]
    # an annotation has a target; without a trigger it is about the document's annotations as a whole
    targets = [f"{base}/{i}" for i in event.trigger] or [base]
    made = _annotation(base, event, "linking", body, targets[0] if len(targets) == 1 else targets)
    native = {"id", "args", "trigger", "note", "by", *(["type"] if event.type.isidentifier() else [])}
    return _with_record(made, extras(event, native))


def _thing(ref: str) -> str:
    """The IRI of a reference, whatever its form."""
    expanded = expand(ref)
    return expanded if "://" in expanded else ZGI + ref


def _path(iri: str) -> str:
    return iri.removeprefix(ZGI) if iri.startswith(ZGI) else iri


def _argument(base: str, identifier: str) -> str:
    return _thing(identifier[1:]) if identifier.startswith("@") else f"{base}/{identifier}"


def read_webanno(incoming: Incoming) -> list[Seed]:
    """Read a collection, a page, a list or one annotation; raises `SeedError` and `UsageError`."""
    data = load_json(incoming)
    document = _document(incoming, data)
    reader = _Reader(Draft(f"{document.id}.jsonl", document, incoming.source))
    for annotation in _annotations(data, incoming.name):
        reader.take(annotation)
    return [reader.finish()]


def _document(incoming: Incoming, data: Any) -> Document:
    header = data.get("header") if isinstance(data, dict) else None
    if incoming.header is None and isinstance(header, dict):
        record = parse_line(orjson.dumps(header), 1)
        if isinstance(record, Document):
            _check_text(incoming, record)
            return record
    return header_of(incoming, incoming.source)


def _check_text(incoming: Incoming, document: Document) -> None:
    if incoming.source is not None and incoming.source.digest != document.sha256:
        where = Where(file=incoming.name)
        raise UsageError("the annotations are about another text", where=where, hint="give the text they were made on")


def _annotations(data: Any, name: str) -> Iterator[Mapping[str, Any]]:
    items = data
    if isinstance(data, dict):
        page = data.get("first", data)
        items = page.get("items", [data]) if isinstance(page, dict) else []
    if not isinstance(items, list) or not all(isinstance(item, dict) and "target" in item for item in items):
        raise malformed(name, "no list of annotations")
    yield from items


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


class _Reader:
    """Annotations to records; ids are the last segments of theirs."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.names: dict[str, str] = {}
        self.links: list[Mapping[str, Any]] = []

    def take(self, annotation: Mapping[str, Any]) -> None:
        """One annotation; those that link are kept until all others have their ids."""
        iri = str(annotation.get("id", ""))
        is_link = any(isinstance(b, dict) and b.get("role") for b in _listed(annotation.get("body")))
        if is_link or annotation.get("motivation") == "linking":
            self.links.append(annotation)
            return
        identifier = self.draft.new_id(_last(iri), "T")
        self.names[iri] = identifier
        kind, fields = self._said(annotation, identifier, _MENTION_REST)
        spans = self._spans(annotation, identifier)
        if spans:
            text = "".join(quote for _, quote in spans)
            self.draft.mention(identifier, kind, [span for span, _ in spans], text, **fields)

    def finish(self) -> Seed:
        """Make the events."""
        for number, link in enumerate(self.links, start=1):
            iri = str(link.get("id", ""))
            wanted = _last(iri) or f"E{number}"
            self.names.setdefault(iri or f"#{number}", self.draft.new_id(wanted, "E"))
        for number, link in enumerate(self.links, start=1):
            self._event(link, self.names[str(link.get("id", "")) or f"#{number}"])
        return self.draft.seed()

    def _event(self, link: Mapping[str, Any], identifier: str) -> None:
        kind, fields = self._said(link, identifier, _EVENT_REST)
        args: dict[str, list[str]] = {}
        for body in _listed(link.get("body")):
            if isinstance(body, dict) and body.get("role"):
                args.setdefault(str(body["role"]), []).append(self._name(str(body.get("source", ""))))
        targets = [self.names.get(str(t), "") for t in _listed(link.get("target"))]
        self.draft.event(identifier, kind, args, trigger=[t for t in targets if t], **fields)

    def _name(self, iri: str) -> str:
        return self.names.get(iri) or f"@{_path(iri)}"

    def _said(
        self, annotation: Mapping[str, Any], identifier: str, rest: tuple[str, ...]
    ) -> tuple[str, dict[str, Any]]:
        """The type, and the other fields."""
        fields = only_known(annotation.get("record"), rest)
        creator = annotation.get("creator")
        if creator:
            named = creator.get("name") or creator.get("id") if isinstance(creator, dict) else creator
            fields.setdefault("by", str(named))
        kinds: list[str] = []
        for body in _listed(annotation.get("body")):
            self._body(body, fields, kinds, identifier)
        kind = fields.pop("type", "") or (kinds[0] if kinds else "")
        for other in kinds[1:]:
            self.draft.lost("second-type", f"{other!r} is a second type", "annotate the span twice", of=identifier)
        return str(kind), fields

    def _body(self, body: Any, fields: dict[str, Any], kinds: list[str], identifier: str) -> None:
        if isinstance(body, str):
            body = {"source": body, "purpose": "identifying"}
        purpose = body.get("purpose", "commenting" if body.get("type") == "TextualBody" else "identifying")
        said = str(body.get("source") or body.get("id") or body.get("value") or "")
        if body.get("role"):
            return
        if purpose in {"classifying", "tagging"}:
            kinds.append(said.removeprefix(ZG) if said.startswith(ZG) else compact(said))
        elif purpose == "identifying":
            fields.setdefault("ref", _path(said))
        elif purpose in {"commenting", "describing"}:
            fields["note"] = "; ".join(t for t in (fields.get("note", ""), said) if t)
        else:
            self.draft.lost("body-left-out", f"a body for {purpose}", "add it by hand", of=identifier)

    def _spans(self, annotation: Mapping[str, Any], identifier: str) -> list[tuple[Span, str]]:
        found: list[tuple[Span, str]] = []
        for target in _listed(annotation.get("target")):
            selectors = _listed(target.get("selector")) if isinstance(target, dict) else []
            span = self._select({str(s.get("type")): s for s in selectors if isinstance(s, dict)}, identifier)
            if span is None:
                return []
            found.append(span)
        return sorted(found)

    def _select(self, selectors: Mapping[str, Mapping[str, Any]], identifier: str) -> tuple[Span, str] | None:
        position, quote = selectors.get("TextPositionSelector"), selectors.get("TextQuoteSelector")
        try:
            start = int(position["start"]) if position else None
            end = int(position["end"]) if position else None
            exact = str(quote["exact"]) if quote else None
        except (KeyError, TypeError, ValueError):
            start = end = exact = None
        found = self._place(start, end, exact, quote or {}, identifier)
        if found is None:
            self.draft.lost("no-place", "no selector that leads to characters", "use position and quote selectors",
                            of=identifier, severity="error")  # fmt: skip
        return found

    def _place(
        self, start: int | None, end: int | None, exact: str | None, quote: Mapping[str, Any], identifier: str
    ) -> tuple[Span, str] | None:
        source = self.draft.source
        if source is None:
            return ((start, end), exact) if start is not None and end is not None and exact is not None else None
        if start is not None and end is not None and exact in {None, source.text[start:end]}:
            return (start, end), source.text[start:end]
        if not exact:
            return None
        span = _by_quote(source.text, exact, quote, start)
        if span is not None and start is not None:
            self.draft.lost("moved", f"the quote stands at {span[0]}, not at {start}", "check the span", of=identifier)
        return (span, source.text[slice(*span)]) if span else None


def _by_quote(text: str, exact: str, quote: Mapping[str, Any], start: int | None) -> Span | None:
    """The place of a quote: near its position, else with its prefix and suffix, else only if it stands once."""
    if start is not None:
        return find_near(text, exact, start)
    prefix, suffix = str(quote.get("prefix", "")), str(quote.get("suffix", ""))
    whole = prefix + exact + suffix
    if text.count(whole) != 1:
        return None
    begin = text.index(whole) + len(prefix)
    return begin, begin + len(exact)


def _last(iri: str) -> str:
    return iri.rsplit("#", 1)[-1].rsplit("/", 1)[-1].rsplit(":", 1)[-1]
