"""UIMA CAS as JSON and XMI through dkpro-cassis (extra ``cas``): what INCEpTION imports and exports.

On disk a CAS counts UTF-16 units; cassis turns them into code points as it reads and back as it writes. Layers
are named the way INCEpTION names those of a project, with link features for roles and triggers.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import partial
from types import ModuleType
from typing import Any, Final

import orjson

from zonegraph.errors import UsageError, Where
from zonegraph.seeds.formats.cas_read import Reader
from zonegraph.seeds.formats.common import Draft, Incoming, Outgoing, SourceText, extras, header_of, malformed
from zonegraph.seeds.records import Event, Mention, Seed, Span

MENTION: Final = "webanno.custom.ZonegraphMention"
EVENT: Final = "webanno.custom.ZonegraphEvent"
_ARGUMENT: Final = EVENT + "ArgumentsLink"
_TRIGGER: Final = EVENT + "TriggersLink"
_TYPESYSTEM: Final = "TypeSystem.xml"


def _cassis() -> ModuleType:
    try:
        import cassis  # noqa: PLC0415
    except ImportError:
        raise UsageError("dkpro-cassis is not installed", hint="pip install 'zonegraph[cas]'") from None
    module: ModuleType = cassis
    return module


def write_cas_json(seed: Seed, source: SourceText | None) -> Outgoing:
    """One CAS as JSON, with its type system inside."""
    cas = _cas(_cassis(), seed, source)
    return Outgoing({f"{seed.id}.json": cas.to_json(pretty_print=True).encode("utf-8") + b"\n"})


def write_cas_xmi(seed: Seed, source: SourceText | None) -> Outgoing:
    """One CAS as XMI; the type system goes into a file beside it."""
    cas = _cas(_cassis(), seed, source)
    try:
        data = cas.to_xmi().encode("utf-8")
    except ValueError as error:
        where = Where(file=seed.file)
        raise UsageError(f"XML cannot hold this text: {error}", where=where, hint="use cas-json") from error
    return Outgoing({f"{seed.id}.xmi": data, _TYPESYSTEM: cas.typesystem.to_xml().encode("utf-8")})


def _typesystem(cassis: ModuleType) -> Any:
    system = cassis.TypeSystem()
    mention = system.create_type(MENTION, "uima.tcas.Annotation")
    event = system.create_type(EVENT, "uima.tcas.Annotation")
    for layer in (mention, event):
        for feature in ("identifier", "kind", "ref", "record"):
            system.create_feature(layer, feature, "uima.cas.String")
    system.create_feature(mention, "piece", "uima.cas.Integer")
    for name, feature in ((_ARGUMENT, "arguments"), (_TRIGGER, "triggers")):
        link = system.create_type(name, "uima.cas.TOP")
        system.create_feature(link, "role", "uima.cas.String")
        system.create_feature(link, "target", "uima.tcas.Annotation")
        system.create_feature(link, "iri", "uima.cas.String")
        system.create_feature(event, feature, "uima.cas.FSArray", elementType=name, multipleReferencesAllowed=False)
    return system


def _cas(cassis: ModuleType, seed: Seed, source: SourceText | None) -> Any:
    if source is None:
        where = Where(file=seed.file)
        raise UsageError("a CAS counts UTF-16 units, which needs the text", where=where, hint="give --texts DIR")
    cas = cassis.Cas(_typesystem(cassis))
    cas.sofa_string, cas.sofa_mime = source.text, "text/plain"
    return _Writer(cas).fill(seed)


class _Writer:
    """Mentions first, then empty events, then their links: any of them may be a target."""

    def __init__(self, cas: Any) -> None:
        self.cas = cas
        self.made: dict[str, Any] = {}

    def fill(self, seed: Seed) -> Any:
        """Add all records and give the CAS."""
        for mention in seed.mentions:
            self._mention(mention)
        places = {mention.id: mention.spans[0] for mention in seed.mentions}
        for event in seed.events:
            self._event(event, places)
        for event in seed.events:
            self._link(event)
        return self.cas

    def _make(self, layer: str, record: Mention | Event, span: Span, native: tuple[str, ...], **more: Any) -> Any:
        rest = extras(record, ("id", "type", "ref", *native))
        said = {"identifier": record.id, "kind": record.type, "ref": record.ref or None}
        text = orjson.dumps(rest).decode() if rest else None
        made = self.cas.typesystem.get_type(layer)(begin=span[0], end=span[1], record=text, **said, **more)
        self.cas.add(made)
        return made

    def _mention(self, mention: Mention) -> None:
        for number, span in enumerate(mention.spans):
            made = self._make(MENTION, mention, span, ("spans", "text"), piece=number)
            self.made.setdefault(mention.id, made)

    def _event(self, event: Event, places: dict[str, Span]) -> None:
        ids = (*event.trigger, *(i for given in event.args.values() for i in given))
        span = next((places[i] for i in ids if i in places), (0, 0))
        self.made[event.id] = self._make(EVENT, event, span, ("args", "trigger"))

    def _link(self, event: Event) -> None:
        made = self.made[event.id]
        arguments = [self._target(_ARGUMENT, role, i) for role, ids in sorted(event.args.items()) for i in ids]
        made.arguments = self._array(arguments)
        made.triggers = self._array([self._target(_TRIGGER, "trigger", i) for i in event.trigger])

    def _array(self, elements: list[Any]) -> Any:
        return self.cas.typesystem.get_type("uima.cas.FSArray")(elements=elements) if elements else None

    def _target(self, link: str, role: str, identifier: str) -> Any:
        known = self.made.get(identifier)
        iri = identifier if known is None else None
        return self.cas.typesystem.get_type(link)(role=role, target=known, iri=iri)


def read_cas_json(incoming: Incoming) -> list[Seed]:
    """Read a CAS in JSON; raises `SeedError` when it is none."""
    cassis = _cassis()
    return _read(incoming, partial(cassis.load_cas_from_json, incoming.data.decode("utf-8", "replace")))


def read_cas_xmi(incoming: Incoming) -> list[Seed]:
    """Read a CAS in XMI with the ``TypeSystem.xml`` beside it; raises `UsageError` without one."""
    cassis = _cassis()
    described = incoming.beside.get(_TYPESYSTEM)
    if described is None:
        raise UsageError("no TypeSystem.xml beside it", where=Where(file=incoming.name), hint="export it with the XMI")
    text = incoming.data.decode("utf-8", "replace")
    return _read(
        incoming,
        lambda: cassis.load_cas_from_xmi(text, typesystem=cassis.load_typesystem(described.decode("utf-8", "replace"))),
    )


def _read(incoming: Incoming, load: Any) -> list[Seed]:
    from lxml.etree import XMLSyntaxError  # type: ignore[import-untyped]  # noqa: PLC0415

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            cas = load()
        # what cassis raises on a file that is no CAS is not documented
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, XMLSyntaxError) as error:
            raise malformed(incoming.name, f"no CAS ({type(error).__name__}: {error})") from error
    inline = SourceText.from_text(f"{incoming.stem}.txt", cas.sofa_string) if cas.sofa_string is not None else None
    source = incoming.source or inline
    document = header_of(incoming, source)
    draft = Draft(f"{document.id}.jsonl", document, source)
    if inline and source and inline.text != source.text:
        draft.lost("other-text", "the text given is not the one that was annotated", "check every span")
    for message in _distinct(said):
        draft.lost("cas-warning", message, "check the spans")
    return [Reader(draft, cas).run()]


def _distinct(said: list[warnings.WarningMessage]) -> Iterator[str]:
    yield from dict.fromkeys(str(warning.message) for warning in said if warning.category is not DeprecationWarning)
