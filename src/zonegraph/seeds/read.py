"""Read seed files: bytes to records, each checked, each bad one a finding that names file, line and id."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from zonegraph.errors import SeedError, UsageError, Where
from zonegraph.seeds.parse import parse_line
from zonegraph.seeds.records import Document, Event, Finding, Mention, Record, Seed


def seed_files(folder: Path) -> list[Path]:
    """The seed files of a folder, sorted; raises `UsageError` when the folder is not there."""
    if not folder.is_dir():
        raise UsageError("no such folder", where=Where(file=str(folder)), hint="name it with --seeds DIR")
    return sorted(folder.glob("*.jsonl"))


def read_seed(path: Path, shown: str | None = None) -> Seed:
    """Read one file; ``shown`` is how findings name it (its name in the folder by default)."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SeedError(f"cannot be read: {error}", where=Where(file=str(path)), code="unreadable") from error
    return parse_seed(data, shown or path.name)


def parse_seed(data: bytes, file: str) -> Seed:
    """Check the bytes of a seed file. Pure; conservation: every non-blank line is a record or a finding."""
    records: list[Record] = []
    findings: list[Finding] = []
    total = 0
    for line, raw in _lines(data):
        total += 1
        try:
            records.append(parse_line(raw, line))
        except SeedError as error:
            findings.append(finding_from(error, file=file, line=line, id=_guess_id(raw)))
    seed = _assemble(file, records, findings, total, hashlib.sha256(data).hexdigest())
    return replace(seed, findings=tuple(sorted(seed.findings, key=lambda f: (f.line or 0, f.code))))


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    for number, raw in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        stripped = raw.strip()
        if stripped:
            yield number, stripped


def _guess_id(raw: bytes) -> str:
    match = re.search(rb'"id"\s*:\s*"([\w.-]{1,64})"', raw[:4096])
    return match[1].decode("ascii", "replace") if match else ""


def finding_from(error: SeedError, *, file: str, line: int | None = None, id: str = "", doc: str = "") -> Finding:  # noqa: A002
    """An error as a finding about a record."""
    return Finding(
        code=error.code,
        message=error.message,
        hint=error.hint,
        doc=doc,
        file=file,
        line=line,
        id=error.where.id or id,
        offset=error.where.offset,
    )


def _assemble(file: str, records: list[Record], findings: list[Finding], total: int, digest: str) -> Seed:
    document, others = _header(file, records, findings)
    if document is None:
        findings.extend(_orphaned(file, others))
        return Seed(file, None, (), (), tuple(findings), total, digest)
    good: dict[str, Mention | Event] = {}
    for record in others:
        wrong = _record_finding(record, good, document)
        if wrong is None and not isinstance(record, Document):
            good[record.id] = record
        elif wrong is not None:
            findings.append(replace(wrong, file=file, line=record.line, id=record.id))
    return Seed(
        file,
        document,
        tuple(r for r in good.values() if isinstance(r, Mention)),
        tuple(r for r in good.values() if isinstance(r, Event)),
        tuple(replace(f, doc=document.id) for f in findings),
        total,
        digest,
    )


def _header(file: str, records: list[Record], findings: list[Finding]) -> tuple[Document | None, list[Record]]:
    if (
        records
        and isinstance(records[0], Document)
        and all(f.line is None or f.line > records[0].line for f in findings)
    ):
        return records[0], records[1:]
    if not findings or (records and records[0].line < (findings[0].line or 0)):
        findings.append(
            Finding(
                "no-header", "the first record is no doc record", "begin the file with it", file=file, severity="file"
            )
        )
    return None, records


def _orphaned(file: str, records: Iterable[Record]) -> Iterator[Finding]:
    for record in records:
        yield Finding(
            "no-header",
            "the file has no usable doc record",
            "mend the first line",
            file=file,
            line=record.line,
            id=record.id,
            cause="header",
        )


def _record_finding(record: Record, good: dict[str, Mention | Event], document: Document) -> Finding | None:
    if isinstance(record, Document):
        return Finding("second-header", "a second doc record", "one document a file")
    if record.id in good:
        return Finding(
            "duplicate-id", f"line {good[record.id].line} has this id too", "ids are unique in a file", offset=None
        )
    if isinstance(record, Mention) and record.end > document.length:
        return Finding(
            "span-outside",
            f"the span ends at {record.end}, the document at {document.length}",
            "offsets are code points over the exact bytes decoded as UTF-8",
            offset=record.end,
        )
    return None


def refuse_seed(seed: Seed, code: str, message: str, hint: str) -> Seed:
    """The same seed with every record refused for one reason: the header's finding is the cause of the others."""
    document = seed.document
    if document is None:
        return seed
    records: list[Record] = [document, *seed.mentions, *seed.events]
    refused = [
        Finding(
            code if record is document else "depends-on-rejected",
            message,
            hint,
            doc=document.id,
            file=seed.file,
            line=record.line,
            id=record.id,
            cause="" if record is document else document.id,
        )
        for record in records
    ]
    return replace(seed, document=None, mentions=(), events=(), findings=(*seed.findings, *refused))
