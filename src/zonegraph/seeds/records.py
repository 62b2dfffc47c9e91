"""The records of an annotated seed: document, mention, event. Frozen; offsets are Unicode code points.

The format is JSON Lines, one record a line; `zonegraph.seeds.schema` states it as JSON Schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Span = tuple[int, int]

#: The longest slice of a text that a seed may carry, in code points.
MAX_SLICE: Final = 40


@dataclass(frozen=True, slots=True)
class Document:
    """The first record of a seed: which bytes the offsets count in, and what is known about the document.

    ``issued`` is EDTF; ``issued_basis`` says how it is known (``explicit`` on the document, or ``implied``).
    """

    line: int
    id: str
    sha256: str
    length: int
    lang: str
    file: str = ""
    title: str = ""
    publisher: str = ""
    issued: str = ""
    issued_basis: str = "explicit"
    ontology: str = ""
    by: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The record as JSON, keys in canonical order, empty ones left out."""
        fields = {
            "file": self.file,
            "sha256": self.sha256,
            "length": self.length,
            "unit": "codepoint",
            "lang": self.lang,
            "title": self.title,
            "publisher": self.publisher,
            "issued": self.issued,
            "issuedBasis": self.issued_basis if self.issued else "",
            "ontology": self.ontology,
            "by": self.by,
        }
        return {"kind": "doc", "id": self.id, **{k: v for k, v in fields.items() if v != ""}}


@dataclass(frozen=True, slots=True)
class Mention:
    """A slice of the text: ``spans`` half-open, ``text`` the exact characters, ``ref`` the entity or code it names.

    ``value`` holds a date (``edtf``) or a quantity (``decimal``, ``unit``, ``stated``, ``scale``, ``qualifier``),
    numbers as strings.
    """

    line: int
    id: str
    type: str
    spans: tuple[Span, ...]
    text: str
    ref: str = ""
    value: Mapping[str, Any] = field(default_factory=dict)
    attrs: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    by: str = ""
    conf: float | None = None
    note: str = ""

    @property
    def begin(self) -> int:
        """The first code point."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """One past the last code point."""
        return self.spans[-1][1]

    def as_dict(self) -> dict[str, Any]:
        """The record as JSON, keys in canonical order, empty ones left out."""
        fields: dict[str, Any] = {
            "ref": self.ref,
            "value": dict(self.value),
            "attrs": _attrs(self.attrs),
            "by": self.by,
            "conf": self.conf,
            "note": self.note,
        }
        head = {"kind": "mention", "id": self.id, "type": self.type}
        body = {"spans": [list(span) for span in self.spans], "text": self.text}
        return {**head, **body, **_present(fields)}


@dataclass(frozen=True, slots=True)
class Event:
    """A fact: ``type`` a class or a property of the ontology, ``args`` role to mention ids, event ids or ``@path``.

    ``trigger`` lists the mentions that state it; ``attrs`` gives codes and literals that are no mention.
    """

    line: int
    id: str
    type: str
    ref: str = ""
    trigger: tuple[str, ...] = ()
    args: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attrs: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    basis: str = "explicit"
    by: str = ""
    conf: float | None = None
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The record as JSON, keys in canonical order, empty ones left out."""
        fields: dict[str, Any] = {
            "ref": self.ref,
            "trigger": list(self.trigger),
            "args": {role: list(ids) for role, ids in sorted(self.args.items())},
            "attrs": _attrs(self.attrs),
            "basis": "" if self.basis == "explicit" else self.basis,
            "by": self.by,
            "conf": self.conf,
            "note": self.note,
        }
        return {"kind": "event", "id": self.id, "type": self.type, **_present(fields)}


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value not in ("", None, {}, [])}


def _attrs(attrs: Mapping[str, tuple[Any, ...]]) -> dict[str, Any]:
    return {name: values[0] if len(values) == 1 else list(values) for name, values in sorted(attrs.items())}


Record = Document | Mention | Event


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a record or a file: one line for people, one object for machines.

    ``cause`` names the record whose rejection led to this one; empty when the record itself is wrong.
    """

    code: str
    message: str
    hint: str = ""
    doc: str = ""
    file: str = ""
    line: int | None = None
    id: str = ""
    offset: int | None = None
    severity: str = "error"
    cause: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON, unknown parts left out."""
        fields = {
            "doc": self.doc,
            "file": self.file,
            "line": self.line,
            "id": self.id,
            "offset": self.offset,
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "cause": self.cause,
        }
        return _present(fields)

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part)
        where = " ".join(part for part in (place, self.id) if part)
        at = f" @{self.offset}" if self.offset is not None else ""
        tail = f" ({self.hint})" if self.hint else ""
        return f"{where}{at}: {self.severity} {self.code}: {self.message}{tail}"


@dataclass(frozen=True, slots=True)
class Seed:
    """A seed file read and checked: good records, findings about the others, and how many records there were.

    ``records_in`` counts the non-blank lines; each is either good or has exactly one finding of severity error.
    """

    file: str
    document: Document | None
    mentions: tuple[Mention, ...]
    events: tuple[Event, ...]
    findings: tuple[Finding, ...]
    records_in: int
    digest: str

    @property
    def id(self) -> str:
        """The document id, or the file's name where the header is unreadable."""
        return self.document.id if self.document else self.file
