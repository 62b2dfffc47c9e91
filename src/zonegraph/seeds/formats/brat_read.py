"""brat standoff (``.ann`` with its ``.txt``) to a seed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from zonegraph.errors import UsageError, Where
from zonegraph.seeds.formats.brat_names import DATABASE, NOTE, joined, read_spans, role_of, unescape
from zonegraph.seeds.formats.common import Draft, Incoming, SourceText, header_of, only_known
from zonegraph.seeds.records import Seed, Span

_MENTION_KEYS: Final = ("id", "ref", "value", "attrs", "by", "conf", "note", "spans")
_EVENT_KEYS: Final = ("id", "ref", "attrs", "basis", "by", "conf", "note", "trigger", "at", "args")


def read_brat(incoming: Incoming) -> list[Seed]:
    """Read one ``.ann`` file; raises `UsageError` when its text is not beside it."""
    beside = incoming.beside.get(f"{incoming.stem}.txt")
    source = incoming.source
    if source is None and beside is not None:
        source = SourceText.from_bytes(f"{incoming.stem}.txt", beside)
    if source is None:
        raise UsageError(
            f"no {incoming.stem}.txt beside it", where=Where(file=incoming.name), hint="put it there or give --text"
        )
    document = header_of(incoming, source)
    reader = _Reader(Draft(f"{document.id}.jsonl", document, source), source)
    for number, line in enumerate(incoming.data.decode("utf-8", "replace").split("\n"), start=1):
        if line.strip():
            reader.line(number, line.rstrip("\r"))
    return [reader.finish()]


@dataclass(slots=True)
class _Event:
    """An ``E`` or ``R`` line."""

    kind: str
    trigger: str
    args: dict[str, list[str]]


@dataclass(slots=True)
class _About:
    """What other lines say of a record."""

    ref: str = ""
    attrs: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    notes: list[str] = field(default_factory=list)
    extras: dict[str, Any] = field(default_factory=dict)


class _Reader:
    """Collects lines by their first letter, then makes records of them."""

    def __init__(self, draft: Draft, source: SourceText) -> None:
        self.draft = draft
        self.source = source
        self.mentions: dict[str, tuple[str, list[Span]]] = {}
        self.events: dict[str, _Event] = {}
        self.about: dict[str, _About] = defaultdict(_About)
        self.ids: dict[str, str] = {}

    def line(self, number: int, line: str) -> None:
        """Take one line; what cannot be read is a finding."""
        read = _LINES.get(line[0])
        if read is None:
            self._bad(number, line, "unknown-line", "brat lines begin with T, E, R, A, M, N, # or *")
            return
        try:
            read(self, line)
        except (ValueError, IndexError):
            self._bad(number, line, "malformed-line", "see the brat standoff format")

    def _bad(self, number: int, line: str, code: str, hint: str) -> None:
        what = line.partition("\t")[0][:20]
        self.draft.lost(code, f"line {number} ({what}) cannot be read", hint, of=what, severity="error")

    def text_bound(self, line: str) -> None:
        """``T1 ⇥ Type 0 3;4 5 ⇥ text``."""
        identifier, middle, shown = line.split("\t", 2)
        kind, _, offsets = middle.partition(" ")
        pieces = list(read_spans(offsets))
        actual = " ".join(self.source.text[begin:end] for begin, end in pieces)
        if "".join(actual.split()) != "".join(shown.split()):
            self.draft.lost("slice", f"the line says {shown[:20]!r}, the text {actual[:20]!r}", "mend the offsets",
                            of=identifier, offset=pieces[0][0], severity="error")  # fmt: skip
            return
        self.mentions[identifier] = (unescape(kind), pieces)

    def event(self, line: str) -> None:
        """``E1 ⇥ Type:T5 role:T1 role2:T2``."""
        identifier, rest = line.split("\t", 1)
        words = rest.split()
        kind, trigger = words[0].rsplit(":", 1)
        args: dict[str, list[str]] = defaultdict(list)
        for word in words[1:]:
            role, target = word.rsplit(":", 1)
            args[role_of(role)].append(target)
        self.events[identifier] = _Event(unescape(kind), trigger, dict(args))

    def relation(self, line: str) -> None:
        """``R1 ⇥ Type Arg1:T1 Arg2:T2``: a statement about two things."""
        identifier, rest = line.split("\t", 1)
        kind, first, second = rest.split()[:3]
        ends = {"subject": [first.split(":", 1)[1]], "object": [second.split(":", 1)[1]]}
        self.events[identifier] = _Event(unescape(kind), "", ends)

    def attribute(self, line: str) -> None:
        """``A1 ⇥ Name E1 value``; without a value the name alone says yes."""
        words = line.split("\t", 1)[1].split()
        self.about[words[1]].attrs[unescape(words[0])].append(words[2] if len(words) > 2 else True)

    def normalisation(self, line: str) -> None:
        """``N1 ⇥ Reference T1 zonegraph:zone/x ⇥ name``; other databases are reported."""
        _, target, entry = line.split("\t")[1].split(" ", 2)
        database, _, key = entry.partition(":")
        if database == DATABASE:
            self.about[target].ref = key
        else:
            self.draft.lost("foreign-reference", f"{entry} names no thing here", "give a ref by hand", of=target)

    def note(self, line: str) -> None:
        """``#1 ⇥ AnnotatorNotes T1 ⇥ text``, or the JSON of an exporter."""
        _, middle, text = line.split("\t", 2)
        kind, target = middle.split(" ")
        if kind == NOTE:
            loaded = orjson.loads(text)
            self.about[target].extras = loaded if isinstance(loaded, dict) else {}
        else:
            self.about[target].notes.append(text)

    def equivalence(self, line: str) -> None:
        """``* ⇥ Equiv T1 T2``: seeds say so by a common ref."""
        self.draft.lost("equivalence", f"{line.split(chr(9))[1]!r} is not carried", "give both the same ref")

    def finish(self) -> Seed:
        """Make the records; a trigger that was written only for brat is dropped again."""
        made_for_brat = {e.trigger for i, e in self.events.items() if self._is_made(i, e)}
        triggers = {event.trigger for event in self.events.values()}
        self._name(made_for_brat)
        for identifier, (kind, pieces) in self.mentions.items():
            if identifier not in made_for_brat:
                alike = any(e.trigger == identifier and e.kind == kind for e in self.events.values())
                self._mention(identifier, "Trigger" if identifier in triggers and alike else kind, pieces)
        for identifier, event in self.events.items():
            self._event(identifier, event, made=event.trigger in made_for_brat)
        self._orphans()
        return self.draft.seed()

    def _is_made(self, identifier: str, event: _Event) -> bool:
        """Whether the trigger stands where the exporter put it, and other lines do not speak of it."""
        known = self.mentions.get(event.trigger)
        at = self.about[identifier].extras.get("at") if identifier in self.about else None
        return known is not None and at == [list(span) for span in known[1]] and event.trigger not in self.about

    def _name(self, dropped: set[str]) -> None:
        taken: set[str] = set()
        for identifier in [*(m for m in self.mentions if m not in dropped), *self.events]:
            wanted = self.about[identifier].extras.get("id", identifier) if identifier in self.about else identifier
            chosen = wanted if isinstance(wanted, str) and wanted not in taken else identifier
            taken.add(chosen)
            self.ids[identifier] = chosen

    def _fields(self, identifier: str, keys: tuple[str, ...]) -> dict[str, Any]:
        said = self.about.pop(identifier, _About())
        fields = only_known(said.extras, keys)
        if said.ref:
            fields["ref"] = said.ref
        if said.attrs:
            attrs = {name: v[0] if len(v) == 1 else v for name, v in said.attrs.items()}
            fields["attrs"] = {**fields.get("attrs", {}), **attrs}
        if said.notes:
            fields["note"] = "; ".join(said.notes)
        return {k: v for k, v in fields.items() if k != "id"}

    def _mention(self, identifier: str, kind: str, pieces: list[Span]) -> None:
        fields = self._fields(identifier, _MENTION_KEYS)
        exact = fields.pop("spans", None)
        spans = joined(pieces, self.source.text)
        if isinstance(exact, list) and _same_lines(exact, pieces, self.source.text):
            spans = [(begin, end) for begin, end in exact]
        self.draft.mention(self.ids[identifier], kind, spans, **fields)

    def _event(self, identifier: str, event: _Event, *, made: bool) -> None:
        fields = self._fields(identifier, _EVENT_KEYS)
        triggers, implied = fields.pop("trigger", []), fields.pop("args", {})
        fields.pop("at", None)
        named = triggers if made and isinstance(triggers, list) else [event.trigger] if event.trigger else []
        args = self._arguments(event, implied if isinstance(implied, dict) else {})
        trigger = [self.ids.get(i, i) for i in named]
        self.draft.event(self.ids[identifier], event.kind, args, trigger=trigger, **fields)

    def _arguments(self, event: _Event, implied: dict[str, list[str]]) -> dict[str, list[str]]:
        """The roles of the line, with things that no characters name at their old places if nothing else changed."""
        args = dict(event.args)
        for role, ids in implied.items():
            here = args.get(role, [])
            same = [i for i in ids if not i.startswith("@")] == here
            args[role] = ids if same else [*here, *(i for i in ids if i.startswith("@"))]
        return {role: [self.ids.get(i, i) for i in ids] for role, ids in args.items()}

    def _orphans(self) -> None:
        for identifier in sorted(self.about):
            self.draft.lost("orphan", f"a line speaks of {identifier}, which is no record", "drop it", of=identifier)


def _same_lines(exact: list[Any], pieces: list[Span], text: str) -> bool:
    """Whether the spans, cut at line breaks, are the fragments of the line: the annotator did not move them."""
    try:
        cut = [piece for begin, end in exact for piece in _cut(int(begin), int(end), text)]
    except (TypeError, ValueError):
        return False
    return cut == pieces


def _cut(begin: int, end: int, text: str) -> list[Span]:
    found: list[Span] = []
    for line in text[begin:end].split("\n"):
        if line:
            found.append((begin, begin + len(line)))
        begin += len(line) + 1
    return found


_LINES: Final[dict[str, Callable[[_Reader, str], None]]] = {
    "T": _Reader.text_bound,
    "E": _Reader.event,
    "R": _Reader.relation,
    "A": _Reader.attribute,
    "M": _Reader.attribute,
    "N": _Reader.normalisation,
    "#": _Reader.note,
    "*": _Reader.equivalence,
}
