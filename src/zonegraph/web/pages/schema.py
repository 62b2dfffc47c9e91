"""The ontology as documentation: classes, properties, code lists, with what of them is in use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Response

from zonegraph.errors import QueryError
from zonegraph.names import ZG, compact, local_name
from zonegraph.web.pages import site
from zonegraph.web.pages.addresses import page_of, with_query
from zonegraph.web.pages.language import html_tag
from zonegraph.web.pages.reader import Link, Reader, text_of
from zonegraph.web.pages.spoken import spoken
from zonegraph.web.pages.vocabulary import Term, Vocabulary, pick

ROW: Final = 24
_INDENT: Final = 22
_DEPTH: Final = 3
#: The part of the width that the longest bar has, in per cent.
_LONGEST: Final = 24

_INSTANCES: Final = """
SELECT ?type (COUNT(DISTINCT ?s) AS ?n) (SAMPLE(?s) AS ?one) WHERE {
  GRAPH ?g { ?s a ?type } FILTER(?g NOT IN (zgg:ontology, zgg:inferred)) } GROUP BY ?type"""
_USES: Final = """
SELECT ?p (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } FILTER(?g NOT IN (zgg:ontology, zgg:inferred)) } GROUP BY ?p"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A class or property."""

    name: str
    label: str
    definition: str
    example: str
    example_lang: str
    parents: tuple[Link, ...]
    domains: tuple[Link, ...]
    ranges: tuple[Link, ...]
    inverses: tuple[Link, ...]
    count: int
    list_href: str
    sample: Link | None


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list of codes."""

    href: str
    label: str
    definition: str
    n: int
    first: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A class on the diagram; ``elbow`` is where the line from its parent begins."""

    x: int
    y: int
    elbow: int
    label: str
    name: str
    count: int
    width: float


@dataclass(frozen=True, slots=True)
class SchemaView:
    """The page."""

    version: str
    classes: tuple[Entry, ...]
    properties: tuple[Entry, ...]
    lists: tuple[CodeList, ...]
    nodes: tuple[Node, ...]
    height: int


def view() -> Response:
    """``/ontology`` for people."""
    return site.page(lambda who: site.render(who, "schema.html", view=build(who), here="schema"))


def build(who: Reader) -> SchemaView:
    """Ask and arrange."""
    counts, samples = _instances(who)
    uses = _uses(who)
    vocabulary = who.vocabulary
    own = [term for term in vocabulary.of_kind("class") if term.iri.startswith(ZG)]
    total = _with_below(vocabulary, counts, own)
    kinds = ("object-property", "datatype-property", "annotation-property")
    properties = [term for kind in kinds for term in vocabulary.of_kind(kind) if term.iri.startswith(ZG)]
    nodes = tuple(_nodes(who, total))
    return SchemaView(
        vocabulary.version,
        tuple(_entry(who, term, total.get(term.iri, 0), samples.get(term.iri)) for term in _sorted(own, who)),
        tuple(_entry(who, term, uses.get(term.iri, 0), None) for term in _sorted(properties, who)),
        tuple(_lists(who)),
        nodes,
        ROW * len(nodes) + 8,
    )


def _sorted(terms: Iterable[Term], who: Reader) -> list[Term]:
    """By name in the address, which is the same in every language."""
    return sorted(terms, key=lambda term: (term.kind, local_name(term.iri).lower()))


def _instances(who: Reader) -> tuple[dict[str, int], dict[str, str]]:
    rows = [row for row in who.rows(_INSTANCES) if "type" in row]
    counts = {text_of(row["type"]): int(text_of(row["n"])) for row in rows}
    return counts, {text_of(row["type"]): text_of(row.get("one")) for row in rows}


def _uses(who: Reader) -> dict[str, int]:
    """Uses of each property; nothing when the graph is too large to count while somebody waits."""
    try:
        return {text_of(row["p"]): int(text_of(row["n"])) for row in who.rows(_USES) if "p" in row}
    except QueryError:
        return {}


def _with_below(vocabulary: Vocabulary, counts: Mapping[str, int], own: Iterable[Term]) -> dict[str, int]:
    """Instances of each class and of those below it."""
    return {term.iri: sum(counts.get(iri, 0) for iri in vocabulary.below(term.iri)) for term in own}


def _entry(who: Reader, term: Term, count: int, sample: str | None) -> Entry:
    label, _ = pick(term.labels, who.lang)
    example, tag = spoken(term.examples, who.lang)
    is_code = who.vocabulary.is_a(term.iri, ZG + "Code")
    listed = term.kind == "class" and count and not is_code and not who.vocabulary.is_a(term.iri, ZG + "Claim")
    return Entry(
        local_name(term.iri),
        label,
        spoken(term.definitions, who.lang)[0],
        example,
        html_tag(tag) if tag != who.lang else "",
        _links(who, term.parents),
        _links(who, term.domains),
        _links(who, term.ranges),
        _links(who, term.inverses),
        count,
        with_query("/search", type=local_name(term.iri)) if listed else "",
        Link(compact(sample), "", page_of(sample), sample) if sample and page_of(sample) else None,
    )


def _links(who: Reader, iris: Iterable[str]) -> tuple[Link, ...]:
    return tuple(
        Link(who.vocabulary.label(iri, who.lang), "", page_of(iri).removeprefix("/ontology"), iri, iri.startswith(ZG))
        for iri in iris
    )


def _lists(who: Reader) -> Iterator[CodeList]:
    for scheme in who.vocabulary.of_kind("scheme"):
        members = who.vocabulary.members(scheme.iri)
        first = [pick(member.labels, who.lang)[0] for member in members[:5]]
        label = pick(scheme.labels, who.lang)[0] or local_name(scheme.iri)
        yield CodeList(
            page_of(scheme.iri),
            label,
            spoken(scheme.definitions, who.lang)[0],
            len(members),
            tuple(filter(None, first)),
        )


def _nodes(who: Reader, total: Mapping[str, int]) -> Iterator[Node]:
    """The classes in use as a tree, the largest first, three levels deep."""
    vocabulary = who.vocabulary
    roots = [iri for iri in total if not any(parent in total for parent in vocabulary.terms[iri].parents)]
    most = max(total.values(), default=1) or 1
    drawn: list[tuple[str, int, int]] = []
    seen: set[str] = set()

    def walk(iris: Sequence[str], depth: int, parent: int) -> None:
        for iri in sorted(iris, key=lambda one: (-total.get(one, 0), one)):
            if total.get(iri, 0) and iri not in seen and not (depth == 0 and vocabulary.is_a(iri, ZG + "Code")):
                seen.add(iri)
                drawn.append((iri, depth, parent))
                if depth + 1 < _DEPTH:
                    walk([c for c in vocabulary.children(iri) if c in total], depth + 1, len(drawn) - 1)

    walk(roots, 0, -1)
    for number, (iri, depth, parent) in enumerate(drawn):
        y = ROW * number + ROW // 2
        elbow = ROW * parent + ROW // 2 if parent >= 0 else -1
        width = round(_LONGEST * total[iri] / most, 1)
        yield Node(depth * _INDENT, y, elbow, vocabulary.label(iri, who.lang), local_name(iri), total[iri], width)
