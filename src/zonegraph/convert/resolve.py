"""A mention to what it denotes: a thing, a code, a date, or the literal it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from zonegraph.convert.terms import is_iri
from zonegraph.errors import SeedError, UnknownTermError, ValueFormatError, Where, ZonegraphError
from zonegraph.names import ZG, ZGC, ZGI, expand, local_name
from zonegraph.plan import ClassPlan, Kind, Plan
from zonegraph.seeds import Document, Mention
from zonegraph.values import TimeValue, fold, read_chinese_date, read_edtf, squeeze

DOC_PATH: Final = ZGI + "doc/"
SPAN_PATH: Final = ZGI + "span/"
TIME_PATH: Final = ZGI + "time/"
NAME_KIND: Final = "nameKind"


@dataclass(frozen=True, slots=True)
class Moment:
    """A date as the graph holds it: its node and, when it was read relative to the document, that document."""

    iri: str
    value: TimeValue
    deictic: bool


@dataclass(frozen=True, slots=True)
class Resolved:
    """A mention and what it denotes; ``iri`` is empty for literals, ``moment`` is set for dates only."""

    mention: Mention
    kind: Kind
    spans: tuple[str, ...]
    text: str
    class_iri: str
    iri: str = ""
    moment: Moment | None = None


def span_iris(document: Document, mention: Mention) -> tuple[str, ...]:
    """The IRIs of a mention's stretches of characters: document and offsets, so equal slices are one node."""
    return tuple(f"{SPAN_PATH}{document.id}/{begin}-{end}" for begin, end in mention.spans)


def moment(value: TimeValue, document: Document, *, deictic: bool) -> Moment:
    """The node of a date; a deictic one is the document's own, since its reading depends on it."""
    slug = quote(value.edtf.replace("/", "_"), safe=".-_~")
    return Moment(TIME_PATH + (f"{slug}/{document.id}" if deictic else slug), value, deictic)


def find_class(plan: Plan, name: str) -> ClassPlan:
    """A class by IRI, CURIE, local name, label or alias."""
    known: ClassPlan | None = plan.memo.get(("class", name))
    if known is None:
        known = plan.memo["class", name] = _find_class(plan, name)
    return known


def _find_class(plan: Plan, name: str) -> ClassPlan:
    expanded = expand(name)
    if expanded in plan.classes:
        return plan.classes[expanded]
    return plan.classes[plan.class_names.find(fold(name), name)]


def reference(ref: str) -> str:
    """The IRI of a reference: an IRI, a CURIE, a code (``unit-cny``, ``indicator/gdp``) or a path of a thing."""
    if "://" in ref:
        return ref
    expanded = expand(ref)
    return expanded if expanded != ref else ZGI + ref


def find_code(plan: Plan, class_iri: str, name: str) -> str:
    """A code of one list by IRI, CURIE, local name, label, or other written form; raises `UnknownTermError`."""
    known: str | None = plan.memo.get(("code", class_iri, name))
    if known is None:
        known = plan.memo["code", class_iri, name] = _find_code(plan, class_iri, name)
    return known


def _find_code(plan: Plan, class_iri: str, name: str) -> str:
    expanded = expand(name)
    for candidate in (expanded, ZGC + name, ZGC + name.replace("/", "-")):
        if plan.thing_is_a(candidate, class_iri):
            return candidate
    index = plan.code_names.get(class_iri)
    if index is None:
        raise UnknownTermError(f"{local_name(class_iri)} has no codes", hint="add them under ontology/codes")
    return index.find(fold(name), name)


def resolve(plan: Plan, document: Document, anchor: TimeValue | None, mention: Mention) -> Resolved:
    """What a mention denotes; raises `SeedError` with the mention's id, code and a hint."""
    try:
        return _resolve(plan, document, anchor, mention)
    except SeedError:
        raise
    except ZonegraphError as error:
        place = mention.begin + (error.where.offset or 0)
        where = Where(id=mention.id, offset=place)
        raise SeedError(error.message, where=where, hint=error.hint, code=error.code) from error


def _resolve(plan: Plan, document: Document, anchor: TimeValue | None, mention: Mention) -> Resolved:
    cls = find_class(plan, mention.type)
    _check_attributes(plan, mention)
    text = squeeze(mention.text)
    spans = span_iris(document, mention)
    match cls.kind:
        case Kind.TIME:
            when = _time(document, anchor, mention, text)
            return Resolved(mention, cls.kind, spans, text, cls.iri, when.iri, when)
        case Kind.CODE:
            code = find_code(plan, cls.iri, mention.ref or mention.text)
            return Resolved(mention, cls.kind, spans, text, cls.iri, code)
        case Kind.LITERAL:
            return Resolved(mention, cls.kind, spans, text, cls.iri)
    return Resolved(mention, cls.kind, spans, text, cls.iri, _thing(plan, cls, mention))


def _check_attributes(plan: Plan, mention: Mention) -> None:
    extra = sorted(set(mention.attrs) - {NAME_KIND})
    if extra:
        raise SeedError(f"a mention has no attribute {extra[0]!r}", code="unknown-role", hint=f"it has {NAME_KIND}")
    for kind in mention.attrs.get(NAME_KIND, ()):
        find_code(plan, ZG + "NameKind", str(kind))


def _thing(plan: Plan, cls: ClassPlan, mention: Mention) -> str:
    if mention.ref:
        found = reference(mention.ref)
        return known_thing(plan, found, mention.ref, cls)
    hits = [iri for iri in plan.thing_names.get(fold(mention.text), ()) if plan.thing_is_a(iri, cls.iri)]
    if len(hits) == 1:
        return hits[0]
    if hits:
        raise SeedError(f"{mention.text!r} names {' and '.join(hits)}", code="ambiguous-name", hint="give a ref")
    raise SeedError(
        f"no {cls.name} in the registry is called {mention.text!r}",
        code="unknown-entity",
        hint="give a ref, or add it to registry.ttl",
    )


def known_thing(plan: Plan, found: str, shown: str, cls: ClassPlan | None = None) -> str:
    """The IRI, if the registry or a code list has it and it fits the class; raises `SeedError` otherwise."""
    if not is_iri(found) or found not in plan.things:
        raise SeedError(f"nothing is registered as {shown!r}", code="unknown-reference", hint="add it to registry.ttl")
    if cls is not None and not plan.thing_is_a(found, cls.iri):
        kinds = ", ".join(local_name(kind) for kind in plan.things[found].types)
        raise SeedError(f"{shown!r} is a {kinds}, not a {cls.name}", code="wrong-type", hint="mend the type or the ref")
    return found


def _time(document: Document, anchor: TimeValue | None, mention: Mention, text: str) -> Moment:
    given: Mapping[str, Any] = mention.value
    stated = given.get("edtf")
    if stated is None:
        value, deictic = read_chinese_date(text, anchor)
        return moment(value, document, deictic=deictic)
    value = read_edtf(str(stated))
    read, deictic = _read_or_none(text, anchor)
    if read is not None and not deictic and not _compatible(read, value):
        raise SeedError(
            f"{mention.text!r} reads as {read.edtf}, the record says {value.edtf}",
            code="value-mismatch",
            hint="mend the value or the span",
        )
    return moment(value, document, deictic=deictic or "anchor" in given)


def _read_or_none(text: str, anchor: TimeValue | None) -> tuple[TimeValue | None, bool]:
    try:
        return read_chinese_date(text, anchor)
    except ValueFormatError:
        # an annotator may know more than the reader of dates does
        return None, False


def _compatible(read: TimeValue, value: TimeValue) -> bool:
    """Whether two readings share a day."""
    starts = [day for day in (read.earliest, value.earliest) if day is not None]
    ends = [day for day in (read.latest, value.latest) if day is not None]
    return not starts or not ends or max(starts) <= min(ends)
