"""The page of a thing: names, facts, relations, what points to it, its time and its neighbourhood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import pyoxigraph as ox
from flask import Response, request

from zonegraph.names import OA, SKOS, SKOSXL, ZG
from zonegraph.web.pages import documents, facts, parts, relations, site, sources, strips
from zonegraph.web.pages.addresses import page_of, short, with_query
from zonegraph.web.pages.facts import Group, Table
from zonegraph.web.pages.gather import Around, Claim, Span, around, spans
from zonegraph.web.pages.language import html_tag
from zonegraph.web.pages.reader import Link, Names, Reader, text_of
from zonegraph.web.pages.relations import Relation
from zonegraph.web.pages.sources import Quote
from zonegraph.web.pages.strips import Strip
from zonegraph.web.pages.values import Source, source_of
from zonegraph.web.pages.vocabulary import pick

NAME_USE: Final = ZG + "NameUse"
_NAME_LIMIT: Final = 150
_EXACT: Final = OA + "exact"


@dataclass(frozen=True, slots=True)
class Name:
    """One name in one script."""

    text: str
    lang: str
    label: str
    kind: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """Everything the page of a thing shows."""

    iri: str
    path: str
    title: str
    title_lang: str
    kinds: tuple[Link, ...]
    definition: str
    names: tuple[Name, ...]
    names_more: str
    successors: tuple[Link, ...]
    relations: tuple[Relation, ...]
    tables: tuple[Table, ...]
    incoming: tuple[Relation, ...]
    strip: Strip | None
    quotes: tuple[Quote, ...]
    context: str = ""
    downloads: tuple[tuple[str, str], ...] = field(default=())
    read_from: tuple[tuple[Link, int], ...] = ()
    mentioned: tuple[tuple[Link, int], ...] = ()
    is_thing: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show but the name."""
        return not (self.relations or self.tables or self.incoming or self.quotes)


def view(iri: str, successors: Sequence[str] = ()) -> Response:
    """The page of a thing, whose existence is known."""
    for name, part in parts.PARTS.items():
        if asked := request.args.get(name, ""):
            return site.page(partial(_part, part, iri, asked))
    return site.page(lambda who: site.render(who, "entity.html", view=build(who, iri, successors)))


def _part(part: parts.Part, iri: str, asked: str, who: Reader) -> str:
    return site.render(who, part.template, view=part.build(who, iri, asked))


def build(who: Reader, iri: str, successors: Sequence[str] = ()) -> Entity:
    """Ask and arrange."""
    found = around(who, iri)
    groups = facts.grouped_claims(found.claims, who.vocabulary)
    names = who.names(_needed(found, groups, successors))
    shown = {group.kind: facts.in_order(group.claims, names)[: facts.ROWS] for group in groups}
    cited = [c.iri for claims in shown.values() for c in claims]
    cited += [c.iri for c in found.claims if set(c.types) & set(facts.ELSEWHERE)]
    spans_of = spans(who, [*cited, iri] if found.is_claim else cited)
    return _arranged(who, found, groups, names, shown, spans_of, successors)


def _needed(found: Around, groups: Iterable[Group], successors: Iterable[str]) -> set[str]:
    wanted = {found.iri, *successors, *relations.needed(found)}
    for group in groups:
        # names of all roles, since the order of the rows is only known with their times
        wanted |= facts.needed(group, group.claims[: 4 * facts.ROWS_OF_GROUP])
    wanted |= {iri for claim in found.claims for iri in claim.iris(ZG + "nameKind")}
    return wanted


def _arranged(
    who: Reader,
    found: Around,
    groups: Sequence[Group],
    names: Names,
    shown: Mapping[str, Sequence[Claim]],
    spans_of: Mapping[str, tuple[Span, ...]],
    successors: Sequence[str],
) -> Entity:
    known = _names(found, names, spans_of)
    kinds = who.vocabulary.narrowest(found.types)
    read_from, mentioned = documents.inside(who, found)
    tables = [_table(found, group, shown[group.kind], names, spans_of) for group in groups]
    quotes = sources.quotes(who, spans_of.get(found.iri, ()), names)
    own = () if quotes else sources.own_quote(who, found, names)
    title = _title(found, own, names)
    quotes = quotes or own
    return Entity(
        iri=found.iri,
        path=short(found.iri),
        title=title.text,
        title_lang=title.lang,
        kinds=tuple(names.link(kind) for kind in kinds),
        definition=_definition(who, found),
        names=known[:_NAME_LIMIT],
        names_more=_group_page(found.iri, NAME_USE) if _names_cut(found, known) else "",
        successors=tuple(names.link(iri) for iri in successors),
        relations=_ranked(relations.outgoing(found, names, spans_of)),
        tables=tuple(tables),
        incoming=_ranked(relations.incoming(found, names, spans_of)),
        strip=strips.of_claims([c for g in groups if _is_event(g) for c in g.claims], names),
        quotes=quotes,
        downloads=_downloads(found.iri),
        read_from=read_from,
        mentioned=mentioned,
        is_thing=not found.is_claim and not quotes and page_of(found.iri).startswith("/doc/"),
    )


def _title(found: Around, own: Sequence[Quote], names: Names) -> Link:
    """The label, a time in words; of characters of a document, which have no label, what they are."""
    exact = own[0].exact if own else text_of(next(iter(found.values(_EXACT)), None))
    link = names.link(found.iri)
    return link if found.iri in names.texts or not exact.strip() else Link(exact, "", link.href, found.iri)


def _is_event(group: Group) -> bool:
    return group.kind in {ZG + "ChangeEvent", ZG + "Event"}


def _table(
    found: Around, group: Group, shown: Sequence[Claim], names: Names, spans_of: Mapping[str, tuple[Span, ...]]
) -> Table:
    total = facts.total_of(group, found.counts, names.vocabulary)
    more = _group_page(found.iri, group.kind) if total > len(shown) else ""
    return facts.table(group, shown, names, spans_of, node=found.iri, total=total, more=more)


def _group_page(iri: str, kind: str) -> str:
    return with_query(page_of(iri), group=kind.removeprefix(ZG))


def _ranked(found: Sequence[Relation]) -> tuple[Relation, ...]:
    """Stated relations first, then figures and notes from outside, then what only the reasoner says."""

    def key(relation: Relation) -> tuple[bool, bool, str]:
        origins = {item.origin for item in relation.items}
        return (origins == {"inferred"}, not any(item.link.iri for item in relation.items), relation.title)

    return tuple(sorted(found, key=key))


def _definition(who: Reader, found: Around) -> str:
    texts: dict[str, str] = {}
    for predicate in (SKOS + "definition", "http://purl.org/dc/terms/description"):
        for value in found.values(predicate):
            if isinstance(value, ox.Literal):
                texts.setdefault((value.language or "").lower(), value.value)
    return pick(texts, who.lang)[0]


def _names(found: Around, names: Names, spans_of: Mapping[str, tuple[Span, ...]]) -> tuple[Name, ...]:
    """All names, each once: the curated ones, then those that only a document uses."""
    seen: dict[tuple[str, str], Name] = {}
    for predicate, kind in ((SKOS + "prefLabel", "preferred"), (SKOS + "altLabel", "alternative")):
        for value in found.values(predicate):
            if isinstance(value, ox.Literal):
                tag = (value.language or "").lower()
                kind_text = names.words(f"name.{kind}")
                seen.setdefault((value.value, tag), _name(value.value, tag, kind_text, names, None))
    for claim in found.claims:
        if NAME_USE in claim.types:
            _attest(claim, seen, names, spans_of)
    return tuple(sorted(seen.values(), key=lambda n: (n.lang, n.kind != names.words("name.preferred"), n.text)))


def _names_cut(found: Around, known: Sequence[Name]) -> bool:
    read = sum(NAME_USE in claim.types for claim in found.claims)
    return found.counts.get(NAME_USE, 0) > read or (len(known) > _NAME_LIMIT and read > 0)


def _attest(
    claim: Claim, seen: dict[tuple[str, str], Name], names: Names, spans_of: Mapping[str, tuple[Span, ...]]
) -> None:
    """Add a name that a document uses, or its source to the name that is known already."""
    for value in claim.values.get(SKOSXL + "literalForm", ()):
        tag = (getattr(value, "language", None) or "").lower()
        text = text_of(value)
        kinds = claim.iris(ZG + "nameKind")
        known = seen.get((text, tag))
        kind = names.text(kinds[0])[0] if kinds else (known.kind if known else names.words("name.attested"))
        source = source_of(claim.iri, spans_of.get(claim.iri, ()), names)
        if known is None or known.source is None:
            seen[text, tag] = _name(text, tag, kind, names, source)


def _name(text: str, tag: str, kind: str, names: Names, source: Source | None) -> Name:
    key = f"language.{tag}"
    return Name(text, html_tag(tag), names.words(key) if names.words.has(key) else tag, kind, source)


def _downloads(iri: str) -> tuple[tuple[str, str], ...]:
    """Forms of the document, by short name."""
    address = page_of(iri)
    if not address.startswith(("/doc/", "/code/")):
        return ()
    forms = [(name, f"{address}.{ending}") for name, ending in _FORMS]
    return tuple(forms)


_FORMS: Final = (("Turtle", "ttl"), ("JSON-LD", "jsonld"), ("N-Triples", "nt"), ("RDF/XML", "rdf"))
