"""The search page, lists of a kind, and suggestions while one types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox
from flask import Response, request

from zonegraph.names import ZG, local_name
from zonegraph.search import Hit
from zonegraph.web.backend import Term
from zonegraph.web.pages import site
from zonegraph.web.pages.addresses import page_of, short, with_query
from zonegraph.web.pages.language import HTML_TAGS, html_tag
from zonegraph.web.pages.names import search_of
from zonegraph.web.pages.paging import Pager, pager
from zonegraph.web.pages.reader import Reader, text_of
from zonegraph.web.pages.vocabulary import pick
from zonegraph.web.problems import HttpProblemError

SHOWN: Final = 20
MOST: Final = 200
SUGGESTED: Final = 8

#: Things of a kind on one page.
LISTED: Final = 200
_OF_KIND: Final = "GRAPH ?g { ?s a $type } FILTER(?g != zgg:inferred)"
_BROWSE: Final = f"""
SELECT ?s (MIN(?label) AS ?first) WHERE {{ {_OF_KIND}
  OPTIONAL {{ ?s rdfs:label|skos:prefLabel ?label FILTER(LANGMATCHES(LANG(?label), $lang)) }}
}} GROUP BY ?s ORDER BY (!BOUND(?first)) ?first ?s LIMIT {LISTED} OFFSET $offset"""
_HOW_MANY: Final = f"SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE {{ {_OF_KIND} }}"


@dataclass(frozen=True, slots=True)
class Found:
    """One hit: its label, the name that matched where that is another, kind, address."""

    title: str
    lang: str
    href: str
    path: str
    kind: str
    matched: str
    matched_lang: str
    score: float
    mentions: int
    key: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind to narrow to."""

    key: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Results:
    """A page of hits."""

    query: str
    kind: Kind | None
    hits: tuple[Found, ...]
    kinds: tuple[Kind, ...]
    more: str
    total: int
    pager: Pager | None = None


def view() -> Response:
    """``/search?q=&type=&limit=``; JSON with ``format=json`` or by Accept."""
    asked = (request.args.get("q", "").strip(), request.args.get("type", ""), _limit())
    wants_json = request.args.get("format") == "json" or _accepts_json()
    if wants_json:
        return site.data(lambda who: _as_json(build(who, *asked)))
    return site.page(lambda who: site.render(who, "search.html", view=build(who, *asked), here="search"))


def _accepts_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _limit() -> int:
    return min(MOST, max(1, request.args.get("limit", SHOWN, type=int)))


def suggestions() -> Response:
    """``/suggest?q=``: the best few, for a list under a text field."""
    query, kind = request.args.get("q", "").strip(), request.args.get("type", "")
    return site.data(lambda who: {"items": [_suggested(f) for f in hits(who, query, kind, SUGGESTED)]})


def _suggested(found: Found) -> dict[str, Any]:
    return {
        "title": found.title,
        "lang": found.lang,
        "href": found.href,
        "value": found.path,
        "kind": found.kind,
        "matched": found.matched,
        "matchedLang": found.matched_lang,
    }


def build(who: Reader, query: str, kind: str, limit: int) -> Results:
    """Search, or list a kind when there is no name to look for."""
    term = who.vocabulary.term(ZG + kind) if kind else None
    if kind and term is None:
        raise HttpProblemError(
            404, f"there is no kind {kind}"[:200], hint="choose one of the list", code="unknown-class"
        )
    chosen = Kind(kind, who.vocabulary.label(ZG + kind, who.lang), chosen=True) if kind else None
    if chosen and not query:
        return listed(who, chosen)
    found = hits(who, query, kind, limit + 1) if query else []
    kinds = sorted({(hit.key, hit.kind) for hit in found})
    more = with_query("/search", q=query, type=kind, limit=min(MOST, limit * 4)) if len(found) > limit < MOST else ""
    others = () if kind else tuple(Kind(key, text) for key, text in kinds)
    return Results(query, chosen, tuple(found[:limit]), others, more, len(found))


def hits(who: Reader, query: str, kind: str, limit: int) -> list[Found]:
    """The best hits for a name; ``kind`` narrows to a class and what is below it."""
    types = tuple(local_name(iri) for iri in who.vocabulary.below(ZG + kind)) if kind else ()
    found = search_of(who.web, who.version).find(query, limit=limit, types=types)
    return [_found(hit, who) for hit in found]


def listed(who: Reader, kind: Kind) -> Results:
    """The things of a class by label, page by page."""
    node: dict[str, Term] = {"type": ox.NamedNode(ZG + kind.key), "lang": ox.Literal(HTML_TAGS[who.lang])}
    total = int(text_of(who.rows(_HOW_MANY, node)[0]["n"]))
    found = pager(total, LISTED, "/search", type=kind.key)
    rows = who.rows(_BROWSE.replace("$offset", str(found.start)), node)
    iris = [text_of(row["s"]) for row in rows if "s" in row]
    names = who.names(iris)
    things = [(names.link(one), short(one)) for one in iris]
    hits = tuple(Found(x.text, x.lang, x.href, path, kind.label, "", "", 0.0, 0, kind.key) for x, path in things)
    return Results("", kind, hits, (), "", total, found)


def _found(hit: Hit, who: Reader) -> Found:
    title, tag = pick(hit.labels, who.lang)
    matched = hit.name if hit.name != title else ""
    return Found(
        title=title or hit.name,
        lang=html_tag(tag) if tag != who.lang else "",
        href=page_of(hit.iri),
        path=short(hit.iri),
        kind=who.vocabulary.label(ZG + hit.type, who.lang),
        matched=matched,
        matched_lang=html_tag(hit.lang) if matched else "",
        score=hit.score,
        mentions=hit.weight,
        key=hit.type,
    )


def _as_json(found: Results) -> dict[str, Any]:
    return {
        "query": found.query,
        "results": [
            {
                "id": hit.path,
                "label": hit.title,
                "type": hit.key,
                "typeLabel": hit.kind,
                "name": hit.matched or hit.title,
                "score": hit.score,
                "mentions": hit.mentions,
                "page": hit.href,
            }
            for hit in found.hits
        ],
    }
