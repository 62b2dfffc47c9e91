"""The nodes around the facts: document, spans, dates, names in use, labels. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from zonegraph.convert.events import BASIS, BASIS_CLASS, DERIVED_FROM, TYPE, Node, Triple
from zonegraph.convert.facts import Argument
from zonegraph.convert.resolve import DOC_PATH, Moment, Resolved, find_code, moment
from zonegraph.convert.terms import identity, integer, iri, literal, path_iri, typed
from zonegraph.names import DCTERMS, OA, RDFS, SKOSXL, ZG, local_name
from zonegraph.plan import Kind, Plan
from zonegraph.seeds import Document
from zonegraph.values import read_edtf, script_of, to_simplified

LABEL: Final = RDFS + "label"
PRECISION_CLASS: Final = ZG + "Precision"
NAME_USE: Final = ZG + "NameUse"
NAME_KIND_CLASS: Final = ZG + "NameKind"
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


def document_facts(plan: Plan, document: Document) -> Iterator[Triple]:
    """The document: digest and length of its bytes, and what is known about its origin."""
    node = DOC_PATH + document.id
    yield node, TYPE, iri(ZG + "SourceDocument")
    yield node, ZG + "sha256", literal(document.sha256)
    yield node, ZG + "length", integer(document.length)
    yield node, DCTERMS + "language", literal(document.lang)
    label = document.title or document.file or document.id
    yield node, LABEL, literal(label, document.lang if document.title else "")
    if document.file:
        yield node, ZG + "fileName", literal(document.file)
    if document.title:
        yield node, DCTERMS + "title", literal(document.title, document.lang)
    if document.publisher:
        yield node, DCTERMS + "publisher", literal(document.publisher)
    if document.issued:
        yield from _issued(plan, document, node)


def _issued(plan: Plan, document: Document, node: str) -> Iterator[Triple]:
    when = moment(read_edtf(document.issued), document, deictic=False)
    yield node, ZG + "issued", iri(when.iri)
    yield node, ZG + "issuedBasis", iri(find_code(plan, BASIS_CLASS, document.issued_basis))
    yield from time_facts(plan, document, when)


def span_facts(document: Document, resolved: Resolved) -> Iterator[Triple]:
    """The characters of a mention, with offsets, and the thing they denote.

    A mention of several stretches (a name broken over columns) is several spans: in the Web Annotation model two
    selectors of one target would be alternatives.
    """
    offset = 0
    for span, (begin, end) in zip(resolved.spans, resolved.mention.spans, strict=True):
        exact = resolved.mention.text[offset : offset + end - begin]
        offset += end - begin
        yield span, TYPE, iri(ZG + "TextSpan")
        yield span, OA + "hasSource", iri(DOC_PATH + document.id)
        if resolved.iri and resolved.kind in {Kind.THING, Kind.CODE, Kind.TIME}:
            yield span, ZG + "denotes", iri(resolved.iri)
        yield from _selector(span, begin, end, exact)


def _selector(span: str, begin: int, end: int, exact: str) -> Iterator[Triple]:
    selector = f"{span}/selector"
    yield span, OA + "hasSelector", iri(selector)
    yield selector, TYPE, iri(OA + "TextPositionSelector")
    yield selector, TYPE, iri(OA + "TextQuoteSelector")
    yield selector, OA + "start", integer(begin)
    yield selector, OA + "end", integer(end)
    yield selector, OA + "exact", literal(exact)


def time_facts(plan: Plan, document: Document, when: Moment) -> Iterator[Triple]:
    """A date: as EDTF and as bounds that every engine compares; open ends are left out."""
    value = when.value
    yield when.iri, TYPE, iri(ZG + "TimeExtent")
    yield when.iri, LABEL, literal(value.edtf)
    yield when.iri, ZG + "edtf", literal(value.edtf)
    if value.earliest is not None:
        yield when.iri, ZG + "earliest", typed(value.earliest.isoformat(), "date")
    if value.latest is not None:
        yield when.iri, ZG + "latest", typed(value.latest.isoformat(), "date")
    yield when.iri, ZG + "precision", iri(find_code(plan, PRECISION_CLASS, value.precision))
    if when.deictic:
        yield when.iri, BASIS, iri(find_code(plan, BASIS_CLASS, "implied"))
        yield when.iri, ZG + "anchorDocument", iri(DOC_PATH + document.id)


def name_uses(plan: Plan, document: Document, mentions: Iterable[Resolved]) -> Iterator[Triple]:
    """Which names the document uses for which thing: one node a pair, with all its places."""
    uses: dict[tuple[str, str], list[Resolved]] = defaultdict(list)
    for resolved in mentions:
        if resolved.kind is Kind.THING and resolved.iri:
            uses[resolved.iri, resolved.text].append(resolved)
    for (thing, form), places in sorted(uses.items()):
        yield from _name_use(plan, document, thing, form, places)


def _name_use(plan: Plan, document: Document, thing: str, form: str, places: list[Resolved]) -> Iterator[Triple]:
    script = script_of(form)
    lang = document.lang if script == "zh" else script
    node = path_iri("name-use", identity([thing, form, lang]))
    yield node, TYPE, iri(NAME_USE)
    yield node, ZG + "nameOf", iri(thing)
    yield node, SKOSXL + "literalForm", literal(form, lang)
    yield node, LABEL, literal(form, lang)
    yield node, BASIS, iri(find_code(plan, BASIS_CLASS, "explicit"))
    kinds = {str(kind) for place in places for kind in place.mention.attrs.get("nameKind", ())}
    for kind in sorted(kinds):
        yield node, ZG + "nameKind", iri(find_code(plan, NAME_KIND_CLASS, kind))
    for place in places:
        yield from ((node, DERIVED_FROM, iri(span)) for span in place.spans)


def label_facts(plan: Plan, document: Document, nodes: list[Node]) -> Iterator[Triple]:
    """A label for each event in the document's language, in simplified characters and in English.

    Labels are composed by the class's template, of labels that are attested or curated; only words taken from the
    text itself (a title as written) are converted to the other script.
    """
    labels = _Labels(plan, {node.iri: node for node in nodes})
    langs = tuple(dict.fromkeys((document.lang.lower(), "zh-hans", "en")))
    # a registered thing has its labels already
    for node in (node for node in nodes if node.iri not in plan.things):
        yield from ((node.iri, LABEL, literal(labels.of_node(node, lang, frozenset()), lang)) for lang in langs)
    # a node made for an argument is called after it
    for made, argument in (pair for node in nodes for pair in node.made):
        yield from ((made, LABEL, literal(labels.of_argument(argument, lang, frozenset()), lang)) for lang in langs)


class _Labels:
    """Labels of things and events in one language after another."""

    def __init__(self, plan: Plan, nodes: Mapping[str, Node]) -> None:
        self._plan = plan
        self._nodes = nodes

    def of_node(self, node: Node, lang: str, above: frozenset[str]) -> str:
        template = node.cls.label_template or "{class}: " + " ".join(f"{{{name}}}" for name in sorted(node.parts))
        text = _PLACEHOLDER.sub(lambda match: self._part(node, match[1], lang, above | {node.iri}), template)
        return re.sub(r"\s+", " ", text).strip(" :：,，·")

    def _part(self, node: Node, name: str, lang: str, above: frozenset[str]) -> str:
        if name == "class":
            return pick(node.cls.labels, lang) or node.cls.name
        texts = [self.of_argument(argument, lang, above) for argument in node.parts.get(name, ())]
        return (", " if lang == "en" else "、").join(dict.fromkeys(text for text in texts if text))

    def of_argument(self, argument: Argument, lang: str, above: frozenset[str]) -> str:
        if argument.moment:
            return argument.moment.value.edtf
        if argument.node in self._nodes and argument.node not in self._plan.things:
            return "" if argument.node in above else self.of_node(self._nodes[argument.node], lang, above)
        if argument.node:
            return self._thing(argument.node, lang)
        return to_simplified(argument.text) if lang == "zh-hans" else argument.text

    def _thing(self, node: str, lang: str) -> str:
        known = self._plan.things.get(node) or self._plan.classes.get(node) or self._plan.roles.get(node)
        return (pick(known.labels, lang) if known else "") or local_name(node)


def pick(labels: Mapping[str, str], lang: str) -> str:
    """The label in a language, else in a related script, else in any."""
    order = (lang, "zh-hans", "zh-hant", "zh", "en", "")
    return next((labels[tag] for tag in order if tag in labels), next(iter(labels.values()), ""))
