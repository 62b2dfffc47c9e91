"""What is too long for the page of a thing, page by page: all facts of a kind, all values of a property."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from zonegraph.names import ZG, compact, expand
from zonegraph.web.backend import Term
from zonegraph.web.pages import chronology, facts
from zonegraph.web.pages.addresses import is_iri, page_of
from zonegraph.web.pages.chronology import Wanted
from zonegraph.web.pages.facts import Group, Table
from zonegraph.web.pages.gather import INCOMING, OWN, spans, whole_claims
from zonegraph.web.pages.paging import Pager, pager
from zonegraph.web.pages.reader import Link, Reader, text_of
from zonegraph.web.pages.values import value_link
from zonegraph.web.problems import HttpProblemError

ROWS: Final = 60
ENDS: Final = 200
_ENDS: Final = "SELECT DISTINCT ?o WHERE { VALUES ?p { $prop } $pattern } ORDER BY ?o LIMIT $limit OFFSET $offset"
_HOW_MANY: Final = "SELECT (COUNT(DISTINCT ?o) AS ?n) WHERE { VALUES ?p { $prop } $pattern }"


@dataclass(frozen=True, slots=True)
class GroupView:
    """All claims of one kind around a thing, page by page."""

    thing: Link
    table: Table
    pager: Pager


@dataclass(frozen=True, slots=True)
class EndsView:
    """All values of one property of a thing, or all that points to it by one, page by page."""

    thing: Link
    title: str
    total: int
    items: tuple[Link, ...]
    pager: Pager
    incoming: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A page beside that of a thing: how it is made, and its template."""

    template: str
    build: Callable[[Reader, str, str], Any]


def build_group(who: Reader, iri: str, name: str) -> GroupView:
    """The claims of one class around a thing; raises 404 for a class without any."""
    kind = expand(name) if ":" in name else ZG + name
    if who.vocabulary.term(kind) is None:
        raise HttpProblemError(404, "there is no such kind of facts", code="unknown-class")
    wanted = Wanted(facts.classes_of(kind, who.vocabulary), iri)
    total = chronology.total(who, wanted)
    if not total:
        raise HttpProblemError(404, "there are no such facts here", code="no-facts")
    found = pager(total, ROWS, page_of(iri), group=name)
    claims = whole_claims(who, chronology.page(who, wanted, ROWS, found.start))
    group = Group(kind, claims)
    names = who.names({iri, *facts.needed(group, claims)})
    sources = spans(who, [claim.iri for claim in claims])
    table = facts.table(group, facts.in_order(claims, names), names, sources, node=iri, total=total)
    return GroupView(names.link(iri), table, found)


def build_relation(who: Reader, iri: str, name: str) -> EndsView:
    """All values of a property of a thing."""
    return _ends(who, iri, name, incoming=False)


def build_incoming(who: Reader, iri: str, name: str) -> EndsView:
    """All things that point to a thing by a property."""
    return _ends(who, iri, name, incoming=True)


def _ends(who: Reader, iri: str, name: str, *, incoming: bool) -> EndsView:
    prop = expand(name)
    if not is_iri(prop):
        raise HttpProblemError(404, "there is no such property", code="unknown-property")
    bound: Mapping[str, Term] = {"node": ox.NamedNode(iri), "prop": ox.NamedNode(prop)}
    pattern = INCOMING if incoming else OWN
    total = int(text_of(who.rows(_HOW_MANY.replace("$pattern", pattern), bound)[0]["n"]))
    asked = {"incoming" if incoming else "relation": compact(prop)}
    found = pager(total, ENDS, page_of(iri), **asked)
    text = _ENDS.replace("$pattern", pattern).replace("$limit", str(ENDS))
    values = [row["o"] for row in who.rows(text.replace("$offset", str(found.start)), bound)]
    names = who.names({iri, *(value.value for value in values if isinstance(value, ox.NamedNode))})
    items = tuple(value_link(value, names) for value in values)
    return EndsView(names.link(iri), who.vocabulary.label(prop, who.lang), total, items, found, incoming)


#: By the parameter that asks for them.
PARTS: Final[Mapping[str, Part]] = {
    "group": Part("group.html", build_group),
    "relation": Part("ends.html", build_relation),
    "incoming": Part("ends.html", build_incoming),
}
