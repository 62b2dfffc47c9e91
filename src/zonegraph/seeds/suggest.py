"""Proposals for a text that nobody has annotated yet: names of the registry, codes, dates, quantities. Pure.

Every proposal is marked by `BY` and a confidence; an annotator accepts, mends or drops it. The work is linear in
the text: from each character the trie of names is walked at most as far as its longest name, and dates and
quantities are read from windows of bounded length.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson

from zonegraph.errors import SeedError, ValueFormatError
from zonegraph.names import ZG, ZGC, ZGI, local_name
from zonegraph.plan import Kind, Plan
from zonegraph.seeds.fmt import natural
from zonegraph.seeds.parse import parse_line
from zonegraph.seeds.records import MAX_SLICE, Document, Finding, Mention, Seed
from zonegraph.values import TimeValue, read_chinese_date, read_edtf, read_quantity, to_simplified
from zonegraph.values.folding import WIDTH_TABLE, is_invisible

#: Who made the proposals.
BY: Final = "suggest"
#: The code lists whose labels are looked for.
CODE_CLASSES: Final = (ZG + "Goods", ZG + "Indicator", ZG + "Industry")
UNIT: Final = ZG + "Unit"
# how sure a proposal is: a name that is one thing, a date, a quantity, one of several things, a bare figure
_NAME, _DATE, _QUANTITY, _VAGUE, _OPEN = 0.9, 0.85, 0.8, 0.5, 0.3
_SHORTEST: Final = 2
_LONGEST_VALUE: Final = 24

_HAN: Final = "零〇一二三四五六七八九十百千万亿两"
_DATE_WORDS: Final = "年月日号底初末中上下旬半季度至到今去明本前后截止自从以来起世纪代目当迄为—~-"
_DATE_START: Final = re.compile(rf"[0-9]|[{_HAN}]|截[至止]|今年|去年|本[年月]|明年|上[年半]|下半|自|从|目前|年[初底]")
_DATE_RUN: Final = re.compile(rf"[0-9{_HAN}{_DATE_WORDS}]{{2,{_LONGEST_VALUE}}}")
#: Only what names a calendar unit, or the present, is proposed as a date.
_CALENDAR: Final = re.compile(r"[0-9〇零一二三四五六七八九]{4}年|[今去明本]年|月|世纪|年代|截[至止]|季度")
_ROUGH_ANCHOR: Final = "2000-06-15"
_BEFORE: Final = re.compile(
    "(?:首次突破|首次超过|已?突破|已?超过|不低于|不少于|不足|不超过|至少|将近|接近|超|逾|近|约|达到?|第)?"
)
_FIGURE: Final = re.compile(
    rf"[0-9]+(?:[.,][0-9]+)*[余多]?[百千万亿兆]*[余多几]?|百分之[0-9.{_HAN}]+|[{_HAN}]+分之[{_HAN}]+|[{_HAN}]+[余多]?"
)
_AFTER: Final = re.compile("(?:及?以[上下]|左右|以内|大关)?")
_PERCENT: Final = re.compile("[%‰]|个?百分点")


class Trie:
    """Folded names for leftmost-longest search; steps of one search are bounded by the longest name."""

    def __init__(self, names: Iterable[str]) -> None:
        self._root: dict[str, Any] = {}
        for name in names:
            node = self._root
            for character in name:
                node = node.setdefault(character, {})
            node[""] = name

    def longest(self, text: str, start: int) -> str:
        """The longest name that begins at a position, or nothing."""
        node, found = self._root, ""
        index, stop = start, len(text)
        while index < stop and (below := node.get(text[index])) is not None:
            node, index = below, index + 1
            found = node.get("", found)
        return found

    def find(self, text: str) -> Iterator[tuple[int, str]]:
        """All names, leftmost first, longest at each place, none overlapping."""
        start = 0
        while start < len(text):
            name = self.longest(text, start)
            if name:
                yield start, name
            start += len(name) or 1


@dataclass(frozen=True, slots=True)
class _Folded:
    """A text without white space, half-width, lower case, simplified; ``offsets`` lead back."""

    text: str
    offsets: tuple[int, ...]

    @classmethod
    def from_text(cls, raw: str) -> _Folded:
        offsets = tuple(index for index, character in enumerate(raw) if not is_invisible(character))
        dense = "".join(raw[index] for index in offsets).translate(WIDTH_TABLE)
        lower = "".join(c.lower() if c.isascii() else c for c in to_simplified(dense))
        return cls(lower, offsets)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span in the raw text."""
        return self.offsets[start], self.offsets[end - 1] + 1


@dataclass(frozen=True, slots=True)
class _Proposal:
    """A stretch of the folded text and what it may be."""

    start: int
    end: int
    type: str
    conf: float
    ref: str = ""
    note: str = ""
    value: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class _Names:
    """Folded name to (class name, reference) pairs."""

    entries: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, name: str, type_name: str, ref: str) -> None:
        if len(name) >= _SHORTEST and len(name) <= MAX_SLICE:
            known = self.entries.setdefault(name, [])
            if (type_name, ref) not in known:
                known.append((type_name, ref))


def suggest_seed(
    plan: Plan, data: bytes, *, identifier: str, file: str = "", lang: str = "zh-Hans", issued: str = ""
) -> Seed:
    """A seed of proposals for the bytes of a text.

    ``issued`` (EDTF) lets dates such as 今年 be read. Raises `SeedError` when the bytes are not UTF-8 or the id
    is not legal, `ValueFormatError` when ``issued`` is no EDTF. Slices that no seed may hold are left out, with
    a finding each.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SeedError(
            f"not UTF-8 at byte {error.start}", code="not-utf8", hint="offsets count code points"
        ) from error
    anchor = read_edtf(issued) if issued else None
    document = _document(plan, data, text, identifier, file, lang, issued)
    folded = _Folded.from_text(text)
    proposals = _settle(
        [*_name_proposals(plan, folded), *_dates(folded, anchor), *_quantities(plan, folded)], len(folded.text)
    )
    mentions: list[Mention] = []
    findings: list[Finding] = []
    for proposal in proposals:
        try:
            mentions.append(_mention(proposal, text, folded, len(mentions) + 1))
        except SeedError as error:
            begin, _ = folded.span(proposal.start, proposal.end)
            findings.append(
                Finding(
                    error.code, error.message, "annotate it by hand", doc=document.id, offset=begin, severity="warning"
                )
            )
    return Seed(f"{document.id}.jsonl", document, tuple(mentions), (), tuple(findings), 1 + len(mentions), "")


def _document(plan: Plan, data: bytes, text: str, identifier: str, file: str, lang: str, issued: str) -> Document:
    made = Document(
        line=1,
        id=identifier,
        sha256=hashlib.sha256(data).hexdigest(),
        length=len(text),
        lang=lang,
        file=file,
        issued=issued,
        ontology=plan.version,
        by=BY,
    )
    record = parse_line(orjson.dumps(made.as_dict()), 1)
    assert isinstance(record, Document)
    return record


def _mention(proposal: _Proposal, text: str, folded: _Folded, number: int) -> Mention:
    """The record, checked as the reader of seeds checks it; raises `SeedError`."""
    begin, end = folded.span(proposal.start, proposal.end)
    made = Mention(
        line=0,
        id=f"T{number}",
        type=proposal.type,
        spans=((begin, end),),
        text=text[begin:end],
        ref=proposal.ref,
        value=dict(proposal.value),
        by=BY,
        conf=proposal.conf,
        note=proposal.note,
    )
    record = parse_line(orjson.dumps(made.as_dict()), number + 1)
    assert isinstance(record, Mention)
    return record


def _settle(proposals: list[_Proposal], length: int) -> list[_Proposal]:
    """Of overlapping proposals the longer one stays, then the surer one; in the order of the text."""
    covered = bytearray(length)
    kept: list[_Proposal] = []
    for proposal in sorted(proposals, key=lambda p: (p.start - p.end, -p.conf, p.start, p.type)):
        if not any(covered[proposal.start : proposal.end]):
            covered[proposal.start : proposal.end] = b"\1" * (proposal.end - proposal.start)
            kept.append(proposal)
    return sorted(kept, key=lambda p: p.start)


def _known_names(plan: Plan) -> _Names:
    names = _Names()
    for name, iris in plan.thing_names.items():
        for iri in iris:
            types = [t for t in plan.things[iri].types if plan.classes[t].kind is Kind.THING]
            if types:
                names.add(name, local_name(types[0]), iri.removeprefix(ZGI))
    for class_iri in CODE_CLASSES:
        index = plan.code_names.get(class_iri)
        for name, iris in index.entries.items() if index else ():
            for iri in iris:
                names.add(name, local_name(class_iri), iri.removeprefix(ZGC))
    return names


def _name_proposals(plan: Plan, folded: _Folded) -> Iterator[_Proposal]:
    names = _known_names(plan)
    for start, name in Trie(names.entries).find(folded.text):
        end = start + len(name)
        if not _is_word(folded.text, start, end):
            continue
        candidates = sorted(names.entries[name], key=lambda pair: (natural(pair[1]), pair[0]))
        kind, ref = candidates[0]
        if len(candidates) == 1:
            yield _Proposal(start, end, kind, _NAME, ref)
        else:
            shown = ", ".join(f"{other} ({other_kind})" for other_kind, other in candidates)
            yield _Proposal(start, end, kind, _VAGUE, note=f"ambiguous, choose one: {shown}")


def _is_word(text: str, start: int, end: int) -> bool:
    """Latin names stand alone: no letter or digit touches their Latin ends."""
    before, after = text[start - 1 : start], text[end : end + 1]
    cut = (_latin(before) and _latin(text[start])) or (_latin(after) and _latin(text[end - 1]))
    return not cut


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _dates(folded: _Folded, anchor: TimeValue | None) -> Iterator[_Proposal]:
    """The longest window at each likely place that reads as a date."""
    text, index = folded.text, 0
    rough = anchor or read_edtf(_ROUGH_ANCHOR)
    while (match := _DATE_START.search(text, index)) is not None:
        run = _DATE_RUN.match(text, match.start())
        found = _longest_date(run[0], rough) if run else None
        if found is None:
            index = match.start() + 1
            continue
        size, value, deictic = found
        proposal = _Proposal(match.start(), match.start() + size, "TimeExtent", _DATE)
        if not deictic:
            yield replace(proposal, value=(("edtf", value.edtf),))
        elif anchor is not None:
            yield replace(proposal, conf=_VAGUE, note=f"from the issue date: {value.edtf}")
        else:
            yield replace(proposal, conf=_OPEN, note="needs the issue date of the document")
        index = match.start() + size


def _longest_date(run: str, anchor: TimeValue) -> tuple[int, TimeValue, bool] | None:
    for size in range(len(run), 1, -1):
        if _CALENDAR.search(run, 0, size) or run[:size] in {"目前", "当前", "年初", "年底"}:
            try:
                value, deictic = read_chinese_date(run[:size], anchor)
            except ValueFormatError:
                continue
            return size, value, deictic
    return None


def _quantities(plan: Plan, folded: _Folded) -> Iterator[_Proposal]:
    """A figure with the qualifier before it and the unit after it; Han numerals only with a known unit."""
    index = plan.code_names.get(UNIT)
    units = Trie(index.entries if index else ())
    text = folded.text
    for match in _FIGURE.finditer(text):
        start, end = _head(text, match.start()), match.end()
        unit = units.longest(text, end) or _match(_PERCENT, text, end)
        marked = unit or match[0].startswith("百分之") or "分之" in match[0]
        if not marked and not _stands_alone(text, start, end):
            continue
        stop = end + len(unit)
        stop += len(_match(_AFTER, text, stop))
        if stop - start <= _LONGEST_VALUE and _reads(text[start:stop]):
            note = "" if marked else "no known unit follows"
            yield _Proposal(start, stop, "Quantity", _QUANTITY if marked else _OPEN, note=note)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """A figure without a unit is proposed only between Chinese words: addresses and markup are full of others."""
    around = text[start - 1 : start] + text[end : end + 1]
    return text[start].isdecimal() and not any(c.isascii() for c in around)


def _match(pattern: re.Pattern[str], text: str, index: int) -> str:
    found = pattern.match(text, index)
    return found[0] if found else ""


def _head(text: str, start: int) -> int:
    """Where the qualifying words before a figure begin; at most four characters back."""
    for back in range(4, 0, -1):
        if start >= back and (found := _BEFORE.fullmatch(text, start - back, start)) and found[0]:
            return start - back
    return start


def _reads(slice_: str) -> bool:
    try:
        read_quantity(slice_)
    except ValueFormatError:
        return False
    return True
