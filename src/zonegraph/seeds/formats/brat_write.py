"""A seed as brat standoff (``.ann``, with the text as ``.txt``)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from zonegraph.seeds.fmt import natural
from zonegraph.seeds.formats.brat_names import DATABASE, NOTE, escape, fragments, joined, numbered, written_spans
from zonegraph.seeds.formats.common import Outgoing, SourceText, about, extras, need_document
from zonegraph.seeds.records import Event, Finding, Mention, Seed, Span

_HEAD = ("title", "publisher", "issued", "ontology", "by")
_BARE = re.compile(r"\S+\Z")


def write_brat(seed: Seed, source: SourceText | None) -> Outgoing:
    """The ``.ann`` file, and the ``.txt`` beside it where the text is at hand."""
    writer = _Writer(seed, source)
    files = {f"{seed.id}.ann": writer.as_bytes()}
    if source is not None:
        files[f"{seed.id}.txt"] = source.data
    return Outgoing(files, tuple(writer.findings))


class _Writer:
    """Gives records brat ids, then writes line after line."""

    def __init__(self, seed: Seed, source: SourceText | None) -> None:
        self.seed = seed
        self.source = source
        self.findings: list[Finding] = []
        self.pieces = {m.id: fragments(m.spans, m.text) for m in seed.mentions}
        self.ids = {**_brat_ids("T", seed.mentions), **_brat_ids("E", seed.events)}
        self.next_trigger = 1 + max((int(i[1:]) for i in self.ids.values() if i[0] == "T"), default=0)
        self.counts = {"A": 0, "N": 0, "#": 0}
        self.written = {m.id for m in seed.mentions if self.pieces[m.id]}

    def as_bytes(self) -> bytes:
        """All lines."""
        self._report_header()
        # which events can be written decides which of them can be arguments
        anchors = {event.id: anchor for event in self.seed.events if (anchor := self._anchor(event))}
        self.written.update(anchors)
        lines = [line for mention in self.seed.mentions for line in self._mention(mention)]
        lines += [line for event in self.seed.events for line in self._event(event, anchors.get(event.id))]
        return "".join(f"{line}\n" for line in lines).encode("utf-8")

    def _report_header(self) -> None:
        header = need_document(self.seed).as_dict()
        left = [key for key in _HEAD if key in header]
        if left:
            self._lost("header-left-out", f"brat has no place for {', '.join(left)}", "import with --header SEED")

    def _lost(self, code: str, message: str, hint: str, of: str = "", severity: str = "warning") -> None:
        self.findings.append(about(self.seed, code, message, hint, of=of, severity=severity))

    def _mention(self, mention: Mention) -> Iterator[str]:
        pieces = self.pieces[mention.id]
        if not pieces:
            self._lost("only-line-breaks", "brat cannot hold line breaks alone", "mark visible characters",
                       mention.id, "error")  # fmt: skip
            return
        made = self.ids[mention.id]
        spans = [span for span, _ in pieces]
        yield f"{made}\t{escape(mention.type)} {written_spans(spans)}\t{' '.join(text for _, text in pieces)}"
        native = {"id", "type", "spans", "text"}
        if _BARE.match(mention.ref):
            native.add("ref")
            yield f"{self._number('N')}\tReference {made} {DATABASE}:{mention.ref}\t{_one_line(mention.text)}"
        yield from self._rest(mention, made, native, self._odd_spans(mention, spans))

    def _odd_spans(self, mention: Mention, pieces: Sequence[Span]) -> dict[str, Any]:
        """The exact spans, where joining the fragments again would give others."""
        # without the text, only line breaks inside a single span are known to be white space
        again = [(pieces[0][0], pieces[-1][1])] if self.source is None else joined(pieces, self.source.text)
        same = again == list(mention.spans)
        return {} if same else {"spans": [list(span) for span in mention.spans]}

    def _rest(self, record: Mention | Event, made: str, native: set[str], more: dict[str, Any]) -> Iterator[str]:
        """Attributes, annotator's notes, and what only JSON can hold."""
        if all(len(values) == 1 and isinstance(values[0], str) and _BARE.match(values[0])
               for values in record.attrs.values()):  # fmt: skip
            native.add("attrs")
            for name, values in record.attrs.items():
                yield f"{self._number('A')}\t{escape(name)} {made} {values[0]}"
        if record.note and record.note == _one_line(record.note):
            native.add("note")
            yield f"{self._number('#')}\tAnnotatorNotes {made}\t{record.note}"
        rest = {**extras(record, native), **more, **({"id": record.id} if made != record.id else {})}
        if rest:
            yield f"{self._number('#')}\t{NOTE} {made}\t{orjson.dumps(rest).decode()}"

    def _number(self, letter: str) -> str:
        self.counts[letter] += 1
        return f"{letter}{self.counts[letter]}"

    def _anchor(self, event: Event) -> list[tuple[Span, str]]:
        """Where an event stands in the text: its first trigger, else its first argument with characters."""
        ids = (*event.trigger, *(i for given in event.args.values() for i in given))
        return next((self.pieces[i] for i in ids if self.pieces.get(i)), [])

    def _event(self, event: Event, anchor: list[tuple[Span, str]] | None) -> Iterator[str]:
        if not anchor:
            self._lost("event-without-place", "brat needs characters for an event", "give it a trigger",
                       event.id, "error")  # fmt: skip
            return
        made, trigger = self.ids[event.id], f"T{self.next_trigger}"
        self.next_trigger += 1
        kind = escape(event.type)
        spans = [span for span, _ in anchor]
        yield f"{trigger}\t{kind} {written_spans(spans)}\t{' '.join(text for _, text in anchor)}"
        yield f"{made}\t{kind}:{trigger} {self._roles(event)}".rstrip()
        yield from self._rest(event, made, {"id", "type", "args", "trigger"}, self._whole(event, spans))

    def _roles(self, event: Event) -> str:
        words: list[str] = []
        for role, ids in event.args.items():
            known = [i for i in ids if i in self.written]
            for gone in (i for i in ids if not i.startswith("@") and i not in self.written):
                self._lost("argument-lost", f"{gone} in role {role} is not in the export", f"mend {gone}", event.id)
            words += [f"{numbered(role, n)}:{self.ids[i]}" for n, i in enumerate(known, start=1)]
        return " ".join(words)

    def _whole(self, event: Event, anchor: Sequence[Span]) -> dict[str, Any]:
        """The triggers with the place they were written at, and roles with things that no characters name."""
        triggers = [self.ids[i] for i in event.trigger if i in self.written]
        implied = {
            role: [i if i.startswith("@") else self.ids[i] for i in ids if i.startswith("@") or i in self.written]
            for role, ids in event.args.items()
            if any(i.startswith("@") for i in ids)
        }
        return {"trigger": triggers, "at": [list(s) for s in anchor], **({"args": implied} if implied else {})}


def _brat_ids(letter: str, records: Sequence[Mention | Event]) -> dict[str, str]:
    """Ids that brat takes (T1, E1); records with other ids get free ones."""
    shape = re.compile(rf"{letter}[1-9][0-9]{{0,8}}\Z")
    kept = {record.id: record.id for record in records if shape.match(record.id)}
    number = max((int(i[1:]) for i in kept), default=0)
    for record in sorted(records, key=lambda r: natural(r.id)):
        if record.id not in kept:
            number += 1
            kept[record.id] = f"{letter}{number}"
    return kept


def _one_line(text: str) -> str:
    return " ".join(text.split())
