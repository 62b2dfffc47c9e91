"""What importers and exporters share: source texts, drafts of seeds, findings about what a format cannot carry.

An importer hands raw records to a `Draft`, which checks each as strictly as the reader of seeds does. What is
lost on the way is a finding: severity ``error`` for a record that is gone, ``warning`` for a part of one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson

from zonegraph.errors import SeedError, UsageError, Where
from zonegraph.seeds.parse import DOC_ID, parse_line
from zonegraph.seeds.records import Document, Event, Finding, Mention, Seed, Span
from zonegraph.values import script_of

_LANGS: Final = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant", "zh": "zh", "en": "en"}
_ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}\Z")


@dataclass(frozen=True, slots=True)
class SourceText:
    """A source text: its name, its exact bytes and the code points they decode to."""

    name: str
    data: bytes
    text: str

    @classmethod
    def from_bytes(cls, name: str, data: bytes) -> SourceText:
        """Decode as UTF-8 without newline translation; raises `SeedError` with the byte that is none."""
        try:
            return cls(name, data, data.decode("utf-8"))
        except UnicodeDecodeError as error:
            where = Where(file=name)
            raise SeedError(
                f"not UTF-8 at byte {error.start}", where=where, code="not-utf8", hint="offsets count code points"
            ) from error

    @classmethod
    def from_text(cls, name: str, text: str) -> SourceText:
        """A text that came inside an annotation file; raises `SeedError` for lone surrogates."""
        try:
            return cls(name, text.encode("utf-8"), text)
        except UnicodeEncodeError as error:
            where = Where(file=name, offset=error.start)
            raise SeedError("a lone surrogate", where=where, code="not-utf8", hint="save the file anew") from error

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file to import, and what the header shall say.

    ``beside`` holds companion files by name; ``header`` is the doc record of an earlier seed of the same text.
    """

    name: str
    data: bytes
    source: SourceText | None = None
    beside: Mapping[str, bytes] = field(default_factory=dict)
    header: Document | None = None
    id: str = ""
    lang: str = ""

    @property
    def stem(self) -> str:
        """The file name without its folder and last extension."""
        return self.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Files of an export by name, and what they could not carry."""

    files: Mapping[str, bytes]
    findings: tuple[Finding, ...] = ()


def load_json(incoming: Incoming) -> Any:
    """The JSON of a file; raises `SeedError` when it is none."""
    return parse_json(incoming.data, incoming.name)


def parse_json(data: bytes | str, name: str, line: int | None = None) -> Any:
    """Some JSON; raises `SeedError` with file and line when it is none."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise malformed(name, str(error), line) from error


def malformed(name: str, what: str, line: int | None = None) -> SeedError:
    """The error of a file that is not in its format at all."""
    where = Where(file=name, line=line)
    return SeedError(f"not in this format: {what}", where=where, code="malformed-file", hint="check FORMAT and FILE")


def header_of(incoming: Incoming, source: SourceText | None, identifier: str = "") -> Document:
    """The doc record of an import: the given header, which must be about this text, or a new one."""
    given = incoming.header
    if given is not None:
        if source is not None and source.digest != given.sha256:
            raise UsageError(
                f"the header is about another text ({given.sha256[:12]}…)",
                where=Where(file=incoming.name),
                hint="give --header the seed of this text",
            )
        return replace(given, line=1)
    if source is None:
        raise UsageError(
            "the file holds no text, so neither digest nor length are known",
            where=Where(file=incoming.name),
            hint="give --text FILE, or --header SEED",
        )
    lang = incoming.lang or _LANGS[script_of(source.text)]
    name = incoming.id or identifier or incoming.stem
    return Document(1, doc_id(name), source.digest, len(source.text), lang, file=source.name)


def doc_id(name: str) -> str:
    """A legal document id made of a name."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-._")[:128]
    return plain if DOC_ID.match(plain) else "document"


class Draft:
    """A seed in the making. Records enter in any order; arguments are checked at the end."""

    def __init__(self, name: str, document: Document, source: SourceText | None) -> None:
        self.name = name
        self.document = document
        self.source = source
        self._raw_mentions: dict[str, Mention] = {}
        self._raw_events: dict[str, Event] = {}
        self._findings: list[Finding] = []
        self._reserved: set[str] = set()
        self._number = {"T": 0, "E": 0}

    def lost(
        self, code: str, message: str, hint: str, *, of: str = "", offset: int | None = None, severity: str = "warning"
    ) -> None:
        """Note what the import could not carry."""
        self._findings.append(
            Finding(code, message, hint, doc=self.document.id, file=self.name, id=of, offset=offset, severity=severity)
        )

    def new_id(self, wanted: str, letter: str) -> str:
        """The wanted id if it is legal and free, else the next of its letter."""
        if _ID.match(wanted) and not self._taken(wanted):
            return wanted
        while True:
            self._number[letter] += 1
            made = f"{letter}{self._number[letter]}"
            if not self._taken(made):
                return made

    def _taken(self, identifier: str) -> bool:
        return self.knows(identifier) or identifier in self._reserved

    def reserve(self, identifier: str) -> None:
        """Keep an id for a record that comes later."""
        self._reserved.add(identifier)

    def knows(self, identifier: str) -> bool:
        """Whether a record has this id."""
        return identifier in self._raw_mentions or identifier in self._raw_events

    def mention(self, identifier: str, kind: str, spans: Sequence[Span], text: str = "", **fields: Any) -> bool:
        """Add a mention; its slice is taken from the source text where that is at hand. Says whether it is legal."""
        exact = self.slice(spans) if self.source is not None else text
        if self.source is not None and spans and max(end for _, end in spans) > len(self.source.text):
            self.lost("span-outside", f"the text ends at {len(self.source.text)}", "mend the offsets",
                      of=identifier, offset=spans[-1][1], severity="error")  # fmt: skip
            return False
        raw = {"kind": "mention", "id": identifier, "type": kind, "spans": [list(span) for span in spans]}
        record = self._parse({**raw, "text": exact, **present(fields)}, identifier)
        if isinstance(record, Mention):
            self._raw_mentions[record.id] = record
        return isinstance(record, Mention)

    def slice(self, spans: Iterable[Span]) -> str:
        """The characters of some spans."""
        text = self.source.text if self.source else ""
        return "".join(text[begin:end] for begin, end in spans)

    def event(self, identifier: str, kind: str, args: Mapping[str, Sequence[str]], **fields: Any) -> bool:
        """Add an event; says whether it is legal."""
        listed = {role: list(ids) for role, ids in args.items() if ids}
        raw = {"kind": "event", "id": identifier, "type": kind, **present({"args": listed, **fields})}
        record = self._parse(raw, identifier)
        if isinstance(record, Event):
            self._raw_events[record.id] = record
        return isinstance(record, Event)

    def _parse(self, raw: Mapping[str, Any], identifier: str) -> Mention | Event | None:
        try:
            line = orjson.dumps(raw)
            record = parse_line(line, 0)
        except (SeedError, TypeError) as error:
            # orjson refuses lone surrogates and whole numbers beyond 64 bits with TypeErrors of its own
            known = error if isinstance(error, SeedError) else SeedError(str(error), code="wrong-value")
            self.lost(known.code, known.message, known.hint, of=identifier, severity="error")
            return None
        return record if isinstance(record, Mention | Event) else None

    def seed(self) -> Seed:
        """The finished seed; arguments and triggers that are no records are left out, each with a finding."""
        events = [self._complete(event) for event in self._raw_events.values()]
        mentions = list(self._raw_mentions.values())
        total = 1 + len(mentions) + len(events)
        return Seed(self.name, self.document, tuple(mentions), tuple(events), tuple(self._findings), total, "")

    def _complete(self, event: Event) -> Event:
        args = {role: self._known(ids, event.id, role) for role, ids in event.args.items()}
        trigger = self._known(event.trigger, event.id, "trigger")
        return replace(event, args={role: ids for role, ids in args.items() if ids}, trigger=trigger)

    def _known(self, ids: Sequence[str], event: str, role: str) -> tuple[str, ...]:
        kept = tuple(i for i in ids if i.startswith("@") or self.knows(i))
        for gone in (i for i in ids if i not in kept):
            self.lost("argument-lost", f"{gone} in role {role} is no record here", f"annotate {gone}", of=event)
        return kept


def present(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say something."""
    return {key: value for key, value in fields.items() if value not in ("", None, {}, [], ())}


def extras(record: Mention | Event, native: Iterable[str]) -> dict[str, Any]:
    """What a record says beyond the keys that a format holds natively."""
    return {k: v for k, v in record.as_dict().items() if k not in {"kind", *native}}


def only_known(given: Any, keys: Iterable[str]) -> dict[str, Any]:
    """The keys of a JSON object that an exporter may have written; anything else is no object of ours."""
    allowed = set(keys)
    return {k: v for k, v in given.items() if k in allowed} if isinstance(given, dict) else {}


def find_near(text: str, wanted: str, start: int) -> Span | None:
    """The occurrence nearest to an offset: exact, else with other white space; linear in the text."""
    if not wanted.strip():
        return None
    after, before = text.find(wanted, max(start, 0)), text.rfind(wanted, 0, max(start, 0) + len(wanted))
    hits = [hit for hit in (after, before) if hit >= 0]
    if hits:
        begin = min(hits, key=lambda hit: abs(hit - start))
        return begin, begin + len(wanted)
    pattern = r"\s*".join(re.escape(character) for character in wanted if not character.isspace())
    loose = [match.span() for match in re.finditer(pattern, text)]
    return min(loose, key=lambda span: abs(span[0] - start), default=None)


def at(incoming: Incoming, source: SourceText | None, stem: str = "") -> str:
    """How the file of an imported seed is called."""
    return f"{stem or header_of(incoming, source).id}.jsonl"


def about(seed: Seed, code: str, message: str, hint: str, *, of: str = "", severity: str = "warning") -> Finding:
    """A finding of an exporter."""
    return Finding(code, message, hint, doc=seed.id, file=seed.file, id=of, severity=severity)


def need_document(seed: Seed) -> Document:
    """The header of a seed to export; raises `UsageError` when it has none."""
    if seed.document is None:
        raise UsageError("the seed has no header", where=Where(file=seed.file), hint="mend its first line")
    return seed.document
